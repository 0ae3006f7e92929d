package daemon

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"linkd/internal/desired"
	"linkd/internal/journal"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// stray is by what a book knows something that nobody declared.
type stray struct {
	kind, ref string
	class     resource.Class
}

// noteStrays writes down what stands in the clouds that the file has no place
// for, and returns what is new or gone of it. Of a cloud that could not be
// read whole nothing is gone.
func (b *book) noteStrays(strays []resource.Stray) []journal.Entry {
	var entries []journal.Entry
	standing := map[stray]bool{}
	for _, s := range strays {
		key := stray{s.Kind, s.Ref, s.Class}
		standing[key] = true
		if !b.strays[key] {
			b.strays[key] = true
			entries = append(entries, strayEntry(journal.Appeared, key, strayText(s)))
		}
	}
	known := slices.SortedFunc(maps.Keys(b.strays), func(a, b stray) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.ref, b.ref), cmp.Compare(a.class, b.class))
	})
	for _, key := range known {
		if !standing[key] && !b.unseen[resource.ID(key.kind).Cloud()] {
			delete(b.strays, key)
			entries = append(entries, strayEntry(journal.Gone, key, "it is no longer there, or has its place in the file"))
		}
	}
	return entries
}

func strayEntry(event journal.Event, s stray, text string) journal.Entry {
	return journal.Entry{
		Event: event, Resource: s.kind + " " + s.ref, Drift: s.kind + "." + string(s.class), Class: string(s.class),
		Decision: string(desired.Report), Held: string(reconcile.HeldUnowned), Text: text,
	}
}

func strayText(s resource.Stray) string {
	if s.ID == "" {
		return "the file has no place for it, and linkd leaves it"
	}
	return fmt.Sprintf("it carries the tags of %s, and linkd leaves it", s.ID)
}
