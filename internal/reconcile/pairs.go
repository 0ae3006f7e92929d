package reconcile

import (
	"slices"
	"strconv"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// An expected pair is a tunnel that can come up: one AWS tunnel and the one
// instance of the Azure gateway that it answers. What a repair costs is
// counted in pairs that are live, and no repair takes the last one of a link.

// Status is what both clouds together say of an expected pair.
type Status = desired.PairStatus

// The statuses of a pair.
const (
	PairLive    = desired.PairLive
	PairDown    = desired.PairDown
	PairUnknown = desired.PairUnknown
)

// StatusOf tells how a pair stands in a world. What is not known may be live.
func StatusOf(t desired.Tunnel, world resource.World) Status { return t.Status(world) }

// tunnelsOf lists the pairs that stand on a resource, directly or by way of
// others. On an AWS connection and its customer gateway only their own do: the
// Azure connection that needs several has a link for each.
func (g *Graph) tunnelsOf(file *desired.File, id resource.ID) []desired.Tunnel {
	own := slices.DeleteFunc(file.Tunnels(), func(t desired.Tunnel) bool {
		return id != desired.AWSConnectionID(t.Link, t.Instance) && id != desired.CustomerGatewayID(t.Link, t.Instance)
	})
	if len(own) > 0 {
		return own
	}
	reached := g.downstream([]resource.ID{id})
	return slices.DeleteFunc(file.Tunnels(), func(t desired.Tunnel) bool {
		return !reached[desired.AzureTunnelID(t)] && !reached[desired.AWSTunnelID(t)]
	})
}

// effect is what mending a drift costs traffic.
func (g *Graph) effect(d resource.Drift) resource.Effect {
	if d.Fix.Anew() {
		return worse(d.Effect, g.resources[d.ID].Kind().Replaced)
	}
	return d.Effect
}

// cut lists the pairs, not down now, that mending a drift interrupts. Making
// what is not there interrupts nothing.
func (g *Graph) cut(file *desired.File, world resource.World, d resource.Drift) []desired.Tunnel {
	if d.Class == resource.Missing || !g.interrupts(file, d) {
		return nil
	}
	return slices.DeleteFunc(g.concerned(file, world, d), func(t desired.Tunnel) bool { return StatusOf(t, world) == PairDown })
}

// interrupts reports whether mending a drift may cost a pair: by its effect, or
// because it takes away what the file does not have and Azure still dials.
func (g *Graph) interrupts(file *desired.File, d resource.Drift) bool {
	return worse(g.effect(d), resource.OneNetwork) != resource.OneNetwork || len(removed(file, d)) > 0
}

// removed lists the tunnels that a drift would take away: of a link that had more
// than the file has.
func removed(file *desired.File, d resource.Drift) []desired.Tunnel {
	link := file.LinkNamed(file.LinkOf(d.ID))
	if d.Class != resource.Extra || link == nil {
		return nil
	}
	return link.Former(d.Have)
}

// concerned lists the pairs that mending a drift would interrupt, if they are up:
// of the file, and of those that it no longer has and that Azure still dials.
func (g *Graph) concerned(file *desired.File, world resource.World, d resource.Drift) []desired.Tunnel {
	if gone := removed(file, d); len(gone) > 0 {
		return gone
	}
	declared := g.tunnelsOf(file, d.ID)
	if link := file.LinkNamed(file.LinkOf(d.ID)); link != nil && link.Moves(world) && worse(g.effect(d), resource.OneTunnel) != resource.OneTunnel {
		declared = link.Tunnels() // none comes up again before the whole link has moved
	}
	return narrowed(d, g.effect(d), append(declared, g.formerOn(file, world, d)...))
}

// formerOn lists the tunnels that Azure dials, that the file no longer has, and that
// stand on what a drift is about. Azure's own end of the link leaves those alone, unless
// it is made anew.
func (g *Graph) formerOn(file *desired.File, world resource.World, d resource.Drift) []desired.Tunnel {
	var former []desired.Tunnel
	var reached map[resource.ID]bool
	for _, link := range file.Links {
		dialled := link.Former(world[desired.AzureConnectionID(link.Name)].Attrs["links"])
		if len(dialled) == 0 || !d.Fix.Anew() && (d.ID == desired.AzureConnectionID(link.Name) || d.ID == desired.VPNSiteID(link.Name)) {
			continue
		}
		if reached == nil {
			reached = g.downstream([]resource.ID{d.ID})
		}
		for _, t := range dialled {
			if standsOn(t, d.ID, file) && reached[desired.AzureConnectionID(t.Link)] {
				former = append(former, t)
			}
		}
	}
	return former
}

// standsOn tells of a tunnel and what its link stands on that it is not the end of
// another tunnel.
func standsOn(t desired.Tunnel, id resource.ID, file *desired.File) bool {
	own := id == desired.AWSConnectionID(t.Link, t.Instance) || id == desired.CustomerGatewayID(t.Link, t.Instance)
	return own || !slices.ContainsFunc(file.LinkNamed(t.Link).Instances(), func(i int) bool {
		return id == desired.AWSConnectionID(t.Link, i) || id == desired.CustomerGatewayID(t.Link, i)
	})
}

// narrowed picks the tunnels that a drift is about: those that its differing
// members name, or that its name, member or attribute gives. One that names
// none is about all of them.
func narrowed(d resource.Drift, effect resource.Effect, tunnels []desired.Tunnel) []desired.Tunnel {
	if effect == resource.AddressChange {
		return tunnels
	}
	differing := slices.Concat(d.Want.Without(d.Have), d.Have.Without(d.Want))
	named := slices.DeleteFunc(slices.Clone(tunnels), func(t desired.Tunnel) bool {
		number := strconv.Itoa(t.Number)
		return d.Member != t.Name() && d.Member != number && !strings.HasPrefix(d.Attr, "tunnel_"+number+"_") &&
			!slices.ContainsFunc(differing, func(member string) bool { return about(member) == t.Name() })
	})
	if len(named) == 0 && d.Member == "" && !strings.HasPrefix(d.Attr, "tunnel_") {
		return tunnels
	}
	return named
}

// about is the first word of a member: of a set that has a member for each
// tunnel, the tunnel's name.
func about(member string) string {
	if end := strings.IndexAny(member, " ="); end >= 0 {
		return member[:end]
	}
	return member
}
