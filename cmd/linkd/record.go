package main

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"linkd/internal/control"
	"linkd/internal/daemon"
	"linkd/internal/desired"
	"linkd/internal/journal"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// record keeps in the journal what an apply or a destroy does. Who tells it of
// something never waits for the disk.
type record struct {
	journal *journal.Journal
	append  func(...journal.Entry) error // to the journal
	file    *desired.File
	steps   map[resource.ID]reconcile.Step

	mu   sync.Mutex
	sent map[resource.ID]bool // a write of ours may have gone out

	entries chan journal.Entry
	lost    atomic.Int64 // entries that were given up
	writing atomic.Int64 // entries that the disk has in its hand
	done    sync.WaitGroup
}

// mostUnwritten is how many entries may wait for a disk that hangs. Those of the
// longest walk are far fewer; more are given up, as the walk goes first.
const mostUnwritten = 1 << 14

// newRecord opens the journal of a state folder and records that a command begins,
// with what it is about to do.
func (p *program) newRecord(state, command string, file *desired.File, text string) *record {
	kept, err := journal.Open(journalFolder(state), journal.Options{})
	if err != nil {
		p.tellUnrecorded(err)
	}
	r := &record{
		journal: kept, append: kept.Append, file: file, steps: map[resource.ID]reconcile.Step{}, sent: map[resource.ID]bool{},
		entries: make(chan journal.Entry, mostUnwritten),
	}
	r.done.Go(r.write)
	r.add(journal.Entry{At: time.Now(), Event: journal.Started, By: control.Whoami(), Text: command + ": " + text})
	return r
}

// walk records how the walk of a plan begins.
func (r *record) walk(plan reconcile.Plan) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	r.steps, r.sent = map[resource.ID]reconcile.Step{}, map[resource.ID]bool{}
	for _, step := range plan.All() {
		r.steps[step.ID] = step
		for _, d := range step.Drifts {
			if d.Held != reconcile.NotHeld {
				r.drift(journal.Held, now, d, d.Reason())
			}
		}
	}
}

// write hands entries to the journal, those that wait together.
func (r *record) write() {
	for entry := range r.entries {
		some := []journal.Entry{entry}
		for range len(r.entries) {
			some = append(some, <-r.entries)
		}
		r.writing.Store(int64(len(some)))
		_ = r.append(some...) // Trouble tells, once, at the end
		r.writing.Store(0)
	}
}

func (r *record) add(entry journal.Entry) {
	select {
	case r.entries <- entry:
	default:
		r.lost.Add(1)
	}
}

// Listen is a listener to the engine's events.
func (r *record) Listen(e reconcile.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case e.What == reconcile.Sending:
		r.sent[e.ID] = true
		r.about(journal.Repairing, e, string(e.Verb))
	case e.What == reconcile.Broken:
		r.about(journal.Failed, e, e.Text)
	case (e.What == reconcile.Settled || e.What == reconcile.HeldBy) && r.sent[e.ID]:
		r.about(journal.Repaired, e, "")
	}
}

// about records an event for each drift that the plan mends of a resource, or
// for the resource itself when the plan knew of none.
func (r *record) about(event journal.Event, e reconcile.Event, text string) {
	told := false
	for _, d := range r.steps[e.ID].Drifts {
		if d.Action == desired.Repair && d.Held == reconcile.NotHeld {
			r.drift(event, e.At, d, text)
			told = true
		}
	}
	if !told {
		r.add(journal.Entry{At: e.At, Event: event, Link: r.file.LinkOf(e.ID), Resource: string(e.ID), Text: text})
	}
}

// drift records something of one drift.
func (r *record) drift(event journal.Event, at time.Time, d reconcile.Decided, text string) {
	entry := daemon.EntryOf(r.file, event, d, text)
	entry.At = at
	r.add(entry)
}

// close records how the command ended, and says what could not be recorded.
func (r *record) close(p *program, text string) {
	r.add(journal.Entry{Event: journal.Stopped, At: time.Now(), Text: text})
	close(r.entries)
	if unwritten := r.settle(); unwritten > 0 {
		p.tellUnrecorded(fmt.Errorf("cannot keep the whole record: the disk has not answered for %s, and %d entries or more are lost", longestDisk, unwritten))
		return // to close the journal would wait for the same disk
	}
	if lost := r.lost.Load(); lost > 0 {
		p.tellUnrecorded(fmt.Errorf("cannot keep the whole record: the disk was too slow for %d entries", lost))
	}
	if err := r.journal.Close(); err != nil {
		p.tellUnrecorded(err)
	}
}

// longestDisk is how long the end of a walk waits for its record.
const longestDisk = 10 * time.Second

// settle waits until all that was told is written, and returns how many entries
// are not when the disk hangs: those that wait, those in its hand, and those that
// were given up before.
func (r *record) settle() int64 {
	written := make(chan struct{})
	go func() {
		r.done.Wait()
		close(written)
	}()
	limit := time.NewTimer(longestDisk)
	defer limit.Stop()
	select {
	case <-written:
		return 0
	case <-limit.C:
		return r.lost.Load() + r.writing.Load() + int64(len(r.entries))
	}
}

func ending(report reconcile.Report) string {
	counts := map[reconcile.What]int{}
	for _, outcome := range report.Outcomes {
		counts[outcome.What]++
	}
	return strconv.Itoa(counts[reconcile.Settled]) + " as wanted, " + strconv.Itoa(counts[reconcile.Broken]) + " failed, " +
		strconv.Itoa(counts[reconcile.Skipped]) + " skipped, " + strconv.Itoa(counts[reconcile.HeldBy]) + " held"
}

// tellUnrecorded says that the record has a hole, and goes on.
func (p *program) tellUnrecorded(err error) {
	fmt.Fprintf(p.err, "linkd: cannot record what is done: %v\nhint: the work goes on; make room or give the state folder back its rights\n", err)
}
