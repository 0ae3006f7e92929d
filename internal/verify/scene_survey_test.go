package verify

import (
	"net/netip"

	"linkd/internal/desired"
	"linkd/internal/survey"
)

// looked adds what a look along the paths has seen.
func (s *scene) looked() {
	seen := survey.Seen{At: noon}
	s.Survey = &survey.Survey{
		Machines: map[string]survey.Machine{}, Tunnels: map[string]survey.Tunnel{}, Hubs: map[string]survey.Hub{},
		TransitGateways: map[string]survey.TransitGateway{"tgw-tokyo": {Seen: seen, Ref: "tgw-1"}},
	}
	for _, hub := range s.File.Azure.Hubs {
		s.Survey.Hubs[hub.Name] = survey.Hub{Seen: seen}
	}
	for _, target := range s.File.Probes.Targets {
		m := survey.Machine{Seen: seen, Ref: target.ID, Interface: "nic-" + target.Name, Zone: target.Zone, Addresses: []netip.Addr{target.Address}, Power: survey.Running}
		m.Routes.Seen = seen
		if target.VNet != "" {
			s.inVNet(target, &m)
		} else {
			s.inVPC(target, &m)
		}
		s.Survey.Machines[target.Name] = m
	}
}

// inVNet adds the effective routes of a NIC, and the group of its subnet.
func (s *scene) inVNet(target desired.Target, m *survey.Machine) {
	own := s.File.VNetNamed(target.VNet).Prefixes[0]
	m.Routes.Routes = []survey.Route{follow(own.String(), survey.NextLocal, survey.Default)}
	for _, prefix := range []string{"10.1.0.0/16", "10.2.0.0/16", "172.20.0.0/16", "172.21.0.0/16"} {
		if prefix != own.String() {
			m.Routes.Routes = append(m.Routes.Routes, follow(prefix, survey.NextGateway, survey.Propagated))
		}
	}
	m.Filters = []survey.Filter{{Seen: m.Seen, ID: "nsg-" + target.Name, Layer: survey.SubnetGroup, Rules: []survey.Rule{
		{Name: "echo", Number: 100, In: true, Allow: true, Protocol: "icmp", Sources: []string{"172.16.0.0/12"}, Destinations: []string{"*"}},
	}}}
}

// inVPC adds the route table of a subnet, its ACL, and the group of an instance.
func (s *scene) inVPC(target desired.Target, m *survey.Machine) {
	m.Routes.ID = s.File.VPCNamed(target.VPC).RouteTables[0]
	m.Routes.Routes = []survey.Route{follow(s.File.VPCNamed(target.VPC).Prefixes[0].String(), survey.NextLocal, survey.Default)}
	for _, prefix := range []string{"10.1.0.0/16", "10.2.0.0/16"} {
		route := follow(prefix, survey.NextTGW, survey.User)
		route.Via = []string{"tgw-1"}
		m.Routes.Routes = append(m.Routes.Routes, route)
	}
	anywhere := []string{"0.0.0.0/0"}
	m.Filters = []survey.Filter{
		{Seen: m.Seen, ID: "sg-" + target.Name, Layer: survey.SecurityGroup, Rules: []survey.Rule{
			{Name: "in", In: true, Allow: true, Protocol: "icmp", Sources: []string{"10.0.0.0/8"}}, {Name: "out", Allow: true, Protocol: "*", Destinations: anywhere},
		}},
		{Seen: m.Seen, ID: "acl-" + target.VPC, Layer: survey.NetworkACL, Rules: []survey.Rule{
			{Number: 100, In: true, Allow: true, Protocol: "*", Sources: anywhere}, {Number: 100, Allow: true, Protocol: "*", Destinations: anywhere},
		}},
	}
}

func follow(prefix string, next survey.Next, source survey.Source) survey.Route {
	return survey.Route{Prefix: netip.MustParsePrefix(prefix), Next: next, Source: source, State: survey.Active}
}
