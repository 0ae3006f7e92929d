package path

import (
	"maps"
	"slices"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// learnedOver is the length of the longest prefix of the packet's destination
// that Azure has learned by BGP over a link, or -1. AWS tells the active routes
// of the table that the VPN connection is associated with, but for those that
// came by a VPN, as long as a session is up. why says why that is not known.
func (w *walk) learnedOver(link desired.Link) (bits int, why string) {
	bits = -1
	for _, instance := range link.Instances() {
		connection, unread := w.known(desired.AWSConnectionID(link.Name, instance))
		if unread != "" || !stands(connection) || connection.Attrs["routing"].One() != string(desired.BGP) {
			continue // a connection that was not read says nothing of BGP
		}
		switch w.session(link, instance) {
		case Block:
			continue
		case Unknown:
			why = "whether a BGP session of " + link.Name + " is up is not known"
			continue
		}
		length, unread := w.toldBy(link.TransitGateway, connection)
		if unread != "" {
			why = unread
		}
		bits = max(bits, length)
	}
	if bits >= 0 {
		why = ""
	}
	return bits, why
}

// speaksBGP tells of a link whether BGP tells its prefixes: by the file, or because a VPN
// connection of it is yet to be made anew as a static one.
func (w *walk) speaksBGP(link desired.Link) bool {
	return link.Routing == desired.BGP || slices.ContainsFunc(link.Instances(), func(instance int) bool {
		return w.world[desired.AWSConnectionID(link.Name, instance)].Attrs["routing"].One() == string(desired.BGP)
	})
}

// session tells whether a BGP session in any tunnel of a VPN connection is up:
// of a connection with BGP, that is what AWS shows as the status of a tunnel.
func (w *walk) session(link desired.Link, instance int) Verdict {
	best := Block
	for _, tunnel := range pairsOf(link, instance) {
		switch w.side(desired.AWSTunnelID(tunnel)) {
		case Pass:
			return Pass
		case Unknown:
			best = Unknown
		}
	}
	return best
}

// toldBy is the length of the prefix that a transit gateway tells by BGP over a
// connection for the packet's destination, or -1.
func (w *walk) toldBy(gateway string, connection resource.Live) (int, string) {
	if !told(connection, "association") {
		return -1, "what the VPN connection is associated with was not read"
	}
	table := connection.Attrs["association"].One()
	if table == "" {
		return -1, ""
	}
	routes, _, why := w.routesOfTable(gateway, table)
	if why != "" {
		return -1, "what the transit gateway tells by BGP: " + why
	}
	route, found := routes.lookup(w.to.address)
	all, _ := w.joints(gateway)
	byVPN := slices.ContainsFunc(route.Via, func(via string) bool { return len(all[via].pairs) > 0 || all[via].Type == "vpn" })
	if !found || route.State == survey.Blackhole || byVPN {
		return -1, ""
	}
	return route.Prefix.Bits(), ""
}

// speaks tells whether a BGP session of a VPN connection is up in a world.
func speaks(world resource.World, link desired.Link, instance int) bool {
	connection := world[desired.AWSConnectionID(link.Name, instance)]
	return stands(connection) && connection.Attrs["routing"].One() == string(desired.BGP) &&
		slices.ContainsFunc(pairsOf(link, instance), func(t desired.Tunnel) bool {
			return world[desired.AWSTunnelID(t)].Attrs["status"].One() == "up"
		})
}

// toldToAzure are the prefixes that the sessions of a link bring to its hub.
func (s settling) toldToAzure(world resource.World, link desired.Link) resource.Value {
	gateway := s.file.TransitGatewayNamed(link.TransitGateway)
	for _, instance := range link.Instances() {
		if gateway != nil && speaks(world, link, instance) && len(world[desired.AWSConnectionID(link.Name, instance)].Attrs["association"]) > 0 {
			return resource.Of(slices.Collect(maps.Keys(s.ofVPCs(world, *gateway)))...).Union(s.overPeerings(world, *gateway))
		}
	}
	return nil
}

// toldToAWS adds to the routes of a transit gateway those that the sessions of its
// links bring: the prefixes of all VNets, each with every attachment that brings it.
func (s settling) toldToAWS(world resource.World, gateway desired.TransitGateway, routes map[string]string) {
	of := world[desired.TransitGatewayID(gateway.Name)]
	var attachments []string
	for _, link := range s.file.LinksOfTransitGateway(gateway.Name) {
		for _, instance := range link.Instances() {
			connection := world[desired.AWSConnectionID(link.Name, instance)]
			table := of.Attrs[desired.FactRouteTable].One()
			if speaks(world, link, instance) && connection.Attrs["transit_gateway"].One() == of.Ref && connection.Attrs["propagation"].Has(table) {
				attachments = append(attachments, connection.Attrs[desired.FactAttachment].One())
			}
		}
	}
	if len(attachments) == 0 {
		return
	}
	static := map[string]bool{} // they hide what is told
	for _, route := range world[desired.TransitGatewayRoutesID(gateway.Name)].Attrs["routes"] {
		prefix, _, _ := strings.Cut(route, " ")
		static[prefix] = true
	}
	via := strings.Join(resource.Of(attachments...), "+")
	for _, hub := range s.file.Azure.Hubs {
		for _, vnet := range hub.VNets {
			connection := world[desired.VNetConnectionID(vnet.Name)]
			if !routed(world[desired.HubID(hub.Name)]) || !stands(connection) || !tells(connection) {
				continue
			}
			for _, prefix := range s.prefixes(world, desired.VNetID(vnet.Name), vnet.Prefixes) {
				if routes[prefix] == "" && !static[prefix] {
					routes[prefix] = via
				}
			}
		}
	}
}

// nameAttachments gives the attachment of a VPN connection that is to be made a
// name to be led to. With its transit gateway it is made for the one table of that.
func (s settling) nameAttachments(gateway desired.TransitGateway) {
	for _, link := range s.file.LinksOfTransitGateway(gateway.Name) {
		for _, instance := range link.Instances() {
			id := desired.AWSConnectionID(link.Name, instance)
			if live := s.after[id]; stands(live) && told(live, "propagation") && !stands(s.before[desired.TransitGatewayID(gateway.Name)]) {
				s.after[id] = with(live, "propagation", s.after[desired.TransitGatewayID(gateway.Name)].Attrs[desired.FactRouteTable])
			}
			if live := s.after[id]; stands(live) && live.Attrs[desired.FactAttachment].One() == "" {
				s.after[id] = with(live, desired.FactAttachment, resource.Of(desired.FactAttachment+"-of-"+string(id)))
			}
		}
	}
}
