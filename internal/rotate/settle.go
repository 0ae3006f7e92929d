package rotate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// A walk that was killed may have begun something that goes on: AWS takes minutes to
// change a tunnel. While a cloud is at that, nothing can be changed there, and AWS shows the
// key of before. A rotation waits until it has ended, and then reads anew how the keys stand.

// underWay says of the connections of a link what a cloud still does to them, those that
// show what stood before: one that is being deleted, or that has no keys yet, holds its turns.
func underWay(link desired.Link, world resource.World) map[resource.ID]string {
	all := map[resource.ID]string{}
	for _, instance := range link.Instances() {
		id := desired.AWSConnectionID(link.Name, instance)
		if live := world[id]; live.Phase == resource.Created {
			all[id] = fmt.Sprintf("AWS is still changing %s: %s%s", id, live.Why, since(noteOf(world, id)))
		}
	}
	id := desired.AzureConnectionID(link.Name)
	if live := world[id]; live.Phase == resource.Pending || live.Phase == resource.Created {
		all[id] = fmt.Sprintf("Azure is still changing %s: %s", id, live.Why)
	}
	return all
}

// since tells when linkd changed the last key of which it stands noted that it was not seen
// up: nothing else tells when AWS began. Without such a note it is nothing.
func since(note desired.KeyNote) string {
	var last time.Time
	for _, number := range note.Prove {
		if at := note.Set[number]; at.After(last) {
			last = at
		}
	}
	if last.IsZero() {
		return ""
	}
	return ", since a key of it was changed at " + last.UTC().Format(time.RFC3339)
}

// supposeEnded has a world say that what the clouds still do to the connections of a link
// has ended, and tells what that was. Azure shows no key meanwhile: it is supposed to have
// that of AWS.
func supposeEnded(link desired.Link, world resource.World) map[resource.ID]string {
	all := underWay(link, world)
	for id := range all {
		live := world[id]
		live.Phase, live.Secrets = resource.Ready, maps.Clone(live.Secrets)
		if live.Secrets == nil {
			live.Secrets = resource.Secrets{}
		}
		for _, t := range link.Tunnels() {
			if aws, azure := keysIn(t, world); id == desired.AzureConnectionID(link.Name) && azure.IsZero() {
				live.Secrets[azureKey(t)] = aws
			}
		}
		world[id] = live
	}
	return all
}

// waitsFor is what is still done to the connections of a pair, or "".
func waitsFor(t desired.Tunnel, under map[resource.ID]string) string {
	for _, id := range connectionsOf(t) {
		if text := under[id]; text != "" {
			return text
		}
	}
	return ""
}

// PlanSettled is [Rotator.Plan] once the clouds have ended what they do to the connections
// of the order's links. What takes longer than any change does holds its turns.
func (r *Rotator) PlanSettled(ctx context.Context, order Order) ([]Turn, error) {
	links, err := linksFor(r.Engine.File, order)
	if err != nil {
		return nil, err
	}
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	var world resource.World
	for _, link := range links {
		if world, err = r.settled(ctx, link); err != nil {
			return nil, err
		}
	}
	turns, err := r.planned(links, world, order)
	return waitedTooLong(turns), err
}

// settled observes once nothing runs on the connections of a link.
func (r *Rotator) settled(ctx context.Context, link desired.Link) (resource.World, error) {
	world, _ := reconcile.Observe(ctx, r.Engine.Clouds)
	ids := []resource.ID{desired.AzureConnectionID(link.Name)}
	for _, instance := range link.Instances() {
		ids = append(ids, desired.AWSConnectionID(link.Name, instance))
	}
	busy := slices.ContainsFunc(ids, func(id resource.ID) bool {
		return slices.Contains([]resource.Phase{resource.Deleting, resource.Pending, resource.Created}, world[id].Phase)
	})
	var err error
	if busy {
		if under := underWay(link, world); r.Waiting != nil && len(under) > 0 {
			r.Waiting(under[slices.Sorted(maps.Keys(under))[0]])
		}
		world, err = r.Engine.AwaitSettled(ctx, ids...)
	}
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return world, err
}

// waitedTooLong holds the turns for which a Run has waited in vain.
func waitedTooLong(turns []Turn) []Turn {
	for i := range turns {
		if turn := &turns[i]; turn.Waits != "" && turn.Held == reconcile.NotHeld {
			turn.Held, turn.Text = reconcile.HeldUnknown, turn.Waits+", which is longer than any change takes"
		}
	}
	return turns
}
