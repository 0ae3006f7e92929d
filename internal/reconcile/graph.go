package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Graph holds the resources of both clouds and what needs what. It is made
// once from the file and does not change.
type Graph struct {
	order      []resource.ID // needs first; otherwise as the file has them
	resources  map[resource.ID]resource.Resource
	dependents map[resource.ID][]resource.ID
	heeders    map[resource.ID][]resource.ID
	remaining  map[resource.ID]time.Duration
}

// NewGraph joins the resources. It refuses an id that comes twice, a need of
// something that is not there, and needs that go in a circle.
func NewGraph(resources []resource.Resource) (*Graph, error) {
	g := &Graph{
		resources:  make(map[resource.ID]resource.Resource, len(resources)),
		dependents: make(map[resource.ID][]resource.ID, len(resources)),
		heeders:    map[resource.ID][]resource.ID{},
		remaining:  make(map[resource.ID]time.Duration, len(resources)),
	}
	for _, r := range resources {
		if _, twice := g.resources[r.ID()]; twice {
			return nil, fmt.Errorf("cannot order the resources: %s is there twice", r.ID())
		}
		g.resources[r.ID()] = r
	}
	for _, r := range resources {
		for _, need := range r.Needs() {
			if _, known := g.resources[need.On]; !known {
				return nil, fmt.Errorf("cannot order the resources: %s needs %s, which is not among them", r.ID(), need.On)
			}
			g.dependents[need.On] = append(g.dependents[need.On], r.ID())
		}
	}
	for _, r := range resources {
		if h, heeds := r.(resource.Heeder); heeds {
			for _, id := range h.Heeds() {
				g.heeders[id] = append(g.heeders[id], r.ID())
			}
		}
	}
	if err := g.sort(resources); err != nil {
		return nil, err
	}
	for _, id := range slices.Backward(g.order) {
		takes := g.resources[id].Kind().Takes
		g.remaining[id] = takes.Create.Typical + takes.Settle.Typical
		for _, dependent := range g.dependents[id] {
			g.remaining[id] = max(g.remaining[id], takes.Create.Typical+g.remaining[dependent])
		}
	}
	return g, nil
}

// sort brings needs before those who need them, and names a circle.
func (g *Graph) sort(resources []resource.Resource) error {
	const open, done = 1, 2
	mark := make(map[resource.ID]int, len(resources))
	var path []string
	var visit func(resource.ID) error
	visit = func(id resource.ID) error {
		switch mark[id] {
		case done:
			return nil
		case open:
			return fmt.Errorf("cannot order the resources: %s needs itself by way of %s", id, strings.Join(path, ", "))
		}
		mark[id] = open
		path = append(path, string(id))
		for _, need := range g.resources[id].Needs() {
			if err := visit(need.On); err != nil {
				return err
			}
		}
		path = path[:len(path)-1]
		mark[id] = done
		g.order = append(g.order, id)
		return nil
	}
	for _, r := range resources {
		if err := visit(r.ID()); err != nil {
			return err
		}
	}
	return nil
}

// Order lists the ids, needs first.
func (g *Graph) Order() []resource.ID { return g.order }

// Resource returns the resource id, or nil.
func (g *Graph) Resource(id resource.ID) resource.Resource { return g.resources[id] }

// Dependents lists those that need id directly.
func (g *Graph) Dependents(id resource.ID) []resource.ID { return g.dependents[id] }

// users lists those that need id or heed it: they may lead to it, and go before it.
func (g *Graph) users(id resource.ID) []resource.ID {
	return slices.Concat(g.dependents[id], g.heeders[id])
}

// view is the part of the world that a resource declared to need or to heed, and
// itself.
func view(r resource.Resource, world resource.World) resource.World {
	return world.Only(append(looksAt(r), r.ID())...)
}

// looksAt lists what a resource declared to need or to heed.
func looksAt(r resource.Resource) []resource.ID {
	var ids []resource.ID
	for _, need := range r.Needs() {
		ids = append(ids, need.On)
	}
	if h, heeds := r.(resource.Heeder); heeds {
		ids = append(ids, h.Heeds()...)
	}
	return ids
}

// needs are those of a resource that it cannot do without in a world.
func needs(r resource.Resource, world resource.World) []resource.Need {
	h, heeds := r.(resource.Heeder)
	if !heeds {
		return r.Needs()
	}
	spared := h.Spares(view(r, world))
	return slices.DeleteFunc(slices.Clone(r.Needs()), func(need resource.Need) bool { return slices.Contains(spared, need.On) })
}

// await holds, of what would be mended on a resource, what must wait for others as
// the world stands.
func await(r resource.Resource, world resource.World, decided []Decided) []Decided {
	w, waits := r.(resource.Waiter)
	if !waits || !slices.ContainsFunc(decided, mends) {
		return decided
	}
	reasons := w.Waits(world)
	for i := range decided {
		if why := reasons[rowOf(decided[i].Drift)]; why != "" && mends(decided[i]) {
			then := decided[i].Action
			decided[i].hold(HeldOrder, why)
			decided[i].Then = then
		}
	}
	return decided
}

// rowOf names what of a resource a drift is about: a row, or what is too much of it.
func rowOf(d resource.Drift) string {
	if d.Class == resource.Extra {
		return d.Attr + "." + string(resource.Extra)
	}
	return d.Attr
}

// mends tells of a drift that it is mended now, or once a person says so.
func mends(d Decided) bool { return d.Action == desired.Repair || d.Action == desired.Approve }

// under lists the given ids and everything that they need, directly or through
// others, needs first.
func (g *Graph) under(ids ...resource.ID) []resource.ID {
	var list []resource.ID
	reached := map[resource.ID]bool{}
	var visit func(resource.ID)
	visit = func(id resource.ID) {
		r := g.resources[id]
		if r == nil || reached[id] {
			return
		}
		reached[id] = true
		for _, need := range r.Needs() {
			visit(need.On)
		}
		list = append(list, id)
	}
	for _, id := range ids {
		visit(id)
	}
	return list
}

// downstream returns the given ids and everything that needs them, directly
// or through others.
func (g *Graph) downstream(ids []resource.ID) map[resource.ID]bool {
	reached := make(map[resource.ID]bool, len(ids))
	var visit func(resource.ID)
	visit = func(id resource.ID) {
		if reached[id] {
			return
		}
		reached[id] = true
		for _, dependent := range g.dependents[id] {
			visit(dependent)
		}
	}
	for _, id := range ids {
		visit(id)
	}
	return reached
}
