package endtoend

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
	"linkd/internal/sim/scenario"
)

// TestARouteThatSendsBackOverAPeeringIsNamed has somebody lead a part of the far VPC
// back over the peering, and a part of a VNet away over it: packets run in a circle.
func TestARouteThatSendsBackOverAPeeringIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		region, prefix, table, gateway string
	}{{"us-east-1", "172.22.0.0/24", "far", "tgw-virginia"}, {"ap-northeast-1", "10.2.0.0/24", "near", "tgw-tokyo"}} {
		synctest.Test(t, func(t *testing.T) {
			l := newLabOfPeering(t, instant)
			l.mustBuild()
			time.Sleep(time.Hour)
			l.ec2In(c.region, "CreateTransitGatewayRoute", l.ofPeering([]string{"DestinationCidrBlock", c.prefix, "TransitGatewayRouteTableId", c.table, "TransitGatewayAttachmentId", "peering"})...)
			time.Sleep(20 * time.Minute)
			codes := l.tracesMustAgree(c.prefix)
			if !slices.Contains(codes, string(failure.TGWRouteMissing)) {
				t.Errorf("%s: trace tells %v", c.prefix, codes)
			}
			report, _ := l.verify()
			if len(report.Findings) != 1 || report.Findings[0].Code != failure.TGWRouteMissing || report.Findings[0].ID != desired.TransitGatewayRoutesID(c.gateway) {
				t.Errorf("%s: verify says %s: %+v", c.prefix, report.First, report.Findings)
			}
		})
	}
}

// TestNothingIsAccusedWhileAPeeringThatTheFileNoLongerHasCarries takes it out of the
// file, where one region reaches Azure over the other and where both have links with
// BGP: what stands still carries, and the plan tells that it is too much.
func TestNothingIsAccusedWhileAPeeringThatTheFileNoLongerHasCarries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		labOf func(testing.TB, func(*scenario.Scenario)) *lab
		after []failure.Code // once it is gone, and its routes and prefixes are left
	}{
		"one link": {newLabOfPeering, []failure.Code{failure.SitePrefixDrift}}, "a link of each region": {newLabOfRegions, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := c.labOf(t, instant)
			l.mustBuild()
			time.Sleep(time.Hour)
			id := l.ofPeering([]string{"peering"})[0]
			l.file.AWS.Peerings = nil
			mustTellAtMost(t, l, name+", which stands", nil)
			if !l.crossAll() {
				t.Errorf("%s: not all echoes cross", name)
			}
			if plan := l.plan(); !slices.ContainsFunc(plan.Drifts(), func(d resource.Drift) bool { return d.Key() == "aws/tgw-routes.routes.extra" }) {
				t.Errorf("%s: the plan does not tell of its routes: %v", name, plan.Drifts())
			}
			l.ec2In("us-east-1", "DeleteTransitGatewayPeeringAttachment", "TransitGatewayAttachmentId", id)
			time.Sleep(20 * time.Minute)
			mustTellAtMost(t, l, name+", which is gone", c.after)
		})
	}
}

// mustTellAtMost fails the test for a failure that verify tells, but for some, which it
// must tell as warnings.
func mustTellAtMost(t *testing.T, l *lab, when string, warned []failure.Code) {
	t.Helper()
	report, _ := l.verify()
	var told []failure.Code
	for _, f := range report.Findings {
		switch {
		case f.Severity == failure.Info:
		case f.Severity == failure.Warning && slices.Contains(warned, f.Code):
			told = append(told, f.Code)
		default:
			t.Errorf("%s: verify accuses %s: %s", when, f.Line(), f.Says)
		}
	}
	if !slices.Equal(told, warned) {
		t.Errorf("%s: verify warns of %v, and should of %v", when, told, warned)
	}
}
