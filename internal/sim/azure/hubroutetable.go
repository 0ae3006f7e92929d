package azure

// The route tables that every hub has.
const (
	defaultRouteTable = "defaultRouteTable"
	noneRouteTable    = "noneRouteTable"
)

func hubRouteTableKind() *kind {
	return &kind{
		path:  []string{"virtualHubs", "hubRouteTables"},
		check: checkHubRoutes,
		fill: func(c *Cloud, n *node, old object) {
			n.body = merge(object{"properties": object{"routes": []any{}, "labels": []any{}}}, n.body)
			delete(n.properties(), "associatedConnections")
			delete(n.properties(), "propagatingConnections")
		},
		view: func(c *Cloud, n *node, properties object, _ bool) {
			associated, propagating := c.onTable(n)
			properties["associatedConnections"] = anys(associated...)
			properties["propagatingConnections"] = anys(propagating...)
		},
		inUse: func(c *Cloud, n *node) *failure {
			if n.name == defaultRouteTable || n.name == noneRouteTable {
				return badRequest("HubRouteTableCannotBeDeleted", "The built-in route table %s cannot be deleted.", n.id) // a guess
			}
			if associated, propagating := c.onTable(n); len(associated)+len(propagating) > 0 {
				return inUse("HubRouteTable", n.id, "connections refer to it")
			}
			return nil
		},
	}
}

// hubRouteTableV2Kind is the older table, routed by address; nothing in the
// fabric looks at it.
func hubRouteTableV2Kind() *kind {
	return &kind{
		path: []string{"virtualHubs", "routeTables"},
		fill: func(c *Cloud, n *node, old object) {
			n.body = merge(object{"properties": object{"routes": []any{}, "attachedConnections": []any{}}}, n.body)
		},
	}
}

// hubBGPConnectionKind is a BGP peer of a hub's router: it alone is known to
// be refused until the router is Provisioned.
func hubBGPConnectionKind() *kind {
	return &kind{
		path:  []string{"virtualHubs", "bgpConnections"},
		names: [][]string{{"hubVirtualNetworkConnection"}},
		check: func(c *Cloud, d draft) *failure {
			if text(d.parent.properties(), "routingState") != routingProvisioned {
				return badRequest("HubBgpConnectionParentHubMustHaveProvisionedRoutingState",
					"The parent hub %s of BGP connection %s must have the routing state Provisioned.", d.parent.id, d.id)
			}
			via := c.find(text(d.properties(), "hubVirtualNetworkConnection", "id"))
			if via != nil && via.state != "Succeeded" {
				return badRequest("HubBgpConnectionMustReferenceFullyProvisionedHubVirtualNetworkConnection",
					"BGP connection %s must reference a fully provisioned hub virtual network connection.", d.id)
			}
			return nil
		},
	}
}

// checkHubRoutes wants prefixes for destinations that say they are.
func checkHubRoutes(c *Cloud, d draft) *failure {
	for _, route := range objects(d.properties(), "routes") {
		if text(route, "destinationType") != "CIDR" {
			continue
		}
		for _, destination := range texts(route, "destinations") {
			if !isPrefix(destination) {
				return badPrefix(destination, d.id)
			}
		}
		if next := text(route, "nextHop"); next != "" && c.simulates(next) && c.find(next) == nil {
			return missingReference(next, d.id)
		}
	}
	return nil
}

// makeBuiltInTables gives a hub the tables that always exist.
func (c *Cloud) makeBuiltInTables(hub *node) {
	k := c.kindAt(network, []string{"virtualHubs", "hubRouteTables"})
	for _, table := range [][2]string{{defaultRouteTable, "default"}, {noneRouteTable, "none"}} {
		name, label := table[0], table[1]
		n := c.add(k, hub.id+"/hubRouteTables/"+name, name, hub.group, hub)
		n.body = object{"properties": object{"routes": []any{}, "labels": anys(label)}}
		n.works, n.state = clone(n.body), "Succeeded"
	}
}

// onTable are the ids of the connections that a table routes for, and of
// those that propagate to it by id or by label.
func (c *Cloud) onTable(table *node) (associated, propagating []string) {
	labels := map[string]bool{}
	for _, label := range texts(table.properties(), "labels") {
		labels[label] = true
	}
	for _, n := range c.onHub(table.parent) {
		routing := child(n.properties(), "routingConfiguration")
		if same(text(routing, "associatedRouteTable", "id"), table.id) {
			associated = append(associated, n.id)
		}
		if propagates(routing, table.id, labels) {
			propagating = append(propagating, n.id)
		}
	}
	return associated, propagating
}

// onHub are the connections whose routing a hub does: of VNets, and of the
// VPN gateway.
func (c *Cloud) onHub(hub *node) []*node {
	connections := c.below(hub, "hubVirtualNetworkConnections")
	if gateway := c.gatewayOn(hub); gateway != nil {
		connections = append(connections, c.below(gateway, "vpnConnections")...)
	}
	return connections
}

// propagates says whether a routing configuration propagates to a table.
func propagates(routing object, table string, labels map[string]bool) bool {
	targets := child(routing, "propagatedRouteTables")
	for _, target := range objects(targets, "ids") {
		if same(text(target, "id"), table) {
			return true
		}
	}
	for _, label := range texts(targets, "labels") {
		if labels[label] {
			return true
		}
	}
	return false
}

// fillRouting gives a connection the routing of the default table where it
// says nothing, as recorded; the part about static routes is VNets'.
func fillRouting(routing object, hub string, newer bool) object {
	table := hub + "/hubRouteTables/" + defaultRouteTable
	static := object{"staticRoutes": []any{}}
	if newer {
		static["staticRoutesConfig"] = object{"propagateStaticRoutes": true, "vnetLocalRouteOverrideCriteria": "Contains"}
	}
	filled := merge(object{"vnetRoutes": static}, routing)
	if text(filled, "associatedRouteTable", "id") == "" {
		filled["associatedRouteTable"] = reference(table)
	}
	targets := child(filled, "propagatedRouteTables")
	_, labelled := targets["labels"]
	_, named := targets["ids"]
	if !labelled && !named {
		filled["propagatedRouteTables"] = object{"labels": anys("default"), "ids": references([]string{table})}
		return filled
	}
	filled["propagatedRouteTables"] = merge(object{"labels": []any{}, "ids": []any{}}, targets)
	return filled
}
