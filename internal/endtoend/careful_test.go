package endtoend

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// twoTunnels builds a link of two tunnels and changes an option of both.
func twoTunnels(t *testing.T) *lab {
	t.Helper()
	return twoTunnelsOn(t, nil)
}

// twoTunnelsOn does so on clouds that behave in a certain way.
func twoTunnelsOn(t *testing.T, change func(*scenario.Scenario)) *lab {
	t.Helper()
	l := newLab(t, change)
	l.file.Links[0].Redundancy = desired.Tunnels
	l.mustBuild()
	time.Sleep(time.Hour)
	vpn := l.world()[desired.AWSConnectionID("tokyo", 0)].Ref
	for _, tunnel := range []string{"/0", "/1"} {
		l.mustMutate(ground.Mutation{Cloud: "aws", Op: "set", Kind: "vpn-tunnel", Name: vpn + tunnel, Field: "StartupAction", Value: "add"})
	}
	time.Sleep(time.Minute)
	return l
}

// unattended plans and applies as the daemon does: nobody consents.
func (l *lab) unattended() (reconcile.Plan, reconcile.Report) {
	l.Helper()
	engine := l.engine(l.Context())
	engine.At = nil
	plan, world := engine.Plan(l.Context())
	report, err := engine.Apply(l.Context(), plan, world)
	if err != nil {
		l.Fatal(err)
	}
	return plan, report
}

// TestOfTwoTunnelsOneGoesAfterTheOther mends an option of both tunnels, each of
// which is down while it is changed: the link never is.
func TestOfTwoTunnelsOneGoesAfterTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := twoTunnels(t)
		lost := l.watchEchoes()
		writes := l.wire.sent()
		_, report := l.unattended()
		l.complain(report)
		if lost := lost(); lost != 0 {
			t.Errorf("%d looks found no way across", lost)
		}
		if sent := l.wire.sent() - writes; sent != 2 {
			t.Errorf("it sent %d writes, want one a tunnel", sent)
		}
		l.mustBeClean()
	})
}

// TestATunnelThatDoesNotComeUpAgainKeepsTheOther lets somebody spoil the first
// tunnel while it is changed: the second is then the last one.
func TestATunnelThatDoesNotComeUpAgainKeepsTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := twoTunnels(t)
		l.file.Policy.Rules = []desired.Rule{{Drift: "azure/vpn-connection.shared_key", Do: desired.Report, Why: "the night shift looks at it"}}
		spoilt := 0
		l.wire.tell(func(_ string, carryOut func()) {
			carryOut()
			if spoilt++; spoilt == 1 {
				l.mustMutate(wrongKey)
			}
		})
		lost := l.watchEchoes()
		_, report := l.unattended()
		l.wire.tell(nil)
		if lost := lost(); lost != 0 {
			t.Errorf("%d looks found no way across", lost)
		}
		var connection reconcile.Outcome
		for _, outcome := range report.Outcomes {
			if outcome.ID == desired.AWSConnectionID("tokyo", 0) {
				connection = outcome
			}
		}
		if spoilt != 1 || connection.What != reconcile.Broken || !strings.Contains(connection.Text, "tokyo-0-1 did not come up again") {
			t.Errorf("after %d writes the connection: %s %q", spoilt, connection.What, connection.Text)
		}
	})
}

// TestAWriteThatIsRepeatedLooksAgain lets somebody undo the change of the first
// tunnel and then take the second one down: to repeat the change would take the last.
func TestAWriteThatIsRepeatedLooksAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := twoTunnels(t)
		vpn := l.world()[desired.AWSConnectionID("tokyo", 0)].Ref
		undone := false
		undo := func() {
			for l.sim.Tunnels()[0].Up {
				time.Sleep(time.Second)
			}
			for !l.sim.Tunnels()[0].Up {
				time.Sleep(time.Second)
			}
			l.mustMutate(ground.Mutation{Cloud: "aws", Op: "set", Kind: "vpn-tunnel", Name: vpn + "/0", Field: "StartupAction", Value: "add"})
			l.mustMutate(ground.Mutation{
				Cloud: "azure", Op: "set", Kind: "vpnSites", Name: "tokyo", Field: "properties.vpnSiteLinks.tokyo-0-2.properties.ipAddress", Value: "198.51.100.9",
			})
			undone = true
		}
		first := true
		l.wire.tell(func(_ string, carryOut func()) {
			if first {
				go undo()
			}
			first = false
			carryOut()
		})
		lost := l.watchEchoes()
		l.unattended()
		l.wire.tell(nil)
		if lost := lost(); lost != 0 || !undone {
			t.Errorf("%d looks found no way across; undone: %v", lost, undone)
		}
	})
}
