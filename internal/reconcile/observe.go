package reconcile

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"linkd/internal/resource"
)

// Observe sweeps all clouds at once. Strays come in the order of their kind
// and reference, so that two observations of the same clouds are the same.
func Observe(ctx context.Context, clouds []Cloud) (resource.World, []resource.Stray) {
	worlds := make([]resource.World, len(clouds))
	strays := make([][]resource.Stray, len(clouds))
	var sweeps sync.WaitGroup
	for i, cloud := range clouds {
		sweeps.Go(func() { worlds[i], strays[i] = cloud.Sweep(ctx) })
	}
	sweeps.Wait()

	world := resource.World{}
	for _, part := range worlds {
		world.Merge(part)
	}
	all := slices.Concat(strays...)
	slices.SortFunc(all, func(a, b resource.Stray) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Ref, b.Ref))
	})
	return world, all
}

// diff compares one resource with the world. A resource that stands, but
// whose wanted state cannot be told yet because something that it needs is
// missing, is blocked; that it is not ours can be told all the same.
func diff(r resource.Resource, world resource.World) []resource.Drift {
	live := world[r.ID()]
	want, err := r.Want(view(r, world))
	strange := want.Owner != "" && live.Owner != want.Owner
	if err == nil || live.Phase <= resource.Failed || strange {
		return resource.Diff(r.ID(), r.Kind(), want, live)
	}
	return []resource.Drift{{
		ID: r.ID(), Kind: r.Kind().Name, Class: resource.Blocked, Fix: resource.ByHand,
		Breaks: r.Kind().Breaks, Why: err.Error(),
	}}
}
