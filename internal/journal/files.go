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
// also while the writer rotates and drops them. Visit returns false to stop.
func walk(folder string, visit func(name string, l *lines) (bool, error)) error {
	files, err := openAll(folder)
	if err != nil {
		return fmt.Errorf("cannot read the journal: %w", err)
	}
	defer closeAll(files)
	for _, file := range files {
		if more, err := visit(filepath.Base(file.Name()), linesOf(file)); err != nil || !more {
			return err
		}
	}
	return nil
}

// openAll opens all files of a folder, which are the oldest first. The current
// one is opened before the others are listed, and known again when it is
// renamed meanwhile; the others are opened from the newest to the oldest, as the
// oldest are dropped first.
func openAll(folder string) (files []*os.File, err error) {
	defer func() {
		if err != nil {
			closeAll(files)
		}
	}()
	newest, err := os.Open(filepath.Join(folder, current))
	switch {
	case err == nil:
		files = append(files, newest)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	older, err := full(folder)
	if err != nil {
		return files, err
	}
	for _, r := range slices.Backward(older) {
		file, err := os.Open(filepath.Join(folder, r.String()))
		if errors.Is(err, fs.ErrNotExist) {
			break // dropped, and all that were older
		}
		if err != nil {
			return files, err
		}
		if newest != nil && same(file, newest) { // what is before it here was begun later
			closeAll(files)
			files, newest = nil, nil
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds none: %w", folder, fs.ErrNotExist)
	}
	slices.Reverse(files)
	return files, nil
}

func closeAll(files []*os.File) {
	for _, file := range files {
		_ = file.Close()
	}
}

// same reports whether both are open on one file.
func same(a, b *os.File) bool {
	left, err := a.Stat()
	if err != nil {
		return false
	}
	right, err := b.Stat()
	return err == nil && os.SameFile(left, right)
}
