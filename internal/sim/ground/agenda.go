package ground

import (
	"container/heap"
	"time"
)

// Agenda holds what will happen in the simulated clouds. Nothing runs by
// itself: each request first calls Settle, which plays everything that is due,
// in order of time, as if it had happened then. So the simulation needs no
// goroutine and is the same in every run. The zero Agenda is ready for use.
type Agenda struct {
	entries entries
	next    int
}

type entry struct {
	at    time.Time
	order int // equal times keep the order in which they were entered
	do    func(at time.Time)
}

// At enters do, to be called with the time at which it was due.
func (a *Agenda) At(at time.Time, do func(at time.Time)) {
	a.next++
	heap.Push(&a.entries, entry{at: at, order: a.next, do: do})
}

// Next is when the next entry is due, if there is one.
func (a *Agenda) Next() (time.Time, bool) {
	if len(a.entries) == 0 {
		return time.Time{}, false
	}
	return a.entries[0].at, true
}

// Settle plays what is due by now, also what those entries enter, and calls
// after behind each, so that the joined truth is worked out at the very
// moment when something changed.
func (a *Agenda) Settle(now time.Time, after func(at time.Time)) {
	for len(a.entries) > 0 && !a.entries[0].at.After(now) {
		due := heap.Pop(&a.entries).(entry)
		due.do(due.at)
		after(due.at)
	}
}

type entries []entry

func (e entries) Len() int { return len(e) }
func (e entries) Less(i, j int) bool {
	if e[i].at.Equal(e[j].at) {
		return e[i].order < e[j].order
	}
	return e[i].at.Before(e[j].at)
}
func (e entries) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *entries) Push(x any)   { *e = append(*e, x.(entry)) }
func (e *entries) Pop() any {
	old := *e
	last := old[len(old)-1]
	*e = old[:len(old)-1]
	return last
}
