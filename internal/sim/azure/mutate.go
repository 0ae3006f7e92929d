package azure

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"linkd/internal/sim/ground"
	"linkd/internal/sim/machine"
)

// Mutate changes what exists behind the API's back, at once and whatever is
// under way, as a person with a portal would have done a moment ago.
//
// Kind is a type without its provider ("virtualHubs",
// "vpnGateways/vpnConnections"); Name is an ARM id, or the names joined by "/"
// where they are unique. Field is the dotted way to a value, in the API's words.
// A member of a list is named by its name, its id, or its number:
// "properties.vpnSiteLinks.link0.properties.ipAddress". Some fields exist only
// here: "sharedKey" of a link connection, "powerState" ("running", "stopped",
// "deallocated"), "answers" and "agent" of a machine, and "properties.routingState" and
// "properties.provisioningState", which the API shows and never takes.
func (c *Cloud) Mutate(m ground.Mutation) error {
	if err := c.mutate(m); err != nil {
		return fmt.Errorf("cannot %s %s of %s %s: %w", m.Op, m.Field, m.Kind, m.Name, err)
	}
	c.changed()
	return nil
}

func (c *Cloud) mutate(m ground.Mutation) error {
	if m.Kind == "secrets" { // of Key Vault, see keepVault
		return c.keepVault(m)
	}
	value, err := plain(m.Value)
	if err != nil {
		return err
	}
	if m.Op == "create" {
		return c.conjure(m, value)
	}
	n, err := c.named(m.Kind, m.Name)
	if err != nil {
		return err
	}
	if m.Op == "delete" && m.Field == "" {
		c.remove(n)
		return nil
	}
	if special := specialFields[m.Field]; special != nil && m.Op == "set" {
		return special(c, n, value)
	}
	n, path, err := c.descend(n, strings.Split(m.Field, "."))
	if err != nil {
		return err
	}
	n.root().etag = c.newETag()
	if inner := c.listed(n, path); inner != nil {
		return c.changeListed(n, inner, m.Op, value)
	}
	bodies := []object{n.body}
	if n.works != nil {
		bodies = append(bodies, n.works)
	}
	for _, body := range bodies {
		if err := edit(body, path, m.Op, value); err != nil {
			return err
		}
	}
	return nil
}

