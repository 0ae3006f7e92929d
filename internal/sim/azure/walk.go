package azure

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"linkd/internal/sim/ground"
)

// place is an object or a list in a body, in which a path's last step lies.
type place struct {
	in     object
	list   []any
	change func([]any) // puts a list that became shorter back
}

func (p place) index(step string) int {
	for i, item := range p.list {
		inner, _ := item.(object)
		if strconv.Itoa(i) == step || inner != nil && (same(text(inner, "name"), step) || same(text(inner, "id"), step) || same(text(inner, "ipconfigurationId"), step)) {
			return i
		}
	}
	return -1
}

func (p place) get(step string) any {
	if p.in != nil {
		return p.in[step]
	}
	if i := p.index(step); i >= 0 {
		return p.list[i]
	}
	return nil
}

func (p place) put(step string, value any) error {
	if p.in != nil {
		p.in[step] = value
		return nil
	}
	i := p.index(step)
	if i < 0 {
		return fmt.Errorf("the list has no member %s", step)
	}
	p.list[i] = value
	return nil
}

func (p place) drop(step string) error {
	if p.in != nil {
		delete(p.in, step)
		return nil
	}
	i := p.index(step)
	if i < 0 {
		return fmt.Errorf("the list has no member %s", step)
	}
	p.change(slices.Delete(slices.Clone(p.list), i, i+1))
	return nil
}

// walk goes to the place in which the last step of a path lies; what is
// missing on the way is made when asked to.
func walk(body object, path []string, makeWay bool) (place, string, error) {
	at := place{in: body}
	for _, step := range path[:len(path)-1] {
		next := at.get(step)
		if next == nil && makeWay && at.in != nil {
			next = object{}
			at.in[step] = next
		}
		switch v := next.(type) {
		case object:
			at = place{in: v}
		case []any:
			holder := at
			at = place{list: v, change: func(shorter []any) { _ = holder.put(step, shorter) }}
		default:
			return place{}, "", fmt.Errorf("there is nothing at %s", step)
		}
	}
	return at, path[len(path)-1], nil
}

// conjure makes a resource that nobody asked the API for, done at once: the
// value is its body. For a Name that is not an id the first resource group is
// meant.
func (c *Cloud) conjure(m ground.Mutation, value any) error {
	body, isObject := value.(object)
	if !isObject {
		return fmt.Errorf("the value of a create is the resource's body")
	}
	id := m.Name
	if !strings.HasPrefix(id, "/") {
		var err error
		if id, err = c.idFor(m.Kind, m.Name); err != nil {
			return err
		}
	}
	q := &request{method: http.MethodPut, target: parseTarget(id), body: body, now: c.ground.Now()}
	if problem := c.scoped(q); problem != nil {
		return fmt.Errorf("%s", problem.message)
	}
	k := c.kindAt(q.target.provider, q.target.path)
	if k == nil || q.target.isList() || k.readOnly {
		return fmt.Errorf("there is no such kind")
	}
	d, problem := c.draft(q, k)
	if problem == nil {
		problem = c.valid(d)
	}
	if problem != nil {
		return fmt.Errorf("%s", problem.message)
	}
	n := c.write(d)
	c.setState(n, "Succeeded")
	c.takeEffect(n)
	n.root().etag = c.newETag()
	return nil
}

func (c *Cloud) idFor(kindName, name string) (string, error) {
	collections, names := strings.Split(kindName, "/"), strings.Split(name, "/")
	if len(collections) != len(names) {
		return "", fmt.Errorf("the name has %d parts for %d of the kind", len(names), len(collections))
	}
	for _, s := range sortedKeys(c.subscriptions) {
		groups := sortedKeys(c.subscriptions[s].groups)
		if len(groups) == 0 {
			continue
		}
		parts := []string{c.subscriptions[s].groups[groups[0]].id(), "providers", network}
		for i := range names {
			parts = append(parts, collections[i], names[i])
		}
		return strings.Join(parts, "/"), nil
	}
	return "", fmt.Errorf("there is no resource group")
}
