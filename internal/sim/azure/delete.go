package azure

import (
	"net/http"
	"time"
)

// delete removes a resource. What is not there is no error.
func (c *Cloud) delete(q *request, k *kind) (answer, *failure) {
	if k.readOnly {
		return answer{}, methodNotAllowed(q.method)
	}
	g := c.groupOf(q)
	n := c.find(q.target.resourceID(k, g))
	if n == nil {
		return answer{status: http.StatusNoContent}, nil
	}
	if problem := c.deletable(n); problem != nil {
		return answer{}, problem
	}
	o := c.begin(q, n, c.takes(n, "delete"), nil, func(o *operation, _ time.Time) { c.settleDelete(n, o) })
	c.setState(n, "Deleting")
	c.stopWorking(n)
	c.lock(n, o)
	return answer{status: http.StatusAccepted, header: o.accepted(true), retryAfter: o.wait()}, nil
}

func (c *Cloud) deletable(n *node) *failure {
	root := n.root()
	if root == n && n.writing != nil && n.kind.collection() == "vpnGateways" {
		return gatewayBusy(n.id)
	}
	if problem := c.atRest(root); problem != nil {
		return problem
	}
	if n.kind.inUse != nil {
		return n.kind.inUse(c, n)
	}
	return nil
}

// stopWorking takes a node and all below it out of force: a gateway that is
// being deleted serves no longer.
func (c *Cloud) stopWorking(n *node) {
	n.works = nil
	for _, below := range n.kids {
		c.stopWorking(below)
	}
	c.changed()
}

func (c *Cloud) settleDelete(n *node, o *operation) {
	c.unlock(o)
	if !c.there(n) {
		return
	}
	if o.failed != nil {
		c.setState(n, "Failed")
		n.root().etag = c.newETag()
		return
	}
	n.root().etag = c.newETag()
	c.remove(n)
}
