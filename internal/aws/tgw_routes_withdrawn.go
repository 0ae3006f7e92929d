package aws

import (
	"slices"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// attrWithdrawn of transit gateway routes: static routes from before a link had
// BGP. None is ever there as withdrawn: the want of one is met once it is gone.
const attrWithdrawn = "withdrawn"

// withdrawn are the static routes of the table to VNets that BGP tells now, as
// far as linkd has made them: those to the link's own attachments, and dead ones,
// whose attachment went when the connection was made anew. What anybody else made
// leads elsewhere, or is a blackhole that names no attachment, and stays. Those to
// a connection that does not speak BGP yet are kept as long as they are its only
// way: until another of the link speaks. While a connection of it could not be read,
// all are.
func (r *transitGatewayRoutes) withdrawn(world resource.World) (withdrawn, kept resource.Value, err error) {
	own, told := map[string]bool{}, map[string]bool{} // own: whether it speaks BGP
	unread, unsure := map[string]bool{}, map[string]bool{}
	for _, link := range r.speak {
		for _, instance := range link.Instances() {
			live := world[desired.AWSConnectionID(link.Name, instance)]
			unread[link.Name] = unread[link.Name] || live.Phase == resource.Unknown
			own[live.Attrs[desired.FactAttachment].One()] = !stillStatic(live) || anotherSpeaks(link, instance, world)
		}
	}
	for _, route := range world[r.id].Attrs[desired.FactFormerWay] {
		_, target := split(route)
		own[target] = slices.ContainsFunc(r.speak, func(link desired.Link) bool { return anotherSpeaks(link, desired.Standby, world) })
	}
	for _, vnet := range r.cloud.vnets() {
		links := r.cloud.carriers(r.gateway.Name, vnet.hub)
		if len(links) == 0 || links[0].Routing != desired.BGP {
			continue
		}
		prefixes, err := vnet.prefixes(world)
		if err != nil {
			return nil, nil, err
		}
		for _, prefix := range prefixes {
			told[prefix.Masked().String()] = true
			unsure[prefix.Masked().String()] = unread[links[0].Name]
		}
	}
	for _, route := range world[r.id].Attrs[attrRoutes] {
		prefix, target := split(route)
		lost, dead := strings.CutPrefix(target, "blackhole ")
		speaks, mine := own[target]
		switch {
		case !told[prefix]:
		case unsure[prefix], mine && !speaks:
			kept = append(kept, route)
		case mine, dead && lost != "":
			withdrawn = append(withdrawn, route)
		}
	}
	return resource.Of(withdrawn...), resource.Of(kept...), nil
}

// stillStatic tells of a connection that is to speak BGP that it does not yet.
func stillStatic(live resource.Live) bool {
	return live.Attrs["routing"].One() == string(desired.Static)
}

// anotherSpeaks tells of a connection of a link that the other one has learned
// routes by BGP, and carries. A route that a static one hides is in no table, but
// AWS counts what a session brings.
func anotherSpeaks(link desired.Link, instance int, world resource.World) bool {
	return slices.ContainsFunc(link.Tunnels(), func(t desired.Tunnel) bool {
		accepted := world[desired.AWSTunnelID(t)].Attrs["accepted_routes"].One()
		return t.Instance != instance && !stillStatic(world[desired.AWSConnectionID(link.Name, t.Instance)]) &&
			t.Status(world) == desired.PairLive && accepted != "" && accepted != "0"
	})
}
