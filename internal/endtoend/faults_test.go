package endtoend

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// mishap is something that goes wrong while the link is built, and what linkd
// must say and do about it. When it says nothing, the mishap passes by itself:
// the first apply builds everything.
type mishap struct {
	faults []ground.Fault
	given  func(*scenario.Scenario)
	file   func(*desired.File)
	before func(*lab)
	mend   func(*lab)    // what a person does about it, beside ending the faults
	slow   bool          // on clouds that take their time
	within time.Duration // the apply ends; 0: whenever

	refuses string                 // the apply is refused with these words before any write
	plans   string                 // words of the plan
	says    map[resource.ID]string // words of the outcome of each resource that fails
	skips   map[resource.ID]string // words of some that are skipped or held
	hint    string                 // words of the hint of each that fails
	builds  []resource.ID          // some that come all the same
}

// words reports whether all parts, which " … " divides, are in a text.
func words(text, parts string) bool {
	for part := range strings.SplitSeq(parts, " … ") {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

// TestWhateverGoesWrongIsNamedAndTheRestGoesOn is the table of what can go
// wrong. After each row the faults end and linkd is applied again: then the
// link is as desired, nothing stands twice and every echo crosses.
func TestWhateverGoesWrongIsNamedAndTheRestGoesOn(t *testing.T) {
	t.Parallel()
	rows := mishaps()
	for i, name := range slices.Sorted(maps.Keys(rows)) {
		if testing.Short() && i%4 != 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { oneMishap(t, rows[name]) })
		})
	}
}

func oneMishap(t *testing.T, m mishap) {
	l := newLab(t, func(s *scenario.Scenario) {
		s.Behaviour.Instant = !m.slow
		if m.given != nil {
			m.given(s)
		}
	})
	if m.file != nil {
		m.file(l.file)
	}
	if m.before != nil {
		m.before(l)
	}
	l.sim.Inject(m.faults...)
	engine := l.engine(t.Context())
	plan, world := engine.Plan(t.Context())
	l.mustPlan(plan, m.plans)
	report, err := engine.Apply(t.Context(), plan, world)
	if m.refuses != "" {
		if err == nil || !words(err.Error(), m.refuses) || !words(resource.HintOf(err), m.hint) || m.hint == "" {
			t.Errorf("refused with %v (%s)", err, resource.HintOf(err))
		}
		if l.wire.sent() > 0 {
			t.Errorf("%d writes were sent", l.wire.sent())
		}
	} else if err != nil {
		t.Errorf("apply: %v", err)
	}
	l.mustEnd(report, m)
	if m.within > 0 && report.Took > m.within {
		t.Errorf("it took %s", report.Took)
	}

	l.sim.Heal()
	if m.mend != nil {
		m.mend(l)
	}
	l.mustBuild()
	l.mustBeClean()
	l.mustCross()
	l.mustLiveOnce("mended")
}

func (l *lab) mustPlan(plan reconcile.Plan, parts string) {
	l.Helper()
	var text strings.Builder
	if err := plan.Text(&text); err != nil || !words(text.String(), parts) {
		l.Errorf("the plan does not say %q:\n%s", parts, text.String())
	}
}

// mustEnd holds what became of each resource against the row.
func (l *lab) mustEnd(report reconcile.Report, m mishap) {
	l.Helper()
	ends := map[resource.ID]reconcile.Outcome{}
	for _, o := range report.Outcomes {
		ends[o.ID] = o
		silent := m.refuses+m.plans == "" && len(m.says) == 0
		if _, said := m.says[o.ID]; o.What == reconcile.Broken && !said || o.What != reconcile.Settled && silent {
			l.Errorf("%s %s: %s", o.ID, o.What, o.Text)
		}
	}
	for id, parts := range m.says {
		if o := ends[id]; o.What != reconcile.Broken || !words(o.Text, parts) || !words(resource.HintOf(o.Err), m.hint) {
			l.Errorf("%s %s: %s\n  hint: %s", id, o.What, o.Text, resource.HintOf(o.Err))
		}
	}
	for id, parts := range m.skips {
		if o := ends[id]; o.What != reconcile.Skipped && o.What != reconcile.HeldBy || !words(o.Text, parts) {
			l.Errorf("%s %s: %s", id, o.What, o.Text)
		}
	}
	for _, id := range m.builds {
		if o := ends[id]; o.What != reconcile.Settled {
			l.Errorf("%s should go on: %s: %s", id, o.What, o.Text)
		}
	}
}

// mustLiveOnce is mustBeSingle without what EC2 lists though it failed or was
// deleted. One more of a kind may stand beside what is linkd's.
func (l *lab) mustLiveOnce(when string, beside ...string) {
	l.Helper()
	more := func(kind string) int {
		if slices.Contains(beside, kind) {
			return 1
		}
		return 0
	}
	text, err := json.Marshal(l.sim.Dump())
	if err != nil {
		l.Fatal(err)
	}
	var state struct {
		AWS map[string]map[string]json.RawMessage `json:"aws"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		l.Fatal(err)
	}
	counts := map[string]int{}
	for _, region := range state.AWS {
		for kind, items := range region {
			var list []struct{ State any }
			if json.Unmarshal(items, &list) != nil {
				continue
			}
			for _, item := range list {
				if item.State != "deleted" && item.State != "failed" {
					counts[kind]++
				}
			}
		}
	}
	for kind, want := range map[string]int{"TransitGateways": 1, "Attachments": 3, "CustomerGateways": 1, "Connections": 1} {
		if counts[kind] != want+more(kind) {
			l.Errorf("%s: %d of %s live, want %d", when, counts[kind], kind, want)
		}
	}
	standing := l.standing()
	for kind, want := range map[string]int{
		"virtualWans": 1, "virtualHubs": 2, "virtualHubs/hubVirtualNetworkConnections": 2,
		"vpnGateways": 1, "vpnSites": 1, "vpnGateways/vpnConnections": 1,
	} {
		if standing[kind] != want+more(kind) {
			l.Errorf("%s: %d of %s stand, want %d", when, standing[kind], kind, want)
		}
	}
}
