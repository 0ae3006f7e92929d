package daemon

import (
	"cmp"
	"time"

	"linkd/internal/desired"
	"linkd/internal/journal"
	"linkd/internal/reconcile"
)

// EntryOf tells something of a difference; a text of "" describes it. Its values
// are empty for a secret.
func EntryOf(file *desired.File, event journal.Event, d reconcile.Decided, text string) journal.Entry {
	if text == "" {
		text = d.Describe()
	}
	return journal.Entry{
		Event: event, Link: file.LinkOf(d.ID), Resource: string(d.ID), Drift: d.Key(), Member: d.Member,
		Class: string(d.Class), Decision: string(d.Action), Held: string(d.Held),
		Want: d.Want, Have: d.Have, Text: text,
	}
}

// patience is how long to wait after so many failures in a row.
func patience(failures int) time.Duration { return min(firstPause<<min(failures-1, 10), longestWait) }

func compareDifferences(a, b reconcile.Difference) int {
	return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Member, b.Member))
}