// plain makes a value what decoding JSON would have made it.
func plain(value any) (any, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("cannot encode the value: %w", err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	var out any
	if err := decoder.Decode(&out); err != nil {
		return nil, fmt.Errorf("cannot decode the value: %w", err)
	}
	return out, nil
}

// named finds a resource by id, or by kind and names.
func (c *Cloud) named(kindName, name string) (*node, error) {
	if n := c.find(name); n != nil {
		return n, nil
	}
	wanted := key(name)
	var found []*node
	for _, n := range c.order {
		if same(strings.Join(n.kind.path, "/"), kindName) && key(n.names()) == wanted {
			found = append(found, n)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("there is no such resource")
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("%d resources have that name: use the id", len(found))
}

// names is a node's name with its parents' before it.
func (n *node) names() string {
	if n.parent == nil {
		return n.name
	}
	return n.parent.names() + "/" + n.name
}

// descend goes from a resource to the child that a path leads into, for
// children that the resource's body lists.
func (c *Cloud) descend(n *node, path []string) (*node, []string, error) {
	if len(path) < 3 || c.listed(n, path[:2]) == nil {
		return n, path, nil
	}
	member := c.member(n, c.listed(n, path[:2]), path[2])
	if member == nil {
		return nil, nil, fmt.Errorf("%s has no member %s", path[1], path[2])
	}
	return c.descend(member, path[3:])
}

// listed is the kind of the children that a path of a body lists, or nil.
func (c *Cloud) listed(n *node, path []string) *kind {
	if len(path) != 2 || path[0] != "properties" {
		return nil
	}
	return c.inside[n.kind][path[1]]
}

// member is a listed child by its name or its number.
func (c *Cloud) member(n *node, inner *kind, step string) *node {
	for i, member := range c.below(n, inner.collection()) {
		if same(member.name, step) || strconv.Itoa(i) == step {
			return member
		}
	}
	return nil
}

// changeListed adds a child, by its body, or removes one, by its name.
func (c *Cloud) changeListed(n *node, inner *kind, op string, value any) error {
	body, isObject := value.(object)
	name, isText := value.(string)
	switch {
	case op == "add" && isObject && text(body, "name") != "":
		name := text(body, "name")
		id := n.id + "/" + inner.collection() + "/" + name
		made := c.write(draft{kind: inner, id: id, name: name, parent: n, group: n.group, old: c.find(id), body: body})
		c.setState(made, "Succeeded")
		c.takeEffect(made)
		return nil
	case op == "remove" && isText:
		if member := c.member(n, inner, name); member != nil {
			c.remove(member)
			return nil
		}
		return fmt.Errorf("it has no member %s", name)
	}
	return fmt.Errorf("to a list of resources a body with a name is added, and a name removed")
}

// specialFields are those that are more than a place in a body.
var specialFields = map[string]func(*Cloud, *node, any) error{
	"sharedKey": func(_ *Cloud, n *node, value any) error {
		s, isText := value.(string)
		if !isText || n.keyWorks == "" {
			return fmt.Errorf("only a link connection has a key, and it is text")
		}
		n.key, n.keyWorks = s, s
		return nil
	},
	"powerState": func(_ *Cloud, n *node, value any) error {
		if n.kind.provider != compute || value != "running" && value != "stopped" && value != "deallocated" {
			return fmt.Errorf("only a machine has a power state: running, stopped or deallocated")
		}
		n.stopped, n.deallocated = value != "running", value == "deallocated"
		return nil
	},
	"agent": func(_ *Cloud, n *node, value any) error {
		ready, isBool := value.(bool)
		if !isBool || n.kind.provider != compute {
			return fmt.Errorf("only a machine has an agent, true or false")
		}
		n.agentless = !ready
		return nil
	},
	"temper": func(_ *Cloud, n *node, value any) error {
		given, isObject := value.(object)
		if !isObject || n.kind.provider != compute {
			return fmt.Errorf("only a machine has a temper: language, no_ping, hangs")
		}
		n.temper = machine.Temper{Language: text(given, "language"), NoPing: flag(given, "no_ping"), Hangs: flag(given, "hangs")}
		return nil
	},
	"answers": func(_ *Cloud, n *node, value any) error {
		answers, isBool := value.(bool)
		if !isBool || n.kind.provider != compute {
			return fmt.Errorf("only a machine answers, true or false")
		}
		n.silent = !answers
		return nil
	},
	"properties.provisioningState": func(c *Cloud, n *node, value any) error {
		state, isText := value.(string)
		if !isText {
			return fmt.Errorf("a state is text")
		}
		c.setState(n, state)
		n.root().etag = c.newETag()
		return nil
	},
	"properties.routingState": func(c *Cloud, n *node, value any) error {
		state, isText := value.(string)
		if !isText || n.kind.collection() != "virtualHubs" {
			return fmt.Errorf("only a hub has a routing state, and it is text")
		}
		c.setRouting(n, state)
		n.root().etag = c.newETag()
		return nil
	},
}

// edit changes the value at a path: set, unset, and add and remove for lists.
func edit(body object, path []string, op string, value any) error {
	holder, last, err := walk(body, path, op == "set" || op == "add")
	if err != nil {
		return err
	}
	switch op {
	case "set":
		return holder.put(last, cloneAny(value))
	case "unset":
		return holder.drop(last)
	case "add", "remove":
		items, _ := holder.get(last).([]any)
		return holder.put(last, changed(items, op, value))
	}
	return fmt.Errorf("there is no operation %q: use set, unset, add, remove, delete or create", op)
}

func changed(items []any, op string, value any) []any {
	if op == "add" {
		return append(slices.Clone(items), cloneAny(value))
	}
	out := []any{}
	for _, item := range items {
		if !reflect.DeepEqual(item, value) && !named(item, value) {
			out = append(out, item)
		}
	}
	return out
}

// named says whether a member of a list goes by a name or an id.
func named(item, name any) bool {
	inner, isObject := item.(object)
	wanted, isText := name.(string)
	return isObject && isText && wanted != "" && (same(text(inner, "name"), wanted) || same(text(inner, "id"), wanted))
}
