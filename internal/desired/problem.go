package desired

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a file, where it stands, and what
// to do about it.
type Problem struct {
	File   string
	Line   int // 1 is the first; 0 when the matter has no place
	Column int
	Path   string // "azure.hubs[0].vnets[1].id"
	Text   string
	Hint   string // or ""
}

// String is the problem as a compiler would say it, with its hint below.
func (p Problem) String() string {
	place := p.File
	if p.Line > 0 {
		place = fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
	if p.Hint == "" {
		return place + ": " + p.Text
	}
	return place + ": " + p.Text + "\n  hint: " + p.Hint
}

// Problems are all that is wrong with a file. They are an error.
type Problems []Problem

// Error implements error: one problem after the other, by their places.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// sorted orders problems by place and drops repeats.
func (p Problems) sorted() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(p)
}

// origin remembers where each part of a file was written, so that a check of
// meaning can point at the exact key or list item.
type origin struct {
	file   string
	places map[string]place
	// bad holds the paths whose values could not be read: they are zero in the
	// file and were reported already.
	bad map[string]bool
}

// place is a position in the file, both counted from 1.
type place struct{ line, column int }

// at finds the place of a path, or of the nearest thing around it when the
// path itself is not written (it was filled in, or is missing).
func (o origin) at(path string) place {
	for {
		if p, ok := o.places[path]; ok {
			return p
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return o.places[""]
		}
		path = path[:cut]
	}
}

// written reports whether a path stands in the file.
func (o origin) written(path string) bool {
	_, written := o.places[path]
	return written
}

// spoilt reports whether a path, or something around it, could not be read.
func (o origin) spoilt(path string) bool {
	for path != "" {
		if o.bad[path] {
			return true
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return false
}

// problem makes a problem at a path.
func (o origin) problem(path, hint, text string) Problem {
	p := o.at(path)
	return Problem{File: o.file, Line: p.line, Column: p.column, Path: path, Text: text, Hint: hint}
}
