package reconcile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// write sends the one call that mends the given drifts, under the resource's
// locks, and notes it. A replace is a delete first; the next look finds the
// resource gone and creates it.
func (c *converge) write(ctx context.Context, want resource.Spec, live resource.Live, mend []resource.Drift) step {
	c.verb, c.span = c.operation(live, mend)
	if wait, text := c.doubt(live); wait > 0 {
		c.tell(Waiting, text)
		return after(wait)
	}
	if err := c.lock(ctx); err != nil {
		return c.ended(c.fail(err))
	}
	c.tell(Sending, "")
	if err := c.send(ctx, want, live, mend); err != nil {
		if resource.ReasonOf(err) == resource.InUse && c.yield(ctx, c.Graph.Dependents(c.ID())) {
			return after(0)
		}
		return c.refused(&c.writes, fmt.Errorf("cannot %s %s: %w", c.verb, c.ID(), err))
	}
	if c.verb == Create {
		c.cuts.making(c.ID())
	}
	c.writes = tries{}
	c.wrote++
	c.sentTimes++
	c.sent, c.sentAt, c.moved = mend, time.Now(), false
	c.tell(Running, "")
	return after(pause(c.span, 0))
}

// yield lets users go first who need this resource and have not come to their
// end: one of them may be about to let go of the part that would be removed, as
// a connection does of a link of its site. It reports whether there were any.
func (c *converge) yield(ctx context.Context, users []resource.ID) bool {
	c.release()
	users = c.board.pass(c.ID(), users)
	for _, user := range users {
		c.tell(Waiting, "for "+string(user)+", which still uses what would go")
		if _, err := c.board.outcome(ctx, user); err != nil {
			return true // the next look tells that linkd was stopped
		}
	}
	return len(users) > 0
}

// operation names what the allowed drifts come to and how long it runs.
func (c *converge) operation(live resource.Live, mend []resource.Drift) (Verb, resource.Span) {
	decided := make([]Decided, len(mend))
	for i, drift := range mend {
		decided[i] = Decided{Drift: drift, Action: desired.Repair}
	}
	takes := c.Kind().Takes
	verb := verbOf(c.Kind(), decided)
	switch {
	case verb == Renew && live.Phase != resource.Absent:
		return Renew, takes.Delete
	case live.Phase == resource.Absent:
		return Create, takes.Create
	}
	return Update, takes.Update
}

// send makes the call. A create that cannot be repeated is noted before, and
// the note is taken back only when the cloud has certainly refused it.
func (c *converge) send(ctx context.Context, want resource.Spec, live resource.Live, mend []resource.Drift) error {
	if c.verb == Renew {
		return c.deleteToRenew(ctx, live)
	}
	guarded := c.verb == Create && c.Kind().Doubt > 0
	if guarded {
		if err := c.Intents.Open(c.ID(), time.Now()); err != nil {
			return err
		}
	}
	err := c.Apply(ctx, resource.Target(c.Kind(), want, live, mend), live)
	switch {
	case !guarded || err == nil:
		return err
	case certain(err):
		return errors.Join(err, c.Intents.Close(c.ID()))
	}
	return fmt.Errorf("%w; it may have been made all the same, so nothing is made before that is certain", err)
}

// deleteToRenew deletes what is to be made anew. That is noted before, so that the other
// half is done also when linkd is stopped between them; and the note is taken back
// when the cloud has certainly refused.
func (c *converge) deleteToRenew(ctx context.Context, live resource.Live) error {
	if err := c.cuts.deleting(c.ID()); err != nil {
		return err
	}
	err := c.Delete(ctx, live)
	if err != nil && certain(err) {
		return errors.Join(err, c.cuts.stands(c.ID()))
	}
	return err
}

// certain reports whether a refused call has certainly changed nothing.
func certain(err error) bool {
	switch resource.ReasonOf(err) {
	case resource.Busy, resource.Throttled, resource.Denied, resource.SignIn, resource.Quota, resource.InUse, resource.Refused:
		return true
	}
	return false
}

// doubt says how long a create must still wait because an earlier one, whose
// outcome is not known, may only not be visible yet.
func (c *converge) doubt(live resource.Live) (time.Duration, string) {
	span := c.Kind().Doubt
	if c.verb != Create || span == 0 || live.Phase != resource.Absent {
		return 0, ""
	}
	at, open := c.Intents.Sent(c.ID())
	left := span - c.scaled(time.Since(at))
	if left <= 0 {
		return 0, ""
	}
	if open {
		return left, "until it is certain that an earlier create made nothing"
	}
	return left, "until it is certain that an earlier run, of which nothing is known, made none"
}

// lock takes the resource's locks, unless they were taken for this very write.
// Who wrote before lets those go first who have a longer path.
func (c *converge) lock(ctx context.Context) error {
	if c.care.locked {
		c.care.locked = false
		return nil
	}
	c.release()
	names := c.Locks()
	if len(names) == 0 {
		return nil
	}
	release, err := c.locks.acquire(ctx, names, c.Graph.remaining[c.ID()])
	if err != nil {
		return err
	}
	c.release = release
	return nil
}

// tries counts how often one call came to nothing for now, and since when.
type tries struct {
	count int
	since time.Time
}

// refused sorts a call that failed: what passes by itself is tried again
// after a pause, for as long as the longest operation may hold it up; an answer
// that makes no sense, which may be one proxy's on one occasion, a few times;
// and everything else is the end.
func (c *converge) refused(t *tries, err error) step {
	var asked time.Duration
	if problem, ok := errors.AsType[*resource.Problem](err); ok {
		asked = problem.After
	}
	switch resource.ReasonOf(err) {
	case resource.Busy, resource.Throttled, resource.Unreachable:
	case resource.Nonsense:
		if t.count+1 >= mostPuzzle {
			return c.ended(c.fail(fmt.Errorf("%w (%d times)", err, t.count+1)))
		}
	default:
		return c.ended(c.fail(err))
	}
	c.release()
	if t.count == 0 {
		t.since = time.Now()
	}
	if c.scaled(time.Since(t.since)) > mostBusy {
		return c.ended(c.fail(fmt.Errorf("%w (for %s, and then linkd gave up)", err, mostBusy)))
	}
	t.count++
	c.tell(Retried, err.Error())
	return after(backoff(t.count, asked))
}
