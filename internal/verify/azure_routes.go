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

// sites compares, for each link, the site's address space with the prefixes
// that the file gives the VPCs and that they have.
func sites(e *Evidence) answer {
	a := answer{of: "prefixes"}
	for _, link := range e.File.Links {
		id := desired.VPNSiteID(link.Name)
		space, known := e.live(id).Attrs["address_space"]
		if !e.stands(id) || !known || e.toldByBGP(link) { // BGP tells the prefixes, and the site none
			continue
		}
		var have []netip.Prefix
		for _, r := range routesOf(space) {
			have = append(have, r.prefix)
		}
		var want []netip.Prefix
		for _, n := range e.networks() {
			if n.azure || !slices.ContainsFunc(e.File.RoutedVPCs(link), func(v desired.VPC) bool { return v.Name == n.name }) {
				continue
			}
			want = append(want, n.prefixes()...)
			a.subjects += len(n.prefixes())
			a.findings = append(a.findings, missingAtSite(e, id, n, have)...)
		}
		for _, prefix := range have {
			if slices.Contains(want, prefix) || e.leadsOn(link, prefix) {
				continue
			}
			f := e.found(failure.SitePrefixDrift, id, fmt.Sprintf("its address space has %s, which no VPC of the link has: Azure sends it into a hole", prefix))
			f.subject = prefix.String()
			a.findings = append(a.findings, f.seen(e, "addressSpace.addressPrefixes", space.String()).toward(AzureToAWS).as(failure.Warning))
		}
	}
	return a
}

// missingAtSite tells which prefixes of a VPC the site lacks, and which it has
// though the VPC does not.
func missingAtSite(e *Evidence, site resource.ID, n network, have []netip.Prefix) []Finding {
	var all []Finding
	add := func(prefix netip.Prefix, severity failure.Severity, says string) {
		f := e.found(failure.SitePrefixDrift, site, fmt.Sprintf(says, prefix, n.id)).as(severity).toward(AzureToAWS).on(failure.Network, n.name)
		f = f.seen(e, "addressSpace.addressPrefixes", e.live(site).Attrs["address_space"].String())
		f.Evidence = append(f.Evidence, e.found(f.Code, n.id, "").seen(e, "CidrBlockAssociationSet", e.live(n.id).Attrs[desired.FactPrefixes].String()).Evidence...)
		f.subject = prefix.String()
		all = append(all, f)
	}
	for _, prefix := range n.prefixes() {
		declared, live := slices.Contains(n.declared, prefix), n.live == nil || slices.Contains(n.live, prefix)
		there := slices.ContainsFunc(have, func(wide netip.Prefix) bool { return covers(wide, prefix) })
		switch {
		case !there && (declared || len(n.declared) == 0):
			add(prefix, failure.Error, "its address space lacks %s of %s: Azure never sends it to AWS")
		case !there:
			add(prefix, failure.Warning, "its address space lacks %s, which %s has and the file does not know")
		case declared && !live:
			add(prefix, failure.Error, "its address space and the file have %s, and %s does not: Azure sends it into a hole")
		}
	}
	return all
}

// joins are the drifts of connections that take a network off its hub's
// routing, with the direction that is lost.
var joins = []struct {
	key  string
	code failure.Code
	lost Direction
}{
	{"azure/vnet-connection.missing", failure.VNetConnectionRouting, BothWays},
	{"azure/vnet-connection.remote_vnet", failure.VNetConnectionRouting, BothWays},
	{"azure/vnet-connection.associated_table", failure.VNetConnectionRouting, AzureToAWS},
	{"azure/vnet-connection.propagated_tables", failure.VNetConnectionRouting, AWSToAzure},
	{"azure/vnet-connection.propagated_labels", failure.VNetConnectionRouting, AWSToAzure},
	{"azure/vpn-connection.associated_table", failure.HubRouteMissing, AWSToAzure},
	{"azure/vpn-connection.propagated_tables", failure.HubRouteMissing, AzureToAWS},
	{"azure/vpn-connection.propagated_labels", failure.HubRouteMissing, AzureToAWS},
}

// joined are the findings of one code about connections that are not joined
// to the hub's routing as the file wants.
func (e *Evidence) joined(code failure.Code) []Finding {
	var all []Finding
	for _, d := range e.Drifts {
		for _, join := range joins {
			if d.Key() != join.key || join.code != code || d.Class == resource.Unseen {
				continue
			}
			says, field := "there is none", "routingConfiguration"
			if d.Attr != "" {
				says = fmt.Sprintf("its %s: %s, and should be %s; %s", strings.ReplaceAll(d.Attr, "_", " "), short(d.Have), short(d.Want), d.Breaks)
				field += "." + d.Attr
			}
			f := e.found(code, d.ID, says).seen(e, field, orNone(d.Have)).toward(join.lost)
			f.subject = d.Attr
			for _, hub := range e.File.Azure.Hubs {
				if slices.ContainsFunc(hub.VNets, func(v desired.VNet) bool { return desired.VNetConnectionID(v.Name) == d.ID }) {
					f = f.on(failure.Hub, hub.Name)
				}
			}
			for _, link := range e.File.Links {
				if desired.AzureConnectionID(link.Name) == d.ID {
					f = f.on(failure.Hub, link.Hub)
				}
			}
			all = append(all, f)
		}
	}
	return all
}

