package verify

import (
	"slices"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// Heard is a finding that somebody else has made.
type Heard struct {
	Code      failure.Code
	Severity  failure.Severity
	ID        resource.ID
	Ref, Link string
	Direction Direction
	Says      string
}

// Hear makes a report of what somebody else has found, as far as one of the
// checks of a selection may find it. Source says who, and gap why not all is
// known, or is "".
func Hear(file *desired.File, heard []Heard, selection Selection, source, gap string, at time.Time) Report {
	e := &Evidence{File: file, At: at}
	o := Outcome{Check: "heard", Group: Credentials, Mark: OK, Says: "nothing was found by the linkd that runs"}
	if selection != (Selection{}) {
		o.Says = "nothing of what was asked for was found by the linkd that runs"
	}
	for _, h := range heard {
		if !selection.finds(h.Code) {
			continue
		}
		f := selection.weighed(e.found(h.Code, h.ID, h.Says).toward(h.Direction).as(h.Severity))
		f.Ref, f.Link = h.Ref, h.Link
		o.Findings = append(o.Findings, f)
		o.Mark, o.Says = worse(o.Mark, markOf(f)), "what the linkd that runs has found"
	}
	slices.SortStableFunc(o.Findings, func(a, b Finding) int { return b.Severity.Rank() - a.Severity.Rank() })
	if selection.needsPackets() {
		gap = "it judges without echoes, and only checks that need them were asked for"
	}
	if gap != "" {
		o.Mark, o.Gaps = worse(o.Mark, Unknown), []Gap{{About: "the linkd that runs", Why: gap}}
	}
	report := Report{At: at, Source: source, Findings: o.Findings, Outcomes: []Outcome{o}}
	report.Verdict = verdict(report.Outcomes, report.Findings)
	report.First = e.first(report)
	return report
}
