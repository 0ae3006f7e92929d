package azure

import (
	"cmp"
	"context"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"linkd/internal/resource"
)

// operations remembers the last write of this process to each resource. It is
// only asked why a resource failed: the resource itself tells that it did.
// After a restart the reason is lost, and nothing else.
type operations struct {
	guard sync.Mutex
	last  map[resource.ID]*operation
}

type operation struct {
	guard  sync.Mutex
	poll   func(context.Context) error // the error with which it ended, or nil
	reason string
}

// follow takes what a Begin call gave: the operation is accepted, or not. The
// secrets are those that the call carried; no error repeats them.
func follow[T any](c *Cloud, id resource.ID, action string, poller *runtime.Poller[T], err error, secrets ...resource.Secrets) error {
	if err != nil {
		return hide(problem(action, err), secrets...)
	}
	c.operations.remember(id, func(ctx context.Context) error {
		// A look that fails says nothing of how the operation ended.
		_, lookErr := poller.Poll(ctx)
		if lookErr == nil && poller.Done() {
			if _, err := poller.Result(ctx); err != nil {
				return hide(problem(action, err), secrets...)
			}
		}
		return nil
	})
	return nil
}

// gone is follow for a delete, which finds nothing to delete as good as done.
func gone[T any](c *Cloud, id resource.ID, action string, poller *runtime.Poller[T], err error) error {
	if isAbsent(err) {
		return nil
	}
	return follow(c, id, action, poller, err)
}

func (o *operations) remember(id resource.ID, poll func(context.Context) error) {
	o.guard.Lock()
	defer o.guard.Unlock()
	if o.last == nil {
		o.last = map[resource.ID]*operation{}
	}
	o.last[id] = &operation{poll: poll}
}

func (o *operations) of(id resource.ID) *operation {
	o.guard.Lock()
	defer o.guard.Unlock()
	return o.last[id]
}

// why asks the operation once how it ended, and keeps the answer.
func (o *operation) why(ctx context.Context) string {
	o.guard.Lock()
	defer o.guard.Unlock()
	if o.reason == "" {
		if err := o.poll(ctx); err != nil {
			o.reason = faultOf(err)
		}
	}
	return o.reason
}

// whyFailed says why a resource failed: in the words of our own operation on
// it, or else in the reader's, or in general ones.
func (c *Cloud) whyFailed(ctx context.Context, id resource.ID, otherwise string) string {
	if operation := c.operations.of(id); operation != nil {
		otherwise = cmp.Or(operation.why(ctx), otherwise)
	}
	return cmp.Or(otherwise, "the last operation on it failed; Azure's activity log tells why")
}

// whyGone says why a resource that this process wrote is not there, or "".
func (c *Cloud) whyGone(ctx context.Context, id resource.ID) string {
	if operation := c.operations.of(id); operation != nil {
		return operation.why(ctx)
	}
	return ""
}
