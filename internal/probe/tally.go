package probe

import (
	"math"
	"time"
)

// mostTexts is how many different refusals a Result names one by one: who
// answers may not fill our memory.
const mostTexts = 16

// otherTexts counts the refusals beyond mostTexts.
const otherTexts = "other refusals"

// tally counts one burst while it runs.
type tally struct {
	result   Result
	open     int     // echoes that still may be answered in time
	mean     float64 // of round-trip times, in ns
	squares  float64 // sum of squared deviations from the mean (Welford)
	previous time.Duration
	steps    float64 // sum of the differences between neighbours, in ns
}

// due counts an echo whose time has come.
func (t *tally) due() { t.result.Sent++; t.open++ }

// decided counts down the echoes that still may be answered in time.
func (t *tally) decided() { t.open-- }

// received counts an answer that came in time, in its order of arrival.
func (t *tally) received(rtt time.Duration, ttl int) {
	r := &t.result
	if r.Received > 0 {
		t.steps += math.Abs(float64(rtt - t.previous))
	}
	t.previous = rtt
	r.Received++
	r.TTL = ttl
	if r.Received == 1 || rtt < r.Min {
		r.Min = rtt
	}
	r.Max = max(r.Max, rtt)
	delta := float64(rtt) - t.mean
	t.mean += delta / float64(r.Received)
	t.squares += delta * (float64(rtt) - t.mean)
}

// refused counts what came instead of an answer, by its text.
func (t *tally) refused(text string) {
	if t.result.Refusals == nil {
		t.result.Refusals = map[string]int{}
	}
	if t.result.Refusals[text] == 0 && len(t.result.Refusals) >= mostTexts {
		text = otherTexts
	}
	t.result.Refusals[text]++
}

// end makes the Result.
func (t *tally) end(from, to string, at time.Time) Result {
	r := t.result
	r.From, r.To, r.At = from, to, at
	if r.Received > 0 {
		r.Mean = time.Duration(math.Round(t.mean))
		r.Deviation = time.Duration(math.Round(math.Sqrt(t.squares / float64(r.Received))))
	}
	if r.Received > 1 {
		r.Jitter = time.Duration(math.Round(t.steps / float64(r.Received-1)))
	}
	return r
}
