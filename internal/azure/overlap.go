package azure

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// claim is a range and who has it.
type claim struct {
	prefix netip.Prefix
	who    string
}

// clash looks for two ranges that overlap: those that the file gives, and the
// live ones of the networks that world shows. The file's own are checked
// before anything starts; this finds what only the live ones show. Azure would
// take such a range and never send it a packet.
func (c *Cloud) clash(world resource.World) error {
	if c.asGiven(world) {
		return nil
	}
	claims := make([]claim, 0, 2*len(world))
	for _, hub := range c.file.Azure.Hubs {
		claims = append(claims, claim{hub.AddressPrefix, "hub " + hub.Name})
		for _, vnet := range hub.VNets {
			claims = append(claims, claimsOf("VNet "+vnet.Name, vnet.Prefixes, world[desired.VNetID(vnet.Name)])...)
		}
	}
	for _, region := range c.file.AWS.Regions {
		for _, gateway := range region.TransitGateways {
			for _, vpc := range gateway.VPCs {
				claims = append(claims, claimsOf("VPC "+vpc.Name, vpc.Prefixes, world[desired.VPCID(vpc.Name)])...)
			}
		}
	}
	return overlapping(claims)
}

// asGiven reports whether every network that world shows has the prefixes
// that the file gives it: then nothing can overlap that was not found when the
// file was read. It spares a large network the search for each resource.
func (c *Cloud) asGiven(world resource.World) bool {
	for id, live := range world {
		seen, known := live.Attrs[desired.FactPrefixes]
		if given, network := c.given[id]; network && known && !seen.Equal(given) {
			return false
		}
	}
	return true
}

// givenPrefixes are the prefixes that the file gives each network, by its id.
func givenPrefixes(file *desired.File) map[resource.ID]resource.Value {
	given := map[resource.ID]resource.Value{}
	for _, hub := range file.Azure.Hubs {
		for _, vnet := range hub.VNets {
			given[desired.VNetID(vnet.Name)] = prefixValue(vnet.Prefixes)
		}
	}
	for _, region := range file.AWS.Regions {
		for _, gateway := range region.TransitGateways {
			for _, vpc := range gateway.VPCs {
				given[desired.VPCID(vpc.Name)] = prefixValue(vpc.Prefixes)
			}
		}
	}
	return given
}

// claimsOf are the ranges of a network: as the cloud has them, else as the
// file gives them.
func claimsOf(who string, given []netip.Prefix, live resource.Live) []claim {
	prefixes := prefixValue(given)
	if seen, known := live.Attrs[desired.FactPrefixes]; known {
		prefixes = seen
	}
	claims := make([]claim, 0, len(prefixes))
	for _, text := range prefixes {
		if prefix, err := netip.ParsePrefix(text); err == nil {
			claims = append(claims, claim{prefix, who})
		}
	}
	return claims
}

// overlapping names the first two claims of different holders that overlap.
// In order of address and width, one that overlaps an earlier one lies in the
// last that began before it.
func overlapping(claims []claim) error {
	slices.SortStableFunc(claims, func(a, b claim) int {
		return cmp.Or(a.prefix.Masked().Addr().Compare(b.prefix.Masked().Addr()), cmp.Compare(a.prefix.Bits(), b.prefix.Bits()))
	})
	var last claim
	for _, next := range claims {
		if !last.prefix.IsValid() || !last.prefix.Overlaps(next.prefix) {
			last = next
			continue
		}
		if last.who != next.who {
			return resource.WithHint(
				fmt.Errorf("cannot route %s of %s: it overlaps %s of %s", next.prefix, next.who, last.prefix, last.who),
				"give one of the two networks another address space, or leave it out of the file")
		}
	}
	return nil
}
