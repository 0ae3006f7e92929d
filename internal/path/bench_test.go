package path

import (
	"fmt"
	"net/netip"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// BenchmarkTrace walks from a machine to another and back, over both hubs.
func BenchmarkTrace(b *testing.B) {
	s := newScene(b)
	m := New(s.file, s.world, s.survey, noon)
	b.ReportAllocs()
	for b.Loop() {
		if trace, err := m.Trace("vm-use", "ec2-b"); err != nil || trace.Verdict() != Pass {
			b.Fatal(trace.Verdict(), err)
		}
	}
}

// BenchmarkPairs judges all pairs of networks, half of them VNets, and half VPCs
// behind a link for each: the model is made anew each time.
func BenchmarkPairs(b *testing.B) {
	for _, networks := range []int{100, 200} {
		b.Run(fmt.Sprintf("networks=%d", networks), func(b *testing.B) {
			file, world := many(networks / 2)
			b.ReportAllocs()
			for b.Loop() {
				pairs := New(file, world, survey.Survey{}, noon).Pairs()
				if len(pairs) != networks*(networks-1)/2 {
					b.Fatalf("%d pairs", len(pairs))
				}
				for _, pair := range pairs {
					if pair.Verdict != Pass && reached(pair) {
						b.Fatal(pair)
					}
				}
			}
			b.ReportMetric(float64(networks*(networks-1))*float64(b.N)/b.Elapsed().Seconds(), "ways/s")
		})
	}
}

// reached tells whether a pair is joined by the links: two VPCs are only by
// way of Azure, which no route of [many] leads.
func reached(pair Pair) bool { return pair.From[:4] == "vnet" }

// many is a file of as many hubs, each with a VNet and a link to a transit
// gateway of its own with a VPC, and the world in which all is well.
func many(links int) (*desired.File, resource.World) {
	file := &desired.File{}
	file.Azure.VirtualWAN.Name = "wan"
	region := desired.Region{Name: "ap-northeast-1"}
	vnetPrefix := func(i int) netip.Prefix { return netip.MustParsePrefix(fmt.Sprintf("10.%d.0.0/16", i)) }
	vpcPrefix := func(i int) netip.Prefix { return netip.MustParsePrefix(fmt.Sprintf("172.20.%d.0/24", i)) }
	world := resource.World{}
	of := resource.Of
	ready := func(id resource.ID, ref string, attrs resource.Attrs) {
		world[id] = resource.Live{Phase: resource.Ready, Ref: ref, Attrs: attrs, AsOf: noon}
	}
	for i := range links {
		n := fmt.Sprint(i)
		file.Azure.Hubs = append(file.Azure.Hubs, desired.Hub{
			Name: "hub-" + n, VPNGateway: &desired.VPNGateway{}, VNets: []desired.VNet{{Name: "vnet-" + n, ID: "/vnets/" + n, Prefixes: []netip.Prefix{vnetPrefix(i)}}},
		})
		region.TransitGateways = append(region.TransitGateways, desired.TransitGateway{
			Name: "tgw-" + n, VPCs: []desired.VPC{{Name: "vpc-" + n, ID: "vpc-0" + n, RouteTables: []string{"rtb-" + n}, Prefixes: []netip.Prefix{vpcPrefix(i)}}},
		})
		file.Links = append(file.Links, desired.Link{Name: "link-" + n, Hub: "hub-" + n, TransitGateway: "tgw-" + n, Routing: desired.Static, Redundancy: desired.Single})
		var hub, static, table []string
		for j := range links {
			vnet, vpc := "hub", "hub"
			if i == j {
				vnet, vpc = "vnet", "vpn"
			}
			hub = append(hub, vnetPrefix(j).String()+" "+vnet, vpcPrefix(j).String()+" "+vpc)
			static = append(static, vnetPrefix(j).String()+" att-"+n)
			table = append(table, vnetPrefix(j).String()+" tgw-0"+n)
		}
		ready(desired.HubID("hub-"+n), "/hubs/"+n, resource.Attrs{"routing_state": of("provisioned")})
		ready(desired.HubRoutesID("hub-"+n), "", resource.Attrs{"routes": of(hub...)})
		ready(desired.VNetConnectionID("vnet-"+n), "/connections/"+n, resource.Attrs{"associated_table": of(defaultTable), "propagated_tables": of(defaultTable)})
		ready(desired.VPNGatewayID("hub-"+n), "/gateways/"+n, resource.Attrs{})
		ready(desired.VPNSiteID("link-"+n), "/sites/"+n, resource.Attrs{"address_space": of(vpcPrefix(i).String())})
		ready(desired.AzureConnectionID("link-"+n), "", resource.Attrs{"site": of("/vpnsites/link-" + n)})
		tunnel := desired.Tunnel{Link: "link-" + n, Number: 1}
		ready(desired.AzureTunnelID(tunnel), "", resource.Attrs{"status": of("up")})
		ready(desired.AWSTunnelID(tunnel), "", resource.Attrs{"status": of("up")})
		ready(desired.TransitGatewayID("tgw-"+n), "tgw-0"+n, resource.Attrs{"route_table": of("tgw-rtb-" + n)})
		ready(desired.AWSConnectionID("link-"+n, 0), "vpn-"+n, resource.Attrs{"transit_gateway": of("tgw-0" + n), "attachment": of("att-" + n), "association": of("tgw-rtb-" + n)})
		ready(desired.VPCAttachmentID("vpc-"+n), "att-vpc-"+n, resource.Attrs{"transit_gateway": of("tgw-0" + n), "vpc": of("vpc-0" + n), "subnets": of(), "association": of("tgw-rtb-" + n), "propagation": of("tgw-rtb-" + n)})
		ready(desired.TransitGatewayRoutesID("tgw-"+n), "tgw-rtb-"+n, resource.Attrs{"routes": of(static...), "propagated": of(vpcPrefix(i).String() + " att-vpc-" + n)})
		ready(desired.VPCRoutesID("rtb-"+n), "rtb-"+n, resource.Attrs{"routes": of(table...)})
	}
	file.AWS.Regions = []desired.Region{region}
	return file, world
}
