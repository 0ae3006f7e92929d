package endtoend

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim/scenario"
	"linkd/internal/verify"
)

// newLabOfPeering starts the clouds of the examples of two regions with the file in
// which one of them reaches Azure over the other.
func newLabOfPeering(t testing.TB, as func(*scenario.Scenario)) *lab {
	t.Helper()
	l := newLabOfRegions(t, as)
	l.file = mustLoad(t, "peered-region.yaml")
	return l
}

// TestARegionReachesAzureOverAPeering builds it, looks at it with everything that
// linkd has, and takes it away.
func TestARegionReachesAzureOverAPeering(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfPeering(t, nil)
		before := l.standing()
		began := time.Now()
		l.mustBuild()
		t.Logf("built in %s", time.Since(began))
		report := l.mustBeAsBuilt()
		for _, check := range []string{"model-aws-aws", "ping-aws-aws"} {
			i := slices.IndexFunc(report.Outcomes, func(o verify.Outcome) bool { return o.Check == check })
			if i < 0 || report.Outcomes[i].Mark != verify.OK {
				t.Errorf("%s: %+v", check, report.Outcomes)
			}
		}
		l.mustDestroy()
		l.mustStand(before, "after the destroy")
	})
}

// TestTwoTransitGatewaysOfARegionArePeered joins two of one region, where each end
// of the peering has an id of its own.
func TestTwoTransitGatewaysOfARegionArePeered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfNearPeering(t, instant)
		before := l.standing()
		l.mustBuild()
		l.mustBeAsBuilt()
		live := l.world()[desired.PeeringID("near")]
		if far := live.Attrs[desired.FactFarEnd].One(); far == "" || far == live.Ref {
			t.Errorf("the ends of the peering are %q and %q", live.Ref, far)
		}
		l.ec2("DeleteTransitGatewayPeeringAttachment", "TransitGatewayAttachmentId", live.Attrs[desired.FactFarEnd].One())
		l.unattended()
		time.Sleep(20 * time.Minute)
		l.mustBeClean()
		l.mustCross()
		l.mustDestroy()
		l.mustStand(before, "after the destroy")
	})
}

// peerings are the ways in which a peering of two regions breaks.
var peerings = []struct {
	what   string
	region string // in which somebody does it
	action string
	// with are the parameters: "peering" stands for its id, "near" and "far" for the
	// route tables of Tokyo and Virginia.
	with  []string
	drift string
	code  failure.Code
}{
	{"the requester deletes it", "ap-northeast-1", "DeleteTransitGatewayPeeringAttachment", []string{"TransitGatewayAttachmentId", "peering"}, "aws/peering-attachment.missing", failure.NotBuilt},
	{"the accepter deletes it", "us-east-1", "DeleteTransitGatewayPeeringAttachment", []string{"TransitGatewayAttachmentId", "peering"}, "aws/peering-attachment.missing", failure.NotBuilt},
	{"its near end loses its table", "ap-northeast-1", "DisassociateTransitGatewayRouteTable", []string{"TransitGatewayAttachmentId", "peering", "TransitGatewayRouteTableId", "near"}, "aws/peering-attachment.association", failure.TGWAssociationMissing},
	{"its far end loses its table", "us-east-1", "DisassociateTransitGatewayRouteTable", []string{"TransitGatewayAttachmentId", "peering", "TransitGatewayRouteTableId", "far"}, "aws/peering-attachment.peer_association", failure.TGWAssociationMissing},
	{"the near side loses its route", "ap-northeast-1", "DeleteTransitGatewayRoute", []string{"DestinationCidrBlock", "172.22.0.0/16", "TransitGatewayRouteTableId", "near"}, "aws/tgw-routes.routes", failure.TGWPeeringRouteMissing},
	{"the far side loses its route to the VPC", "us-east-1", "DeleteTransitGatewayRoute", []string{"DestinationCidrBlock", "172.20.0.0/16", "TransitGatewayRouteTableId", "far"}, "aws/tgw-routes.routes", failure.TGWPeeringRouteMissing},
	{"the far side loses its route to a VNet", "us-east-1", "DeleteTransitGatewayRoute", []string{"DestinationCidrBlock", "10.2.0.0/16", "TransitGatewayRouteTableId", "far"}, "aws/tgw-routes.routes", failure.TGWPeeringRouteMissing},
	{"the near side's route becomes a hole", "ap-northeast-1", "ReplaceTransitGatewayRoute", []string{"DestinationCidrBlock", "172.22.0.0/16", "TransitGatewayRouteTableId", "near", "Blackhole", "true"}, "aws/tgw-routes.routes", failure.TGWRouteBlackhole},
	{"a VPC of the far side forgets the near one", "us-east-1", "DeleteRoute", []string{"DestinationCidrBlock", "172.20.0.0/16", "RouteTableId", "rtb-0c30000000000000c"}, "aws/vpc-routes.routes", failure.VPCRouteMissing},
}

