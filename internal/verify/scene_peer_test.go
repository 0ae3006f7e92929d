package verify

import (
	"net/netip"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// peer joins the transit gateway to one of another region, with a VPC.
func (s *scene) peer() {
	of := resource.Of
	s.File.AWS.Regions = append(s.File.AWS.Regions, desired.Region{Name: "us-east-1", TransitGateways: []desired.TransitGateway{{
		Name: "tgw-virginia", Region: "us-east-1",
		VPCs: []desired.VPC{{Name: "vpc-c", ID: "vpc-c", Subnets: []desired.Subnet{{ID: "subnet-c", Zone: "us-east-1a"}}, RouteTables: []string{"rtb-c"}, Prefixes: []netip.Prefix{netip.MustParsePrefix("172.22.0.0/16")}}},
	}}})
	s.File.AWS.Peerings = []desired.Peering{{Name: "pacific", Join: []string{"tgw-tokyo", "tgw-virginia"}}}
	s.ready(desired.PeeringID("pacific"), "att-pacific", resource.Attrs{
		"transit_gateway": of("tgw-1"), "peer": of("tgw-2"), "accepted": of("yes"), "association": of("tgw-rtb-1"), "peer_association": of("tgw-rtb-2"),
	})
	s.ready(desired.TransitGatewayID("tgw-virginia"), "tgw-2", resource.Attrs{"route_table": of("tgw-rtb-2"), "propagates_to": of("tgw-rtb-2")})
	s.ready(desired.VPCID("vpc-c"), "vpc-c", resource.Attrs{"prefixes": of("172.22.0.0/16")})
	s.ready(desired.VPCAttachmentID("vpc-c"), "att-vpc-c", resource.Attrs{
		"transit_gateway": of("tgw-2"), "vpc": of("vpc-c"), "subnets": of("subnet-c"), "association": of("tgw-rtb-2"), "propagation": of("tgw-rtb-2"),
	})
}

// joined adds the routes between the two regions, and two machines in the other.
func (s *scene) joined() {
	s.peer()
	s.Survey.TransitGateways["tgw-virginia"] = survey.TransitGateway{Seen: survey.Seen{At: noon}, Ref: "tgw-2"}
	s.ready(desired.TransitGatewayRoutesID("tgw-virginia"), "tgw-rtb-2", resource.Attrs{
		"routes": resource.Of("10.1.0.0/16 att-pacific", "10.2.0.0/16 att-pacific", "172.20.0.0/16 att-pacific", "172.21.0.0/16 att-pacific"), "propagated": resource.Of("172.22.0.0/16 att-vpc-c"),
	})
	s.set(siteID, "address_space", "172.20.0.0/16", "172.21.0.0/16", "172.22.0.0/16")
	for name, class := range map[string]string{"hub-jpe": "vpn", "hub-use": "hub"} {
		id := desired.HubRoutesID(name)
		s.set(id, "routes", append(s.World[id].Attrs["routes"], "172.22.0.0/16 "+class)...)
	}
	for _, name := range []string{"vm-jpe", "vm-use"} {
		s.machine(name, func(m *survey.Machine) {
			m.Routes.Routes = append(m.Routes.Routes, follow("172.22.0.0/16", survey.NextGateway, survey.Propagated))
		})
	}
	s.set(tgwRoutesID, "routes", "10.1.0.0/16 att-vpn", "10.2.0.0/16 att-vpn", "172.22.0.0/16 att-pacific")
	for i, name := range []string{"ec2-c", "ec2-d"} {
		target := desired.Target{Name: name, ID: "i-" + name, VPC: "vpc-c", Address: netip.AddrFrom4([4]byte{172, 22, 0, byte(10 + i)})}
		s.File.Probes.Targets = append(s.File.Probes.Targets, target)
		m := survey.Machine{Seen: survey.Seen{At: noon}, Ref: target.ID, Interface: "nic-" + name, Zone: "us-east-1a", Addresses: []netip.Addr{target.Address}, Power: survey.Running}
		m.Routes.Seen = m.Seen
		s.inVPC(target, &m)
		s.Survey.Machines[name] = m
	}
	for name, gateway := range map[string]string{"ec2-a": "tgw-1", "ec2-b": "tgw-1", "ec2-c": "tgw-2", "ec2-d": "tgw-2"} {
		s.machine(name, func(m *survey.Machine) {
			m.Routes.Routes = append(m.Routes.Routes, follow("172.16.0.0/12", survey.NextTGW, survey.User))
			for i, route := range m.Routes.Routes {
				if route.Next == survey.NextTGW {
					m.Routes.Routes[i].Via = []string{gateway}
				}
			}
			for i, rule := range m.Filters[0].Rules {
				if rule.In {
					m.Filters[0].Rules[i].Sources = []string{"10.0.0.0/8", "172.16.0.0/12"}
				}
			}
		})
	}
	for _, near := range []string{"ec2-a", "ec2-b"} {
		for _, far := range []string{"ec2-c", "ec2-d"} {
			s.Pings = append(s.Pings, s.echo(near, far), s.echo(far, near))
		}
	}
}
