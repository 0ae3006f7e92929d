package metrics

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// Of makes the part of a snapshot that a look saw. It is pure. Resources that
// the world lacks are unknown. A plan of nil says that none was made yet, and
// then nothing is said of drifts.
func Of(file *desired.File, graph *reconcile.Graph, plan *reconcile.Plan, world resource.World) Snapshot {
	snapshot := Snapshot{
		Resources: resourcesOf(graph, world), Observed: observedOf(graph, world),
		Tunnels: tunnelsOf(file, world), Routes: routesOf(file, graph, world),
		Budget: time.Duration(file.Schedule.Budget),
	}
	snapshot.Links = linksOf(file, snapshot.Tunnels)
	if plan != nil {
		snapshot.Judged, snapshot.AsDesired, snapshot.Refused = true, plan.AsDesired, plan.Refused != ""
		snapshot.Drifts, snapshot.Strays = driftsOf(file, *plan), straysOf(*plan)
		snapshot.Approvals = len(plan.Waiting())
	}
	return snapshot
}

// driftsOf counts the drifts of a plan by what their series are labelled by.
func driftsOf(file *desired.File, plan reconcile.Plan) []Drifts {
	counts := map[Drifts]int{}
	for _, step := range plan.Steps {
		link := file.LinkOf(step.ID)
		for _, d := range step.Drifts {
			counts[Drifts{Key: d.Key(), Link: link, Decision: string(d.Action), Held: string(d.Held)}]++
		}
	}
	return counted(counts, func(d Drifts, count int) Drifts {
		d.Count = count
		return d
	}, func(a, b Drifts) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Link, b.Link), cmp.Compare(a.Decision, b.Decision), cmp.Compare(a.Held, b.Held))
	})
}

func straysOf(plan reconcile.Plan) []Strays {
	counts := map[Strays]int{}
	for _, stray := range plan.Strays {
		counts[Strays{Kind: stray.Kind, Class: string(stray.Class)}]++
	}
	return counted(counts, func(s Strays, count int) Strays {
		s.Count = count
		return s
	}, func(a, b Strays) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Class, b.Class)) })
}

// counted turns counts into a sorted list.
func counted[T comparable](counts map[T]int, with func(T, int) T, compare func(a, b T) int) []T {
	var list []T
	for _, key := range slices.SortedFunc(maps.Keys(counts), compare) {
		list = append(list, with(key, counts[key]))
	}
	return list
}

// phases are all phases, from Unknown to Ready.
func phases() []resource.Phase {
	var all []resource.Phase
	for p := resource.Unknown; p <= resource.Ready; p++ {
		all = append(all, p)
	}
	return all
}

// resourcesOf counts the resources of each kind in each phase.
func resourcesOf(graph *reconcile.Graph, world resource.World) []Resources {
	counts := map[string]map[resource.Phase]int{}
	for _, id := range graph.Order() {
		kind := kindOf(id)
		if counts[kind] == nil {
			counts[kind] = map[resource.Phase]int{}
		}
		counts[kind][world[id].Phase]++
	}
	var list []Resources
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		for _, phase := range phases() {
			list = append(list, Resources{Cloud: resource.ID(kind).Cloud(), Kind: kind, Phase: phase.String(), Count: counts[kind][phase]})
		}
	}
	return list
}

// observedOf finds the oldest observation of each kind.
func observedOf(graph *reconcile.Graph, world resource.World) []Observed {
	oldest := map[string]time.Time{}
	for _, id := range graph.Order() {
		kind, at := kindOf(id), world[id].AsOf
		if before, seen := oldest[kind]; !at.IsZero() && (!seen || at.Before(before)) {
			oldest[kind] = at
		}
	}
	var list []Observed
	for _, kind := range slices.Sorted(maps.Keys(oldest)) {
		list = append(list, Observed{Cloud: resource.ID(kind).Cloud(), Kind: kind, Oldest: oldest[kind]})
	}
	return list
}

// tunnelsOf tells of each expected pair what both clouds say.
func tunnelsOf(file *desired.File, world resource.World) []Tunnel {
	var list []Tunnel
	for _, t := range file.Tunnels() {
		list = append(list, Tunnel{
			Link: t.Link, Name: t.Name(),
			Azure: StatusOf(world[desired.AzureTunnelID(t)]), AWS: StatusOf(world[desired.AWSTunnelID(t)]),
		})
	}
	return list
}

// StatusOf is what a cloud says of a tunnel: up, down or unknown. What it does not
// tell yet is unknown, and what it says is not there is down.
func StatusOf(live resource.Live) string {
	status, told := live.Attrs["status"]
	switch {
	case live.Phase == resource.Unknown:
		return unknown
	case told && status.One() == up:
		return up
	case !told && live.Phase >= resource.Pending:
		return unknown
	}
	return down
}

// linksOf counts the pairs of each link.
func linksOf(file *desired.File, tunnels []Tunnel) []Link {
	live := map[string]int{}
	for _, t := range tunnels {
		if t.Azure == up && t.AWS == up {
			live[t.Link]++
		}
	}
	var list []Link
	for _, link := range file.Links {
		list = append(list, Link{Name: link.Name, Expected: len(link.Tunnels()), Live: live[link.Name]})
	}
	return list
}

// kindOf is the kind of a resource by its id: "azure/vpn-site/tokyo" is an
// azure/vpn-site.
func kindOf(id resource.ID) string {
	parts := strings.SplitN(string(id), "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}
