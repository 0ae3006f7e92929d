package aws

import (
	"math/rand/v2"
	"net/netip"
	"testing"
)

// TestClaimsOverlapAsPrefixesDo compares with what netip says of random pairs.
func TestClaimsOverlapAsPrefixesDo(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	some := func() netip.Prefix {
		if random.IntN(8) == 0 {
			return netip.PrefixFrom(netip.AddrFrom16([16]byte{0xfd, byte(random.IntN(2))}), random.IntN(129))
		}
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(random.IntN(4)), byte(random.IntN(4)), byte(random.IntN(256))}), random.IntN(33))
	}
	for range 20000 {
		a, b := some(), some()
		if got := claimOf("one", a).overlaps(claimOf("two", b)); got != a.Overlaps(b) {
			t.Fatalf("%s and %s: %t (seed %d)", a, b, got, seed)
		}
	}
	if a := netip.MustParsePrefix("10.0.0.0/8"); claimOf("one", a).overlaps(claimOf("one", a)) {
		t.Error("a network overlaps itself")
	}
}
