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

// PlanDestroy observes both clouds and plans the removal of everything that
// the file describes and that carries our tag, dependents first. What is the
// user's, what is adopted and what carries no tag of ours is held, and so is
// what any of these, or something that the file does not know, stands on.
func (e *Engine) PlanDestroy(ctx context.Context) (Plan, resource.World) {
	world, strays := Observe(ctx, e.Clouds)
	plan := Plan{Strays: strays}
	staying := map[resource.ID]Verb{}
	for _, id := range slices.Backward(e.Graph.Order()) {
		r, live := e.Graph.Resource(id), world[id]
		if r.Kind().Given || live.Phase == resource.Absent && !e.mayAppear(r) {
			plan.AsDesired++
			continue
		}
		step := e.removal(r, world)
		if len(step.Drifts) == 0 {
			plan.AsDesired++
			continue
		}
		if why := e.inUse(id, live, staying, strays); why != "" && step.Verb == Remove {
			step = held(step, why)
		}
		if step.Verb != Remove {
			staying[id] = step.Verb
		}
		plan.Steps = append(plan.Steps, step)
	}
	return plan, world
}

// removal is the step that removes one resource, or says why it stays. It has
// no drifts when there is nothing to remove.
func (e *Engine) removal(r resource.Resource, world resource.World) Step {
	kind, live := r.Kind(), world[r.ID()]
	step := Step{ID: r.ID(), Verb: Remove, Takes: kind.Takes.Delete.Typical, Effect: kind.Deleted}
	drift := resource.Drift{ID: r.ID(), Kind: kind.Name, Class: resource.Orphan, Fix: resource.ByHand, Why: live.Why}
	step.Drifts = []Decided{{Drift: drift, Action: desired.Repair}}
	want, err := r.Want(view(r, world)) // the owner is told whatever else is not known
	on, strange := e.Graph.strange(r, world)
	switch {
	case live.Phase == resource.Absent:
		step = held(step, "linkd asked for it a moment ago, and it may not be listed yet: destroy again in some minutes")
		step.Verb, step.Drifts[0].Class = Unclear, resource.Unseen
	case live.Phase == resource.Unknown:
		step = held(step, live.Why)
		step.Verb, step.Drifts[0].Class = Unclear, resource.Unseen
	case want.Owner != "" && live.Owner != want.Owner:
		step = held(step, notOurs(live))
		step.Drifts[0].Class = resource.Unowned
	case kind.Shared && empty(kind, live), kind.Shared && err != nil && want.Owner != "":
		step.Drifts = nil // there is nothing in it, or it goes with what it is part of
	case err != nil && (kind.Shared || want.Owner == ""):
		step = held(step, "it cannot be told what of it is linkd's: "+err.Error())
	case kind.Shared && strange:
		step = held(step, fmt.Sprintf("%s is not linkd's, and what leads to it may not be either", on))
	case kind.Shared:
		step.Drifts = members(r, want, live)
	case want.Owner == "":
		step = held(step, "the file adopted it; it is not ours to delete")
		step.Drifts[0].Class = resource.Unowned
	}
	return step
}

// mayAppear reports whether a create was sent so short a while ago, and never
// seen to its end, that what it made may not be listed yet.
func (e *Engine) mayAppear(r resource.Resource) bool {
	at, open := e.Intents.Sent(r.ID())
	return open && time.Duration(float64(time.Since(at))*e.Scale) < r.Kind().Doubt
}

// held turns a removal into what says why there is none.
func held(step Step, why string) Step {
	step.Verb, step.Takes, step.Effect = Hold, 0, ""
	drift := resource.Drift{ID: step.ID, Kind: step.Drifts[0].Kind, Class: resource.Blocked, Fix: resource.ByHand}
	step.Drifts = []Decided{{Drift: drift, Action: desired.Report, Because: why}}
	return step
}

// notOurs says why what stands there is not ours to delete.
func notOurs(live resource.Live) string {
	switch {
	case live.Owner != "":
		return "its owner tag says " + live.Owner
	case live.NotOurs != "":
		return live.NotOurs
	}
	return "it has no owner tag of ours"
}

// inUse says what keeps a resource, or "": one that needs it and stays, or
// something in it that the file does not know and that would go with it.
func (e *Engine) inUse(id resource.ID, live resource.Live, staying map[resource.ID]Verb, strays []resource.Stray) string {
	for _, dependent := range e.Graph.users(id) {
		switch verb, stays := staying[dependent]; {
		case verb == Unclear:
			return fmt.Sprintf("%s needs it and could not be read", dependent)
		case stays:
			return fmt.Sprintf("%s stays and needs it", dependent)
		}
	}
	for _, stray := range strays {
		on := slices.ContainsFunc(stray.On, func(ref string) bool { return live.Ref != "" && strings.EqualFold(ref, live.Ref) })
		if on || inside(stray.Ref, live.Ref) {
			return fmt.Sprintf("%s is on it, which the file does not know: delete that first", stray.Ref)
		}
	}
	return ""
}

// inside reports whether a reference leads to a part of another. Azure does
// not mind the case of its ids.
func inside(part, whole string) bool {
	return whole != "" && len(part) > len(whole) && part[len(whole)] == '/' && strings.EqualFold(part[:len(whole)], whole)
}

// empty reports whether a shared table has no members that concern us.
func empty(kind *resource.Kind, live resource.Live) bool {
	return !slices.ContainsFunc(kind.Attrs, func(attr resource.Attr) bool { return attr.Members && len(live.Attrs[attr.Name]) > 0 })
}

// members are the members of a shared table that are there because the file
// wants them, or did before linkd changed its mind, as drifts that a destroy mends.
func members(r resource.Resource, want resource.Spec, live resource.Live) []Decided {
	var ours []Decided
	for _, attr := range r.Kind().Attrs {
		have := live.Attrs[attr.Name]
		both := have.Without(have.Without(want.Attrs[attr.Name].Union(want.Turning(attr.Name))))
		if attr.Members && len(both) > 0 {
			ours = append(ours, Decided{Action: desired.Repair, Drift: resource.Drift{
				ID: r.ID(), Kind: r.Kind().Name, Class: resource.Extra, Attr: attr.Name, Have: both,
				Fix: attr.Fix, Effect: attr.Effect,
			}})
		}
	}
	return ours
}
