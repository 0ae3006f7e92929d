package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"linkd/internal/resource"
)

// walk is one Apply under way.
type walk struct {
	*Engine
	board *board
	start time.Time
	// at are the circumstances in which the plan was decided.
	at Circumstances
	// stopped reports whether the walk is being stopped; nil: it never is.
	stopped func() bool
}

// node brings one resource to its outcome: it waits for the needs, then
// converges. A panic in one adapter is an outcome of that resource alone.
func (w *walk) node(ctx context.Context, r resource.Resource) (outcome Outcome) {
	c := &converge{walk: w, Resource: r, began: time.Now()}
	defer func() {
		if cause := recover(); cause != nil {
			outcome = c.fail(fmt.Errorf("cannot go on with %s: this is a defect of linkd: %v", r.ID(), cause))
		}
	}()
	needed := needs(r, w.board.all())
	lost, err := w.board.await(ctx, needed, func(need resource.Need) {
		c.tell(Waiting, "for "+string(need.On))
	})
	switch {
	case err != nil:
		return c.end(Skipped, "linkd was stopped before it began", err)
	case lost != nil:
		outcome := c.end(Skipped, fmt.Sprintf("it needs %s, which %s", lost.ID, standing(*lost)), nil)
		outcome.root = cmp.Or(lost.root, lost.ID)
		return outcome
	}
	for {
		c.began = time.Now()
		was, _ := w.board.leadOf(needed)
		if was.ahead {
			w.board.trail(r.ID())
		}
		ended := c.run(ctx)
		if is, _ := w.board.leadOf(needed); !was.ahead && !is.ahead {
			return ended
		}
		w.board.trail(r.ID())
		if err := w.board.outrun(ctx, needed, was); err != nil {
			return c.end(Skipped, "linkd was stopped before it looked again", err)
		}
		c = &converge{walk: w, Resource: r, wrote: c.wrote}
	}
}

// standing says in a clause how a resource ended that others needed.
func standing(outcome Outcome) string {
	if outcome.clause != "" {
		return outcome.clause
	}
	switch outcome.What {
	case Broken:
		return "failed"
	case HeldBy:
		return "is held: " + outcome.Text
	case Skipped:
		if outcome.root != "" {
			return "was skipped because of " + string(outcome.root)
		}
		return "was skipped"
	}
	return "did not come far enough"
}

// now are the circumstances of the plan, at this moment.
func (w *walk) now() Circumstances {
	at := w.at
	at.Now = time.Now()
	return at
}

// scaled converts a span of our time to the clouds'.
func (w *walk) scaled(span time.Duration) time.Duration {
	return time.Duration(float64(span) * w.Scale)
}

// tell sends an event about this resource.
func (c *converge) tell(what What, text string) {
	c.Listen(Event{
		At: time.Now(), ID: c.ID(), What: what, Verb: c.verb, Text: text,
		Took: c.scaled(time.Since(c.began)), Usual: c.span.Typical,
	})
}

// end tells and returns the outcome.
func (c *converge) end(what What, text string, err error) Outcome {
	c.tell(what, text)
	return Outcome{ID: c.ID(), What: what, Text: text, Err: err, Wrote: c.wrote}
}

// fail ends with an error. A walk that is being stopped has not failed. A
// deadline alone is no sign of that: one call's own may have passed.
func (c *converge) fail(err error) Outcome {
	if errors.Is(err, context.Canceled) || c.stopped != nil && c.stopped() {
		return c.end(Skipped, "linkd was stopped; the cloud goes on with what it accepted", err)
	}
	return c.end(Broken, err.Error(), err)
}
