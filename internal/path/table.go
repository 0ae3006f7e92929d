package path

import (
	"net/netip"
	"slices"
	"strings"

	"linkd/internal/resource"
	"linkd/internal/survey"
)

// table finds routes by their longest prefix. It is made once for a model and
// asked for every packet.
type table struct {
	routes  map[netip.Prefix]survey.Route // the one that is followed
	lengths []int                         // of the prefixes, the longest first
}

// ranks is who wins among routes of one prefix, the lowest first: in a network
// interface's table a user's route, then a gateway's, then a default one; in a
// transit gateway's a static one before what attachments propagate.
var ranks = map[survey.Source]int{survey.User: 0, survey.Static: 0, survey.Propagated: 1, survey.Default: 2}

// newTable arranges routes. Those that lost to another one do not match;
// blackholes do. Routes of one prefix and rank are equal, and share the traffic.
func newTable(routes []survey.Route) *table {
	t := &table{routes: make(map[netip.Prefix]survey.Route, len(routes))}
	for _, route := range routes {
		if route.State == survey.Invalid || !route.Prefix.IsValid() {
			continue
		}
		before, taken := t.routes[route.Prefix]
		switch {
		case !taken:
			t.lengths = append(t.lengths, route.Prefix.Bits())
			t.routes[route.Prefix] = route
		case ranks[route.Source] < ranks[before.Source]:
			t.routes[route.Prefix] = route
		case ranks[route.Source] == ranks[before.Source] && route.Next == before.Next && route.State == before.State:
			before.Via = slices.Concat(before.Via, route.Via)
			t.routes[route.Prefix] = before
		}
	}
	slices.SortFunc(t.lengths, func(a, b int) int { return b - a })
	t.lengths = slices.Compact(t.lengths)
	return t
}

// lookup finds the route that an address follows.
func (t *table) lookup(to netip.Addr) (survey.Route, bool) {
	for _, bits := range t.lengths {
		prefix, err := to.Prefix(bits)
		if err != nil {
			continue
		}
		if route, found := t.routes[prefix]; found {
			return route, true
		}
	}
	return survey.Route{}, false
}

// parsePrefixes reads the prefixes of an attribute; what is none is left out.
func parsePrefixes(value resource.Value) []netip.Prefix {
	prefixes := make([]netip.Prefix, 0, len(value))
	for _, text := range value {
		if prefix, err := netip.ParsePrefix(text); err == nil {
			prefixes = append(prefixes, prefix.Masked())
		}
	}
	return prefixes
}

// hubRoutes reads the attribute of a hub's routes: a prefix and the class of
// its next hop, "172.20.0.0/16 vpn".
func hubRoutes(value resource.Value) []survey.Route {
	return parseRoutes(value, survey.Propagated, func(route *survey.Route, target string) { route.Next = survey.Next(target) })
}

// attachmentRoutes reads routes of a transit gateway's table: a prefix and the
// attachments that it leads to, or "blackhole" and what it has lost.
func attachmentRoutes(value resource.Value, source survey.Source) []survey.Route {
	return parseRoutes(value, source, func(route *survey.Route, target string) {
		if lost, dropped := strings.CutPrefix(target, blackhole); dropped {
			route.State, target = survey.Blackhole, strings.TrimSpace(lost)
		}
		if target != "" {
			route.Via = strings.Split(target, "+")
		}
	})
}

// vpcRoutes reads routes of a VPC's table: a prefix and its target.
func vpcRoutes(value resource.Value) []survey.Route {
	return parseRoutes(value, survey.User, func(route *survey.Route, target string) {
		if lost, dropped := strings.CutPrefix(target, blackhole); dropped {
			route.State, target = survey.Blackhole, strings.TrimSpace(lost)
		}
		route.Next, route.Via = survey.NextTGW, []string{target}
	})
}

// blackhole is how a route that drops is written in an attribute.
const blackhole = "blackhole"

func parseRoutes(value resource.Value, source survey.Source, read func(*survey.Route, string)) []survey.Route {
	routes := make([]survey.Route, 0, len(value))
	for _, member := range value {
		text, target, _ := strings.Cut(member, " ")
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			continue
		}
		route := survey.Route{Prefix: prefix.Masked(), Source: source, State: survey.Active}
		read(&route, target)
		routes = append(routes, route)
	}
	return routes
}
