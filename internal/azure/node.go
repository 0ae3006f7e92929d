package azure

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// node is what every resource of this side has.
type node struct {
	cloud *Cloud
	at    *scope
	id    resource.ID
	kind  *resource.Kind
	needs []resource.Need
	locks []string
}

// ID implements resource.Resource.
func (n node) ID() resource.ID { return n.id }

// Kind implements resource.Resource.
func (n node) Kind() *resource.Kind { return n.kind }

// Needs implements resource.Resource.
func (n node) Needs() []resource.Need { return n.needs }

// Locks implements resource.Resource.
func (n node) Locks() []string { return n.locks }

// scope is where it stands.
func (n node) scope() *scope { return n.at }

// watched is a node that is only read.
type watched struct{ node }

// Apply implements resource.Resource; the engine never calls it.
func (w watched) Apply(context.Context, resource.Spec, resource.Live) error {
	return fmt.Errorf("cannot change %s: linkd only watches it", w.id)
}

// Delete implements resource.Resource; the engine never calls it.
func (w watched) Delete(context.Context, resource.Live) error {
	return fmt.Errorf("cannot delete %s: linkd only watches it", w.id)
}

// tags are what a create call writes: the file's tags and, unless the
// resource is adopted, the two that mark it as ours.
func (n node) tags(owner string) map[string]*string {
	tags := make(map[string]*string, len(n.cloud.file.Azure.Tags)+2)
	for name, value := range n.cloud.file.Azure.Tags {
		tags[name] = to.Ptr(value)
	}
	if owner != "" {
		tags[desired.OwnerTag] = to.Ptr(owner)
		tags[desired.IDTag] = to.Ptr(string(n.id))
	}
	return tags
}

// ownerUnless is the owner that must stand on a resource, or none when the
// file adopts it.
func (c *Cloud) ownerUnless(adopted bool) string {
	if adopted {
		return ""
	}
	return c.file.Owner
}

// tag reads a tag; Azure keeps the case of tag names but compares without it.
func tag(tags map[string]*string, name string) string {
	if value, found := tags[name]; found {
		return at(value)
	}
	for key, value := range tags {
		if equalFold(key, name) {
			return at(value)
		}
	}
	return ""
}

// phaseOf is the phase that a provisioning state stands for. Azure says
// Updating also of what is being created.
func phaseOf(state *armnetwork.ProvisioningState) resource.Phase {
	switch at(state) {
	case armnetwork.ProvisioningStateSucceeded:
		return resource.Ready
	case armnetwork.ProvisioningStateFailed, armnetwork.ProvisioningStateCanceled:
		return resource.Failed
	case armnetwork.ProvisioningStateDeleting:
		return resource.Deleting
	}
	return resource.Pending
}

// waitingFor explains a phase that is not Ready by the states behind it.
func waitingFor(phase resource.Phase, state *armnetwork.ProvisioningState) string {
	if phase == resource.Ready || phase == resource.Failed {
		return ""
	}
	return "provisioning state is " + string(at(state))
}

// found completes what was read of a resource that is there: when it was,
// and why it failed.
func (c *Cloud) found(ctx context.Context, id resource.ID, live resource.Live) resource.Live {
	live.AsOf = time.Now()
	if live.Phase == resource.Failed {
		live.Why = c.whyFailed(ctx, id, live.Why)
	}
	return live
}

// notFound turns the error of a read into an absent resource when it says so,
// by its status: the code differs between the provider and the manager.
func (c *Cloud) notFound(ctx context.Context, id resource.ID, action string, err error) (resource.Live, error) {
	if !isAbsent(err) {
		return resource.Live{}, problem(action, err)
	}
	return resource.Live{Phase: resource.Absent, Why: c.whyGone(ctx, id), AsOf: time.Now()}, nil
}

// isAbsent reports whether err says that the resource does not exist, though
// the subscription does.
func isAbsent(err error) bool {
	answer, ok := errors.AsType[*azcore.ResponseError](err)
	return ok && answer.StatusCode == http.StatusNotFound && !equalFold(answer.ErrorCode, "SubscriptionNotFound")
}
