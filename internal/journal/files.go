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

// mostOpenings is how often the files are opened anew because the writer has
// begun another one meanwhile, which it does once in many thousand entries.
const mostOpenings = 100

// openAll opens all files of a folder, which are the oldest first, as they stood
// while nothing was rotated.
func openAll(folder string) ([]*os.File, error) {
	for range mostOpenings {
		files, steady, err := openOnce(folder)
		if err == nil && steady {
			if len(files) == 0 {
				return nil, fmt.Errorf("%s holds none: %w", folder, fs.ErrNotExist)
			}
			return files, nil
		}
		closeAll(files)
		if err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s was rotated each of %d times that it was opened", folder, mostOpenings)
}

// openOnce opens the current file and then the others, from the newest to the
// oldest, as the oldest are dropped first. It is steady when the current file is
// still the same at the end: then no other was begun in between.
func openOnce(folder string) (files []*os.File, steady bool, err error) {
	newest, err := os.Open(filepath.Join(folder, current))
	switch {
	case err == nil:
		files = append(files, newest)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, false, err
	}
	older, err := full(folder)
	if err != nil {
		return files, false, err
	}
	for _, r := range slices.Backward(older) {
		file, err := os.Open(filepath.Join(folder, r.String()))
		if errors.Is(err, fs.ErrNotExist) {
			break // dropped, and all that were older
		}
		if err != nil {
			return files, false, err
		}
		files = append(files, file)
	}
	slices.Reverse(files)
	now, err := os.Stat(filepath.Join(folder, current))
	if errors.Is(err, fs.ErrNotExist) {
		return files, newest == nil, nil
	}
	if err != nil {
		return files, false, err
	}
	return files, newest != nil && is(newest, now), nil
}

func closeAll(files []*os.File) {
	for _, file := range files {
		_ = file.Close()
	}
}

// is reports whether a file is open on what was found by a name.
func is(file *os.File, found fs.FileInfo) bool {
	open, err := file.Stat()
	return err == nil && os.SameFile(open, found)
}
