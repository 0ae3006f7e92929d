package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"linkd/internal/failure"
)

// arrange puts the effects of failures under their causes and sorts what is
// left: the worst first, and among equals in the order of causes. A cause
// explains only what is about the same link, hub, tunnel, network or way.
func arrange(all []Finding) []Finding {
	rows := map[failure.Code]failure.Failure{}
	place := map[failure.Code]int{}
	for i, row := range failure.All() {
		rows[row.Code], place[row.Code] = row, i
	}
	causes := make([]int, len(all))
	for i, f := range all {
		causes[i] = causeOf(rows[f.Code], i, all, place)
	}
	grouped := map[int][]Finding{}
	for i, f := range all {
		root := i
		for causes[root] >= 0 {
			root = causes[root]
		}
		if root != i {
			grouped[root] = append(grouped[root], f)
		}
	}
	var roots []Finding
	for i, f := range all {
		if causes[i] < 0 {
			f.Consequences = together(grouped[i])
			sorted(f.Consequences, place, rows)
			roots = append(roots, withConsequences(f))
		}
	}
	roots = together(roots)
	sorted(roots, place, rows)
	return roots
}

// together joins the findings of one code at one place: two prefixes that a
// table lacks are one failure of the table.
func together(all []Finding) []Finding {
	var joined []Finding
	for _, f := range all {
		i := slices.IndexFunc(joined, func(g Finding) bool { return g.Code == f.Code && g.At() == f.At() && g.check == f.check })
		if i < 0 {
			joined = append(joined, f)
			continue
		}
		one := &joined[i]
		if one.Says != f.Says {
			one.alone = cmp.Or(one.alone, one.Says)
			one.Says += "; " + f.Says
		}
		if one.Direction != f.Direction {
			one.Direction = BothWays
		}
		if f.Severity.Rank() > one.Severity.Rank() {
			one.Severity = f.Severity
		}
		one.Latent = one.Latent && f.Latent
		one.Evidence = append(slices.Clone(one.Evidence), f.Evidence...)
		one.Ways = union(one.Ways, f.Ways)
		one.about = tokens(union(one.about, f.about))
		one.Consequences = together(append(slices.Clone(one.Consequences), f.Consequences...))
	}
	return joined
}

func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, item := range b {
		if !slices.Contains(all, item) {
			all = append(all, item)
		}
	}
	return all
}

// causeOf finds what explains a finding, or -1. Only what stands above in the
// table can, or, along the graph of needs, another of its own kind, or what keeps
// BGP from telling it, or a connection from carrying it: there is no circle.
func causeOf(row failure.Failure, effect int, all []Finding, place map[failure.Code]int) int {
	if all[effect].plain {
		return -1
	}
	causes := row.Causes
	switch {
	case all[effect].told:
		causes = slices.Concat(causes, row.Told)
	case all[effect].turned:
		causes = slices.Concat(causes, row.Turned)
	}
	for n, cause := range causes {
		above := n >= len(row.Causes) || place[cause.On] < place[row.Code] || cause.At == failure.Needs
		for i, f := range all {
			shares := meet(all[effect].about, f.about, cause.At) || all[effect].blind && cause.At == failure.Way && f.Severity == failure.Error && nearby(all[effect].near, f.about)
			if i != effect && f.Code == cause.On && !f.foretold && shares && above {
				return i
			}
		}
	}
	return -1
}

// nearby tells whether a finding is about anything that lies about a way of
// which the model knows nothing.
func nearby(way, cause tokens) bool {
	return slices.ContainsFunc([]failure.Share{failure.Network, failure.Hub, failure.Link}, func(at failure.Share) bool { return meet(way, cause, at) })
}

// withConsequences gives a root the ways that its effects block, and their
// severity when that is worse: what it causes is how bad it is.
func withConsequences(f Finding) Finding {
	for _, effect := range f.Consequences {
		f.Ways = union(f.Ways, effect.Ways)
		if effect.Severity.Rank() > f.Severity.Rank() && f.Code != failure.ObservationGap {
			f.Severity = effect.Severity
		}
	}
	return f
}

