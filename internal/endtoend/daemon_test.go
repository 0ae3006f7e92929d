package endtoend

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/daemon"
	"linkd/internal/desired"
	"linkd/internal/sim/ground"
)

// sitePrefix takes a prefix out of the site: linkd mends it in one write.
var sitePrefix = ground.Mutation{
	Cloud: "azure", Op: "remove", Kind: "vpnSites", Name: "tokyo",
	Field: "properties.addressSpace.addressPrefixes", Value: "172.20.0.0/16",
}

// vpcRoute deletes a route in a table of the user's.
var vpcRoute = ground.Mutation{
	Cloud: "aws", Op: "remove", Kind: "route-table", Name: "rtb-0a10000000000000a", Field: "Routes", Value: "10.1.0.0/16",
}

// kept runs a test on a daemon that has built the article's link in instant
// clouds.
func kept(t *testing.T, options func(*daemon.Options), do func(*lab, *keeper)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		time.Sleep(time.Hour)
		k := l.keep(options)
		k.until(control.AsDesired, time.Hour)
		do(l, k)
		k.stop()
	})
}

func TestTheDaemonBuildsTheLinkAndKeepsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil)
		k := l.keep(nil)
		t.Logf("built after %s", k.until(control.AsDesired, 2*time.Hour))
		l.mustCross()
		time.Sleep(time.Hour)
		l.mustMutate(sitePrefix)
		t.Logf("seen after %s", k.until(control.Repairing, time.Hour))
		t.Logf("mended after %s", k.until(control.AsDesired, time.Hour))
		l.mustCross()
		k.stop()
	})
}

func TestAnAuditorNeverWrites(t *testing.T) {
	kept(t, func(o *daemon.Options) { o.AuditOnly = true }, func(l *lab, k *keeper) {
		writes := l.wire.sent()
		l.mustMutate(sitePrefix)
		l.mustMutate(vpcRoute)
		status := k.audited()
		if status.Verdict != control.Differs || len(status.Drifts) < 2 {
			l.Errorf("it says %s: %+v", status.Verdict, status.Drifts)
		}
		for _, d := range status.Drifts {
			if d.Decision == string(desired.Repair) {
				l.Errorf("%s would be repaired", d.Key)
			}
		}
		time.Sleep(3 * time.Hour)
		if l.wire.sent() != writes {
			l.Errorf("it sent %d writes", l.wire.sent()-writes)
		}
	})
}

func TestAPauseHoldsRepairsOverARestart(t *testing.T) {
	kept(t, nil, func(l *lab, k *keeper) {
		if _, err := k.Pause(l.Context(), "uid 0 (root)", 2*time.Hour, "the provider works on its router"); err != nil {
			l.Fatal(err)
		}
		l.mustMutate(vpcRoute)
		writes := l.wire.sent()
		k.stop()
		k.start(nil)
		time.Sleep(time.Hour)
		status := k.status()
		if status.Pause == nil || len(status.Drifts) != 1 || status.Drifts[0].Held != "paused" || l.wire.sent() != writes {
			l.Errorf("after a restart: %+v, %d writes", status.Drifts, l.wire.sent()-writes)
		}
		time.Sleep(time.Hour + time.Minute)
		if status := k.status(); status.Verdict != control.AsDesired || status.Pause != nil {
			l.Errorf("after the pause it says %s: %+v", status.Verdict, status.Drifts)
		}
		for _, wrong := range []time.Duration{0, -time.Hour, 1000 * time.Hour} {
			if _, err := k.Pause(l.Context(), "uid 0", wrong, "why not"); err == nil {
				l.Errorf("a pause of %s was taken", wrong)
			}
		}
		if _, err := k.Pause(l.Context(), "uid 0", time.Hour, " "); err == nil {
			l.Error("a pause without a reason was taken")
		}
	})
}

