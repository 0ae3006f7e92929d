package verify

import (
	"strings"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// moving is a link whose file says BGP, and whose connection is static still, at the end
// of AWS; Azure is the tunnels over which Azure's end speaks BGP.
func moving(azure ...string) func(*scene) {
	return func(s *scene) {
		s.File.Links[0].Routing = desired.BGP
		s.set(awsID, "routing", "static")
		s.World[connectionID].Attrs["bgp"] = resource.Of(azure...)
		s.set(tunnel(1, desired.AWSTunnelID), "accepted_routes", "0")
		s.set(tunnel(2, desired.AWSTunnelID), "accepted_routes", "0")
		s.drift(resource.Drift{ID: awsID, Kind: "aws/vpn-connection", Attr: "routing", Class: resource.Differs, Have: resource.Of("static"), Want: resource.Of("bgp")})
	}
}

// TestAConnectionThatIsYetToMoveIsNotAccused: it carries as it did. One whose two ends
// exchange routes in different ways is.
func TestAConnectionThatIsYetToMoveIsNotAccused(t *testing.T) {
	s := newScene(t)
	moving()(s)
	report := s.judge(t, "")
	if len(report.Findings) != 1 || report.First != "tokyo is degraded: NOT_BUILT at aws/vpn-connection/tokyo-0" {
		t.Errorf("a link that is yet to move: %s: %+v", report.First, report.Findings)
	}
	if says := report.Findings[0].Says; says != "it is yet to be made anew: at both ends it exchanges routes by static, and the file wants bgp" {
		t.Errorf("it says %s", says)
	}
	s.File.Links[0].Redundancy = desired.Full
	s.World[desired.AWSConnectionID("tokyo", 1)] = resource.Live{Phase: resource.Ready, Ref: "vpn-2", Attrs: resource.Attrs{"routing": resource.Of("bgp")}}
	said := built(s.Evidence).findings
	if len(said) != 1 || !strings.HasSuffix(said[0].Says, "; tokyo is in the middle of the move, and aws/vpn-connection/tokyo-1 has moved") {
		t.Errorf("once the other has moved: %+v", said)
	}
	s = newScene(t)
	moving("tokyo-0-1", "tokyo-0-2")(s)
	if report := s.judge(t, ""); !strings.HasPrefix(report.First, "tokyo is broken: BGP_ADDRESS_OR_ASN_MISMATCH at aws/vpn-connection/tokyo-0") {
		t.Errorf("Azure speaks BGP and AWS does not: %s", report.First)
	}
}

// TestAHubThatIsToldOfAStaticRouteIsExplained: the network of another hub is led over the
// VPN gateway while a static route to it stands beside BGP.
func TestAHubThatIsToldOfAStaticRouteIsExplained(t *testing.T) {
	s := newScene(t)
	moving()(s)
	s.set(awsID, "routing", "bgp")
	s.set(tgwRoutesID, "routes", "10.2.0.0/16 tgw-attach-a")
	s.set(hubRoutesID, "routes", "10.1.0.0/16 vnet", "10.2.0.0/16 vpn", "172.20.0.0/16 vpn", "172.21.0.0/16 vpn")
	s.drift(resource.Drift{ID: hubRoutesID, Kind: "azure/hub-routes", Attr: "routes", Class: resource.Differs, Want: resource.Of("10.2.0.0/16 hub")})
	for _, f := range s.judge(t, "").Findings {
		if f.Code == failure.HubRouteMissing && strings.HasSuffix(f.Says, "should lead to another hub, for aws/tgw-routes/tgw-tokyo has a static route to it, and AWS tells Azure of that by BGP") {
			return
		}
	}
	t.Errorf("it is not said why: %+v", s.judge(t, "").Findings)
}

// TestTheSiteOfALinkThatIsYetToBeStaticIsNotAccused: BGP tells its prefixes as long as a
// connection that speaks it carries, or none has moved.
func TestTheSiteOfALinkThatIsYetToBeStaticIsNotAccused(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]struct {
		first, second string // the routing that stands
		down          bool   // the tunnels of the first
		accused       bool
	}{
		"none has moved":                          {first: "bgp", second: "bgp"},
		"none has moved, and nothing is up":       {first: "bgp", second: "bgp", down: true},
		"one has moved, and the other carries":    {first: "bgp", second: "static"},
		"one has moved, and the other is down":    {first: "bgp", second: "static", down: true, accused: true},
		"both have moved, and the site is behind": {first: "static", second: "static", accused: true},
	} {
		s := newScene(t)
		s.File.Links[0].Redundancy = desired.Full
		s.World[siteID].Attrs["address_space"] = resource.Of()
		s.set(awsID, "routing", state.first)
		s.World[desired.AWSConnectionID("tokyo", 1)] = resource.Live{Phase: resource.Ready, Ref: "vpn-2", Attrs: resource.Attrs{"routing": resource.Of(state.second)}}
		speaks := []string{}
		for _, t := range s.File.Links[0].Tunnels() {
			if routing := []string{state.first, state.second}[t.Instance]; routing == "bgp" {
				speaks = append(speaks, t.Name())
			}
			if t.Instance == 0 && state.down {
				s.set(desired.AWSTunnelID(t), "status", "down")
			}
		}
		s.World[connectionID].Attrs["bgp"] = resource.Of(speaks...)
		if found := sites(s.Evidence).findings; len(found) > 0 != state.accused {
			t.Errorf("%s: %+v", name, found)
		}
	}
}
