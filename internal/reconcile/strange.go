package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// strange returns a need of r that stands under our name and is not ours.
// Nothing is made in or on it: it may be anybody's.
func (g *Graph) strange(r resource.Resource, world resource.World) (resource.ID, bool) {
	for _, need := range r.Needs() {
		on, live := g.resources[need.On], world[need.On]
		if on.Kind().Given || live.Phase <= resource.Deleting || need.Soft {
			continue
		}
		want, _ := Wanted(on, world) // the owner is told whatever else is not known yet
		if want.Owner != "" && live.Owner != want.Owner {
			return need.On, true
		}
	}
	return "", false
}

// spare holds what a repair would build on something that is not ours.
func (g *Graph) spare(r resource.Resource, world resource.World, decided []Decided) []Decided {
	if len(decided) == 0 {
		return decided
	}
	decided = withoutKeys(r, world, yield(r.Kind(), world[r.ID()], decided))
	on, strange := g.strange(r, world)
	if !strange {
		return decided
	}
	return hold(r.Kind(), decided, HeldUnowned, fmt.Sprintf("%s is not linkd's, and nothing is built on it", on))
}

// yield holds the routes of a table that is not ours whose destination leads
// elsewhere by a route that is held: writing ours would take that one away.
func yield(kind *resource.Kind, live resource.Live, decided []Decided) []Decided {
	if !kind.Shared || live.Owner != "" {
		return decided
	}
	held := map[string]string{}
	for _, d := range decided {
		if d.Class == resource.Extra && d.Action != desired.Repair {
			for _, member := range d.Have {
				destination, target, _ := strings.Cut(member, " ")
				held[destination] = target
			}
		}
	}
	var all []Decided
	for _, d := range decided {
		var open, blocked []string
		for _, member := range d.Want {
			destination, _, _ := strings.Cut(member, " ")
			if target, taken := held[destination]; taken && !strings.HasPrefix(target, "blackhole") {
				blocked = append(blocked, member)
				continue
			}
			open = append(open, member)
		}
		if d.Class != resource.Differs || d.Action != desired.Repair || len(blocked) == 0 {
			all = append(all, d)
			continue
		}
		if len(open) > 0 {
			mended := d
			mended.Want = resource.Of(open...)
			all = append(all, mended)
		}
		d.Want, d.Action = resource.Of(blocked...), desired.Report
		d.Because = "the table is not linkd's and leads there by another route: delete that one, or let a rule repair " + d.Key() + ".extra"
		all = append(all, d)
	}
	return all
}

// hold keeps policy's word on all but what would be made: the resource, or
// members of a table that is shared.
func hold(kind *resource.Kind, decided []Decided, reason HoldReason, because string) []Decided {
	for i, d := range decided {
		if d.Class == resource.Missing || kind.Shared && d.Class == resource.Differs {
			decided[i].hold(reason, because)
		}
	}
	return decided
}

// spared holds what is missing and not made, and why in one word: it would stand on
// what is not ours, or on what cannot be made without its keys, directly or by way of
// others.
type spared map[resource.ID]HoldReason

// decide adds to what policy says of the drifts of one resource what is
// spared.
func (s spared) decide(g *Graph, r resource.Resource, world resource.World, decided []Decided) []Decided {
	if len(decided) == 0 {
		return decided
	}
	reason := NotHeld
	if _, strange := g.strange(r, world); strange {
		reason = HeldUnowned
	}
	decided = g.spare(r, world, decided)
	if slices.ContainsFunc(decided, func(d Decided) bool { return d.Held == HeldKeys }) {
		reason = HeldKeys
	}
	for _, need := range r.Needs() {
		if s[need.On] != NotHeld && !need.Soft && reason == NotHeld {
			reason = s[need.On]
			decided = hold(r.Kind(), decided, reason, fmt.Sprintf("it needs %s, which is not made", need.On))
		}
	}
	if world[r.ID()].Phase == resource.Absent {
		s[r.ID()] = reason
	}
	return decided
}
