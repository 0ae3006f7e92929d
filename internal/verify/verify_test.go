package verify

import (
	"regexp"
	"strings"
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
		const unmade = 4 // from outside, where nobody has sent, over peerings, of which there are none, and of keys elsewhere
		if len(report.Outcomes) != len(Checks())-unmade || report.First == "" {
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
		{name: "something to know", heard: of(failure.AsymmetricPath, failure.Info), atInfo: 1, strictly: 1},
		{name: "a gap that was found", heard: of(failure.ObservationGap, failure.Warning), atError: 2, atWarning: 2, atInfo: 2, strictly: 1},
		{name: "a gap", gap: "nobody answers", atError: 2, atWarning: 2, atInfo: 2, strictly: 1},
		{name: "a warning and a gap", heard: of(failure.RedundancyLost, failure.Warning), gap: "nobody answers", atError: 2, atWarning: 1, atInfo: 1, strictly: 1},
	}
	for _, test := range tests {
		report := Hear(file, test.heard, Selection{}, "somebody says so", test.gap, time.Unix(0, 0))
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

// TestWhatWasHeardFollowsTheSelection: what somebody else has found counts only as
// far as a check that was asked for may find it.
func TestWhatWasHeardFollowsTheSelection(t *testing.T) {
	file := seed(t)
	heard := []Heard{
		{Code: failure.VPCRouteMissing, Severity: failure.Error, ID: "aws/vpc-routes/rtb-1", Says: "no route covers 10.1.0.0/16"},
		{Code: failure.TGWRouteMissing, Severity: failure.Error, ID: "aws/tgw-routes/tgw-tokyo", Says: "no route covers 10.2.0.0/16"},
		{Code: failure.NotOwned, Severity: failure.Warning, ID: "aws/transit-gateway/tgw-tokyo", Says: "it stands under our name"},
	}
	matching := regexpOf
	tests := []struct {
		name      string
		selection Selection
		codes     string
		exit      int
	}{
		{"all", Selection{}, "AWS_VPC_ROUTE_MISSING AWS_TGW_ROUTE_MISSING NOT_OWNED", 1},
		{"only by code", Selection{Only: matching("TGW_ROUTE_MISSING")}, "AWS_TGW_ROUTE_MISSING", 1},
		{"only by group", Selection{Only: matching("routes of AWS")}, "AWS_VPC_ROUTE_MISSING AWS_TGW_ROUTE_MISSING", 1},
		{"only by name", Selection{Only: matching("^keys$")}, "", 0},
		{"only the model, which finds what loses packets", Selection{Only: matching("path model")}, "AWS_VPC_ROUTE_MISSING AWS_TGW_ROUTE_MISSING", 1},
		{"only pings, which it does not send", Selection{Only: matching("ping each way"), Skip: matching("one-way")}, "", 2},
		{"without a code", Selection{Skip: matching("VPC_ROUTE_MISSING|NOT_OWNED")}, "AWS_TGW_ROUTE_MISSING", 1},
		{"without a group", Selection{Skip: matching("owned|routes|path model")}, "", 0},
		{"before a build", Selection{Before: true}, "NOT_OWNED", 1},
	}
	for _, test := range tests {
		report := Hear(file, heard, test.selection, "somebody says so", "", time.Unix(0, 0))
		var codes []string
		for _, f := range report.Findings {
			codes = append(codes, string(f.Code))
		}
		if got := strings.Join(codes, " "); got != test.codes {
			t.Errorf("%s: told are %q, want %q", test.name, got, test.codes)
		}
		if code := report.Exit(Bar{Threshold: failure.Warning}); code != test.exit {
			t.Errorf("%s: the exit code is %d, want %d: %s", test.name, code, test.exit, report.First)
		}
	}
	if f := Hear(file, heard, Selection{Before: true}, "", "", time.Unix(0, 0)).Findings[0]; f.Severity != failure.Error {
		t.Errorf("before a build what is not ours is %s", f.Severity)
	}
}

// regexpOf is an expression as a flag gives it.
func regexpOf(text string) *regexp.Regexp { return regexp.MustCompile("(?i)" + text) }
