package verify

import (
	"slices"
	"strings"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// TestARouteThatSendsBackIsNamed has somebody's narrower routes lead a part of a
// network over the peering, whose other side sends it back.
func TestARouteThatSendsBackIsNamed(t *testing.T) {
	for at, route := range map[resource.ID]string{
		desired.TransitGatewayRoutesID("tgw-virginia"): "172.22.0.0/24 att-pacific",
		tgwRoutesID: "10.2.0.0/24 att-pacific",
	} {
		s := newScene(t)
		s.joined()
		s.set(at, "routes", append(slices.Clone(s.World[at].Attrs["routes"]), route)...)
		s.drift(resource.Drift{ID: at, Kind: "aws/tgw-routes", Attr: "routes", Class: resource.Extra, Have: resource.Of(route)})
		s.Pings, s.PingsOff = nil, true
		report := s.judge(t, "")
		if len(report.Findings) != 1 || report.Findings[0].Code != failure.TGWRouteMissing || report.Findings[0].ID != at || report.Findings[0].Severity != failure.Error {
			t.Fatalf("%s at %s: %s, %+v", route, at, report.First, report.Findings)
		}
		prefix, attachment, _ := strings.Cut(route, " ")
		for _, word := range []string{prefix, attachment, "tgw-rtb-"} {
			if !strings.Contains(report.Findings[0].Says, word) {
				t.Errorf("it does not name %s: %s", word, report.Findings[0].Says)
			}
		}
		if !strings.Contains(report.Findings[0].Hint, "aws/tgw-routes.routes.extra") {
			t.Errorf("it does not say what to do: %s", report.Findings[0].Hint)
		}
	}
}

// TestWhatIsLedOnByWhatNobodyDeclaredIsNotLost has the transit gateway lead on what the
// file does not know: only what it drops, or sends back into the link, is told.
func TestWhatIsLedOnByWhatNobodyDeclaredIsNotLost(t *testing.T) {
	for route, told := range map[string]bool{
		"172.31.0.0/16 att-theirs": false, "172.16.0.0/12 att-theirs": false,
		"172.31.0.0/16 blackhole att-theirs": true, "172.31.0.0/16 blackhole": true, "172.31.0.0/16 att-vpn": true, "172.30.0.0/16 att-theirs": true,
	} {
		s := newScene(t)
		s.set(siteID, "address_space", append(slices.Clone(s.World[siteID].Attrs["address_space"]), "172.31.0.0/16")...)
		s.set(tgwRoutesID, "routes", append(slices.Clone(s.World[tgwRoutesID].Attrs["routes"]), route)...)
		report := s.judge(t, "")
		if has := len(report.Findings) == 1 && report.Findings[0].Code == failure.SitePrefixDrift; has != told || len(report.Findings) > 1 {
			t.Errorf("%s: %s, %+v", route, report.First, report.Findings)
		}
	}
}

// TestAHubThatReachesAVPCByItsOwnLinkIsNotAccused has its hub reach a VPC of another
// transit gateway by its own VPN gateway, in the place of another hub.
func TestAHubThatReachesAVPCByItsOwnLinkIsNotAccused(t *testing.T) {
	for route, told := range map[string]bool{
		"172.22.0.0/16 att-pacific": false, "172.22.0.0/16 blackhole att-pacific": true, "172.22.0.0/16 att-vpn": true, "172.23.0.0/16 att-pacific": true,
	} {
		s := newScene(t)
		s.peer()
		s.File.AWS.Peerings = nil
		s.set(hubRoutesID, "routes", append(slices.Clone(s.World[hubRoutesID].Attrs["routes"]), "172.22.0.0/16 vpn")...)
		s.set(tgwRoutesID, "routes", append(slices.Clone(s.World[tgwRoutesID].Attrs["routes"]), route)...)
		differs(hubRoutesID, "azure/hub-routes", "routes", nil, resource.Of("172.22.0.0/16 hub"))(s)
		if o := outcomeOf(s.judge(t, "^hub-routes$"), "hub-routes"); (len(o.Findings) > 0) != told {
			t.Errorf("%s: %+v", route, o)
		}
	}
}

// TestWhatIsWrongWithAPeeringIsSaidOfThePeering has the peering of two regions missing, and
// being made: the links carry, and the routes that lead to what is not there follow from it.
func TestWhatIsWrongWithAPeeringIsSaidOfThePeering(t *testing.T) {
	id := desired.PeeringID("pacific")
	for phase, class := range map[resource.Phase]resource.Class{resource.Absent: resource.Missing, resource.Pending: resource.BusyNow} {
		s := newScene(t)
		s.joined()
		s.phase(id, phase)
		s.drift(resource.Drift{ID: id, Kind: "aws/peering-attachment", Class: class, Why: "its state is pending"})
		s.set(tgwRoutesID, "routes", "10.1.0.0/16 att-vpn", "10.2.0.0/16 att-vpn", "172.22.0.0/16 blackhole att-gone")
		s.Pings, s.PingsOff = nil, true
		report := s.judge(t, "")
		if want := "the peering pacific is broken: NOT_BUILT at aws/peering-attachment/pacific"; report.First != want {
			t.Errorf("phase %s: %q, want %q", phase, report.First, want)
		}
		first := report.Findings[0]
		hole := slices.ContainsFunc(first.Consequences, func(f Finding) bool { return f.Code == failure.TGWRouteBlackhole })
		if len(report.Findings) != 1 || !hole || first.Evidence[0].Call != "ec2:DescribeTransitGatewayPeeringAttachments" {
			t.Errorf("phase %s: %+v", phase, report.Findings)
		}
	}
}