// TestWhatBreaksAPeeringIsFoundNamedAndMended does each thing behind linkd's back,
// where one region reaches Azure over the other and where both have links with BGP,
// and lets linkd repair without anybody's consent.
func TestWhatBreaksAPeeringIsFoundNamedAndMended(t *testing.T) {
	t.Parallel()
	t.Run("one link", func(t *testing.T) { t.Parallel(); breakPeerings(t, newLabOfPeering) })
	t.Run("a link of each region", func(t *testing.T) { t.Parallel(); breakPeerings(t, newLabOfRegions) })
}

func breakPeerings(t *testing.T, labOf func(testing.TB, func(*scenario.Scenario)) *lab) {
	synctest.Test(t, func(t *testing.T) {
		l := labOf(t, instant)
		l.mustBuild()
		time.Sleep(time.Hour)
		for i, broken := range peerings {
			if testing.Short() && i%3 != 0 {
				continue
			}
			if slices.Contains(broken.with, "10.2.0.0/16") && len(l.file.Links) > 1 {
				continue // its own link has told it
			}
			l.ec2In(broken.region, broken.action, l.ofPeering(broken.with)...)
			time.Sleep(20 * time.Minute)
			l.tracesMustAgree(broken.what)
			if l.crossAll() {
				t.Errorf("%s: no echo is lost", broken.what)
			}
			report, _ := l.verify()
			if len(report.Findings) == 0 || report.Findings[0].Code != broken.code {
				t.Errorf("%s: verify says %s", broken.what, report.First)
			}
			for _, f := range report.Findings {
				if f.Severity != failure.Info && f.Code != broken.code {
					t.Errorf("%s: verify accuses %s: %s", broken.what, f.Line(), f.Says)
				}
			}
			plan, _ := l.unattended()
			if !slices.ContainsFunc(plan.Drifts(), func(d resource.Drift) bool { return d.Key() == broken.drift }) {
				t.Errorf("%s: the plan lacks %s: %v", broken.what, broken.drift, plan.Drifts())
			}
			time.Sleep(20 * time.Minute)
			l.mustBeClean()
			l.mustCross()
		}
	})
}

// TestNothingIsLedOverAPeeringThatLeadsElsewhere has ours replaced by one to another
// transit gateway, with our tags, while no rule lets linkd replace it: no route is led
// there, and verify names it.
func TestNothingIsLedOverAPeeringThatLeadsElsewhere(t *testing.T) {
	t.Parallel()
	for _, entry := range ofPacific.Entries() {
		if !strings.HasPrefix(entry.Name, "a peering joins another") {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			l := newLabOfPeering(t, instant)
			l.mustBuild()
			time.Sleep(time.Hour)
			l.do(entry.Do)
			time.Sleep(20 * time.Minute)
			writes := l.wire.sent()
			l.unattended()
			if made := l.wire.sent() - writes; made != 0 {
				t.Errorf("%s: linkd wrote %d times", entry.Name, made)
			}
			report, _ := l.verify()
			if !slices.ContainsFunc(report.Findings, func(f verify.Finding) bool { return f.ID == desired.PeeringID("pacific") }) {
				t.Errorf("%s: verify does not name it: %s", entry.Name, report.First)
			}
		})
	}
}