// TestWhatWouldCutTheLastTunnelWaitsForApproval changes an option of the
// only tunnel: mending it would take the link down.
func TestWhatWouldCutTheLastTunnelWaitsForApproval(t *testing.T) {
	kept(t, nil, func(l *lab, k *keeper) {
		vpn := l.world()[desired.AWSConnectionID("tokyo", 0)].Ref
		startup := func(value string) {
			l.mustMutate(ground.Mutation{Cloud: "aws", Op: "set", Kind: "vpn-tunnel", Name: vpn + "/0", Field: "StartupAction", Value: value})
		}
		startup("add")
		status := k.audited()
		if status.Pending == nil || status.Drifts[0].Held != "last-pair" {
			l.Fatalf("it does not wait: %+v", status)
		}
		l.mustCross()
		digest := status.Pending.Digest
		if _, err := k.Approve(l.Context(), "uid 0", "0123456789abcdef", false); err == nil {
			l.Error("another digest was approved")
		}
		// Another difference joins it after it was read: that is another plan.
		timeout := func(value int) {
			l.mustMutate(ground.Mutation{Cloud: "aws", Op: "set", Kind: "vpn-tunnel", Name: vpn + "/0", Field: "DPDTimeoutSeconds", Value: value})
		}
		timeout(60)
		k.audited()
		if _, err := k.Approve(l.Context(), "uid 0", digest, false); err == nil {
			l.Error("a plan that has changed since was approved")
		}
		timeout(45)
		digest = k.audited().Pending.Digest
		if text, err := k.Approve(l.Context(), "uid 0 (root)", digest, false); err != nil || !strings.HasPrefix(text, "Approved: 1") {
			l.Fatalf("%q, %v", text, err)
		}
		k.until(control.AsDesired, time.Hour)
		l.mustCross()
		if lines := k.journal(); !slices.Contains(lines, "approved aws/vpn-connection.tunnel_1_startup") {
			l.Errorf("the approval is not recorded: %v", lines)
		}
	})
}

func TestARivalIsNotFoughtForEver(t *testing.T) {
	kept(t, nil, func(l *lab, k *keeper) {
		for range 3 {
			l.mustMutate(sitePrefix)
			k.audited()
			k.until(control.AsDesired, time.Hour)
		}
		l.mustMutate(sitePrefix)
		writes := l.wire.sent()
		status := k.audited()
		if len(status.Drifts) == 0 || status.Drifts[0].Held != "rival" || l.wire.sent() != writes {
			l.Errorf("the fourth time: %+v, %d writes", status.Drifts, l.wire.sent()-writes)
		}
		if lines := k.journal(); !slices.Contains(lines, "rival azure/vpn-site.address_space") {
			l.Errorf("no rival is recorded: %v", lines)
		}
		time.Sleep(2 * time.Hour)
		if status := k.status(); status.Verdict != control.AsDesired {
			l.Errorf("two hours later it says %s", status.Verdict)
		}
	})
}

// TestASlowOperationDelaysNoOtherLink makes the VPN gateway of one link work
// for as long as an update takes, and breaks the other link meanwhile.
func TestASlowOperationDelaysNoOtherRepair(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil)
		l.mustBuild()
		time.Sleep(time.Hour)
		content := strings.Replace(seedFile(t), "version: 1\n", "version: 1\npolicy: {rules: [{drift: azure/vpn-gateway.scale_units, do: repair, may_cut_last_tunnel: true}]}\n", 1)
		k := l.keepOf(content, nil)
		k.until(control.AsDesired, time.Hour)
		l.mustMutate(ground.Mutation{Cloud: "azure", Op: "set", Kind: "vpnGateways", Name: "hub-jpe-vpn", Field: "properties.vpnGatewayScaleUnit", Value: 2})
		if _, err := k.Audit(t.Context(), "the test", false); err != nil {
			t.Fatal(err)
		}
		k.until(control.Repairing, time.Hour)
		l.mustMutate(vpcRoute)
		time.Sleep(20 * time.Second) // until describes show it
		began := time.Now()
		if _, err := k.Audit(t.Context(), "the test", false); err != nil {
			t.Fatal(err)
		}
		for !slices.Contains(k.journal(), "proved aws/vpc-routes.routes") && time.Since(began) < time.Hour {
			time.Sleep(time.Second)
		}
		if status := k.status(); status.Verdict != control.Repairing {
			t.Errorf("after %s the route is back, but the gateway's repair is over too: %s", time.Since(began), status.Verdict)
		}
		t.Logf("the route was proved back after %s, beside the gateway's update", time.Since(began))
		k.until(control.AsDesired, time.Hour)
		k.stop()
	})
}
