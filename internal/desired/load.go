package desired

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Load reads and checks the desired-state file at path. When the file can be
// read at all, its error is [Problems]: everything that is wrong with it.
func Load(path string) (*File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the desired-state file: %w", err)
	}
	return Parse(path, data)
}

// Parse is [Load] of data that has been read already; name stands for the
// file in problems.
func Parse(name string, data []byte) (*File, error) {
	r := &reader{origin: origin{file: name, places: map[string]place{}, bad: map[string]bool{}}}
	r.places[""] = place{1, 1}
	node := r.document(data)
	if node == nil {
		return nil, r.problems
	}
	f := newFile()
	r.mapping(node, "", func(m *mapping) { readFile(m, f) })
	f.origin = r.origin
	if !r.bad[""] && r.nodes < mostNodes {
		f.fillIn()
		r.problems = append(r.problems, f.check()...)
	}
	if len(r.problems) > 0 {
		return nil, r.problems.sorted()
	}
	return f, nil
}

// document returns the root of the one document of the file, or nil after it
// noted why there is none.
func (r *reader) document(data []byte) *yaml.Node {
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		r.syntax(data, err)
		return nil
	}
	var documents [2]yaml.Node
	found := 0
	for found < len(documents) {
		err := loader.Load(&documents[found])
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			r.syntax(data, err)
			return nil
		}
		found++
	}
	switch root := documents[0]; {
	case found == 0 || len(root.Content) == 0 || root.Content[0].ShortTag() == "!!null":
		r.problems = append(r.problems, r.origin.problem("", "begin with version: 1, or copy one of the example files", "the file is empty"))
		return nil
	case found == 2:
		r.problem(&documents[1], "", "put each one in a file of its own", "a second document begins here, and a file holds one")
		return nil
	default:
		return root.Content[0]
	}
}

// tabbed reports whether a tab is in the indentation of a line.
func tabbed(data []byte, line int) bool {
	lines := bytes.Split(data, []byte("\n"))
	if line > len(lines) {
		return false
	}
	text := lines[line-1]
	return bytes.Contains(text[:len(text)-len(bytes.TrimLeft(text, " \t"))], []byte("\t"))
}

// syntax notes an error of the YAML itself.
func (r *reader) syntax(data []byte, err error) {
	problem := Problem{File: r.file, Text: "this is not YAML", Hint: "look at the indentation, the colons and the quotes around here"}
	if at, ok := errors.AsType[*yaml.LoadError](err); ok {
		problem.Text += ": " + strings.ReplaceAll(at.Message, "\n", " ")
		problem.Line, problem.Column = at.Mark.Line, at.Mark.Column
	}
	switch {
	case problem.Line == 0:
		problem.Hint = "save the file as plain text in UTF-8"
	case tabbed(data, problem.Line):
		problem.Hint = "YAML takes no tabs here: indent with spaces"
	}
	r.problems = append(r.problems, problem)
}
