package watch

import (
	"fmt"
	"time"

	"linkd/internal/desired"
	"linkd/internal/probe"
	"linkd/internal/vantage"
)

// Key is a pair: from a vantage to a target.
type Key struct {
	From, To string
	Vantage  desired.VantageKind
}

// The states of a pair.
const (
	Answers = "answers" // at least one echo of the last burst was answered
	Lost    = "lost"    // none was
	Unknown = "unknown" // nothing is known, for a reason
)

// Totals count since the pair came into the file, or linkd started.
type Totals struct {
	Sent, Lost, Unsent, Late, Duplicates, Reordered int
	Arrived                                         int // requests that the far end saw
}

// Pair is how a pair stands.
type Pair struct {
	Key
	State  string
	Why    string       // it is unknown
	Since  time.Time    // when the state last changed; zero: it never had one
	Ever   bool         // it has answered at least once
	Last   probe.Result // zero: there is none yet
	Totals Totals
	MTU    *probe.MTU // of the last search; nil: none has ended yet
	MTUAt  time.Time
	// Sides are the last two minutes or so, as both ends saw them.
	Sides probe.Sides
}

// pair is a Pair with what it is made from.
type pair struct {
	now     Pair
	task    vantage.Task
	first   time.Time // when it came into the file
	recent  []moment
	watches bool // the far end counts requests
}

// moment is a result, and how many requests the far end had seen by then.
type moment struct {
	at             time.Time
	sent, received int
	arrived        int // of the total
}

// window is how far back both ends are compared.
const (
	window      = 2 * time.Minute
	mostMoments = 1000
)

// take notes a result.
func (p *pair) take(r probe.Result) {
	if r.MTU != nil {
		p.now.MTU, p.now.MTUAt = r.MTU, r.At
		return
	}
	p.now.Last = r
	if r.Err != "" {
		p.turn(Unknown, r.Err, r.At)
		return
	}
	t := &p.now.Totals
	t.Sent += r.Sent
	t.Lost += r.Sent - r.Received
	t.Unsent += r.Unsent
	t.Late += r.Late
	t.Duplicates += r.Duplicates
	t.Reordered += r.Reordered
	if len(p.recent) == 0 { // the first result tells where counting begins
		p.recent = append(p.recent, moment{at: r.At, arrived: t.Arrived})
	} else {
		p.recent = append(p.recent, moment{r.At, r.Sent, r.Received, t.Arrived})
	}
	for len(p.recent) > 7 && r.At.Sub(p.recent[0].at) > window || len(p.recent) > mostMoments {
		p.recent = p.recent[1:]
	}
	if r.Received > 0 {
		p.now.Ever = true
		p.turn(Answers, "", r.At)
	} else {
		p.turn(Lost, "", r.At)
	}
}

func (p *pair) turn(state, why string, at time.Time) {
	if p.now.State != state {
		p.now.State, p.now.Since = state, at
	}
	p.now.Why = why
}

// forget begins the comparison of both ends anew: one of them was away.
func (p *pair) forget() { p.recent = nil }

// arrived notes that the far end has seen so many more requests, or that it
// cannot see any.
func (p *pair) arrived(count int, watches bool) {
	if p.watches != watches {
		p.watches = watches
		p.forget()
	}
	p.now.Totals.Arrived += max(count, 0)
}

// sides sets both ends beside each other. Back is the pair the other way, or
// nil.
func (p *pair) sides(back *pair) probe.Sides {
	var s probe.Sides
	s.Sent, s.Received, s.Arrived = p.sum()
	if s.Watches = p.watches; s.Watches {
		s.Slack = slack(p.task)
	} else {
		s.Arrived = 0
	}
	if back != nil && back.now.State != Unknown {
		s.BackSent, s.BackReceived, _ = back.sum()
	}
	return s
}

func (p *pair) sum() (sent, received, arrived int) {
	if len(p.recent) < 2 {
		return 0, 0, 0
	}
	for _, m := range p.recent[1:] {
		sent, received = sent+m.sent, received+m.received
	}
	return sent, received, p.recent[len(p.recent)-1].arrived - p.recent[0].arrived
}

// slack is by how many echoes the counts of both ends may be apart. The far end
// reports each second, and a report takes a moment; and a result in which an
// echo is lost comes by the timeout later than another, while requests of the
// next burst arrive already.
func slack(task vantage.Task) int {
	const lag = 2 * time.Second
	if task.Interval <= 0 {
		return 1
	}
	return 1 + int((lag+task.Timeout+task.Interval-1)/task.Interval)
}

// tell tells how the pair stands at a moment. A result that should have come
// long ago is missed.
func (p *pair) tell(now time.Time, back *pair) Pair {
	told := p.now
	told.Sides = p.sides(back)
	last := told.Last.At
	if last.IsZero() {
		last = p.first
	}
	if late := now.Sub(last); told.State != Unknown && late > 3*p.burst()+30*time.Second {
		told.State, told.Why = Unknown, fmt.Sprintf("there was no result for %s", late.Round(time.Second))
		told.Since = last
	}
	return told
}

// burst is how long one result takes.
func (p *pair) burst() time.Duration {
	return time.Duration(p.task.Count)*p.task.Interval + p.task.Timeout
}
