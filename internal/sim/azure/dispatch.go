package azure

import (
	"net/http"
	"strconv"
	"strings"
)

// dispatch does what a request's method asks for.
func (c *Cloud) dispatch(q *request) (answer, *failure) {
	t := q.target
	switch {
	case t.operation != "":
		return c.poll(q)
	case t.provider == "":
		return c.readScope(q)
	}
	if shared, is := t.sharedKey(); is {
		return c.serveSharedKey(q, shared)
	}
	if q.method == http.MethodGet && t.isInstanceView() {
		return c.viewed(q)
	}
	if q.method == http.MethodPost {
		return c.post(q)
	}
	k := c.kindAt(t.provider, t.path)
	if k == nil {
		return answer{}, noSuchRoute(strings.Join(t.path, "/"))
	}
	if t.isList() {
		if q.method != http.MethodGet {
			return answer{}, methodNotAllowed(q.method)
		}
		return c.list(q, k)
	}
	if t.group == "" {
		return answer{}, noSuchRoute(k.typ())
	}
	switch q.method {
	case http.MethodGet, http.MethodHead:
		return c.get(q, k)
	case http.MethodPut:
		return c.put(q, k)
	case http.MethodPatch:
		return c.patch(q, k)
	case http.MethodDelete:
		return c.delete(q, k)
	}
	return answer{}, methodNotAllowed(q.method)
}

// lookUp finds the resource that a request names, or says that there is none,
// in the style that the service uses for it.
func (c *Cloud) lookUp(q *request, k *kind, verb string) (*node, *failure) {
	g := c.groupOf(q)
	id := q.target.resourceID(k, g)
	if n := c.find(id); n != nil {
		return n, nil
	}
	if parent := c.missingParent(q.target, k, g); parent != "" {
		return nil, parentNotFound(verb, k.typ(), parent)
	}
	if len(k.path) == 1 && !c.gone[key(id)] {
		return nil, neverMade(k.typ(), q.target.name(), q.target.group)
	}
	return nil, notFound(id)
}

// missingParent is the id of the parent of a child of nothing.
func (c *Cloud) missingParent(t target, k *kind, g *group) string {
	if len(k.path) == 1 {
		return ""
	}
	id := t.resourceID(k, g)
	id = id[:strings.LastIndex(id, "/")]
	id = id[:strings.LastIndex(id, "/")]
	if c.find(id) != nil {
		return ""
	}
	return id
}

func (c *Cloud) get(q *request, k *kind) (answer, *failure) {
	n, problem := c.lookUp(q, k, "read")
	if problem != nil {
		return answer{}, problem
	}
	shown := c.render(n, true)
	if n.kind.provider == compute && same(q.query.Get("$expand"), "instanceView") {
		child(shown, "properties")["instanceView"] = c.instanceView(n)
	}
	return ok(shown)
}

// list answers the lists of a parent, of a resource group and of a
// subscription.
func (c *Cloud) list(q *request, k *kind) (answer, *failure) {
	var parent *node
	if len(k.path) > 1 {
		g := c.groupOf(q)
		var id strings.Builder
		id.WriteString(g.id() + "/providers/" + q.target.provider)
		for i, name := range q.target.names {
			id.WriteString("/" + k.path[i] + "/" + name)
		}
		if parent = c.find(id.String()); parent == nil {
			return answer{}, parentNotFound("read", k.typ(), id.String())
		}
	}
	var items []object
	for _, n := range c.all(k.collection()) {
		if n.kind == k && n.parent == parent && c.inScope(n, q.target) {
			items = append(items, c.render(n, false))
		}
	}
	return c.page(q, items)
}

func (c *Cloud) inScope(n *node, t target) bool {
	return same(n.group.subscription.id, t.subscription) && (t.group == "" || same(n.group.name, t.group))
}

// page cuts a list into pages when the scenario wants it.
func (c *Cloud) page(q *request, items []object) (answer, *failure) {
	from := 0
	if token := q.query.Get("$skiptoken"); token != "" {
		n, err := strconv.Atoi(token)
		if err != nil || n < 0 {
			return answer{}, badRequest("InvalidSkipToken", "The skip token '%s' is not valid.", token)
		}
		from = min(n, len(items))
	}
	to := len(items)
	if size := c.ground.Behaviour().PageSize; size > 0 {
		to = min(to, from+size)
	}
	value := []any{}
	for _, item := range items[from:to] {
		value = append(value, item)
	}
	body := object{"value": value}
	if to < len(items) {
		body["nextLink"] = q.base + q.path + "?api-version=" + q.version + "&%24skiptoken=" + strconv.Itoa(to)
	}
	return ok(body)
}
