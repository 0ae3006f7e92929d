package path

import (
	"slices"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/survey"
)

// enterFromVPN takes the packet out of a tunnel into the transit gateway at
// which the VPN connection ends.
func (w *walk) enterFromVPN(t desired.Tunnel) {
	id := desired.AWSConnectionID(t.Link, t.Instance)
	gateway := w.links[t.Link].TransitGateway
	live, why := w.known(id)
	here := place{Association, id, live.Attrs[desired.FactAttachment].One()}
	ends, ref := live.Attrs["transit_gateway"].One(), w.refOfGateway(gateway)
	switch {
	case why != "":
	case !stands(live):
		w.block(here, failure.NotBuilt, []Evidence{w.fact(id, "")}, "there is no %s", id)
		return
	case ends == "" || ref == "":
		why = "the transit gateway was not read"
	case ends != ref:
		w.block(here, failure.TGWAssociationMissing, []Evidence{w.fact(id, "transit_gateway")}, "the VPN connection ends at %s and not at %s", ends, gateway)
		return
	}
	all, complete := w.joints(gateway)
	j, found := all[here.ref]
	switch {
	case why != "" || found:
	case complete && here.ref != "":
		w.block(here, failure.TGWAssociationMissing, nil, "the attachment of the VPN connection is not there")
		return
	default:
		why = "its attachment was not read"
	}
	if found && !available(j.State) {
		w.block(here, failure.TGWAssociationMissing, j.facts(), "the attachment of the VPN connection is %s", j.State)
		return
	}
	j.id = id
	w.enterGateway(gateway, j, why)
}

// enterGateway routes a packet that came by an attachment, by the route table
// that this is associated with. why says why the attachment is not known.
func (w *walk) enterGateway(gateway string, by joint, why string) {
	id := desired.TransitGatewayID(gateway)
	here := place{Association, by.id, by.ID}
	if w.circles(place{TGWRoutes, id, ""}) {
		return
	}
	if why == "" && !by.tableKnown {
		why = "its association was not read"
	}
	table := by.Table
	switch {
	case why != "":
		w.unknown(here, nil, "what the attachment is associated with: %s", why)
		table = w.world[id].Attrs[desired.FactRouteTable].One()
	case table == "" || by.TableState != "" && by.TableState != "associated":
		w.block(here, failure.TGWAssociationMissing, by.associated(), "the attachment is associated with no route table, so that all that comes by it is dropped")
		return
	default:
		w.pass(here, by.associated(), "the attachment is associated with %s", table)
	}
	w.onward(router{gateway, table, w.branch}, func() { w.routeInGateway(gateway, table) })
}

// routeInGateway finds the route of a table and goes on by its attachment.
func (w *walk) routeInGateway(gateway, table string) {
	here := place{TGWRoutes, desired.TransitGatewayRoutesID(gateway), table}
	routes, facts, why := w.routesOfTable(gateway, table)
	if why != "" {
		w.unknown(here, nil, "the routes of %s: %s", orUnnamed(table), why)
		w.leaveByDeclared(gateway)
		return
	}
	route, found := routes.lookup(w.to.address)
	facts = evidenceOf(facts, w.routeText(route))
	switch {
	case !found && !w.whole(gateway, table):
		w.unknown(here, nil, "what attachments propagate into %s was not read", table)
		w.leaveByDeclared(gateway)
	case !found:
		w.blockBy(w.whyNoRoute(gateway, table), here, facts, "%s has no route for %s", table, w.to.address)
	case route.State == survey.Blackhole && len(route.Via) == 0:
		w.block(here, failure.TGWRouteBlackhole, facts, "the route %s is a blackhole that somebody wanted", route.Prefix)
	case route.State == survey.Blackhole:
		w.blockBy(w.whyBlackhole(gateway, route), here, facts, "the route %s is a blackhole: %s is gone", route.Prefix, listed(route.Via))
	default:
		w.pass(here, facts, "the %s route %s leads to %s", route.Source, route.Prefix, listed(route.Via))
		w.leaveByAttachments(gateway, route, here, facts)
	}
}

func orUnnamed(table string) string {
	if table == "" {
		return "its route table"
	}
	return table
}

// routesOfTable are the routes of a transit gateway's route table, as they were
// surveyed, else as the audit saw them: it reads the one table that attachments
// are meant for.
func (w *walk) routesOfTable(gateway, name string) (*table, []Evidence, string) {
	key := "tgw " + gateway + " " + name
	seen := w.survey.TransitGateways[gateway]
	if t, told := seen.Tables[name]; told && w.seen(seen.Seen) == "" && w.seen(t.Seen) == "" {
		return w.tableOf(key, func() []survey.Route { return t.Routes }), []Evidence{{Call: callTGWRoutes, Field: "Routes", At: t.At}}, ""
	}
	live, why := w.known(desired.TransitGatewayRoutesID(gateway))
	switch {
	case why != "":
		return nil, nil, why
	case name == "" || live.Ref != name || !told(live, "routes"):
		return nil, nil, "they were not read"
	}
	return w.tableOf(key, func() []survey.Route {
		return append(attachmentRoutes(live.Attrs["routes"], survey.Static), attachmentRoutes(live.Attrs["propagated"], survey.Propagated)...)
	}), []Evidence{{Call: callTGWRoutes, Field: "Routes", At: live.AsOf}}, ""
}

