package path

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// TestTheRulesOfTheWay changes one thing of a healthy link, and names the hop
// and the code that it must come to; "" is a way that passes.
func TestTheRulesOfTheWay(t *testing.T) {
	tgwRoutes, site := desired.TransitGatewayRoutesID("tgw-tokyo"), desired.VPNSiteID("tokyo")
	connection := desired.VNetConnectionID("vnet-jpe")
	down := func(s *scene, number int) {
		tunnel := desired.Tunnel{Link: "tokyo", Number: number}
		s.set(desired.AzureTunnelID(tunnel), "status", "down")
		s.set(desired.AWSTunnelID(tunnel), "status", "down")
	}
	without := func(id resource.ID) func(*scene) {
		return func(s *scene) { s.world[id] = resource.Live{Phase: resource.Absent, AsOf: noon} }
	}
	tests := []struct {
		name     string
		from, to string
		do       func(*scene)
		at       Kind
		code     failure.Code
		verdict  Verdict
	}{
		{name: "healthy, to AWS", verdict: Pass},
		{name: "healthy, to Azure", from: "ec2-b", to: "vm-use", verdict: Pass},
		{name: "healthy, between hubs", from: "vm-jpe", to: "vm-use", verdict: Pass},
		{name: "healthy, between VPCs", from: "ec2-a", to: "ec2-b", verdict: Pass},

		{name: "a user's route of the same prefix wins", do: func(s *scene) {
			s.machine("vm-jpe", func(m *survey.Machine) {
				m.Routes.Routes = append(m.Routes.Routes, route("172.20.0.0/16", survey.NextAppliance, survey.User))
			})
		}, at: NICRoutes, code: failure.NICRouteOverridden},
		{name: "a longer route wins over a user's", do: func(s *scene) {
			s.machine("vm-jpe", func(m *survey.Machine) {
				m.Routes.Routes = append(m.Routes.Routes, route("172.16.0.0/12", survey.NextNowhere, survey.User))
			})
		}, verdict: Pass},
		{name: "an invalid route does not match", do: func(s *scene) {
			s.machine("vm-jpe", func(m *survey.Machine) {
				lost := route("172.20.0.0/24", survey.NextNowhere, survey.User)
				lost.State = survey.Invalid
				m.Routes.Routes = append(m.Routes.Routes, lost)
			})
		}, verdict: Pass},
		{name: "gateway routes are off", do: func(s *scene) {
			s.machine("vm-jpe", func(m *survey.Machine) {
				m.Routes.GatewayRoutesOff = true
				m.Routes.Routes = slices.DeleteFunc(m.Routes.Routes, func(r survey.Route) bool { return r.Next == survey.NextGateway })
			})
		}, at: NICRoutes, code: failure.NICRouteOverridden},
		{name: "the machine does not run", do: func(s *scene) {
			s.machine("vm-jpe", func(m *survey.Machine) { m.Power = survey.Stopped })
		}, at: Machine, code: failure.TargetDown},
		{name: "the machine has another address", do: func(s *scene) {
			s.machine("ec2-a", func(m *survey.Machine) { m.Addresses = []netip.Addr{netip.MustParseAddr("172.20.0.99")} })
		}, at: Machine, code: failure.TargetDown},

		{name: "an NSG denies before another rule allows", from: "ec2-a", to: "vm-jpe", do: func(s *scene) {
			s.machine("vm-jpe", func(m *survey.Machine) {
				m.Filters[0].Rules = append(m.Filters[0].Rules, survey.Rule{Name: "no", Number: 90, In: true, Protocol: "icmp"})
			})
		}, at: NSG, code: failure.ICMPBlocked},
		{name: "an NSG needs no rule for the answer", do: func(s *scene) {
			s.machine("vm-jpe", func(m *survey.Machine) { m.Filters[0].Rules = []survey.Rule{{Number: 100, In: true, Protocol: "*"}} })
		}, verdict: Pass},
		{name: "what the hub tells is of the virtual network", from: "vm-use", to: "vm-jpe", do: func(s *scene) {
			s.machine("vm-jpe", func(m *survey.Machine) { m.Filters[0].Rules = nil })
		}, verdict: Pass},
		{name: "a tag that nobody explains is not known", from: "ec2-a", to: "vm-jpe", do: func(s *scene) {
			s.machine("vm-jpe", func(m *survey.Machine) {
				m.Filters[0].Rules = append(m.Filters[0].Rules, survey.Rule{Name: "tag", Number: 90, In: true, Protocol: "*", Sources: []string{"Storage"}})
			})
		}, verdict: Unknown},
		{name: "a security group has no rule in", do: func(s *scene) {
			s.machine("ec2-a", func(m *survey.Machine) { m.Filters[0].Rules = m.Filters[0].Rules[1:] })
		}, at: SecurityGroup, code: failure.ICMPBlocked},
		{name: "a security group needs no rule for the answer", do: func(s *scene) {
			s.machine("ec2-a", func(m *survey.Machine) { m.Filters[0].Rules = m.Filters[0].Rules[:1] })
		}, verdict: Pass},
		{name: "a network ACL denies the answer", do: func(s *scene) {
			s.machine("ec2-a", func(m *survey.Machine) { m.Filters[1].Rules = m.Filters[1].Rules[:1] })
		}, at: NetworkACL, code: failure.ICMPBlocked},

		{name: "the VNet is not connected", do: func(s *scene) {
			without(connection)(s)
		}, at: NICRoutes, code: failure.VNetConnectionRouting},
		{name: "the connection learns from another table", do: func(s *scene) { s.set(connection, "associated_table", "noneroutetable") }, at: NICRoutes, code: failure.VNetConnectionRouting},
		{name: "the router of the hub is not ready", do: func(s *scene) {
			s.world[desired.HubID("hub-jpe")] = resource.Live{Phase: resource.Created, AsOf: noon, Attrs: resource.Attrs{"routing_state": resource.Of("provisioning")}}
		}, at: Hub, code: failure.HubRouterNotReady},
		{name: "the hub has no route, the site no prefix", do: func(s *scene) {
			s.set(site, "address_space", "172.21.0.0/16")
			s.set(desired.HubRoutesID("hub-jpe"), "routes", "172.21.0.0/16 vpn", "10.1.0.0/16 vnet")
		}, at: Hub, code: failure.SitePrefixDrift},
		{name: "the hub still has the route, the site no prefix", do: func(s *scene) { s.set(site, "address_space", "172.21.0.0/16") }, at: Site, code: failure.SitePrefixDrift},
		{name: "another way shadows the hub's", do: func(s *scene) {
			s.set(desired.HubRoutesID("hub-jpe"), "routes", "172.20.0.0/16 expressroute")
		}, at: Hub, code: failure.HubRouteMissing},
		{name: "the far VNet does not propagate", from: "ec2-a", to: "vm-use", do: func(s *scene) {
			s.set(desired.VNetConnectionID("vnet-use"), "propagated_tables")
			s.set(desired.VNetConnectionID("vnet-use"), "propagated_labels", "none")
			s.set(desired.HubRoutesID("hub-jpe"), "routes", "172.20.0.0/16 vpn", "10.1.0.0/16 vnet")
		}, at: Hub, code: failure.VNetConnectionRouting},
		{name: "branches are kept apart, and nothing goes from one to another", do: func(s *scene) {
			s.set(desired.VirtualWANID("wan-global"), "branch_to_branch", "false")
		}, verdict: Pass},

		{name: "one of two tunnels is down", do: func(s *scene) { down(s, 1) }, verdict: Pass},
		{name: "both tunnels are down", do: func(s *scene) { down(s, 1); down(s, 2) }, at: Tunnel, code: failure.TunnelDown},
		{name: "the clouds see a last tunnel differently", do: func(s *scene) {
			down(s, 1)
			s.set(desired.AWSTunnelID(desired.Tunnel{Link: "tokyo", Number: 2}), "status", "down")
		}, verdict: Unknown},

		{name: "a blackhole matches and drops", do: func(s *scene) {
			s.set(tgwRoutes, "routes", "10.0.0.0/8 att-vpn", "10.1.0.0/16 blackhole", "10.2.0.0/16 att-vpn")
		}, at: TGWRoutes, code: failure.TGWRouteBlackhole},
		{name: "a route that has lost its attachment drops", do: func(s *scene) {
			s.set(tgwRoutes, "routes", "10.1.0.0/16 blackhole att-gone")
		}, at: TGWRoutes, code: failure.TGWRouteBlackhole},
		{name: "a static route wins over a propagated one", do: func(s *scene) {
			s.set(tgwRoutes, "routes", "10.1.0.0/16 att-vpn", "172.20.0.0/16 att-vpc-b")
		}, at: Attachment, code: failure.TGWRouteMissing},
		{name: "no route leads to Azure", do: func(s *scene) { s.set(tgwRoutes, "routes", "10.2.0.0/16 att-vpn") }, at: TGWRoutes, code: failure.TGWRouteMissing},
		{name: "a VPC does not propagate", do: func(s *scene) {
			s.set(tgwRoutes, "propagated", "172.21.0.0/16 att-vpc-b")
			s.set(desired.VPCAttachmentID("vpc-a"), "propagation")
		}, at: TGWRoutes, code: failure.TGWPropagationOff},
		{name: "an attachment is associated with nothing", do: func(s *scene) { s.set(desired.VPCAttachmentID("vpc-a"), "association") }, at: Association, code: failure.TGWAssociationMissing},
		{name: "the connection is associated with nothing", do: func(s *scene) { s.set(desired.AWSConnectionID("tokyo", 0), "association") }, at: Association, code: failure.TGWAssociationMissing},
		{name: "the zone has no subnet of the attachment", do: func(s *scene) { s.set(desired.VPCAttachmentID("vpc-a"), "subnets") }, at: Zone, code: failure.TGWZoneUnattached},
		{name: "the VPC is not attached", from: "ec2-a", to: "vm-jpe", do: without(desired.VPCAttachmentID("vpc-a")), at: Attachment, code: failure.NotBuilt},
		{name: "two vias of one route share the packets", do: func(s *scene) { s.set(tgwRoutes, "routes", "10.1.0.0/16 att-other+att-vpn") }, verdict: Pass},

		{name: "the subnet has no route", do: func(s *scene) {
			s.machine("ec2-a", func(m *survey.Machine) { m.Routes.Routes = m.Routes.Routes[:1] })
		}, at: SubnetRoutes, code: failure.VPCRouteMissing},
		{name: "the subnet's route is a blackhole", do: func(s *scene) {
			s.machine("ec2-a", func(m *survey.Machine) { m.Routes.Routes[1].State = survey.Blackhole })
		}, at: SubnetRoutes, code: failure.VPCRouteMissing},
		{name: "a longer route leads elsewhere", do: func(s *scene) {
			s.machine("ec2-a", func(m *survey.Machine) {
				m.Routes.Routes = append(m.Routes.Routes, route("10.1.0.0/24", survey.NextInternet, survey.User))
			})
		}, at: SubnetRoutes, code: failure.VPCRouteMissing},

		{name: "the site could not be read", do: func(s *scene) { s.world[site] = resource.Live{Why: "not allowed"} }, verdict: Unknown},
		{name: "a route table was not read", do: func(s *scene) { delete(s.world, tgwRoutes) }, verdict: Unknown},
		{name: "a machine was not surveyed", do: func(s *scene) { delete(s.survey.Machines, "vm-jpe") }, verdict: Unknown},
		{name: "the routes of the hub are too old", do: func(s *scene) {
			live := s.world[desired.HubRoutesID("hub-jpe")]
			live.AsOf = noon.Add(-Stale - time.Second)
			s.world[desired.HubRoutesID("hub-jpe")] = live
		}, verdict: Unknown},
		{name: "beyond what is not known a block is seen", do: func(s *scene) {
			delete(s.world, desired.HubRoutesID("hub-jpe"))
			s.set(desired.AWSConnectionID("tokyo", 0), "association")
		}, at: Association, code: failure.TGWAssociationMissing},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			if test.do != nil {
				test.do(s)
			}
			from, to := test.from, test.to
			if from == "" {
				from, to = "vm-jpe", "ec2-a"
			}
			want := test.verdict
			if want == "" {
				want = Block
			}
			trace := s.trace(t, from, to)
			hop, _ := trace.Broken()
			if trace.Verdict() != want || hop.Kind != test.at || hop.Code != test.code {
				t.Errorf("%s at %q [%s], want %s at %q [%s]\n%v\n%v", trace.Verdict(), hop.Kind, hop.Code, want, test.at, test.code, trace.Forward.Hops, trace.Back.Hops)
			}
		})
	}
}
