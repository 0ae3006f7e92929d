package endtoend

import (
	"testing"
	"testing/synctest"

	"linkd/internal/examine"
	"linkd/internal/verify"
)

// verify gathers the evidence and judges it, without packets.
func (l *lab) verify() verify.Report {
	l.Helper()
	e := examine.Gather(l.Context(), l.engine(l.Context()), examine.Options{Vantages: []examine.Vantage{onTheSpot{l.sim}}, MTU: true})
	return verify.Run(e, verify.Selection{})
}

func TestVerifyOfAHealthyLinkFindsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil)
		l.mustBuild()
		report := l.verify()
		t.Log(report.First)
		for _, o := range report.Outcomes {
			t.Log(o.Group, o.Mark, o.Says, o.Gaps)
		}
		for _, f := range report.Findings {
			t.Error(f.Line(), f.Says)
		}
	})
}
