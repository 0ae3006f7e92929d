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

// RoutedVPCs lists the VPCs whose prefixes Azure routes to a link: those of
// its transit gateway. They are the address space of its VPN site.
func (f *File) RoutedVPCs(link Link) []VPC {
	gateway := f.TransitGatewayNamed(link.TransitGateway)
	if gateway == nil {
		return nil
	}
	return slices.Clone(gateway.VPCs)
}

// VNetsReachedFrom lists the VNets that the VPCs of a transit gateway reach:
// all of them when it has a link, for the hubs are one network.
func (f *File) VNetsReachedFrom(gateway string) []VNet {
	if len(f.LinksOfTransitGateway(gateway)) == 0 {
		return nil
	}
	var vnets []VNet
	for _, hub := range f.Azure.Hubs {
		vnets = append(vnets, hub.VNets...)
	}
	return vnets
}

// Siblings lists the other VPCs of a VPC's transit gateway. The route tables
// of a VPC lead to them and to [File.VNetsReachedFrom] by the transit gateway.
func (f *File) Siblings(vpc string) []VPC {
	gateway := f.TransitGatewayOfVPC(vpc)
	if gateway == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(gateway.VPCs), func(v VPC) bool { return v.Name == vpc })
}
