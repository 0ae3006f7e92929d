package fabric

import (
	"net/netip"
	"slices"
	"strings"
)

// sendFromVM is the packet's way out of a virtual machine.
func (p *packet) sendFromVM(vm VM) {
	if !vm.Running {
		p.drop("machine", vm.ID, "%s is stopped", p.from)
		return
	}
	p.pass("machine", vm.ID, "%s", p.from)
	vnet := p.fabric.vnets[fold(vm.VNet)]
	subnet := vnet.subnet(vm.Subnet)
	if !p.filtered(vm, vm.NIC, vm.Rules, outbound) || !p.filtered(vm, subnet.ID, subnet.Rules, outbound) {
		return
	}
	route, found := p.fabric.nicRoute(vm, p.to)
	if !found {
		p.drop("nic-routes", vm.NIC, "no effective route of the network interface covers %s", p.to)
		return
	}
	switch route.NextHopType {
	case "VnetLocal":
		p.pass("nic-routes", vm.NIC, "%s is local to the VNet", route.Prefix)
		p.enterVNet(vnet)
	case "VirtualNetworkGateway":
		if !vnet.Connected || !vnet.Associated {
			p.drop("nic-routes", vm.NIC, "%s goes to a gateway, but the VNet has no associated hub connection", route.Prefix)
			return
		}
		p.pass("nic-routes", vm.NIC, "%s goes to the hub", route.Prefix)
		p.enterHub(vnet.Hub, false)
	case "VirtualAppliance":
		p.drop("nic-routes", vm.NIC, "the user-defined route %s of %s sends it to a virtual appliance", route.Prefix, route.Table)
	case "None":
		p.drop("nic-routes", vm.NIC, "the best route is %s to nowhere%s", route.Prefix, ofTable(route))
	default:
		p.drop("nic-routes", vm.NIC, "the best route is %s to %s%s, which does not lead to %s", route.Prefix, route.NextHopType, ofTable(route), p.to)
	}
}

func ofTable(route NICRoute) string {
	if route.Table == "" {
		return ""
	}
	return ", a user-defined route of " + route.Table
}

// enterVNet delivers the packet inside a VNet.
func (p *packet) enterVNet(vnet VNet) {
	for _, vm := range p.fabric.vmsByAddr[p.to] {
		if !strings.EqualFold(vm.VNet, vnet.ID) {
			continue
		}
		subnet := vnet.subnet(vm.Subnet)
		if !p.filtered(vm, subnet.ID, subnet.Rules, inbound) || !p.filtered(vm, vm.NIC, vm.Rules, inbound) {
			return
		}
		p.receive(vm.ID, vm.Running, vm.Answers)
		return
	}
	p.drop("vnet", vnet.ID, "no machine of the VNet has the address %s", p.to)
}

// enterHub routes the packet in a hub. A packet from a branch may go to
// another branch only where the WAN allows it.
func (p *packet) enterHub(id string, fromBranch bool) {
	hub, stands := p.fabric.hubs[fold(id)]
	if p.circles("hub", id) {
		return
	}
	if !stands || !hub.Routed {
		p.drop("hub", id, "the hub's router is not provisioned")
		return
	}
	route, found := longest(p.fabric.HubRoutes(id), func(route Route) netip.Prefix { return route.Prefix }, p.to)
	if !found {
		p.drop("hub", id, "no effective route of the hub covers %s", p.to)
		return
	}
	p.pass("hub", id, "%s by %s to %s", route.Prefix, route.NextHopType, route.NextHop)
	switch route.NextHopType {
	case "Remote Hub":
		p.enterHub(route.NextHop, fromBranch)
	case "VPN_S2S_Gateway":
		if fromBranch && !hub.BranchToBranch {
			p.drop("hub", id, "the virtual WAN does not let branches talk to branches")
			return
		}
		p.leaveGateway(p.fabric.gateways[fold(route.NextHop)])
	default:
		p.leaveHubTo(id, route.NextHop)
	}
}

// leaveHubTo goes on to the resource a route names: the connection of a VNet.
func (p *packet) leaveHubTo(hub, resource string) {
	for _, vnet := range p.fabric.vnetsOf[fold(hub)] {
		if strings.EqualFold(vnet.Connection, resource) {
			p.enterVNet(vnet)
			return
		}
	}
	p.drop("hub", hub, "the next hop %s is not a VNet connection of the hub", resource)
}

// leaveGateway chooses a tunnel: of the link connections with the longest
// prefix that covers the address, the first that is up.
func (p *packet) leaveGateway(gateway Gateway) {
	var chosen []Pair
	bits, why := -1, "no link connection of the gateway covers the address"
	for _, pair := range p.fabric.pairs {
		if !strings.EqualFold(pair.Gateway, gateway.ID) || pair.LinkConnection == "" {
			continue
		}
		covers := p.covers(gateway, pair)
		if covers > bits {
			bits, chosen = covers, nil
		}
		if covers >= 0 && covers == bits {
			chosen = append(chosen, pair)
		}
	}
	for _, pair := range chosen {
		if pair.Up {
			p.pass("gateway", gateway.ID, "instance %d by %s", pair.Instance, pair.LinkConnection)
			p.pass("tunnel", pair.Outside.String(), "%s to %s", pair.Address, pair.Outside)
			p.enterTransitGateway(pair.TransitGateway, pair.Attachment)
			return
		}
	}
	meant := slices.IndexFunc(chosen, func(pair Pair) bool { return pair.Meant })
	if len(chosen) > 0 {
		why = "no tunnel is up: " + chosen[max(meant, 0)].Why
	}
	p.drop("gateway", gateway.ID, "%s", why)
}

// covers is the length of the longest prefix that a pair's link connection has
// for the packet's destination, or -1.
func (p *packet) covers(gateway Gateway, pair Pair) int {
	for _, link := range p.fabric.linksOf[fold(gateway.ID)] {
		if link.ID != pair.LinkConnection {
			continue
		}
		prefixes := slices.Clone(link.SitePrefixes)
		for _, learned := range p.fabric.learnedBy(link) {
			prefixes = append(prefixes, learned.prefix)
		}
		best, found := longest(prefixes, func(prefix netip.Prefix) netip.Prefix { return prefix }, p.to)
		if found {
			return best.Bits()
		}
	}
	return -1
}
