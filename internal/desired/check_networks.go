package desired

import (
	"cmp"
	"net/netip"
	"slices"
)

// smallestHub is the longest hub prefix that Azure takes: a VPN gateway needs
// its room.
const smallestHub = 24

// unusable are ranges that no network of either cloud can have.
var unusable = []struct {
	prefix netip.Prefix
	what   string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "this network"},
	{netip.MustParsePrefix("127.0.0.0/8"), "loopback"},
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local addresses, the tunnels' inside ranges among them"},
	{netip.MustParsePrefix("224.0.0.0/4"), "multicast"},
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved addresses"},
	{netip.MustParsePrefix("168.63.129.16/32"), "Azure's own service address"},
}

// segment is one address range of the file, and where it stands.
type segment struct {
	path   string
	what   string // "VNet vnet-jpe"
	key    string // which of its kind it is
	prefix netip.Prefix
}

// segments lists every network of the file. They must not overlap: both
// clouds route by longest prefix, so an overlap sends packets astray.
func (f *File) segments() []segment {
	var all []segment
	for path, hub := range f.hubs() {
		all = append(all, segment{path + ".address_prefix", "the hub " + hub.Name, "hub", hub.AddressPrefix})
	}
	for path, vnet := range f.vnets() {
		for path, prefix := range each(path+".prefixes", vnet.Prefixes) {
			all = append(all, segment{path, "the VNet " + vnet.Name, "vnet", *prefix})
		}
	}
	for path, vpc := range f.vpcs() {
		for path, prefix := range each(path+".prefixes", vpc.Prefixes) {
			all = append(all, segment{path, "the VPC " + vpc.Name, "vpc", *prefix})
		}
	}
	return slices.DeleteFunc(all, func(s segment) bool { return !s.prefix.IsValid() })
}

// checkPrefixes checks each network by itself.
func checkPrefixes(c *checker) {
	for _, s := range c.segments() {
		for _, kept := range unusable {
			if s.prefix.Overlaps(kept.prefix) && s.prefix.Bits() > 0 {
				c.problem(s.path, "use private addresses, such as a part of 10.0.0.0/8", "%s of %s holds %s", s.prefix, s.what, kept.what)
			}
		}
		bits := s.prefix.Bits()
		switch {
		case bits == 0:
			c.problem(s.path, "name the networks themselves", "%s of %s is every address there is", s.prefix, s.what)
		case s.key == "hub" && bits > smallestHub:
			c.problem(s.path, "use a /24 or larger; Microsoft recommends a /23", "%s of %s is too small, Azure needs a /%d", s.prefix, s.what, smallestHub)
		case s.key == "vnet" && (bits < 2 || bits > 29):
			c.problem(s.path, "look at the address space of the VNet", "%s of %s cannot be: Azure takes a /2 to a /29", s.prefix, s.what)
		case s.key == "vpc" && (bits < 16 || bits > 28):
			c.problem(s.path, "look at the CIDR blocks of the VPC", "%s of %s cannot be: AWS takes a /16 to a /28", s.prefix, s.what)
		}
	}
}

// checkOverlaps checks every pair of networks. Two prefixes overlap only when
// one holds the other, so in the order of their addresses those that hold the
// present one are a stack.
func checkOverlaps(c *checker) {
	all := c.segments()
	slices.SortStableFunc(all, func(a, b segment) int {
		return cmp.Or(a.prefix.Addr().Compare(b.prefix.Addr()), cmp.Compare(a.prefix.Bits(), b.prefix.Bits()))
	})
	var around []segment
	for _, s := range all {
		for len(around) > 0 && !around[len(around)-1].prefix.Overlaps(s.prefix) {
			around = around[:len(around)-1]
		}
		for _, outer := range around {
			if c.full() {
				return
			}
			c.overlap(outer, s)
		}
		around = append(around, s)
	}
}

// overlap notes one pair at the place that stands later in the file.
func (c *checker) overlap(a, b segment) {
	pa, pb := c.origin.at(a.path), c.origin.at(b.path)
	if cmp.Or(cmp.Compare(pa.line, pb.line), cmp.Compare(pa.column, pb.column)) > 0 {
		a, b = b, a
	}
	c.problem(b.path, "no two segments of the whole network may share an address",
		"%s of %s overlaps %s of %s in %s", b.prefix, b.what, a.prefix, a.what, c.line(a.path))
}

// prefixText is a prefix as text, or "" for none.
func prefixText(prefix netip.Prefix) string {
	if !prefix.IsValid() {
		return ""
	}
	return prefix.String()
}
