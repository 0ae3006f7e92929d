package reconcile

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// After is the world as the plan means to leave it: what it mends is as the
// file wants it, what it holds stays as it is, and what comes by itself has
// come unless something that it needs is held. A fact that a cloud will only tell
// is called by what it will be of. It is a guess for people, and nothing is
// written by it.
func After(g *Graph, file *desired.File, world resource.World, plan Plan) resource.World {
	a := aftermath{Graph: g, file: file, plan: plan, before: world, world: maps.Clone(world), steps: map[resource.ID]Step{}}
	var moving, held []resource.ID
	for _, step := range plan.Steps {
		a.steps[step.ID] = step
		switch {
		case step.Verb.Writes() || step.Verb == Await && !g.resources[step.ID].Kind().Given:
			moving = append(moving, step.ID)
		case step.Verb != Await && slices.ContainsFunc(step.Drifts, comes):
			held = append(held, step.ID)
		}
	}
	if plan.Refused != "" || len(moving) == 0 {
		return a.world
	}
	a.moves, a.stays = g.downstream(moving), g.downstream(held)
	for _, id := range g.order {
		a.leave(g.resources[id])
	}
	return a.world
}

type aftermath struct {
	*Graph
	file         *desired.File
	plan         Plan
	before       resource.World
	world        resource.World
	steps        map[resource.ID]Step
	moves, stays map[resource.ID]bool
}

// leave makes of one resource what the plan means to leave.
func (a *aftermath) leave(r resource.Resource) {
	id, kind := r.ID(), r.Kind()
	step, planned := a.steps[id]
	switch {
	case !a.moves[id], step.Verb == Hold, step.Verb == Unclear, step.Verb == Remove:
		return
	case kind.Given && (!planned || a.stays[id]):
		return
	}
	if step.Verb == Renew { // what it is made of is not asked of the one that goes
		before := a.world[id]
		a.world[id] = resource.Live{Phase: resource.Absent, Secrets: before.Secrets}
	}
	want, err := a.wanted(r)
	if _, partly := errors.AsType[resource.Partly](err); err != nil && !partly {
		a.world[id] = a.before[id]
		return
	}
	live := a.world[id]
	target := want
	switch {
	case kind.Given || step.Verb == Renew || live.Phase == resource.Absent:
		live = resource.Live{Ref: string(id), Owner: want.Owner, Attrs: resource.Attrs{}, Secrets: live.Secrets}
	case live.Phase == resource.Ready || live.Phase == resource.Failed:
		target = resource.Target(kind, want, live, a.mended(r, step, want))
	}
	attrs := maps.Clone(live.Attrs)
	if attrs == nil {
		attrs = resource.Attrs{}
	}
	maps.Copy(attrs, target.Attrs)
	live.Attrs, live.Phase, live.Why, live.AsOf = attrs, resource.Ready, "", time.Now()
	live.Ref = cmp.Or(live.Ref, string(id))
	a.world[id] = live
}

// mended are the drifts of a resource that the plan mends: as it says, or, of
// what could not be told yet, as policy says once it can.
func (a *aftermath) mended(r resource.Resource, step Step, want resource.Spec) []resource.Drift {
	decided := step.Drifts
	if step.Verb != Update || step.blocked() {
		decided = a.plan.at.decide(a.file, resource.Diff(r.ID(), r.Kind(), want, a.world[r.ID()]))
	}
	var mended []resource.Drift
	for _, d := range decided {
		if d.Action == desired.Repair {
			mended = append(mended, d.Drift)
		}
	}
	return mended
}

// mostFacts is how many facts one resource may wait for.
const mostFacts = 64

// wanted asks a resource what the file wants of it, and gives each fact that
// is to come the name of what it will be of.
func (a *aftermath) wanted(r resource.Resource) (resource.Spec, error) {
	for range mostFacts {
		want, err := Wanted(r, a.world)
		missing, early := errors.AsType[resource.NotYet](err)
		if !early || !a.moves[missing.Need] || a.world[missing.Need].Phase < resource.Created {
			return want, err
		}
		a.name(missing)
	}
	return resource.Spec{}, errors.New("it waits for more facts than there are")
}

// name puts a name in the place of a fact that is to come.
func (a *aftermath) name(fact resource.NotYet) {
	live := a.world[fact.Need]
	if fact.What == "" {
		live.Ref = cmp.Or(live.Ref, string(fact.Need))
		a.world[fact.Need] = live
		return
	}
	name := fact.What + "-of-" + string(fact.Need)
	live.Attrs, live.Secrets = maps.Clone(live.Attrs), maps.Clone(live.Secrets)
	if live.Attrs == nil {
		live.Attrs = resource.Attrs{}
	}
	if live.Secrets == nil {
		live.Secrets = resource.Secrets{}
	}
	live.Attrs[fact.What] = resource.Of(name)
	live.Secrets[fact.What] = resource.NewSecret(name)
	a.world[fact.Need] = live
}
