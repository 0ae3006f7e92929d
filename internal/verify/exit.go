package verify

import (
	"slices"

	"linkd/internal/failure"
)

// Bar says what fails a run.
type Bar struct {
	// Threshold is the least severity of a finding that does.
	Threshold failure.Severity
	// Strict has everything do that is not well: findings of any severity, and
	// what was not checked.
	Strict bool
}

// Exit is the exit code of a report: 0 well; 1 something failed it; 2
// something could not be seen, and nothing failed it.
func (r Report) Exit(bar Bar) int {
	const well, finding, unchecked = 0, 1, 2
	switch {
	case slices.ContainsFunc(r.Outcomes, bar.fails), slices.ContainsFunc(r.Findings, bar.reached):
		return finding
	case bar.Strict && slices.ContainsFunc(r.Outcomes, func(o Outcome) bool { return o.Mark == Unknown }):
		return finding
	case slices.ContainsFunc(r.Outcomes, func(o Outcome) bool { return o.Mark == Unknown && !o.unasked() }):
		return unchecked
	}
	return well
}

// reached tells whether a finding is bad enough. What could not be seen is
// none of the link.
func (b Bar) reached(f Finding) bool {
	return f.Code != failure.ObservationGap && (b.Strict || f.Severity.Rank() >= b.Threshold.Rank())
}

// fails tells whether an outcome has such a finding.
func (b Bar) fails(o Outcome) bool { return slices.ContainsFunc(o.Findings, b.reached) }
