package endtoend

import (
	"context"
	"errors"
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
	step := killStep(t, 7, 29)
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