// TestAPeeringThatTheFileNoLongerHasKeepsItsTransitGateways takes it out of the file, and
// then everything away: what it stands on at either end is held beforehand.
func TestAPeeringThatTheFileNoLongerHasKeepsItsTransitGateways(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfPeering(t, instant)
		l.mustBuild()
		time.Sleep(time.Hour)
		l.file.AWS.Peerings = nil
		plan, _ := l.engine(t.Context()).PlanDestroy(t.Context())
		for _, gateway := range []string{"tgw-tokyo", "tgw-virginia"} {
			id := desired.TransitGatewayID(gateway)
			if !slices.ContainsFunc(plan.Steps, func(s reconcile.Step) bool { return s.ID == id && s.Verb == reconcile.Hold }) {
				t.Errorf("%s is not held: %v", id, plan.Steps)
			}
		}
	})
}

// TestAPlanForetellsWhatAPeeringJoins has the plan tell what becomes of each pair of
// networks, of the build and of what breaks the peering, where one region reaches Azure
// over the other and where both have links with BGP.
func TestAPlanForetellsWhatAPeeringJoins(t *testing.T) {
	t.Parallel()
	for name, labOf := range map[string]func(testing.TB, func(*scenario.Scenario)) *lab{"one link": newLabOfPeering, "a link of each region": newLabOfRegions} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := labOf(t, instant)
				l.mustForetell("of the build")
				time.Sleep(time.Hour)
				for i, broken := range peerings {
					if testing.Short() && i%3 != 1 {
						continue
					}
					if slices.Contains(broken.with, "10.2.0.0/16") && len(l.file.Links) > 1 {
						continue // its own link has told it
					}
					l.ec2In(broken.region, broken.action, l.ofPeering(broken.with)...)
					time.Sleep(20 * time.Minute)
					l.mustForetell(broken.what)
					time.Sleep(10 * time.Minute)
				}
			})
		})
	}
}

// TestTheDaemonMakesALostPeeringAnew has somebody delete it while the daemon keeps the
// example of two regions, in clouds that take their usual time.
func TestTheDaemonMakesALostPeeringAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfRegions(t, nil)
		l.mustBuild()
		time.Sleep(time.Hour)
		content, err := os.ReadFile("../../deploy/examples/two-regions.yaml")
		if err != nil {
			t.Fatal(err)
		}
		k := l.keepOf(string(content), nil)
		k.until(control.AsDesired, time.Hour)
		lost := l.lossOfPairs(func() {
			l.ec2In("us-east-1", "DeleteTransitGatewayPeeringAttachment", l.ofPeering([]string{"TransitGatewayAttachmentId", "peering"})...)
			time.Sleep(45 * time.Minute)
		})
		for pair, gap := range lost {
			t.Logf("%s: nothing came back for %s", pair, gap)
			if strings.Count(pair, "ec2-") != 2 { // Azure has its own ways to both regions
				t.Errorf("%s lost echoes for %s", pair, gap)
			}
		}
		k.until(control.AsDesired, time.Hour)
		k.stop()
		l.mustBeClean()
		l.mustCross()
	})
}

// ofPeering puts ids in the place of their names.
func (l *lab) ofPeering(parameters []string) []string {
	world := l.world()
	ids := map[string]string{
		"peering": world[desired.PeeringID("pacific")].Ref,
		"near":    world[desired.TransitGatewayRoutesID("tgw-tokyo")].Ref, "far": world[desired.TransitGatewayRoutesID("tgw-virginia")].Ref,
	}
	all := slices.Clone(parameters)
	for i, parameter := range all {
		if id, named := ids[parameter]; named {
			all[i] = id
		}
	}
	return all
}

// crossAll tells whether every echo between the machines of the file crosses.
func (l *lab) crossAll() bool {
	for _, from := range l.file.Probes.Targets {
		for _, to := range l.file.Probes.Targets {
			if from.Name != to.Name && !l.crosses(from.Address, to.Address) {
				return false
			}
		}
	}
	return true
}
