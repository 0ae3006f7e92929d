package reconcile

import (
	"context"
	"maps"
	"sync"

	"linkd/internal/resource"
)

// board is what the walk knows so far: the world as it was last read, and the
// outcome of each resource that has one. Those who wait are woken when
// anything on it changes.
type board struct {
	mu       sync.Mutex
	world    resource.World
	outcomes map[resource.ID]Outcome
	// stale holds what the walk will look at and perhaps change, until it has:
	// those who need it wait for the new state, not for the old one.
	stale map[resource.ID]bool
	// followed holds what others went on with while a write to it was to come,
	// and how often it had been written by then: they look again when it has been
	// written since, and once it has come to its end.
	followed map[resource.ID]int
	// trailing holds what looked while a need of it was followed, and looks again:
	// who needs it does so after it.
	trailing map[resource.ID]bool
	changed  chan struct{}
}

// newBoard begins with the world of the plan, and the outcomes of those that
// the walk will not touch.
func newBoard(world resource.World, touched map[resource.ID]bool, outcomes map[resource.ID]Outcome) *board {
	return &board{
		world:    maps.Clone(world),
		stale:    maps.Clone(touched),
		outcomes: outcomes,
		followed: map[resource.ID]int{},
		trailing: map[resource.ID]bool{},
		changed:  make(chan struct{}),
	}
}

// see notes what was read. Current says that no write is to come that would
// change it, or that the write is on its way and this is what came of it. A
// resource that is mended in several writes, one after the other, is not
// current between them.
func (b *board) see(id resource.ID, live resource.Live, current bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.world[id] = live
	if current {
		delete(b.stale, id)
	} else {
		b.stale[id] = true
	}
	b.wake()
}

// pass lets who needs a resource go on with it as it stands, though a write to
// it is to come, and returns those of users that have not come to their end.
func (b *board) pass(id resource.ID, users []resource.ID) []resource.ID {
	b.mu.Lock()
	defer b.mu.Unlock()
	var under []resource.ID
	for _, user := range users {
		if _, ended := b.outcomes[user]; !ended {
			under = append(under, user)
		}
	}
	delete(b.stale, id)
	delete(b.followed, id)
	b.wake()
	return under
}

// follow lets who needs a resource, which has been written so many times, go on
// with it as it stands, though a write to it is to come, and then look again.
func (b *board) follow(id resource.ID, written int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.followed[id] = written
	delete(b.stale, id)
	b.wake()
}

// lead is how far the needs of a resource are from their end.
type lead struct {
	ahead   bool // one is followed, or trails, and has not come to its end
	written int  // how often those that are followed had been written
}

// trail notes that a resource looks while a need of it is followed, and will
// look again.
func (b *board) trail(id resource.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trailing[id] = true
	b.wake()
}

// leadOf returns how far these needs are. The channel is closed when that may
// have changed.
func (b *board) leadOf(needs []resource.Need) (lead, chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var l lead
	for _, need := range needs {
		written, followed := b.followed[need.On]
		if _, ended := b.outcomes[need.On]; (followed || b.trailing[need.On]) && !ended {
			l.ahead, l.written = true, l.written+written
		}
	}
	return l, b.changed
}

// outrun blocks until the needs are further than they were: written once more, or
// at their end, or waiting themselves for those that follow them.
func (b *board) outrun(ctx context.Context, needs []resource.Need, was lead) error {
	for {
		is, changed := b.leadOf(needs)
		if is != was {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// end notes the outcome of a resource.
func (b *board) end(outcome Outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.outcomes[outcome.ID] = outcome
	b.wake()
}

func (b *board) wake() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// view returns what a resource may see of the world now.
func (b *board) view(r resource.Resource) resource.World {
	b.mu.Lock()
	defer b.mu.Unlock()
	return view(r, b.world)
}

// all returns a copy of the world.
func (b *board) all() resource.World {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.world)
}

// peek lets do look at the whole world as it is known now. It must be quick.
func (b *board) peek(do func(resource.World)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	do(b.world)
}

// await blocks until every need has come far enough, or returns the need that
// never will: its own walk has ended short of it.
func (b *board) await(ctx context.Context, needs []resource.Need, waits func(resource.Need)) (lost *Outcome, err error) {
	var told resource.ID
	for {
		open, lost, changed := b.unmet(needs)
		if open == nil || lost != nil {
			return lost, nil
		}
		if told != open.On {
			told = open.On
			waits(*open)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// unmet returns the first need that is not met, and its outcome when it has
// ended without meeting it. A soft one that has ended is none.
func (b *board) unmet(needs []resource.Need) (*resource.Need, *Outcome, chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, need := range needs {
		outcome, ended := b.outcomes[need.On]
		short := b.world[need.On].Phase < need.At
		switch {
		case short && ended && need.Soft:
		case short && ended:
			return &need, &outcome, b.changed
		case short || b.stale[need.On] && !ended:
			return &need, nil, b.changed
		}
	}
	return nil, nil, b.changed
}

// outcome blocks until the resource has one.
func (b *board) outcome(ctx context.Context, id resource.ID) (Outcome, error) {
	for {
		b.mu.Lock()
		outcome, ended := b.outcomes[id]
		changed := b.changed
		b.mu.Unlock()
		if ended {
			return outcome, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Outcome{}, context.Cause(ctx)
		}
	}
}
