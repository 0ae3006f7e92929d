package aws

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"linkd/internal/sim/ground"
)

// mutable says how the objects of a kind are changed behind the API's back.
type mutable struct {
	find   func(r *region, name string) (id string, there bool)
	edit   func(k *call, id string, m ground.Mutation) error
	remove func(k *call, id string) // nil: a part of something else, without tags of its own
	create string                   // the action that makes one; "" when there is none
	make   func(k *call) error      // makes one where no action is simulated
}

// edits are the fields of a kind that can be changed, by their names in
// requests without the word "Options.".
type edits[T any] map[string]func(k *call, object *T, m ground.Mutation) error

// Mutate changes what exists behind the API's back, at once and whatever is
// under way, as a person with a console would have done a moment ago.
//
// Kind is an EC2 noun as tags spell it (see [Kinds]), or "vpn-tunnel". Name is
// an id or the value of the tag Name; of a tunnel it is an outside address, an
// inside range, or a connection's name with "/0" or "/1". A region and "/" before
// it mean the one of that region: both ends of a peering have one id. Field is a
// parameter's name in the calls that make or change the object. With op create,
// Name is the region and Value the parameters of the call that makes one.
// Fields that hold lists (Routes, SubnetIds, Propagations, IpPermissions,
// Entries, CidrBlocks) take add and remove. "Tags.<key>" is a tag, and "Tags"
// all of them.
func (c *Cloud) Mutate(m ground.Mutation) error {
	if err := c.mutate(m); err != nil {
		return fmt.Errorf("cannot %s %s of %s %s: %w", m.Op, m.Field, m.Kind, m.Name, err)
	}
	return nil
}

// Kinds lists the nouns that Mutate knows.
func Kinds() []string { return slices.Sorted(maps.Keys(mutables())) }

func (c *Cloud) mutate(m ground.Mutation) error {
	if m.Kind == "secret" { // of Secrets Manager, see keepSecret
		return c.keepSecret(m)
	}
	if m.Kind == "role" { // see changeRole
		return c.accounts.changeRole(m)
	}
	kind, known := mutables()[m.Kind]
	if !known {
		return fmt.Errorf("there is no kind %q; there are %s", m.Kind, strings.Join(Kinds(), ", "))
	}
	if m.Op == "create" {
		return c.conjure(kind, m)
	}
	regions := c.order
	if region, name, cut := strings.Cut(m.Name, "/"); cut && c.regions[region] != nil {
		regions, m.Name = []string{region}, name
	}
	for _, name := range regions {
		id, there := kind.find(c.regions[name], m.Name)
		if !there {
			continue
		}
		k := c.behind(name)
		switch {
		case kind.remove == nil: // a part of something else
			return kind.edit(k, id, m)
		case m.Op == "delete" && m.Field == "":
			kind.remove(k, id)
			return nil
		case m.Field == "Tags" || strings.HasPrefix(m.Field, "Tags."):
			return k.retagged(id, m)
		}
		return kind.edit(k, id, m)
	}
	return fmt.Errorf("no region has it")
}

// behind is a call that nobody makes: it changes things at once.
func (c *Cloud) behind(place string) *call {
	now, r := c.Now(), c.region(place)
	return &call{Cloud: c, account: r.account, region: r, now: now, seen: now, hurry: true}
}

// conjure makes an object by the call that makes one, except that it is there
// at once.
func (c *Cloud) conjure(kind mutable, m ground.Mutation) error {
	row, known := actions()[kind.create]
	if !known && kind.make == nil {
		return fmt.Errorf("no call makes one")
	}
	region := m.Name
	if region == "" && len(c.order) > 0 {
		region = c.order[0]
	}
	k := c.behind(region)
	k.form = form{values: url.Values{}}
	flatten(k.values, "", m.Value)
	if kind.make != nil {
		return kind.make(k)
	}
	if err := k.recognize(row); err != nil {
		return err
	}
	_, err := row.do(k)
	return err
}

// flatten writes a decoded JSON value in the way of the query protocol.
func flatten(into url.Values, name string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, member := range v {
			flatten(into, strings.TrimPrefix(name+"."+key, "."), member)
		}
	case []any:
		for i, member := range v {
			flatten(into, fmt.Sprintf("%s.%d", name, i+1), member)
		}
	default:
		into.Set(name, word(value))
	}
}

func (k *call) retagged(id string, m ground.Mutation) error {
	have, _ := k.region.tags.get(id)
	_, key, one := strings.Cut(m.Field, ".")
	switch {
	case m.Op == "set" && one:
		k.region.tags.put(k.now, id, merged(have, []tag{{key, word(m.Value)}}))
	case one:
		left := slices.DeleteFunc(slices.Clone(have), func(t tag) bool { return t.Key == key })
		k.region.tags.put(k.now, id, left)
	case m.Op == "unset" || m.Op == "remove" || m.Op == "delete":
		k.region.tags.put(k.now, id, nil)
	default:
		return fmt.Errorf("tags are set one by one: Tags.<key>")
	}
	return nil
}

// editable is a kind whose objects are kept in a store.
func editable[T any](of func(*region) *store[T], create string, fields edits[T], remove func(*call, string)) mutable {
	if remove == nil {
		remove = func(k *call, id string) {
			of(k.region).drop(k.now, id)
			k.region.tags.drop(k.now, id)
		}
	}
	return mutable{
		create: create,
		remove: remove,
		find: func(r *region, name string) (string, bool) {
			if _, there := of(r).get(name); there {
				return name, true
			}
			for _, record := range of(r).records {
				tags, _ := r.tags.get(record.id)
				if _, there := of(r).get(record.id); there && slices.Contains(tagValues(tags, "Name"), name) {
					return record.id, true
				}
			}
			return "", false
		},
		edit: func(k *call, id string, m ground.Mutation) error {
			edit, known := fields[strings.TrimPrefix(m.Field, "Options.")]
			if !known {
				return fmt.Errorf("there is no such field; there are Tags, %s", strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
			}
			object, _ := of(k.region).get(id)
			if err := edit(k, &object, m); err != nil {
				return err
			}
			of(k.region).put(k.now, id, object)
			return nil
		},
	}
}
