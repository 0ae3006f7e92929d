package endtoend

import (
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/path"
	"linkd/internal/sim/scenario"
)

// newLabOfThree starts clouds with three hubs and three regions of AWS, and a file that
// joins the transit gateways of two by each peering, and hubs to transit gateways by
// links.
func newLabOfThree(t testing.TB, peerings, links string) *lab {
	t.Helper()
	given, err := scenario.Load("../../deploy/examples/two-regions.scenario.yaml")
	if err != nil {
		t.Fatal(err)
	}
	group := &given.Azure.Subscriptions[0].ResourceGroups[0]
	vnet := group.VNets[1]
	vnet.Name, vnet.Location, vnet.Prefixes = "vnet-weu", "westeurope", []netip.Prefix{netip.MustParsePrefix("10.3.0.0/16")}
	vnet.Subnets = slices.Clone(vnet.Subnets)
	vnet.Subnets[0].Prefix = netip.MustParsePrefix("10.3.0.0/24")
	group.VNets = append(group.VNets, vnet)
	vm := group.VMs[1]
	vm.Name, vm.VNet, vm.Address = "vm-weu", "vnet-weu", netip.MustParseAddr("10.3.0.4")
	group.VMs = append(group.VMs, vm)
	region := given.AWS.Regions[1]
	region.Name = "eu-west-1"
	vpc := region.VPCs[0]
	vpc.ID, vpc.Name, vpc.Prefixes = "vpc-0d40000000000000d", "vpc-d", []netip.Prefix{netip.MustParsePrefix("172.23.0.0/16")}
	vpc.Subnets, vpc.RouteTables, vpc.SecurityGroups, vpc.Instances = slices.Clone(vpc.Subnets), slices.Clone(vpc.RouteTables), slices.Clone(vpc.SecurityGroups), slices.Clone(vpc.Instances)
	vpc.Subnets[0].ID, vpc.Subnets[0].Zone, vpc.Subnets[0].Prefix = "subnet-0d4000000000000d1", "eu-west-1a", netip.MustParsePrefix("172.23.0.0/24")
	vpc.RouteTables[0].ID, vpc.SecurityGroups[0].ID = "rtb-0d40000000000000d", "sg-0d40000000000000d"
	vpc.Instances[0].ID, vpc.Instances[0].Name, vpc.Instances[0].Subnet, vpc.Instances[0].Address = "i-0d4000000000000dd", "ec2-d", vpc.Subnets[0].ID, netip.MustParseAddr("172.23.0.10")
	vpc.Instances[0].SecurityGroups = []string{vpc.SecurityGroups[0].ID}
	region.VPCs = []scenario.VPC{vpc}
	given.AWS.Regions = append(given.AWS.Regions, region)
	return newLabOf(t, fileOfThree(t, peerings, links), given, instant)
}

