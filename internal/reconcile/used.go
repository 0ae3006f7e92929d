package reconcile

import (
	"fmt"
	"slices"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// What nobody declared may still be used: a site's link by the connection that dials
// it. It goes after its user has let go of it, in the same walk where that may be, and
// stays where its user is held, or fails.

// use is what another resource still has of the members that a drift would take away.
type use struct {
	by      resource.ID
	row     resource.Attr
	members resource.Value
}

// uses lists who still uses, as the world shows it, what mending a drift would take away.
func (g *Graph) uses(world resource.World, d resource.Drift) []use {
	row, known := g.resources[d.ID].Kind().Attr(d.Attr)
	if !known || row.UsedBy == "" || d.Class != resource.Extra {
		return nil
	}
	var all []use
	for _, id := range g.dependents[d.ID] {
		for _, attr := range g.resources[id].Kind().Attrs {
			members := d.Have.Without(d.Have.Without(world[id].Attrs[attr.Name]))
			if g.resources[id].Kind().Name+"."+attr.Name == row.UsedBy && len(members) > 0 {
				all = append(all, use{by: id, row: attr, members: members})
			}
		}
	}
	return all
}

// spareUsed holds, of all that a plan would mend, what takes away members that others
// keep: their own change is held.
func (g *Graph) spareUsed(world resource.World, all [][]Decided) {
	of := make(map[resource.ID][]Decided, len(all))
	for i, id := range g.order {
		of[id] = all[i]
	}
	for _, decided := range all {
		for i := range decided {
			if decided[i].Action != desired.Repair {
				continue
			}
			for _, use := range g.uses(world, decided[i].Drift) {
				if why, keeps := use.kept(of[use.by]); keeps {
					decided[i].hold(HeldOrder, use.because(why))
				}
			}
		}
	}
}

// kept tells whether the user goes on using its members by what is decided about it,
// and why. One of which that cannot be told yet is judged in the walk.
func (u use) kept(decided []Decided) (why string, keeps bool) {
	left := u.members
	for _, d := range decided {
		switch {
		case d.Class == resource.Blocked && d.Attr == "", d.Class == resource.BusyNow, d.Action == desired.Repair && d.Fix == resource.Replace:
			return "", false
		case d.Class == resource.Unowned:
			why = d.Why
		case d.Attr != u.row.Name || d.Class != resource.Extra:
		case d.Action == desired.Repair:
			left = left.Without(d.Have)
		default:
			why = d.Because
		}
	}
	return why, len(left) > 0
}

// because says why something is left as it is that is still used.
func (u use) because(why string) string {
	text := fmt.Sprintf("%s still uses %s", u.by, u.members)
	if why != "" {
		text += ": " + why
	}
	return text
}

// spareUsed does so in a walk, by how the users stand there: what they use is held once
// they have come to their end. Until then it is left out of what is decided, and the
// users are listed. The board must not change meanwhile.
func (c *converge) spareUsed(world resource.World, decided []Decided) (left []Decided, waitsFor []resource.ID) {
	for _, d := range decided {
		uses := c.Graph.uses(world, d.Drift)
		if d.Action != desired.Repair || len(uses) == 0 {
			left = append(left, d)
			continue
		}
		under := slices.DeleteFunc(slices.Clone(uses), func(u use) bool { _, ended := c.board.outcomes[u.by]; return ended })
		if len(under) == 0 {
			d.hold(HeldOrder, uses[0].because(""))
			left = append(left, d)
		}
		for _, use := range under {
			waitsFor = append(waitsFor, use.by)
		}
	}
	return left, waitsFor
}
