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
		c.regions[name].survey().describe(&side)
	}
	return side
}

// survey is a region's truth, arranged by what is asked about it.
type survey struct {
	*region
	attachments map[string][]attachment // by transit gateway, those that pass traffic
	attached    map[string][]string     // the transit gateways by VPC
	tables      map[string][]gatewayTable
	subnets     map[string][]subnet // by VPC
	byID        map[string]subnet
	decides     map[string]routeTable // by subnet, and by VPC for its main table
	filters     map[string]networkACL // by subnet
	rules       map[string][]groupRule
	members     map[string][]netip.Prefix // the addresses in a security group
}

// by arranges values by a key.
func by[T any](values []T, key func(T) string) map[string][]T {
	arranged := map[string][]T{}
	for _, value := range values {
		arranged[key(value)] = append(arranged[key(value)], value)
	}
	return arranged
}

func (r *region) survey() *survey {
	s := &survey{
		region:   r,
		attached: attachedGateways(r.attachments.all()),
		tables:   by(r.tables.all(), func(t gatewayTable) string { return t.gateway }),
		subnets:  by(r.subnets.all(), func(s subnet) string { return s.vpc }),
		rules:    by(r.groupRules.all(), func(rule groupRule) string { return rule.group }),
		byID:     map[string]subnet{}, decides: map[string]routeTable{}, filters: map[string]networkACL{}, members: map[string][]netip.Prefix{},
	}
	ready := slices.DeleteFunc(r.attachments.all(), func(a attachment) bool { return !a.ready() })
	s.attachments = by(ready, func(a attachment) string { return a.gateway })
	for _, subnet := range r.subnets.all() {
		s.byID[subnet.id] = subnet
	}
	for _, t := range r.routeTables.all() {
		if t.main {
			s.decides[t.vpc] = t
		}
		for _, id := range t.subnets {
			s.decides[id] = t
		}
	}
	for _, n := range r.networkACLs.all() {
		for _, id := range n.subnets {
			s.filters[id] = n
		}
	}
	for _, i := range r.instances.all() {
		for _, id := range i.groups {
			s.members[id] = append(s.members[id], netip.PrefixFrom(i.address, i.address.BitLen()))
		}
	}
	return s
}

func (s *survey) describe(side *fabric.AWS) {
	for _, g := range s.gateways.all() {
		if g.state == "available" || g.state == "modifying" {
			side.TransitGateways = append(side.TransitGateways, s.gateway(g))
		}
	}
	for _, v := range s.vpcs.all() {
		side.VPCs = append(side.VPCs, s.vpc(v))
	}
	for _, i := range s.instances.all() {
		side.Instances = append(side.Instances, s.instance(i))
	}
	for _, c := range s.connections.all() {
		if c.state == "available" || c.state == "modifying" {
			side.Connections = append(side.Connections, s.connection(c))
		}
	}
}

func (s *survey) gateway(g gateway) fabric.TransitGateway {
	side := fabric.TransitGateway{ID: g.id, Region: s.name, ASN: uint32(g.asn), ECMP: g.switches["VpnEcmpSupport"] == "enable"}
	for _, a := range s.attachments[g.id] {
		side.Attachments = append(side.Attachments, s.attachment(a))
	}
	for _, t := range s.tables[g.id] {
		if t.state == "available" {
			side.Tables = append(side.Tables, fabric.Table{ID: t.id, Static: staticRoutes(s.routes[t.id].all())})
		}
	}
	return side
}

func staticRoutes(routes []gatewayRoute) []fabric.TableRoute {
	var static []fabric.TableRoute
	for _, r := range routes {
		if r.state == "active" {
			static = append(static, fabric.TableRoute{Prefix: r.prefix, Attachment: r.attachment})
		}
	}
	return static
}

func (s *survey) attachment(a attachment) fabric.Attachment {
	side := fabric.Attachment{ID: a.id, Type: a.kind, Resource: a.resource}
	if a.kind == "peering" {
		side.Peer, side.PeerEnd = a.resource, a.peer.attachment
	}
	if a.association.state == "associated" {
		side.Table = a.association.table
	}
	for _, p := range a.propagations {
		if p.state == "enabled" {
			side.Propagates = append(side.Propagates, p.table)
		}
	}
	for _, id := range a.subnets {
		side.Zones = append(side.Zones, s.byID[id].zone)
	}
	return side
}

