package verify

import (
	"strconv"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// TestOneWayAccusesOnlyTrafficThatCrosses: nearly all of one direction must go by
// one tunnel and nearly all of the other by another.
func TestOneWayAccusesOnlyTrafficThatCrosses(t *testing.T) {
	type counters [2][2]string // of both tunnels: in, out
	cases := []struct {
		name           string
		earlier, later counters
		found          bool
	}{
		{"out by the first, in by the second", counters{{"0", "0"}, {"0", "0"}}, counters{{"0", "5000"}, {"5000", "0"}}, true},
		{"since the earlier look", counters{{"9000", "9000"}, {"9000", "9000"}}, counters{{"9010", "14000"}, {"14000", "9010"}}, true},
		{"both by the first", counters{{"0", "0"}, {"0", "0"}}, counters{{"5000", "5000"}, {"0", "0"}}, false},
		{"Azure spreads, AWS does not", counters{{"0", "0"}, {"0", "0"}}, counters{{"0", "2500"}, {"5000", "2500"}}, false},
		{"hardly anything", counters{{"0", "0"}, {"0", "0"}}, counters{{"0", "500"}, {"500", "0"}}, false},
		{"a counter began anew", counters{{"0", "9000"}, {"0", "0"}}, counters{{"0", "5000"}, {"5000", "0"}}, false},
		{"a counter is not told", counters{{"0", "0"}, {"0", ""}}, counters{{"0", "5000"}, {"5000", ""}}, false},
		{"it cannot be read", counters{{"0", "0"}, {"0", "0"}}, counters{{"0", "5000"}, {"many", "0"}}, false},
	}
	link := desired.Link{Name: "tokyo", Redundancy: desired.Tunnels, Stateful: true}
	seen := func(all counters) resource.World {
		world := resource.World{}
		for i, tunnel := range link.Tunnels() {
			attrs := resource.Attrs{"status": resource.Of("up")}
			for n, fact := range []string{desired.FactIngress, desired.FactEgress} {
				if all[i][n] != "" {
					attrs[fact] = resource.Of(all[i][n])
				}
			}
			world[desired.AzureTunnelID(tunnel)] = resource.Live{Phase: resource.Ready, Attrs: attrs}
		}
		return world
	}
	for _, c := range cases {
		e := &Evidence{File: &desired.File{Links: []desired.Link{link}}, Earlier: seen(c.earlier), Later: seen(c.later)}
		a := oneWay(e)
		if found := len(a.findings) > 0; found != c.found {
			t.Errorf("%s: found is %s", c.name, strconv.FormatBool(found))
		}
		for _, f := range a.findings {
			if f.Code != failure.AsymmetricPath || f.Says != "Azure sends by tokyo-0-1, and AWS by tokyo-0-2" || f.Severity != failure.Error || len(f.Evidence) != 2 {
				t.Errorf("%s: %s: %s, %v", c.name, f.Code, f.Says, f.Evidence)
			}
		}
	}
}