// vnetConnections tells which VNets are not joined to their hub's routing.
func vnetConnections(e *Evidence) answer {
	a := answer{of: "connections", findings: e.joined(failure.VNetConnectionRouting)}
	for id := range e.World {
		if e.stands(id) && strings.HasPrefix(string(id), "azure/vnet-connection/") {
			a.subjects++
		}
	}
	return a
}

// short is a value with ARM ids by their last parts alone.
func short(value resource.Value) string {
	if len(value) == 0 {
		return "none"
	}
	parts := make([]string, len(value))
	for i, member := range value {
		parts[i] = lastPart(member)
	}
	return strings.Join(parts, ", ")
}

func orNone(value resource.Value) string {
	if len(value) == 0 {
		return "none"
	}
	return value.String()
}

// shadows are the next hops that can win a prefix from where it should lead.
var shadows = map[string]string{
	"resourceid": "a static route of the table", "ipaddress": "a static route of the table",
	"hub": "another hub", "expressroute": "ExpressRoute", "firewall": "a firewall", "vpn": "the VPN gateway", "vnet": "a VNet",
}

// hubRoutes tells which routes each hub lacks, and what wins in their place.
func hubRoutes(e *Evidence) answer {
	a := answer{of: "routes", findings: e.joined(failure.HubRouteMissing)}
	all := e.networks()
	for _, hub := range e.File.Azure.Hubs {
		if routes, known := e.live(desired.HubRoutesID(hub.Name)).Attrs["routes"]; known {
			a.subjects += len(routes)
		}
	}
	for _, d := range e.Drifts {
		if d.Key() != "azure/hub-routes.routes" || d.Class == resource.Unseen {
			continue
		}
		hub := strings.TrimPrefix(string(d.ID), "azure/hub-routes/")
		for _, member := range d.Want {
			text, class, _ := strings.Cut(member, " ")
			prefix, err := netip.ParsePrefix(text)
			if err != nil {
				continue
			}
			if !e.otherWay(hub, prefix, class, all) {
				a.findings = append(a.findings, e.hubRouteMissing(d.ID, hub, prefix, class, all))
			}
		}
	}
	return a
}

// otherWay tells of a VPC that a hub reaches otherwise than it should, and that this is
// no loss: by a link of its own, over a peering that the file does not have, and not by
// another hub; or by another hub, at which its link still stands.
func (e *Evidence) otherWay(hub string, prefix netip.Prefix, class string, all []network) bool {
	n, known := networkOf(all, prefix)
	if !known || n.azure {
		return false
	}
	own := slices.ContainsFunc(e.File.LinksOfHub(hub), func(l desired.Link) bool { return e.leadsOn(l, prefix) })
	has := func(class string) bool {
		return e.live(desired.HubRoutesID(hub)).Attrs["routes"].Has(prefix.String() + " " + class)
	}
	led := slices.ContainsFunc(e.File.LinksOfHub(hub), func(l desired.Link) bool {
		return slices.ContainsFunc(e.File.VPCsBehind(l), func(v desired.VPC) bool { return v.Name == n.name })
	})
	return class == "hub" && own && has("vpn") || class == "vpn" && !led && has("hub")
}

// hubRouteMissing is about one prefix that a hub lacks.
func (e *Evidence) hubRouteMissing(id resource.ID, hub string, prefix netip.Prefix, class string, all []network) Finding {
	live := e.live(id).Attrs["routes"]
	says, value := fmt.Sprintf("it has no route to %s", prefix), "no route"
	for _, member := range live {
		if other, won := strings.CutPrefix(member, prefix.String()+" "); won {
			says, value = fmt.Sprintf("%s is won by %s, and should lead to %s", prefix, nameOf(other), nameOf(class)), other
		}
	}
	f := e.found(failure.HubRouteMissing, id, says).seen(e, "nextHopType of "+prefix.String(), value).on(failure.Hub, hub)
	f.subject = prefix.String()
	n, known := networkOf(all, prefix)
	if !known {
		return f
	}
	f = f.on(failure.Network, n.name).on(failure.Hub, n.hubOf())
	if n.azure {
		if value == "vpn" && class == "hub" {
			f.Says += e.toldOfStatic(hub, prefix)
			f = e.ledAstray(f, hub, n)
		}
		return f.toward(AWSToAzure)
	}
	f.told = slices.ContainsFunc(e.File.LinksOfHub(hub), func(l desired.Link) bool { return l.Routing == desired.BGP })
	return f.toward(AzureToAWS).on(failure.Link, e.linksTo(n.name)...).on(failure.Peering, e.peeringsTo(n.on)...)
}

func nameOf(class string) string {
	if name, known := shadows[class]; known {
		return name
	}
	return class
}
