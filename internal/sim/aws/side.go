package aws

import (
	"net/netip"
	"slices"

	"linkd/internal/sim/fabric"
)

// Side describes what stands and works, for the fabric.
func (c *Cloud) Side() fabric.AWS {
	var side fabric.AWS
	for _, name := range c.order {
		r := c.regions[name]
		for _, g := range r.gateways.all() {
			if g.state == "available" || g.state == "modifying" {
				side.TransitGateways = append(side.TransitGateways, r.gatewaySide(g))
			}
		}
		for _, v := range r.vpcs.all() {
			side.VPCs = append(side.VPCs, r.vpcSide(v))
		}
		for _, i := range r.instances.all() {
			side.Instances = append(side.Instances, r.instanceSide(i))
		}
		for _, connection := range r.connections.all() {
			if connection.state == "available" || connection.state == "modifying" {
				side.Connections = append(side.Connections, r.connectionSide(connection))
			}
		}
	}
	return side
}

func (r *region) gatewaySide(g gateway) fabric.TransitGateway {
	side := fabric.TransitGateway{ID: g.id, Region: r.name, ASN: uint32(g.asn), ECMP: g.switches["VpnEcmpSupport"] == "enable"}
	for _, a := range r.attachments.all() {
		if a.gateway == g.id && a.ready() {
			side.Attachments = append(side.Attachments, r.attachmentSide(a))
		}
	}
	for _, t := range r.tables.all() {
		if t.gateway != g.id || t.state != "available" {
			continue
		}
		table := fabric.Table{ID: t.id}
		for _, route := range r.routes[t.id].all() {
			if route.state == "active" {
				table.Static = append(table.Static, fabric.TableRoute{Prefix: route.prefix, Attachment: route.attachment})
			}
		}
		side.Tables = append(side.Tables, table)
	}
	return side
}

func (r *region) attachmentSide(a attachment) fabric.Attachment {
	side := fabric.Attachment{ID: a.id, Type: a.kind, Resource: a.resource}
	if a.association.state == "associated" {
		side.Table = a.association.table
	}
	for _, p := range a.propagations {
		if p.state == "enabled" {
			side.Propagates = append(side.Propagates, p.table)
		}
	}
	for _, id := range a.subnets {
		s, _ := r.subnets.get(id)
		side.Zones = append(side.Zones, s.zone)
	}
	return side
}

func (r *region) vpcSide(v vpc) fabric.VPC {
	side := fabric.VPC{ID: v.id, Region: r.name, Prefixes: v.prefixes}
	for _, s := range r.subnets.all() {
		if s.vpc == v.id {
			t := r.tableOf(s)
			side.Subnets = append(side.Subnets, fabric.EC2Subnet{
				ID: s.id, Zone: s.zone, Prefix: s.prefix, Table: t.id, Routes: r.routesSide(v, t), ACL: r.aclSide(s),
			})
		}
	}
	return side
}

// tableOf is the route table that decides for a subnet: the one it is
// associated with, else the VPC's main table.
func (r *region) tableOf(s subnet) routeTable {
	var main routeTable
	for _, t := range r.routeTables.all() {
		for _, id := range t.subnets {
			if id == s.id {
				return t
			}
		}
		if t.vpc == s.vpc && t.main {
			main = t
		}
	}
	return main
}

func (r *region) routesSide(v vpc, t routeTable) []fabric.EC2Route {
	var routes []fabric.EC2Route
	for _, p := range v.prefixes {
		routes = append(routes, fabric.EC2Route{Prefix: p, Target: "local"})
	}
	attached := attachedTo(r.attachments.all(), v.id)
	for _, made := range t.routes {
		routes = append(routes, fabric.EC2Route{Prefix: made.prefix, Target: made.target, Blackhole: made.state(attached) == "blackhole"})
	}
	return routes
}

func (r *region) aclSide(s subnet) []fabric.ACLEntry {
	for _, n := range r.networkACLs.all() {
		for _, id := range n.subnets {
			if id != s.id {
				continue
			}
			entries := []fabric.ACLEntry{}
			for _, e := range n.entries {
				entries = append(entries, fabric.ACLEntry{Number: e.number, Egress: e.egress, Allow: e.allow, Protocol: e.protocol, Prefix: e.prefix})
			}
			return entries
		}
	}
	return nil
}

func (r *region) instanceSide(i instance) fabric.EC2 {
	s, _ := r.subnets.get(i.subnet)
	side := fabric.EC2{ID: i.id, VPC: s.vpc, Subnet: i.subnet, Address: i.address, Running: i.state == "running", Answers: i.answers}
	for _, rule := range r.groupRules.all() {
		for _, id := range i.groups {
			if rule.group == id {
				side.Rules = append(side.Rules, r.ruleSide(rule)...)
			}
		}
	}
	return side
}

// ruleSide is what a rule lets pass; of ICMP only what covers an echo request.
// A rule about another group stands for the addresses of its members.
func (r *region) ruleSide(rule groupRule) []fabric.GroupRule {
	if rule.protocol == "icmp" && rule.from != -1 && rule.from != 8 {
		return nil
	}
	side := fabric.GroupRule{Group: rule.group, Egress: rule.egress, Protocol: rule.protocol, Prefix: rule.prefix}
	if rule.peer == "" {
		return []fabric.GroupRule{side}
	}
	var sides []fabric.GroupRule
	for _, i := range r.instances.all() {
		for _, id := range i.groups {
			if id == rule.peer {
				side.Prefix = netip.PrefixFrom(i.address, i.address.BitLen())
				sides = append(sides, side)
			}
		}
	}
	return sides
}

func (r *region) connectionSide(c connection) fabric.VPNConnection {
	customer, _ := r.customerGateways.get(c.customerGateway)
	side := fabric.VPNConnection{
		ID: c.id, TransitGateway: c.gateway, Attachment: c.attachment,
		CustomerAddress: customer.address, CustomerASN: customer.asn, Static: c.static,
	}
	for _, t := range c.tunnels {
		versions := t.options.effective("IKEVersion")
		side.Tunnels = append(side.Tunnels, fabric.AWSTunnel{
			Outside: t.outside, Inside: t.inside, Key: t.key.value, Proposal: t.proposal(),
			IKEv1: slices.Contains(versions, "ikev1"), IKEv2: slices.Contains(versions, "ikev2"),
			Initiates: t.options.effective("StartupAction")[0] == "start", InService: t.inService,
		})
	}
	return side
}
