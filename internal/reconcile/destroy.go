package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"linkd/internal/resource"
)

// Destroy walks the graph backwards: each resource goes the moment the last
// one that needs it has gone. What fails keeps only what it stands on.
func (e *Engine) Destroy(ctx context.Context, plan Plan, world resource.World) (Report, error) {
	if err := e.Check(ctx, plan); err != nil {
		return Report{}, err
	}
	if err := e.cuts.stands(e.Graph.Order()...); err != nil { // nothing is to be made anew any more
		return Report{}, err
	}
	began := time.Now()
	steps := map[resource.ID]Step{}
	touched := map[resource.ID]bool{}
	for _, step := range plan.Steps {
		steps[step.ID] = step
		touched[step.ID] = step.Verb == Remove
	}
	w := &walk{Engine: e, board: newBoard(world, touched, e.untouched(plan, touched)), at: plan.at, stopped: func() bool { return ctx.Err() != nil }}
	var nodes sync.WaitGroup
	for _, step := range plan.Writes() {
		nodes.Go(func() {
			w.board.end(w.remove(step, world).node(ctx, steps))
		})
	}
	nodes.Wait()

	report := Report{Took: w.scaled(time.Since(began))}
	for _, step := range plan.Steps {
		if step.Verb == Remove {
			report.Outcomes = append(report.Outcomes, w.board.outcomes[step.ID])
		}
	}
	return report, context.Cause(ctx)
}

// remove takes one resource away.
type remove struct {
	converge
	plan Step
	want resource.Spec // as it was before anything went
	ref  string        // of what the plan saw, and of nothing else
}

// remove prepares a step.
func (w *walk) remove(step Step, world resource.World) *remove {
	self := w.Graph.Resource(step.ID)
	want, _ := self.Want(view(self, world)) // the owner is told, and the plan proved what else is needed
	return &remove{
		converge: converge{walk: w, Resource: self, began: time.Now(), verb: Remove},
		plan:     step, want: want, ref: world[step.ID].Ref,
	}
}

// node waits until all that need this resource have gone, then removes it.
func (r *remove) node(ctx context.Context, steps map[resource.ID]Step) (outcome Outcome) {
	defer func() {
		if cause := recover(); cause != nil {
			outcome = r.fail(fmt.Errorf("cannot go on with %s: this is a defect of linkd: %v", r.ID(), cause))
		}
	}()
	for _, dependent := range r.Graph.users(r.ID()) {
		if stays := r.await(ctx, dependent, steps); stays != nil {
			return *stays
		}
	}
	r.began, r.span, r.release = time.Now(), r.Kind().Takes.Delete, func() {}
	defer func() { r.release() }()
	for {
		next := r.look(ctx)
		if next.end != nil {
			return *next.end
		}
		if err := sleep(ctx, next.pause, r.Scale); err != nil {
			return r.fail(err)
		}
	}
}

// await waits until a dependent has gone, and returns how this ends when it
// will not.
func (r *remove) await(ctx context.Context, dependent resource.ID, steps map[resource.ID]Step) *Outcome {
	stays := func(outcome Outcome) *Outcome { return &outcome }
	if step, planned := steps[dependent]; planned {
		r.tell(Waiting, "for "+string(dependent)+" to go")
		if step.Verb != Remove {
			return stays(r.end(Skipped, fmt.Sprintf("%s stays and needs it", dependent), nil))
		}
		ended, err := r.board.outcome(ctx, dependent)
		if err != nil {
			return stays(r.fail(err))
		}
		if ended.What != Settled {
			return stays(r.end(Skipped, fmt.Sprintf("%s needs it and did not go", dependent), nil))
		}
	}
	if outcome := r.lookAgain(ctx, dependent); outcome.What != Settled {
		return stays(r.end(Skipped, fmt.Sprintf("%s needs it and did not go: %s", dependent, outcome.Text), outcome.Err))
	}
	return nil
}

// lookAgain reads a shared table once more before what its members lead to
// goes. A member that was written just before the destroy was planned may not
// have been listed then, and would be left behind, leading nowhere.
func (r *remove) lookAgain(ctx context.Context, id resource.ID) Outcome {
	table, world := r.Graph.Resource(id), r.board.all()
	if !table.Kind().Shared {
		return Outcome{What: Settled}
	}
	live, err := table.Read(ctx, view(table, world))
	if err != nil {
		return r.fail(fmt.Errorf("cannot read %s: %w", id, err))
	}
	world[id] = live
	step := r.removal(table, world)
	if step.Verb != Remove || len(step.Drifts) == 0 {
		return Outcome{What: Settled}
	}
	return r.walk.remove(step, world).node(ctx, nil)
}

// look reads once, and deletes, waits or ends.
func (r *remove) look(ctx context.Context) step {
	live, err := r.Read(ctx, r.board.view(r.Resource))
	if err != nil {
		return r.refused(&r.reads, fmt.Errorf("cannot read %s: %w", r.ID(), err))
	}
	r.reads = tries{}
	r.board.see(r.ID(), live, true)
	left := resource.Target(r.Kind(), r.want, live, allowed(r.plan.Drifts))
	elapsed := r.sinceSent()
	switch {
	case live.Phase == resource.Unknown:
		return r.ended(r.fail(fmt.Errorf("cannot tell how %s stands: %s", r.ID(), live.Why)))
	case live.Phase == resource.Absent || r.Kind().Shared && sameMembers(r.Kind(), left, live):
		return r.ended(r.end(Settled, "", nil))
	case live.Phase != resource.Deleting && live.Owner != r.want.Owner:
		return r.ended(r.end(HeldBy, notOurs(live), nil))
	case live.Phase != resource.Deleting && !strings.EqualFold(live.Ref, r.ref):
		return r.ended(r.end(HeldBy, live.Ref+" carries its tags too, and was not in the plan: destroy again to remove it", nil))
	case live.Phase == resource.Deleting || live.Phase == resource.Pending || !r.sentAt.IsZero() && elapsed < r.span.Typical+settling:
		if elapsed > max(patience*r.span.Typical, leastWait) {
			return r.ended(r.fail(fmt.Errorf("cannot wait any longer for %s to go: it has been %s for %s", r.ID(), live.Phase, elapsed.Round(time.Second))))
		}
		r.tell(Running, live.Why)
		return after(pause(r.span, elapsed))
	case r.wrote >= mostWrites:
		return r.ended(r.fail(fmt.Errorf("cannot delete %s: it was deleted %d times and is still there", r.ID(), r.wrote)))
	}
	return r.send(ctx, live, left)
}

// send deletes the resource, or writes a shared table without our members.
func (r *remove) send(ctx context.Context, live resource.Live, left resource.Spec) step {
	if err := r.lock(ctx); err != nil {
		return r.ended(r.fail(err))
	}
	r.tell(Sending, "")
	var err error
	if r.Kind().Shared {
		err = r.Apply(ctx, left, live)
	} else {
		err = r.Delete(ctx, live)
	}
	if err != nil {
		return r.refused(&r.writes, fmt.Errorf("cannot delete %s: %w", r.ID(), err))
	}
	r.writes = tries{}
	r.wrote++
	r.sentAt = time.Now()
	return after(pause(r.span, 0))
}

// sameMembers reports whether the table already is as it should be left.
func sameMembers(kind *resource.Kind, left resource.Spec, live resource.Live) bool {
	return !slices.ContainsFunc(kind.Attrs, func(attr resource.Attr) bool {
		return !left.Attrs[attr.Name].Equal(live.Attrs[attr.Name])
	})
}
