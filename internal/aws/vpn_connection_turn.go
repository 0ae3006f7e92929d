package aws

import (
	"fmt"
	"slices"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// A connection that is to exchange routes in another way is made anew. Of a link
// with two of them one goes at a time, and only while the other carries: the one
// that stands by first, then, once the routes lead to that, the other.

// Waits implements [resource.Waiter].
func (r *vpnConnection) Waits(world resource.World) map[string]string {
	if why := r.waits(world); why != "" {
		return map[string]string{"routing": why}
	}
	return nil
}

func (r *vpnConnection) waits(world resource.World) string {
	if len(r.link.Instances()) < 2 || r.link.ConnectionStatus(world, r.instance) == desired.PairDown {
		return "" // nothing carries in its place, or it carries nothing
	}
	other := desired.Preferred + desired.Standby - r.instance
	name := desired.AWSConnectionID(r.link.Name, other)
	here, there := r.leadsOnly(world, r.instance), r.leadsOnly(world, other)
	switch {
	case world[desired.TransitGatewayRoutesID(r.link.TransitGateway)].Phase != resource.Ready:
		return "nobody can tell by which connection AWS sends to Azure"
	case r.link.ConnectionStatus(world, other) != desired.PairLive:
		return fmt.Sprintf("no tunnel of %s is known to be up, which is to carry in the meantime", name)
	case here:
		return fmt.Sprintf("what AWS sends to Azure goes by this connection alone, and is first led to %s", name)
	case !there && r.instance == desired.Preferred && !r.link.Turned(world, other):
		return fmt.Sprintf("%s goes first, which stands by", name)
	}
	return ""
}

// leadsOnly tells whether some prefix has no way but that by the connection of an
// instance: by a static route to it, or, where none hides it, by one that no other
// connection of the link tells.
func (r *vpnConnection) leadsOnly(world resource.World, instance int) bool {
	routes := world[desired.TransitGatewayRoutesID(r.link.TransitGateway)].Attrs
	attachment := func(instance int) string {
		return world[desired.AWSConnectionID(r.link.Name, instance)].Attrs[desired.FactAttachment].One()
	}
	own, other := attachment(instance), attachment(desired.Preferred+desired.Standby-instance)
	static := prefixesOf(routes[attrRoutes])
	for _, route := range routes[attrRoutes] {
		if _, target := split(route); target == own {
			return true
		}
	}
	return slices.ContainsFunc(routes[factPropagated], func(route string) bool {
		prefix, target := split(route)
		tellers := strings.Split(target, "+")
		return !static[prefix] && slices.Contains(tellers, own) && !slices.Contains(tellers, other)
	})
}
