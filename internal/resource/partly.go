package resource

import (
	"errors"
	"slices"
	"strings"
)

// Partly is the error of a Want that tells a part of what it wants: the Spec beside
// it is of that part, and has what stands in the place of the rest. Each of the
// errors says why something cannot be told, a [NotYet] or another.
type Partly []error

// Error implements error.
func (p Partly) Error() string {
	texts := make([]string, len(p))
	for i, err := range p {
		texts[i] = err.Error()
	}
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), "; ")
}

// Unwrap returns what cannot be told.
func (p Partly) Unwrap() []error { return p }

// OrNil is the error of a Want that has gathered what it cannot tell: nil when that
// is nothing.
func (p Partly) OrNil() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// InPart is the member of the drift of what a resource cannot be told to be, beside
// those of the part that can.
const InPart = "in part"

// Compare is [Diff] with what a Want has told, and the error beside it. A resource
// of which a part cannot be told is blocked in part. It reports whether there was
// anything to compare.
func Compare(id ID, kind *Kind, want Spec, err error, live Live) ([]Drift, bool) {
	_, partly := errors.AsType[Partly](err)
	switch {
	case err == nil:
		return Diff(id, kind, want, live), true
	case !partly:
		return nil, false
	}
	drifts := Diff(id, kind, want, live)
	if live.Phase == Ready && !slices.ContainsFunc(drifts, func(d Drift) bool { return d.Class == Unowned }) {
		drifts = append(drifts, Drift{ID: id, Kind: kind.Name, Class: Blocked, Member: InPart, Fix: ByHand, Why: err.Error()})
	}
	return drifts, true
}
