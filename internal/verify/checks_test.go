package verify

import (
	"slices"
	"strings"
	"testing"

	"linkd/internal/failure"
)

// row is what a check must make of evidence: of the healthy link as well, of what
// is wrong by a code and its place, and of what is not known.
type row struct {
	check string
	given func(*scene) // changes the link beforehand; nil: nothing
	looks string       // how many things a healthy link gives it to look at: "24 resources"
	wrong []wrong      // one for each code of the check at the least
	blind func(*scene) // takes away what it would have to know
	mark  Mark         // how it then comes out: Unknown, or OK with nothing to look at
	never string       // why it can never be blind, in place of the two
}

// wrong is one failure that a check must find.
type wrong struct {
	do   func(*scene)
	code failure.Code
	at   string
	mark Mark
}

func TestAHealthySceneIsWell(t *testing.T) {
	if report := newScene(t).judge(t, ""); report.Verdict != Well || len(report.Findings) > 0 {
		t.Errorf("%s: %+v, %+v", report.First, report.Findings, report.Outcomes)
	}
}

// TestEveryCheckPassesFailsAndKnowsWhenItIsBlind plays each row of each check by
// itself, so that nothing hides behind a cause that another check finds.
func TestEveryCheckPassesFailsAndKnowsWhenItIsBlind(t *testing.T) {
	rows := slices.Concat(settingsRows, tunnelRows, routeRows, packetRows)
	for _, r := range rows {
		t.Run(r.check, func(t *testing.T) {
			if o := r.play(t, nil); o.Mark != OK || len(o.Findings)+len(o.Gaps) > 0 || !strings.Contains(o.Says, "("+r.looks) {
				t.Errorf("of a healthy link: %+v, want (%s)", o, r.looks)
			}
			for _, w := range r.wrong {
				o := r.play(t, w.do)
				if o.Mark != w.mark || !slices.ContainsFunc(o.Findings, func(f Finding) bool { return f.Code == w.code && f.At() == w.at }) {
					t.Errorf("it must be %s by %s at %s, and is %+v", w.mark, w.code, w.at, o)
				}
				for _, f := range o.Findings {
					if f.Code != w.code {
						t.Errorf("beside %s it tells %s", w.code, f.Line())
					}
				}
			}
			if r.never != "" {
				return
			}
			o := r.play(t, r.blind)
			if o.Mark != r.mark || r.mark == OK && !strings.Contains(o.Says, "there is none to look at") || r.mark == Unknown && len(o.Gaps) == 0 || len(o.Findings) > 0 {
				t.Errorf("blind, it must be %s, and is %+v", r.mark, o)
			}
		})
	}
	for _, c := range Checks() {
		mustHaveRows(t, c, rows)
	}
}

// play judges a scene by one check. Packets stay away from what does not rest on
// them: that they pass makes a failure of the model a latent one.
func (r row) play(t *testing.T, change func(*scene)) Outcome {
	t.Helper()
	s := newScene(t)
	for _, do := range []func(*scene){r.given, change} {
		if do != nil {
			do(s)
		}
	}
	if i := slices.IndexFunc(Checks(), func(c Check) bool { return c.Name == r.check }); i >= 0 && !Checks()[i].Packets {
		s.Pings, s.PingsOff = nil, true
	}
	o := outcomeOf(s.judge(t, "^"+r.check+"$"), r.check)
	if o == nil {
		t.Fatalf("the check %s was not made", r.check)
	}
	return *o
}

// mustHaveRows fails the test for a check that has no row, or a code that no row
// brings about.
func mustHaveRows(t *testing.T, c Check, rows []row) {
	t.Helper()
	i := slices.IndexFunc(rows, func(r row) bool { return r.check == c.Name })
	if i < 0 {
		t.Errorf("the check %s has no row: give it evidence that passes, that fails, and of which it knows nothing", c.Name)
		return
	}
	r := rows[i]
	if len(r.wrong) == 0 || (r.blind == nil) == (r.never == "") {
		t.Errorf("the row of %s lacks evidence that fails, or that it is blind to", c.Name)
	}
	for _, code := range c.Codes {
		if !slices.ContainsFunc(r.wrong, func(w wrong) bool { return w.code == code }) {
			t.Errorf("no row has %s find %s", c.Name, code)
		}
	}
}
