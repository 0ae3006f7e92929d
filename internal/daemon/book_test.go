package daemon

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linkd/internal/desired"
	"linkd/internal/journal"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// story plays audits and repairs on a book, a minute apart, and gathers what
// it has to tell.
type story struct {
	*book
	file *desired.File
	now  time.Time
	told []string
}

func newStory() *story {
	return &story{book: newBook(), file: &desired.File{}, now: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)}
}

func drifting(value string) reconcile.Decided {
	return reconcile.Decided{
		Action: desired.Repair,
		Drift:  resource.Drift{ID: "azure/vpn-site/tokyo", Kind: "azure/vpn-site", Attr: "address_space", Class: resource.Differs, Have: resource.Of(value)},
	}
}

func unseenOf(cloud string) reconcile.Decided {
	return reconcile.Decided{
		Action: desired.Report, Held: reconcile.HeldUnknown,
		Drift: resource.Drift{ID: resource.ID(cloud + "/vpn-site/tokyo"), Kind: cloud + "/vpn-site", Class: resource.Unseen, Why: "denied"},
	}
}

// wholeOf is a difference of the site as a whole.
func wholeOf(class resource.Class) reconcile.Decided {
	return reconcile.Decided{
		Action: desired.Report, Held: reconcile.HeldUnknown,
		Drift: resource.Drift{ID: "azure/vpn-site/tokyo", Kind: "azure/vpn-site", Class: class},
	}
}

// audit sees the drifts.
func (s *story) audit(drifts ...reconcile.Decided) {
	s.now = s.now.Add(time.Minute)
	var plan reconcile.Plan
	for _, d := range drifts {
		plan.Steps = append(plan.Steps, reconcile.Step{ID: d.ID, Drifts: []reconcile.Decided{d}})
	}
	s.tell(s.note(s.file, plan, s.now, nil))
}

// mend repairs a drift.
func (s *story) mend(d reconcile.Decided, how ended) {
	s.now = s.now.Add(time.Minute)
	s.tell(s.begin(s.file, []reconcile.Decided{d}))
	s.tell(s.end(s.file, []reconcile.Decided{d}, how, "", s.now))
}

func (s *story) tell(entries []journal.Entry) {
	for _, e := range entries {
		s.told = append(s.told, string(e.Event))
	}
}

func (s *story) obstacle() reconcile.HoldReason {
	return s.obstacles(s.now)[reconcile.DifferenceOf(drifting("").Drift)].Held
}

func TestTheBookTellsTheLifeOfADifference(t *testing.T) {
	a, b := drifting("a"), drifting("b")
	for name, test := range map[string]struct {
		play func(*story)
		told string
		held reconcile.HoldReason
	}{
		"it appears once, and is gone": {
			play: func(s *story) { s.audit(a); s.audit(a); s.audit(); s.audit() },
			told: "appeared gone",
		},
		"another value is told": {
			play: func(s *story) { s.audit(a); s.audit(b) },
			told: "appeared changed",
		},
		"a repair is proved by a look": {
			play: func(s *story) { s.audit(a); s.mend(a, endedWell); s.audit(); s.audit() },
			told: "appeared repairing repaired proved",
		},
		"nothing is proved of what the file no longer names": {
			play: func(s *story) {
				s.audit(a)
				s.mend(a, endedWell)
				s.keep(&reconcile.Graph{})
				s.audit()
			},
			told: "appeared repairing repaired gone",
		},
		"a repair that did not help is tried later": {
			play: func(s *story) { s.audit(a); s.mend(a, endedWell); s.audit(a) },
			told: "appeared repairing repaired persists", held: reconcile.HeldBackoff,
		},
		"a failed one too": {
			play: func(s *story) { s.audit(a); s.mend(a, endedBadly) },
			told: "appeared repairing failed", held: reconcile.HeldBackoff,
		},
		"the pause grows with the failures": {
			play: func(s *story) {
				for range 4 {
					s.audit(a)
					s.mend(a, endedBadly)
				}
				s.now = s.now.Add(7 * time.Minute)
			},
			told: "appeared repairing failed repairing failed repairing failed repairing failed", held: reconcile.HeldBackoff,
		},
		"and ends": {
			play: func(s *story) { s.audit(a); s.mend(a, endedBadly); s.now = s.now.Add(time.Minute) },
			told: "appeared repairing failed",
		},
		"one that was stopped goes on at once": {
			play: func(s *story) { s.audit(a); s.mend(a, endedShort) },
			told: "appeared repairing unfinished",
		},
		"what comes back is an event of its own": {
			play: func(s *story) { s.audit(a); s.mend(a, endedWell); s.audit(); s.audit(a) },
			told: "appeared repairing repaired proved returned",
		},
		"what comes back again and again has a rival": {
			play: func(s *story) {
				for range 3 {
					s.audit(a)
					s.mend(a, endedWell)
					s.audit()
				}
				s.audit(a)
				s.audit(a)
			},
			told: "appeared repairing repaired proved returned repairing repaired proved returned repairing repaired proved returned rival",
			held: reconcile.HeldRival,
		},
		"an hour later it is tried again": {
			play: func(s *story) {
				for range 3 {
					s.audit(a)
					s.mend(a, endedWell)
					s.audit()
				}
				s.now = s.now.Add(time.Hour)
				s.audit(a)
			},
			told: "appeared repairing repaired proved returned repairing repaired proved returned repairing repaired proved appeared",
		},
		"a cloud that cannot be read is told once, and nothing of it is gone": {
			play: func(s *story) {
				s.audit(a)
				s.audit(unseenOf("azure"))
				s.audit(unseenOf("azure"))
				s.audit(a)
				s.audit()
			},
			told: "appeared unseen seen gone",
		},
		"what cannot be judged for a while is neither gone nor proved": {
			play: func(s *story) {
				s.audit(a)
				s.audit(wholeOf(resource.BusyNow))
				s.audit(a)
				s.mend(a, endedWell)
				s.audit(wholeOf(resource.BusyNow))
				s.audit(a)
			},
			told: "appeared appeared gone repairing repaired appeared persists gone", held: reconcile.HeldBackoff,
		},
		"what hangs on something that went is not proved by that": {
			play: func(s *story) {
				s.audit(a)
				s.mend(a, endedWell)
				s.audit(wholeOf(resource.Missing))
			},
			told: "appeared repairing repaired appeared",
		},
		"what is there and not ours is not missing": {
			play: func(s *story) {
				s.audit(wholeOf(resource.Missing))
				s.audit(wholeOf(resource.Unowned))
			},
			told: "appeared appeared gone",
		},
		"the other cloud's difference goes meanwhile": {
			play: func(s *story) { s.audit(a); s.audit(unseenOf("aws")) },
			told: "appeared unseen gone",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory()
			test.play(s)
			if got := strings.Join(s.told, " "); got != test.told {
				t.Errorf("it tells %s\nwant     %s", got, test.told)
			}
			if held := s.obstacle(); held != test.held {
				t.Errorf("it is held for %q, want %q", held, test.held)
			}
		})
	}
}

