package desired

import (
	"net/netip"
	"slices"
)

var linkLocal = netip.MustParsePrefix("169.254.0.0/16")

// reservedInside are the ranges that AWS takes in no tunnel.
var reservedInside = []netip.Prefix{
	netip.MustParsePrefix("169.254.0.0/30"), netip.MustParsePrefix("169.254.1.0/30"), netip.MustParsePrefix("169.254.2.0/30"),
	netip.MustParsePrefix("169.254.3.0/30"), netip.MustParsePrefix("169.254.4.0/30"), netip.MustParsePrefix("169.254.5.0/30"),
	netip.MustParsePrefix("169.254.169.252/30"),
}

// apipa are the ranges in which Azure takes the address of a BGP peer.
var apipa = []netip.Prefix{netip.MustParsePrefix("169.254.21.0/24"), netip.MustParsePrefix("169.254.22.0/24")}

// checkInside checks the inside ranges that the file gives, and that the
// address plan has one for every tunnel.
func checkInside(c *checker) {
	for path, link := range c.links() {
		path += ".inside"
		c.insideCount(path, link)
		for path, inside := range each(path, link.Inside) {
			c.insideRange(path, *inside, link.Routing)
		}
	}
	c.insideTwice()
	_, without := planInside(c.Links)
	for path, link := range c.links() {
		if _, known := pools[link.Routing]; known && slices.Contains(without, link.Name) {
			c.problem(path, "give inside ranges by hand, or spread the links over more gateways", "no inside range is left for the link %s at its gateways", link.Name)
		}
	}
}

// insideCount checks that there are as many ranges as tunnels. Of a link whose
// redundancy is not understood, which is told already, there may be two or four.
func (c *checker) insideCount(path string, link *Link) {
	count, want := len(link.Inside), 2*len(link.Instances())
	known := slices.Contains([]Redundancy{Single, Tunnels, Full}, link.Redundancy)
	const hint = "give one for each AWS tunnel, in order, or none at all"
	switch {
	case count == 0 || count == want || !known && count == mostTunnels:
	case !known:
		c.problem(path, hint, "inside has %d ranges, and a link has 2 or %d AWS tunnels", count, mostTunnels)
	default:
		c.problem(path, hint, "inside has %d ranges, and this link has %d AWS tunnels", count, want)
	}
}

func (c *checker) insideRange(path string, inside netip.Prefix, routing Routing) {
	overlaps := func(p netip.Prefix) bool { return p.Overlaps(inside) }
	switch {
	case !inside.IsValid():
	case inside.Bits() != 30 || !linkLocal.Contains(inside.Addr()):
		c.problem(path, "such as 169.254.21.0/30", "the inside range %s is not a /30 of 169.254.0.0/16", inside)
	case slices.ContainsFunc(reservedInside, overlaps):
		c.problem(path, "choose another /30", "AWS keeps %s for itself", inside)
	case routing == BGP && !slices.ContainsFunc(apipa, overlaps):
		c.problem(path, "Azure takes the APIPA address of a BGP peer from there only", "with BGP the inside range %s must be within 169.254.21.0 to 169.254.22.255", inside)
	}
}

// insideTwice notes ranges that one gateway would see twice, those of the
// address plan among them.
func (c *checker) insideTwice() {
	type use struct {
		link *Link
		path string
		plan bool
	}
	plan, _ := planInside(c.Links)
	uses := map[netip.Prefix][]use{}
	for path, link := range c.links() {
		ranges, byPlan := link.Inside, len(link.Inside) == 0
		if byPlan {
			ranges = plan[link.Name]
		}
		for at, inside := range each(path+".inside", ranges) {
			if !inside.IsValid() {
				continue
			}
			for _, other := range uses[*inside] {
				refuses, why := once(other.link, link)
				switch {
				case !refuses:
				case other.plan:
					c.problem(at, "choose another /30, or give that link its ranges by hand", "the inside range %s is what the address plan gives the link %s in %s%s", inside, other.link.Name, c.line(other.path), why)
				case !byPlan:
					c.problem(at, "choose another /30", "the inside range %s stands here and in %s%s", inside, c.line(other.path), why)
				}
			}
			uses[*inside] = append(uses[*inside], use{link, at, byPlan})
		}
	}
}

// once tells whether two tunnels, of links or of one, cannot both have a range, and
// whose word that is: AWS takes one once at a transit gateway, and Azure an address
// of a BGP peer once at a VPN gateway. Two static links do not tell Azure theirs.
func once(a, b *Link) (refuses bool, why string) {
	switch {
	case a == b:
		return true, ""
	case a.TransitGateway == b.TransitGateway:
		return true, ", and AWS takes it once at " + a.TransitGateway
	case a.Hub == b.Hub && a.Routing == BGP && b.Routing == BGP:
		return true, ", and Azure takes its addresses once at the gateway of " + a.Hub
	}
	return false, ""
}
