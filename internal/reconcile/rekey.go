package reconcile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// rekeyed is a resource of which more is wanted than the file says: new
// secrets, and facts that its Apply is to note with them.
type rekeyed struct {
	resource.Resource
	secrets resource.Secrets
	facts   resource.Attrs
}

// Want implements [resource.Resource].
func (r rekeyed) Want(world resource.World) (resource.Spec, error) {
	want, err := r.Resource.Want(world)
	want.Attrs, want.Secrets = maps.Clone(want.Attrs), maps.Clone(want.Secrets)
	if want.Attrs == nil {
		want.Attrs = resource.Attrs{}
	}
	if want.Secrets == nil {
		want.Secrets = resource.Secrets{}
	}
	maps.Copy(want.Attrs, r.facts)
	maps.Copy(want.Secrets, r.secrets)
	return want, err
}

// Rekeyed is this engine with other secrets wanted of one resource. Both share
// what they remember of the pairs that they interrupt.
func (e *Engine) Rekeyed(id resource.ID, secrets resource.Secrets, facts resource.Attrs) (*Engine, error) {
	var resources []resource.Resource
	for _, other := range e.Graph.Order() {
		r := e.Graph.Resource(other)
		if other == id {
			r = rekeyed{Resource: r, secrets: secrets, facts: facts}
		}
		resources = append(resources, r)
	}
	graph, err := NewGraph(resources)
	if err != nil {
		return nil, err
	}
	next := *e
	next.Graph = graph
	return &next, nil
}

// AwaitSettled observes until no operation runs on some resources, whoever began
// it, and returns the world that it saw then. It gives up after longer than any
// operation on a tunnel takes; the world says what still runs.
func (e *Engine) AwaitSettled(ctx context.Context, ids ...resource.ID) (resource.World, error) {
	w := &walk{Engine: e}
	began, limit := time.Now(), 4*leastWait
	for {
		world, _ := Observe(ctx, e.Clouds)
		busy := slices.ContainsFunc(ids, func(id resource.ID) bool {
			phase := world[id].Phase
			return phase == resource.Pending || phase == resource.Created || phase == resource.Deleting
		})
		if !busy || w.scaled(time.Since(began)) > limit {
			return world, nil
		}
		if err := sleep(ctx, overdue, e.Scale); err != nil {
			return nil, err
		}
	}
}

// Doubt has a pair count as interrupted from now on, unless this engine knows
// when it was: somebody has changed it a while ago that nobody can tell, and what a
// cloud shows of it may be older than that.
func (e *Engine) Doubt(t desired.Tunnel, world resource.World) error {
	if _, known := e.cuts.last(t); known {
		return nil
	}
	cut := cutAt{at: time.Now(), lastChange: world[desired.AWSTunnelID(t)].Attrs["last_change"].One()}
	_, err := e.cuts.take(map[desired.Tunnel]cutAt{t: cut}, nil, cut.at)
	return err
}

// AwaitUp waits until both clouds show a pair up that was interrupted, and what
// they show is surely of after that: AWS has seen it change, or has had the
// time to. It gives up when that takes longer than any tunnel does.
func (e *Engine) AwaitUp(ctx context.Context, t desired.Tunnel) error {
	w := &walk{Engine: e}
	began, limit := time.Now(), leastWait+telemetryLag
	for {
		world := ObserveTunnels(ctx, e.Clouds)
		if StatusOf(t, world) == PairLive && w.isBack(t, world) {
			return nil
		}
		if w.scaled(time.Since(began)) > limit {
			return resource.WithHint(
				fmt.Errorf("cannot see %s up in both clouds, %s after it was interrupted: Azure shows it %s, AWS %s", t.Name(), limit,
					shownAs(world[desired.AzureTunnelID(t)]), shownAs(world[desired.AWSTunnelID(t)])),
				"linkd verify names what is wrong with it; the same command then goes on")
		}
		if err := sleep(ctx, overdue, e.Scale); err != nil {
			return err
		}
	}
}

// shownAs is how a cloud shows a tunnel.
func shownAs(live resource.Live) string {
	switch status := live.Attrs["status"].One(); {
	case status != "":
		return status
	case live.Why != "":
		return "unknown: " + live.Why
	}
	return live.Phase.String()
}

// Ended is the first error among the outcomes of some resources, or nil: what
// failed, and what was skipped because of that. That something else of a
// resource is held is none.
func (r Report) Ended(ids ...resource.ID) error {
	for _, outcome := range r.Outcomes {
		for _, id := range ids {
			if outcome.ID != id || outcome.What != Broken && outcome.What != Skipped {
				continue
			}
			if outcome.Err != nil {
				return outcome.Err
			}
			return errors.New(string(id) + " was skipped: " + outcome.Text)
		}
	}
	return nil
}