func TestTheBookTellsWhatNobodyDeclared(t *testing.T) {
	s := newStory()
	orphan := resource.Stray{Class: resource.Orphan, Kind: "azure/vpn-site", Ref: "osaka", ID: "azure/vpn-site/osaka"}
	second := resource.Stray{Class: resource.Duplicate, Kind: "aws/vpn-connection", Ref: "vpn-2"}
	look := func(strays ...resource.Stray) { s.tell(s.noteStrays(strays)) }
	look(orphan)
	look(orphan)
	look(orphan, second)
	s.audit(unseenOf("azure"))
	look() // Azure could not be read
	s.audit()
	look(orphan)
	look()
	look()
	if got := strings.Join(s.told, " "); got != "appeared appeared unseen gone seen gone" {
		t.Errorf("it tells %s", got)
	}
}

func TestWhatARepairPassesThroughIsNoNews(t *testing.T) {
	s := newStory()
	a := drifting("a")
	s.audit(a)
	s.tell(s.begin(s.file, []reconcile.Decided{a}))
	busy := a
	busy.Attr, busy.Class = "", resource.BusyNow
	for _, seen := range [][]reconcile.Step{nil, {{ID: busy.ID, Drifts: []reconcile.Decided{busy}}}} {
		s.tell(s.note(s.file, reconcile.Plan{Steps: seen}, s.now, map[resource.ID]bool{a.ID: true}))
	}
	if got := strings.Join(s.told, " "); got != "appeared repairing" {
		t.Errorf("it tells %s", got)
	}
}

func TestTheBookForgetsWhatIsLongGone(t *testing.T) {
	s := newStory()
	for i := range 1000 {
		d := drifting("a")
		d.Member = fmt.Sprint(i)
		s.audit(d)
		s.mend(d, endedWell)
		s.audit()
	}
	s.now = s.now.Add(2 * time.Hour)
	s.audit()
	s.audit()
	if len(s.pages) != 0 {
		t.Errorf("%d differences are remembered", len(s.pages))
	}
	if !slices.Contains(s.told, "proved") {
		t.Error("no repair was proved: the test proves nothing")
	}
}

// TestOnesOwnChangeOfMindIsNoRivalry follows linkd's own mind there and back, and
// then somebody who turns it back each time.
func TestOnesOwnChangeOfMindIsNoRivalry(t *testing.T) {
	turn := func(to string) reconcile.Decided {
		d := drifting("elsewhere")
		d.Turn, d.Member, d.Want = true, "tokyo", resource.Of(to)
		return d
	}
	s := newStory()
	mend := func(d reconcile.Decided) (held bool) {
		s.audit(d)
		_, held = s.obstacles(s.now)[reconcile.DifferenceOf(d.Drift)]
		if !held {
			s.tell(s.begin(s.file, []reconcile.Decided{d}))
			s.tell(s.end(s.file, []reconcile.Decided{d}, endedWell, "", s.now))
		}
		s.audit()
		return held
	}
	for i := range 12 {
		if mend(turn([]string{"standby", "preferred"}[i%2])) {
			t.Fatalf("turn %d is held: %v", i, s.told)
		}
	}
	turned := 0
	for range 12 {
		if !mend(turn("preferred")) {
			turned++
		}
	}
	if turned != rivalTimes {
		t.Errorf("it turned to the same end %d times more, want %d and then to let go: %v", turned, rivalTimes, s.told)
	}
}
