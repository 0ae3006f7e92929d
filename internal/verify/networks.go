package verify

import (
	"net/netip"
	"slices"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// network is a VNet or a VPC of the file, with every prefix that the file or
// the cloud knows of it.
type network struct {
	name     string
	id       resource.ID
	azure    bool
	on       string // the hub or the transit gateway that it hangs on
	declared []netip.Prefix
	live     []netip.Prefix // nil: not known
}

// prefixes are those that the file names and those that the cloud has.
func (n network) prefixes() []netip.Prefix {
	all := slices.Clone(n.declared)
	for _, prefix := range n.live {
		if !slices.Contains(all, prefix) {
			all = append(all, prefix)
		}
	}
	return all
}

// holds tells whether a prefix is one of the network's, or inside one.
func (n network) holds(prefix netip.Prefix) bool {
	return slices.ContainsFunc(n.prefixes(), func(own netip.Prefix) bool { return covers(own, prefix) })
}

func covers(wide, narrow netip.Prefix) bool {
	return wide.IsValid() && narrow.IsValid() && wide.Bits() <= narrow.Bits() && wide.Contains(narrow.Addr())
}

// networks lists the VNets and then the VPCs, in file order.
func (e *Evidence) networks() []network {
	var all []network
	for _, hub := range e.File.Azure.Hubs {
		for _, vnet := range hub.VNets {
			all = append(all, e.network(vnet.Name, desired.VNetID(vnet.Name), true, hub.Name, vnet.Prefixes))
		}
	}
	for _, gateway := range e.File.TransitGateways() {
		for _, vpc := range gateway.VPCs {
			all = append(all, e.network(vpc.Name, desired.VPCID(vpc.Name), false, gateway.Name, vpc.Prefixes))
		}
	}
	return all
}

func (e *Evidence) network(name string, id resource.ID, azure bool, on string, declared []netip.Prefix) network {
	n := network{name: name, id: id, azure: azure, on: on, declared: masked(declared)}
	if value, known := e.World[id].Attrs[desired.FactPrefixes]; known {
		n.live = []netip.Prefix{}
		for _, text := range value {
			if prefix, err := netip.ParsePrefix(text); err == nil {
				n.live = append(n.live, prefix.Masked())
			}
		}
	}
	return n
}

func masked(prefixes []netip.Prefix) []netip.Prefix {
	all := make([]netip.Prefix, len(prefixes))
	for i, prefix := range prefixes {
		all[i] = prefix.Masked()
	}
	return all
}

// networkOf is the network that a prefix is of.
func networkOf(all []network, prefix netip.Prefix) (network, bool) {
	for _, n := range all {
		if n.holds(prefix) {
			return n, true
		}
	}
	return network{}, false
}

// hubOf is the hub of a VNet; ""
// of a VPC.
func (n network) hubOf() string {
	if n.azure {
		return n.on
	}
	return ""
}

// route is a member of a table's routes: "10.2.0.0/16 tgw-attach-0c54".
type route struct {
	prefix netip.Prefix
	target string
	hole   bool // it drops: "10.2.0.0/16 blackhole tgw-attach-0c54"
}

func routesOf(members resource.Value) []route {
	all := make([]route, 0, len(members))
	for _, member := range members {
		text, target, _ := strings.Cut(member, " ")
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			continue
		}
		rest, hole := strings.CutPrefix(target, "blackhole")
		if hole {
			target = strings.TrimSpace(rest)
		}
		all = append(all, route{prefix.Masked(), target, hole})
	}
	return all
}

// lookup is the longest route that covers a prefix.
func lookup(routes []route, prefix netip.Prefix) (best route, found bool) {
	for _, r := range routes {
		if covers(r.prefix, prefix) && (!found || r.prefix.Bits() > best.prefix.Bits()) {
			best, found = r, true
		}
	}
	return best, found
}
