package desired

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// mostNodes bounds how much a file may hold once its aliases are followed, so
// that a small file cannot grow without end.
const mostNodes = 200_000

// reader reads YAML nodes into the types of the file. It notes every place,
// and every problem instead of stopping at the first.
type reader struct {
	origin
	problems Problems
	nodes    int
}

// problem notes what is wrong with a node.
func (r *reader) problem(node *yaml.Node, path, hint, format string, args ...any) {
	r.problems = append(r.problems, Problem{
		File: r.file, Line: node.Line, Column: node.Column, Path: path, Text: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// spoilt notes that the value of a path cannot be read.
func (r *reader) spoilt(node *yaml.Node, path, hint, format string, args ...any) {
	r.bad[path] = true
	r.problem(node, path, hint, format, args...)
}

// resolve follows an alias, and refuses what this file has no use for. It
// reports whether the node is worth reading.
func (r *reader) resolve(node *yaml.Node, path string) (*yaml.Node, bool) {
	r.nodes++
	if r.nodes == mostNodes {
		r.spoilt(node, path, "write fewer aliases inside lists", "the file grows to more than %d values once its aliases are followed", mostNodes)
	}
	if r.nodes >= mostNodes {
		r.bad[path] = true
		return nil, false
	}
	target := node
	if node.Kind == yaml.AliasNode && node.Alias != nil {
		target = node.Alias
	}
	switch {
	case strings.HasPrefix(target.Tag, "!") && !strings.HasPrefix(target.Tag, "!!"):
		r.spoilt(node, path, "remove the tag", "the tag %s means nothing here", target.Tag)
		return nil, false
	case target.Kind == yaml.ScalarNode && target.ShortTag() == "!!null":
		r.spoilt(node, path, "give it a value, or remove the key", "%s has no value", last(path))
		return nil, false
	}
	return target, true
}

// last is the last part of a path, as a sentence names it.
func last(path string) string {
	if path == "" {
		return "the file"
	}
	if strings.HasSuffix(path, "]") {
		return "this item of " + last(path[:strings.LastIndexByte(path, '[')])
	}
	return path[strings.LastIndexByte(path, '.')+1:]
}

// mapping is one mapping of the file while it is read.
type mapping struct {
	*reader
	path  string
	node  *yaml.Node
	keys  map[string]*yaml.Node
	value map[string]*yaml.Node
	known []string
}

// mapping reads a mapping: read takes the keys it knows, and what is left over
// is unknown.
func (r *reader) mapping(node *yaml.Node, path string, read func(*mapping)) {
	target, ok := r.resolve(node, path)
	if !ok {
		return
	}
	if target.Kind != yaml.MappingNode {
		r.spoilt(node, path, "write its keys on lines of their own, further in", "%s must be a mapping of keys to values, not %s", last(path), kindOf(target))
		return
	}
	m := &mapping{reader: r, path: path, node: target, keys: map[string]*yaml.Node{}, value: map[string]*yaml.Node{}}
	for i := 0; i+1 < len(target.Content); i += 2 {
		m.take(target.Content[i], target.Content[i+1])
	}
	read(m)
	for _, key := range slices.Sorted(maps.Keys(m.keys)) {
		if !slices.Contains(m.known, key) {
			r.problem(m.keys[key], join(path, key), didYouMean(key, m.known), "unknown key %q in %s", key, last(path))
		}
	}
}

// take notes a key and its value. Each key may stand once.
func (m *mapping) take(key, value *yaml.Node) {
	path := join(m.path, key.Value)
	switch first := m.keys[key.Value]; {
	case key.Kind != yaml.ScalarNode:
		m.problem(key, m.path, "put quotes around it if it is meant as text", "a key must be a word")
	case key.ShortTag() == "!!merge":
		m.problem(key, m.path, "repeat the keys, or put an alias at a whole value", "merge keys are not read")
	case first != nil:
		m.problem(key, path, "keep one of them", "the key %q stands here and in line %d", key.Value, first.Line)
	default:
		m.keys[key.Value], m.value[key.Value] = key, value
		at := place{value.Line, value.Column}
		if value.Kind == yaml.MappingNode || value.Kind == yaml.SequenceNode {
			at = place{key.Line, key.Column}
		}
		m.places[path] = at
	}
}

// find returns the value of a key and its path, and whether the key is written.
func (m *mapping) find(key string) (value *yaml.Node, path string, written bool) {
	m.known = append(m.known, key)
	value, written = m.value[key]
	return value, join(m.path, key), written
}

// child reads the mapping under a key, when it is written.
func (m *mapping) child(key string, read func(*mapping)) {
	if node, path, written := m.find(key); written {
		m.mapping(node, path, read)
	}
}

// items reads the list under a key, when it is written.
func (m *mapping) items(key string, read func(node *yaml.Node, path string)) {
	node, path, written := m.find(key)
	if !written {
		return
	}
	target, ok := m.resolve(node, path)
	if !ok {
		return
	}
	if target.Kind != yaml.SequenceNode {
		m.spoilt(node, path, "write each item on a line of its own after a dash", "%s must be a list, not %s", key, kindOf(target))
		return
	}
	for i, item := range target.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		m.places[at] = place{item.Line, item.Column}
		read(item, at)
	}
}

// list reads a list of mappings. An item that cannot be read is kept as its
// zero value, so that the others stay where their paths say.
func list[T any](m *mapping, key string, into *[]T, read func(*mapping, *T)) {
	m.items(key, func(node *yaml.Node, path string) {
		var item T
		m.mapping(node, path, func(m *mapping) { read(m, &item) })
		*into = append(*into, item)
	})
}

// join adds a key to a path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// kindOf names what a node is, in the words of the file's writer.
func kindOf(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	names := map[string]string{
		"!!int": "a number", "!!float": "a number with a fraction", "!!bool": "true or false",
		"!!null": "nothing", "!!timestamp": "a date",
	}
	if name, ok := names[node.ShortTag()]; ok {
		return name
	}
	return "text"
}
