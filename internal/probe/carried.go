package probe

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"
)

// Delivery is what a simulated network brings back for one echo, and when.
type Delivery struct {
	After   time.Duration // from the send
	Arrival Arrival       // Stream, Sequence and At are filled in
}

// Carried is a Wire over a simulated network. For each echo carry says what
// comes back: nothing when it is lost, more than one thing when it is doubled,
// or an error when the host cannot send. Time is that of the time package, so
// that it runs in virtual time inside a bubble of testing/synctest.
func Carried(carry func(Echo) ([]Delivery, error)) Wire {
	return &carried{carry: carry, woken: make(chan struct{}, 1)}
}

type carried struct {
	carry  func(Echo) ([]Delivery, error)
	under  []Arrival // under way, by the time of arrival
	woken  chan struct{}
	closed atomic.Bool
}

func (c *carried) Send(e Echo) (time.Time, error) {
	now := time.Now()
	if c.closed.Load() {
		return now, ErrClosed
	}
	deliveries, err := c.carry(e)
	for _, d := range deliveries {
		a := d.Arrival
		a.At = now.Add(d.After)
		a.Stream, a.Sequence = e.Stream, e.Sequence
		if a.Short {
			a.Stream, a.Sequence = 0, e.Sequence&0xffff
		}
		place, _ := slices.BinarySearchFunc(c.under, a.At, func(b Arrival, at time.Time) int {
			return cmp.Or(b.At.Compare(at), -1) // behind those of the same time
		})
		c.under = slices.Insert(c.under, place, a)
	}
	return now, err
}

func (c *carried) Wait(until time.Time, deliver func(Arrival)) error {
	for {
		switch {
		case c.closed.Load():
			return ErrClosed
		case c.arrived(deliver), !until.IsZero() && !time.Now().Before(until):
			return nil
		}
		next := until
		if len(c.under) > 0 && (next.IsZero() || c.under[0].At.Before(next)) {
			next = c.under[0].At
		}
		var timer <-chan time.Time // never, when nothing is under way
		if !next.IsZero() {
			timer = time.After(time.Until(next))
		}
		select {
		case <-timer:
		case <-c.woken:
			if !c.closed.Load() {
				return nil
			}
		}
	}
}

// arrived hands over what is there, and says whether there was anything.
func (c *carried) arrived(deliver func(Arrival)) bool {
	now, count := time.Now(), 0
	for _, a := range c.under {
		if a.At.After(now) {
			break
		}
		deliver(a)
		count++
	}
	c.under = slices.Delete(c.under, 0, count)
	return count > 0
}

func (c *carried) Wake() {
	select {
	case c.woken <- struct{}{}:
	default:
	}
}

func (c *carried) Close() error {
	c.closed.Store(true)
	c.Wake()
	return nil
}
