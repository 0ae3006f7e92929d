package azure

import (
	"net/http"
	"slices"
	"time"
)

// sharedKey says whether a target is the shared key of a link connection, and
// names the link connection with what is asked of its key in action.
func (t target) sharedKey() (target, bool) {
	at := slices.IndexFunc(t.path, func(word string) bool { return same(word, "sharedKeys") })
	if at != 3 || len(t.names) < 3 {
		return t, false
	}
	link := t
	link.path, link.names, link.action = t.path[:3], t.names[:3], "sharedKeys"
	if len(t.names) > 3 {
		link.action = "sharedKeys/" + t.names[3]
	}
	if len(t.path) > 4 {
		link.action += "/" + t.path[4]
	}
	return link, true
}

// serveSharedKey answers for the key of a link connection: GET and list tell
// its length only, listSharedKey tells it, PUT changes it.
func (c *Cloud) serveSharedKey(q *request, link target) (answer, *failure) {
	k := c.kindAt(network, link.path)
	if k == nil || k.collection() != "vpnLinkConnections" || link.group == "" {
		return answer{}, noSuchRoute("sharedKeys")
	}
	q.target = link
	n, problem := c.lookUp(q, k, "read")
	if problem != nil {
		return answer{}, problem
	}
	switch q.method + " " + key(link.action) {
	case "GET sharedkeys":
		return c.page(q, []object{sharedKeyOf(n, false)})
	case "GET sharedkeys/default":
		return ok(sharedKeyOf(n, false))
	case "POST sharedkeys/default/listsharedkey":
		return ok(sharedKeyOf(n, true))
	case "PUT sharedkeys/default":
		return c.putSharedKey(q, n)
	}
	return answer{}, noSuchRoute("sharedKeys")
}

func sharedKeyOf(n *node, shown bool) object {
	properties := object{"sharedKeyLength": len(n.key), "provisioningState": n.state}
	if shown {
		properties["sharedKey"] = n.key
	}
	return object{"id": n.id + "/sharedKeys/default", "name": "default", "type": n.kind.typ() + "/sharedKeys", "properties": properties}
}

// putSharedKey sets the key, or has one of a length made. After the operation
// says Succeeded the gateway is busy for a while still, as users report of the
// older call of VNet gateways; here it is not, for want of a recording.
func (c *Cloud) putSharedKey(q *request, n *node) (answer, *failure) {
	if problem := c.atRest(n.root()); problem != nil {
		return answer{}, problem
	}
	properties := child(q.body, "properties")
	wanted, length := text(properties, "sharedKey"), number(properties, "sharedKeyLength")
	switch {
	case wanted != "":
		n.key = wanted
	case length > 0 && length <= 128:
		n.key = c.newKey(int(length))
	default:
		return answer{}, badRequest("InvalidRequestFormat", "Cannot parse the request: neither sharedKey nor a sharedKeyLength of 1 to 128 is given for %s.", n.id)
	}
	o := c.begin(q, n, c.ground.Takes("azure/sharedKeys/update"), nil, func(o *operation, _ time.Time) { c.settle(n, o) })
	n.state = "Updating"
	c.lock(n, o)
	return answer{status: http.StatusOK, header: o.accepted(false), body: sharedKeyOf(n, false), retryAfter: o.wait()}, nil
}
