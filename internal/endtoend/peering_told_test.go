package endtoend

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/reconcile"
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

// TestARouteThatHidesWhatBGPTellsIsNamed has somebody lead a VNet over the peering of two
// regions with links of their own: packets arrive the long way, and a hub hears of it.
func TestARouteThatHidesWhatBGPTellsIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfRegions(t, instant)
		l.mustBuild()
		for _, c := range []struct{ region, table, link string }{{"ap-northeast-1", "near", "tokyo"}, {"us-east-1", "far", "virginia"}} {
			route := l.ofPeering([]string{"DestinationCidrBlock", "10.1.0.0/16", "TransitGatewayRouteTableId", c.table, "TransitGatewayAttachmentId", "peering"})
			l.ec2In(c.region, "CreateTransitGatewayRoute", route...)
			time.Sleep(20 * time.Minute)
			report, _ := l.verify()
			if want := c.link + " is degraded: AWS_TGW_ROUTE_MISSING at aws/tgw-routes/tgw-" + c.link + " (aws → azure)"; report.First != want {
				t.Errorf("%s: verify says %s, want %s: %+v", c.link, report.First, want, report.Findings)
			}
			l.ec2In(c.region, "DeleteTransitGatewayRoute", route[:4]...)
			time.Sleep(20 * time.Minute)
			mustTellAtMost(t, l, c.link+", once it is gone", nil)
		}
	})
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
			if report, err := l.build(t.Context()); err != nil || len(report.Failures()) > 0 { // waits for nothing that cannot come
				t.Errorf("%s: apply: %v, failed: %+v", name, err, report.Failures())
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

// TestTheOrderOfAPeeringsEndsMeansNothingAndItsOtherNameIsToldOnce swaps the ends in the
// file, and then renames it, of two regions and of one.
func TestTheOrderOfAPeeringsEndsMeansNothingAndItsOtherNameIsToldOnce(t *testing.T) {
	t.Parallel()
	for name, labOf := range map[string]func(testing.TB, func(*scenario.Scenario)) *lab{"two regions": newLabOfPeering, "one region": newLabOfNearPeering} {
		synctest.Test(t, func(t *testing.T) {
			l := labOf(t, instant)
			l.mustBuild()
			time.Sleep(time.Hour)
			peering := &l.file.AWS.Peerings[0]
			peering.Join = []string{peering.Join[1], peering.Join[0]}
			mustTellAtMost(t, l, name+", swapped", nil)
			l.mustBeClean()

			before := desired.PeeringID(peering.Name)
			peering.Name = "renamed"
			plan := l.plan()
			if len(plan.Steps) != 1 || len(plan.Strays) > 0 || len(plan.Writes()) > 0 {
				t.Fatalf("%s: it is told as %v and %v", name, plan.Drifts(), plan.Strays)
			}
			for _, word := range []string{string(before), desired.IDTag, string(desired.PeeringID("renamed"))} {
				if why := plan.Drifts()[0].Why; plan.Drifts()[0].Class != resource.Unowned || !strings.Contains(why, word) {
					t.Errorf("%s: it does not say %s: %s", name, word, why)
				}
			}
			mustTellAtMost(t, l, name+", renamed", []failure.Code{failure.NotOwned})
			destroy, _ := l.engine(t.Context()).PlanDestroy(t.Context())
			for _, gateway := range l.file.TransitGateways() {
				id := desired.TransitGatewayID(gateway.Name)
				if !slices.ContainsFunc(destroy.Steps, func(s reconcile.Step) bool { return s.ID == id && s.Verb == reconcile.Hold }) {
					t.Errorf("%s: %s is not held in a destroy: %v", name, id, destroy.Steps)
				}
			}
		})
	}
}

// newLabOfNearPeering has the second VPC of the seed on a transit gateway of its own,
// which is peered with the first.
func newLabOfNearPeering(t testing.TB, as func(*scenario.Scenario)) *lab {
	t.Helper()
	l := newLab(t, as)
	region := &l.file.AWS.Regions[0]
	first := &region.TransitGateways[0]
	second := desired.TransitGateway{Name: "tgw-second", ASN: 64513, ECMP: first.ECMP, Region: region.Name, VPCs: slices.Clone(first.VPCs[1:])}
	first.VPCs = first.VPCs[:1]
	region.TransitGateways = append(region.TransitGateways, second)
	l.file.AWS.Peerings = []desired.Peering{{Name: "near", Join: []string{"tgw-tokyo", "tgw-second"}}}
	return l
}

// TestAPeeringThatTheOtherSideHasRequestedIsRefusedWithWhatToDo has somebody request it
// from the side that linkd has accept, and give it our tags. What the hint says is
// then done: either way linkd goes on.
func TestAPeeringThatTheOtherSideHasRequestedIsRefusedWithWhatToDo(t *testing.T) {
	t.Parallel()
	for _, follow := range []string{"delete", "accept"} {
		synctest.Test(t, func(t *testing.T) {
			l := newLabOfPeering(t, instant)
			peerings := l.file.AWS.Peerings
			l.file.AWS.Peerings = nil
			l.mustBuild()
			world := l.world()
			near, far := world[desired.TransitGatewayID("tgw-tokyo")].Ref, world[desired.TransitGatewayID("tgw-virginia")].Ref
			l.ec2In("us-east-1", "CreateTransitGatewayPeeringAttachment", "TransitGatewayId", far, "PeerTransitGatewayId", near, "PeerAccountId", l.file.AWS.Account, "PeerRegion", "ap-northeast-1")
			time.Sleep(time.Hour)
			l.file.AWS.Peerings = peerings
			theirs := l.world()[desired.PeeringID("pacific")].Ref
			l.ec2("CreateTags", "ResourceId.1", theirs, "Tag.1.Key", desired.OwnerTag, "Tag.1.Value", l.file.Owner, "Tag.2.Key", desired.IDTag, "Tag.2.Value", string(desired.PeeringID("pacific")))
			report, err := l.build(t.Context())
			if err != nil || len(report.Failures()) != 1 {
				t.Fatalf("%v, %v", err, report.Failures())
			}
			hint := resource.HintOf(report.Failures()[0].Err)
			for _, words := range []string{
				"somebody has requested it from tgw-virginia in us-east-1",
				"aws ec2 delete-transit-gateway-peering-attachment --region us-east-1 --transit-gateway-attachment-id " + theirs + ")",
				"accept " + theirs + " in ap-northeast-1",
			} {
				if !strings.Contains(hint, words) {
					t.Errorf("it does not say %q: %s", words, hint)
				}
			}
			if follow == "delete" {
				l.ec2In("us-east-1", "DeleteTransitGatewayPeeringAttachment", "TransitGatewayAttachmentId", theirs)
			} else {
				l.ec2("AcceptTransitGatewayPeeringAttachment", "TransitGatewayAttachmentId", theirs)
			}
			time.Sleep(20 * time.Minute)
			l.mustBuild()
			l.mustBeClean()
			l.mustCross()
			if ref := l.world()[desired.PeeringID("pacific")].Ref; (ref == theirs) != (follow == "accept") {
				t.Errorf("%s: the peering is %s, and theirs was %s", follow, ref, theirs)
			}
		})
	}
}
