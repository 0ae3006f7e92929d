package ground

import "time"

// Clock tells the simulated time: it starts at the real time and runs Scale
// times as fast. Under testing/synctest, where real time is virtual already,
// a scale of 1 is enough.
type Clock struct {
	start time.Time
	scale float64
}

// NewClock starts a clock; scale is 1 for life's own speed, 1000 for a
// thousand times as fast.
func NewClock(scale float64) *Clock { return &Clock{start: time.Now(), scale: scale} }

// Now is the simulated time.
func (c *Clock) Now() time.Time {
	return c.start.Add(time.Duration(float64(time.Since(c.start)) * c.scale))
}

// Started is when the clock was started, in both times.
func (c *Clock) Started() time.Time { return c.start }

// Scale is how many simulated seconds pass in a real one.
func (c *Clock) Scale() float64 { return c.scale }

// Real converts a simulated span to the real one, for waits and Retry-After.
func (c *Clock) Real(span time.Duration) time.Duration {
	return time.Duration(float64(span) / c.scale)
}
