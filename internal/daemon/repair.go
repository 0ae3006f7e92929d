package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"linkd/internal/desired"
	"linkd/internal/journal"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// repair is one part of a plan under way.
type repair struct {
	since  time.Time
	writes map[resource.ID]bool
	// consent is that of the plan that it is a part of, or nil.
	consent *consent
	cancel  context.CancelCauseFunc
}

// consent is an approval and what of it is used up. The parts of one plan
// share it.
type consent struct {
	given approval
	plan  reconcile.Plan
	begun map[reconcile.Difference]bool // and not stopped
	kept  string                        // the digest by which the rest is still approved, or ""
}

// inFlight are the resources that repairs, a rotation of keys and a drill under way
// may write, or have written since the audit that runs began.
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
	maps.Copy(all, d.keys.rotation.touched())
	maps.Copy(all, d.drills.running.touched())
	return all
}

// begins starts each part of a plan by itself. An approval is used up by the
// plan that it names.
func (d *Daemon) begins(plan reconcile.Plan) {
	if plan.Refused != "" {
		return
	}
	parts := d.current.engine.Split(plan)
	used := d.useUp(plan, parts)
	for _, part := range parts {
		d.begin1(part, used)
	}
}

// useUp takes an approval for used as far as the parts go. What still waits,
// for a window or for another repair, stays approved.
func (d *Daemon) useUp(plan reconcile.Plan, parts []reconcile.Plan) *consent {
	if plan.Approved == "" {
		return nil
	}
	used := &consent{given: d.said.Approvals[plan.Approved], plan: plan, begun: map[reconcile.Difference]bool{}, kept: plan.Approved}
	for _, part := range parts {
		for _, drift := range toMend(part) {
			used.begun[reconcile.DifferenceOf(drift.Drift)] = true
		}
	}
	d.keepRest(used)
	return used
}

// keepRest lets what is not begun, or was stopped, stay approved, and nothing else.
func (d *Daemon) keepRest(used *consent) {
	rest, of := used.plan.ApprovedRest(used.begun)
	if rest == used.kept {
		return
	}
	delete(d.said.Approvals, used.kept)
	if rest != "" {
		used.given.Of = of
		d.said.Approvals[rest] = used.given
	}
	used.kept = rest
	d.keepSaid()
}

// begin1 starts one part, within the budget.
func (d *Daemon) begin1(part reconcile.Plan, used *consent) {
	d.round++
	number, engine, file, budget, world := d.round, d.current.engine, d.current.file, d.budget(), d.saw.World
	d.record(d.book.begin(file, toMend(part))...)
	ctx, cancel := context.WithCancelCause(d.current.ctx)
	d.repairs[number] = &repair{since: time.Now(), writes: engine.Writes(part), consent: used, cancel: cancel}
	d.running.Go(func() {
		defer cancel(nil)
		bounded, release := context.WithTimeoutCause(ctx, budget, errBudget)
		defer release()
		report, err := d.applied(bounded, engine, part, world)
		d.report(func() {
			d.repaired(file, number, part, report, err)
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
func (d *Daemon) repaired(file *desired.File, number uint64, part reconcile.Plan, report reconcile.Report, err error) {
	now, r := time.Now(), d.repairs[number]
	delete(d.repairs, number)
	maps.Copy(d.landed, r.writes)
	outcomes := map[resource.ID]reconcile.Outcome{}
	for _, outcome := range report.Outcomes {
		outcomes[outcome.ID] = outcome
	}
	left := map[reconcile.Difference]bool{}
	for _, decided := range report.Left {
		left[reconcile.DifferenceOf(decided.Drift)] = true
	}
	var entries []journal.Entry
	for _, drift := range toMend(part) {
		how, text := judgeEnd(outcomes[drift.ID], left[reconcile.DifferenceOf(drift.Drift)], err)
		entries = append(entries, d.book.end(file, []reconcile.Decided{drift}, how, text, now)...)
		if how == endedShort && r.consent != nil {
			delete(r.consent.begun, reconcile.DifferenceOf(drift.Drift))
		}
		if how != endedWell {
			d.Metrics.Repaired(map[ended]string{endedBadly: "failed", endedShort: "stopped"}[how])
		}
	}
	for i := range entries {
		entries[i].Round = number
	}
	d.record(entries...)
	if r.consent != nil {
		d.keepRest(r.consent)
	}
	d.again, d.survey.wanted = true, true
	d.publish()
}

// judgeEnd says how the repair of one difference ended.
func judgeEnd(outcome reconcile.Outcome, left bool, err error) (ended, string) {
	switch {
	case stoppedBy(err) && outcome.What != reconcile.Settled && outcome.What != reconcile.Broken:
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
			d.Metrics.Step(e.ID.Cloud(), engine.Graph.Resource(e.ID).Kind().Name, string(e.Verb), result)
		}
	}
}
