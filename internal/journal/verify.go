package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Verified is what a check of the whole chain found.
type Verified struct {
	// Count is how many lines are entries whose hash fits.
	Count int
	// First and Last are the first and the last of them. Older ones than First
	// were dropped when First.Seq is above 1: nothing can be said of those. Keep
	// Last.Hash elsewhere, and lines cut off at the end show too: a journal that
	// is whole still holds that hash.
	First, Last Entry
	// From is the Seq from which on the chain is whole up to Last: First.Seq when
	// nothing is broken, and 0 when the very end is.
	From uint64
	// Gaps counts the entries that say that others were lost.
	Gaps int
	// Torn is the file whose last line was written in part, "" for none: that of
	// a writer at work or of one that was killed. The next Open mends it.
	Torn string
	// Breaks are the places where the record was changed, in order; of very many
	// the first thousand. More counts the others.
	Breaks []Break
	More   int
}

// Whole reports whether nothing is broken.
func (v Verified) Whole() bool { return len(v.Breaks) == 0 }

// Break is a place where the record is not what was written.
type Break struct {
	File string
	Line int    // from 1
	Seq  uint64 // as the line says, 0 when it is not an entry
	What string // a clause: "it was changed: its hash does not fit it"
}

// String is the break in one line.
func (b Break) String() string { return fmt.Sprintf("%s:%d: %s", b.File, b.Line, b.What) }

const mostBreaks = 1000

// Verify checks every line of a folder's journal: that its hash fits it, and
// that it follows the line before it. It may run while the journal is written.
// The error says that it could not be read, not that it is broken.
func Verify(folder string) (Verified, error) {
	var c check
	err := walk(folder, c.file)
	return c.found, err
}

// check is one Verify under way.
type check struct {
	found Verified
	begun bool
	last  end // the line that the next one has to follow
	// unsure says that this line was changed, so that its number or its hash may
	// be what was changed, or was put in after the line that is sure.
	unsure bool
	sure   end
	// strange counts the lines since then that are no entries: what they were is
	// not known, nor is then the hash before the next.
	strange int
}

func (c *check) file(name string, l *lines) (bool, error) {
	for {
		err := l.next()
		switch {
		case errors.Is(err, io.EOF):
			return true, nil
		case err != nil:
			return false, fmt.Errorf("cannot read %s of the journal: %w", name, err)
		case !l.whole && isTorn(l.text):
			c.found.Torn = name
			return true, nil
		}
		c.line(name, l)
	}
}

// isTorn reports whether what stands after the last newline can be the
// beginning of a line, or all of it but the newline.
func isTorn(text []byte) bool {
	if _, sound, err := parse(text); err == nil && sound {
		return true
	}
	var syntax *json.SyntaxError
	var value json.RawMessage
	err := json.Unmarshal(text, &value)
	return errors.As(err, &syntax) && strings.HasPrefix(syntax.Error(), "unexpected end")
}

// line checks one line.
func (c *check) line(name string, l *lines) {
	entry, sound, err := parse(l.text)
	broken := func(what string) {
		c.found.From = 0
		if len(c.found.Breaks) == mostBreaks {
			c.found.More++
			return
		}
		c.found.Breaks = append(c.found.Breaks, Break{File: name, Line: l.number, Seq: entry.Seq, What: what})
	}
	switch {
	case err != nil:
		broken("it is not an entry")
		c.strange++
		return
	case !l.whole:
		broken("its end was changed")
	case !sound:
		broken("it was changed: its hash does not fit it")
	default:
		if what := c.misfit(name, entry); what != "" {
			broken(what)
		}
		c.count(entry)
	}
	c.begun, c.last, c.unsure, c.strange = true, end{entry.Seq, entry.Hash}, !sound, 0
	if sound {
		c.sure = c.last
	}
}

// count takes in a line whose hash fits.
func (c *check) count(entry Entry) {
	if c.found.Count++; c.found.Count == 1 {
		c.found.First = entry
	}
	c.found.Last = entry
	if entry.Event == Gap {
		c.found.Gaps++
	}
	if c.found.From == 0 {
		c.found.From = entry.Seq
	}
}

// misfit says why a line cannot stand where it does, "" when it can.
func (c *check) misfit(name string, entry Entry) string {
	if !c.begun && c.strange == 0 {
		return c.misbegun(name, entry)
	}
	next := c.last.seq + 1 + uint64(c.strange)
	follows, counts := entry.Previous == c.last.hash, entry.Seq == c.last.seq+1
	switch {
	case follows && counts, c.unsure && (follows || counts):
		return ""
	case c.unsure && entry.Previous == c.sure.hash && entry.Seq == c.sure.seq+1:
		return ""
	case !c.begun:
		return "" // after lines that say nothing
	case entry.Seq > next:
		return fmt.Sprintf("before it are missing: %s", span(next, entry.Seq-1))
	case entry.Seq <= c.last.seq:
		return fmt.Sprintf("it was put in, or moved: it is entry %d after entry %d", entry.Seq, c.last.seq)
	case c.strange > 0 && !follows:
		return ""
	}
	return fmt.Sprintf("it does not follow the line before: that one was changed, hash and all, or this is not entry %d", next)
}

// misbegun says why the oldest line of all cannot be where it is.
func (c *check) misbegun(name string, entry Entry) string {
	first := uint64(1) // of a journal that was never rotated, or never dropped a file
	if r, ok := rotatedOf(name); ok {
		first = r.first
	}
	switch {
	case entry.Seq > first:
		return fmt.Sprintf("before it are missing: %s", span(first, entry.Seq-1))
	case entry.Seq < first:
		return fmt.Sprintf("it was put in, or moved: the file begins with entry %d", first)
	case (entry.Seq == 1) != (entry.Previous == ""):
		return "it does not begin a chain"
	}
	return ""
}

func span(from, to uint64) string {
	if from == to {
		return fmt.Sprintf("entry %d", from)
	}
	return fmt.Sprintf("entries %d to %d", from, to)
}
