package azure

import (
	"net/http"
	"strings"
	"time"
)

// operation is a long-running operation.
type operation struct {
	id       string
	location string
	version  string
	base     string
	sub      string
	began    time.Time
	polls    int
	done     bool
	ended    time.Time
	failed   *failure
	method   string
	output   any // of a POST
	result   *node
	quick    bool // VNets, filters, tables: polled sooner
}

// operationLife is how long a finished operation can be asked for. Users
// report that old ones are not found; how old is a guess.
const operationLife = 24 * time.Hour

// operationsKept is how many finished operations can still be asked for. Each
// has its answer, and whoever looks at many hubs for days makes hundreds of
// thousands.
const operationsKept = 2000

// schedule is the Retry-After of the acceptance and of each poll, as recorded:
// the last figure stays.
var (
	schedule      = []time.Duration{10, 10, 20, 20, 40, 40, 80, 160, 100}
	quickSchedule = []time.Duration{3, 10}
)

func (o *operation) wait() time.Duration {
	row := schedule
	if o.quick {
		row = quickSchedule
	}
	return row[min(o.polls, len(row)-1)] * time.Second
}

// provider is whose operation it is.
func (o *operation) provider() string {
	if o.result.kind.provider == "" {
		return network
	}
	return o.result.kind.provider
}

// url is where an operation is polled, absolute and on the client's own host.
func (o *operation) url(what string) string {
	return o.base + "/subscriptions/" + o.sub + "/providers/" + o.provider() + "/locations/" + o.location + "/" + what + "/" + o.id + "?api-version=" + o.version
}

// begin starts an operation on a node. After takes, settle is called with the
// failure it is doomed to, or nil.
func (c *Cloud) begin(q *request, n *node, takes time.Duration, doomed *failure, settle func(o *operation, at time.Time)) *operation {
	o := &operation{
		id: c.newGUID(), base: q.base, version: q.version, sub: n.group.subscription.id, method: q.method,
		location: c.location(n), began: q.now, result: n, quick: quickKinds[n.root().kind.collection()],
	}
	c.operations[o.id] = o
	if q.injected.Fail {
		doomed = &failure{code: q.injected.FailCode, message: q.injected.FailText}
	}
	if doomed != nil {
		takes = min(takes, failsWithin)
	}
	c.ground.Agenda.At(q.now.Add(takes), func(at time.Time) {
		o.failed = doomed
		c.end(o, at)
		settle(o, at)
	})
	return o
}

// end notes that an operation is done, and forgets the oldest that are.
func (c *Cloud) end(o *operation, at time.Time) {
	o.done, o.ended = true, at
	c.ended = append(c.ended, o.id)
	for len(c.ended) > operationsKept || at.Sub(c.operations[c.ended[0]].ended) > operationLife {
		delete(c.operations, c.ended[0])
		c.ended = c.ended[1:]
	}
}

// failsWithin is how soon an operation that is doomed ends: the recorded one
// had failed at its first poll, 10 s after it was accepted.
const failsWithin = 5 * time.Second

// quickKinds are those whose operations are polled after 1 to 3 s, then every
// 10 s; recorded.
var quickKinds = map[string]bool{
	"virtualNetworks": true, "networkSecurityGroups": true, "routeTables": true, "networkInterfaces": true,
}

// location is the region that a node's operations run in: its own, else its
// parent's, else its group's.
func (c *Cloud) location(n *node) string {
	for at := n; at != nil; at = at.parent {
		if l := text(at.body, "location"); l != "" {
			return l
		}
	}
	return n.group.location
}

// accepted are the headers of an answer that starts an operation.
func (o *operation) accepted(withLocation bool) http.Header {
	header := http.Header{}
	header.Set("Azure-AsyncOperation", o.url("operations"))
	if o.result.parent == nil && o.method != http.MethodPost {
		header.Set("Azure-AsyncNotification", "Enabled") // recorded on top resources only
	}
	if withLocation {
		header.Set("Location", o.url("operationResults"))
	}
	return header
}

// poll answers a GET of an operation's URL.
func (c *Cloud) poll(q *request) (answer, *failure) {
	o := c.operations[strings.ToLower(q.target.operationID)]
	if o == nil || !same(o.sub, q.target.subscription) || o.done && q.now.Sub(o.ended) > operationLife {
		return answer{}, &failure{
			status: http.StatusNotFound, code: "OperationNotFound",
			message: "Operation " + q.target.operationID + " not found.",
		}
	}
	if !o.done {
		o.polls++
	}
	switch {
	case same(q.target.operation, "operations"):
		return o.status()
	case same(q.target.operation, "operationResults"):
		return c.resultOf(o)
	}
	return answer{}, noSuchRoute("locations/" + q.target.operation)
}

// status is the state of an operation: 200 whatever it is.
func (o *operation) status() (answer, *failure) {
	switch {
	case !o.done:
		return answer{status: http.StatusOK, body: object{"status": "InProgress"}, retryAfter: o.wait()}, nil
	case o.failed != nil:
		return ok(object{"status": "Failed", "error": o.failed.inner()})
	case o.output != nil:
		return ok(object{"status": "Succeeded", "properties": object{"output": o.output}})
	}
	return ok(object{"status": "Succeeded"})
}

// resultOf is what an operation leaves: nothing of a DELETE, the bare value of
// a POST, the resource of a PUT.
func (c *Cloud) resultOf(o *operation) (answer, *failure) {
	switch {
	case !o.done:
		return answer{status: http.StatusAccepted, header: o.accepted(true), retryAfter: o.wait()}, nil
	case o.failed != nil:
		f := *o.failed
		if f.status == 0 {
			f.status = http.StatusBadRequest
		}
		return answer{}, &f
	case o.method == http.MethodDelete:
		return answer{status: http.StatusNoContent, header: o.accepted(true)}, nil
	case o.output != nil:
		return answer{status: http.StatusOK, header: o.accepted(true), body: o.output}, nil
	case c.there(o.result):
		return ok(c.render(o.result, true))
	}
	return answer{status: http.StatusNoContent}, nil
}
