package endtoend

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// TestWhatCannotBeMadeKeepsOnlyItsOwnRoutes has AWS refuse the peering, or the
// connection of the link: what does not lead over it is written, and mended when
// it is lost, and the rest once it can be made.
func TestWhatCannotBeMadeKeepsOnlyItsOwnRoutes(t *testing.T) {
	t.Parallel()
	near, far := desired.TransitGatewayRoutesID("tgw-tokyo"), desired.TransitGatewayRoutesID("tgw-virginia")
	peering, link := desired.PeeringID("pacific"), desired.AWSConnectionID("tokyo", 0)
	for _, c := range []struct {
		refused string
		missing resource.ID
		written map[resource.ID][]string // the prefixes that have a route all the same
		lost    string                   // of Tokyo's table, by somebody's hand
	}{
		{"CreateTransitGatewayPeeringAttachment", peering, map[resource.ID][]string{near: {"10.1.0.0/16", "10.2.0.0/16"}, far: nil}, "10.2.0.0/16"},
		{"CreateVpnConnection", link, map[resource.ID][]string{near: {"172.22.0.0/16"}, far: {"10.1.0.0/16", "10.2.0.0/16", "172.20.0.0/16"}}, "172.22.0.0/16"},
	} {
		t.Run(c.refused, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLabOfPeering(t, instant)
				l.sim.Inject(ground.Fault{Cloud: "aws", Operation: c.refused, Effect: "deny"})
				if report, err := l.build(t.Context()); err != nil || len(report.Failures()) == 0 {
					t.Fatalf("the build ended well, or not at all: %v", err)
				}
				mustHaveRoutes(t, l, c.written, "after the build")
				var plan strings.Builder
				_ = l.plan().Text(&plan)
				if text := plan.String(); !strings.Contains(text, "blocked in part: known after "+string(c.missing)) && !strings.Contains(text, "blocked: known after "+string(c.missing)) {
					t.Errorf("the plan does not say what its routes wait for:\n%s", text)
				}
				l.ec2("DeleteTransitGatewayRoute", "DestinationCidrBlock", c.lost, "TransitGatewayRouteTableId", l.world()[near].Ref)
				time.Sleep(time.Minute)
				l.unattended()
				mustHaveRoutes(t, l, c.written, "after the repair")
				l.sim.Heal()
				l.mustBuild()
				l.mustBeClean()
				l.mustCross()
			})
		})
	}
}

// mustHaveRoutes fails the test for a table of a transit gateway whose static routes are
// of other prefixes.
func mustHaveRoutes(t *testing.T, l *lab, want map[resource.ID][]string, when string) {
	t.Helper()
	world := l.world()
	for id, prefixes := range want {
		var have []string
		for _, route := range world[id].Attrs["routes"] {
			have = append(have, strings.Fields(route)[0])
		}
		if !slices.Equal(have, prefixes) {
			t.Errorf("%s: %s has routes to %v, want %v", when, id, have, prefixes)
		}
	}
}
