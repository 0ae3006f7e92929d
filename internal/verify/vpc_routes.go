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

// vpcRoutes tells which prefixes of Azure, and of the VPCs of peers, a route table
// of the file does not lead to the transit gateway.
func vpcRoutes(e *Evidence) answer {
	a := answer{of: "route tables"}
	wanted := e.wantedRoutes()
	for _, gateway := range e.File.TransitGateways() {
		ref, far := e.live(desired.TransitGatewayID(gateway.Name)).Ref, e.farOf(gateway.Name)
		for _, vpc := range gateway.VPCs {
			for _, table := range vpc.RouteTables {
				id := desired.VPCRoutesID(table)
				members, known := e.live(id).Attrs["routes"]
				if !e.stands(id) || !known || ref == "" {
					continue
				}
				a.subjects++
				routes := routesOf(members)
				prefixes := among(far, slices.Concat(routes, wanted[id]))
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

// farOf are the prefixes of Azure, and of the VPCs of the peers of a transit
// gateway.
func (e *Evidence) farOf(gateway string) map[netip.Prefix]bool {
	far := map[netip.Prefix]bool{}
	for _, n := range e.networks() {
		for _, prefix := range n.prefixes() {
			far[prefix] = far[prefix] || n.azure || e.peered(gateway, n.on)
		}
	}
	return far
}

// among picks the prefixes of routes that are among some, each once: a route table
// of a VPC should lead them to the transit gateway.
func among(some map[netip.Prefix]bool, routes []route) []netip.Prefix {
	var prefixes []netip.Prefix
	seen := map[netip.Prefix]bool{}
	for _, r := range routes {
		if some[r.prefix] && !seen[r.prefix] {
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
