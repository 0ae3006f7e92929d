package progress

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// lines writes a line for each event that tells something new.
type lines struct {
	view  View
	began time.Time
	width int // of the longest id

	mu      sync.Mutex
	told    map[resource.ID]map[string]bool
	waiting []string // lines that are still to be written
	wake    chan struct{}
	written sync.WaitGroup
}

func startLines(w io.Writer, view View) *lines {
	l := &lines{view: view, began: time.Now(), told: map[resource.ID]map[string]bool{}, wake: make(chan struct{}, 1)}
	for _, id := range view.Steps {
		l.width = max(l.width, len(id))
	}
	l.written.Go(func() {
		for range l.wake {
			l.flush(w)
		}
		l.flush(w)
	})
	return l
}

// Listen implements [Progress].
func (l *lines) Listen(e reconcile.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.sentence(e)
	if text == "" || l.told[e.ID][text] {
		return
	}
	if l.told[e.ID] == nil {
		l.told[e.ID] = map[string]bool{}
	}
	l.told[e.ID][text] = true
	l.width = max(l.width, len(e.ID)) // what follows from the plan's steps turns up later
	l.add(e.At, fmt.Sprintf("%-*s  %s", l.width, e.ID, oneLine(text)))
}

// sentence says what is new in an event, or "" when nothing is.
func (l *lines) sentence(e reconcile.Event) string {
	tense := tenses[e.Verb]
	switch e.What {
	case reconcile.Sending:
		if usual := l.view.usual(e); usual > 0 {
			return tense.running + ", usually " + brief(usual)
		}
		return tense.running
	case reconcile.Running:
		if e.Text != "" {
			return tense.running + ": " + e.Text
		}
	case reconcile.Waiting:
		// For what it waits is in the plan; a doubt or a lock is not.
		if !strings.HasPrefix(e.Text, "for ") {
			return "waits " + e.Text
		}
	case reconcile.Retried:
		return "will try again: " + e.Text
	case reconcile.Changed:
		return "changed"
	case reconcile.Settled:
		if e.Verb != "" && e.Verb != reconcile.Await {
			return tense.ended + " in " + brief(e.Took)
		}
		return tense.ended
	case reconcile.HeldBy:
		return "held: " + e.Text
	case reconcile.Broken:
		return "FAILED: " + e.Text
	case reconcile.Skipped:
		return "skipped: " + e.Text
	}
	return ""
}

// Note implements [Progress].
func (l *lines) Note(sentence string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(time.Now(), sentence)
}

// add puts a line in the queue, with the time that has passed in the clouds.
func (l *lines) add(at time.Time, text string) {
	elapsed := time.Duration(float64(at.Sub(l.began)) * l.view.Scale)
	l.waiting = append(l.waiting, fmt.Sprintf("%7s  %s\n", clock(elapsed), text))
	select {
	case l.wake <- struct{}{}:
	default: // it will be woken for an earlier line
	}
}

// flush writes what waits.
func (l *lines) flush(w io.Writer) {
	l.mu.Lock()
	text := strings.Join(l.waiting, "")
	l.waiting = nil
	l.mu.Unlock()
	_, _ = io.WriteString(w, text) // nobody can be told that the output is gone
}

// Stop implements [Progress].
func (l *lines) Stop() {
	close(l.wake)
	l.written.Wait()
}

// oneLine keeps a text of several lines from breaking the table and the lines.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
