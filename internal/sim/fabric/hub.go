package fabric

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// candidate is a route of a hub before the winners are chosen.
type candidate struct {
	Route
	rank int // lower wins among routes of the same prefix
}

// The ranks of a hub's routes. That a hub prefers its own connections to what
// other hubs tell it is documented; the order of the rest is a guess.
const (
	rankStatic = iota
	rankVNet
	rankSite
	rankLearned
	rankRemote
)

// HubRoutes lists the effective routes of a hub's default route table. A hub
// whose router is not provisioned has none.
func (f *Fabric) HubRoutes(hub string) []Route {
	if routes, known := f.hubRoutes[fold(hub)]; known {
		return routes
	}
	var candidates []candidate
	if own, stands := f.hubs[fold(hub)]; stands && own.Routed {
		candidates = append(f.staticRoutes(own), f.ownRoutes(own)...)
		candidates = append(candidates, f.remoteRoutes(own)...)
	}
	routes := winners(candidates)
	f.hubRoutes[fold(hub)] = routes
	return routes
}

func (f *Fabric) staticRoutes(hub Hub) []candidate {
	var all []candidate
	for _, route := range hub.StaticRoutes {
		all = append(all, candidate{Route{
			Prefix: route.Prefix, NextHopType: "ResourceId", NextHop: route.NextHop, Origin: hub.ID + "/hubRouteTables/defaultRouteTable",
		}, rankStatic})
	}
	return all
}

// ownRoutes are what a hub's own connections bring, which is also what it
// tells the other hubs: its VNets, the address spaces of its sites as long as
// their connections exist, up or down, and what it learns by BGP.
func (f *Fabric) ownRoutes(hub Hub) []candidate {
	var all []candidate
	for _, vnet := range f.vnetsOf[fold(hub.ID)] {
		if !vnet.Connected || !vnet.Propagates {
			continue
		}
		for _, prefix := range vnet.Prefixes {
			all = append(all, candidate{Route{
				Prefix: prefix, NextHopType: "Virtual Network Connection", NextHop: vnet.Connection, Origin: vnet.Connection,
			}, rankVNet})
		}
	}
	for _, gateway := range f.gatewaysOf[fold(hub.ID)] {
		via := Route{NextHopType: "VPN_S2S_Gateway", NextHop: gateway.ID, Origin: gateway.ID}
		for _, link := range f.linksOf[fold(gateway.ID)] {
			if link.Unpropagated {
				continue
			}
			for _, prefix := range link.SitePrefixes {
				via.Prefix, via.ASPath = prefix, ""
				all = append(all, candidate{via, rankSite})
			}
			for _, learned := range f.learnedBy(link) {
				via.Prefix, via.ASPath = learned.prefix, learned.path
				all = append(all, candidate{via, rankLearned})
			}
		}
	}
	return all
}

// remoteRoutes are what the other hubs of the WAN tell. A default route does
// not cross, nor do static routes.
func (f *Fabric) remoteRoutes(hub Hub) []candidate {
	var all []candidate
	for _, remote := range f.azure.Hubs {
		if strings.EqualFold(remote.ID, hub.ID) || !strings.EqualFold(remote.WAN, hub.WAN) || !remote.Routed {
			continue
		}
		for _, route := range f.ownRoutes(remote) {
			if route.Prefix.Bits() == 0 {
				continue
			}
			all = append(all, candidate{Route{
				Prefix: route.Prefix, NextHopType: "Remote Hub", NextHop: remote.ID, Origin: remote.ID, ASPath: "65520-65520",
			}, rankRemote})
		}
	}
	return all
}

// learned is a prefix that AWS tells over BGP.
type learned struct {
	prefix netip.Prefix
	path   string
}

// learnedBy is what Azure learns over a link: the routes of the table that
// the VPN attachment is associated with, without those that came from a VPN:
// AWS does not tell Azure what another Azure gateway told it.
func (f *Fabric) learnedBy(link LinkConnection) []learned {
	end, stands := f.ends[link.Remote]
	if !stands || link.TakesNothing || !f.sessionOver(link) {
		return nil
	}
	gateway := f.transitGateways[end.connection.TransitGateway]
	attachment, stands := gateway.attachment(end.connection.Attachment)
	if !stands {
		return nil
	}
	var all []learned
	for _, route := range f.routesOf(gateway, attachment.Table, notFromVPN) {
		if route.State == "active" && !slices.Contains(route.Attachments, attachment.ID) {
			all = append(all, learned{route.Prefix, strconv.FormatUint(uint64(gateway.ASN), 10)})
		}
	}
	return all
}

// sessionOver says whether a BGP session of any instance is up over a link.
func (f *Fabric) sessionOver(link LinkConnection) bool {
	return slices.ContainsFunc(f.pairsOf[link.Remote], func(pair Pair) bool {
		return pair.BGPUp && pair.LinkConnection == link.ID
	})
}

// advertised is what a hub tells its branches by BGP: the VNets of all hubs of
// the WAN. What other branches told it is left out, and so are the hubs' own
// prefixes; both are simplifications.
func (f *Fabric) advertised(hub Hub) []netip.Prefix {
	if !hub.Routed {
		return nil
	}
	var all []netip.Prefix
	for _, other := range f.azure.Hubs {
		if !other.Routed || !strings.EqualFold(other.WAN, hub.WAN) {
			continue
		}
		for _, vnet := range f.vnetsOf[fold(other.ID)] {
			if vnet.Connected && vnet.Propagates {
				all = append(all, vnet.Prefixes...)
			}
		}
	}
	slices.SortFunc(all, comparePrefixes)
	return slices.Compact(all)
}

// winners keeps the best route of each prefix, in order of prefix.
func winners(candidates []candidate) []Route {
	slices.SortStableFunc(candidates, func(a, b candidate) int {
		return cmp.Or(comparePrefixes(a.Prefix, b.Prefix), cmp.Compare(a.rank, b.rank))
	})
	var routes []Route
	for i, route := range candidates {
		if i == 0 || route.Prefix != candidates[i-1].Prefix {
			routes = append(routes, route.Route)
		}
	}
	return routes
}

func comparePrefixes(a, b netip.Prefix) int {
	return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
}

// longest finds the route with the longest prefix that covers an address; the
// first of equals.
func longest[R any](routes []R, prefix func(R) netip.Prefix, to netip.Addr) (R, bool) {
	var best R
	bits := -1
	for _, route := range routes {
		if p := prefix(route); p.Contains(to) && p.Bits() > bits {
			best, bits = route, p.Bits()
		}
	}
	return best, bits >= 0
}
