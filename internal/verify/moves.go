package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// A link that moves between static routes and BGP has its VPN connections made anew, one
// after the other. Until its turn comes, one goes on as it was, at both ends.

// stillAsItWas tells of a link's VPN connection that it exchanges routes in another way
// than the file wants, and that Azure's end does so as well: nothing is wrong with it, and
// it is yet to be made anew.
func (e *Evidence) stillAsItWas(link desired.Link, instance int) bool {
	routing := desired.Routing(e.live(desired.AWSConnectionID(link.Name, instance)).Attrs["routing"].One())
	speaks, known := e.live(desired.AzureConnectionID(link.Name)).Attrs["bgp"]
	if !known || routing == "" || routing == link.Routing {
		return false
	}
	for _, tunnel := range link.Tunnels() {
		if tunnel.Instance == instance && speaks.Has(tunnel.Name()) != (routing == desired.BGP) {
			return false
		}
	}
	return true
}

// toldByBGP tells of a link whether BGP tells Azure of the networks of AWS: as the file has
// it, or because a VPN connection of it is yet to become static, and carries or has none
// beside it that has moved.
func (e *Evidence) toldByBGP(link desired.Link) bool {
	if link.Routing == desired.BGP {
		return true
	}
	still, moved := false, false
	for _, tunnel := range link.Tunnels() {
		asItWas := e.stillAsItWas(link, tunnel.Instance)
		if asItWas && e.pair(tunnel) == pairUp {
			return true
		}
		still, moved = still || asItWas, moved || !asItWas && e.stands(desired.AWSConnectionID(link.Name, tunnel.Instance))
	}
	return still && !moved
}

// yetToMove is what to say of a connection that is not made anew yet.
func (e *Evidence) yetToMove(d resource.Drift) []Finding {
	for _, link := range e.File.Links {
		for _, instance := range link.Instances() {
			if d.ID != desired.AWSConnectionID(link.Name, instance) || !e.stillAsItWas(link, instance) {
				continue
			}
			says := fmt.Sprintf("it is yet to be made anew: at both ends it exchanges routes by %s, and the file wants %s", d.Have, link.Routing)
			other := desired.Preferred + desired.Standby - instance
			if id := desired.AWSConnectionID(link.Name, other); slices.Contains(link.Instances(), other) && e.stands(id) && link.Turned(e.World, other) {
				says += fmt.Sprintf("; %s is in the middle of the move, and %s has moved", link.Name, id)
			}
			f := e.found(failure.NotBuilt, d.ID, says).seen(e, "Options.StaticRoutesOnly", strconv.FormatBool(d.Have.One() == string(desired.Static)))
			f.subject, f.foretold = d.Attr, true // nothing is lost by it
			return []Finding{f.on(failure.Tunnel, tunnelsOf(link, instance)...).as(failure.Warning)}
		}
	}
	return nil
}

// toldOfStatic says why a hub takes the VPN gateway's way to a network of another hub, where
// AWS tells it of a static route by BGP; "" where that is not so. A move leaves such a route
// for some seconds, and for longer when it was stopped there.
func (e *Evidence) toldOfStatic(hub string, prefix netip.Prefix) string {
	for _, link := range e.File.LinksOfHub(hub) {
		table := desired.TransitGatewayRoutesID(link.TransitGateway)
		static := slices.ContainsFunc(e.live(table).Attrs["routes"], func(route string) bool { return strings.HasPrefix(route, prefix.String()+" ") })
		speaks, waits := false, ""
		for _, instance := range link.Instances() {
			id := desired.AWSConnectionID(link.Name, instance)
			speaks = speaks || e.live(id).Attrs["routing"].One() == string(desired.BGP)
			if e.stillAsItWas(link, instance) {
				waits = fmt.Sprintf(". %s is in the middle of a move, and %s is yet to be made anew: linkd apply goes on with it", link.Name, id)
			}
		}
		if static && speaks {
			return fmt.Sprintf(", for %s has a static route to it, and AWS tells Azure of that by BGP%s", table, waits)
		}
	}
	return ""
}
