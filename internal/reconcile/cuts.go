package reconcile

import (
	"maps"
	"slices"
	"sync"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// cuts is what an engine remembers of the pairs that its walks interrupted. It
// outlives a walk, for so does the lag by which a cloud shows a tunnel up that is
// not; and it is shared by what converges at once, so that each knows what the
// other takes.
type cuts struct {
	mu sync.Mutex
	of map[desired.Tunnel]cutAt
	// made is when a resource was last seen being made by this engine.
	made map[resource.ID]time.Time
}

// cutAt is when a pair was interrupted, and when AWS had seen it change last.
type cutAt struct {
	at         time.Time
	lastChange string
}

func newCuts() *cuts {
	return &cuts{of: map[desired.Tunnel]cutAt{}, made: map[resource.ID]time.Time{}}
}

// making notes that a resource is being made.
func (c *cuts) making(id resource.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made[id] = time.Now()
}

// madeAt returns when a resource was last seen being made.
func (c *cuts) madeAt(id resource.ID) (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, was := c.made[id]
	return at, was
}

// last returns when a pair was interrupted last.
func (c *cuts) last(t desired.Tunnel) (cutAt, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cut, was := c.of[t]
	return cut, was
}

// take notes that the pairs are about to be interrupted, unless one of others,
// on which they rely, was interrupted itself since they were looked at.
func (c *cuts) take(pairs map[desired.Tunnel]cutAt, others []desired.Tunnel, looked time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.ContainsFunc(others, func(t desired.Tunnel) bool {
		_, own := pairs[t]
		cut, was := c.of[t]
		return !own && was && !cut.at.Before(looked)
	}) {
		return false
	}
	maps.Copy(c.of, pairs)
	return true
}
