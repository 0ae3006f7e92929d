package daemon

import (
	"slices"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/metrics"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/rotate"
)

// keysOf tells how old the keys of the links are that were seen, of those whose
// keys linkd or AWS makes.
func keysOf(file *desired.File, world resource.World) []metrics.Keys {
	var all []metrics.Keys
	for _, link := range file.Links {
		ages := rotate.Ages(link, world)
		if len(ages) == 0 {
			continue
		}
		keys := metrics.Keys{Link: link.Name, RotateEvery: time.Duration(link.Keys.RotateEvery)}
		for _, age := range ages {
			keys.Tunnels = append(keys.Tunnels, metrics.TunnelKey{Name: age.Name(), Set: age.Set})
		}
		all = append(all, keys)
	}
	return all
}

// keyAges are the ages of all keys, by their tunnels.
func keyAges(file *desired.File, world resource.World) map[desired.Tunnel]rotate.Age {
	ages := map[desired.Tunnel]rotate.Age{}
	for _, link := range file.Links {
		for _, age := range rotate.Ages(link, world) {
			ages[age.Tunnel] = age
		}
	}
	return ages
}

// rotations tell how new keys stand, of the links of which there is something to
// tell.
func (d *Daemon) rotations(now time.Time) []control.Rotation {
	all := []control.Rotation{}
	for _, link := range d.current.file.Links {
		told, known := d.keys.tell(link, d.saw.World, now)
		if known {
			all = append(all, told)
		}
	}
	return all
}

// settling tells of a link whose rotation has ended well that a world may still show its note
// as it was before.
func (k *keys) settling(link desired.Link, world resource.World) bool {
	known := k.link(link.Name)
	return known.problem == "" && slices.ContainsFunc(link.Instances(), func(instance int) bool {
		return world[desired.AWSConnectionID(link.Name, instance)].AsOf.Before(known.notBefore)
	})
}

// tell tells how new keys stand for a link, and whether there is anything to tell.
func (k *keys) tell(link desired.Link, world resource.World, now time.Time) (told control.Rotation, known bool) {
	told = control.Rotation{Link: link.Name, Due: len(rotate.Due(link, world, now)) > 0, Unfinished: !link.Keys.Given() && rotate.Unfinished(link, world) && !k.settling(link, world)}
	for _, age := range rotate.Ages(link, world) {
		if !told.Due && !age.Due.IsZero() && (told.Next.IsZero() || age.Due.Before(told.Next)) {
			told.Next = age.Due
		}
	}
	scheduled := link.Keys.RotateEvery > 0 && !link.Keys.Given()
	told.Scheduled = scheduled
	for _, t := range rotate.Apart(link, world) {
		told.Apart = append(told.Apart, t.Name())
	}
	if r := k.rotation; r != nil && r.link == link.Name {
		told.Running, told.Since, told.Doing = true, r.since, r.waits
		if r.turn != nil {
			told.Tunnel, told.Doing = r.turn.Name(), r.turn.What.Text()
		}
		return told, true
	}
	schedule := k.link(link.Name)
	if (told.Due || told.Unfinished) && scheduled {
		if held := schedule.held; held.Held != reconcile.NotHeld {
			told.Tunnel, told.Held, told.Because = held.Name(), string(held.Held), held.Text
		}
		told.Problem, told.Again = schedule.problem, schedule.notBefore
	}
	return told, scheduled || told.Unfinished
}
