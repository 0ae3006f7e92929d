package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// chunk is about how much is written at once: a disk that fails is tried with
// one chunk and not with all that waits.
const chunk = 256 << 10

// flush writes all that waits, and syncs it when that is due. Nothing that was
// not written leaves the queue.
func (j *Journal) flush() error {
	var late error // of a rotation: the file at hand still takes entries
	for len(j.waiting) > 0 {
		if err := j.ready(); err != nil {
			return err
		}
		rotating, err := j.writeSome()
		if rotating != nil {
			late = rotating
		}
		if err != nil {
			return errors.Join(err, late)
		}
	}
	if len(j.waiting) == 0 {
		j.waiting = nil // not to hold for ever what once was long
	}
	if j.urgent && j.file != nil {
		if err := j.file.Sync(); err != nil {
			return errors.Join(fmt.Errorf("cannot write the journal to the disk: %w", err), late)
		}
		j.urgent = false
	}
	return late
}

// ready makes sure that the file at hand is the one that readers will find, and
// ends where the last line of ours does.
func (j *Journal) ready() error {
	if j.file != nil {
		info, err := os.Lstat(j.file.Name())
		if err == nil && os.SameFile(info, j.info) && info.Size() == j.size {
			return nil
		}
		_ = j.file.Close()
		j.file = nil
		meddled := waiting{entry: tidied(Entry{Event: Gap, Text: "somebody else took away or changed " + current + " while it was written to"})}
		j.waiting = append([]waiting{meddled}, j.waiting...)
	}
	_, err := j.begin() // a line that we left torn still waits, and is not lost
	return err
}

// writeSome writes a chunk of what waits. Lines that were written whole have
// left the queue also when an error is returned, and the rest of a line is cut
// off again. A rotation that failed and left the file at hand is told apart.
func (j *Journal) writeSome() (rotating, err error) {
	text, ends, marks := j.encode()
	if j.size > 0 && j.size+int64(marks[0]) > j.options.MaxBytes {
		rotating = j.rotate()
		if j.file == nil {
			return nil, rotating
		}
	}
	n, err := j.file.Write(text)
	done := 0
	for done < len(marks) && marks[done] <= n {
		done++
	}
	if done > 0 {
		j.wrote(done, int64(marks[done-1]), ends[done-1])
	}
	if err == nil {
		return rotating, nil
	}
	if cutting := j.file.Truncate(j.size); cutting != nil {
		_ = j.file.Close()
		j.file = nil // begin will cut it, or leave it for a new one
	}
	return rotating, fmt.Errorf("cannot write the journal: %w", err)
}

// encode returns the lines of a chunk, with the end of the chain and of the
// text after each. It holds one at the least, and stops where the file is full.
func (j *Journal) encode() (text []byte, ends []end, marks []int) {
	last := j.last
	room := j.options.MaxBytes - j.size
	for _, w := range j.waiting {
		line, next := seal(w.entry, last)
		if len(text) > 0 && (len(text)+len(line) > chunk || int64(len(text)+len(line)) > room) {
			break
		}
		if int64(len(line)) > room {
			room = j.options.MaxBytes // it will begin a new file
		}
		text, last = append(text, line...), next
		ends, marks = append(ends, next), append(marks, len(text))
	}
	return text, ends, marks
}

// wrote takes what was written off the queue.
func (j *Journal) wrote(count int, size int64, last end) {
	for _, w := range j.waiting[:count] {
		j.urgent = j.urgent || w.entry.Event.durable()
	}
	if j.first == 0 {
		j.first = j.last.seq + 1
	}
	j.waiting, j.size, j.last = j.waiting[count:], j.size+size, last
}

// rotate gives the current file its lasting name and begins a new one. Killed
// between the two, begin finds no current file and goes on from the last one.
// It leaves no file at hand only when none can be opened.
func (j *Journal) rotate() error {
	syncing := j.file.Sync() // the chain goes on in another file: this one must stand
	if err := j.setAside(); err != nil {
		return errors.Join(err, syncing)
	}
	_, err := j.begin()
	return errors.Join(syncing, err, j.drop())
}

// setAside renames the current file and closes it.
func (j *Journal) setAside() error {
	name := rotated{first: j.first}
	if name.first == 0 {
		name.first = j.last.seq + 1
	}
	for exists(filepath.Join(j.folder, name.String())) {
		name.turn++ // nothing is ever written over
	}
	if err := os.Rename(filepath.Join(j.folder, current), filepath.Join(j.folder, name.String())); err != nil {
		return fmt.Errorf("cannot rotate the journal: %w", err)
	}
	_ = j.file.Close()
	j.file = nil
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// drop deletes the oldest files that are too many.
func (j *Journal) drop() error {
	older, err := full(j.folder)
	if err != nil {
		return fmt.Errorf("cannot list the journal: %w", err)
	}
	for len(older) > j.options.Keep-1 {
		if err := os.Remove(filepath.Join(j.folder, older[0].String())); err != nil {
			return fmt.Errorf("cannot delete the oldest part of the journal: %w", err)
		}
		older = older[1:]
	}
	return nil
}
