package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// guard is what a decision needs to know of traffic: which pairs are live, and
// which of them each repair would interrupt.
type guard struct {
	graph *Graph
	file  *desired.File
	world resource.World
	at    Circumstances
	// back reports whether a pair is back that a walk interrupted; nil: none was.
	back func(desired.Tunnel, resource.World) bool
}

// cutter is a repair that interrupts live pairs.
type cutter struct {
	*Decided
	cut []desired.Tunnel
}

// spareTraffic holds, of all that would be mended, what nobody consented to
// interrupt: the last live pair of a link, and anything at all while no
// maintenance window is open. Where one repair of a link must wait because it
// would take the last pair, everything that interrupts the link waits with it,
// for the change may be one that both clouds must make together.
func (g guard) spareTraffic(all [][]Decided) {
	byLink := map[string][]cutter{}
	for _, decided := range all {
		for i := range decided {
			d := &decided[i]
			if d.Action != desired.Repair || g.graph.resources[d.ID].Kind().Given {
				continue
			}
			cut := g.graph.cut(g.file, g.world, d.Drift)
			for _, link := range linksOf(cut) {
				byLink[link] = append(byLink[link], cutter{d, cut})
			}
		}
	}
	for _, link := range g.file.Links {
		g.spareLastPair(link, byLink[link.Name])
	}
	for _, decided := range all {
		g.keepToWindows(decided)
	}
}

// keepToWindows holds what interrupts traffic until a window opens. In a walk,
// what makes a pair whole that the walk has interrupted goes on.
func (g guard) keepToWindows(decided []Decided) {
	for i := range decided {
		g.keepToWindow(&decided[i])
	}
}

func (g guard) keepToWindow(d *Decided) {
	kind := g.graph.resources[d.ID].Kind()
	if g.at.Consent.Window && g.at.Consent.covers(d.Drift) || d.Action != desired.Repair || kind.Given {
		return
	}
	effect := g.graph.effect(d.Drift)
	network := effect == resource.OneNetwork && d.Class != resource.Missing
	cut := slices.DeleteFunc(g.graph.cut(g.file, g.world, d.Drift), func(t desired.Tunnel) bool {
		return g.back != nil && !g.back(t, g.world)
	})
	if !network && len(cut) == 0 {
		return
	}
	open, next := g.file.WindowAt(g.at.Now)
	if open {
		return
	}
	d.hold(HeldWindow, "it interrupts traffic, and the next maintenance window opens at "+next.Format(time.RFC3339))
}

// spareLastPair holds the repairs of a link that would leave it without any
// live pair that carries, and those that go with them.
func (g guard) spareLastPair(link desired.Link, cutters []cutter) {
	live := slices.DeleteFunc(link.Tunnels(), func(t desired.Tunnel) bool { return StatusOf(t, g.world) != PairLive })
	fatal := slices.ContainsFunc(cutters, func(c cutter) bool {
		return c.Action == desired.Repair && !g.mayCutLast(c.Drift) && !leaves(live, c.cut, link, g.world)
	})
	if !fatal {
		return
	}
	for _, c := range cutters {
		if c.Action == desired.Repair && !g.mayCutLast(c.Drift) {
			c.hold(HeldLastPair, fmt.Sprintf("it would interrupt %s, and %s: approve it, or let its rule say may_cut_last_tunnel", nameAll(c.cut), alone(live, c.cut, link, g.world)))
			c.Action = desired.Approve
		}
	}
}

func (g guard) mayCutLast(d resource.Drift) bool {
	return g.at.Consent.LastPair && g.at.Consent.covers(d) || g.file.Policy.MayCutLast(d, g.file.LinkOf(d.ID), g.at.Now)
}

// leaves reports whether each pair of a link that is cut has one beside it that is live,
// is not cut and carries the same.
func leaves(live, cut []desired.Tunnel, link desired.Link, world resource.World) bool {
	return !slices.ContainsFunc(cut, func(gone desired.Tunnel) bool {
		return gone.Link == link.Name && !slices.ContainsFunc(live, func(t desired.Tunnel) bool {
			return !slices.Contains(cut, t) && link.Relieves(t, gone, world)
		})
	})
}

// alone says why nothing carries what some pairs of a link do once they are cut, by those
// that are up.
func alone(live, cut []desired.Tunnel, link desired.Link, world resource.World) string {
	left := slices.DeleteFunc(slices.Clone(live), func(t desired.Tunnel) bool { return slices.Contains(cut, t) })
	switch {
	case len(left) == 0:
		return fmt.Sprintf("no other tunnel of %s is up", link.Name)
	case slices.ContainsFunc(left, func(t desired.Tunnel) bool { return link.Turned(world, t.Instance) }):
		return fmt.Sprintf("nothing that AWS sends is known to go by %s", nameAll(left))
	}
	return fmt.Sprintf("%s does not exchange routes by %s yet", nameAll(left), link.Routing)
}

// linksOf lists the links of some tunnels, each once.
func linksOf(tunnels []desired.Tunnel) []string {
	var links []string
	for _, t := range tunnels {
		if !slices.Contains(links, t.Link) {
			links = append(links, t.Link)
		}
	}
	return links
}

func nameAll(tunnels []desired.Tunnel) string {
	names := make([]string, len(tunnels))
	for i, t := range tunnels {
		names[i] = t.Name()
	}
	return strings.Join(names, ", ")
}
