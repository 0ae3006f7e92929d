package agent

import "time"

// clock reckons how far the other end's clock is ahead, from beats and the
// echoes of them. Of the last few it believes the one that came back fastest:
// there the error, half of the round trip at most, is least.
type clock struct {
	samples []sample
}

type sample struct {
	trip   time.Duration
	offset time.Duration
}

// rememberedBeats are some 40 seconds, so that a clock that is set is noticed.
const rememberedBeats = 8

// heard takes a beat that was sent at a time and came back now with what the
// other clock said.
func (c *clock) heard(sent, now, theirs time.Time) {
	trip := now.Sub(sent)
	c.samples = append(c.samples, sample{trip, theirs.Round(0).Sub(sent.Add(trip / 2).Round(0))})
	if len(c.samples) > rememberedBeats {
		c.samples = c.samples[1:]
	}
}

// offset is how far the other clock is ahead, and whether that is known.
func (c *clock) offset() (time.Duration, bool) {
	if len(c.samples) == 0 {
		return 0, false
	}
	best := c.samples[0]
	for _, s := range c.samples {
		if s.trip < best.trip {
			best = s
		}
	}
	return best.offset, true
}
