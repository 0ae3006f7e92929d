package reconcile

import (
	"context"
	"fmt"
	"slices"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// The patience of converging one resource.
const (
	mostWrites = 4                // of one and the same difference
	mostPuzzle = 4                // answers that make no sense to one call, one after the other
	mostBusy   = 90 * time.Minute // of being told to wait: the longest operation, a gateway, with air
	settling   = 90 * time.Second // after an update, until reads must show it
	patience   = 4                // times the usual length of an operation, then it is given up
	leastWait  = 10 * time.Minute
	leastWatch = 3 * time.Minute
	lingers    = 2 * time.Minute // what nobody declared, after a write that may take it along
)

// converge brings one resource to what the file wants: read, and while an
// operation runs wait; then compare, write what is allowed, and read again
// until nothing allowed differs. It remembers only what it did itself; all
// else comes from the cloud, so that it can be started over at any moment.
type converge struct {
	*walk
	resource.Resource
	began time.Time

	verb  Verb
	span  resource.Span
	wrote int
	stood bool // when it began

	sent      []resource.Drift // the drifts of the last accepted write
	sentAt    time.Time
	sentTimes int  // how often these same drifts were written
	moved     bool // since the last accepted write, a look has found another phase than Failed
	reads     tries
	writes    tries
	release   func()
	care      care
}

// step is the verdict of one look: go round again after a pause, or end.
type step struct {
	pause time.Duration
	end   *Outcome
}

func after(span time.Duration) step { return step{pause: span} }

func (c *converge) ended(outcome Outcome) step { return step{end: &outcome} }

// run looks and acts until there is an outcome.
func (c *converge) run(ctx context.Context) Outcome {
	c.release, c.care = func() {}, care{cut: map[desired.Tunnel]bool{}}
	defer func() { c.release() }()
	c.stood = c.board.view(c.Resource)[c.ID()].Phase == resource.Ready
	for {
		next := c.look(ctx)
		if next.end != nil {
			return *next.end
		}
		if err := sleep(ctx, next.pause, c.Scale); err != nil {
			return c.fail(err)
		}
	}
}

// look reads the resource once and does the one thing that follows.
func (c *converge) look(ctx context.Context) step {
	live, err := c.Read(ctx, c.board.view(c.Resource))
	if err != nil {
		return c.refused(&c.reads, fmt.Errorf("cannot read %s: %w", c.ID(), err))
	}
	c.reads = tries{}
	c.moved = c.moved || live.Phase != resource.Failed
	underWay := live.Phase == resource.Pending || live.Phase == resource.Created
	if underWay { // its end may bring up what is shown down
		c.cuts.making(c.ID())
	}
	// What is being changed still shows what it was: only of what is being made
	// are the facts new while it is under way, and what stood when this began is
	// being changed, whoever does that.
	c.board.see(c.ID(), live, underWay && !c.stood && c.verb != Update && c.verb != Renew)
	switch {
	case live.Phase == resource.Unknown:
		return c.ended(c.fail(fmt.Errorf("cannot tell how %s stands: %s", c.ID(), live.Why)))
	case live.Phase == resource.Deleting || underWay:
		return c.waitForCloud(live)
	case live.Phase == resource.Failed && c.wrote > 0:
		return c.failedAfter(live)
	}
	return c.compare(ctx, live)
}

// waitForCloud lets a running operation go on. Others may write under the
// same lock once the resource stands, though it has not settled.
func (c *converge) waitForCloud(live resource.Live) step {
	if c.span == (resource.Span{}) {
		c.span = c.Kind().Takes.Create
	}
	if live.Phase == resource.Created {
		c.release()
	}
	elapsed := c.sinceSent()
	limit := max(patience*(c.span.Typical+c.Kind().Takes.Settle.Typical), leastWait)
	if elapsed > limit {
		err := fmt.Errorf("cannot wait any longer for %s: it has been %s for %s: %s", c.ID(), live.Phase, elapsed.Round(time.Second), live.Why)
		return c.ended(c.fail(resource.WithHint(err, "look at it in the cloud's console; apply again goes on waiting")))
	}
	c.tell(Running, live.Why)
	return after(pause(c.whole(live.Phase), elapsed))
}

// whole is the span until the phase after this one: a resource that is
// Created settles on.
func (c *converge) whole(phase resource.Phase) resource.Span {
	span := c.span
	if settle := c.Kind().Takes.Settle; phase == resource.Created && settle.Typical > 0 {
		span.Least += settle.Least
		span.Typical += settle.Typical
	}
	return span
}

func (c *converge) sinceSent() time.Duration {
	if c.sentAt.IsZero() {
		return c.scaled(time.Since(c.began)) + time.Nanosecond
	}
	return c.scaled(time.Since(c.sentAt))
}

// compare holds the resource against the file, and writes when policy allows
// a difference to be mended.
func (c *converge) compare(ctx context.Context, live resource.Live) step {
	view := c.board.view(c.Resource)
	want, err := c.Want(view)
	drifts, told := resource.Compare(c.ID(), c.Kind(), want, err, live)
	if !told {
		return c.ended(c.cannotTell(live, err))
	}
	decided := c.now().decide(c.File, drifts)
	var users []resource.ID
	c.board.peek(func(world resource.World) {
		decided = await(c.Resource, world, c.Graph.spare(c.Resource, world, decided))
		guard{graph: c.Graph, file: c.File, world: world, at: c.now(), back: c.isBack}.keepToWindows(decided)
		decided, users = c.spareUsed(world, decided)
	})
	c.finishReplace(live, decided)
	mend := allowed(decided)
	switch {
	case len(mend) == 0 && len(users) > 0:
		c.yield(ctx, users)
		return after(0)
	case c.Kind().Given && live.Phase == resource.Absent:
		err := fmt.Errorf("%s does not exist, and linkd does not make it", c.ID())
		return c.ended(c.fail(resource.WithHint(err, "create it, or mend its id in the file")))
	case c.Kind().Given && slices.ContainsFunc(decided, comes):
		return c.watch(live, drifts)
	case c.Kind().Given && len(decided) > 0 && c.scaled(time.Since(c.began)) < lingers:
		return c.watch(live, drifts)
	case len(mend) == 0 || c.Kind().Given:
		c.release()
		c.board.see(c.ID(), live, true)
		return c.ended(c.settled(live, decided))
	case c.wrote > 0 && c.stillAll(mend):
		return c.notYetShown(ctx, want, live, c.sent)
	}
	now, waits := c.careful(ctx, mend)
	if waits != nil {
		return *waits
	}
	c.sentTimes = 0
	return c.write(ctx, want, live, now)
}

// finishReplace lets what this converge has deleted to make it anew be made:
// whoever let the one be done meant both.
func (c *converge) finishReplace(live resource.Live, decided []Decided) {
	for i := range decided {
		if d := &decided[i]; c.verb == Renew && live.Phase == resource.Absent && d.Class == resource.Missing {
			d.Action, d.Held, d.Because = desired.Repair, NotHeld, deletedToRenew
		}
	}
}

// stillAll reports whether everything that was sent last still differs, as
// it did before it was sent.
func (c *converge) stillAll(mend []resource.Drift) bool {
	return len(c.sent) > 0 && !slices.ContainsFunc(c.sent, func(sent resource.Drift) bool {
		return !slices.ContainsFunc(mend, func(d resource.Drift) bool { return sameDrift(sent, d) })
	})
}

// sameDrift reports whether two looks found the same difference.
func sameDrift(a, b resource.Drift) bool {
	return a.Key() == b.Key() && a.Member == b.Member && a.Want.Equal(b.Want) && a.Have.Equal(b.Have)
}

// watch waits for what linkd cannot change itself, such as the status of a
// tunnel, to follow from what was changed.
func (c *converge) watch(live resource.Live, drifts []resource.Drift) step {
	c.span = c.Kind().Takes.Create
	elapsed := c.scaled(time.Since(c.began))
	if elapsed > max(patience*c.span.Typical, leastWatch) {
		err := fmt.Errorf("%s did not come: %s", c.ID(), explain(drifts[0], live))
		return c.ended(c.fail(resource.WithHint(err, "it may only be late: look again with plan in some minutes; if it stays so, the logs of both clouds say why")))
	}
	c.verb = Await
	c.tell(Running, explain(drifts[0], live))
	return after(pause(c.span, elapsed+time.Nanosecond))
}

// settled is the outcome when nothing is left that may be mended.
func (c *converge) settled(live resource.Live, decided []Decided) Outcome {
	if c.Kind().Doubt > 0 && live.Phase == resource.Ready {
		if err := c.Intents.Close(c.ID()); err != nil {
			return c.fail(err)
		}
	}
	if live.Phase == resource.Ready {
		if err := c.cuts.stands(c.ID()); err != nil {
			return c.fail(err)
		}
	}
	if len(decided) > 0 {
		return c.end(HeldBy, decided[0].Key()+": "+decided[0].Reason(), nil)
	}
	return c.end(Settled, "", nil)
}

// notYetShown is the case of an accepted update that reads do not show: it
// may need a moment, then it is written again, and given up in the end.
func (c *converge) notYetShown(ctx context.Context, want resource.Spec, live resource.Live, mend []resource.Drift) step {
	elapsed := c.sinceSent()
	if elapsed < c.span.Typical+settling {
		c.tell(Running, "until the change shows")
		return after(pause(c.span, elapsed))
	}
	if c.sentTimes >= mostWrites {
		return c.ended(c.fail(c.neverStays(live, mend[0])))
	}
	again, waits := c.careful(ctx, mend)
	if waits != nil {
		return *waits
	}
	return c.write(ctx, want, live, again)
}
