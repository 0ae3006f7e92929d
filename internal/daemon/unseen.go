package daemon

import (
	"fmt"

	"linkd/internal/journal"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// wholeUnseen reports whether nothing was learned of a resource.
func wholeUnseen(d reconcile.Decided) bool { return d.Class == resource.Unseen && d.Attr == "" }

// noteUnseen notes that a cloud can no longer be read, or can again.
func (b *book) noteUnseen(plan reconcile.Plan) []journal.Entry {
	unseen := map[string]string{}
	for _, step := range plan.Steps {
		for _, d := range step.Drifts {
			if cloud := d.ID.Cloud(); wholeUnseen(d) && unseen[cloud] == "" {
				unseen[cloud] = d.Why
			}
		}
	}
	var entries []journal.Entry
	for _, cloud := range []string{"azure", "aws"} {
		why, now := unseen[cloud]
		switch was := b.unseen[cloud]; {
		case now && !was:
			entries = append(entries, journal.Entry{Event: journal.Unseen, Text: fmt.Sprintf("a part of %s could not be read: %s", cloud, why)})
		case !now && was:
			entries = append(entries, journal.Entry{Event: journal.Seen, Text: cloud + " could be read whole again"})
		}
		b.unseen[cloud] = now
	}
	return entries
}