func sorted(all []Finding, place map[failure.Code]int, rows map[failure.Code]failure.Failure) {
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(b.Severity.Rank(), a.Severity.Rank()),
			compareTrue(rows[a.Code].Connectivity, rows[b.Code].Connectivity),
			cmp.Compare(place[a.Code], place[b.Code]),
			strings.Compare(a.At(), b.At()), strings.Compare(a.subject, b.subject),
		)
	})
}

// compareTrue sorts what is true first.
func compareTrue(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// holds tells whether a root is, or was joined with, a finding.
func (f Finding) holds(other Finding) bool {
	return !slices.ContainsFunc(f.Consequences, func(effect Finding) bool {
		return effect.Code == other.Code && effect.At() == other.At() && effect.subject == other.subject
	})
}

// rootOf finds a finding among the roots.
func rootOf(roots []Finding, f Finding) (Finding, bool) {
	for _, root := range roots {
		if root.Code == f.Code && root.ID == f.ID && root.Ref == f.Ref && root.check == f.check && root.holds(f) {
			return root, true
		}
	}
	return Finding{}, false
}

// first is the verdict in one line, with the worst root cause.
func (e *Evidence) first(r Report) string {
	if r.Verdict == CannotCheck {
		if line := e.unchecked(r); line != "" {
			return line + known(r)
		}
	}
	if len(r.Findings) > 0 && (r.Verdict == Broken || r.Verdict == Degraded) {
		return e.be(r.Findings[0].about) + " " + string(r.Verdict) + ": " + r.Findings[0].Line()
	}
	well := 0
	for _, o := range r.Outcomes {
		if o.Mark == OK {
			well++
		}
	}
	if well == 0 {
		return fmt.Sprintf("%s: nothing is known to be wrong, and none of %s was made", e.subjectOf(nil), counted(len(r.Outcomes), "checks"))
	}
	return fmt.Sprintf("%s well: %d of %d checks", e.be(nil), well, len(r.Outcomes))
}

// unchecked says in a line what could not be checked first; "" when all was.
func (e *Evidence) unchecked(r Report) string {
	for _, f := range r.Findings {
		if f.Code == failure.ObservationGap {
			return e.subjectOf(f.about) + " could not be checked: " + f.unseen()
		}
	}
	for _, o := range r.Outcomes {
		for _, gap := range o.Gaps {
			if !gap.Unasked {
				return e.subjectOf(gap.about) + " could not be checked: " + gap.About + ": " + gap.Why
			}
		}
	}
	return ""
}

// known is what is known to be wrong beside what could not be checked, as a clause.
func known(r Report) string {
	for _, f := range r.Findings {
		if f.Code != failure.ObservationGap && f.Severity == failure.Warning {
			return "; and " + f.Line()
		}
	}
	return ""
}

// be is the subject with "is" or, of several by name, "are".
func (e *Evidence) be(about tokens) string {
	subject := e.subjectOf(about)
	if strings.Contains(subject, ", ") {
		return subject + " are"
	}
	return subject + " is"
}

// unseen says in a line what could not be seen, and of several things the
// first.
func (f Finding) unseen() string {
	says := cmp.Or(f.alone, f.Says)
	if f.ID != "" && !strings.Contains(says, string(f.ID)) {
		return string(f.ID) + ": " + says
	}
	return says
}

// subjectOf names the links that a finding is about, or the peerings when it is about no
// link, or all links.
func (e *Evidence) subjectOf(about tokens) string {
	var names, peerings []string
	for _, link := range e.File.Links {
		if slices.Contains(about, string(failure.Link)+"/"+link.Name) {
			names = append(names, link.Name)
		}
	}
	for _, peering := range e.File.AWS.Peerings {
		if slices.Contains(about, string(failure.Peering)+"/"+peering.Name) {
			peerings = append(peerings, peering.Name)
		}
	}
	switch {
	case len(names) > 0:
	case len(peerings) == 1:
		return "the peering " + peerings[0]
	case len(peerings) > 1:
		return "the peerings " + strings.Join(peerings, ", ")
	default:
		for _, link := range e.File.Links {
			names = append(names, link.Name)
		}
	}
	switch {
	case len(names) == 0:
		return e.File.Owner
	case len(names) > 3:
		return fmt.Sprintf("%s (%d links)", e.File.Owner, len(names))
	}
	return strings.Join(names, ", ")
}
