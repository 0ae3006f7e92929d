package azure

import (
	"net/http"
	"time"
)

// patch replaces the tags of a resource.
func (c *Cloud) patch(q *request, k *kind) (answer, *failure) {
	if !k.located {
		return answer{}, methodNotAllowed(q.method)
	}
	n, problem := c.lookUp(q, k, "write")
	if problem != nil {
		return answer{}, problem
	}
	if problem := c.atRest(n.root()); problem != nil {
		return answer{}, problem
	}
	n.body["tags"] = child(clone(q.body), "tags")
	if n.works != nil {
		n.works["tags"] = clone(n.body["tags"])
	}
	n.root().etag = c.newETag()
	if !k.patchLRO {
		return ok(c.render(n, false))
	}
	c.setState(n, "Updating")
	o := c.begin(q, n, c.takes(n, "tags"), nil, func(o *operation, _ time.Time) { c.settle(n, o) })
	c.lock(n, o)
	return answer{status: http.StatusAccepted, header: o.accepted(true), body: c.render(n, false), retryAfter: o.wait()}, nil
}
