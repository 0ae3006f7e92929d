package azure

import (
	"slices"
	"strings"
	"sync"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// remote is the class of a route by way of another hub of the virtual WAN.
const remote = "hub"

// offered is a network of which a hub learns, and by what kind of next hop.
type offered struct {
	id    resource.ID // of the VNet or VPC
	class string      // "vnet", "vpn", or [remote] when another hub knows the way
	told  bool        // BGP tells the hub of it, too, over a peering of transit gateways
	// tables are the route tables of transit gateways of which BGP tells the hub, of a VPC:
	// a static route to it that nobody declared, as a peering leaves it, is told, too.
	tables []resource.ID
}

// offeredTo lists each network that a hub learns of once: the VNets of the
// virtual WAN and the VPCs behind any link. What hangs on the hub itself wins
// over another hub's offer.
func (c *Cloud) offeredTo(hub desired.Hub) []offered {
	var all []offered
	places := map[resource.ID]int{}
	add := func(id resource.ID, at, here string) {
		class := remote
		if at == hub.Name {
			class = here
		}
		place, known := places[id]
		switch {
		case !known:
			places[id] = len(all)
			all = append(all, offered{id: id, class: class})
		case class != remote:
			all[place].class = class
		}
	}
	for _, other := range c.file.Azure.Hubs {
		for _, vnet := range other.VNets {
			add(desired.VNetID(vnet.Name), other.Name, "vnet")
		}
	}
	for _, link := range c.file.Links {
		for _, vpc := range c.file.RoutedVPCs(link) {
			add(desired.VPCID(vpc.Name), link.Hub, "vpn")
		}
	}
	for _, link := range c.file.LinksOfHub(hub.Name) {
		for _, vpc := range c.file.VPCsBehind(link) {
			add(desired.VPCID(vpc.Name), "", "") // by another hub, unless it is known already
			all[places[desired.VPCID(vpc.Name)]].told = true
		}
	}
	tables := c.toldTables(hub)
	for _, link := range c.file.Links {
		for _, vpc := range c.file.RoutedVPCs(link) {
			all[places[desired.VPCID(vpc.Name)]].tables = tables
		}
	}
	return all
}

// toldTables are the route tables of which BGP tells a hub.
func (c *Cloud) toldTables(hub desired.Hub) []resource.ID {
	var tables []resource.ID
	for _, link := range c.file.LinksOfHub(hub.Name) {
		if table := desired.TransitGatewayRoutesID(link.TransitGateway); link.Routing == desired.BGP && !slices.Contains(tables, table) {
			tables = append(tables, table)
		}
	}
	return tables
}

// Want implements resource.Resource: the prefixes of every network that the
// hub learns of, each with the class of its next hop. A prefix has one
// effective route.
func (h hubRoutes) Want(world resource.World) (resource.Spec, error) {
	if err := h.cloud.clash(world); err != nil {
		return resource.Spec{}, err
	}
	prefixes := make([]resource.Value, len(h.networks))
	for i, network := range h.networks {
		prefixes[i] = h.cloud.given[network.id]
		if len(prefixes[i]) > 0 {
			continue
		}
		live, err := world.Fact(network.id, desired.FactPrefixes)
		if err != nil {
			return resource.Spec{}, err
		}
		prefixes[i] = live
	}
	live := world[h.id].Attrs["routes"]
	return resource.Spec{Attrs: resource.Attrs{"routes": h.asTold(h.cloud.wanted.of(h, prefixes, live), prefixes, world)}}, nil
}

// asTold wants of the networks that BGP tells a hub of over a peering, and that
// another hub has a way to, what stands: either will do, and the peering, or the route
// that one has left, is judged by itself.
func (h hubRoutes) asTold(routes resource.Value, prefixes []resource.Value, world resource.World) resource.Value {
	live := world[h.id].Attrs["routes"]
	for i, network := range h.networks {
		for _, prefix := range prefixes[i] {
			other, told := prefix+" "+remote, prefix+" vpn"
			if network.class == remote && routes.Has(other) && live.Has(told) && (network.told || leads(world, network.tables, prefix)) {
				routes = routes.Without(resource.Of(other)).Union(resource.Of(told))
			}
		}
	}
	return routes
}

// leads tells whether one of some route tables has a static route to a prefix, and leads
// somewhere.
func leads(world resource.World, tables []resource.ID, prefix string) bool {
	return slices.ContainsFunc(tables, func(table resource.ID) bool {
		return slices.ContainsFunc(world[table].Attrs["routes"], func(route string) bool {
			target, is := strings.CutPrefix(route, prefix+" ")
			return is && !strings.HasPrefix(target, "blackhole")
		})
	})
}

// routesFrom makes the routes of prefixes, which are those of h.networks.
func (h hubRoutes) routesFrom(prefixes []resource.Value) resource.Value {
	classes := map[string]string{}
	for i, network := range h.networks {
		for _, prefix := range prefixes[i] {
			if _, known := classes[prefix]; !known || network.class != remote {
				classes[prefix] = network.class
			}
		}
	}
	routes := make([]string, 0, len(classes))
	for prefix, class := range classes {
		routes = append(routes, prefix+" "+class)
	}
	return resource.Of(routes...)
}

// wantedRoutes remembers what was last made of which prefixes, for each hub: of
// the same prefixes the same is made, and a large network has many.
type wantedRoutes struct {
	guard sync.Mutex
	last  map[resource.ID]routesOf
}

type routesOf struct {
	prefixes []resource.Value
	routes   resource.Value
}

// of returns the routes of prefixes. Where the hub has just these, one copy of
// them is enough.
func (w *wantedRoutes) of(h hubRoutes, prefixes []resource.Value, live resource.Value) resource.Value {
	w.guard.Lock()
	defer w.guard.Unlock()
	last, known := w.last[h.id]
	if !known || !slices.EqualFunc(last.prefixes, prefixes, resource.Value.Equal) {
		last = routesOf{prefixes, h.routesFrom(prefixes)}
		if last.routes.Equal(live) {
			last.routes = live
		}
	}
	if w.last == nil {
		w.last = map[resource.ID]routesOf{}
	}
	w.last[h.id] = last
	return last.routes
}
