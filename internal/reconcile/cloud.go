package reconcile

import (
	"context"

	"linkd/internal/resource"
)

// Cloud is one side of the link, as the engine needs it. The Azure and the
// AWS adapter are the two.
type Cloud interface {
	// Name is "azure" or "aws", the first part of its resources' ids.
	Name() string

	// Resources lists every resource that the file wants of this cloud. The
	// order is that of the file, and means nothing to the engine.
	Resources() []resource.Resource

	// Check proves that the credentials work and belong to the accounts or
	// subscriptions that the file names: those in which some resources stand, or, when none
	// are given, all. The engine calls it before the first write of a run. Its error is a
	// [resource.Problem] or a sentence.
	Check(ctx context.Context, of ...resource.ID) error

	// Sweep reads the whole scope in as few calls as the API allows and answers
	// for every resource of Resources, and for what has no place in the file.
	// What it could not read is in the World as Unknown, with the reason; the
	// rest is answered all the same.
	Sweep(context.Context) (resource.World, []resource.Stray)

	// SweepTunnels reads the status of the expected pairs alone, as this cloud
	// sees it, in fewer calls. What it could not read is Unknown.
	SweepTunnels(context.Context) resource.World
}
