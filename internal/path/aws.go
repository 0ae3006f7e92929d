package path

import (
	"cmp"
	"slices"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/survey"
)

// sendFromVPC is the way out of a VPC: the instance, its filters, the routes of
// its subnet, the attachment to the transit gateway.
func (w *walk) sendFromVPC() {
	vpc := w.from.network
	if !w.leave() || !w.filterOut() {
		return
	}
	if live, why := w.known(vpc.resource); why == "" && !stands(live) {
		w.block(place{SubnetRoutes, vpc.resource, vpc.id}, failure.NotBuilt, []Evidence{w.fact(vpc.resource, "")}, "there is no %s", vpc.name)
		return
	}
	if w.from.target == nil {
		if !covers(vpc.prefixes, w.to.address) && w.tablesOfVPC(vpc) {
			w.leaveVPC(vpc, w.tgwOf[vpc.name])
		}
		return
	}
	gateway, stays, goesOn := w.subnetRoutes(vpc)
	switch {
	case !goesOn:
	case stays:
		w.arrive()
	default:
		w.leaveVPC(vpc, gateway)
	}
}

// subnetRoutes judges the route table of the instance's subnet. It names the
// transit gateway that the packet goes to.
func (w *walk) subnetRoutes(vpc network) (gateway string, stays, goesOn bool) {
	machine := w.from.machine
	here := place{SubnetRoutes, desired.VPCRoutesID(machine.Routes.ID), machine.Routes.ID}
	why := w.seen(machine.Seen)
	if why == "" {
		why = w.seen(machine.Routes.Seen)
	}
	if why != "" {
		here.id = ""
		w.unknown(here, nil, "the route table of %s: %s", w.from.name, why)
		return w.tgwOf[vpc.name], covers(vpc.prefixes, w.to.address), true
	}
	routes := w.tableOf("subnet "+w.from.name, func() []survey.Route { return machine.Routes.Routes })
	route, found := routes.lookup(w.to.address)
	facts := []Evidence{{Call: callVPCRoutes, Field: "Routes", Value: w.routeText(route), At: machine.Routes.At}}
	switch {
	case !found:
		return "", false, w.block(here, failure.VPCRouteMissing, facts, "the route table of %s's subnet has no route for %s", w.from.name, w.to.address)
	case route.State == survey.Blackhole:
		return "", false, w.block(here, failure.VPCRouteMissing, facts, "the route %s to %s is a blackhole", route.Prefix, target(route))
	case route.Next == survey.NextLocal && w.to.network.name != vpc.name:
		return "", false, w.block(here, failure.PrefixOverlap, facts, "%s is local to %s, though %s is in %s", route.Prefix, vpc.name, w.to.name, w.to.network.name)
	case route.Next == survey.NextLocal:
		return "", true, w.pass(here, facts, "%s is local to the VPC", route.Prefix)
	case route.Next != survey.NextTGW:
		return "", false, w.block(here, failure.VPCRouteMissing, facts, "the route %s leads to %s and not to the transit gateway", route.Prefix, target(route))
	}
	name, known := w.gatewayNamed(route.Via)
	if !known {
		return "", false, w.block(here, failure.VPCRouteMissing, facts, "the route %s leads to %s, which is no transit gateway of the file", route.Prefix, listed(route.Via))
	}
	return name, false, w.pass(here, facts, "%s goes to %s", route.Prefix, name)
}

// gatewayNamed is the transit gateway of the file that a route leads to. One
// that could not be read may be any.
func (w *walk) gatewayNamed(via []string) (string, bool) {
	for _, ref := range via {
		if name, known := w.tgwRefs[ref]; known {
			return name, true
		}
	}
	return w.unread, w.unread != ""
}

// refOfGateway is AWS's own name of a transit gateway of the file, or "".
func (m *Model) refOfGateway(name string) string {
	if ref := m.world[desired.TransitGatewayID(name)].Ref; ref != "" {
		return ref
	}
	return m.survey.TransitGateways[name].Ref
}

