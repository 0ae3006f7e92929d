package daemon

import (
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// masked is what an audit could not judge, because of how a resource stands as
// a whole, or because the cloud did not show an attribute. Of that, nothing that
// was seen before is gone, and no repair is proved.
type masked struct {
	whole map[resource.ID]resource.Class
	attrs map[attribute]bool
}

type attribute struct {
	id   resource.ID
	name string
}

func newMasked() masked {
	return masked{whole: map[resource.ID]resource.Class{}, attrs: map[attribute]bool{}}
}

// add notes what a difference hides.
func (m masked) add(d reconcile.Decided) {
	switch {
	case d.Attr == "" && d.Class != resource.FailedNow && d.Member != resource.InPart: // of what failed the attributes are compared all the same, and of what is blocked in part
		m.whole[d.ID] = d.Class
	case d.Attr != "" && d.Class == resource.Unseen:
		m.attrs[attribute{d.ID, d.Attr}] = true
	}
}

// hides reports whether it cannot be told whether an earlier difference is
// still there. What is not there, or not ours, has no attributes to look at.
func (m masked) hides(before reconcile.Decided) bool {
	switch m.whole[before.ID] {
	case resource.Unseen, resource.BusyNow, resource.Blocked:
		return true
	case resource.Missing, resource.Unowned:
		return before.Attr != ""
	}
	return m.attrs[attribute{before.ID, before.Attr}]
}
