package desired

import "slices"

// RoutedVNets lists the VNets whose prefixes a transit gateway routes to a
// link. The hubs of the virtual WAN are one network, so one link carries them
// all. Where a transit gateway has several links, each carries the VNets of
// its own hub, and the first also those of the hubs without one: a prefix has
// one static route, to one attachment.
func (f *File) RoutedVNets(link Link) []VNet {
	links := f.LinksOfTransitGateway(link.TransitGateway)
	var vnets []VNet
	for _, hub := range f.Azure.Hubs {
		carrier := slices.IndexFunc(links, func(l Link) bool { return l.Hub == hub.Name })
		if carrier = max(carrier, 0); len(links) > 0 && links[carrier].Name == link.Name {
			vnets = append(vnets, hub.VNets...)
		}
	}
	return vnets
}

// RoutedVPCs lists the VPCs whose prefixes Azure routes to a link: those of its
// transit gateway, and those of the transit gateways without a link that reach
// the link's hub by way of it. They are the address space of its VPN site.
func (f *File) RoutedVPCs(link Link) []VPC {
	gateway := f.TransitGatewayNamed(link.TransitGateway)
	if gateway == nil {
		return nil
	}
	vpcs := slices.Clone(gateway.VPCs)
	for _, peer := range f.Peers(gateway.Name) {
		if way, has := f.PeerTowards(peer.Gateway.Name, link.Hub); has && way.Gateway.Name == gateway.Name {
			vpcs = append(vpcs, peer.Gateway.VPCs...)
		}
	}
	return vpcs
}

// VPCsBehind lists the VPCs that a hub reaches by a link: [File.RoutedVPCs],
// and where BGP tells them those of all peers, for AWS tells by BGP also the
// static routes of the table, and those over peerings are among them.
func (f *File) VPCsBehind(link Link) []VPC {
	if link.Routing != BGP {
		return f.RoutedVPCs(link)
	}
	return append(f.VPCsOn(link.TransitGateway), f.PeeredVPCs(link.TransitGateway)...)
}

// VPCsOn lists the VPCs that are attached to a transit gateway.
func (f *File) VPCsOn(gateway string) []VPC {
	if g := f.TransitGatewayNamed(gateway); g != nil {
		return slices.Clone(g.VPCs)
	}
	return nil
}

// PeeredVPCs lists the VPCs that are attached to the peers of a transit gateway.
func (f *File) PeeredVPCs(gateway string) []VPC {
	var vpcs []VPC
	for _, peer := range f.Peers(gateway) {
		vpcs = append(vpcs, peer.Gateway.VPCs...)
	}
	return vpcs
}

// ReachesVNets tells whether the VPCs of a transit gateway reach the VNets: all of
// them when it has a link, or a peer that has one, for the hubs are one network.
func (f *File) ReachesVNets(gateway string) bool {
	_, byPeer := f.PeerTowards(gateway, "")
	return byPeer || len(f.LinksOfTransitGateway(gateway)) > 0
}
