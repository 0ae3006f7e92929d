package fabric

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
)

// sendFromEC2 is the packet's way out of an EC2 instance.
func (p *packet) sendFromEC2(host EC2) {
	if !host.Running {
		p.drop("machine", host.ID, "%s is stopped", p.from)
		return
	}
	p.pass("machine", host.ID, "%s", p.from)
	if !p.grouped(host, outbound) {
		return
	}
	vpc := p.fabric.vpcs[host.VPC]
	subnet := vpc.subnet(host.Subnet)
	if !subnet.Prefix.Contains(p.to) && !p.listed(subnet, outbound) {
		return
	}
	route, found := longest(subnet.Routes, func(route EC2Route) netip.Prefix { return route.Prefix }, p.to)
	switch {
	case !found:
		p.drop("subnet-routes", subnet.Table, "the route table of %s has no route for %s", subnet.ID, p.to)
	case route.Blackhole:
		p.drop("subnet-routes", subnet.Table, "the route %s to %s is a blackhole", route.Prefix, route.Target)
	case route.Target == "local":
		p.pass("subnet-routes", subnet.Table, "%s is local to the VPC", route.Prefix)
		p.enterVPC(vpc)
	case strings.HasPrefix(route.Target, "tgw-"):
		p.pass("subnet-routes", subnet.Table, "%s to %s", route.Prefix, route.Target)
		p.leaveVPC(vpc, subnet, route.Target)
	default:
		p.drop("subnet-routes", subnet.Table, "the route %s leads to %s, which does not lead to %s", route.Prefix, route.Target, p.to)
	}
}

// leaveVPC takes the packet from a subnet to the transit gateway: only from a
// zone in which the VPC's attachment has a subnet.
func (p *packet) leaveVPC(vpc VPC, subnet EC2Subnet, transitGateway string) {
	gateway := p.fabric.transitGateways[transitGateway]
	for _, attachment := range gateway.Attachments {
		if attachment.Type != "vpc" || attachment.Resource != vpc.ID {
			continue
		}
		if !slices.Contains(attachment.Zones, subnet.Zone) {
			p.drop("attachment", attachment.ID, "the attachment has no subnet in %s, the zone of %s", subnet.Zone, subnet.ID)
			return
		}
		p.enterTransitGateway(transitGateway, attachment.ID)
		return
	}
	p.drop("subnet-routes", subnet.Table, "%s is not attached to %s", vpc.ID, transitGateway)
}

// enterTransitGateway routes a packet that came by an attachment, by the route
// table that the attachment is associated with.
func (p *packet) enterTransitGateway(id, by string) {
	if p.circles("transit-gateway", id) {
		return
	}
	gateway := p.fabric.transitGateways[id]
	attachment, stands := gateway.attachment(by)
	switch {
	case !stands:
		p.drop("attachment", by, "the attachment is not available on %s", id)
		return
	case attachment.Table == "":
		p.drop("attachment", by, "the attachment is associated with no route table")
		return
	}
	p.pass("attachment", by, "associated with %s", attachment.Table)
	route, found := p.fabric.LookupTGW(attachment.Table, p.to)
	switch {
	case !found:
		p.drop("transit-gateway", attachment.Table, "the route table has no route for %s", p.to)
		return
	case route.State == "blackhole" && len(route.Attachments) == 0:
		p.drop("transit-gateway", attachment.Table, "the route %s is a wanted blackhole", route.Prefix)
		return
	case route.State == "blackhole":
		p.drop("transit-gateway", attachment.Table, "the route %s is a blackhole: %s is gone", route.Prefix, route.Attachments[0])
		return
	}
	p.pass("transit-gateway", attachment.Table, "%s %s to %s", route.Type, route.Prefix, strings.Join(route.Attachments, ", "))
	p.leaveTransitGateway(gateway, route)
}

// leaveTransitGateway goes on by the attachment that a route names.
func (p *packet) leaveTransitGateway(gateway TransitGateway, route TGWRoute) {
	first, _ := gateway.attachment(route.Attachments[0])
	switch first.Type {
	case "vpc":
		p.pass("attachment", first.ID, "to %s", first.Resource)
		p.enterVPC(p.fabric.vpcs[first.Resource])
	case "vpn":
		p.leaveVPN(gateway, route.Attachments)
	case "peering":
		p.pass("attachment", first.ID, "to %s", first.Peer)
		p.enterTransitGateway(first.Peer, cmp.Or(first.PeerEnd, first.ID))
	default:
		p.drop("attachment", first.ID, "attachments of type %s lead nowhere", first.Type)
	}
}

// leaveVPN chooses a tunnel that is up, of the attachments' VPN connections.
// AWS picks one and nobody can say which; here it is the one that the
// connection prefers, the first by itself.
func (p *packet) leaveVPN(gateway TransitGateway, attachments []string) {
	var meant, other string // why not
	for _, id := range attachments {
		attachment, _ := gateway.attachment(id)
		connection := p.fabric.connections[attachment.Resource]
		for _, tunnel := range connection.preferred() {
			for _, pair := range p.fabric.pairsOf[tunnel.Outside] {
				if pair.Up && (connection.Static || pair.BGPUp) {
					p.pass("attachment", id, "to %s", connection.ID)
					p.pass("tunnel", tunnel.Outside.String(), "%s to %s", tunnel.Outside, pair.Address)
					p.enterGateway(p.fabric.gateways[fold(pair.Gateway)])
					return
				}
				if pair.Meant {
					meant = cmp.Or(meant, pair.Why)
				}
				other = cmp.Or(other, pair.Why)
			}
		}
	}
	p.drop("attachment", attachments[0], "no tunnel is up: %s", cmp.Or(meant, other, "the VPN connection has none"))
}

// preferred are the tunnels in the order in which AWS chooses.
func (c VPNConnection) preferred() []AWSTunnel {
	if c.Prefers <= 0 || c.Prefers >= len(c.Tunnels) {
		return c.Tunnels
	}
	return append([]AWSTunnel{c.Tunnels[c.Prefers]}, slices.Delete(slices.Clone(c.Tunnels), c.Prefers, c.Prefers+1)...)
}

// enterGateway takes a packet from a tunnel into the gateway's hub.
func (p *packet) enterGateway(gateway Gateway) {
	p.pass("gateway", gateway.ID, "to its hub")
	p.enterHub(gateway.Hub, true)
}

// enterVPC delivers the packet inside a VPC.
func (p *packet) enterVPC(vpc VPC) {
	for _, host := range p.fabric.hostsByAddr[p.to] {
		if host.VPC != vpc.ID {
			continue
		}
		subnet := vpc.subnet(host.Subnet)
		if !subnet.Prefix.Contains(p.from) && !p.listed(subnet, inbound) {
			return
		}
		if !p.grouped(host, inbound) {
			return
		}
		p.receive(host.ID, host.Running, host.Answers)
		return
	}
	p.drop("vpc", vpc.ID, "no machine of the VPC has the address %s", p.to)
}
