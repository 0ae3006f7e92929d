package endtoend

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/rotate"
	"linkd/internal/sim/scenario"
)

// writesOf lists at which of its requests a rotation writes.
func (l *lab) writesOf(order rotate.Order) []int {
	l.Helper()
	requests, writes := l.wire.count, l.wire.sent()
	if err := l.rotator(l.Context(), reconcile.Consent{}).Run(l.Context(), order); err != nil {
		l.Fatal(err)
	}
	var all []int
	for _, at := range l.wire.writes[writes:] {
		all = append(all, at-requests)
	}
	return all
}

// resumed is how a rotation was found that was killed.
type resumed struct{ waited, forAWS, forAzure bool }

// resumesAtOnce kills a rotation after a write was carried out, and begins it again on
// another machine as a person does who has waited a moment: it is planned, nothing of it is
// held, it waits for what the clouds are still at, and comes to its end.
func (l *lab) resumesAtOnce(at int, moment time.Duration) resumed {
	l.Helper()
	ctx, kill := context.WithCancelCause(l.Context())
	l.wire.armIn(at, true, kill)
	if err := l.rotator(ctx, reconcile.Consent{}).Run(ctx, rotate.Order{}); !errors.Is(err, errKilled) && ctx.Err() == nil {
		l.Errorf("it was not killed: %v", err)
	}
	kill(nil)
	l.wire.disarm()
	l.disk = &disk{since: time.Now().Add(-time.Hour), open: map[resource.ID]time.Time{}}
	time.Sleep(moment)

	var found resumed
	rotator := l.rotator(l.Context(), reconcile.Consent{})
	turns, err := rotator.Plan(l.Context(), rotate.Order{})
	if err != nil {
		l.Fatal(err)
	}
	for _, turn := range turns {
		if turn.Held != reconcile.NotHeld {
			l.Errorf("begun again, %s is held: %s", turn.Name(), turn.Text)
		}
		found.waited = found.waited || turn.Waits != ""
		found.forAWS = found.forAWS || strings.HasPrefix(turn.Waits, "AWS is still changing aws/vpn-connection/tokyo-") && strings.Contains(turn.Waits, "its state is modifying")
		found.forAzure = found.forAzure || strings.HasPrefix(turn.Waits, "Azure is still changing azure/vpn-connection/tokyo: ")
	}
	if found.waited {
		turns, err = rotator.PlanSettled(l.Context(), rotate.Order{})
		if err != nil {
			l.Fatal(err)
		}
		for _, turn := range turns {
			if turn.Waits != "" || turn.Held != reconcile.NotHeld {
				l.Errorf("after the clouds have ended, %s waits %q and is held %q", turn.Name(), turn.Waits, turn.Text)
			}
		}
	}
	if err := rotator.Run(l.Context(), rotate.Order{}); err != nil {
		l.Errorf("it does not go on: %v", err)
	}
	return found
}

// TestAKilledRotationIsBegunAgainAtOnce kills a rotation of two tunnels after each of its
// writes, and begins it again half a minute later. AWS takes its minutes for a change, and
// the rotation waits for that, says so, and ends with new keys that agree and were seen up.
func TestAKilledRotationIsBegunAgainAtOnce(t *testing.T) {
	t.Parallel()
	var writes []int
	synctest.Test(t, func(t *testing.T) { writes = builtSlowly(t, desired.Tunnels, desired.Static).writesOf(rotate.Order{}) })
	if len(writes) < 7 {
		t.Fatalf("a rotation writes at %v", writes)
	}
	all := resumed{}
	for i, at := range writes {
		if testing.Short() && i != 1 && i != 3 { // the change of AWS, and that of Azure
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			l := builtSlowly(t, desired.Tunnels, desired.Static)
			before, ended := l.keys(), l.watchPairs()
			found := l.resumesAtOnce(at, 30*time.Second)
			all = resumed{all.waited || found.waited, all.forAWS || found.forAWS, all.forAzure || found.forAzure}
			if down := ended(); down != 0 {
				t.Errorf("no pair was up for %s", down)
			}
			l.mustBeRotated(before, 1, 2)
		})
		if t.Failed() {
			t.Fatalf("killed after write %d of %d", i+1, len(writes))
		}
	}
	if all != (resumed{true, true, true}) {
		t.Errorf("it was found waiting for AWS: %t, for Azure: %t: the test proves nothing", all.forAWS, all.forAzure)
	}
}

// TestAKilledRotationOfAFullLinkIsBegunAgainAtOnce does the same with four pairs, at the
// changes of AWS of the first and of the last one.
func TestAKilledRotationOfAFullLinkIsBegunAgainAtOnce(t *testing.T) {
	t.Parallel()
	var writes []int
	synctest.Test(t, func(t *testing.T) { writes = builtSlowly(t, desired.Full, desired.BGP).writesOf(rotate.Order{}) })
	for _, i := range []int{2, len(writes) - 5} {
		if testing.Short() && i > 2 {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			l := builtSlowly(t, desired.Full, desired.BGP)
			before, fewest := l.everyKey(), l.fewestUp()
			if found := l.resumesAtOnce(writes[i], 30*time.Second); !found.waited {
				t.Errorf("killed after write %d, it found nothing to wait for", i+1)
			}
			if least := fewest(); least < 3 {
				t.Errorf("%d pairs were up at the fewest", least)
			}
			l.mustAllBeNew(before)
		})
		if t.Failed() {
			t.Fatalf("killed after write %d of %d", i+1, len(writes))
		}
	}
}

// unhurried is quick, with changes of connections that take their time.
func unhurried(s *scenario.Scenario) {
	quick(s)
	for _, operation := range []string{"aws/vpn-tunnel/modify", "azure/vpnConnections/update"} {
		s.Behaviour.Durations[operation] = scenario.Defaults().Takes(operation)
	}
}

// builtSlowly is a link that has stood for an hour, in clouds where a change of a connection
// takes a while.
func builtSlowly(t *testing.T, redundancy desired.Redundancy, routing desired.Routing) *lab {
	t.Helper()
	l := newLab(t, unhurried)
	l.file.Links[0].Redundancy, l.file.Links[0].Routing = redundancy, routing
	l.mustBuild()
	time.Sleep(time.Hour)
	return l
}
