package desired

import (
	"encoding/binary"
	"hash/fnv"
	"net/netip"
	"slices"
	"strconv"
)

// The address plan gives each AWS VPN connection of a link a block of eight
// addresses in 169.254.0.0/16, one /30 for each of its two tunnels. In each
// AWS has the first host address and the customer gateway the second.
//
//	           169.254.21.8/29
//	+------------------+------------------+
//	| tunnel 1: .8/30  | tunnel 2: .12/30 |
//	| AWS .9  Azure .10| AWS .13 Azure .14|
//	+------------------+------------------+
//
// The block is chosen by a hash of the link's name and the instance, and the
// next free one is taken when an earlier link of the file has it. So a link
// that is added at the end never moves another.

// pool is a row of blocks of eight addresses.
type pool struct {
	first  netip.Addr
	blocks int
}

// pools holds where ranges come from. BGP needs 169.254.21.0 to
// 169.254.22.255, for Azure takes APIPA addresses of a peer from there only.
// The static pool keeps clear of that, of the ranges that AWS reserves at
// 169.254.0.0 to .5.3 and 169.254.169.252/30, and of the metadata services.
var pools = map[Routing]pool{
	Static: {netip.AddrFrom4([4]byte{169, 254, 32, 0}), 4096},
	BGP:    {netip.AddrFrom4([4]byte{169, 254, 21, 0}), 64},
}

// InsideRanges returns the /30 of each AWS tunnel of a link: two for each of
// its AWS VPN connections, connection by connection, also when only the first
// is used. It returns nil when no range is free, which a file that was loaded
// has been checked for. Every call plans the whole file: who needs the ranges
// often keeps them.
func (f *File) InsideRanges(link Link) []netip.Prefix {
	plan, _ := planInside(f.Links)
	return plan[link.Name]
}

// InsideRange returns the /30 of one tunnel, and whether there is one.
func (f *File) InsideRange(t Tunnel) (netip.Prefix, bool) {
	link := f.LinkNamed(t.Link)
	if link == nil {
		return netip.Prefix{}, false
	}
	ranges, i := f.InsideRanges(*link), 2*t.Instance+t.Number-1
	if i < 0 || i >= len(ranges) {
		return netip.Prefix{}, false
	}
	return ranges[i], true
}

// planInside gives every link its ranges, in file order. It also returns the
// names of links for which none was left.
func planInside(links []Link) (plan map[string][]netip.Prefix, without []string) {
	plan = make(map[string][]netip.Prefix, len(links))
	taken := claims{}
	for _, link := range links {
		ranges := link.Inside
		if len(ranges) == 0 {
			ranges = taken.choose(link)
		}
		if ranges == nil {
			without = append(without, link.Name)
			continue
		}
		plan[link.Name] = ranges
		for _, r := range ranges {
			taken[r] = append(taken[r], link)
		}
	}
	return plan, without
}

// claims holds which links have a range. Ranges are all /30, so two overlap
// only when they are equal.
type claims map[netip.Prefix][]Link

// choose finds ranges for every instance of a link, or returns nil.
func (c claims) choose(link Link) []netip.Prefix {
	var ranges []netip.Prefix
	from, known := pools[link.Routing]
	if !known {
		return nil
	}
	for _, instance := range link.Instances() {
		start := slotOf(link.Name, instance, from.blocks)
		pair := c.probe(from, start, func(r netip.Prefix) bool { return len(c[r]) == 0 && !slices.Contains(ranges, r) })
		if pair == nil {
			pair = c.probe(from, start, func(r netip.Prefix) bool { return c.apart(r, link) && !slices.Contains(ranges, r) })
		}
		if pair == nil {
			return nil
		}
		ranges = append(ranges, pair...)
	}
	return ranges
}

// apart reports whether no holder of a range meets the link at a gateway. A
// range may serve twice as long as no gateway sees it twice.
func (c claims) apart(r netip.Prefix, link Link) bool {
	return !slices.ContainsFunc(c[r], func(other Link) bool { return meet(other, link) })
}

// meet reports whether two links share a gateway on either side.
func meet(a, b Link) bool { return a.Hub == b.Hub || a.TransitGateway == b.TransitGateway }

// probe returns the two ranges of the first block from start on that are both
// free, or nil.
func (c claims) probe(from pool, start int, free func(netip.Prefix) bool) []netip.Prefix {
	for i := range from.blocks {
		block := from.block((start + i) % from.blocks)
		if free(block[0]) && free(block[1]) {
			return block
		}
	}
	return nil
}

// block returns the two /30s of block i.
func (p pool) block(i int) []netip.Prefix {
	first := p.first.As4()
	base := binary.BigEndian.Uint32(first[:]) + uint32(i)*8
	var pair []netip.Prefix
	for _, offset := range []uint32{0, 4} {
		var a [4]byte
		binary.BigEndian.PutUint32(a[:], base+offset)
		pair = append(pair, netip.PrefixFrom(netip.AddrFrom4(a), 30))
	}
	return pair
}

// slotOf is where the search for a block begins, the same on every machine
// and in every version.
func slotOf(link string, instance, blocks int) int {
	h := fnv.New64a()
	_, _ = h.Write([]byte(link + "/" + strconv.Itoa(instance)))
	return int(h.Sum64() % uint64(blocks))
}
