package fabric

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
)

// direction is the way a packet goes through a filter.
type direction string

const (
	inbound  direction = "in"
	outbound direction = "out"
)

// defaultRules are those that every network security group has after its own.
var defaultRules = []NSGRule{
	{"AllowVnetInBound", 65000, true, true, "*", []string{"VirtualNetwork"}, []string{"VirtualNetwork"}},
	{"AllowAzureLoadBalancerInBound", 65001, true, true, "*", []string{"AzureLoadBalancer"}, []string{"*"}},
	{"DenyAllInBound", 65500, true, false, "*", []string{"*"}, []string{"*"}},
	{"AllowVnetOutBound", 65000, false, true, "*", []string{"VirtualNetwork"}, []string{"VirtualNetwork"}},
	{"AllowInternetOutBound", 65001, false, true, "*", []string{"*"}, []string{"Internet"}},
	{"DenyAllOutBound", 65500, false, false, "*", []string{"*"}, []string{"*"}},
}

// filtered takes the packet through a network security group, if there is
// one. The answer of an echo that passed needs no rule.
func (p *packet) filtered(vm VM, of string, own []NSGRule, way direction) bool {
	if own == nil || p.answer {
		return true
	}
	rules := slices.Concat(own, defaultRules)
	slices.SortStableFunc(rules, func(a, b NSGRule) int { return cmp.Compare(a.Priority, b.Priority) })
	for _, rule := range rules {
		if rule.Inbound != (way == inbound) || !carriesEcho(rule.Protocol) ||
			!p.covered(vm, rule.Sources, p.from) || !p.covered(vm, rule.Destinations, p.to) {
			continue
		}
		if !rule.Allow {
			p.drop("nsg", of, "the rule %s (priority %d) denies icmp %s, from %s to %s", rule.Name, rule.Priority, way, p.from, p.to)
			return false
		}
		p.pass("nsg", of, "rule %s", rule.Name)
		return true
	}
	return true
}

// covered says whether any of a rule's prefixes or service tags covers an
// address, as seen from a machine.
func (p *packet) covered(vm VM, prefixes []string, address netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(text string) bool {
		switch strings.ToLower(text) {
		case "*", "any":
			return true
		case "virtualnetwork":
			return p.fabric.inVirtualNetwork(vm, address)
		case "internet":
			return !p.fabric.inVirtualNetwork(vm, address)
		}
		if prefix, err := netip.ParsePrefix(text); err == nil {
			return prefix.Contains(address)
		}
		single, err := netip.ParseAddr(text)
		return err == nil && single == address
	})
}

// inVirtualNetwork is the service tag VirtualNetwork: the VNet itself and what
// it learns from its hub.
func (f *Fabric) inVirtualNetwork(vm VM, address netip.Addr) bool {
	return slices.ContainsFunc(f.VirtualNetwork(vm.NIC), func(prefix netip.Prefix) bool { return prefix.Contains(address) })
}

// VirtualNetwork lists the prefixes behind the service tag of that name, as
// seen from a network interface.
func (f *Fabric) VirtualNetwork(nic string) []netip.Prefix {
	var all []netip.Prefix
	for _, route := range f.NICRoutes(nic) {
		if route.Source != "User" && (route.NextHopType == "VnetLocal" || route.NextHopType == "VirtualNetworkGateway") {
			all = append(all, route.Prefix)
		}
	}
	return all
}

// grouped takes the packet through the security groups of an instance: any
// rule that allows it will do, and the answer of an echo that passed needs none.
func (p *packet) grouped(host EC2, way direction) bool {
	if p.answer {
		return true
	}
	far := p.to
	if way == inbound {
		far = p.from
	}
	for _, rule := range host.Rules {
		if rule.Egress == (way == outbound) && carriesEcho(rule.Protocol) && rule.Prefix.Contains(far) {
			p.pass("security-group", rule.Group, "%s %s", rule.Protocol, rule.Prefix)
			return true
		}
	}
	p.drop("security-group", host.ID, "no security group rule of %s allows icmp %s, %s", host.ID, way, toOrFrom(way, far))
	return false
}

// listed takes the packet through the network ACL of a subnet. It remembers
// nothing, so the answer needs a rule of its own.
func (p *packet) listed(subnet EC2Subnet, way direction) bool {
	if subnet.ACL == nil {
		return true
	}
	far := p.to
	if way == inbound {
		far = p.from
	}
	entries := slices.Clone(subnet.ACL)
	slices.SortStableFunc(entries, func(a, b ACLEntry) int { return cmp.Compare(a.Number, b.Number) })
	for _, entry := range entries {
		if entry.Egress != (way == outbound) || !carriesEcho(entry.Protocol) || !p.isOf(entry.ICMPType) || !entry.Prefix.Contains(far) {
			continue
		}
		if !entry.Allow {
			p.drop("acl", subnet.ID, "entry %d of the network ACL denies icmp %s, %s", entry.Number, way, toOrFrom(way, far))
			return false
		}
		p.pass("acl", subnet.ID, "entry %d", entry.Number)
		return true
	}
	p.drop("acl", subnet.ID, "no entry of the network ACL allows icmp %s, %s", way, toOrFrom(way, far))
	return false
}

// isOf says whether the packet is of an ICMP type: a request has 8, an answer 0.
func (p *packet) isOf(kind *int) bool {
	if kind == nil {
		return true
	}
	if p.answer {
		return *kind == 0
	}
	return *kind == 8
}

func toOrFrom(way direction, far netip.Addr) string {
	if way == outbound {
		return "to " + far.String()
	}
	return "from " + far.String()
}

// carriesEcho says whether a rule's protocol covers ICMP, in the words of
// any of the filters.
func carriesEcho(protocol string) bool {
	return slices.Contains([]string{"*", "-1", "icmp", "1"}, strings.ToLower(protocol))
}
