package endtoend

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/scenario"
)

// TestKilledAtAnyRequestAndStartedAgainNothingIsMadeTwice kills linkd at the
// requests of the whole build, before the request leaves or after it was carried
// out, and starts it anew with an empty memory at once, while EC2's describes
// still lag. Every write is a kill point, with the request before and after
// it; of the many looks in between every 101st is.
func TestKilledAtAnyRequestAndStartedAgainNothingIsMadeTwice(t *testing.T) {
	t.Parallel()
	points := map[int]bool{}
	var total int
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, lagging)
		l.mustBuild()
		total = l.wire.count
		every := 101
		if testing.Short() {
			every = 401
		}
		for at := 1; at <= total; at += every {
			points[at] = true
		}
		for i, at := range l.wire.writes {
			if testing.Short() && i%2 == 1 {
				continue
			}
			points[at] = true
			if !testing.Short() || i%8 == 0 {
				points[at-1], points[at+1] = true, true
			}
		}
	})
	for _, late := range []bool{false, true} {
		t.Run(map[bool]string{false: "before the request leaves", true: "after it was carried out"}[late], func(t *testing.T) {
			t.Parallel()
			for _, at := range slices.Sorted(maps.Keys(points)) {
				synctest.Test(t, func(t *testing.T) { killedAt(t, lagging, at, late) })
				if t.Failed() {
					t.Fatalf("killed at request %d of %d", at, total)
				}
			}
			t.Logf("killed at %d of %d requests", len(points), total)
		})
	}
}

// TestKilledAtEveryRequestOfAQuickBuild kills linkd at every single request of
// a build in clouds whose operations take a fortieth of their time, so that
// there are fewer looks and none has to be left out.
func TestKilledAtEveryRequestOfAQuickBuild(t *testing.T) {
	t.Parallel()
	var total int
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, quick)
		l.mustBuild()
		total = l.wire.count
	})
	step := 1
	if testing.Short() {
		step = 37
	}
	for _, late := range []bool{false, true} {
		t.Run(map[bool]string{false: "before the request leaves", true: "after it was carried out"}[late], func(t *testing.T) {
			t.Parallel()
			for at := 1; at <= total; at += step {
				synctest.Test(t, func(t *testing.T) { killedAt(t, quick, at, late) })
				if t.Failed() {
					t.Fatalf("killed at request %d of %d", at, total)
				}
			}
			t.Logf("killed at every one of %d requests, step %d", total, step)
		})
	}
}

// quick is lagging, with operations that take a fortieth of their time.
func quick(s *scenario.Scenario) {
	lagging(s)
	s.Behaviour.Durations = map[string]time.Duration{}
	for _, row := range lasts {
		for _, operation := range append(row.settle, row.create) {
			if operation != "" {
				s.Behaviour.Durations[operation] = scenario.Defaults().Takes(operation) / 40
			}
		}
	}
}

// killedAt kills a build at one request and starts it again.
func killedAt(t *testing.T, behave func(*scenario.Scenario), at int, late bool) {
	l := newLab(t, behave)
	ctx, kill := context.WithCancelCause(t.Context())
	l.wire.arm(at, late, kill)
	_, _ = l.build(ctx)
	kill(nil)

	l.wire.disarm()
	l.mustBuild()
	l.mustBeClean()
	l.mustBeSingle()
}

// lagging makes EC2 describes miss for a while what was made.
func lagging(s *scenario.Scenario) { s.Behaviour.Lag = 20 * time.Second }

// mustBeSingle fails the test when anything of the link stands twice, by what
// the simulated clouds were asked to make.
func (l *lab) mustBeSingle() {
	l.Helper()
	standing := l.standing()
	want := map[string]int{
		"virtualWans": 1, "virtualHubs": 2, "virtualHubs/hubVirtualNetworkConnections": 2, "vpnGateways": 1,
		"vpnSites": 1, "vpnGateways/vpnConnections": 1,
		"TransitGateways": 1, "Attachments": 3, "CustomerGateways": 1, "Connections": 1,
	}
	for kind, count := range want {
		if standing[kind] != count {
			l.Errorf("%d of %s stand, want %d: %s", standing[kind], kind, count, strings.TrimSpace(fmt.Sprint(standing)))
		}
	}
}

// standing counts what stands in both clouds by kind, also what is being
// deleted or was a short while ago.
func (l *lab) standing() map[string]int {
	l.Helper()
	text, err := json.Marshal(l.sim.Dump())
	if err != nil {
		l.Fatal(err)
	}
	var state struct {
		Azure struct {
			Resources map[string]json.RawMessage `json:"resources"`
		} `json:"azure"`
		AWS map[string]map[string]json.RawMessage `json:"aws"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		l.Fatal(err)
	}
	counts := map[string]int{}
	for id := range state.Azure.Resources {
		var types []string
		parts := strings.Split(id[strings.LastIndex(id, "/providers/")+len("/providers/"):], "/")
		for i := 1; i < len(parts); i += 2 {
			types = append(types, parts[i])
		}
		counts[strings.Join(types, "/")]++
	}
	for _, region := range state.AWS {
		for kind, items := range region {
			var list []json.RawMessage
			if json.Unmarshal(items, &list) == nil {
				counts[kind] += len(list)
			}
		}
	}
	return counts
}

// killStep is how many requests lie between two at which a test kills linkd: the
// usual number, a larger one in a short run, or LINKD_KILL_STEP (1: at every one).
func killStep(t *testing.T, usual, short int) int {
	t.Helper()
	if text, set := os.LookupEnv("LINKD_KILL_STEP"); set {
		step, err := strconv.Atoi(text)
		if err != nil || step < 1 {
			t.Fatalf("LINKD_KILL_STEP is %q, and must be a number from 1 on", text)
		}
		return step
	}
	if testing.Short() {
		return short
	}
	return usual
}
