package azure

import (
	"fmt"
	"time"
)

// peeringWait is what a VNet with a write under way tells to wait; recorded.
const peeringWait = 12 * time.Second

// lock keeps a node's family busy, and what else its kind names.
func (c *Cloud) lock(n *node, o *operation) {
	n.root().writing = o
	if n.kind.alsoLocks != nil {
		for _, other := range n.kind.alsoLocks(c, n) {
			other.root().writing = o
		}
	}
}

// unlock frees all that an operation kept busy.
func (c *Cloud) unlock(o *operation) {
	for _, n := range c.order {
		if n.writing == o {
			n.writing = nil
		}
	}
}

// atRest says that nobody writes to a family: hubs and gateways answer 409
// with the operation's URL, VNets, filters and tables 429 with a detail.
func (c *Cloud) atRest(root *node) *failure {
	if root.writing == nil {
		return nil
	}
	if quickKinds[root.kind.collection()] {
		return retryable("RetryableErrorDueToAnotherOperation", fmt.Sprintf(
			"Operation PutVirtualNetworkPeeringOperation (%s) is updating resource %s. The call can be retried in %d seconds.",
			root.writing.id, root.id, peeringWait/time.Second), peeringWait)
	}
	return busy(root.writing.url("operations"))
}

// dependable says that a resource that is referred to is at rest. Its own
// family, which atRest has seen to, is no obstacle.
func (c *Cloud) dependable(target, family *node) *failure {
	if family != nil && target.root() == family.root() {
		return nil
	}
	if quickKinds[target.root().kind.collection()] && target.root().writing != nil {
		return c.atRest(target.root())
	}
	if target.state != "Succeeded" {
		return notProvisioned(target.id, target.state)
	}
	return nil
}
