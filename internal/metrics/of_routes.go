package metrics

import (
	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// attrRoutes is the attribute of every table of routes.
const attrRoutes = "routes"

// routesOf counts the routes of every table: hubs, transit gateways, and the
// tables of each VPC together.
func routesOf(file *desired.File, graph *reconcile.Graph, world resource.World) []Routes {
	var list []Routes
	add := func(kind, name string, ids ...resource.ID) {
		sum := Routes{Kind: kind, Table: name, Known: true}
		for _, id := range ids {
			if r := graph.Resource(id); r != nil {
				sum.add(r, world)
			}
		}
		list = append(list, sum)
	}
	for _, hub := range file.Azure.Hubs {
		add("azure/hub-routes", hub.Name, desired.HubRoutesID(hub.Name))
	}
	for _, gateway := range file.TransitGateways() {
		add("aws/tgw-routes", gateway.Name, desired.TransitGatewayRoutesID(gateway.Name))
		if id := desired.LearnedRoutesID(gateway.Name); graph.Resource(id) != nil {
			add("aws/learned-routes", gateway.Name, id)
		}
		for _, vpc := range gateway.VPCs {
			var tables []resource.ID
			for _, table := range vpc.RouteTables {
				tables = append(tables, desired.VPCRoutesID(table))
			}
			add("aws/vpc-routes", vpc.Name, tables...)
		}
	}
	return list
}

// add counts one more table. What it should hold is computed from the world
// as the engine does, so that a difference that policy ignores is counted too.
func (sum *Routes) add(r resource.Resource, world resource.World) {
	want, err := reconcile.Wanted(r, world)
	wanted, have := want.Attrs[attrRoutes], world[r.ID()].Attrs[attrRoutes]
	_, read := world[r.ID()].Attrs[attrRoutes]
	sum.Known = sum.Known && err == nil && read
	sum.Desired += len(wanted)
	sum.Seen += len(have)
	if err == nil && read {
		sum.Missing += len(wanted.Without(have))
		sum.Undeclared += len(have.Without(wanted))
	}
}
