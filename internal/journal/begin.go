package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// begin opens the current file and finds the end of the chain. A torn last line
// is cut off. A file whose last line is damaged, or cannot be cut, is left as it
// stands, under its lasting name, and a new one is begun. Lost says what was
// lost on the way, in words, or is "".
func (j *Journal) begin() (lost string, err error) {
	if err := os.MkdirAll(j.folder, 0o700); err != nil {
		return "", fmt.Errorf("cannot make the journal's folder: %w", err)
	}
	found, err := j.openCurrent()
	if err != nil {
		return "", err
	}
	if j.last, err = j.endOfChain(found.last); err != nil {
		return "", j.abandon(err)
	}
	switch {
	case found.damaged:
		lost = "the last line of the file before is damaged"
	case found.torn > 0:
		lost = fmt.Sprintf("a last line that was written in part is cut off: %d bytes", found.torn)
		if j.file.Truncate(j.size) == nil {
			j.urgent = true
			return lost, nil
		}
	default:
		return "", nil
	}
	if err := j.setAside(); err != nil {
		return lost, j.abandon(err)
	}
	_, err = j.openCurrent()
	return lost, err
}

// openCurrent opens the current file, or makes it, and reads it through.
func (j *Journal) openCurrent() (survey, error) {
	file, err := os.OpenFile(filepath.Join(j.folder, current), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return survey{}, fmt.Errorf("cannot open the journal: %w", err)
	}
	j.file = file
	if j.info, err = file.Stat(); err != nil {
		return survey{}, j.abandon(fmt.Errorf("cannot open the journal: %w", err))
	}
	found, err := surveyOf(file)
	if err != nil {
		return survey{}, j.abandon(err)
	}
	j.size, j.first = found.size, found.first
	syncFolder(j.folder)
	return found, nil
}

// abandon lets go of a file that cannot be used now, and returns the error.
func (j *Journal) abandon(err error) error {
	_ = j.file.Close()
	j.file = nil
	return err
}

// endOfChain is the end that the next entry follows: the later of what this
// process wrote and what the current file holds, and at the start of a process
// what the files before it hold. A number is never given twice.
func (j *Journal) endOfChain(last end) (end, error) {
	if j.last.seq > last.seq {
		return j.last, nil
	}
	if last.seq > 0 {
		return last, nil
	}
	older, err := full(j.folder)
	if err != nil {
		return end{}, fmt.Errorf("cannot list the journal: %w", err)
	}
	for _, r := range slices.Backward(older) {
		last, err := endOfFile(filepath.Join(j.folder, r.String()))
		if err != nil || last.seq > 0 {
			return last, err
		}
	}
	return end{}, nil
}

func endOfFile(path string) (end, error) {
	file, err := os.Open(path)
	if err != nil {
		return end{}, fmt.Errorf("cannot read the journal: %w", err)
	}
	defer file.Close()
	found, err := surveyOf(file)
	return found.last, err
}

// survey is what a file holds.
type survey struct {
	first   uint64 // Seq of its first entry, 0 when it has none
	last    end    // of its last line that is sound
	size    int64  // of its whole lines
	torn    int64  // bytes after the last newline
	damaged bool   // its last whole line is not sound
}

// surveyOf reads a file through.
func surveyOf(file io.Reader) (survey, error) {
	var s survey
	l := linesOf(file)
	for {
		err := l.next()
		switch {
		case errors.Is(err, io.EOF):
			return s, nil
		case err != nil:
			return s, fmt.Errorf("cannot read the journal: %w", err)
		case !l.whole:
			s.torn = l.ends - l.begins
			return s, nil
		}
		s.size = l.ends
		entry, sound, err := parse(l.text)
		s.damaged = err != nil || !sound
		if s.damaged {
			continue
		}
		s.last = end{entry.Seq, entry.Hash}
		if s.first == 0 {
			s.first = entry.Seq
		}
	}
}

// syncFolder makes a name last. Where a file system cannot, nothing is lost but
// what a power cut takes.
func syncFolder(path string) {
	if folder, err := os.Open(path); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}
