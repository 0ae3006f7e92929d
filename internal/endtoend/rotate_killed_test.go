package endtoend

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/rotate"
	"linkd/internal/sim/scenario"
)

// TestKilledAtAnyRequestOfARotation kills a rotation of two tunnels at some of
// its requests, evenly apart, before it leaves or after it was carried out, and starts it
// anew at once on another machine: nothing is remembered but what stands in the
// clouds, whose describes lag. At no moment are both pairs down, and in the end
// both tunnels have new keys that agree.
func TestKilledAtAnyRequestOfARotation(t *testing.T) {
	t.Parallel()
	var total int
	synctest.Test(t, func(t *testing.T) {
		l := builtToRotate(t)
		before := l.wire.count
		if err := l.rotator(t.Context(), reconcile.Consent{}).Run(t.Context(), rotate.Order{}); err != nil {
			t.Fatal(err)
		}
		total = l.wire.count - before
	})
	step := killStep(t, 7, 61)
	for _, late := range []bool{false, true} {
		t.Run(map[bool]string{false: "before the request leaves", true: "after it was carried out"}[late], func(t *testing.T) {
			t.Parallel()
			for at := 1; at <= total; at += step {
				synctest.Test(t, func(t *testing.T) { rotationKilledAt(t, at, late) })
				if t.Failed() {
					t.Fatalf("killed at request %d of %d", at, total)
				}
			}
			t.Logf("killed at requests of %d, step %d", total, step)
		})
	}
}

// TestARotationOfAFullLinkIsKilledAndGoesOn kills a rotation of four pairs, with static
// routes and with BGP, after it has noted whose turn is to come at one connection, and in a
// whole run at other writes, and starts it anew on another machine. Three pairs are up at
// any moment, no echo is lost, and all four have new keys in the end.
func TestARotationOfAFullLinkIsKilledAndGoesOn(t *testing.T) {
	t.Parallel()
	for _, routing := range []desired.Routing{desired.Static, desired.BGP} {
		if testing.Short() && routing == desired.BGP { // that of TestNewKeysForAFullLinkLoseNothing
			continue
		}
		t.Run(string(routing), func(t *testing.T) {
			t.Parallel()
			points := map[int]bool{} // whether to kill after the request was carried out
			synctest.Test(t, func(t *testing.T) {
				l := builtFull(t, routing)
				requests, writes := l.wire.count, l.wire.sent()
				if err := l.rotator(t.Context(), reconcile.Consent{}).Run(t.Context(), rotate.Order{}); err != nil {
					t.Fatal(err)
				}
				for i, at := range l.wire.writes[writes:] {
					if i == 0 || !testing.Short() && (i < 3 || i%6 == 0) {
						points[at-requests] = i%2 == 0
					}
				}
				step := killStep(t, 5001, 5001)
				for at := 1 + step/2; at <= l.wire.count-requests; at += step {
					points[at] = at/step%2 == 1
				}
			})
			for _, at := range slices.Sorted(maps.Keys(points)) {
				late := points[at]
				synctest.Test(t, func(t *testing.T) { fullRotationKilledAt(t, routing, at, late) })
				if t.Failed() {
					t.Fatalf("killed at request %d, late %t", at, late)
				}
			}
			t.Logf("killed at %d requests", len(points))
		})
	}
}

// builtFull is a link of four pairs that has stood for an hour.
func builtFull(t *testing.T, routing desired.Routing) *lab {
	t.Helper()
	l := newLab(t, hurried)
	l.file.Links[0].Redundancy, l.file.Links[0].Routing = desired.Full, routing
	l.mustBuild()
	time.Sleep(time.Hour)
	return l
}

func fullRotationKilledAt(t *testing.T, routing desired.Routing, at int, late bool) {
	l := builtFull(t, routing)
	before, lost, fewest := l.everyKey(), l.lostByPair(), l.fewestUp()
	l.sim.ForgetCalls()
	ctx, kill := context.WithCancelCause(t.Context())
	l.wire.armIn(at, late, kill)
	if err := l.rotator(ctx, reconcile.Consent{}).Run(ctx, rotate.Order{}); !errors.Is(err, errKilled) && ctx.Err() == nil {
		t.Errorf("it was not killed: %v", err)
	}
	kill(nil)
	l.wire.disarm()
	l.disk = &disk{since: time.Now().Add(-time.Hour), open: map[resource.ID]time.Time{}} // another machine's
	if late {
		time.Sleep(30 * time.Second) // until describes show what was carried out
	}
	if err := l.rotator(t.Context(), reconcile.Consent{}).Run(t.Context(), rotate.Order{}); err != nil {
		t.Errorf("it does not go on: %v", err)
	}
	for pair, echoes := range lost() {
		if echoes != 0 {
			t.Errorf("%s lost %d echoes", pair, echoes)
		}
	}
	if least := fewest(); least < 3 {
		t.Errorf("%d pairs were up at the fewest", least)
	}
	// Where describes do not show yet what was done, one may have a second turn.
	if turns := l.sim.Calls()["ModifyVpnTunnelOptions"]; turns < len(before) || turns > len(before)+1 {
		t.Errorf("killed at request %d, late %t: the keys of %d pairs were changed in %d calls", at, late, len(before), turns)
	}
	l.mustAllBeNew(before)
}

// hurried is quick, with changes of a tunnel that take a tenth of their time.
func hurried(s *scenario.Scenario) {
	quick(s)
	s.Behaviour.Durations["aws/vpn-tunnel/modify"] = scenario.Defaults().Takes("aws/vpn-tunnel/modify") / 10
}

// builtToRotate is a link of two tunnels that has stood for an hour.
func builtToRotate(t *testing.T) *lab {
	t.Helper()
	l := newLab(t, hurried)
	l.file.Links[0].Redundancy = desired.Tunnels
	l.mustBuild()
	time.Sleep(time.Hour)
	return l
}

func rotationKilledAt(t *testing.T, at int, late bool) {
	l := builtToRotate(t)
	before, ended := l.keys(), l.watchPairs()
	ctx, kill := context.WithCancelCause(t.Context())
	l.wire.armIn(at, late, kill)
	if err := l.rotator(ctx, reconcile.Consent{}).Run(ctx, rotate.Order{}); !errors.Is(err, errKilled) && ctx.Err() == nil {
		t.Errorf("it was not killed: %v", err)
	}
	kill(nil)
	l.wire.disarm()
	l.disk = &disk{since: time.Now().Add(-time.Hour), open: map[resource.ID]time.Time{}} // another machine's

	if err := l.rotator(t.Context(), reconcile.Consent{}).Run(t.Context(), rotate.Order{}); err != nil {
		t.Errorf("it does not go on: %v", err)
	}
	if down := ended(); down != 0 {
		t.Errorf("no pair was up for %s", down)
	}
	l.mustBeRotated(before, 1, 2)
}

// watchPairs looks at the pairs, as they truly are, every second until it is
// asked for how long none was up.
func (l *lab) watchPairs() (ended func() (down time.Duration)) {
	stop, done := make(chan struct{}), make(chan struct{})
	var down time.Duration
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				up := false
				for _, pair := range l.sim.Tunnels() {
					up = up || pair.Up
				}
				if !up {
					down += time.Second
				}
			case <-stop:
				return
			}
		}
	}()
	return func() time.Duration {
		close(stop)
		<-done
		return down
	}
}