// fileOfThree is two-regions.yaml with a third of each, and other peerings and links.
func fileOfThree(t testing.TB, peerings, links string) *desired.File {
	t.Helper()
	content, err := os.ReadFile("../../deploy/examples/two-regions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	cut := func(from, to, with string) {
		i := strings.Index(text, from)
		j := i + strings.Index(text[i:], to)
		text = text[:i] + with + text[j:]
	}
	cut("  peerings:\n", "\nlinks:\n", `    - name: eu-west-1
      transit_gateways:
        - name: tgw-ireland
          asn: 64514
          ecmp: true
          vpcs:
            - name: vpc-d
              id: vpc-0d40000000000000d
              subnets: [{id: subnet-0d4000000000000d1, zone: eu-west-1a}]
              route_tables: [rtb-0d40000000000000d]
              prefixes: [172.23.0.0/16]
  peerings:
`+peerings)
	cut("links:\n", "probes:\n", "links:\n"+links+"\n")
	cut("\naws:\n", "\n", `
    - name: hub-weu
      location: West Europe
      address_prefix: 192.168.2.0/24
      vnets:
        - name: vnet-weu
          id: /subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-weu
          prefixes: [10.3.0.0/16]
      vpn_gateway: {}
`)
	text += `
    - {name: vm-weu, address: 10.3.0.4, vnet: vnet-weu, id: /subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-network/providers/Microsoft.Compute/virtualMachines/vm-weu}
    - {name: ec2-d, address: 172.23.0.10, vpc: vpc-d, id: i-0d4000000000000dd, subnet: subnet-0d4000000000000d1, zone: eu-west-1a}
`
	file, err := desired.Parse("three.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

const (
	pacific  = "    - {name: pacific, join: [tgw-tokyo, tgw-virginia]}\n"
	atlantic = "    - {name: atlantic, join: [tgw-virginia, tgw-ireland]}\n"
)

func linkBy(routing, hub, gateway string) string {
	return "  - {name: " + hub + "-" + gateway + ", hub: hub-" + hub + ", transit_gateway: tgw-" + gateway + ", routing: " + routing + ", redundancy: tunnels}\n"
}

// chains are ways to join three hubs to three transit gateways of which the first and
// the last are peers of the one between, and nothing of each other.
var chains = []struct {
	name, links string
	apart       []string // pairs that the file does not join
	advised     []string // on
	either      []string // ways that a hub may send by two others, and an audit does not see by which
	always      bool     // also in a short run
}{
	{"one link, at an end", linkBy("static", "jpe", "tokyo"), []string{"vm-jpe ↔ ec2-d", "vm-use ↔ ec2-d", "ec2-a ↔ ec2-d", "vm-weu ↔ ec2-d"}, []string{"tgw-virginia", "tgw-ireland"}, nil, true},
	{"one link, in the middle", linkBy("static", "use", "virginia"), endsApart, []string{"tgw-virginia"}, nil, false},
	{"a link of another hub, with BGP", linkBy("bgp", "weu", "virginia"), endsApart, []string{"tgw-virginia"}, nil, true},
	{"a link of each, static", linkBy("static", "jpe", "tokyo") + linkBy("static", "use", "virginia") + linkBy("static", "weu", "ireland"), endsApart, []string{"tgw-virginia"}, nil, false},
	{"a link of each, with BGP", linkBy("bgp", "jpe", "tokyo") + linkBy("bgp", "use", "virginia") + linkBy("bgp", "weu", "ireland"), endsApart, []string{"tgw-virginia"}, nil, true},
	{"a link of each, to another part of the world", linkBy("bgp", "jpe", "ireland") + linkBy("bgp", "use", "tokyo") + linkBy("static", "weu", "virginia"), endsApart, []string{"tgw-virginia"}, nil, true},
	{"a link of either end, static", linkBy("static", "jpe", "tokyo") + linkBy("static", "weu", "ireland"), endsApart, []string{"tgw-virginia"}, []string{"vm-use → ec2-c", "ec2-c → vm-use"}, false},
	{"a link of either end, with BGP", linkBy("bgp", "jpe", "tokyo") + linkBy("bgp", "weu", "ireland"), endsApart, []string{"tgw-virginia"}, nil, false},
}

var endsApart = []string{"ec2-a ↔ ec2-d"}

// TestThreeHubsAndAChainOfThreeTransitGateways builds each, and takes down one link
// after the other. What the file does not join is told, and nothing is accused of it:
// all else crosses, over as many hubs and peerings as it takes.
func TestThreeHubsAndAChainOfThreeTransitGateways(t *testing.T) {
	t.Parallel()
	for _, chain := range chains {
		if testing.Short() && !chain.always {
			continue
		}
		t.Run(chain.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLabOfThree(t, pacific+atlantic, chain.links)
				l.mustBuild()
				time.Sleep(time.Hour)
				l.mustBeClean()
				l.waysMustAgree("as built")
				l.tracesMustAgree("as built")
				l.mustTellApart(chain.apart)
				report, _ := l.verify()
				for _, f := range report.Findings {
					if f.Severity != failure.Info {
						t.Errorf("verify accuses %s: %s", f.Line(), f.Says)
					}
				}
				var advised []string
				for _, problem := range l.file.Advice() {
					for _, gateway := range l.file.TransitGateways() {
						if strings.Contains(problem.Text, "of "+gateway.Name+" do not reach each other") || strings.Contains(problem.Text, ": "+gateway.Name+" has no link") {
							advised = append(advised, gateway.Name)
						}
					}
				}
				if !slices.Equal(advised, chain.advised) {
					t.Errorf("it advises on %v, want %v: %v", advised, chain.advised, l.file.Advice())
				}
				for _, link := range l.file.Links {
					l.cutTunnels(link.Tunnels())
					time.Sleep(10 * time.Minute)
					l.tracesMustAgree("without " + link.Name)
					unknown := l.unknownWays("without " + link.Name)
					unknown = slices.DeleteFunc(unknown, func(pair string) bool { return slices.Contains(chain.either, pair) })
					if len(unknown) > 0 {
						t.Errorf("without %s, these are not known: %v", link.Name, unknown)
					}
					l.cutTunnels(nil)
					time.Sleep(10 * time.Minute)
				}
				l.mustBeClean()
			})
		})
	}
}

// mustTellApart fails the test unless exactly some pairs do not reach each other, and
// their traces say that the file does not join them, and name no failure.
func (l *lab) mustTellApart(apart []string) {
	l.Helper()
	model := path.New(l.file, l.world(), l.survey(), time.Now())
	var lost []string
	for i, from := range l.file.Probes.Targets {
		for _, to := range l.file.Probes.Targets[i+1:] {
			pair := from.Name + " ↔ " + to.Name
			trace, err := model.Trace(from.Name, to.Name)
			if err != nil {
				l.Fatal(err)
			}
			if !l.crosses(from.Address, to.Address) {
				lost = append(lost, pair)
			}
			hop, _ := trace.Broken()
			if told := trace.Unmeant != "" && hop.Code == ""; told != slices.Contains(apart, pair) {
				l.Errorf("%s: that the file does not join them is told: %t; %q, %s %s\n%s", pair, told, trace.Unmeant, hop.Says, hop.Code, hopsOf(trace))
			}
		}
	}
	if !slices.Equal(lost, apart) {
		l.Errorf("%v do not reach each other, want %v", lost, apart)
	}
}

// TestThreeTransitGatewaysThatAreAllPeers closes the chain: then all reach each other,
// and nothing is advised.
func TestThreeTransitGatewaysThatAreAllPeers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfThree(t, pacific+atlantic+"    - {name: arctic, join: [tgw-ireland, tgw-tokyo]}\n", linkBy("static", "jpe", "tokyo"))
		l.mustBuild()
		l.mustBeAsBuilt()
		l.mustTellApart(nil)
		if advice := l.file.Advice(); len(advice) > 0 {
			t.Errorf("it advises %v", advice)
		}
	})
}