func (s *survey) vpc(v vpc) fabric.VPC {
	side := fabric.VPC{ID: v.id, Region: s.name, Prefixes: v.prefixes}
	for _, subnet := range s.subnets[v.id] {
		t := s.tableOf(subnet)
		side.Subnets = append(side.Subnets, fabric.EC2Subnet{
			ID: subnet.id, Zone: subnet.zone, Prefix: subnet.prefix, Table: t.id, Routes: s.routesOf(v, t), ACL: s.filterOf(subnet),
		})
	}
	return side
}

// tableOf is the route table that decides for a subnet: the one it is
// associated with, else the VPC's main table.
func (s *survey) tableOf(subnet subnet) routeTable {
	if t, explicit := s.decides[subnet.id]; explicit {
		return t
	}
	return s.decides[subnet.vpc]
}

func (s *survey) routesOf(v vpc, t routeTable) []fabric.EC2Route {
	var routes []fabric.EC2Route
	for _, p := range v.prefixes {
		routes = append(routes, fabric.EC2Route{Prefix: p, Target: "local"})
	}
	for _, r := range t.routes {
		routes = append(routes, fabric.EC2Route{Prefix: r.prefix, Target: r.target, Blackhole: r.state(s.attached[v.id]) == "blackhole"})
	}
	return routes
}

// filterOf is the entries of a subnet's network ACL; without one there is no
// filter.
func (s *survey) filterOf(subnet subnet) []fabric.ACLEntry {
	n, filtered := s.filters[subnet.id]
	if !filtered {
		return nil
	}
	entries := []fabric.ACLEntry{}
	for _, e := range n.entries {
		entries = append(entries, fabric.ACLEntry{Number: e.number, Egress: e.egress, Allow: e.allow, Protocol: e.protocol, Prefix: e.prefix, ICMPType: e.icmpType})
	}
	return entries
}

func (s *survey) instance(i instance) fabric.EC2 {
	side := fabric.EC2{
		ID: i.id, VPC: s.byID[i.subnet].vpc, Subnet: i.subnet, Address: i.address, Running: i.state == "running", Answers: i.answers,
	}
	for _, id := range i.groups {
		for _, rule := range s.rules[id] {
			side.Rules = append(side.Rules, s.rule(rule)...)
		}
	}
	return side
}

// rule is what a rule lets pass; of ICMP only what covers an echo request. A
// rule about another group stands for the addresses of its members.
func (s *survey) rule(rule groupRule) []fabric.GroupRule {
	if rule.protocol == "icmp" && rule.from != -1 && rule.from != 8 {
		return nil
	}
	prefixes := []netip.Prefix{rule.prefix}
	if rule.peer != "" {
		prefixes = s.members[rule.peer]
	}
	var sides []fabric.GroupRule
	for _, p := range prefixes {
		sides = append(sides, fabric.GroupRule{Group: rule.group, Egress: rule.egress, Protocol: rule.protocol, Prefix: p})
	}
	return sides
}

func (s *survey) connection(c connection) fabric.VPNConnection {
	customer, _ := s.customerGateways.get(c.customerGateway)
	side := fabric.VPNConnection{
		ID: c.id, TransitGateway: c.gateway, Attachment: c.attachment, CustomerGateway: c.customerGateway,
		CustomerAddress: customer.address, CustomerASN: customer.asn, Static: c.static, Prefers: c.prefers,
	}
	for _, t := range c.tunnels {
		versions := t.options.effective("IKEVersion")
		side.Tunnels = append(side.Tunnels, fabric.AWSTunnel{
			Outside: t.outside, Inside: t.inside, Key: t.key.reveal(), Proposal: t.proposal(),
			IKEv1: slices.Contains(versions, "ikev1"), IKEv2: slices.Contains(versions, "ikev2"),
			Initiates: t.options.effective("StartupAction")[0] == "start", InService: t.inService,
		})
	}
	return side
}
