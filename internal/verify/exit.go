package verify

import "slices"

// Exit is the exit code of a report: 0 well; 1 there is an error, and strictly
// also a warning or anything that was not checked; 2 something could not be
// seen, and no error was.
func (r Report) Exit(strict bool) int {
	const well, finding, unchecked = 0, 1, 2
	if strict {
		if slices.ContainsFunc(r.Outcomes, func(o Outcome) bool { return o.Mark == Failed || o.Mark == Warned || o.Mark == Unknown }) {
			return finding
		}
	}
	switch r.Verdict {
	case Broken:
		return finding
	case CannotCheck:
		return unchecked
	}
	return well
}
