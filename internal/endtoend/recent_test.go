package endtoend

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// TestAnotherProcessKnowsWhatWasInterrupted kills linkd when it has just changed
// one of two tunnels. The next process, begun at once, still sees that tunnel
// shown up, and must not change the other one before it is. The change itself is
// short, so that no operation that runs holds the next process up.
func TestAnotherProcessKnowsWhatWasInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := twoTunnelsOn(t, func(s *scenario.Scenario) {
			s.Behaviour.Durations = map[string]time.Duration{"aws/vpn-tunnel/modify": 10 * time.Second}
			s.Behaviour.Handshake, s.Behaviour.Telemetry = time.Minute, 100*time.Second
		})
		ctx, kill := context.WithCancelCause(t.Context())
		l.wire.around = func(_ string, carryOut func()) {
			carryOut()
			kill(errKilled)
		}
		lost := l.watchEchoes()
		engine := l.engine(ctx)
		engine.At = nil
		plan, world := engine.Plan(ctx)
		if _, err := engine.Apply(ctx, plan, world); err == nil {
			t.Fatal("it was not killed")
		}
		l.wire.around = nil
		l.unattended()
		time.Sleep(10 * time.Minute)
		_, report := l.unattended()
		l.complain(report)
		if lost := lost(); lost != 0 {
			t.Errorf("%d looks found no way across", lost)
		}
		l.mustBeClean()
	})
}

// TestWhatWasJustMadeIsNotCutFromAbove changes the gateway, on which a connection
// stands that was made a moment ago: its tunnel is up, and shown down.
func TestWhatWasJustMadeIsNotCutFromAbove(t *testing.T) {
	t.Parallel()
	for name, restart := range map[string]bool{"by the same process": false, "by the next process": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, func(s *scenario.Scenario) { s.Behaviour.Telemetry = 3 * time.Minute })
				ctx, stop := context.WithCancel(t.Context())
				go func() {
					for len(l.sim.Tunnels()) == 0 || !l.sim.Tunnels()[0].Up {
						time.Sleep(time.Second)
					}
					stop()
				}()
				first := l.engine(ctx)
				plan, world := first.Plan(ctx)
				if _, err := first.Apply(ctx, plan, world); err == nil {
					t.Fatal("it was not stopped")
				}
				l.mustMutate(ground.Mutation{Cloud: "azure", Op: "set", Kind: "vpnGateways", Name: "hub-jpe-vpn", Field: "properties.vpnGatewayScaleUnit", Value: 2})
				gateway := desired.VPNGatewayID("hub-jpe")
				next := l.engine(t.Context())
				next.At = nil
				if !restart {
					next.Succeed(first)
				}
				plan, world = next.Plan(t.Context())
				if step := stepOf(plan, gateway); !step.Verb.Writes() {
					t.Fatalf("the plan does not change the gateway: %+v", plan.Steps)
				}
				writes := l.wire.sent()
				report, err := next.Apply(t.Context(), plan, world)
				if err != nil {
					t.Fatal(err)
				}
				for _, outcome := range report.Outcomes {
					if outcome.ID == gateway && outcome.What != reconcile.HeldBy {
						t.Errorf("the gateway: %s %s", outcome.What, outcome.Text)
					}
				}
				if sent := l.wire.sent() - writes; sent != 0 {
					t.Errorf("it sent %d writes", sent)
				}
			})
		})
	}
}
