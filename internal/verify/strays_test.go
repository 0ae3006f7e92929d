package verify

import (
	"slices"
	"strings"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

var (
	farRoutesID = desired.TransitGatewayRoutesID("tgw-virginia")
	farHubID    = desired.HubRoutesID("hub-use")
)

// regions gives each of two peered transit gateways a link of its own, with BGP.
func (s *scene) regions() {
	of := resource.Of
	s.joined()
	speaksBGP(s)
	s.File.Links = append(s.File.Links, desired.Link{Name: "virginia", Hub: "hub-use", TransitGateway: "tgw-virginia", Routing: desired.BGP, Redundancy: desired.Single})
	s.ready(desired.VPNGatewayID("hub-use"), "/gateway-use", resource.Attrs{"asn": of("65515")})
	s.ready(desired.VPNSiteID("virginia"), "/site-use", resource.Attrs{"address_space": of()})
	s.ready(desired.AzureConnectionID("virginia"), "/connection-use", resource.Attrs{"site": of("/vpnsites/virginia")})
	s.ready(desired.AWSConnectionID("virginia", 0), "vpn-3", resource.Attrs{"transit_gateway": of("tgw-2"), "attachment": of("att-vpn-use"), "association": of("tgw-rtb-2"), "routing": of("bgp")})
	for _, t := range s.File.Links[1].Tunnels() {
		s.ready(desired.AzureTunnelID(t), "", resource.Attrs{"status": of("up")})
		s.ready(desired.AWSTunnelID(t), "", resource.Attrs{"status": of("up"), "accepted_routes": of("2")})
	}
	s.World[siteID].Attrs["address_space"] = of()
	s.set(tgwRoutesID, "routes", "172.22.0.0/16 att-pacific")
	s.set(tgwRoutesID, "propagated", "10.1.0.0/16 att-vpn", "10.2.0.0/16 att-vpn", "172.20.0.0/16 att-vpc-a", "172.21.0.0/16 att-vpc-b")
	s.set(farRoutesID, "routes", "172.20.0.0/16 att-pacific", "172.21.0.0/16 att-pacific")
	s.set(farRoutesID, "propagated", "10.1.0.0/16 att-vpn-use", "10.2.0.0/16 att-vpn-use", "172.22.0.0/16 att-vpc-c")
	s.set(farHubID, "routes", "10.1.0.0/16 hub", "10.2.0.0/16 vnet", "172.20.0.0/16 vpn", "172.21.0.0/16 vpn", "172.22.0.0/16 vpn")
}

// adds has somebody add a static route to a transit gateway's table.
func adds(table resource.ID, route string) func(*scene) {
	return func(s *scene) {
		s.set(table, "routes", append(slices.Clone(s.World[table].Attrs["routes"]), route)...)
		s.drift(resource.Drift{ID: table, Kind: "aws/tgw-routes", Attr: "routes", Class: resource.Extra, Have: resource.Of(route)})
	}
}

// tells has AWS tell a hub by BGP of a network of another hub.
func tells(hub resource.ID, prefix string) func(*scene) {
	return func(s *scene) {
		routes := slices.DeleteFunc(slices.Clone(s.World[hub].Attrs["routes"]), func(route string) bool { return route == prefix+" hub" })
		s.set(hub, "routes", append(routes, prefix+" vpn")...)
		differs(hub, "azure/hub-routes", "routes", nil, resource.Of(prefix+" hub"))(s)
	}
}

// TestARouteThatHidesWhatBGPTellsIsNamed has somebody add a static route to one of the two
// tables. What leads as the file means it to, or takes nothing away, is not accused.
func TestARouteThatHidesWhatBGPTellsIsNamed(t *testing.T) {
	near, far := "AWS_TGW_ROUTE_MISSING aws/tgw-routes/tgw-tokyo", "AWS_TGW_ROUTE_MISSING aws/tgw-routes/tgw-virginia"
	stateful := func(s *scene) { s.File.Links[0].Stateful = true }
	const hub = " AZ_HUB_ROUTE_MISSING_OR_SHADOWED"
	for name, c := range map[string]struct {
		do   []func(*scene)
		want []string // severity, code, place, and its effects
	}{
		"nothing":                              {nil, nil},
		"over the peering":                     {[]func(*scene){adds(tgwRoutesID, "10.1.0.0/16 att-pacific")}, []string{"warning " + near}},
		"a part of it":                         {[]func(*scene){adds(tgwRoutesID, "10.1.0.0/24 att-pacific")}, []string{"warning " + near}},
		"a part without machines":              {[]func(*scene){adds(tgwRoutesID, "10.1.200.0/24 att-pacific")}, []string{"warning " + near}},
		"the same, and the peer sends it back": {[]func(*scene){adds(tgwRoutesID, "10.1.200.0/24 att-pacific"), adds(farRoutesID, "10.1.200.0/24 att-pacific")}, []string{"error " + near, "error " + far}},
		"the same, and the peer drops it": {[]func(*scene){adds(tgwRoutesID, "10.1.200.0/24 att-pacific"), adds(farRoutesID, "10.1.200.0/24 blackhole")}, []string{
			"error AWS_TGW_ROUTE_BLACKHOLE aws/tgw-routes/tgw-virginia", "error " + near,
		}},
		"the peer's, of which Azure hears":           {[]func(*scene){adds(farRoutesID, "10.1.0.0/16 att-pacific"), tells(farHubID, "10.1.0.0/16")}, []string{"warning " + far + hub}},
		"in a circle":                                {[]func(*scene){adds(tgwRoutesID, "10.1.0.0/16 att-pacific"), adds(farRoutesID, "10.1.0.0/16 att-pacific")}, []string{"error " + near, "error " + far}},
		"to a VPC":                                   {[]func(*scene){adds(tgwRoutesID, "10.2.0.0/16 att-vpc-a"), tells(hubRoutesID, "10.2.0.0/16")}, []string{"error " + near + hub}},
		"to nothing of the file":                     {[]func(*scene){adds(tgwRoutesID, "10.2.0.0/16 att-theirs")}, []string{"error " + near}},
		"a VPC's over the peering, without machines": {[]func(*scene){adds(tgwRoutesID, "172.20.200.0/24 att-pacific")}, []string{"error " + near}},
		"a VPC's over the peering":                   {[]func(*scene){adds(tgwRoutesID, "172.20.0.0/24 att-pacific")}, []string{"error " + near}},
		"a peer's VPC to a VPC":                      {[]func(*scene){adds(tgwRoutesID, "172.22.200.0/24 att-vpc-a")}, []string{"error TGW_PEERING_ROUTE_MISSING aws/tgw-routes/tgw-tokyo"}},
		"past a firewall that sees one side": {[]func(*scene){adds(tgwRoutesID, "10.1.0.0/16 att-pacific"), stateful}, []string{
			"error " + near + " ASYMMETRIC_PATH", "error ASYMMETRIC_PATH azure/vpn-connection/tokyo",
		}},
		"a firewall that sees one side of the ring anyway": {[]func(*scene){stateful}, []string{"error ASYMMETRIC_PATH azure/vpn-connection/tokyo", "error ASYMMETRIC_PATH azure/vpn-connection/virginia"}},
		"another hub is led astray":                        {[]func(*scene){adds(tgwRoutesID, "10.1.0.0/16 att-pacific"), tells(hubRoutesID, "10.2.0.0/16")}, []string{"error AZ_HUB_ROUTE_MISSING_OR_SHADOWED azure/hub-routes/hub-jpe", "warning " + near}},
		"a machine is stopped": {[]func(*scene){adds(tgwRoutesID, "10.1.0.0/16 att-pacific"), func(s *scene) {
			s.machine("vm-jpe", func(m *survey.Machine) { m.Power = survey.Stopped })
		}}, []string{"warning " + near}},
		"a wider one": {[]func(*scene){adds(tgwRoutesID, "10.0.0.0/8 att-pacific")}, nil},
		"a wider one, and BGP is silent": {[]func(*scene){adds(tgwRoutesID, "10.0.0.0/8 att-pacific"), func(s *scene) {
			s.set(tgwRoutesID, "propagated", "10.2.0.0/16 att-vpn", "172.20.0.0/16 att-vpc-a", "172.21.0.0/16 att-vpc-b")
			differs(desired.LearnedRoutesID("tgw-tokyo"), "aws/learned-routes", "routes", nil, resource.Of("10.1.0.0/16 att-vpn"))(s)
		}}, []string{"error AWS_TGW_ROUTE_MISSING aws/learned-routes/tgw-tokyo"}},
		"a wider one by a connection, and the other is silent": {[]func(*scene){func(s *scene) {
			s.set(tgwRoutesID, "propagated", "10.0.0.0/8 att-vpn", "172.20.0.0/16 att-vpc-a", "172.21.0.0/16 att-vpc-b")
			differs(desired.LearnedRoutesID("tgw-tokyo"), "aws/learned-routes", "routes", nil, resource.Of("10.1.0.0/16 att-vpn-1"))(s)
		}}, nil},
		"one that leads where BGP does":  {[]func(*scene){adds(tgwRoutesID, "10.1.0.0/24 att-vpn")}, nil},
		"one that leads where it should": {[]func(*scene){adds(tgwRoutesID, "172.22.0.0/24 att-pacific"), adds(farRoutesID, "172.22.0.0/24 att-vpc-c")}, nil},
		"one to what the file knows not": {[]func(*scene){adds(tgwRoutesID, "192.0.2.0/24 att-pacific")}, nil},
		"a blackhole, which is told so":  {[]func(*scene){adds(tgwRoutesID, "10.1.0.0/24 blackhole")}, []string{"error AWS_TGW_ROUTE_BLACKHOLE aws/tgw-routes/tgw-tokyo"}},
		"one of a peering that has left": {[]func(*scene){func(s *scene) { s.File.AWS.Peerings = nil }, adds(tgwRoutesID, "172.22.0.0/24 att-pacific")}, nil},
		"one in the place of the file's": {[]func(*scene){func(s *scene) { s.set(tgwRoutesID, "routes") }, adds(tgwRoutesID, "172.22.0.0/16 att-vpc-a"), differs(tgwRoutesID, "aws/tgw-routes", "routes", nil, resource.Of("172.22.0.0/16 att-pacific"))}, []string{
			"error " + near, "error TGW_PEERING_ROUTE_MISSING aws/tgw-routes/tgw-tokyo", // the one by the model, as ever
		}},
	} {
		s := newScene(t)
		s.regions()
		for _, do := range c.do {
			do(s)
		}
		s.Pings, s.PingsOff = nil, true
		report := s.judge(t, "^(hub-routes|blackholes|tgw-routes|one-way)$")
		if said := summary(report); !slices.Equal(said, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(said, "\n"), strings.Join(c.want, "\n"))
		}
	}
}
