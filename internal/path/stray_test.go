package path

import (
	"net/netip"
	"strings"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/failure"
)

// TestACircleIsLaidAtTheRouteThatMakesIt has somebody's narrower route send over the
// peering what the other side sends back.
func TestACircleIsLaidAtTheRouteThatMakesIt(t *testing.T) {
	near, far := desired.TransitGatewayRoutesID("tgw-tokyo"), desired.TransitGatewayRoutesID("tgw-virginia")
	for name, c := range map[string]struct {
		change   func(s *scene)
		from, to string
		code     failure.Code
		at       string
		names    []string
	}{
		"to a part of a VPC of the peer": {
			func(s *scene) {
				s.set(far, "routes", append(s.world[far].Attrs["routes"], "172.22.0.0/24 att-peer")...)
			},
			"vpc-a", "vpc-c", failure.TGWRouteMissing, string(far),
			[]string{"static route 172.22.0.0/24 of tgw-rtb-2", "att-peer of aws/peering-attachment/pacific"},
		},
		"to a part of a VNet": {
			func(s *scene) {
				s.set(near, "routes", append(s.world[near].Attrs["routes"], "10.2.0.0/24 att-peer")...)
			},
			"vpc-c", "vnet-use", failure.TGWRouteMissing, string(near),
			[]string{"static route 10.2.0.0/24 of tgw-rtb-1", "att-peer of aws/peering-attachment/pacific"},
		},
		"to a part of a VPC of the peer, into the link": {
			func(s *scene) {
				s.set(near, "routes", append(s.world[near].Attrs["routes"], "172.22.0.0/24 att-vpn")...)
			},
			"vnet-jpe", "vpc-c", failure.TGWPeeringRouteMissing, string(near),
			[]string{"static route 172.22.0.0/24 of tgw-rtb-1", "att-vpn of aws/vpn-connection/tokyo-0"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newPeeredScene(t)
			c.change(s)
			way, _ := s.pair(t, c.from, c.to)
			hop, broken := way.Broken()
			if !broken || hop.Code != c.code || string(hop.ID) != c.at || hop.Root != "" {
				t.Errorf("%v, %s at %s, root %q; want %s at %s: %+v", broken, hop.Code, hop.ID, hop.Root, c.code, c.at, way.Hops)
			}
			for _, name := range c.names {
				if !strings.Contains(hop.Says, name) {
					t.Errorf("it does not name %q: %s", name, hop.Says)
				}
			}
			if len(hop.Evidence) == 0 || !strings.Contains(hop.Evidence[0].Value, netip.MustParsePrefix(strings.Fields(c.names[0])[2]).String()) {
				t.Errorf("the evidence is %+v", hop.Evidence)
			}
		})
	}
}

// TestACircleOfRoutesThatTheFileMeansIsNobodysRoute leaves it as a circle: the hub
// sends back into the link what the transit gateway rightly sends to it.
func TestACircleOfRoutesThatTheFileMeansIsNobodysRoute(t *testing.T) {
	s := newPeeredScene(t)
	s.set(desired.HubRoutesID("hub-jpe"), "routes", "10.1.0.0/16 vnet", "10.2.0.0/16 vpn", "172.20.0.0/16 vpn")
	s.set(desired.VPNSiteID("tokyo"), "address_space", "10.2.0.0/16", "172.20.0.0/16")
	way, _ := s.pair(t, "vpc-a", "vnet-use")
	if hop, broken := way.Broken(); !broken || hop.Code != failure.PathLost {
		t.Errorf("%v, %s: %+v", broken, hop.Code, way.Hops)
	}
}
