package desired

import (
	"fmt"
	"slices"
	"strings"
)

// What a link can carry, in Mbps. Of AWS: Site-to-Site VPN user guide, "Site-to-Site
// VPN quotas"; of Azure: "Virtual WAN FAQ", scale units of a VPN gateway.
const (
	mbpsOfTunnel    = 1250 // of a standard tunnel, and so of any one flow
	mbpsOfScaleUnit = 500  // of a gateway, by the scale unit
	mostScaleUnits  = 20
	mostTunnels     = 4 // of a link
)

// Advice lists what the file describes and will not do as it seems, each with its
// place: what it wants carried and cannot be, and ways of routing that get in each
// other's way, and networks that nothing joins. Such a file is right, and loads: it is built as it says.
func (f *File) Advice() []Problem {
	return slices.Concat(f.sameNumbers(), f.otherNumbers(), f.unreached(), f.twoWays(), f.tooSlow())
}

// unreached lists the transit gateways whose VPCs do not reach the VNets, and those
// whose peers do not reach each other: a packet crosses one peering at most.
func (f *File) unreached() []Problem {
	var all []Problem
	for path, gateway := range f.transitGateways() {
		if why := f.unlinked(gateway.Name); why != "" && len(f.Links) > 0 && len(gateway.VPCs) > 0 {
			all = append(all, f.origin.problem(path, "give it a link, or join it by a peering to a transit gateway that has one",
				"its VPCs and the VNets do not reach each other: "+why))
		}
		if apart := f.apart(gateway.Name); len(apart) > 0 {
			all = append(all, f.origin.problem(path, "join them by peerings of their own, if they are to reach each other",
				fmt.Sprintf("peers of %s do not reach each other over it, for a packet crosses one peering at most: the VPCs of %s", gateway.Name, strings.Join(apart, ", "))))
		}
	}
	return all
}

// apart lists the peers of a transit gateway of which another one is no peer.
func (f *File) apart(gateway string) []string {
	var names []string
	for _, peer := range f.Peers(gateway) {
		joined := f.Peers(peer.Gateway.Name)
		if len(peer.Gateway.VPCs) > 0 && slices.ContainsFunc(f.Peers(gateway), func(other Peer) bool {
			return other.Gateway.Name != peer.Gateway.Name && len(other.Gateway.VPCs) > 0 &&
				!slices.ContainsFunc(joined, func(p Peer) bool { return p.Gateway.Name == other.Gateway.Name })
		}) {
			names = append(names, peer.Gateway.Name)
		}
	}
	return names
}

// sameNumbers lists peerings of transit gateways with one ASN. AWS recommends unique
// ones, for routes that peerings may propagate one day: VPC transit gateways guide,
// "Transit gateway peering attachments"
// (https://docs.aws.amazon.com/vpc/latest/tgw/tgw-peering.html).
func (f *File) sameNumbers() []Problem {
	var all []Problem
	for path, peering := range each("aws.peerings", f.AWS.Peerings) {
		one, other := f.TransitGatewayNamed(peering.Requester()), f.TransitGatewayNamed(peering.Accepter())
		if one == nil || other == nil || one.ASN == 0 || one.ASN != other.ASN {
			continue
		}
		all = append(all, f.origin.problem(path+".join",
			"give one of them another asn before it is built: it cannot be changed while it stands",
			fmt.Sprintf("%s and %s have the same ASN, %d, and AWS recommends unique ones for peers, for the routes that peerings may propagate one day", one.Name, other.Name, one.ASN)))
	}
	return all
}
