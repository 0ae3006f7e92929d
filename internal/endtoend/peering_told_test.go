package endtoend

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
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
