package resource

import (
	"fmt"
	"maps"
	"strings"
	"time"
)

// ID names a resource: cloud, kind and name, "azure/vpn-site/tokyo". It is
// computed from the file and is the same after every restart.
type ID string

// Cloud is the first part of an id, or of a kind: azure or aws.
func (id ID) Cloud() string {
	cloud, _, _ := strings.Cut(string(id), "/")
	return cloud
}

// Phase is how far a resource has come. The order is the order of a life, so
// that a need can ask for "at least Created".
type Phase int

// The phases of a resource. The zero Phase is Unknown: what was not read, or
// could not be, is never taken for well.
const (
	Unknown  Phase = iota
	Absent         // the cloud says there is none
	Deleting       // on its way out: wait, then Absent
	Failed         // an operation on it failed
	Pending        // an operation runs and what others need of it is not there
	Created        // it stands with the facts that others need, but has not settled
	Ready          // it stands and has settled
)

// String is the phase as plans and graphs show it.
func (p Phase) String() string {
	names := [...]string{"unknown", "absent", "deleting", "failed", "pending", "created", "ready"}
	if p < 0 || int(p) >= len(names) {
		return "unknown"
	}
	return names[p]
}

// Live is what a cloud says about one resource now. Facts have an age, AsOf.
type Live struct {
	Phase Phase
	// Ref is the cloud's own name for it: an ARM id, "vpn-0abc…".
	Ref string
	// Owner is the ownership tag, or "" when it has none. A kind that cannot
	// carry tags takes its parent's.
	Owner string
	// NotOurs says of something that stands in the place of ours without its
	// tags why it is not taken for ours, and how that is mended; or it is "".
	NotOurs string
	// Attrs hold the compared attributes and, beside them, facts.
	Attrs   Attrs
	Secrets Secrets
	// Why explains Unknown and Failed, and what a Pending one waits for, as a
	// clause: "routing state is Provisioning".
	Why  string
	AsOf time.Time
	// Defect says of an Unknown one that the reason is a defect of linkd's.
	Defect bool
}

// DefectOf is what is known of a resource when looking at it has panicked.
func DefectOf(cause any, now time.Time) Live {
	return Live{Why: fmt.Sprintf("this is a defect of linkd: %v", cause), AsOf: now, Defect: true}
}

// Stray is something in the scope that carries our tags, or stands where only
// our own should, and that no resource of the file accounts for.
type Stray struct {
	Class Class // Orphan, Duplicate or Extra
	Kind  string
	ID    ID     // of its id tag, or "" when it has none
	Ref   string // the cloud's own name
	Owner string
	// On are the cloud's own names of what it stands on, which therefore
	// cannot go before it.
	On []string
}

// World is what is known of both clouds: each resource by its id. A resource
// that is not in the map is Unknown.
type World map[ID]Live

// Only returns the part of the world that holds the ids, so that a resource
// can see no more than what it declared to need.
func (w World) Only(ids ...ID) World {
	view := make(World, len(ids))
	for _, id := range ids {
		if live, ok := w[id]; ok {
			view[id] = live
		}
	}
	return view
}

// Fact returns the attribute of the resource id, or a [NotYet] error when the
// resource does not stand yet or does not say.
func (w World) Fact(id ID, attr string) (Value, error) {
	if value, ok := w[id].Attrs[attr]; ok && w[id].Phase >= Created {
		return value, nil
	}
	return nil, NotYet{Need: id, What: attr}
}

// Ref returns the cloud's own name of the resource id, or a [NotYet] error
// when it does not stand yet.
func (w World) Ref(id ID) (string, error) {
	if live := w[id]; live.Ref != "" && live.Phase >= Created {
		return live.Ref, nil
	}
	return "", NotYet{Need: id}
}

// Secret returns the named secret of the resource id, or a [NotYet] error.
func (w World) Secret(id ID, name string) (Secret, error) {
	if live := w[id]; live.Phase >= Created && !live.Secrets[name].IsZero() {
		return live.Secrets[name], nil
	}
	return Secret{}, NotYet{Need: id, What: name}
}

// NotYet says that a fact is missing because the resource it comes from does
// not stand yet. It is an error of patience, not of fault.
type NotYet struct {
	Need ID
	What string // the fact, or "" for the resource itself
}

// Error implements error, as a plan prints it.
func (n NotYet) Error() string {
	if n.What == "" {
		return "known after " + string(n.Need)
	}
	return fmt.Sprintf("known after %s (%s)", n.Need, n.What)
}

// Merge copies the resources of other into w.
func (w World) Merge(other World) { maps.Copy(w, other) }
