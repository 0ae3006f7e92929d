package daemon

import (
	"math/rand/v2"
	"time"

	"linkd/internal/desired"
)

// clockwork says when a look is due. A tick that comes while the last look
// still runs is missed, and counted; none is ever stacked.
type clockwork struct {
	times  desired.Times
	jitter time.Duration
	next   time.Time // with its jitter
	asked  time.Time // the time at which next was worked out
	missed int
}

// slice is the longest that is waited at once: a clock that was set, or a
// machine that slept, is noticed after it.
const slice = 30 * time.Second

func newClockwork(times desired.Times, jitter time.Duration, now time.Time) *clockwork {
	c := &clockwork{times: times, jitter: jitter}
	c.plan(now)
	return c
}

// plan works out the next tick after now.
func (c *clockwork) plan(now time.Time) {
	now = now.Round(0) // only the wall clock: the other does not jump with it
	c.asked, c.next = now, c.times.Next(now)
	if c.jitter > 0 && !c.next.IsZero() {
		c.next = c.next.Add(rand.N(c.jitter))
	}
}

// due reports whether a tick has come, and plans the one after it. After the
// clock was set back the next tick is worked out anew, and one that many
// ticks were due at once after a jump ahead comes once.
func (c *clockwork) due(now time.Time) bool {
	now = now.Round(0)
	if now.Before(c.asked.Add(-slice)) {
		c.plan(now)
		return false
	}
	if c.next.IsZero() || now.Before(c.next) {
		return false
	}
	c.plan(now)
	return true
}

// wait is how long to wait at most before due is asked again.
func (c *clockwork) wait(now time.Time) time.Duration {
	if c.next.IsZero() {
		return slice
	}
	return min(max(c.next.Sub(now.Round(0)), 0), slice)
}
