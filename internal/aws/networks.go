package aws

import (
	"fmt"
	"net/netip"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// network is a VNet or VPC of the file, as far as routes towards it go.
type network struct {
	id    resource.ID
	hub   string         // of a VNet
	given []netip.Prefix // by the file; empty: read live
}

// vnets lists the VNets of the virtual WAN: every hub's VNets are reached
// through every hub.
func (c *Cloud) vnets() []network {
	var networks []network
	for _, hub := range c.file.Azure.Hubs {
		for _, v := range hub.VNets {
			networks = append(networks, network{id: desired.VNetID(v.Name), hub: hub.Name, given: v.Prefixes})
		}
	}
	return networks
}

func vpcNetwork(v desired.VPC) network {
	return network{id: desired.VPCID(v.Name), given: v.Prefixes}
}

// prefixes are the network's, from the file or live.
func (n network) prefixes(world resource.World) ([]netip.Prefix, error) {
	if len(n.given) > 0 {
		return n.given, nil
	}
	value, err := world.Fact(n.id, desired.FactPrefixes)
	if err != nil {
		return nil, err
	}
	return parse(value), nil
}

// seenPrefixes are the network's as far as they are known now: a sweep sees
// this cloud only, and takes what an earlier read learned of the other.
func (n network) seenPrefixes(c *Cloud, world resource.World) []netip.Prefix {
	if found, err := n.prefixes(world); err == nil {
		return found
	}
	return parse(c.memory.learned(n.id))
}

// remember keeps the prefixes that a world shows.
func (n network) remember(c *Cloud, world resource.World) {
	if value, err := world.Fact(n.id, desired.FactPrefixes); err == nil {
		c.memory.learn(n.id, value)
	}
}

// needsOf are the networks whose prefixes have to be read live.
func needsOf(networks []network) []resource.Need {
	var needs []resource.Need
	for _, n := range networks {
		if len(n.given) == 0 {
			needs = append(needs, ready(n.id)...)
		}
	}
	return needs
}

func parse(value resource.Value) []netip.Prefix {
	var prefixes []netip.Prefix
	for _, text := range value {
		if prefix, err := netip.ParsePrefix(text); err == nil && prefix.Addr().Is4() {
			prefixes = append(prefixes, prefix.Masked())
		}
	}
	return prefixes
}

// claims remembers which network has which prefix, so that two networks with
// overlapping prefixes are found: no routes can serve both.
type claims []claim

type claim struct {
	prefix      netip.Prefix
	first, last netip.Addr
	id          resource.ID
}

func claimOf(id resource.ID, prefix netip.Prefix) claim {
	first := prefix.Masked().Addr()
	bytes := first.AsSlice()
	for bit := prefix.Bits(); bit < first.BitLen(); bit++ {
		bytes[bit/8] |= 0x80 >> (bit % 8)
	}
	last, _ := netip.AddrFromSlice(bytes) // of the length of an address
	return claim{prefix: prefix, first: first, last: last, id: id}
}

// overlaps tells whether another network has addresses of the claim. Ends are
// compared, for a large network asks this very often.
func (c claim) overlaps(other claim) bool {
	return other.id != c.id && !c.last.Less(other.first) && !other.last.Less(c.first)
}

func (c *claims) add(id resource.ID, prefixes []netip.Prefix) error {
	for _, prefix := range prefixes {
		own := claimOf(id, prefix)
		for _, other := range *c {
			if own.overlaps(other) {
				return &resource.Problem{
					Reason: resource.Refused, Action: "routing",
					Text: fmt.Sprintf("%s has %s, which overlaps %s of %s", id, prefix, other.prefix, other.id),
					Hint: "give one of the two networks another address space, or leave it out of the file",
				}
			}
		}
		*c = append(*c, own)
	}
	return nil
}
