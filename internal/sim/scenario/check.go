package scenario

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// finding is something wrong and the way to it in the document.
type finding struct {
	path []string
	text string
}

// checker collects findings below a path.
type checker struct {
	path     []string
	findings *[]finding
}

func (c checker) at(path ...any) checker {
	below := slices.Clone(c.path)
	for _, step := range path {
		below = append(below, fmt.Sprint(step))
	}
	return checker{below, c.findings}
}

func (c checker) say(format string, arguments ...any) {
	*c.findings = append(*c.findings, finding{c.path, fmt.Sprintf(format, arguments...)})
}

// must says what is wrong unless a condition holds.
func (c checker) must(holds bool, format string, arguments ...any) {
	if !holds {
		c.say(format, arguments...)
	}
}

// check finds what does not fit together: names that nothing has, addresses
// outside their subnets, behaviour that is none. Networks may overlap: what
// comes of it is for the simulation to show.
func (s Scenario) check() []finding {
	var findings []finding
	c := checker{nil, &findings}
	s.Behaviour.check(c.at("behaviour"))
	for i, subscription := range s.Azure.Subscriptions {
		for j, group := range subscription.ResourceGroups {
			group.check(c.at("azure", "subscriptions", i, "resource_groups", j))
		}
	}
	for i, condition := range s.Conditions {
		if err := condition.Check(); err != nil {
			c.at("conditions", i).say("%v", err)
		}
	}
	s.AWS.check(c.at("aws"))
	return findings
}

func (a AWS) check(c checker) {
	seen := map[string]bool{}
	for i, account := range a.All() {
		at := c
		if i > 0 {
			at = c.at("accounts", i-1)
		}
		_, err := strconv.ParseUint(account.Account, 10, 64)
		number := at.at("account")
		number.must(i == 0 && len(account.Regions) == 0 || len(account.Account) == 12 && err == nil, "an AWS account has 12 digits, in quotes")
		number.must(!seen[account.Account], "there is an account %s already", account.Account)
		seen[account.Account] = true
		for j, region := range account.Regions {
			for k, vpc := range region.VPCs {
				vpc.check(at.at("regions", j, "vpcs", k))
			}
		}
		for j, role := range account.Roles {
			at.at("roles", j, "name").must(role.Name != "", "a role has a name")
		}
	}
}

func (b Behaviour) check(c checker) {
	for operation, takes := range b.Durations {
		known := slices.ContainsFunc(Durations(), func(row Duration) bool { return row.covers(operation) })
		c.at("durations", operation).must(known, "unknown operation %s: it is cloud/kind/verb, such as azure/virtualHubs/create", operation)
		c.at("durations", operation).must(takes >= 0, "a duration cannot be negative")
	}
	c.at("tunnels_known").must(slices.Contains([]string{AtCreate, WhenAvailable}, b.TunnelsKnown),
		"tunnels are known %s or %s, not %q", AtCreate, WhenAvailable, b.TunnelsKnown)
	c.at("page_size").must(b.PageSize >= 0, "a page size cannot be negative")
}

func (g ResourceGroup) check(c checker) {
	groups, tables := map[string]bool{"": true}, map[string]bool{"": true}
	for _, group := range g.NSGs {
		groups[group.Name] = true
	}
	for _, table := range g.RouteTables {
		tables[table.Name] = true
	}
	subnets := map[string]netip.Prefix{}
	for i, vnet := range g.VNets {
		for j, subnet := range vnet.Subnets {
			at := c.at("vnets", i, "subnets", j)
			at.at("network_security_group").must(groups[subnet.NSG], "the resource group has no network security group %s", subnet.NSG)
			at.at("route_table").must(tables[subnet.RouteTable], "the resource group has no route table %s", subnet.RouteTable)
			at.at("prefix").must(within(subnet.Prefix, vnet.Prefixes), "%s is outside the VNet", subnet.Prefix)
			subnets[vnet.Name+"/"+subnet.Name] = subnet.Prefix
		}
	}
	for i, vm := range g.VMs {
		at := c.at("vms", i)
		prefix, known := subnets[vm.VNet+"/"+vm.Subnet]
		at.must(known, "the resource group has no subnet %s in a VNet %s", vm.Subnet, vm.VNet)
		at.at("address").must(!known || prefix.Contains(vm.Address), "%s is outside its subnet %s", vm.Address, prefix)
		at.at("network_security_group").must(groups[vm.NSG], "the resource group has no network security group %s", vm.NSG)
	}
	for i, group := range g.NSGs {
		for j, rule := range group.Rules {
			at := c.at("network_security_groups", i, "rules", j)
			at.at("direction").must(rule.Direction == "Inbound" || rule.Direction == "Outbound", "a direction is Inbound or Outbound, not %q", rule.Direction)
			at.at("access").must(rule.Access == "Allow" || rule.Access == "Deny", "access is Allow or Deny, not %q", rule.Access)
		}
	}
}

func (v VPC) check(c checker) {
	c.at("id").must(strings.HasPrefix(v.ID, "vpc-"), "the id of a VPC begins with vpc-, not %q", v.ID)
	subnets, groups := map[string]netip.Prefix{}, map[string]bool{}
	for i, subnet := range v.Subnets {
		c.at("subnets", i, "prefix").must(within(subnet.Prefix, v.Prefixes), "%s is outside the VPC", subnet.Prefix)
		subnets[subnet.ID] = subnet.Prefix
	}
	for _, group := range v.SecurityGroups {
		groups[group.ID] = true
	}
	for i, table := range v.RouteTables {
		for j, subnet := range table.Subnets {
			_, known := subnets[subnet]
			c.at("route_tables", i, "subnets", j).must(known, "the VPC has no subnet %s", subnet)
		}
	}
	for i, acl := range v.NetworkACLs {
		for j, subnet := range acl.Subnets {
			_, known := subnets[subnet]
			c.at("network_acls", i, "subnets", j).must(known, "the VPC has no subnet %s", subnet)
		}
	}
	for i, instance := range v.Instances {
		at := c.at("instances", i)
		prefix, known := subnets[instance.Subnet]
		at.at("subnet").must(known, "the VPC has no subnet %s", instance.Subnet)
		at.at("address").must(!known || prefix.Contains(instance.Address), "%s is outside its subnet %s", instance.Address, prefix)
		for j, group := range instance.SecurityGroups {
			at.at("security_groups", j).must(groups[group], "the VPC has no security group %s", group)
		}
	}
}

// within says whether a prefix lies inside one of others.
func within(prefix netip.Prefix, others []netip.Prefix) bool {
	return slices.ContainsFunc(others, func(other netip.Prefix) bool {
		return other.Contains(prefix.Addr()) && other.Bits() <= prefix.Bits()
	})
}
