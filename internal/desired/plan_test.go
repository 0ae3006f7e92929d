package desired

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// someLinks draws links between a few gateways.
func someLinks(t *rapid.T, most int) []Link {
	var links []Link
	for i := range rapid.IntRange(1, most).Draw(t, "links") {
		links = append(links, Link{
			Name:           fmt.Sprintf("%s-%d", rapid.StringMatching(`[a-z]{1,4}`).Draw(t, "name"), i),
			Hub:            rapid.SampledFrom([]string{"h1", "h2", "h3"}).Draw(t, "hub"),
			TransitGateway: rapid.SampledFrom([]string{"t1", "t2", "t3"}).Draw(t, "gateway"),
			Routing:        rapid.SampledFrom([]Routing{Static, BGP}).Draw(t, "routing"),
			Redundancy:     rapid.SampledFrom([]Redundancy{Single, Tunnels, Full}).Draw(t, "redundancy"),
		})
	}
	return links
}

func TestNoGatewaySeesAnInsideRangeTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &File{Links: someLinks(t, 60)}
		type at struct {
			gateway string
			inside  netip.Prefix
		}
		holder := map[at]string{}
		for _, link := range f.Links {
			ranges := f.InsideRanges(link)
			if ranges == nil {
				continue // the pool of BGP is small; validation says so
			}
			if len(ranges) != 2*len(link.Instances()) {
				t.Fatalf("%s with %s has %v", link.Name, link.Redundancy, ranges)
			}
			for _, inside := range ranges {
				for _, gateway := range []string{link.Hub, link.TransitGateway} {
					if other, taken := holder[at{gateway, inside}]; taken {
						t.Fatalf("%s and %s both have %s at %s", other, link.Name, inside, gateway)
					}
					holder[at{gateway, inside}] = link.Name
				}
				c := &checker{File: f}
				c.insideRange("", inside, link.Routing)
				if len(c.problems) > 0 {
					t.Fatalf("the plan breaks the rules for ranges: %v", c.problems)
				}
			}
		}
	})
}

func TestALinkAtTheEndMovesNoOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		links := someLinks(t, 30)
		before := &File{Links: links[:len(links)-1]}
		after := &File{Links: links}
		for _, link := range before.Links {
			if a, b := before.InsideRanges(link), after.InsideRanges(link); !slices.Equal(a, b) {
				t.Fatalf("%s moved from %v to %v", link.Name, a, b)
			}
		}
	})
}

// The plan is part of what stands in the clouds: another version of linkd
// must not choose otherwise.
func TestTheAddressPlanStaysAsItIs(t *testing.T) {
	f := load(t, examples, "seed.yaml")
	want := []netip.Prefix{netip.MustParsePrefix("169.254.34.176/30"), netip.MustParsePrefix("169.254.34.180/30")}
	if got := f.InsideRanges(f.Links[0]); !slices.Equal(got, want) {
		t.Errorf("the link tokyo has %v, want %v", got, want)
	}
	if got, ok := f.InsideRange(Tunnel{Link: "tokyo", Instance: 0, Number: 2}); !ok || got != want[1] {
		t.Errorf("its second tunnel has %v, want %v", got, want[1])
	}
	if got, ok := f.InsideRange(Tunnel{Link: "tokyo", Instance: 1, Number: 1}); ok {
		t.Errorf("a tunnel that it does not have has %v", got)
	}
}

func TestGivenRangesAreKept(t *testing.T) {
	f := load(t, "testdata", "everything.yaml")
	tokyo := f.LinkNamed("tokyo")
	if got := f.InsideRanges(*tokyo); !slices.Equal(got, tokyo.Inside) {
		t.Errorf("the link has %v, and the file says %v", got, tokyo.Inside)
	}
}

func TestRangesThatAreUsedUpAreAProblem(t *testing.T) {
	f := &File{}
	for i := range 65 {
		f.Links = append(f.Links, Link{Name: fmt.Sprint("l", i), Hub: "h", TransitGateway: fmt.Sprint("t", i), Routing: BGP, Redundancy: Tunnels})
	}
	c := &checker{File: f}
	checkInside(c)
	if len(c.problems) != 1 || c.problems[0].Path != "links[64]" {
		t.Errorf("a gateway has room for 64 such links, and of 65 the problems are %v", c.problems)
	}
}
