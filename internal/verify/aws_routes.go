package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// associations tells which attachments are associated with no table, or
// another one.
func associations(e *Evidence) answer {
	a := answer{subjects: e.attached(), of: "attachments"}
	lost := map[string]Direction{
		"aws/vpc-attachment.association": AWSToAzure, "aws/vpn-connection.association": AzureToAWS,
		"aws/peering-attachment.association": AWSToAWS, "aws/peering-attachment.peer_association": AWSToAWS,
		"aws/peering-attachment.transit_gateway": AWSToAWS, "aws/peering-attachment.peer": AWSToAWS,
	}
	for _, d := range e.Drifts {
		direction, ours := lost[d.Key()]
		if !ours || d.Class == resource.Unseen {
			continue
		}
		says := "it is associated with no route table: what enters by it is dropped"
		switch {
		case d.Attr == "transit_gateway" || d.Attr == "peer":
			says = fmt.Sprintf("it joins %s, and should join %s", d.Have, d.Want)
		case len(d.Have) > 0:
			says = fmt.Sprintf("it is associated with %s, and should be with %s", d.Have, d.Want)
		}
		a.findings = append(a.findings, e.found(failure.TGWAssociationMissing, d.ID, says).seen(e, "Association.TransitGatewayRouteTableId", orNone(d.Have)).toward(direction))
	}
	return a
}

// attached counts the attachments that stand.
func (e *Evidence) attached() int {
	count := 0
	for id := range e.World {
		for kind, ends := range map[string]int{"aws/vpc-attachment/": 1, "aws/vpn-connection/": 1, "aws/peering-attachment/": 2} {
			if e.stands(id) && strings.HasPrefix(string(id), kind) {
				count += ends
			}
		}
	}
	return count
}

// blackholes tells which routes of a transit gateway's table drop what is
// sent to a network of the file.
func blackholes(e *Evidence) answer {
	a := answer{of: "routes"}
	all := e.networks()
	for _, gateway := range e.File.TransitGateways() {
		id := desired.TransitGatewayRoutesID(gateway.Name)
		routes := routesOf(slices.Concat(e.live(id).Attrs["routes"], e.live(id).Attrs["propagated"]))
		a.subjects += len(routes)
		for _, r := range routes {
			if !r.hole {
				continue
			}
			for _, n := range all {
				if !slices.ContainsFunc(n.prefixes(), r.takesFrom(routes)) || !e.wants(gateway.Name, n) {
					continue
				}
				says := fmt.Sprintf("%s is a blackhole: %s", r.prefix, e.fate(gateway.Name, r.target))
				f := e.found(failure.TGWRouteBlackhole, id, says).seen(e, "State of "+r.prefix.String(), strings.TrimSpace("blackhole "+r.target))
				f.subject = r.prefix.String()
				f = e.towardNetwork(f, n)
				a.findings = append(a.findings, e.overPeering(f, gateway.Name, n))
			}
		}
	}
	return a
}

// wants tells whether the file has a transit gateway lead to a network.
func (e *Evidence) wants(gateway string, n network) bool {
	if n.azure {
		return e.File.ReachesVNets(gateway)
	}
	return n.on == gateway || e.peered(gateway, n.on)
}

// takesFrom tells of a prefix whether the route takes packets to it, or to a
// part of it.
func (r route) takesFrom(routes []route) func(netip.Prefix) bool {
	return func(prefix netip.Prefix) bool {
		if covers(prefix, r.prefix) {
			return true
		}
		best, found := lookup(routes, prefix)
		return found && best == r
	}
}

// towardNetwork gives a finding of the transit gateway the direction of a
// network, and what it is about.
func (e *Evidence) towardNetwork(f Finding, n network) Finding {
	f = f.on(failure.Network, n.name)
	if n.azure {
		return f.toward(AWSToAzure)
	}
	return f.toward(AzureToAWS)
}

