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
	if d.Fix == resource.Replace {
		return worse(d.Effect, g.resources[d.ID].Kind().Replaced)
	}
	return d.Effect
}

// cut lists the pairs, not down now, that mending a drift interrupts. Making
// what is not there interrupts nothing.
func (g *Graph) cut(file *desired.File, world resource.World, d resource.Drift) []desired.Tunnel {
	effect := g.effect(d)
	if d.Class == resource.Missing || worse(effect, resource.OneNetwork) == resource.OneNetwork {
		return nil
	}
	return slices.DeleteFunc(g.concerned(file, d), func(t desired.Tunnel) bool { return StatusOf(t, world) == PairDown })
}

// concerned lists the pairs that mending a drift would interrupt, if they are up.
func (g *Graph) concerned(file *desired.File, d resource.Drift) []desired.Tunnel {
	return narrowed(d, g.effect(d), g.tunnelsOf(file, d.ID))
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
