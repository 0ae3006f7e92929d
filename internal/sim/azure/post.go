package azure

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// action is a POST on a resource: what it answers, worked out when its
// operation ends.
type action struct {
	writes bool // it keeps the family busy
	check  func(c *Cloud, q *request, n *node) *failure
	takes  func(c *Cloud, q *request, n *node) time.Duration // nil: as the table of durations says
	doom   func(c *Cloud, n *node) *failure                  // nil: it succeeds
	after  func(n *node)                                     // when it is over
	output func(c *Cloud, n *node, body object, at time.Time) any
}

// post does an action: 202 with the body null, an operation to poll, and a
// Location that answers with the bare value.
func (c *Cloud) post(q *request) (answer, *failure) {
	t := q.target.posted()
	q.target = t
	k := c.kindAt(t.provider, t.path)
	if k == nil || t.action == "" || t.group == "" {
		return answer{}, noSuchRoute(strings.Join(t.path, "/") + "/" + t.action)
	}
	name, act := k.actionNamed(t.action)
	if name == "" {
		return answer{}, noSuchRoute(k.typ() + "/" + t.action)
	}
	n, problem := c.lookUp(q, k, "action")
	if problem != nil {
		return answer{}, problem
	}
	if act.check != nil {
		if problem := act.check(c, q, n); problem != nil {
			return answer{}, problem
		}
	}
	if act.writes {
		if problem := c.atRest(n.root()); problem != nil {
			return answer{}, problem
		}
	}
	body := clone(q.body)
	takes := c.takes(n, name)
	if act.takes != nil {
		takes = act.takes(c, q, n)
	}
	o := c.begin(q, n, takes, nil, func(o *operation, at time.Time) {
		c.unlock(o)
		if o.failed == nil {
			o.failed = act.doomed(c, n)
		}
		if o.failed == nil && c.there(n) && act.output != nil {
			o.output = act.output(c, n, body, at)
		}
		if act.after != nil {
			act.after(n)
		}
	})
	if act.writes {
		c.lock(n, o)
	}
	return answer{status: http.StatusAccepted, header: o.accepted(true), body: json.RawMessage("null"), retryAfter: o.wait()}, nil
}

func (a action) doomed(c *Cloud, n *node) *failure {
	if a.doom == nil {
		return nil
	}
	return a.doom(c, n)
}

func (k *kind) actionNamed(name string) (string, action) {
	for known, act := range k.actions {
		if same(known, name) {
			return known, act
		}
	}
	return "", action{}
}
