package journal

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// Options say how large a journal may grow.
type Options struct {
	// MaxBytes is how large one file may be: 0 is 16 MiB. A file holds one entry
	// at the least.
	MaxBytes int64
	// Keep is how many files are kept, the current one among them: 0 is 16, and
	// less than 2 is 2. The oldest are deleted.
	Keep int
}

const (
	usualBytes = 16 << 20
	usualKeep  = 16
	// mostWaiting is how many entries wait in memory while the disk fails.
	mostWaiting = 4096
)

// Journal is the one writer of a folder. Its methods may be called from several
// goroutines.
type Journal struct {
	folder  string
	options Options

	mu      sync.Mutex // held while the disk is written
	file    *os.File   // nil when the end of the chain must be looked for
	info    os.FileInfo
	size    int64  // of the file's whole lines
	first   uint64 // Seq of the file's first entry, 0 while it is empty
	last    end
	waiting []waiting
	urgent  bool // what was written is to be synced
	closed  bool

	telling sync.Mutex // apart, so that a disk that hangs does not hang who asks
	since   time.Time
	lost    int
	trouble error
	backlog int // entries that wait, as it was after the last write
}

// waiting is an entry to be written. A loss stands for the entries that found
// no room after those before it.
type waiting struct {
	entry Entry
	loss  int
}

// Open continues the journal of a folder, or begins one. A torn last line is
// cut off and told by a Gap entry.
//
// It returns a journal in every case. An error says why nothing can be written
// now: Append then keeps what it is given, and tries again.
func Open(folder string, o Options) (*Journal, error) {
	if o.MaxBytes <= 0 {
		o.MaxBytes = usualBytes
	}
	if o.Keep == 0 {
		o.Keep = usualKeep
	}
	o.Keep = max(o.Keep, 2)
	j := &Journal{folder: folder, options: o}
	j.mu.Lock()
	defer j.mu.Unlock()
	lost, err := j.begin()
	if lost != "" {
		j.waiting = append(j.waiting, waiting{entry: tidied(Entry{Event: Gap, Text: lost})})
	}
	if err == nil {
		err = j.flush()
	}
	return j, j.told(err)
}

// Append writes entries, in one write, and syncs them when one of them must be
// durable. It fills in Seq, Previous and Hash, and At where it is zero.
//
// What cannot be written waits, in order, for the next call. Beyond 4,096 that
// wait, entries are lost; a Gap entry will stand in their place and count them.
// The error says that the disk fails; the caller goes on with its work.
func (j *Journal) Append(entries ...Entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return errors.New("cannot write the journal: it is closed")
	}
	var err error
	if len(j.waiting) > 0 { // from before: it may make room
		err = j.flush()
	}
	j.take(entries)
	if err == nil {
		err = j.flush()
	}
	return j.told(err)
}

// take lets entries wait, as many as there is room for, and counts the others.
func (j *Journal) take(entries []Entry) {
	for _, entry := range entries {
		if len(j.waiting) < mostWaiting {
			j.waiting = append(j.waiting, waiting{entry: tidied(entry)})
			continue
		}
		last := &j.waiting[len(j.waiting)-1]
		if last.loss == 0 {
			j.waiting = append(j.waiting, waiting{})
			last = &j.waiting[len(j.waiting)-1]
		}
		last.loss++
		at := tidied(Entry{At: entry.At}).At
		last.entry = Entry{At: at, Event: Gap, Text: lossText(last.loss)}
		j.telling.Lock()
		j.lost++
		j.telling.Unlock()
	}
}

func lossText(count int) string {
	if count == 1 {
		return "1 entry is lost: the journal could not be written"
	}
	return fmt.Sprintf("%d entries are lost: the journal could not be written", count)
}

// Trouble tells since when the journal cannot be written as it should, and why;
// both are zero while it can. Lost counts the entries that were lost since Open.
// It never waits for the disk.
func (j *Journal) Trouble() (since time.Time, lost int, err error) {
	j.telling.Lock()
	defer j.telling.Unlock()
	return j.since, j.lost, j.trouble
}

// told notes for Trouble how the last write went, and returns its error.
func (j *Journal) told(err error) error {
	j.telling.Lock()
	defer j.telling.Unlock()
	switch {
	case err == nil:
		j.since = time.Time{}
	case j.trouble == nil:
		j.since = time.Now()
	}
	j.trouble, j.backlog = err, len(j.waiting)
	return err
}

// Backlog counts the entries that wait to be written. It never waits for the
// disk.
func (j *Journal) Backlog() int {
	j.telling.Lock()
	defer j.telling.Unlock()
	return j.backlog
}

// Close writes what still waits, syncs, and ends. A second call does nothing.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil
	}
	j.closed, j.urgent = true, true
	err := j.flush()
	if j.file != nil {
		err = errors.Join(err, j.file.Close())
		j.file = nil
	}
	return j.told(err)
}