// tablesOfVPC judges all route tables of a VPC that the file names: a machine
// may stand in a subnet of any.
func (w *walk) tablesOfVPC(vpc network) bool {
	file := w.vpcs[vpc.name]
	if len(file.RouteTables) == 0 {
		return w.unknown(place{SubnetRoutes, "", vpc.id}, nil, "the file names no route table of %s", vpc.name)
	}
	for _, name := range file.RouteTables {
		id := desired.VPCRoutesID(name)
		live, why := w.known(id)
		here := place{SubnetRoutes, id, name}
		if why == "" && !told(live, "routes") {
			why = "its routes were not read"
		}
		if why != "" {
			w.unknown(here, nil, "the route table %s: %s", name, why)
			continue
		}
		route, found := w.tableOf(string(id), func() []survey.Route { return vpcRoutes(live.Attrs["routes"]) }).lookup(w.to.address)
		facts := []Evidence{{Call: callVPCRoutes, Field: "Routes", Value: w.routeText(route), At: live.AsOf}}
		switch {
		case !found:
			return w.block(here, failure.VPCRouteMissing, facts, "the route table %s of %s has no route for %s", name, vpc.name, w.to.address)
		case route.State == survey.Blackhole:
			return w.block(here, failure.VPCRouteMissing, facts, "the route %s of %s is a blackhole", route.Prefix, name)
		}
		if gateway, known := w.gatewayNamed(route.Via); !known || gateway != w.tgwOf[vpc.name] {
			return w.block(here, failure.VPCRouteMissing, facts, "the route %s of %s leads to %s and not to the transit gateway", route.Prefix, name, listed(route.Via))
		}
		w.pass(here, facts, "%s goes to %s", route.Prefix, w.tgwOf[vpc.name])
	}
	return true
}

// leaveVPC takes the packet to the transit gateway: only from a zone in which
// the VPC's attachment has a subnet.
func (w *walk) leaveVPC(vpc network, gateway string) {
	joint, why := w.jointOfVPC(gateway, vpc.name)
	id := desired.VPCAttachmentID(vpc.name)
	here := place{Attachment, id, joint.ID}
	switch {
	case why != "":
		w.unknown(here, nil, "the attachment of %s: %s", vpc.name, why)
	case joint.ID == "":
		w.block(here, failure.NotBuilt, []Evidence{w.fact(id, "")}, "%s is not attached to %s", vpc.name, gateway)
		return
	case !available(joint.State):
		w.block(here, failure.NotBuilt, joint.facts(), "the attachment of %s is %s", vpc.name, joint.State)
		return
	}
	if w.from.target != nil && !w.zone(joint, why) || w.from.target == nil && !w.zones(joint, vpc) {
		return
	}
	if why == "" {
		w.pass(here, joint.facts(), "%s is attached to %s", vpc.name, gateway)
	}
	w.enterGateway(gateway, joint, why)
}

// zone judges whether the attachment has a subnet in the zone of the machine.
func (w *walk) zone(j joint, why string) bool {
	machine := w.from.machine
	here := place{Zone, j.id, machine.Zone}
	switch {
	case why == "" && (!j.zonesKnown || len(j.undeclared) > 0 && !slices.Contains(j.Zones, machine.Zone)):
		why = "the zones of the attachment: " + cmp.Or(j.ZonesWhy, "they were not read")
	case machine.Zone == "":
		why = "the zone of " + w.from.name + " was not read"
	}
	facts := []Evidence{{Call: calls["aws/vpc-attachment"], Field: "SubnetIds", Value: listed(j.Zones), At: j.at}}
	switch {
	case why != "":
		return w.unknown(here, nil, "%s", why)
	case !slices.Contains(j.Zones, machine.Zone):
		return w.block(here, failure.TGWZoneUnattached, facts, "the attachment has no subnet in %s, the zone of %s", machine.Zone, w.from.name)
	}
	return w.pass(here, facts, "the attachment has a subnet in %s", machine.Zone)
}

// zones judges for a whole VPC whether the attachment has a subnet in each zone
// that the file wants it in. One that nobody declared may serve any zone.
func (w *walk) zones(j joint, vpc network) bool {
	for _, subnet := range w.vpcs[vpc.name].Subnets {
		served := slices.Contains(j.Zones, subnet.Zone)
		here := place{Zone, j.id, subnet.Zone}
		facts := []Evidence{{Call: calls["aws/vpc-attachment"], Field: "SubnetIds", Value: listed(j.Zones), At: j.at}}
		switch {
		case served || j.ID == "" || subnet.Zone == "" && j.call == callAttachments:
		case j.zonesKnown && len(j.undeclared) == 0:
			return w.block(here, failure.TGWZoneUnattached, facts, "the attachment has no subnet in %s, where the file wants %s", subnet.Zone, subnet.ID)
		default:
			w.unknown(here, facts, "whether the attachment has a subnet in %s is not known", subnet.Zone)
		}
	}
	return true
}

// enterVPC delivers the packet in a VPC. Where it is the wrong one and does not
// have the address either, the table of the transit gateway is to be mended.
func (w *walk) enterVPC(gateway, vpc string, here place, facts []Evidence) {
	if w.to.network.name != vpc {
		why := cause{code: failure.TGWRouteMissing, root: desired.TransitGatewayRoutesID(gateway)}
		if covers(w.networks[vpc].prefixes, w.to.address) {
			why = cause{code: failure.PrefixOverlap}
		}
		w.blockBy(why, here, facts, "the transit gateway sends it to %s, though %s is in %s", vpc, w.to.name, w.to.network.name)
		return
	}
	if w.pass(here, facts, "to %s", vpc) {
		w.arrive()
	}
}
