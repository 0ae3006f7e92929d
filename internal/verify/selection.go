package verify

import (
	"regexp"
	"slices"

	"linkd/internal/failure"
)

// Selection says which checks are run. The zero Selection runs all.
type Selection struct {
	// Only are the checks whose group, name or a code matches.
	Only *regexp.Regexp
	// Skip leaves out the checks whose group, name or every code matches, and of
	// the others the failures whose code does.
	Skip   *regexp.Regexp
	Before bool // only what can be asked before anything is built
}

// takes tells whether a check is to be run.
func (s Selection) takes(c Check) bool {
	named := func(r *regexp.Regexp) bool { return r.MatchString(string(c.Group)) || r.MatchString(c.Name) }
	coded := func(code failure.Code) bool { return s.Only.MatchString(string(code)) }
	kept := func(code failure.Code) bool { return !s.skips(code) }
	switch {
	case s.Before && !c.Before:
	case s.Only != nil && !named(s.Only) && !slices.ContainsFunc(c.Codes, coded):
	case s.Skip != nil && (named(s.Skip) || len(c.Codes) > 0 && !slices.ContainsFunc(c.Codes, kept)):
	default:
		return true
	}
	return false
}

// Empty tells whether it takes no check at all.
func (s Selection) Empty() bool { return !slices.ContainsFunc(Checks(), s.takes) }

// TakesPackets tells whether any check that it takes rests on packets.
func (s Selection) TakesPackets() bool {
	return slices.ContainsFunc(Checks(), func(c Check) bool { return c.Packets && s.takes(c) })
}

// skips tells whether a failure is left out by its own code, whichever check
// finds it.
func (s Selection) skips(code failure.Code) bool {
	return s.Skip != nil && s.Skip.MatchString(string(code))
}

// finds tells whether one of the checks that it takes may find a failure. The
// model of the paths finds whatever loses packets.
func (s Selection) finds(code failure.Code) bool {
	row, _ := failure.Of(code)
	return s == Selection{} || !s.skips(code) && slices.ContainsFunc(Checks(), func(c Check) bool {
		return s.takes(c) && (slices.Contains(c.Codes, code) || c.Group == Paths && row.Connectivity)
	})
}

// needsPackets tells whether all that it takes rests on packets.
func (s Selection) needsPackets() bool {
	return !slices.ContainsFunc(Checks(), func(c Check) bool { return s.takes(c) && !c.Packets })
}

// weighed is a finding as bad as it is for what was asked: before a build, what
// is not ours is in the way.
func (s Selection) weighed(f Finding) Finding {
	if s.Before && f.Code == failure.NotOwned {
		f.Severity = failure.Error
	}
	return f
}
