package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// current is the file that is appended to.
const current = "journal.jsonl"

// rotated is a file that is full: it is named by the Seq of its first entry. A
// second one of that number, which only damage can bring about, has a turn.
type rotated struct {
	first uint64
	turn  int
}

// String is the name: "journal-000000000017.jsonl", or "journal-000000000017-1.jsonl".
func (r rotated) String() string {
	if r.turn == 0 {
		return fmt.Sprintf("journal-%012d.jsonl", r.first)
	}
	return fmt.Sprintf("journal-%012d-%d.jsonl", r.first, r.turn)
}

// rotatedOf reads such a name.
func rotatedOf(name string) (r rotated, ok bool) {
	middle, begins := strings.CutPrefix(name, "journal-")
	middle, ends := strings.CutSuffix(middle, ".jsonl")
	first, turn, _ := strings.Cut(middle, "-")
	r.first, _ = strconv.ParseUint(first, 10, 64)
	r.turn, _ = strconv.Atoi(turn)
	return r, begins && ends && r.String() == name
}

// full lists the rotated files of a folder, oldest first.
func full(folder string) ([]rotated, error) {
	all, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var list []rotated
	for _, entry := range all {
		if r, ok := rotatedOf(entry.Name()); ok {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b rotated) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.turn, b.turn))
	})
	return list, nil
}

// walk visits the files of a folder as they stood at one moment, oldest first,
// also while the writer rotates them: the current one is opened before the
// others are listed, and known again under its new name. Visit returns false to
// stop.
func walk(folder string, visit func(name string, l *lines) (bool, error)) error {
	newest, err := os.Open(filepath.Join(folder, current))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot read the journal: %w", err)
	}
	if newest != nil {
		defer newest.Close()
	}
	older, err := full(folder)
	if err == nil && newest == nil && len(older) == 0 {
		err = fmt.Errorf("%s holds none: %w", folder, fs.ErrNotExist)
	}
	if err != nil {
		return fmt.Errorf("cannot read the journal: %w", err)
	}
	for _, r := range older {
		more, err := visitOlder(folder, r, newest, visit)
		if err != nil || !more {
			return err
		}
	}
	if newest == nil {
		return nil
	}
	_, err = visit(current, linesOf(newest))
	return err
}

// visitOlder visits a rotated file. It is the last one when it is that which
// was the current one a moment ago.
func visitOlder(folder string, r rotated, newest *os.File, visit func(string, *lines) (bool, error)) (bool, error) {
	file, err := os.Open(filepath.Join(folder, r.String()))
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil // dropped meanwhile, as the oldest
	}
	if err != nil {
		return false, fmt.Errorf("cannot read the journal: %w", err)
	}
	defer file.Close()
	more, err := visit(r.String(), linesOf(file))
	return more && !same(file, newest), err
}

// same reports whether both are open on one file.
func same(a, b *os.File) bool {
	if a == nil || b == nil {
		return false
	}
	left, err := a.Stat()
	if err != nil {
		return false
	}
	right, err := b.Stat()
	return err == nil && os.SameFile(left, right)
}
