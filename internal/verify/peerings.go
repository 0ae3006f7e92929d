package verify

import (
	"net/netip"
	"slices"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// peered tells whether the file joins two transit gateways by a peering.
func (e *Evidence) peered(gateway, other string) bool {
	return slices.ContainsFunc(e.File.Peers(gateway), func(p desired.Peer) bool { return p.Gateway.Name == other })
}

// peeringOf is the peering of the file that has an attachment.
func (e *Evidence) peeringOf(attachment string) (string, bool) {
	for _, peering := range e.File.AWS.Peerings {
		if live := e.live(desired.PeeringID(peering.Name)); attachment != "" && (live.Ref == attachment || live.Attrs[desired.FactFarEnd].Has(attachment)) {
			return peering.Name, true
		}
	}
	return "", false
}

// peeringBetween is the peering of the file between the transit gateways of two
// machines.
func (e *Evidence) peeringBetween(from, to string) (string, bool) {
	here, there := e.gatewayOf(from), e.gatewayOf(to)
	for _, peer := range e.File.Peers(here) {
		if there != "" && peer.Gateway.Name == there {
			return peer.Peering.Name, true
		}
	}
	return "", false
}

// gatewayOf is the transit gateway that the VPC of a machine is attached to, or "".
func (e *Evidence) gatewayOf(machine string) string {
	target, known := e.target(machine)
	if gateway := e.File.TransitGatewayOfVPC(target.VPC); known && target.VPC != "" && gateway != nil {
		return gateway.Name
	}
	return ""
}

// overPeering gives a finding about a transit gateway's way to a network the peering
// that the way goes by, if the file means it to go by one.
func (e *Evidence) overPeering(f Finding, gateway string, n network) Finding {
	way, by := e.File.PeerTowards(gateway, n.on)
	for _, peer := range e.File.Peers(gateway) {
		if !n.azure && peer.Gateway.Name == n.on {
			way, by = peer, true
			f = f.toward(AWSToAWS)
		}
	}
	if !by || !n.azure && n.on == gateway {
		return f
	}
	return f.on(failure.Peering, way.Peering.Name)
}

// gatewayOfRoutes is the transit gateway of a table of routes.
func gatewayOfRoutes(id resource.ID) string { return string(id)[strings.LastIndex(string(id), "/")+1:] }

// linksTo lists the links by which hubs reach a VPC.
func (e *Evidence) linksTo(vpc string) []string {
	var names []string
	for _, link := range e.File.Links {
		if slices.ContainsFunc(e.File.RoutedVPCs(link), func(v desired.VPC) bool { return v.Name == vpc }) {
			names = append(names, link.Name)
		}
	}
	return names
}

// peeringsTo lists the peerings of the transit gateway of a VPC.
func (e *Evidence) peeringsTo(gateway string) []string {
	var names []string
	for _, peer := range e.File.Peers(gateway) {
		names = append(names, peer.Peering.Name)
	}
	return names
}

// leadsOn tells whether a transit gateway is known to lead what is sent to a prefix on
// to an attachment that is not of the link that it came by. So does one over a
// peering that the file no longer has, and what is led there is not lost.
func (e *Evidence) leadsOn(link desired.Link, prefix netip.Prefix) bool {
	live := e.live(desired.TransitGatewayRoutesID(link.TransitGateway))
	r, found := lookup(routesOf(slices.Concat(live.Attrs["routes"], live.Attrs["propagated"])), prefix)
	return found && !r.hole && !slices.ContainsFunc(e.File.LinksOfTransitGateway(link.TransitGateway), func(l desired.Link) bool { return e.instanceOf(l, r.target) >= 0 })
}
