package desired

import (
	"slices"
	"strings"
	"testing"
)

// peered is a file of four transit gateways: tokyo and osaka have links to a hub
// each, and virginia and paris none.
func peered(joins ...[2]string) *File {
	f := &File{
		AWS: AWS{Regions: []Region{
			{Name: "ap-northeast-1", TransitGateways: []TransitGateway{{Name: "tokyo", VPCs: []VPC{{Name: "vpc-tokyo"}}, Region: "ap-northeast-1"}}},
			{Name: "ap-northeast-3", TransitGateways: []TransitGateway{{Name: "osaka", VPCs: []VPC{{Name: "vpc-osaka"}}, Region: "ap-northeast-3"}}},
			{Name: "us-east-1", TransitGateways: []TransitGateway{{Name: "virginia", VPCs: []VPC{{Name: "vpc-virginia"}}, Region: "us-east-1"}}},
			{Name: "eu-west-3", TransitGateways: []TransitGateway{{Name: "paris", VPCs: []VPC{{Name: "vpc-paris"}}, Region: "eu-west-3"}}},
		}},
		Links: []Link{
			{Name: "east", Hub: "hub-east", TransitGateway: "tokyo", Routing: Static},
			{Name: "west", Hub: "hub-west", TransitGateway: "osaka", Routing: Static},
		},
	}
	for _, join := range joins {
		f.AWS.Peerings = append(f.AWS.Peerings, Peering{Name: join[0] + "-" + join[1], Join: join[:]})
	}
	return f
}

func TestWhoReachesWhatOverPeerings(t *testing.T) {
	vpc := func(v VPC) string { return v.Name }
	f := peered([2]string{"tokyo", "virginia"}, [2]string{"virginia", "osaka"}, [2]string{"tokyo", "osaka"}, [2]string{"paris", "virginia"})
	for _, test := range []struct {
		what      string
		got, want []string
	}{
		{"Azure routes to a link its own VPCs, and those that come to its hub by it", namesOf(f.RoutedVPCs(f.Links[0]), vpc), []string{"vpc-tokyo", "vpc-virginia"}},
		{"each hub is reached by the link that ends there", namesOf(f.RoutedVPCs(f.Links[1]), vpc), []string{"vpc-osaka", "vpc-virginia"}},
		{"a packet crosses one peering", namesOf(f.PeeredVPCs("paris"), vpc), []string{"vpc-virginia"}},
		{"both ends of a peering are peers", namesOf(f.PeeredVPCs("virginia"), vpc), []string{"vpc-tokyo", "vpc-osaka", "vpc-paris"}},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s: %v, want %v", test.what, test.got, test.want)
		}
	}
	f.Links[0].Routing = BGP
	if got, want := namesOf(f.VPCsBehind(f.Links[0]), vpc), []string{"vpc-tokyo", "vpc-virginia", "vpc-osaka"}; !slices.Equal(got, want) {
		t.Errorf("BGP tells Azure of %v, want %v", got, want)
	}
	for gateway, want := range map[string]string{"virginia": "virginia-osaka", "tokyo": "", "paris": ""} {
		if way, _ := f.PeerTowards(gateway, "hub-west"); way.Peering.Name != want {
			t.Errorf("%s reaches hub-west by %q, want %q", gateway, way.Peering.Name, want)
		}
	}
	for gateway, want := range map[string]bool{"virginia": true, "tokyo": true, "paris": false} {
		if f.ReachesVNets(gateway) != want {
			t.Errorf("that %s reaches Azure must be %v", gateway, want)
		}
	}
}

func TestWhatAFileDoesNotJoin(t *testing.T) {
	f := peered([2]string{"tokyo", "virginia"}, [2]string{"virginia", "paris"})
	f.Azure.Hubs = []Hub{{Name: "hub-east", VNets: []VNet{{Name: "vnet-east"}}}, {Name: "hub-west", VNets: []VNet{{Name: "vnet-west"}}}}
	for pair, want := range map[[2]string]string{
		{"vnet-east", "vnet-west"}:    "",
		{"vnet-west", "vpc-tokyo"}:    "",
		{"vpc-virginia", "vnet-east"}: "",
		{"vpc-tokyo", "vpc-virginia"}: "",
		{"vpc-tokyo", "vpc-tokyo"}:    "",
		{"vpc-tokyo", "vpc-paris"}:    "no peering joins tokyo and paris, and a packet crosses one peering at most",
		{"vpc-osaka", "vpc-tokyo"}:    "no peering joins osaka and tokyo",
		{"vnet-east", "vpc-paris"}:    "paris has no link, and no peering with a transit gateway that has one, and a packet crosses one peering at most",
		{"vpc-paris", "vnet-east"}:    "paris has no link, and no peering with a transit gateway that has one, and a packet crosses one peering at most",
	} {
		if got := f.Unjoined(pair[0], pair[1]); got != want {
			t.Errorf("%v: %q, want %q", pair, got, want)
		}
	}
}

// TestWhatNothingJoinsIsAdvised has a transit gateway without a way to Azure, and peers
// that are none of each other.
func TestWhatNothingJoinsIsAdvised(t *testing.T) {
	chain := peered([2]string{"tokyo", "virginia"}, [2]string{"virginia", "paris"})
	ring := peered([2]string{"tokyo", "virginia"}, [2]string{"virginia", "paris"}, [2]string{"paris", "tokyo"})
	empty := peered([2]string{"tokyo", "virginia"}, [2]string{"virginia", "paris"})
	empty.AWS.Regions[3].TransitGateways[0].VPCs = nil
	for name, c := range map[string]struct {
		file *File
		want []string
	}{
		"a chain":           {chain, []string{"aws.regions[2].transit_gateways[0]: the VPCs of tokyo, paris", "aws.regions[3].transit_gateways[0]: paris has no link"}},
		"a ring":            {ring, nil},
		"none has anything": {empty, nil},
	} {
		advice := c.file.Advice()
		if len(advice) != len(c.want) {
			t.Errorf("%s: it advises %v", name, advice)
			continue
		}
		for i, want := range c.want {
			at, says, _ := strings.Cut(want, ": ")
			if advice[i].Path != at || !strings.Contains(advice[i].Text, says) || advice[i].Hint == "" {
				t.Errorf("%s: it advises %+v, want %s", name, advice[i], want)
			}
		}
	}
}

func TestWhatIsWrongWithPeerings(t *testing.T) {
	for want, f := range map[string]*File{
		"a peering joins two different transit gateways":     peered([2]string{"tokyo", "tokyo"}),
		`there is no transit gateway "kyoto"`:                peered([2]string{"tokyo", "kyoto"}),
		"osaka and tokyo are joined already, by tokyo-osaka": peered([2]string{"tokyo", "osaka"}, [2]string{"osaka", "tokyo"}),
	} {
		c := &checker{File: f}
		c.peerings([]string{"tokyo", "osaka", "virginia", "paris"})
		if len(c.problems) != 1 || !strings.Contains(c.problems[0].Text, want) {
			t.Errorf("want %q, and the problems are %v", want, c.problems)
		}
	}
}
