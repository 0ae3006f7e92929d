package endtoend

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
)

// untilOrdered waits until the last order has ended.
func (k *keeper) untilOrdered(within time.Duration) control.Ordered {
	k.lab.Helper()
	for began := time.Now(); ; time.Sleep(5 * time.Second) {
		o := k.status().Ordered
		if o != nil && !o.Ended.IsZero() {
			return *o
		}
		if time.Since(began) > within {
			k.lab.Fatalf("after %s the order stands at %+v", within, o)
		}
	}
}

// mustOrder gives an order that must be taken.
func (k *keeper) mustOrder(request control.RotateRequest) []control.Turn {
	k.lab.Helper()
	turns, err := k.RotateKeys(k.lab.Context(), "uid 0 (root)", request)
	if err != nil {
		k.lab.Fatal(err)
	}
	return turns
}

// TestTheDaemonGivesTheKeysThatAPersonOrders orders new keys of a daemon that keeps a
// link of two tunnels: one alone, then what is refused meanwhile, and all.
func TestTheDaemonGivesTheKeysThatAPersonOrders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, k := scheduled(t, hurried, "tunnels", "", nil)
		defer func() { k.stop() }()
		before, writes := l.keys(), l.wire.sent()
		for _, wrong := range []control.RotateRequest{{ID: "x", Links: []string{"osaka"}}, {ID: "y", Tunnels: []int{3}}} {
			if _, err := k.RotateKeys(t.Context(), "uid 0", wrong); err == nil {
				t.Errorf("%+v is taken", wrong)
			}
		}
		turns := k.mustOrder(control.RotateRequest{DryRun: true})
		if len(turns) != 2 || turns[0].State != control.TurnPlanned || turns[0].KeySet.IsZero() || turns[0].KeyDue.IsZero() {
			t.Errorf("it would do %+v", turns)
		}
		time.Sleep(16 * time.Minute)
		if sent := l.wire.sent() - writes; sent != 0 {
			t.Errorf("%d writes were sent by a dry run", sent)
		}
		ended := l.watchPairs()
		k.mustOrder(control.RotateRequest{ID: "one", Links: []string{"tokyo"}, Tunnels: []int{2}})
		again := k.mustOrder(control.RotateRequest{ID: "one", Links: []string{"tokyo"}, Tunnels: []int{2}})
		_, err := k.RotateKeys(t.Context(), "uid 0", control.RotateRequest{ID: "two"})
		if refusal, is := errors.AsType[*control.Refusal](err); !is || refusal.Hint == "" || len(again) != 1 {
			t.Errorf("a second order meanwhile: %v; the same once more: %+v", err, again)
		}
		o := k.untilOrdered(time.Hour)
		if o.ID != "one" || o.By != "uid 0 (root)" || o.Problem != "" || len(o.Turns) != 1 || o.Turns[0].State != control.TurnDone || o.Turns[0].Number != 2 || o.Turns[0].Took < 60 {
			t.Errorf("it ended as %+v", o)
		}
		if set := o.Turns[0].KeySet; time.Since(set) > time.Hour || !o.Turns[0].KeyDue.Equal(set.Add(24*time.Hour)) {
			t.Errorf("its new key is of %s and due at %s", set, o.Turns[0].KeyDue)
		}
		k.until(control.AsDesired, time.Hour)
		l.mustBeRotated(before, 2)
		if set := l.note().Set[2]; !set.Equal(o.Turns[0].KeySet) {
			t.Errorf("the note says that it was set at %s, and the order at %s", set, o.Turns[0].KeySet)
		}
		if down := ended(); down != 0 {
			t.Errorf("no pair was up for %s", down)
		}
		if testing.Short() {
			return
		}
		time.Sleep(2 * time.Hour)
		before = l.keys()
		k.mustOrder(control.RotateRequest{ID: "all"})
		o = k.untilOrdered(time.Hour)
		if states := states(o); !slices.Equal(states, []string{control.TurnDone, control.TurnDone}) || o.Problem != "" {
			t.Errorf("it ended as %+v", o)
		}
		k.until(control.AsDesired, time.Hour)
		l.mustBeRotated(before, 1, 2)
	})
}

func states(o control.Ordered) []string {
	var all []string
	for _, turn := range o.Turns {
		all = append(all, turn.State)
	}
	return all
}

// TestAnOrderKeepsToAPersonsWord orders a new key for the only tunnel: it is held
// until somebody approves it, also while linkd is paused, and a pause in the middle
// ends it.
func TestAnOrderKeepsToAPersonsWord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, k := scheduled(t, hurried, "single", "", nil)
		defer func() { k.stop() }()
		before, writes := l.keys(), l.wire.sent()
		if turns := k.mustOrder(control.RotateRequest{ID: "plain"}); len(turns) != 1 || turns[0].Held != "last-pair" {
			t.Errorf("without a word: %+v", turns)
		}
		pause := func() {
			if _, err := k.Pause(t.Context(), "uid 0", time.Hour, "somebody works there"); err != nil {
				t.Fatal(err)
			}
		}
		resume := func() {
			if _, err := k.Resume(t.Context(), "uid 0"); err != nil {
				t.Fatal(err)
			}
		}
		pause()
		if turns := k.mustOrder(control.RotateRequest{ID: "paused", Approve: true}); len(turns) != 1 || turns[0].Held != "paused" {
			t.Errorf("while it is paused: %+v", turns)
		}
		resume()
		time.Sleep(16 * time.Minute)
		if sent := l.wire.sent() - writes; sent != 0 || k.status().Ordered != nil {
			t.Errorf("%d writes were sent, and it follows %+v", sent, k.status().Ordered)
		}
		k.mustOrder(control.RotateRequest{ID: "approved", Approve: true})
		k.untilRotates(true, time.Minute)
		time.Sleep(20 * time.Second)
		pause()
		o := k.untilOrdered(time.Minute)
		if o.Problem == "" || o.Hint == "" || !slices.Equal(states(o), []string{control.TurnFailed}) {
			t.Errorf("a pause ends it as %+v", o)
		}
		resume()
		time.Sleep(time.Minute)
		k.mustOrder(control.RotateRequest{ID: "again", Approve: true})
		if o = k.untilOrdered(time.Hour); o.Problem != "" {
			t.Errorf("it goes on as %+v", o)
		}
		k.until(control.AsDesired, time.Hour)
		l.mustBeRotated(before, 1)
		if turns := l.sim.Calls()["ModifyVpnTunnelOptions"]; turns != 1 {
			t.Errorf("the key of one tunnel was changed in %d calls", turns)
		}
	})
}
