package path

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Settle adds to a world, which writes have changed, what follows by itself:
// what hubs learn from their connections and sites, and what attachments
// propagate into a transit gateway's table. Only what differs by the writes
// moves: a route that is missing before for no reason that is seen stays missing.
// It returns a world of its own. What follows is as of now.
func Settle(file *desired.File, before, after resource.World, now time.Time) resource.World {
	settled := maps.Clone(after)
	s := settling{file: file, before: before, after: settled, now: now}
	for _, gateway := range file.TransitGateways() {
		s.replace(desired.TransitGatewayRoutesID(gateway.Name))
		for _, vpc := range gateway.VPCs {
			for _, table := range vpc.RouteTables {
				s.replace(desired.VPCRoutesID(table))
			}
		}
		s.tables(gateway)
	}
	for _, hub := range file.Azure.Hubs {
		s.hub(hub)
	}
	return settled
}

type settling struct {
	file          *desired.File
	before, after resource.World
	now           time.Time
}

// replace takes the routes out of a table in whose place others of the same prefix
// are written: a table of AWS has one of each.
func (s settling) replace(id resource.ID) {
	before, after := s.before[id].Attrs["routes"], s.after[id].Attrs["routes"]
	written := map[string]bool{}
	for _, route := range after.Without(before) {
		prefix, _, _ := strings.Cut(route, " ")
		written[prefix] = true
	}
	var gone []string
	for _, route := range before {
		if prefix, _, _ := strings.Cut(route, " "); written[prefix] && after.Has(route) {
			gone = append(gone, route)
		}
	}
	if len(gone) > 0 {
		s.after[id] = with(s.after[id], "routes", after.Without(resource.Of(gone...)))
	}
}

// hub moves the effective routes of a hub.
func (s settling) hub(hub desired.Hub) {
	id := desired.HubRoutesID(hub.Name)
	had, has := s.offered(s.before, hub.Name), s.offered(s.after, hub.Name)
	s.move(id, "routes", had, has)
}

// offered are the routes that a hub has by what is connected to it and to the
// others: its own before another hub's.
func (s settling) offered(world resource.World, hub string) map[string]string {
	routes := map[string]string{}
	if !routed(world[desired.HubID(hub)]) {
		return routes
	}
	add := func(at, class string, prefixes resource.Value) {
		if at != hub {
			class = "hub"
		}
		for _, prefix := range prefixes {
			if routes[prefix] == "" || routes[prefix] == "hub" {
				routes[prefix] = class
			}
		}
	}
	for _, other := range s.file.Azure.Hubs {
		if !routed(world[desired.HubID(other.Name)]) {
			continue
		}
		for _, vnet := range other.VNets {
			connection := world[desired.VNetConnectionID(vnet.Name)]
			if stands(connection) && tells(connection) {
				add(other.Name, "vnet", s.prefixes(world, desired.VNetID(vnet.Name), vnet.Prefixes))
			}
		}
	}
	for _, link := range s.file.Links {
		connection, site := world[desired.AzureConnectionID(link.Name)], world[desired.VPNSiteID(link.Name)]
		joins := lastPart(connection.Attrs["site"].One())
		if routed(world[desired.HubID(link.Hub)]) && stands(world[desired.VPNGatewayID(link.Hub)]) && stands(connection) && stands(site) && strings.EqualFold(joins, link.Name) {
			add(link.Hub, "vpn", site.Attrs["address_space"].Union(s.toldToAzure(world, link)))
		}
	}
	return routes
}

// routed tells whether the router of a hub works.
func routed(hub resource.Live) bool {
	return hub.Phase == resource.Ready || stands(hub) && hub.Attrs["routing_state"].One() == "provisioned"
}

// prefixes are those of a network, live before those of the file.
func (s settling) prefixes(world resource.World, id resource.ID, given []netip.Prefix) resource.Value {
	if live := world[id]; told(live, desired.FactPrefixes) {
		return live.Attrs[desired.FactPrefixes]
	}
	texts := make([]string, len(given))
	for i, prefix := range given {
		texts[i] = prefix.Masked().String()
	}
	return resource.Of(texts...)
}

// tables moves what attachments propagate into the route table of a transit
// gateway. One that is made has one table, which all is associated with and
// propagates to.
func (s settling) tables(gateway desired.TransitGateway) {
	id, routes := desired.TransitGatewayID(gateway.Name), desired.TransitGatewayRoutesID(gateway.Name)
	table := s.after[id].Attrs[desired.FactRouteTable]
	if table.One() == "" {
		return
	}
	if !stands(s.before[id]) {
		for _, vpc := range gateway.VPCs {
			if live := s.after[desired.VPCAttachmentID(vpc.Name)]; stands(live) {
				s.after[desired.VPCAttachmentID(vpc.Name)] = with(live, "propagation", table)
			}
		}
	}
	if live := s.after[routes]; stands(live) && !stands(s.before[routes]) {
		live.Ref = table.One()
		s.after[routes] = live
	}
	s.nameAttachments(gateway)
	s.move(routes, "propagated", s.propagated(s.before, gateway), s.propagated(s.after, gateway))
}

func (s settling) propagated(world resource.World, gateway desired.TransitGateway) map[string]string {
	routes := s.ofVPCs(world, gateway)
	s.toldToAWS(world, gateway, routes)
	return routes
}

// ofVPCs are the routes that VPCs propagate.
func (s settling) ofVPCs(world resource.World, gateway desired.TransitGateway) map[string]string {
	routes := map[string]string{}
	of := world[desired.TransitGatewayID(gateway.Name)]
	table := of.Attrs[desired.FactRouteTable].One()
	for _, vpc := range gateway.VPCs {
		live := world[desired.VPCAttachmentID(vpc.Name)]
		if !stands(live) || live.Attrs["transit_gateway"].One() != of.Ref || !live.Attrs["propagation"].Has(table) {
			continue
		}
		for _, prefix := range s.prefixes(world, desired.VPCID(vpc.Name), vpc.Prefixes) {
			routes[prefix] = live.Ref
		}
	}
	return routes
}

// move takes out of an attribute what was offered and is not any more, and puts
// in what is now. What could not be read stays so.
func (s settling) move(id resource.ID, attr string, had, has map[string]string) {
	live := s.after[id]
	if before := s.before[id]; before.Phase == resource.Unknown || maps.Equal(had, has) && stands(before) {
		return
	}
	var gone, come []string
	for prefix, target := range had {
		if has[prefix] != target {
			gone = append(gone, prefix+" "+target)
		}
	}
	for prefix, target := range has {
		if had[prefix] != target {
			come = append(come, prefix+" "+target)
		}
	}
	routes := s.before[id].Attrs[attr].Without(resource.Of(gone...)).Union(resource.Of(come...))
	live.AsOf = s.now
	if len(has) > 0 {
		live.Phase = resource.Ready
	}
	s.after[id] = with(live, attr, routes)
}

// with is a resource with another value of an attribute.
func with(live resource.Live, attr string, value resource.Value) resource.Live {
	live.Attrs = maps.Clone(live.Attrs)
	if live.Attrs == nil {
		live.Attrs = resource.Attrs{}
	}
	live.Attrs[attr] = slices.Clone(value)
	return live
}
