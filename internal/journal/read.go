package journal

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Filter says which entries are read. The zero Filter reads all.
type Filter struct {
	// Since and Until bound At: Since is within, Until is not. Zero is no bound.
	Since, Until time.Time
	// Resource and Drift are patterns in which * stands for any run of characters
	// and ? for one. "" fits all.
	Resource, Drift string
	Link            string
	// Events are those wanted; none are all.
	Events []Event
	Round  uint64
	// Last keeps the last so many of those that fit; 0 keeps all.
	Last int
}

// fits reports whether the entry is wanted.
func (f Filter) fits(e Entry) bool {
	return (f.Since.IsZero() || !e.At.Before(f.Since)) &&
		(f.Until.IsZero() || e.At.Before(f.Until)) &&
		(f.Resource == "" || glob(f.Resource, e.Resource)) &&
		(f.Drift == "" || glob(f.Drift, e.Drift)) &&
		(f.Link == "" || f.Link == e.Link) &&
		(f.Round == 0 || f.Round == e.Round) &&
		(len(f.Events) == 0 || slices.Contains(f.Events, e.Event))
}

// glob reports whether a text fits a pattern with * and ?.
func glob(pattern, text string) bool {
	star, mark, p, t := -1, 0, 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// Damage is the error of a read that met lines which are not entries. All
// others were read.
type Damage struct {
	File  string // the first such line
	Line  int
	Lines int // how many there are
}

// Error implements error.
func (d *Damage) Error() string {
	text := fmt.Sprintf("cannot read line %d of %s: it is not an entry", d.Line, d.File)
	if d.Lines > 1 {
		text += fmt.Sprintf(" (nor are %d more)", d.Lines-1)
	}
	return text
}

// Read yields the entries of a folder that fit, oldest first, until yield
// returns false. It may run while the journal is written: it sees whole lines
// only, and ends with those that stood when it began or a little later. It does
// not check the chain. Lines that are no entries are passed over, and told at
// the end by a *Damage; a folder without a journal is an fs.ErrNotExist.
func Read(folder string, filter Filter, yield func(Entry) bool) error {
	return ReadLines(folder, filter, func(e Entry, _ []byte) bool { return yield(e) })
}

// ReadLines is [Read] with each entry's line as it stands in the file, without
// its newline. The bytes are only good until yield returns.
func ReadLines(folder string, filter Filter, yield func(Entry, []byte) bool) error {
	r := reading{filter: filter, yield: yield}
	if filter.Last > 0 {
		r.yield = r.keep
	}
	if err := walk(folder, r.file); err != nil {
		return err
	}
	for i := range r.kept {
		k := r.kept[(r.oldest+i)%len(r.kept)]
		if !yield(k.entry, k.line) {
			return nil
		}
	}
	if r.damage.Lines > 0 {
		return &r.damage
	}
	return nil
}

// reading is one Read under way.
type reading struct {
	filter Filter
	yield  func(Entry, []byte) bool
	damage Damage

	kept   []kept // of Last: a ring
	oldest int
}

type kept struct {
	entry Entry
	line  []byte
}

// file reads one file. It returns false when no more is wanted.
func (r *reading) file(name string, l *lines) (bool, error) {
	for {
		err := l.next()
		switch {
		case errors.Is(err, io.EOF), err == nil && !l.whole: // being written, or torn
			return true, nil
		case err != nil:
			return false, fmt.Errorf("cannot read %s of the journal: %w", name, err)
		}
		entry, err := decode(l.text)
		if err != nil {
			if r.damage.Lines++; r.damage.Lines == 1 {
				r.damage.File, r.damage.Line = name, l.number
			}
			continue
		}
		if r.filter.fits(entry) && !r.yield(entry, l.text) {
			return false, nil
		}
	}
}

// keep keeps the last entries.
func (r *reading) keep(e Entry, line []byte) bool {
	k := kept{e, slices.Clone(line)}
	if len(r.kept) < r.filter.Last {
		r.kept = append(r.kept, k)
		return true
	}
	r.kept[r.oldest] = k
	r.oldest = (r.oldest + 1) % len(r.kept)
	return true
}
