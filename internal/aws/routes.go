package aws

import (
	"context"
	"strings"

	"linkd/internal/resource"
)

// attrRoutes holds the routes of a table: a member is a prefix and where it
// leads, "10.1.0.0/16 tgw-attach-0a1b". One that leads nowhere is
// "10.1.0.0/16 blackhole", and one whose target is gone names it behind.
const attrRoutes = "routes"

// shared is the deleting half of a table in which only some members are ours.
type shared struct{}

// Delete does nothing: a destroy writes the table without our members.
func (shared) Delete(context.Context, resource.Live) error { return nil }

func member(prefix, target string) string { return canonical(prefix) + " " + target }

// split is the reverse of member.
func split(member string) (prefix, target string) {
	prefix, target, _ = strings.Cut(member, " ")
	return prefix, target
}

// change is one call that brings a table nearer to what is wanted.
type change struct {
	prefix, target string // no target: the route goes
	replaces       bool   // the prefix has a route already, to another target
}

// changes lists what makes a table of have one of want: a prefix that leads
// elsewhere is replaced in one call, so that nothing is lost between.
func changes(want, have resource.Value) []change {
	held, wanted := prefixesOf(have), prefixesOf(want)
	var list []change
	for _, m := range want.Without(have) {
		prefix, target := split(m)
		list = append(list, change{prefix: prefix, target: target, replaces: held[prefix]})
	}
	for _, m := range have.Without(want) {
		if prefix, _ := split(m); !wanted[prefix] {
			list = append(list, change{prefix: prefix})
		}
	}
	return list
}

func prefixesOf(routes resource.Value) map[string]bool {
	prefixes := map[string]bool{}
	for _, m := range routes {
		prefix, _ := split(m)
		prefixes[prefix] = true
	}
	return prefixes
}
