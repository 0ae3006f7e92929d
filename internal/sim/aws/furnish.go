package aws

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"linkd/internal/sim/scenario"
)

// furnish puts what the scenario says is there beforehand into a region. It
// has all been there for a day, so no describe misses it.
func (c *Cloud) furnish(r *region, from scenario.Region) error {
	since := c.Now().Add(-24 * time.Hour)
	for _, v := range from.VPCs {
		if len(v.Prefixes) == 0 {
			return fmt.Errorf("cannot make VPC %s without a prefix", v.ID)
		}
		r.vpcs.put(since, v.ID, vpc{v.ID, "available", v.Prefixes})
		r.nameTag(since, v.ID, v.Name)
		for _, s := range v.Subnets {
			r.subnets.put(since, s.ID, subnet{s.ID, v.ID, s.Zone, s.Prefix})
		}
		c.furnishRoutes(r, since, v)
		c.furnishGroups(r, since, v)
		c.furnishACLs(r, since, v)
		for _, i := range v.Instances {
			if err := furnishInstance(r, since, v, i); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *region) nameTag(since time.Time, id, name string) {
	if name != "" {
		r.retag(since, id, []tag{{"Name", name}})
	}
}

// furnishRoutes makes the route tables. The first is the main one; a VPC that
// names none still has its main table.
func (c *Cloud) furnishRoutes(r *region, since time.Time, v scenario.VPC) {
	tables := v.RouteTables
	if len(tables) == 0 {
		tables = []scenario.VPCRouteTable{{ID: c.newID(routeTableIDs)}}
	}
	for i, t := range tables {
		made := routeTable{id: t.ID, vpc: v.ID, main: i == 0, subnets: t.Subnets}
		for _, row := range t.Routes {
			made.routes = append(made.routes, route{row.Prefix, row.Target})
		}
		r.routeTables.put(since, t.ID, made)
	}
}

// everything is all of IPv4.
var everything = netip.MustParsePrefix("0.0.0.0/0")

// furnishGroups makes the security groups. A group without egress rules gets
// the one that AWS puts there, which allows everything.
func (c *Cloud) furnishGroups(r *region, since time.Time, v scenario.VPC) {
	for _, g := range v.SecurityGroups {
		r.groups.put(since, g.ID, group{g.ID, cmp.Or(g.Name, g.ID), v.ID, cmp.Or(g.Name, g.ID)})
		egress := g.Egress
		if egress == nil {
			egress = []scenario.GroupRule{{Protocol: "-1", Prefix: everything}}
		}
		c.furnishRules(r, since, g.ID, false, g.Ingress)
		c.furnishRules(r, since, g.ID, true, egress)
	}
}

func (c *Cloud) furnishRules(r *region, since time.Time, groupID string, egress bool, rules []scenario.GroupRule) {
	for _, row := range rules {
		rule := groupRule{
			id: c.newID(groupRuleIDs), group: groupID, egress: egress, protocol: cmp.Or(row.Protocol, "-1"), from: -1, to: -1, prefix: row.Prefix,
		}
		if rule.protocol == "tcp" || rule.protocol == "udp" {
			rule.from, rule.to = 0, 65535
		}
		r.groupRules.put(since, rule.id, rule)
	}
}

// furnishACLs makes the network ACLs. A VPC that names none has its default
// one, which lets everything pass; AWS associates every subnet with it.
func (c *Cloud) furnishACLs(r *region, since time.Time, v scenario.VPC) {
	if len(v.NetworkACLs) == 0 {
		made := networkACL{id: c.newID(networkACLIDs), vpc: v.ID, isDefault: true}
		for _, s := range v.Subnets {
			made.subnets = append(made.subnets, s.ID)
		}
		made.entries = []aclEntry{{100, false, true, "-1", everything, nil}, {100, true, true, "-1", everything, nil}}
		r.networkACLs.put(since, made.id, made)
	}
	for i, n := range v.NetworkACLs {
		made := networkACL{id: n.ID, vpc: v.ID, isDefault: i == 0, subnets: n.Subnets}
		for _, e := range n.Entries {
			made.entries = append(made.entries, aclEntry{e.Number, e.Egress, e.Allow, e.Protocol, e.Prefix, nil})
		}
		r.networkACLs.put(since, n.ID, made)
	}
}

func furnishInstance(r *region, since time.Time, v scenario.VPC, i scenario.Instance) error {
	if !slices.ContainsFunc(v.Subnets, func(s scenario.Subnet) bool { return s.ID == i.Subnet && s.Prefix.Contains(i.Address) }) {
		return fmt.Errorf("cannot make instance %s: its VPC has no subnet %s with the address %s", i.ID, i.Subnet, i.Address)
	}
	made := instance{id: i.ID, subnet: i.Subnet, state: "running", address: i.Address, groups: i.SecurityGroups, answers: !i.Silent, launched: since}
	if i.Stopped {
		made.state = "stopped"
	}
	r.instances.put(since, i.ID, made)
	r.nameTag(since, i.ID, i.Name)
	return nil
}
