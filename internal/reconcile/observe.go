package reconcile

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"linkd/internal/resource"
)

// Observe sweeps all clouds at once. Strays come in the order of their kind
// and reference, so that two observations of the same clouds are the same.
func Observe(ctx context.Context, clouds []Cloud) (resource.World, []resource.Stray) {
	worlds := make([]resource.World, len(clouds))
	strays := make([][]resource.Stray, len(clouds))
	var sweeps sync.WaitGroup
	for i, cloud := range clouds {
		sweeps.Go(func() {
			defer func() {
				if cause := recover(); cause != nil {
					worlds[i], strays[i] = unseen(cloud, cause), nil
				}
			}()
			worlds[i], strays[i] = cloud.Sweep(ctx)
		})
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

// ObserveOwn is [Observe] that takes nothing for missing in a foreign account: where
// something is absent that stands on nothing else, the cloud is asked whether its account is
// the file's, by [Cloud.Check]. While it is not, or does not say, nothing of it is known to be
// absent. Nothing more is asked while all of that stands.
func ObserveOwn(ctx context.Context, clouds []Cloud) (resource.World, []resource.Stray) {
	world, strays := Observe(ctx, clouds)
	for _, cloud := range clouds {
		var roots []resource.ID
		for _, r := range cloud.Resources() {
			if len(r.Needs()) == 0 && world[r.ID()].Phase == resource.Absent {
				roots = append(roots, r.ID())
			}
		}
		if len(roots) == 0 {
			continue
		}
		if err := cloud.Check(ctx, roots...); err != nil {
			for _, r := range cloud.Resources() {
				if live := world[r.ID()]; live.Phase == resource.Absent {
					world[r.ID()] = resource.Live{Why: err.Error(), AsOf: live.AsOf}
				}
			}
		}
	}
	return world, strays
}

// unseen is the world of a cloud of which a panic let nothing be learned.
func unseen(cloud Cloud, cause any) resource.World {
	world := resource.World{}
	for _, r := range cloud.Resources() {
		world[r.ID()] = resource.DefectOf(cause, time.Now())
	}
	return world
}

// ObserveTunnels asks all clouds at once for the status of the tunnels alone.
func ObserveTunnels(ctx context.Context, clouds []Cloud) resource.World {
	worlds := make([]resource.World, len(clouds))
	var sweeps sync.WaitGroup
	for i, cloud := range clouds {
		sweeps.Go(func() {
			defer func() {
				if cause := recover(); cause != nil {
					worlds[i] = unseen(cloud, cause)
				}
			}()
			worlds[i] = cloud.SweepTunnels(ctx)
		})
	}
	sweeps.Wait()
	world := resource.World{}
	for _, part := range worlds {
		world.Merge(part)
	}
	return world
}

// Wanted asks a resource what the file wants of it. A panic in it is an error
// of this one resource.
func Wanted(r resource.Resource, world resource.World) (want resource.Spec, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			want, err = resource.Spec{}, resource.WithHint(errors.New(resource.DefectOf(cause, time.Now()).Why), "report it, with the file and the lines of the log around it")
		}
	}()
	return r.Want(view(r, world))
}

// diff compares one resource with the world. A resource that stands, but
// whose wanted state cannot be told yet because something that it needs is
// missing, is blocked; that it is not ours can be told all the same.
// A panic in it makes this one resource unseen.
func diff(r resource.Resource, world resource.World) (drifts []resource.Drift) {
	defer func() {
		if cause := recover(); cause != nil {
			drifts = resource.Diff(r.ID(), r.Kind(), resource.Spec{}, resource.DefectOf(cause, time.Now()))
		}
	}()
	live := world[r.ID()]
	want, err := r.Want(view(r, world))
	if drifts, told := resource.Compare(r.ID(), r.Kind(), want, err, live); told {
		return drifts
	}
	if strange := want.Owner != "" && live.Owner != want.Owner; live.Phase <= resource.Failed || strange {
		return resource.Diff(r.ID(), r.Kind(), want, live)
	}
	return []resource.Drift{{
		ID: r.ID(), Kind: r.Kind().Name, Class: resource.Blocked, Fix: resource.ByHand, Why: err.Error(), // it may be well: nobody knows
	}}
}
