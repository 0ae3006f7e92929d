package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// repair is one part of a plan under way.
type repair struct {
	since  time.Time
	writes map[resource.ID]bool
	// approval is what it was approved by, if it was: one that is stopped needs
	// no other.
	approval approval
	cancel   context.CancelCauseFunc
}

// inFlight are the resources that repairs under way may write, or have written
// since the audit that runs began.
func (d *Daemon) inFlight() map[resource.ID]bool {
	all := maps.Clone(d.landed)
	if all == nil {
		all = map[resource.ID]bool{}
	}
	for _, r := range d.repairs {
		for id := range r.writes {
			all[id] = true
		}
	}
	return all
}

// begins starts each part of a plan by itself. An approval is used up by the
// plan that it names.
func (d *Daemon) begins(plan reconcile.Plan) {
	if plan.Refused != "" {
		return
	}
	parts := d.now.engine.Split(plan)
	given := d.useUp(plan, parts)
	for _, part := range parts {
		d.begin1(part, given)
	}
}

// useUp takes an approval for used as far as the parts go. What still waits,
// for a window or for another repair, stays approved.
func (d *Daemon) useUp(plan reconcile.Plan, parts []reconcile.Plan) approval {
	if plan.Approved == "" {
		return approval{}
	}
	begun := map[reconcile.Difference]bool{}
	for _, part := range parts {
		for _, drift := range toMend(part) {
			begun[reconcile.DifferenceOf(drift.Drift)] = true
		}
	}
	given := d.said.Approvals[plan.Approved]
	rest := plan.ApprovedRest(begun)
	if rest == plan.Approved {
		return given
	}
	delete(d.said.Approvals, plan.Approved)
	if rest != "" {
		d.said.Approvals[rest] = given
	}
	d.keepSaid()
	return given
}

// begin1 starts one part, within the budget.
func (d *Daemon) begin1(part reconcile.Plan, given approval) {
	d.round++
	number, engine, file, budget, world := d.round, d.now.engine, d.now.file, d.budget(), d.world
	d.record(d.book.begin(file, toMend(part))...)
	ctx, cancel := context.WithCancelCause(d.now.ctx)
	d.repairs[number] = &repair{since: time.Now(), writes: engine.Writes(part), approval: given, cancel: cancel}
	d.running.Go(func() {
		defer cancel(nil)
		bounded, release := context.WithTimeoutCause(ctx, budget, errBudget)
		defer release()
		report, err := d.applied(bounded, engine, part, world)
		d.report(func() {
			d.repaired(file, d.repairs[number], part, report, err)
			delete(d.repairs, number)
		})
	})
}

// errBudget ends a repair whose budget is used up.
var errBudget = errors.New("the round's budget is used up; the clouds go on, and the next audit goes on from there")

// applied applies a part; a panic is an error of that part alone.
func (d *Daemon) applied(ctx context.Context, engine *reconcile.Engine, part reconcile.Plan, world resource.World) (report reconcile.Report, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			d.Metrics.Panicked("repair")
			err = fmt.Errorf("cannot go on with the repair: this is a defect of linkd: %v", cause)
		}
	}()
	return engine.Apply(ctx, part, world)
}

// toMend lists the differences that a part mends.
func toMend(part reconcile.Plan) []reconcile.Decided {
	var drifts []reconcile.Decided
	for _, step := range part.Writes() {
		for _, d := range step.Drifts {
			if d.Action == desired.Repair {
				drifts = append(drifts, d)
			}
		}
	}
	return drifts
}

// repaired notes how a repair ended, and has it proved: the next audit looks.
func (d *Daemon) repaired(file *desired.File, r *repair, part reconcile.Plan, report reconcile.Report, err error) {
	now := time.Now()
	maps.Copy(d.landed, r.writes)
	outcomes := map[resource.ID]reconcile.Outcome{}
	for _, outcome := range report.Outcomes {
		outcomes[outcome.ID] = outcome
	}
	left := map[reconcile.Difference]bool{}
	for _, decided := range report.Left {
		left[reconcile.DifferenceOf(decided.Drift)] = true
	}
	for _, drift := range toMend(part) {
		how, text := judgeEnd(outcomes[drift.ID], left[reconcile.DifferenceOf(drift.Drift)], err)
		d.record(d.book.end(file, []reconcile.Decided{drift}, how, text, now)...)
		if how == endedShort && part.Approved != "" {
			d.said.Approvals[part.Approved] = r.approval
			d.keepSaid()
		}
		if how != endedWell {
			d.Metrics.Repaired(map[ended]string{endedBadly: "failed", endedShort: "stopped"}[how])
		}
	}
	d.again = true
}

// judgeEnd says how the repair of one difference ended.
func judgeEnd(outcome reconcile.Outcome, left bool, err error) (ended, string) {
	stopped := errors.Is(err, errBudget) || errors.Is(err, errStopped) || errors.Is(err, errPaused) || errors.Is(err, errReloaded)
	switch {
	case stopped && outcome.What != reconcile.Settled && outcome.What != reconcile.Broken:
		return endedShort, err.Error()
	case err != nil && outcome.What == "":
		return endedBadly, err.Error()
	case outcome.What == reconcile.Settled, outcome.What == reconcile.HeldBy && !left:
		return endedWell, ""
	}
	return endedBadly, outcome.Text
}

// stepAttributes are what a log says of a step.
func stepAttributes(e reconcile.Event) []any {
	attributes := []any{"resource", e.ID, "what", e.What, "verb", e.Verb, "took", e.Took.Round(time.Millisecond)}
	if e.Text != "" {
		attributes = append(attributes, "text", e.Text)
	}
	return attributes
}

// listen counts the steps of all repairs and writes the story of them. Several
// goroutines call it.
func (d *Daemon) listen(engine *reconcile.Engine) reconcile.Listener {
	results := map[reconcile.What]string{
		reconcile.Settled: "ok", reconcile.HeldBy: "held", reconcile.Broken: "failed", reconcile.Skipped: "stopped",
	}
	return func(e reconcile.Event) {
		level := slog.LevelDebug
		if e.What == reconcile.Sending || results[e.What] != "" && e.Verb.Writes() {
			level = slog.LevelInfo // a cloud is changed, or was
		}
		d.tell(level, "a step of a repair", stepAttributes(e)...)
		if result := results[e.What]; result != "" && e.Verb.Writes() {
			d.Metrics.Step(cloudOf(e.ID), engine.Graph.Resource(e.ID).Kind().Name, string(e.Verb), result)
		}
	}
}
