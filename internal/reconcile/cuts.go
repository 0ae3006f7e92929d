package reconcile

import (
	"maps"
	"slices"
	"sync"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// cuts is what an engine remembers of the pairs that its walks interrupted, and
// of what they made and deleted. It outlives a walk, for so does the lag by which
// a cloud shows a tunnel up that is not; it is shared by what converges at once, so
// that each knows what the other takes; and it is kept on disk, so that the next
// process knows as much.
type cuts struct {
	mu sync.Mutex
	of map[desired.Tunnel]cutAt
	// made is when a resource was last seen being made by this engine.
	made map[resource.ID]time.Time
	// deleted is when a resource was deleted that is to be made anew, and that was
	// not seen standing since.
	deleted map[resource.ID]time.Time

	notes Intents   // nil: nothing is kept
	noted time.Time // when what is being made was kept last
}

// cutAt is when a pair was interrupted, and when AWS had seen it change last.
type cutAt struct {
	at         time.Time
	lastChange string
}

// For how long notes are kept, in our time.
const (
	noteEvery   = time.Minute    // of what is being made, while it is
	keepLately  = time.Hour      // far longer than any telemetry lags
	keepDeleted = 24 * time.Hour // who deletes the same thing later does not mean it to be made anew
)

// newCuts begins with what an earlier engine noted; of nil, with nothing.
func newCuts(notes Intents) *cuts {
	c := &cuts{of: map[desired.Tunnel]cutAt{}, made: map[resource.ID]time.Time{}, deleted: map[resource.ID]time.Time{}, notes: notes}
	if notes == nil {
		return c
	}
	now, recent := time.Now(), notes.Recent()
	past := func(at time.Time) time.Time { // a clock that was set back must not stretch a note
		if at.After(now) {
			return now
		}
		return at
	}
	for _, cut := range recent.Cuts {
		c.of[cut.Pair] = cutAt{at: past(cut.At), lastChange: cut.LastChange}
	}
	for id, at := range recent.Made {
		c.made[id] = past(at.Add(noteEvery))
	}
	for id, at := range recent.Deleted {
		c.deleted[id] = past(at)
	}
	return c
}

// keep writes down what is recent. The mutex is held.
func (c *cuts) keep() error {
	if c.notes == nil {
		return nil
	}
	now := time.Now()
	recent := Recent{Made: maps.Clone(c.made), Deleted: maps.Clone(c.deleted)}
	maps.DeleteFunc(recent.Made, func(_ resource.ID, at time.Time) bool { return now.Sub(at) > keepLately })
	maps.DeleteFunc(recent.Deleted, func(_ resource.ID, at time.Time) bool { return now.Sub(at) > keepDeleted })
	for pair, cut := range c.of {
		if now.Sub(cut.at) <= keepLately {
			recent.Cuts = append(recent.Cuts, Cut{Pair: pair, At: cut.at, LastChange: cut.lastChange})
		}
	}
	return c.notes.KeepRecent(recent)
}

// making notes that a resource is being made. A disk that fails does not stop
// that: the note is of use only to another process within minutes.
func (c *cuts) making(id resource.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, known := c.made[id]
	c.made[id] = time.Now()
	if !known || time.Since(c.noted) >= noteEvery {
		c.noted = time.Now()
		_ = c.keep()
	}
}

// madeAt returns when a resource was last seen being made.
func (c *cuts) madeAt(id resource.ID) (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, was := c.made[id]
	return at, was
}

// deleting notes that a resource is about to be deleted to be made anew.
func (c *cuts) deleting(id resource.ID) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deleted[id] = time.Now()
	return c.keep()
}

// stands takes back that a resource was deleted: it stands, or nobody wants it
// any more.
func (c *cuts) stands(ids ...resource.ID) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := len(c.deleted)
	for _, id := range ids {
		delete(c.deleted, id)
	}
	if len(c.deleted) == before {
		return nil
	}
	return c.keep()
}

// toMakeAnew lists what was deleted to be made anew and was not seen since.
func (c *cuts) toMakeAnew() map[resource.ID]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := map[resource.ID]bool{}
	for id, at := range c.deleted {
		if time.Since(at) <= keepDeleted {
			ids[id] = true
		}
	}
	return ids
}

// last returns when a pair was interrupted last.
func (c *cuts) last(t desired.Tunnel) (cutAt, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cut, was := c.of[t]
	return cut, was
}

// take notes that the pairs are about to be interrupted, unless one of others,
// on which they rely, was interrupted itself since they were looked at. It fails
// when the note cannot be kept: then nothing must be interrupted.
func (c *cuts) take(pairs map[desired.Tunnel]cutAt, others []desired.Tunnel, looked time.Time) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.ContainsFunc(others, func(t desired.Tunnel) bool {
		_, own := pairs[t]
		cut, was := c.of[t]
		return !own && was && !cut.at.Before(looked)
	}) {
		return false, nil
	}
	maps.Copy(c.of, pairs)
	return true, c.keep()
}
