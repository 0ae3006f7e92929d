package probe

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// Prober sends echoes to many targets over one wire, on one schedule: the sends
// are spread over the interval, the first ones too. It takes one goroutine.
type Prober struct {
	wire   Wire
	engine *engine

	mu      sync.Mutex
	wanted  map[string]Target
	changes []change
}

// change is a target that is new or changed, or the name of one that is gone.
type change struct {
	name   string
	target *Target
}

// NewProber makes a Prober that sends over wire. From is the name of the
// vantage, for its Results.
func NewProber(wire Wire, from string, events Events) *Prober {
	return &Prober{wire: wire, engine: newEngine(wire, from, events), wanted: map[string]Target{}}
}

// Add begins to probe a target, or changes the one of that name; a target that
// is the same stays as it is. It may be called at any time, by any goroutine. An
// error says which limit it would pass, and changes nothing.
func (p *Prober) Add(target Target) error {
	target, err := target.complete()
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wanted[target.Name] == target {
		return nil
	}
	rate := target.rate()
	for name, other := range p.wanted {
		if name != target.Name {
			rate += other.rate()
		}
	}
	if rate > MaxRate {
		return fmt.Errorf("cannot probe %q: all targets together would get %.0f echoes a second, and %d is the limit", target.Name, rate, MaxRate)
	}
	p.wanted[target.Name] = target
	p.changes = append(p.changes, change{target.Name, &target})
	p.wire.Wake()
	return nil
}

// Remove stops probing a target. What is under way to it is not reported.
func (p *Prober) Remove(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.wanted[name]; known {
		delete(p.wanted, name)
		p.changes = append(p.changes, change{name: name})
		p.wire.Wake()
	}
}

// Run probes until ctx ends, and then returns nil. It returns an error when the
// wire breaks. It is called once, and leaves the wire open.
func (p *Prober) Run(ctx context.Context) error {
	defer context.AfterFunc(ctx, p.wire.Wake)()
	running := map[string]*stream{}
	began := time.Now()
	for number := 0; ctx.Err() == nil; {
		for _, c := range p.take() {
			if s := running[c.name]; s != nil {
				p.engine.remove(s)
				delete(running, c.name)
			}
			if c.target != nil {
				running[c.name] = p.engine.add(*c.target, first(*c.target, number, began, time.Now()))
				number++
			}
		}
		until := p.engine.act()
		if err := p.wire.Wait(until, p.engine.arrived); err != nil {
			return errors.Join(ctx.Err(), fmt.Errorf("cannot probe any more: %w", err))
		}
	}
	return nil
}

// take returns the changes since the last call.
func (p *Prober) take() []change {
	p.mu.Lock()
	defer p.mu.Unlock()
	taken := p.changes
	p.changes = nil
	return taken
}

// first is when the first echo to a target is due. The multiples of the golden
// ratio spread any number of targets evenly over the interval, also when some
// come later or go.
func first(t Target, number int, began, now time.Time) time.Time {
	period := t.Interval
	if t.Every > time.Duration(t.Count)*t.Interval {
		period = t.Every
	}
	_, part := math.Modf(float64(number) * math.Phi)
	at := began.Add(time.Duration(part * float64(period)))
	if passed := now.Sub(at); passed > 0 {
		at = at.Add((passed + period - 1) / period * period)
	}
	return at
}
