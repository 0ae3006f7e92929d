package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Former is a cloud that can take back what linkd made for the file as it was
// before: of a link with fewer connections than it had, the connection that is left
// over.
type Former interface {
	// Former is the resource that carries an id tag of ours and that the file no
	// longer has, or nil when it is none that is taken back.
	Former(resource.ID) resource.Resource
}

// former is what the stray is in one of the clouds, or nil.
func (e *Engine) former(stray resource.Stray) resource.Resource {
	for _, cloud := range e.Clouds {
		if f, can := cloud.(Former); can && stray.Class == resource.Orphan {
			if r := f.Former(stray.ID); r != nil && r.Kind().Name == stray.Kind {
				return r
			}
		}
	}
	return nil
}

// planRetires takes out of the strays of a plan those that policy lets be deleted,
// what others stand on last. What a difference that the plan holds leads to is held too.
func (e *Engine) planRetires(plan *Plan, at Circumstances) {
	var held []Decided
	for _, step := range plan.Steps {
		held = append(held, slices.DeleteFunc(slices.Clone(step.Drifts), func(d Decided) bool { return d.Action == desired.Repair })...)
	}
	plan.removable = map[string]bool{}
	plan.Strays = slices.DeleteFunc(slices.Clone(plan.Strays), func(stray resource.Stray) bool {
		r := e.former(stray)
		if r == nil {
			return false
		}
		drift := resource.Drift{ID: stray.ID, Kind: stray.Kind, Class: resource.Orphan, Fix: resource.InPlace, Breaks: "nothing: the file does not have it any more"}
		decided := at.decide(e.File, []resource.Drift{drift})
		if len(decided) == 0 || decided[0].Action != desired.Repair {
			plan.removable[stray.Ref] = true
			return false
		}
		retire := Retire{Step: Step{ID: stray.ID, Verb: Remove, Drifts: decided, Takes: r.Kind().Takes.Delete.Typical}, stray: stray}
		if why := e.Graph.leading(stray, held); why != "" {
			retire.hold(HeldOrder, why)
		}
		plan.Retires = append(plan.Retires, retire)
		return true
	})
	slices.SortStableFunc(plan.Retires, func(a, b Retire) int {
		switch {
		case slices.Contains(a.stray.On, b.stray.Ref):
			return -1
		case slices.Contains(b.stray.On, a.stray.Ref):
			return 1
		}
		return 0
	})
	if most := e.File.Policy.Limits.Deletes; most > 0 && plan.deletes() > most && plan.Refused == "" {
		plan.Refused = fmt.Sprintf("it would make %d deletes, and the file's limit is %d", plan.deletes(), most)
		plan.markRefused()
	}
}

// deletes counts the deletions of what the file no longer has that are not held.
func (p *Plan) deletes() int {
	count := 0
	for _, retire := range p.Retires {
		if retire.Verb == Remove {
			count++
		}
	}
	return count
}

// leading says which of the differences that stay leads to something that the file no
// longer has, or "".
func (g *Graph) leading(stray resource.Stray, stay []Decided) string {
	name := string(stray.ID)[strings.LastIndexByte(string(stray.ID), '/')+1:] + "-"
	for _, d := range stay {
		leads := d.Class == resource.Differs && g.resources[d.ID].Kind().Shared
		dials := d.Class == resource.Extra && slices.ContainsFunc(d.Have, func(member string) bool { return strings.HasPrefix(member, name) })
		if leads || dials {
			return fmt.Sprintf("%s may still lead to it: %s", d.ID, d.Describe())
		}
	}
	return ""
}

// Retire is the deletion of something that the file no longer has.
type Retire struct {
	Step
	stray resource.Stray
}

// retire deletes, once all else is as it should be, what the file no longer has
// and nothing leads to any more.
func (w *walk) retire(ctx context.Context, plan Plan, report *Report) {
	for _, retire := range plan.Retires {
		r := w.former(retire.stray)
		c := &remove{
			converge: converge{walk: w, Resource: r, began: time.Now(), verb: Remove},
			plan:     retire.Step, want: resource.Spec{Owner: retire.stray.Owner}, ref: retire.stray.Ref,
		}
		var outcome Outcome
		why := retire.Drifts[0].Because
		if retire.Verb != Hold {
			why = w.stillUsed(ctx, retire.stray, *report)
		}
		if why != "" {
			outcome = c.end(HeldBy, why, nil)
		} else {
			outcome = c.node(ctx, nil)
		}
		w.board.end(outcome)
		report.Outcomes = append(report.Outcomes, outcome)
	}
}

// stillUsed says why something must not go yet, or "": the walk has not come to
// its end, something may still lead to it, or a link would be left without a pair
// that is known to be up.
func (w *walk) stillUsed(ctx context.Context, stray resource.Stray, report Report) string {
	if bad := append(report.Failures(), report.Skips()...); len(bad) > 0 {
		return fmt.Sprintf("%s did not come to its end, and may still use it", bad[0].ID)
	}
	if why := w.Graph.leading(stray, report.Left); why != "" {
		return why
	}
	world := ObserveTunnels(ctx, w.Clouds)
	for _, link := range w.File.Links {
		if !slices.ContainsFunc(link.Tunnels(), func(t desired.Tunnel) bool { return StatusOf(t, world) == PairLive }) {
			return fmt.Sprintf("no tunnel of %s is known to be up, and it may carry", link.Name)
		}
	}
	return ""
}
