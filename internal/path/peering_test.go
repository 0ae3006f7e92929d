package path

import (
	"net/netip"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// newPeeredScene adds to the healthy link another region: a transit gateway with a
// VPC, joined to the one that has the link, and a machine in it.
func newPeeredScene(t testing.TB) *scene {
	t.Helper()
	s := newScene(t)
	vpc := desired.VPC{Name: "vpc-c", ID: "vpc-c", Prefixes: []netip.Prefix{netip.MustParsePrefix("172.22.0.0/16")}, RouteTables: []string{"rtb-c"}}
	s.file.AWS.Regions = append(s.file.AWS.Regions, desired.Region{Name: "us-east-1", TransitGateways: []desired.TransitGateway{{
		Name: "tgw-virginia", Region: "us-east-1", VPCs: []desired.VPC{vpc},
	}}})
	s.file.AWS.Peerings = []desired.Peering{{Name: "pacific", Join: []string{"tgw-tokyo", "tgw-virginia"}}}
	of := resource.Of
	ready := func(id resource.ID, ref string, attrs resource.Attrs) {
		s.world[id] = resource.Live{Phase: resource.Ready, Ref: ref, Attrs: attrs, AsOf: noon}
	}
	ready(desired.PeeringID("pacific"), "att-peer", resource.Attrs{
		"transit_gateway": of("tgw-1"), "peer": of("tgw-2"), "accepted": of("yes"), "association": of("tgw-rtb-1"), "peer_association": of("tgw-rtb-2"),
	})
	ready(desired.TransitGatewayID("tgw-virginia"), "tgw-2", resource.Attrs{"route_table": of("tgw-rtb-2"), "propagates_to": of("tgw-rtb-2")})
	ready(desired.VPCID("vpc-c"), "vpc-c", resource.Attrs{"prefixes": of("172.22.0.0/16")})
	ready(desired.VPCAttachmentID("vpc-c"), "att-vpc-c", resource.Attrs{
		"transit_gateway": of("tgw-2"), "vpc": of("vpc-c"), "subnets": of(), "association": of("tgw-rtb-2"), "propagation": of("tgw-rtb-2"),
	})
	ready(desired.VPCRoutesID("rtb-c"), "rtb-c", resource.Attrs{"routes": of("10.1.0.0/16 tgw-2", "10.2.0.0/16 tgw-2", "172.20.0.0/16 tgw-2", "172.21.0.0/16 tgw-2")})
	ready(desired.TransitGatewayRoutesID("tgw-virginia"), "tgw-rtb-2", resource.Attrs{
		"routes":     of("10.1.0.0/16 att-peer", "10.2.0.0/16 att-peer", "172.20.0.0/16 att-peer", "172.21.0.0/16 att-peer"),
		"propagated": of("172.22.0.0/16 att-vpc-c"),
	})
	s.set(desired.TransitGatewayRoutesID("tgw-tokyo"), "routes", "10.1.0.0/16 att-vpn", "10.2.0.0/16 att-vpn", "172.22.0.0/16 att-peer")
	s.set(desired.VPNSiteID("tokyo"), "address_space", "172.20.0.0/16", "172.21.0.0/16", "172.22.0.0/16")
	for _, hub := range []struct{ name, class string }{{"hub-jpe", "vpn"}, {"hub-use", "hub"}} {
		id := desired.HubRoutesID(hub.name)
		s.set(id, "routes", append(s.world[id].Attrs["routes"], "172.22.0.0/16 "+hub.class)...)
	}
	for _, table := range []string{"rtb-0a10000000000000a", "rtb-0b20000000000000b"} {
		id := desired.VPCRoutesID(table)
		s.set(id, "routes", append(s.world[id].Attrs["routes"], "172.22.0.0/16 tgw-1")...)
	}
	return s
}

// pair judges two networks.
func (s *scene) pair(t testing.TB, from, to string) (there, back Way) {
	t.Helper()
	m := New(s.file, s.world, s.survey, noon)
	way := func(from, to string) Way {
		source, err := m.ends(from)
		if err != nil {
			t.Fatal(err)
		}
		far, err := m.ends(to)
		if err != nil {
			t.Fatal(err)
		}
		w := walk{Model: m, from: source[0], to: far[0], verdict: Pass}
		w.send()
		return Way{From: from, To: to, Verdict: w.verdict, Hops: w.hops}
	}
	return way(from, to), way(to, from)
}

func TestTheWayOverAPeering(t *testing.T) {
	peering, near, far := desired.PeeringID("pacific"), desired.TransitGatewayRoutesID("tgw-tokyo"), desired.TransitGatewayRoutesID("tgw-virginia")
	for name, c := range map[string]struct {
		change      func(s *scene)
		there, back failure.Code // of vpc-a to vpc-c; "": it passes
		root        resource.ID
		azure       failure.Code // of vnet-use to vpc-c
	}{
		"all is well": {change: func(*scene) {}},
		"the near side has no route": {
			func(s *scene) { s.set(near, "routes", "10.1.0.0/16 att-vpn", "10.2.0.0/16 att-vpn") },
			failure.TGWPeeringRouteMissing, "", near, failure.TGWPeeringRouteMissing,
		},
		"the far side has no route": {
			func(s *scene) { s.set(far, "routes", "10.1.0.0/16 att-peer", "10.2.0.0/16 att-peer") },
			"", failure.TGWPeeringRouteMissing, far, "",
		},
		"the peering is gone, and left holes": {
			func(s *scene) {
				s.world[peering] = resource.Live{Phase: resource.Absent, AsOf: noon}
				s.set(near, "routes", "10.1.0.0/16 att-vpn", "10.2.0.0/16 att-vpn", "172.22.0.0/16 blackhole att-peer")
				s.set(far, "routes", "10.1.0.0/16 blackhole att-peer", "172.20.0.0/16 blackhole att-peer")
			},
			failure.NotBuilt, failure.NotBuilt, peering, failure.NotBuilt,
		},
		"nobody has accepted it": {
			func(s *scene) { s.set(peering, "accepted", "no") }, failure.NotBuilt, failure.NotBuilt, peering, failure.NotBuilt,
		},
		"its far end is associated with no table": {
			func(s *scene) { s.set(peering, "peer_association") }, failure.TGWAssociationMissing, "", peering, failure.TGWAssociationMissing,
		},
		"somebody's blackhole hides it": {
			func(s *scene) {
				s.set(near, "routes", "10.1.0.0/16 att-vpn", "10.2.0.0/16 att-vpn", "172.22.0.0/16 blackhole")
			},
			failure.TGWRouteBlackhole, "", near, failure.TGWRouteBlackhole,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newPeeredScene(t)
			c.change(s)
			there, back := s.pair(t, "vpc-a", "vpc-c")
			azure, _ := s.pair(t, "vnet-use", "vpc-c")
			for _, way := range []struct {
				Way
				want failure.Code
			}{{there, c.there}, {back, c.back}, {azure, c.azure}} {
				hop, broken := way.Broken()
				root := hop.Root
				if root == "" {
					root = hop.ID
				}
				switch {
				case broken != (way.want != "") || hop.Code != way.want:
					t.Errorf("from %s to %s: %q, want %q; %+v", way.From, way.To, hop.Code, way.want, way.Hops)
				case broken && root != c.root:
					t.Errorf("from %s to %s it is %s that is to be mended, want %s", way.From, way.To, root, c.root)
				case way.Verdict == Unknown:
					t.Errorf("from %s to %s it is not known: %+v", way.From, way.To, way.Hops)
				}
			}
		})
	}
}

// TestAPeeringThatWasNotReadIsNotAccused takes away what the audit knew of it.
func TestAPeeringThatWasNotReadIsNotAccused(t *testing.T) {
	s := newPeeredScene(t)
	s.world[desired.PeeringID("pacific")] = resource.Live{Phase: resource.Unknown, Why: "it was refused", AsOf: noon}
	there, back := s.pair(t, "vpc-a", "vpc-c")
	for _, way := range []Way{there, back} {
		if _, broken := way.Broken(); broken || way.Verdict != Unknown {
			t.Errorf("from %s to %s: %s, %+v", way.From, way.To, way.Verdict, way.Hops)
		}
	}
}
