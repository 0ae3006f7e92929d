package endtoend

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/resource"
)

// TestAnOrderIsTakenAgainAtOnce ends an order of new keys while AWS changes the first tunnel
// of two, by a pause and by the end of the daemon, and gives it again: at once, and when a
// repair brings Azure the key. It is taken, says what it waits for, and comes to its end.
func TestAnOrderIsTakenAgainAtOnce(t *testing.T) {
	t.Parallel()
	for name, play := range map[string]func(k *keeper){
		"after a pause": func(k *keeper) {
			if _, err := k.Pause(k.lab.Context(), "uid 0", time.Hour, "somebody works there"); err != nil {
				k.lab.Fatal(err)
			}
			if o := k.untilOrdered(time.Minute); o.Problem == "" || o.Hint == "" {
				k.lab.Errorf("a pause ends it as %+v", o)
			}
			if _, err := k.Resume(k.lab.Context(), "uid 0"); err != nil {
				k.lab.Fatal(err)
			}
		},
		"after a restart": func(k *keeper) {
			k.stop()
			k.start(nil)
			k.audited()
		},
		"after a restart, while a repair is under way": func(k *keeper) {
			k.stop()
			k.start(nil)
			for began := time.Now(); len(k.status().Repairs) == 0; time.Sleep(5 * time.Second) {
				if time.Since(began) > time.Hour {
					k.lab.Fatal("nothing is repaired")
				}
			}
		},
	} {
		if testing.Short() && !strings.HasSuffix(name, "under way") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { orderedAgain(t, play) })
		})
	}
}

func orderedAgain(t *testing.T, play func(*keeper)) {
	l := builtSlowly(t, desired.Tunnels, desired.Static)
	k := l.keepOf(strings.Replace(seedFile(t), "redundancy: single ", "redundancy: tunnels ", 1), nil)
	defer func() { k.stop() }()
	k.audited()
	before, ended := l.keys(), l.watchPairs()
	k.mustOrder(control.RotateRequest{ID: "first"})
	for began := time.Now(); l.world()[desired.AWSConnectionID("tokyo", 0)].Phase != resource.Created; time.Sleep(5 * time.Second) {
		if time.Since(began) > 5*time.Minute {
			t.Fatal("AWS changes nothing")
		}
	}
	play(k)

	turns := k.mustOrder(control.RotateRequest{ID: "again"})
	if len(turns) == 0 {
		t.Error("there is nothing to do")
	}
	for _, turn := range turns {
		if turn.Held != "" {
			t.Errorf("the turn of %d is held: %s", turn.Number, turn.Text)
		}
	}
	if t.Failed() {
		ended()
		return
	}
	waited := ""
	for began := time.Now(); k.status().Ordered.Ended.IsZero() && time.Since(began) < time.Hour; time.Sleep(5 * time.Second) {
		if waits := k.status().Ordered.Waits; waits != "" {
			waited = waits
		}
	}
	if !strings.HasPrefix(waited, "AWS is still changing aws/vpn-connection/tokyo-0: its state is modifying") && !strings.HasPrefix(waited, "a repair ") {
		t.Errorf("it waited for %q", waited)
	}
	o := k.untilOrdered(time.Minute)
	if o.Problem != "" || o.Waits != "" || o.ID != "again" {
		t.Errorf("it ended as %+v", o)
	}
	for _, turn := range o.Turns {
		if turn.State != control.TurnDone || turn.Waits != "" {
			t.Errorf("of what was ordered it left %+v", turn)
		}
	}
	k.until(control.AsDesired, time.Hour)
	if down := ended(); down != 0 {
		t.Errorf("no pair was up for %s", down)
	}
	l.mustBeRotated(before, 1, 2)
}
