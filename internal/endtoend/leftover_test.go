package endtoend

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim/catalogue"
	"linkd/internal/sim/ground"
)

func stepOf(plan reconcile.Plan, id resource.ID) reconcile.Step {
	at := slices.IndexFunc(plan.Steps, func(s reconcile.Step) bool { return s.ID == id })
	if at < 0 {
		return reconcile.Step{}
	}
	return plan.Steps[at]
}

// TestADestroyHoldsWhatAnOrphanStandsOn renames a link in the file: what the
// old one left stands on things that the new file still names.
func TestADestroyHoldsWhatAnOrphanStandsOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		l.file.Links[0].Name = "tokio"
		plan, _ := l.engine(t.Context()).PlanDestroy(t.Context())
		for _, id := range []resource.ID{
			desired.TransitGatewayID("tgw-tokyo"), desired.VPNGatewayID("hub-jpe"), desired.VirtualWANID("wan-global"),
		} {
			if step := stepOf(plan, id); step.Verb != reconcile.Hold {
				t.Errorf("%s: %q, want it held for what the old link left on it", id, step.Verb)
			}
		}
	})
}

// TestRoutesOfAVPCThatLeavesTheFileGoWithTheRepair takes a VPC out of the
// file, whose prefix a rule lets go of: the hubs' routes to it are waited for,
// not held.
func TestRoutesOfAVPCThatLeavesTheFileGoWithTheRepair(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		gateway := &l.file.AWS.Regions[0].TransitGateways[0]
		gateway.VPCs = gateway.VPCs[:1]
		l.file.Probes.Targets = l.file.Probes.Targets[:3]
		l.file.Policy.Rules = []desired.Rule{{Drift: "azure/vpn-site.address_space.extra", Do: desired.Repair}}
		id := desired.HubRoutesID("hub-jpe")
		if step := stepOf(l.plan(), id); step.Verb != reconcile.Await {
			t.Errorf("the hub's routes: %q, want them waited for", step.Verb)
		}
		l.mustBuild()
		if step := stepOf(l.plan(), id); step.ID != "" {
			t.Errorf("after the repair the hub's routes still differ: %+v", step)
		}
	})
}

// TestTheOnlyTunnelOfALinkIsAllOfThem changes a tunnel of a link that has one.
func TestTheOnlyTunnelOfALinkIsAllOfThem(t *testing.T) {
	t.Parallel()
	for redundancy, want := range map[desired.Redundancy]resource.Effect{
		desired.Single: resource.AllTunnels, desired.Tunnels: resource.OneTunnel,
	} {
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, instant)
			l.file.Links[0].Redundancy = redundancy
			l.mustBuild()
			time.Sleep(time.Hour)
			id := desired.AWSConnectionID("tokyo", 0)
			if err := l.sim.Mutate(ground.Mutation{
				Cloud: "aws", Op: "set", Kind: "vpn-tunnel", Name: l.world()[id].Ref + "/0", Field: "StartupAction", Value: "add",
			}); err != nil {
				t.Fatal(err)
			}
			if step := stepOf(l.plan(), id); step.Effect != want {
				t.Errorf("%s: the plan says %q is interrupted, want %q", redundancy, step.Effect, want)
			}
			l.do([]catalogue.Step{breaks("tokyo-0-1")})
			time.Sleep(10 * time.Minute) // until both clouds show it
			if step := stepOf(l.plan(), id); step.Effect != resource.NoInterruption {
				t.Errorf("%s: the tunnel is down, and the plan says %q is interrupted", redundancy, step.Effect)
			}
		})
	}
}

// TestALinkOfAnotherNameWaitsForTheRangesOfTheOldOne renames a link that has ranges of its
// own. AWS takes each once at a transit gateway: the plan says who has it, nothing is made,
// and with other ranges, or once the old connection is gone, the link is built.
func TestALinkOfAnotherNameWaitsForTheRangesOfTheOldOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		link := &l.file.Links[0]
		link.Inside = []netip.Prefix{netip.MustParsePrefix("169.254.21.0/30"), netip.MustParsePrefix("169.254.21.4/30")}
		l.mustBuild()
		old := l.world()[desired.AWSConnectionID("tokyo", 0)].Ref
		link.Name = "tokio"
		plan := l.plan()
		for _, id := range []resource.ID{desired.AWSConnectionID("tokio", 0), desired.CustomerGatewayID("tokio", 0)} {
			step, says := stepOf(plan, id), old+" (aws/vpn-connection/tokyo-0) has that at the same transit gateway"
			if !strings.Contains(step.Fault, "169.254.21.0/30") || !strings.Contains(step.Fault, says) || step.Hint == "" {
				t.Errorf("%s: it does not say %q: %q, %q", id, says, step.Fault, step.Hint)
			}
		}
		writes := l.wire.sent()
		if report, err := l.build(t.Context()); err != nil || len(report.Failures()) == 0 {
			t.Errorf("apply: %v, %+v", err, report.Outcomes)
		}
		if sent := l.wire.sent() - writes; sent != 0 {
			t.Errorf("it wrote %d times", sent)
		}
		inside := link.Inside
		link.Inside = []netip.Prefix{netip.MustParsePrefix("169.254.21.8/30"), netip.MustParsePrefix("169.254.21.12/30")}
		if step := stepOf(l.plan(), desired.AWSConnectionID("tokio", 0)); step.Fault != "" {
			t.Errorf("with other ranges: %s", step.Fault)
		}
		link.Inside = inside
		l.ec2("DeleteVpnConnection", "VpnConnectionId", old)
		time.Sleep(2 * time.Hour)
		if step := stepOf(l.plan(), desired.CustomerGatewayID("tokio", 0)); step.Fault != "" {
			t.Errorf("once the old one is gone: %s", step.Fault)
		}
	})
}
