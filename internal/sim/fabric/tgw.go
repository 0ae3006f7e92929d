package fabric

import (
	"net/netip"
	"slices"
)

// typeRanks is who wins among routes of the same prefix: static ones, then
// those of VPCs, then those of VPN connections.
var typeRanks = map[string]int{"vpc": 1, "vpn": 2}

// TGWRoutes lists all routes of a transit gateway route table in order of
// prefix: the static ones, and the propagated ones that none of them hides.
func (f *Fabric) TGWRoutes(table string) []TGWRoute {
	if routes, known := f.tgwRoutes[table]; known {
		return routes
	}
	routes := f.routesOf(f.transitGateways[f.tableOwners[table]], table, fromAny)
	f.tgwRoutes[table] = routes
	return routes
}

// PropagatedRoutes lists what the attachments propagate into a transit
// gateway route table, whether or not a static route hides it.
func (f *Fabric) PropagatedRoutes(table string) []TGWRoute {
	return f.propagated(f.transitGateways[f.tableOwners[table]], table, fromAny)
}

// LookupTGW finds the route that a transit gateway route table has for an
// address: the longest prefix, static before propagated.
func (f *Fabric) LookupTGW(table string, to netip.Addr) (TGWRoute, bool) {
	return longest(f.TGWRoutes(table), func(route TGWRoute) netip.Prefix { return route.Prefix }, to)
}

// fromAny and notFromVPN choose attachments whose routes count.
func fromAny(Attachment) bool      { return true }
func notFromVPN(a Attachment) bool { return a.Type != "vpn" }

func (f *Fabric) routesOf(gateway TransitGateway, table string, from func(Attachment) bool) []TGWRoute {
	var routes []TGWRoute
	static := map[netip.Prefix]bool{}
	for _, own := range gateway.Tables {
		if own.ID != table {
			continue
		}
		for _, route := range own.Static {
			static[route.Prefix] = true
			routes = append(routes, gateway.staticRoute(route))
		}
	}
	for _, route := range f.propagated(gateway, table, from) {
		if !static[route.Prefix] {
			routes = append(routes, route)
		}
	}
	slices.SortStableFunc(routes, func(a, b TGWRoute) int { return comparePrefixes(a.Prefix, b.Prefix) })
	return routes
}

// staticRoute is a static route with its state: a route to an attachment that
// is gone or not ready is a blackhole which still names it.
func (t TransitGateway) staticRoute(route TableRoute) TGWRoute {
	static := TGWRoute{Prefix: route.Prefix, Type: "static", State: "blackhole"}
	if route.Attachment == "" {
		return static
	}
	static.Attachments = []string{route.Attachment}
	if _, stands := t.attachment(route.Attachment); stands {
		static.State = "active"
	}
	return static
}

// propagated lists the propagated routes of a table. Of two VPCs with the
// same prefix the first counts; several VPN attachments with the same prefix
// share the traffic when the transit gateway does ECMP.
func (f *Fabric) propagated(gateway TransitGateway, table string, from func(Attachment) bool) []TGWRoute {
	type winner struct{ rank, at int }
	won := map[netip.Prefix]winner{}
	var routes []TGWRoute
	for _, attachment := range gateway.Attachments {
		if !slices.Contains(attachment.Propagates, table) || !from(attachment) {
			continue
		}
		rank := typeRanks[attachment.Type]
		for _, prefix := range f.prefixesOf(attachment) {
			route := TGWRoute{Prefix: prefix, Type: "propagated", State: "active", Attachments: []string{attachment.ID}}
			best, taken := won[prefix]
			switch {
			case !taken:
				won[prefix] = winner{rank, len(routes)}
				routes = append(routes, route)
			case rank < best.rank:
				won[prefix] = winner{rank, best.at}
				routes[best.at] = route
			case rank == best.rank && attachment.Type == "vpn" && gateway.ECMP:
				routes[best.at].Attachments = append(routes[best.at].Attachments, attachment.ID)
			}
		}
	}
	slices.SortFunc(routes, func(a, b TGWRoute) int { return comparePrefixes(a.Prefix, b.Prefix) })
	return routes
}

// prefixesOf is what an attachment propagates. A peering propagates nothing.
func (f *Fabric) prefixesOf(attachment Attachment) []netip.Prefix {
	switch attachment.Type {
	case "vpc":
		return f.vpcs[attachment.Resource].Prefixes
	case "vpn":
		var all []netip.Prefix
		for _, tunnel := range f.connections[attachment.Resource].Tunnels {
			all = append(all, f.LearnedPrefixes(tunnel.Outside)...)
		}
		slices.SortFunc(all, comparePrefixes)
		return slices.Compact(all)
	}
	return nil
}

// LearnedPrefixes lists what AWS learns by BGP over a tunnel.
func (f *Fabric) LearnedPrefixes(outside netip.Addr) []netip.Prefix {
	for _, pair := range f.pairsOf[outside] {
		if pair.BGPUp && !f.linkMuted(pair) {
			return f.toldOver(pair)
		}
	}
	return nil
}

// CountedPrefixes is how many routes AWS shows that it accepts over a tunnel that it shows
// up: as its telemetry lags, also those of a session that went down a moment ago.
func (f *Fabric) CountedPrefixes(outside netip.Addr) int {
	pairs := f.pairsOf[outside]
	stands := slices.ContainsFunc(pairs, func(pair Pair) bool { return pair.BGPUp })
	for _, pair := range pairs {
		if (pair.BGPUp || !stands) && !f.linkMuted(pair) {
			return len(f.toldOver(pair))
		}
	}
	return 0
}

// toldOver are the prefixes that the hub of a pair tells AWS.
func (f *Fabric) toldOver(pair Pair) []netip.Prefix {
	return f.advertised(f.hubs[fold(f.gateways[fold(pair.Gateway)].Hub)])
}

// linkMuted says whether the link of a pair tells nothing by BGP.
func (f *Fabric) linkMuted(pair Pair) bool {
	return slices.ContainsFunc(f.linksOf[fold(pair.Gateway)], func(link LinkConnection) bool {
		return link.ID == pair.LinkConnection && link.TellsNothing
	})
}
