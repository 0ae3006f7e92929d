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
	lost := map[string]Direction{"aws/vpc-attachment.association": AWSToAzure, "aws/vpn-connection.association": AzureToAWS}
	for _, d := range e.Drifts {
		direction, ours := lost[d.Key()]
		if !ours || d.Class == resource.Unseen {
			continue
		}
		says := "it is associated with no route table: what enters by it is dropped"
		if len(d.Have) > 0 {
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
		if e.stands(id) && (strings.HasPrefix(string(id), "aws/vpc-attachment/") || strings.HasPrefix(string(id), "aws/vpn-connection/")) {
			count++
		}
	}
	return count
}

// propagations tells which VPCs do not propagate to the table that Azure's
// packets are looked up in.
func propagations(e *Evidence) answer {
	a := answer{of: "attachments"}
	for id := range e.World {
		if e.stands(id) && strings.HasPrefix(string(id), "aws/vpc-attachment/") {
			a.subjects++
		}
	}
	for _, d := range e.Drifts {
		if d.Key() != "aws/vpc-attachment.propagation" || d.Class == resource.Unseen || len(d.Want.Without(d.Have)) == 0 {
			continue
		}
		says := fmt.Sprintf("it does not propagate to %s: what is sent to the VPC finds no route", d.Want.Without(d.Have))
		a.findings = append(a.findings, e.found(failure.TGWPropagationOff, d.ID, says).seen(e, "GetTransitGatewayRouteTablePropagations", orNone(d.Have)).toward(AzureToAWS))
	}
	return a
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
				if !slices.ContainsFunc(n.prefixes(), r.takesFrom(routes)) || !n.azure && n.on != gateway.Name {
					continue
				}
				says := fmt.Sprintf("%s is a blackhole: %s", r.prefix, e.fate(gateway.Name, r.target))
				f := e.found(failure.TGWRouteBlackhole, id, says).seen(e, "State of "+r.prefix.String(), strings.TrimSpace("blackhole "+r.target))
				f.subject = r.prefix.String()
				a.findings = append(a.findings, e.towardNetwork(f, n))
			}
		}
	}
	return a
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
// to, or one that leads to another attachment than the link's.
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
		live := routesOf(slices.Concat(e.live(d.ID).Attrs["routes"], e.live(d.ID).Attrs["propagated"]))
		for _, wanted := range routesOf(d.Want) {
			best, found := lookup(live, wanted.prefix)
			if found && (best.hole || best.target == wanted.target || learned) {
				continue // a blackhole is told as such, and a wider route of ours, or one by another connection, will do
			}
			says := fmt.Sprintf("no route covers %s: what is sent there is dropped", wanted.prefix)
			value := "no match"
			if found {
				says, value = fmt.Sprintf("%s leads to %s, and should to %s", best.prefix, best.target, wanted.target), best.target
			}
			f := e.found(failure.TGWRouteMissing, d.ID, says).seen(e, "route to "+wanted.prefix.String(), value).toward(AWSToAzure)
			f.subject = wanted.prefix.String()
			for _, link := range e.File.Links {
				if e.instanceOf(link, wanted.target) >= 0 {
					f = f.on(failure.Link, link.Name)
				}
			}
			if n, known := networkOf(all, wanted.prefix); known {
				f = f.on(failure.Network, n.name)
			}
			a.findings = append(a.findings, f)
		}
	}
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

// vpcRoutes tells which prefixes of Azure a route table of the file does not
// lead to the transit gateway.
func vpcRoutes(e *Evidence) answer {
	a := answer{of: "route tables"}
	azure := map[netip.Prefix]bool{}
	for _, n := range e.networks() {
		for _, prefix := range n.prefixes() {
			azure[prefix] = azure[prefix] || n.azure
		}
	}
	wanted := e.wantedRoutes()
	for _, gateway := range e.File.TransitGateways() {
		ref := e.live(desired.TransitGatewayID(gateway.Name)).Ref
		for _, vpc := range gateway.VPCs {
			for _, table := range vpc.RouteTables {
				id := desired.VPCRoutesID(table)
				members, known := e.live(id).Attrs["routes"]
				if !e.stands(id) || !known || ref == "" {
					continue
				}
				a.subjects++
				routes := routesOf(members)
				prefixes := ofAzure(azure, slices.Concat(routes, wanted[id]))
				a.findings = append(a.findings, e.tableLeads(id, vpc.Name, ref, routes, prefixes)...)
			}
		}
	}
	return a
}

// wantedRoutes are the routes that differing route tables of VPCs should have.
func (e *Evidence) wantedRoutes() map[resource.ID][]route {
	wanted := map[resource.ID][]route{}
	for _, d := range e.Drifts {
		if d.Key() == "aws/vpc-routes.routes" && d.Class == resource.Differs {
			wanted[d.ID] = append(wanted[d.ID], routesOf(d.Want)...)
		}
	}
	return wanted
}

// ofAzure picks the prefixes of routes that are those of networks of Azure, each
// once: a route table of a VPC should lead them to the transit gateway.
func ofAzure(azure map[netip.Prefix]bool, routes []route) []netip.Prefix {
	var prefixes []netip.Prefix
	seen := map[netip.Prefix]bool{}
	for _, r := range routes {
		if azure[r.prefix] && !seen[r.prefix] {
			seen[r.prefix] = true
			prefixes = append(prefixes, r.prefix)
		}
	}
	return prefixes
}

// tableLeads judges one route table, prefix by prefix: it must lead to the
// transit gateway, and no narrower route may lead a part elsewhere.
func (e *Evidence) tableLeads(id resource.ID, vpc, gateway string, routes []route, wanted []netip.Prefix) []Finding {
	var all []Finding
	add := func(prefix netip.Prefix, says, value string) {
		f := e.found(failure.VPCRouteMissing, id, says).seen(e, "route to "+prefix.String(), value).toward(AWSToAzure)
		f.subject = prefix.String()
		if n, known := networkOf(e.networks(), prefix); known {
			f = f.on(failure.Network, n.name)
		}
		all = append(all, f.on(failure.Network, vpc))
	}
	exact := map[netip.Prefix]route{}
	var strange []route // those that lead elsewhere
	for _, r := range routes {
		if _, twice := exact[r.prefix]; !twice {
			exact[r.prefix] = r
		}
		if r.hole || r.target != gateway {
			strange = append(strange, r)
		}
	}
	for _, prefix := range wanted {
		best, found := exact[prefix]
		if !found {
			best, found = lookup(routes, prefix)
		}
		switch {
		case !found:
			add(prefix, fmt.Sprintf("no route covers %s", prefix), "no match")
		case best.hole:
			add(prefix, fmt.Sprintf("%s leads into a hole: %s is gone", best.prefix, best.target), "blackhole "+best.target)
		case best.target != gateway:
			add(prefix, fmt.Sprintf("%s leads to %s, and not to the transit gateway", best.prefix, best.target), best.target)
		}
		for _, r := range strange {
			if r.prefix != prefix && covers(prefix, r.prefix) {
				add(r.prefix, fmt.Sprintf("%s, a part of %s, leads to %s", r.prefix, prefix, strings.TrimSpace(r.target)), r.target)
			}
		}
	}
	return all
}
