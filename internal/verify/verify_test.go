package verify

import (
	"testing"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/survey"
)

func seed(t *testing.T) *desired.File {
	t.Helper()
	file, err := desired.Load("../../deploy/examples/seed.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// With no evidence at all no check panics, and nothing is told as broken.
func TestWithoutEvidenceNothingIsBroken(t *testing.T) {
	file := seed(t)
	for name, e := range map[string]*Evidence{
		"no evidence":          {File: file},
		"an empty file":        {File: &desired.File{}},
		"an empty survey":      {File: file, Survey: &survey.Survey{}},
		"no packets wanted":    {File: file, PingsOff: true},
		"a ping of a stranger": {File: file, Pings: []Ping{{}}},
	} {
		report := Run(e, Selection{})
		for _, f := range report.Findings {
			if f.Code != failure.ObservationGap && f.Code != failure.NotBuilt {
				t.Errorf("%s: %s", name, f.Line())
			}
		}
		if outside := 1; len(report.Outcomes) != len(Checks())-outside || report.First == "" { // from where nobody has sent
			t.Errorf("%s: %d outcomes, %q", name, len(report.Outcomes), report.First)
		}
	}
}

func TestTheExitCodeFollowsTheBar(t *testing.T) {
	file := seed(t)
	of := func(code failure.Code, severity failure.Severity) []Heard {
		return []Heard{{Code: code, Severity: severity, ID: "aws/vpc-routes/rtb-1", Says: "something is so"}}
	}
	tests := []struct {
		name                                 string
		heard                                []Heard
		gap                                  string
		atError, atWarning, atInfo, strictly int
	}{
		{name: "nothing"},
		{name: "an error", heard: of(failure.VPCRouteMissing, failure.Error), atError: 1, atWarning: 1, atInfo: 1, strictly: 1},
		{name: "a warning", heard: of(failure.RedundancyLost, failure.Warning), atWarning: 1, atInfo: 1, strictly: 1},
		{name: "something to know", heard: of(failure.TunnelMaintenance, failure.Info), atInfo: 1, strictly: 1},
		{name: "a gap that was found", heard: of(failure.ObservationGap, failure.Warning), atError: 2, atWarning: 2, atInfo: 2, strictly: 1},
		{name: "a gap", gap: "nobody answers", atError: 2, atWarning: 2, atInfo: 2, strictly: 1},
		{name: "a warning and a gap", heard: of(failure.RedundancyLost, failure.Warning), gap: "nobody answers", atError: 2, atWarning: 1, atInfo: 1, strictly: 1},
	}
	for _, test := range tests {
		report := Hear(file, test.heard, "somebody says so", test.gap, time.Unix(0, 0))
		for bar, want := range map[Bar]int{
			{Threshold: failure.Error}: test.atError, {Threshold: failure.Warning}: test.atWarning,
			{Threshold: failure.Info}: test.atInfo, {Threshold: failure.Error, Strict: true}: test.strictly,
		} {
			if code := report.Exit(bar); code != want {
				t.Errorf("%s: with %+v the exit code is %d, want %d", test.name, bar, code, want)
			}
		}
	}
}
