package desired

import (
	"fmt"
	"slices"
)

// Peer is a transit gateway at the other end of a peering.
type Peer struct {
	Peering Peering
	Gateway TransitGateway
}

// Peers lists the transit gateways that peerings join to one, in file order.
// A packet crosses one peering at most: of what lies behind a peer's other
// peerings nothing is told.
func (f *File) Peers(gateway string) []Peer {
	var peers []Peer
	for _, peering := range f.AWS.Peerings {
		at := slices.Index(peering.Join, gateway)
		if at < 0 || len(peering.Join) != 2 {
			continue
		}
		if other := f.TransitGatewayNamed(peering.Join[1-at]); other != nil && other.Name != gateway {
			peers = append(peers, Peer{peering, *other})
		}
	}
	return peers
}

// PeerTowards is the peer by which a transit gateway without a link of its own
// reaches the VNets of a hub: the first with a link to the hub, else the first
// with any. One that has a link uses no peer, also while the link is down: a
// static route over the peering would hide what its own link tells.
func (f *File) PeerTowards(gateway, hub string) (Peer, bool) {
	if len(f.LinksOfTransitGateway(gateway)) > 0 {
		return Peer{}, false
	}
	linked := slices.DeleteFunc(f.Peers(gateway), func(p Peer) bool { return len(f.LinksOfTransitGateway(p.Gateway.Name)) == 0 })
	if len(linked) == 0 {
		return Peer{}, false
	}
	near := slices.IndexFunc(linked, func(p Peer) bool {
		return slices.ContainsFunc(f.LinksOfTransitGateway(p.Gateway.Name), func(l Link) bool { return l.Hub == hub })
	})
	return linked[max(near, 0)], true
}

// Peered tells whether a peering joins the transit gateways of two VPCs.
func (f *File) Peered(vpc, other string) bool {
	here, there := f.TransitGatewayOfVPC(vpc), f.TransitGatewayOfVPC(other)
	return here != nil && there != nil && slices.ContainsFunc(f.Peers(here.Name), func(p Peer) bool { return p.Gateway.Name == there.Name })
}

// Unjoined is why the file does not mean two of its networks, VNets or VPCs, to reach
// each other, as a clause; "" when it does. The hubs are one network, a VPC reaches
// the VNets as its transit gateway does, and the VPCs of its peers.
func (f *File) Unjoined(one, other string) string {
	here, there := f.TransitGatewayOfVPC(one), f.TransitGatewayOfVPC(other)
	switch {
	case here == nil && there == nil: // two VNets
		return ""
	case here == nil:
		return f.unlinked(there.Name)
	case there == nil:
		return f.unlinked(here.Name)
	case here.Name == there.Name || f.Peered(one, other):
		return ""
	}
	return fmt.Sprintf("no peering joins %s and %s%s", here.Name, there.Name, f.oneAtMost(here.Name))
}

// unlinked is why the VPCs of a transit gateway do not reach the VNets, or "".
func (f *File) unlinked(gateway string) string {
	if f.ReachesVNets(gateway) {
		return ""
	}
	return fmt.Sprintf("%s has no link, and no peering with a transit gateway that has one%s", gateway, f.oneAtMost(gateway))
}

// oneAtMost reminds of what a peering does not do, where there is one.
func (f *File) oneAtMost(gateway string) string {
	if len(f.Peers(gateway)) == 0 {
		return ""
	}
	return ", and a packet crosses one peering at most"
}

// Requester is the transit gateway whose side asks for the peering: the first of the
// two by name. The order in which the file has them means nothing: a peering that
// stands is the same from either end.
func (p Peering) Requester() string {
	if len(p.Join) != 2 {
		return ""
	}
	return min(p.Join[0], p.Join[1])
}

// Accepter is the transit gateway whose side accepts the peering.
func (p Peering) Accepter() string {
	if len(p.Join) != 2 {
		return ""
	}
	return max(p.Join[0], p.Join[1])
}
