package resource

import (
	"context"
	"maps"
	"slices"
)

// Resource is one thing of the link: a hub, a site, a table of routes, the
// status of a tunnel. The adapters implement it, one file a kind, and hold no
// state that the cloud can answer.
type Resource interface {
	ID() ID
	Kind() *Kind

	// Needs lists what must have come how far before this one can be wanted
	// or written. Want and Read see the world of these and of itself only.
	Needs() []Need

	// Locks names what the cloud writes one at a time with this resource, for
	// instance "azure/vpn-gateway/tokyo": two writes that share a name never
	// run at once. Reads take no locks.
	Locks() []string

	// Want computes what the file wants of it. It is pure. It returns a
	// [NotYet] error while a needed fact is missing, and another error when no
	// world can satisfy the file (two prefixes that overlap live). A [Partly] error is
	// beside a Spec of all that can be told. The Owner of the Spec counts also beside an
	// error: whose a thing is does not wait.
	Want(World) (Spec, error)

	// Read asks the cloud about this one resource. That it is absent is not an
	// error, nor is a failed resource; an error means that nothing was learned.
	// The engine calls it while it waits; a whole scope is read by a sweep.
	Read(context.Context, World) (Live, error)

	// Apply makes the resource as want says: it creates when now is Absent and
	// updates otherwise. It returns once the cloud has accepted the operation,
	// without waiting for its end. It is safe to repeat, but for the create of a
	// kind with Doubt, which the engine guards. What want does not name is left
	// as it is. It is never called for a Given kind.
	Apply(ctx context.Context, want Spec, now Live) error

	// Delete asks the cloud to remove it. Absent is not an error.
	Delete(ctx context.Context, now Live) error
}

// Heeder is a resource of which what is wanted depends on how others stand,
// beside those that it needs: which of two ways carries, for instance. It does not
// wait for them, and one that is not known is to change nothing.
type Heeder interface {
	Resource

	// Heeds lists the others whose state Want may look at. None of them needs it,
	// and in a destroy it goes before them.
	Heeds() []ID

	// Spares lists those of its needs that it can do without as the world stands:
	// what it is to lead away from need not stand first. It is pure.
	Spares(World) []ID
}

// Waiter is a resource of which some changes wait until another carries what it
// carries: of two connections of a link one is made anew at a time.
type Waiter interface {
	Resource

	// Waits tells by attribute why a change of it must wait as the whole world
	// stands, as a clause; by "<attribute>.extra" why members that nobody declared must
	// not be taken away yet. It is pure.
	Waits(World) map[string]string
}

// Need is one requirement of a resource: On must have come to At. It waits for what
// is Soft as for the rest, and goes on without once that has failed, or is held: only
// a part of it needs that, and its Want, which is [Partly] then, builds on none that
// is not linkd's.
type Need struct {
	On   ID
	At   Phase
	Soft bool
}

// Spec is what the file wants of one resource. Attrs may hold more than the
// rows of its kind: what a create call needs besides.
type Spec struct {
	Attrs   Attrs
	Secrets Secrets
	// Owner is the tag value that must stand on it; "" asks for none: a kind
	// without tags, or one that the file adopts.
	Owner string
	// Turns are, by attribute of Members, those that are to take the place of
	// others of linkd's own.
	Turns map[string][]Turn
}

// Turn is linkd's own change of mind about members of one attribute: what it
// wants of them depends on how others stand, and that has changed. What stands is
// not missing and not undeclared: it is to be replaced.
type Turn struct {
	Of string // whose members they are, for instance a link's
	// Instead holds the member that is wanted by the one that stands in its place.
	Instead map[string]string
	Why     string // as a clause
	Breaks  string // what does not work until it is done, as a clause
}

// stands are the members that others are to take the place of.
func (t Turn) stands() Value { return Of(slices.Collect(maps.Keys(t.Instead))...) }

// Turning lists the members of an attribute that are linkd's own and that others
// are to take the place of.
func (s Spec) Turning(attr string) Value {
	var all Value
	for _, turn := range s.Turns[attr] {
		all = all.Union(turn.stands())
	}
	return all
}
