package reconcile

import (
	"context"
	"slices"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// A plan that a person has agreed to may hold something until the rest is done:
// of two connections of a link one is made anew at a time. Whoever carries out the
// plan goes on with that in further rounds, each a plan and a walk of its own, as a
// daemon does after each audit; a link that is left between two of them may carry less
// than before the first.

// MostRounds is how many walks one consent is good for. A move of a link takes
// three.
const MostRounds = 6

// Further is what can be done next of a plan that was shown and agreed to, after the
// walk of the last plan has come to its end, and whether there is anything. It looks at
// the clouds only when something was held for its order, or stood still because it came
// late, and the walk has written and met nothing that failed.
//
// The consent is of what the shown plan named, and of what goes with it: further rounds
// mend only that, and what stands on it, or it on, as far as that interrupts no tunnel. All
// else that differs by now waits for another plan.
func (e *Engine) Further(ctx context.Context, shown, last Plan, report Report) (Plan, resource.World, bool) {
	if !goesOn(last, report) {
		return Plan{}, nil, false
	}
	world, strays := Observe(ctx, e.Clouds)
	if ctx.Err() != nil {
		return Plan{}, nil, false
	}
	at := e.circumstances()
	at.Consent.Of, at.Obstacles = e.agreed(shown, Compare(e.Graph, world, strays))
	plan := e.decide(world, strays, at)
	plan.Retires = slices.DeleteFunc(plan.Retires, func(r Retire) bool { return !shown.retires(r.ID) })
	return plan, world, plan.Refused == "" && len(plan.Writes())+len(plan.Retires) > 0
}

// goesOn tells whether a walk may have made more of its plan possible.
func goesOn(plan Plan, report Report) bool {
	wrote := slices.ContainsFunc(report.Outcomes, func(o Outcome) bool { return o.Wrote > 0 })
	if !wrote || len(report.Failures())+len(report.Skips()) > 0 {
		return false
	}
	ordered := slices.ContainsFunc(plan.Steps, func(step Step) bool { return slices.ContainsFunc(step.Drifts, waitsInOrder) })
	late := slices.ContainsFunc(report.Left, func(d Decided) bool { return d.Action == desired.Repair || waitsInOrder(d) })
	used := slices.ContainsFunc(report.Held(), func(o Outcome) bool { return plan.retires(o.ID) })
	return ordered || late || used
}

// waitsInOrder tells of a drift that it waits for others, and is mended after them.
func waitsInOrder(d Decided) bool { return d.Held == HeldOrder }

// retires tells whether the plan deletes something that the file no longer has.
func (p Plan) retires(id resource.ID) bool {
	return slices.ContainsFunc(p.Retires, func(r Retire) bool { return r.ID == id })
}

// agreed sorts what differs now by what a person agreed to who saw a plan: what that is,
// and what keeps the rest from being mended.
func (e *Engine) agreed(shown Plan, now Comparison) (map[Difference]bool, map[Difference]Obstacle) {
	named := map[Difference]bool{}
	var ids []resource.ID
	for _, step := range shown.Steps {
		ids = append(ids, step.ID)
		for _, d := range step.Drifts {
			named[DifferenceOf(d.Drift)] = true
		}
	}
	beside := e.Graph.downstream(ids)
	for _, id := range e.Graph.under(ids...) {
		beside[id] = true
	}
	obstacles := map[Difference]Obstacle{}
	for _, d := range now.Drifts() {
		switch difference := DifferenceOf(d); {
		case named[difference]:
		case beside[d.ID] && len(e.Graph.cut(e.File, now.World, d)) == 0:
			named[difference] = true
		default:
			obstacles[difference] = Obstacle{Held: HeldAside, Text: "it was not in the plan that was shown: apply again"}
		}
	}
	return named, obstacles
}

// And is the report of two walks, the second of which began where the first had come to
// its end: what the first held, and the second found as desired, is so.
func (r Report) And(plan Plan, next Report) Report {
	all := Report{Took: r.Took + next.Took, Left: next.Left}
	of := map[resource.ID]int{}
	for _, o := range r.Outcomes {
		differs := slices.ContainsFunc(plan.Steps, func(step Step) bool { return step.ID == o.ID })
		if o.What == HeldBy && !differs && !plan.retires(o.ID) {
			o.What, o.Text = Settled, ""
		}
		of[o.ID] = len(all.Outcomes)
		all.Outcomes = append(all.Outcomes, o)
	}
	for _, o := range next.Outcomes {
		if at, known := of[o.ID]; known {
			o.Wrote += all.Outcomes[at].Wrote
			all.Outcomes[at] = o
			continue
		}
		all.Outcomes = append(all.Outcomes, o)
	}
	return all
}
