package azure

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// put creates or replaces a resource.
func (c *Cloud) put(q *request, k *kind) (answer, *failure) {
	if k.readOnly {
		return answer{}, methodNotAllowed(q.method)
	}
	d, problem := c.draft(q, k)
	if problem == nil {
		problem = c.admit(d)
	}
	if problem != nil {
		return answer{}, problem
	}
	n := c.write(d)
	status, verb := http.StatusOK, "update"
	if d.old == nil {
		status, verb = http.StatusCreated, "create"
	}
	// What has failed is worked on again; that the service does so is a guess.
	if d.old != nil && k.quiet != nil && n.state != "Failed" && k.quiet(n, d.was()) {
		return c.putQuietly(q, n)
	}
	o := c.work(q, n, c.takes(n, verb))
	return answer{status: status, header: o.accepted(false), body: c.render(n, false), retryAfter: o.wait()}, nil
}

// takes is how long a write of a node takes.
func (c *Cloud) takes(n *node, verb string) time.Duration {
	return c.ground.Takes("azure/" + n.kind.collection() + "/" + verb)
}

// draft reads what a PUT wants.
func (c *Cloud) draft(q *request, k *kind) (draft, *failure) {
	g := c.groupOf(q)
	id := q.target.resourceID(k, g)
	if parent := c.missingParent(q.target, k, g); parent != "" {
		return draft{}, parentNotFound("write", k.typ(), parent)
	}
	if q.body == nil {
		return draft{}, gatewayFailure(http.StatusBadRequest, "InvalidRequestContent", "The request content was empty.")
	}
	if _, isObject := q.body["properties"].(object); q.body["properties"] != nil && !isObject {
		return draft{}, badRequest("InvalidRequestFormat", "Cannot parse the request: properties of %s is not an object.", id)
	}
	d := draft{kind: k, id: id, name: q.target.name(), old: c.find(id), body: clone(q.body), group: g}
	if len(k.path) > 1 {
		d.parent = c.find(id[:strings.LastIndex(id[:strings.LastIndex(id, "/")], "/")])
	}
	if d.old != nil {
		d.id, d.name = d.old.id, d.old.name // the casing of the first PUT stays
	}
	if k.located {
		return d, c.located(d)
	}
	return d, nil
}

// located wants a location, and the one that the resource already has.
func (c *Cloud) located(d draft) *failure {
	location := normalLocation(text(d.body, "location"))
	if location == "" {
		return gatewayFailure(http.StatusBadRequest, "LocationRequired", "The location property is required for this definition.")
	}
	if d.old != nil && location != text(d.old.body, "location") {
		return gatewayFailure(http.StatusConflict, "InvalidResourceLocation",
			"The resource '%s' already exists in location '%s' in resource group '%s'. A resource with the same name cannot be created in location '%s'. Please select a new resource name.",
			d.name, text(d.old.body, "location"), d.group.name, location)
	}
	d.body["location"] = location
	return nil
}

func normalLocation(location string) string {
	return strings.ToLower(strings.ReplaceAll(location, " ", ""))
}

// admit says whether a draft may be written now: what it says is right, what
// it refers to exists and is at rest, and nobody else is writing.
func (c *Cloud) admit(d draft) *failure {
	if problem := c.valid(d); problem != nil {
		return problem
	}
	root := d.parent
	if root == nil {
		root = d.old
	}
	if root != nil {
		if problem := c.atRest(root.root()); problem != nil {
			return problem
		}
	}
	for _, id := range d.named() {
		if target := c.find(id); target != nil {
			if problem := c.dependable(target, root); problem != nil {
				return problem
			}
		}
	}
	return nil
}

// valid checks a draft and the drafts inside it.
func (c *Cloud) valid(d draft) *failure {
	if d.kind.check != nil {
		if problem := d.kind.check(c, d); problem != nil {
			return problem
		}
	}
	for _, id := range d.named() {
		if c.find(id) == nil && !d.kind.late && c.simulates(id) {
			return missingReference(id, d.id)
		}
	}
	for _, inner := range c.drafts(d) {
		if inner.name == "" {
			return badRequest("InvalidRequestFormat", "Cannot parse the request: a member of %s of %s has no name.", inner.kind.within, d.id)
		}
		if problem := c.valid(inner); problem != nil {
			return problem
		}
	}
	return nil
}

