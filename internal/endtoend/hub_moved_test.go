package endtoend

import (
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
	"linkd/internal/verify"
)

// farGateway gives the second hub of a file a VPN gateway.
const farGateway = `      address_prefix: 192.168.1.0/24
      vpn_gateway: {scale_units: 1, routing_preference: microsoft}
`

// ofTwoGateways is the file of an example with a gateway on either hub, and its link at one.
func ofTwoGateways(content, hub string) string {
	content = strings.Replace(content, "      address_prefix: 192.168.1.0/24\n", farGateway, 1)
	return strings.Replace(content, "    hub: hub-jpe\n", "    hub: "+hub+"\n", 1)
}

// at has the lab's link end at another hub in the file.
func (l *lab) at(content, hub string) {
	l.Helper()
	file, err := desired.Parse("linkd.yaml", []byte(ofTwoGateways(content, hub)))
	if err != nil {
		l.Fatal(err)
	}
	l.file = file
}

// mustPlanMove fails the test unless a plan says of both ends of a link that moves what
// moving it interrupts, or why it is held, and nothing is accused.
func (l *lab) mustPlanMove(plan reconcile.Plan, link string, held reconcile.HoldReason) {
	l.Helper()
	mustMove(l, plan, link, held)
	report, _ := l.verify()
	accused := slices.ContainsFunc(report.Findings, func(f verify.Finding) bool { return f.Severity != failure.Info })
	if len(plan.Strays) > 0 || accused {
		l.Errorf("what is well is accused: %+v, %+v", plan.Strays, report.Findings)
	}
}

// mustMove fails the test unless a plan says of both ends of a link that moves what
// moving it interrupts, or why it is held.
func mustMove(t testing.TB, plan reconcile.Plan, link string, held reconcile.HoldReason) {
	t.Helper()
	for _, id := range []resource.ID{desired.AzureConnectionID(link), desired.CustomerGatewayID(link, 0)} {
		step := stepOf(plan, id)
		if len(step.Drifts) != 1 || step.Drifts[0].Held != held {
			t.Errorf("%s is %s: %+v", id, step.Verb, step.Drifts)
			continue
		}
		if interrupts := step.Effect == resource.AllTunnels; interrupts != (held == reconcile.NotHeld) {
			t.Errorf("%s is %s and interrupts %q", id, step.Verb, step.Effect)
		}
	}
}

// mustStandAs fails the test unless as many things stand as before, and nothing differs.
func (l *lab) mustStandAs(before map[string]int) {
	l.Helper()
	time.Sleep(time.Hour) // until AWS does not list any more what was deleted
	l.mustBeClean()
	l.mustCross()
	l.mustStand(before, "after the move")
}

// TestTheDaemonMovesALinkToAnotherHubOnceAPersonSaysSo changes the hub of a live link
// in the file: the daemon waits, as for anything that takes the last tunnel, and loses
// nothing. Approved, it moves the link, and nothing of it is left at the old hub.
func TestTheDaemonMovesALinkToAnotherHubOnceAPersonSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil)
		l.at(seedFile(t), "hub-jpe")
		l.mustBuild()
		time.Sleep(time.Hour)
		before := l.standing()
		k := l.keepOf(ofTwoGateways(seedFile(t), "hub-jpe"), nil)
		k.until(control.AsDesired, time.Hour)

		writes, lost := l.wire.sent(), l.watchLossesEvery(time.Second)
		k.write(ofTwoGateways(seedFile(t), "hub-use"))
		time.Sleep(time.Hour)
		if gone := lost(); gone != (losses{}) || l.wire.sent() != writes {
			t.Errorf("nobody approved it: %d writes, lost %+v", l.wire.sent()-writes, gone)
		}
		status := k.audited()
		if status.Pending == nil || status.Pending.Count != 2 {
			t.Fatalf("it does not wait for a person: %+v", status.Pending)
		}
		l.mustPlanMove(l.planOf(reconcile.Circumstances{}), "tokyo", reconcile.HeldLastPair)

		if _, err := k.Approve(l.Context(), "uid 0", status.Pending.Digest, false); err != nil {
			t.Fatal(err)
		}
		k.until(control.Repairing, time.Hour)
		t.Logf("moved after %s", k.until(control.AsDesired, 2*time.Hour))
		k.stop()
		l.mustStandAs(before)
	})
}

// letsMove are the rules that let a link move to another hub unattended.
var letsMove = []desired.Rule{
	{Drift: "aws/customer-gateway.address", Do: desired.Repair, MayCutLastTunnel: true},
	{Drift: "aws/vpn-connection.customer_gateway", Do: desired.Repair, MayCutLastTunnel: true},
	{Drift: "azure/vpn-connection.hub", Do: desired.Repair, MayCutLastTunnel: true},
}

// TestALinkMovesToAnotherHubAsAWhole takes links of one and of two connections to another
// hub: held as long as nobody consents, then by one apply; and back by rules.
func TestALinkMovesToAnotherHubAsAWhole(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, content string
	}{
		{"single", seedFile(t)},
		{"full", fullFile(t)},
	} {
		if testing.Short() && row.name == "full" { // TestTwoLinksChangeTheirHubsWithOneAnother moves two
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, quick)
				l.at(row.content, "hub-jpe")
				l.mustBuild()
				time.Sleep(time.Hour)
				before := l.standing()
				l.at(row.content, "hub-use")
				writes, lost := l.wire.sent(), l.watchLossesEvery(time.Second)
				plan, _ := l.unattended()
				if gone := lost(); gone != (losses{}) || l.wire.sent() != writes {
					t.Errorf("unattended: %d writes, lost %+v", l.wire.sent()-writes, gone)
				}
				l.mustPlanMove(plan, "tokyo", reconcile.HeldLastPair)
				l.mustPlanMove(l.plan(), "tokyo", reconcile.NotHeld)
				l.mustBuild()
				l.mustStandAs(before)

				l.at(row.content, "hub-jpe")
				l.file.Policy.Rules = letsMove
				_, report := l.unattended()
				l.complain(report)
				l.mustStandAs(before)
			})
		})
	}
}

// TestTwoLinksChangeTheirHubsWithOneAnother swaps the hubs of the two links of the example
// of two regions: held until a person consents, then one apply moves both.
func TestTwoLinksChangeTheirHubsWithOneAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfRegions(t, quick)
		l.mustBuild()
		time.Sleep(time.Hour)
		before := l.standing()
		l.file.Links[0].Hub, l.file.Links[1].Hub = l.file.Links[1].Hub, l.file.Links[0].Hub
		lost := l.watchLossesEvery(time.Second)
		plan, _ := l.unattended()
		if gone := lost(); gone != (losses{}) {
			t.Errorf("unattended it lost %+v", gone)
		}
		for _, link := range l.file.Links {
			l.mustPlanMove(plan, link.Name, reconcile.HeldLastPair)
		}

		l.file.Policy.Rules = []desired.Rule{{Drift: "azure/vpn-gateway.bgp_addresses.extra", Do: desired.Repair}}
		l.mustBuild()
		time.Sleep(time.Hour)
		l.mustBuild() // the addresses that the gateways no longer need
		l.mustStandAs(before)
	})
}
