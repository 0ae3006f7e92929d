package azure

import (
	"slices"
	"strings"
	"time"

	"linkd/internal/sim/machine"
)

// node is a resource that exists.
type node struct {
	kind   *kind
	id     string
	name   string
	group  *group
	parent *node   // nil of a top resource
	kids   []*node // right below, as they were made

	body  object    // without id, name, type, etag and provisioningState
	works object    // the body that the last successful write left; nil before one
	state string    // provisioningState
	made  time.Time // of a hub: from then on its router is made

	etag    string     // of a top resource; its children carry the same
	writing *operation // of a top resource: the write that keeps it busy

	// The shared key of a link connection is in no body: as it was written,
	// and as it is in force.
	key, keyWorks string

	stopped, silent bool           // of a machine
	deallocated     bool           // of one that is stopped: its host is given back
	agentless       bool           // of a machine: its agent tells nothing
	temper          machine.Temper // of a machine
	running         *run           // the script that a machine runs
}

// root is the top resource that a node belongs to. Hubs with their
// connections and tables, gateways with their connections, VNets with their
// subnets are written one at a time and share an etag.
func (n *node) root() *node {
	for n.parent != nil {
		n = n.parent
	}
	return n
}

func (n *node) properties() object { return child(n.body, "properties") }

// working are the properties that are in force, which a write under way has
// not changed yet; nil when there are none.
func (n *node) working() object {
	if n.works == nil {
		return nil
	}
	return child(n.works, "properties")
}

func key(id string) string { return strings.ToLower(strings.TrimSuffix(id, "/")) }

// find is the node with an id, or nil.
func (c *Cloud) find(id string) *node { return c.nodes[key(id)] }

// add enters a new node.
func (c *Cloud) add(k *kind, id, name string, g *group, parent *node) *node {
	n := &node{kind: k, id: id, name: name, group: g, parent: parent, made: c.ground.Now(), body: object{}}
	if parent == nil {
		n.etag = c.newETag()
	}
	c.nodes[key(id)] = n
	c.order = append(c.order, n)
	c.sorted[k.collection()] = append(c.sorted[k.collection()], n)
	if parent != nil {
		parent.kids = append(parent.kids, n)
	}
	return n
}

// remove takes a node and all below it out.
func (c *Cloud) remove(n *node) {
	for _, below := range slices.Clone(n.kids) {
		c.remove(below)
	}
	delete(c.nodes, key(n.id))
	c.order = without(c.order, n)
	c.sorted[n.kind.collection()] = without(c.sorted[n.kind.collection()], n)
	if n.parent == nil {
		c.gone[key(n.id)] = true
	} else {
		n.parent.kids = without(n.parent.kids, n)
	}
	c.changed()
}

func without(nodes []*node, n *node) []*node {
	return slices.DeleteFunc(nodes, func(other *node) bool { return other == n })
}

// there says whether a node still exists, for what the agenda does later.
func (c *Cloud) there(n *node) bool { return c.nodes[key(n.id)] == n }

// below are the children of one collection.
func (c *Cloud) below(n *node, collection string) []*node {
	var out []*node
	for _, other := range n.kids {
		if other.kind.collection() == collection {
			out = append(out, other)
		}
	}
	return out
}

// all are the nodes of a collection.
func (c *Cloud) all(collection string) []*node { return c.sorted[collection] }

// render is a node as the service shows it. Single is a GET of the resource
// itself.
func (c *Cloud) render(n *node, single bool) object {
	out := clone(n.body)
	out["id"], out["name"], out["type"] = n.id, n.name, n.kind.typ()
	out["etag"] = n.root().etag
	properties, ok := out["properties"].(object)
	if !ok {
		properties = object{}
		out["properties"] = properties
	}
	properties["provisioningState"] = n.state
	for property, inner := range c.inside[n.kind] {
		items := []any{}
		for _, below := range n.kids {
			if below.kind == inner {
				items = append(items, c.render(below, single && inner.readOnly))
			}
		}
		if len(items) > 0 || !inner.readOnly {
			properties[property] = items
		}
	}
	if n.kind.view != nil {
		n.kind.view(c, n, properties, single)
	}
	return out
}