// fate says what has become of an attachment.
func (e *Evidence) fate(gateway, attachment string) string {
	if attachment == "" {
		return "somebody made it so"
	}
	if e.Survey != nil {
		for _, a := range e.Survey.TransitGateways[gateway].Attachments {
			if a.ID == attachment {
				return fmt.Sprintf("the attachment %s of %s is %s", attachment, a.Resource, a.State)
			}
		}
	}
	return "the attachment " + attachment + " is not there any more"
}

// gatewayRoutes tells which prefixes of Azure a transit gateway has no route
// to, or one that leads to another attachment than the link's, and which routes that
// nobody declared take packets from what the file means.
func gatewayRoutes(e *Evidence) answer {
	a := answer{of: "routes"}
	all := e.networks()
	for _, gateway := range e.File.TransitGateways() {
		a.subjects += len(e.live(desired.TransitGatewayRoutesID(gateway.Name)).Attrs["routes"])
	}
	for _, d := range e.Drifts {
		learned := d.Key() == "aws/learned-routes.routes"
		if d.Key() != "aws/tgw-routes.routes" && !learned || d.Class == resource.Unseen || e.carries(d) {
			continue
		}
		table := e.live(desired.TransitGatewayRoutesID(gatewayOfRoutes(d.ID))).Attrs
		live := routesOf(slices.Concat(e.live(d.ID).Attrs["routes"], table["routes"], table["propagated"]))
		for _, wanted := range routesOf(d.Want) {
			best, found := lookup(live, wanted.prefix)
			if found && (best.hole || best.target == wanted.target || learned && e.ofLink(best.target)) {
				continue // a blackhole is told as such, and a wider route of ours, or one by another connection, will do
			}
			says := fmt.Sprintf("no route covers %s: what is sent there is dropped", wanted.prefix)
			value := "no match"
			if found {
				says, value = fmt.Sprintf("%s leads to %s, and should to %s", best.prefix, best.target, wanted.target), best.target
			}
			code := failure.TGWRouteMissing
			n, known := networkOf(all, wanted.prefix)
			if peering, over := e.peeringOf(wanted.target); over {
				code = failure.TGWPeeringRouteMissing
				says += ", and should go over the peering " + peering
			}
			f := e.found(code, d.ID, says).seen(e, "route to "+wanted.prefix.String(), value).toward(AWSToAzure)
			f.subject, f.told, f.turned = wanted.prefix.String(), learned, d.Turn
			for _, link := range e.File.Links {
				if e.instanceOf(link, wanted.target) >= 0 {
					f = f.on(failure.Link, link.Name)
				}
			}
			if known {
				f = e.overPeering(f.on(failure.Network, n.name), gatewayOfRoutes(d.ID), n)
				if learned {
					f = f.on(failure.Hub, n.hubOf())
				}
			}
			a.findings = append(a.findings, f)
		}
	}
	a.findings = append(a.findings, e.strayRoutes()...)
	return a
}

// instanceOf is the instance whose AWS connection of a link has an attachment,
// or -1.
func (e *Evidence) instanceOf(link desired.Link, attachment string) int {
	for _, instance := range link.Instances() {
		if own := e.live(desired.AWSConnectionID(link.Name, instance)).Attrs[desired.FactAttachment].One(); own != "" && own == attachment {
			return instance
		}
	}
	return -1
}

// leads is the instance to whose connection a transit gateway leads what is for
// the other side of a link, or -1.
func (e *Evidence) leads(link desired.Link) int {
	for _, r := range routesOf(e.live(desired.TransitGatewayRoutesID(link.TransitGateway)).Attrs["routes"]) {
		if instance := e.instanceOf(link, r.target); instance >= 0 {
			return instance
		}
	}
	return -1
}

// carries tells of a difference whether it is a move from one connection of a link
// to the other that can wait, for the one that the routes lead to carries.
func (e *Evidence) carries(d resource.Drift) bool {
	link := e.File.LinkNamed(d.Member)
	if !d.Turn || link == nil {
		return false
	}
	instance := e.leads(*link)
	return instance >= 0 && link.ConnectionStatus(e.World, instance) == desired.PairLive
}