// drafts are the children that a draft's body lists.
func (c *Cloud) drafts(d draft) []draft {
	var out []draft
	for _, property := range sortedKeys(c.inside[d.kind]) {
		inner := c.inside[d.kind][property]
		for _, item := range objects(d.body, "properties", property) {
			id := d.id + "/" + inner.collection() + "/" + text(item, "name")
			out = append(out, draft{kind: inner, id: id, name: text(item, "name"), old: c.find(id), body: item, parent: d.old, group: d.group})
		}
	}
	return out
}

// named are the ids that a draft refers to.
func (d draft) named() []string {
	var out []string
	for _, path := range d.kind.names {
		if id := text(d.properties(), append(append([]string{}, path...), "id")...); id != "" {
			out = append(out, id)
		}
	}
	return out
}

func (d draft) was() object {
	if d.old == nil {
		return nil
	}
	return d.old.works
}

// simulates says whether an id is of a kind that is simulated: what refers to
// a firewall or a policy is taken on trust.
func (c *Cloud) simulates(id string) bool {
	t := parseTarget(id)
	return t.bad || c.kindAt(t.provider, t.path) != nil
}

// write puts an admitted draft in place, with what the service fills in, and
// the children it lists; children it leaves out are gone.
func (c *Cloud) write(d draft) *node {
	n, old := d.old, object(nil)
	if n == nil {
		n = c.add(d.kind, d.id, d.name, d.group, d.parent)
	} else {
		old = n.body
	}
	inside := c.drafts(d)
	n.body = merge(object{"properties": object{}}, d.body)
	for _, computed := range []string{"id", "name", "type", "etag"} {
		delete(n.body, computed)
	}
	delete(n.properties(), "provisioningState")
	listed := c.inside[n.kind]
	for property := range listed {
		delete(n.properties(), property)
	}
	c.replaceInside(n, listed, inside)
	if n.kind.fill != nil {
		n.kind.fill(c, n, old)
	}
	return n
}

// replaceInside makes the children listed in a parent's body those of the
// drafts, in their order.
func (c *Cloud) replaceInside(n *node, listed map[string]*kind, inside []draft) {
	kept := map[*node]bool{}
	for _, d := range inside {
		d.parent = n
		kept[c.write(d)] = true
	}
	for _, below := range slices.Clone(n.kids) {
		if listed[below.kind.within] == below.kind && !kept[below] {
			c.remove(below)
		}
	}
}

// work starts the operation behind a write: the resource is Updating, also
// when it is new, until the operation ends.
func (c *Cloud) work(q *request, n *node, takes time.Duration) *operation {
	var doomed *failure
	if n.kind.doom != nil {
		doomed = n.kind.doom(c, n)
	}
	o := c.begin(q, n, takes, doomed, func(o *operation, _ time.Time) { c.settle(n, o) })
	c.setState(n, "Updating")
	c.lock(n, o)
	n.root().etag = c.newETag()
	return o
}

// settle ends a write.
func (c *Cloud) settle(n *node, o *operation) {
	c.unlock(o)
	if !c.there(n) {
		return
	}
	state := "Succeeded"
	if o.failed != nil {
		state = "Failed" // and it stays; that it does is a guess
	}
	c.setState(n, state)
	if o.failed == nil {
		c.takeEffect(n)
	}
	n.root().etag = c.newETag()
	c.changed()
}

// takeEffect puts a written node and what it lists in force.
func (c *Cloud) takeEffect(n *node) {
	if n.kind.finish != nil {
		n.kind.finish(c, n)
	}
	n.works = clone(n.body)
	for _, below := range n.kids {
		if below.kind.within != "" {
			c.takeEffect(below)
		}
	}
}

// setState sets the state of a node and of what it lists.
func (c *Cloud) setState(n *node, state string) {
	n.state = state
	for _, below := range n.kids {
		if below.kind.within != "" {
			c.setState(below, state)
		}
	}
}

// putQuietly answers a PUT that changes nothing: done at once, and still with
// an operation to poll; recorded for WANs and security groups.
func (c *Cloud) putQuietly(q *request, n *node) (answer, *failure) {
	n.root().etag = c.newETag()
	o := c.begin(q, n, 0, nil, func(*operation, time.Time) {})
	a := answer{status: http.StatusOK, header: o.accepted(false), body: c.render(n, false)}
	if !o.quick {
		a.retryAfter = o.wait()
	}
	return a, nil
}
