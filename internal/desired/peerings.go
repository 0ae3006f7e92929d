package desired

import "slices"

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

// Requester is the transit gateway whose side asks for the peering.
func (p Peering) Requester() string { return p.end(0) }

// Accepter is the transit gateway whose side accepts the peering.
func (p Peering) Accepter() string { return p.end(1) }

func (p Peering) end(i int) string {
	if i >= len(p.Join) {
		return ""
	}
	return p.Join[i]
}
