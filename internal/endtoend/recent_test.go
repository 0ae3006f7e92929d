package endtoend

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
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
		l.wire.tell(func(_ string, carryOut func()) {
			carryOut()
			kill(errKilled)
		})
		lost := l.watchEchoes()
		engine := l.engine(ctx)
		engine.At = nil
		plan, world := engine.Plan(ctx)
		if _, err := engine.Apply(ctx, plan, world); err == nil {
			t.Fatal("it was not killed")
		}
		l.wire.tell(nil)
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

// TestAReplaceThatWasApprovedIsFinishedAfterARestart kills the daemon between the
// halves of a replace. What is missing waits for approval under this policy, but
// who approved the replace meant both halves.
func TestAReplaceThatWasApprovedIsFinishedAfterARestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil)
		l.mustBuild()
		time.Sleep(time.Hour)
		k := l.keepOf(strings.Replace(seedFile(t), "version: 1\n", "version: 1\npolicy: {default: approve}\n", 1), nil)
		k.until(control.AsDesired, time.Hour)
		const theirs = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-theirs"
		connection := ground.Mutation{Cloud: "azure", Kind: "virtualHubs/hubVirtualNetworkConnections", Name: "hub-use/vnet-use"}
		edit := connection
		edit.Op, edit.Field, edit.Value = "set", "properties.remoteVirtualNetwork.id", theirs
		l.mustMutate(edit)
		status := k.audited()
		if status.Pending == nil {
			t.Fatalf("nothing waits: %+v", status.Drifts)
		}
		l.wire.mu.Lock()
		l.wire.spare, l.wire.kill = len(l.wire.writes)+1, func(error) {}
		l.wire.mu.Unlock()
		if _, err := k.Approve(l.Context(), "uid 0", status.Pending.Digest, false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
		k.stop()
		l.wire.disarm()
		if phase := l.world()[desired.VNetConnectionID("vnet-use")].Phase; phase != resource.Absent {
			t.Fatalf("the connection is %s, so nothing was stopped halfway", phase)
		}
		k.start(nil)
		k.until(control.AsDesired, time.Hour)
		l.mustCross()
		connection.Op = "delete"
		l.mustMutate(connection)
		if status := k.audited(); status.Pending == nil {
			t.Errorf("what somebody else deletes does not wait: %+v", status.Drifts)
		}
		k.stop()
	})
}
