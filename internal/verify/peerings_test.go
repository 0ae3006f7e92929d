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
