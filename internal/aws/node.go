package aws

import (
	"context"

	"linkd/internal/resource"
)

// node is a resource of this cloud.
type node interface {
	resource.Resource

	// place is the region it stands in.
	place() *region

	// look makes the calls that a single read needs.
	look(ctx context.Context, world resource.World, s *seen)

	// live is what the calls say about it: pure, the same for a sweep and for a
	// single read. An error means that nothing was learned.
	live(s *seen, world resource.World) (resource.Live, error)
}

// base is what the resources of all kinds share.
type base struct {
	cloud  *Cloud
	id     resource.ID
	kind   *resource.Kind
	needs  []resource.Need
	region *region
}

// ID returns the id.
func (b base) ID() resource.ID { return b.id }

// Kind returns the row of the table of kinds.
func (b base) Kind() *resource.Kind { return b.kind }

// Needs lists what must stand before.
func (b base) Needs() []resource.Need { return b.needs }

// Locks names nothing: EC2 takes writes to different resources at once, and
// answers IncorrectState where it does not.
func (b base) Locks() []string { return nil }

func (b base) place() *region { return b.region }

// owner is the tag value that must stand on a resource that the file does not adopt.
func (b base) owner(adopt bool) string {
	if adopt {
		return ""
	}
	return b.cloud.file.Owner
}

// read makes the calls of one node and judges them.
func read(ctx context.Context, n node, b base, world resource.World) (resource.Live, error) {
	s := newSeen(b.cloud, b.region)
	n.look(ctx, world, s)
	live, err := n.live(s, world)
	if err != nil {
		return resource.Live{}, err
	}
	return b.cloud.memory.settle(b.id, live), nil
}

// made notes a create that was accepted, and what it is called.
func (b base) made(ref string) {
	b.cloud.memory.create(b.id, resource.Live{
		Phase: resource.Pending, Ref: ref, Owner: b.cloud.file.Owner, Why: "EC2 does not list it yet",
	})
}

// softly needs each of ids to have settled, or to have come to another end.
func softly(ids ...resource.ID) []resource.Need {
	needs := ready(ids...)
	for i := range needs {
		needs[i].Soft = true
	}
	return needs
}

// given is the writing half of a kind that is only watched.
type given struct{}

// Apply does nothing: the engine never calls it for a given kind.
func (given) Apply(context.Context, resource.Spec, resource.Live) error { return nil }

// Delete does nothing: what is the user's own stays.
func (given) Delete(context.Context, resource.Live) error { return nil }

// ready needs each of ids to have settled.
func ready(ids ...resource.ID) []resource.Need {
	needs := make([]resource.Need, len(ids))
	for i, id := range ids {
		needs[i] = resource.Need{On: id, At: resource.Ready}
	}
	return needs
}
