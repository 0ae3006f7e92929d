package drill

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"linkd/internal/probe"
)

// Gap is what was lost of the echoes from one place to another.
type Gap struct {
	From, To string
	Vantage  string // who sent: local, or agent
	Sent     int
	Lost     int // requests or answers, whichever way
	// Silence is the longest time without an answer around a loss; 0 when nothing
	// was lost.
	Silence time.Duration
	// Why says what kept echoes from being sent, at last, or is "".
	Why string
}

// nothingSent is said of a pair of which nothing else is known.
const nothingSent = "nothing was sent"

// Pair names who sends to whom.
type Pair struct{ From, To, Vantage string }

// Gaps sums up results of probes, each of a single echo for the silence to be exact.
// Its zero value is ready; several goroutines may use it.
type Gaps struct {
	mu    sync.Mutex
	of    map[Pair]*counted
	order []Pair
	// closed says that these are all.
	closed bool
}

type counted struct {
	Gap
	heard time.Time // of the last answer, or of the first result
	lost  bool      // since then
	last  time.Time
}

// Follow begins with pairs of which nothing was measured, in the order in which
// they are told.
func (g *Gaps) Follow(pairs []Pair) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for _, p := range pairs {
		g.find(p)
	}
}

func (g *Gaps) find(p Pair) *counted {
	if c := g.of[p]; c != nil {
		return c
	}
	if g.of == nil {
		g.of = map[Pair]*counted{}
	}
	c := &counted{Gap: Gap{From: p.From, To: p.To, Vantage: p.Vantage, Why: nothingSent}}
	g.of[p] = c
	g.order = append(g.order, p)
	return c
}

// Take counts a result. Where pairs are followed, it counts none of another.
func (g *Gaps) Take(p Pair, r probe.Result) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed && g.of[p] == nil {
		return
	}
	c := g.find(p)
	switch {
	case r.MTU != nil:
		return
	case r.Err != "":
		c.Why = r.Err
		return
	}
	c.Why = ""
	c.Sent += r.Sent
	c.Lost += r.Sent - r.Received
	if c.heard.IsZero() {
		c.heard = r.At
	}
	c.last = r.At
	c.lost = c.lost || r.Received < r.Sent
	if r.Received == 0 {
		return
	}
	c.settle(r.At)
	c.heard, c.lost = r.At, false
}

// settle ends a silence.
func (c *counted) settle(at time.Time) {
	if c.lost {
		c.Silence = max(c.Silence, at.Sub(c.heard))
	}
}

// Tell tells what was lost, in the order in which pairs were followed. A silence that
// has not ended counts until the last result.
func (g *Gaps) Tell() []Gap {
	g.mu.Lock()
	defer g.mu.Unlock()
	var gaps []Gap
	for _, p := range g.order {
		c := *g.of[p]
		c.settle(c.last)
		gaps = append(gaps, c.Gap)
	}
	return slices.Clip(gaps)
}

// Because says of pairs of which nothing was sent why, where somebody knows more of
// them; "": nobody does.
func Because(gaps []Gap, why func(Pair) string) []Gap {
	gaps = slices.Clone(gaps)
	for i, g := range gaps {
		if g.Sent == 0 && g.Why == nothingSent {
			gaps[i].Why = cmp.Or(why(Pair{g.From, g.To, g.Vantage}), g.Why)
		}
	}
	return gaps
}