// whole tells whether also what attachments propagate into a table is known.
func (w *walk) whole(gateway, table string) bool {
	seen := w.survey.TransitGateways[gateway]
	if t, told := seen.Tables[table]; told && w.seen(seen.Seen) == "" && w.seen(t.Seen) == "" {
		return true
	}
	return told(w.world[desired.TransitGatewayRoutesID(gateway)], "propagated")
}

// whyNoRoute tells a route that nobody made from one that an attachment would
// propagate if it did.
func (w *walk) whyNoRoute(gateway, table string) cause {
	home := w.to.network
	meant := w.world[desired.TransitGatewayID(gateway)].Attrs[desired.FactRouteTable].One()
	if meant != "" && meant != table {
		return cause{code: failure.TGWAssociationMissing, says: ": the attachment is associated with it in the place of " + meant}
	}
	if peering, over := w.overPeering(gateway); over {
		return w.whyNoRouteOver(peering)
	}
	if home.vnet || w.tgwOf[home.name] != gateway {
		return cause{code: failure.TGWRouteMissing}
	}
	j, why := w.jointOfVPC(gateway, home.name)
	switch {
	case why != "":
	case j.ID == "" || !available(j.State):
		return cause{failure.NotBuilt, desired.VPCAttachmentID(home.name), ": " + home.name + " is not attached"}
	case !slices.Contains(j.Propagates, table) && w.propagationTold(home.name, table):
		return cause{failure.TGWPropagationOff, desired.VPCAttachmentID(home.name), ": the attachment of " + home.name + " does not propagate to it"}
	}
	return cause{code: failure.TGWRouteMissing}
}

// propagationTold tells whether the audit saw that a VPC does not propagate to a
// table: a survey that was not let read it shows none either.
func (w *walk) propagationTold(vpc, table string) bool {
	live, why := w.known(desired.VPCAttachmentID(vpc))
	return why == "" && told(live, "propagation") && !live.Attrs["propagation"].Has(table)
}

// leaveByAttachments goes on by the attachments that a route names. Of several
// VPN connections any that is up will do. The route is of a table, by some facts.
func (w *walk) leaveByAttachments(gateway string, route survey.Route, table place, facts []Evidence) {
	all, complete := w.joints(gateway)
	var pairs []desired.Tunnel
	first, known := joint{}, false
	for _, via := range route.Via {
		j, found := all[via]
		if found && !known {
			first, known = j, true
		}
		pairs = append(pairs, j.pairs...)
	}
	here := place{Attachment, first.id, listed(route.Via)}
	if known {
		w.notes(gateway, table, facts, route, first)
	}
	switch {
	case !known && complete:
		w.block(here, failure.TGWRouteBlackhole, nil, "%s leads to %s, which is not there", route.Prefix, listed(route.Via))
	case !known:
		w.unknown(here, nil, "%s leads to %s, of which nothing was read", route.Prefix, listed(route.Via))
		w.leaveByDeclared(gateway)
	case first.vpc != "":
		w.enterVPC(gateway, first.vpc, here, first.facts())
	case first.Type == "peering":
		w.enterPeer(gateway, first, here)
	case len(pairs) > 0:
		w.pass(here, first.facts(), "to the VPN connection %s", first.Resource)
		w.leaveByTunnels(pairs)
	case first.Type == "vpn" && w.unreadConnection(gateway) != "":
		w.unknown(here, first.facts(), "%s leads to the VPN connection %s, and whose that is could not be read: %s", route.Prefix, first.Resource, w.unreadConnection(gateway))
		w.leaveByDeclared(gateway)
	default:
		why := cause{code: failure.TGWRouteMissing, root: desired.TransitGatewayRoutesID(gateway)}
		w.blockBy(why, here, first.facts(), "%s leads to %s %s, which is nothing of the file", route.Prefix, first.Type, first.Resource)
	}
}

// leaveByTunnels sends the packet through one of the tunnels into Azure.
func (w *walk) leaveByTunnels(pairs []desired.Tunnel) {
	tunnel, goesOn := w.tunnels(pairs, false)
	if !goesOn {
		return
	}
	w.crossed = append(w.crossed, tunnel.Link)
	w.enterFromTunnel(tunnel)
}

// enterFromTunnel takes the packet out of a tunnel into the gateway's hub.
func (w *walk) enterFromTunnel(t desired.Tunnel) {
	hub := w.links[t.Link].Hub
	id := desired.VPNGatewayID(hub)
	w.pass(place{Gateway, id, w.world[id].Ref}, []Evidence{w.fact(id, "")}, "to %s", hub)
	w.branch = true
	w.enterHub(hub)
}

// leaveByDeclared goes on as the file means it, where a route is not known.
func (w *walk) leaveByDeclared(gateway string) {
	home := w.to.network
	peering, over := w.overPeering(gateway)
	switch link, known := w.carriers[gateway+" "+home.name]; {
	case !home.vnet && w.tgwOf[home.name] == gateway:
		id := desired.VPCAttachmentID(home.name)
		w.enterVPC(gateway, home.name, place{Attachment, id, w.world[id].Ref}, nil)
	case home.vnet && known:
		w.leaveByTunnels(pairsOf(link, 0))
	case over:
		w.leaveByPeering(gateway, peering)
	}
}
