package endtoend

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// carrying are the tunnels of the connection to which AWS's static routes lead.
var carrying = []desired.Tunnel{{Link: "tokyo", Instance: desired.Preferred, Number: 1}, {Link: "tokyo", Instance: desired.Preferred, Number: 2}}

// strangeStart changes an option of both tunnels of a connection, each of which is down while
// it is set back.
func (l *lab) strangeStart(instance int) {
	l.Helper()
	vpn := l.world()[desired.AWSConnectionID("tokyo", instance)].Ref
	for _, tunnel := range []string{"/0", "/1"} {
		l.mustMutate(ground.Mutation{Cloud: "aws", Op: "set", Kind: "vpn-tunnel", Name: vpn + tunnel, Field: "StartupAction", Value: "add"})
	}
	time.Sleep(time.Minute)
}

// TestTheOneThatStandsByDoesNotCarry mends both tunnels of each connection of a link
// of which one stands by: also of the connection that carries one goes after the other, though
// those that stand by are up.
func TestTheOneThatStandsByDoesNotCarry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := builtFull(t, desired.Static)
		l.strangeStart(desired.Preferred)
		l.strangeStart(desired.Standby)
		lost, writes := l.watchLossesEvery(time.Second), l.wire.sent()
		_, report := l.unattended()
		l.complain(report)
		if gone := lost(); gone != (losses{}) {
			t.Errorf("%+v were lost", gone)
		}
		if sent := l.wire.sent() - writes; sent != 4 {
			t.Errorf("it sent %d writes, want one a tunnel", sent)
		}
		l.mustBeClean()
	})
}

// TestTheLastTunnelThatCarriesIsLeftWhileOthersStandBy has one tunnel down of the connection
// to which the static routes lead: what would cut the other one of it is held, and goes
// once the first is back.
func TestTheLastTunnelThatCarriesIsLeftWhileOthersStandBy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := builtFull(t, desired.Static)
		l.strangeStart(desired.Preferred)
		l.cutTunnels(carrying[1:])
		time.Sleep(10 * time.Minute)
		lost := l.watchLossesEvery(time.Second)
		plan, _ := l.unattended()
		if d := differenceOf(plan, desired.AWSConnectionID("tokyo", desired.Preferred), "tunnel_1_startup"); d.Held != reconcile.HeldLastPair || !strings.Contains(d.Reason(), "nothing that AWS sends is known to go by tokyo-1-1, tokyo-1-2") {
			t.Errorf("it is held as %q: %s", d.Held, d.Reason())
		}
		if gone := lost(); gone != (losses{}) {
			t.Errorf("%+v were lost while one tunnel was down", gone)
		}
		if err := l.sim.SetConditions(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		lost = l.watchLossesEvery(time.Second)
		_, report := l.unattended()
		l.complain(report)
		if gone := lost(); gone != (losses{}) {
			t.Errorf("%+v were lost once both were up", gone)
		}
		l.mustBeClean()
	})
}

// differenceOf is what a plan has of an attribute of a resource.
func differenceOf(plan reconcile.Plan, id resource.ID, attr string) reconcile.Decided {
	for _, step := range plan.Steps {
		for _, d := range step.Drifts {
			if step.ID == id && d.Attr == attr {
				return d
			}
		}
	}
	return reconcile.Decided{}
}
