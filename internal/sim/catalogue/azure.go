package catalogue

// The names of the built-in scenario and of the file for it.
const (
	provider = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-network/providers/Microsoft.Network/"
	owner    = "seed"

	wan     = "wan-global"
	farHub  = "hub-use" // has no gateway
	vpnGW   = "hub-jpe-vpn"
	site    = "tokyo"
	conn    = vpnGW + "/tokyo"
	link    = conn + "/tokyo-0-1"
	vnetUse = farHub + "/vnet-use"

	wans         = "virtualWans"
	hubs         = "virtualHubs"
	joins        = "virtualHubs/hubVirtualNetworkConnections"
	vpnGateways  = "vpnGateways"
	sites        = "vpnSites"
	connections  = "vpnGateways/vpnConnections"
	connLinks    = "vpnGateways/vpnConnections/vpnLinkConnections"
	state        = "properties.provisioningState"
	prefixField  = "properties.addressSpace.addressPrefixes"
	associated   = "properties.routingConfiguration.associatedRouteTable.id"
	propagatedTo = "properties.routingConfiguration.propagatedRouteTables.ids"
	labels       = "properties.routingConfiguration.propagatedRouteTables.labels"
)

type object = map[string]any

const notOurs = "what has no tag of ours is not touched"

func ref(path string) object { return object{"id": provider + path} }

func tags(id string) object { return object{"linkd-owner": owner, "linkd-id": id} }

// one makes a resource with our owner tag.
func one(kind, name, id string, properties object) Step {
	return azure("create", kind, name, "", object{"location": "eastus", "tags": tags(id), "properties": properties})
}

func virtualWAN() []Entry {
	const on = "azure/virtual-wan/" + wan
	return []Entry{
		{
			Name: "the virtual WAN becomes a Basic one", Key: "azure/virtual-wan.type", On: on,
			Do: []Step{azure("set", wans, wan, "properties.type", "Basic")},
		},
		{
			Name: "branches of the virtual WAN are kept apart", Key: "azure/virtual-wan.branch_to_branch", On: on,
			Do: []Step{azure("set", wans, wan, "properties.allowBranchToBranchTraffic", false)},
		},
		{
			Name: "the virtual WAN is deleted", Key: "azure/virtual-wan.missing", On: on,
			Do: []Step{azure("delete", wans, wan, "", nil)},
		},
		{
			Name: "an operation on the virtual WAN failed", Key: "azure/virtual-wan.failed", On: on,
			Do: []Step{azure("set", wans, wan, state, "Failed")},
		},
		{
			Name: "the tags of the virtual WAN are stripped", Key: "azure/virtual-wan.unowned", On: on, Lasts: notOurs,
			Do:   []Step{azure("unset", wans, wan, "tags", nil)},
			Then: []Step{azure("set", wans, wan, "tags", tags(on))},
		},
		{
			Name: "a virtual WAN of an earlier file is left", Key: "azure/virtual-wan.orphan", Lasts: onlyDestroy,
			Do:   []Step{one(wans, "wan-old", "azure/virtual-wan/wan-old", object{})},
			Then: []Step{azure("delete", wans, "wan-old", "", nil)},
		},
		{
			Name: "a second virtual WAN carries our tags", Key: "azure/virtual-wan.duplicate", Lasts: eitherInUse,
			Do:   []Step{one(wans, "wan-two", on, object{})},
			Then: []Step{azure("delete", wans, "wan-two", "", nil)},
		},
	}
}

const (
	onlyDestroy = "what the file does not name is left to linkd destroy, or to a person"
	eitherInUse = "two carry the same tags, and either may be the one in use"
	userOwns    = "it is the user's own"
)

func virtualHub() []Entry {
	const on = "azure/virtual-hub/" + farHub
	here := object{"virtualWan": ref("virtualWans/" + wan), "addressPrefix": "192.168.9.0/24"}
	return []Entry{
		{
			Name: "a hub stands in another range", Key: "azure/virtual-hub.address_prefix", On: on,
			Lasts: "a hub keeps its range, and what stands on it would have to go first",
			Do:    []Step{azure("set", hubs, farHub, "properties.addressPrefix", "192.168.7.0/24")},
			Then:  []Step{azure("set", hubs, farHub, "properties.addressPrefix", "192.168.1.0/24")},
		},
		{
			Name: "a hub is deleted", Key: "azure/virtual-hub.missing", On: on, Cuts: CutsAll,
			Beside: []string{"azure/vnet-connection.missing", "azure/hub-routes.missing", "azure/hub-routes.routes"},
			Do:     []Step{azure("delete", hubs, farHub, "", nil)},
		},
		{
			Name: "an operation on a hub failed", Key: "azure/virtual-hub.failed", On: on,
			Do: []Step{azure("set", hubs, farHub, state, "Failed")},
		},
		{
			Name: "the router of a hub failed", Key: "azure/virtual-hub.failed", On: on, Cuts: CutsAll,
			Lasts: "a router that failed is reset in the portal, and by no call", Tries: true,
			Beside: []string{"azure/hub-routes.routes", "azure/hub-routes.busy"},
			Do:     []Step{azure("set", hubs, farHub, "properties.routingState", "Failed")},
			Then:   []Step{azure("set", hubs, farHub, "properties.routingState", "Provisioned")},
		},
		{
			Name: "the tags of a hub are stripped", Key: "azure/virtual-hub.unowned", On: on, Lasts: notOurs,
			Beside: []string{"azure/vnet-connection.unowned"},
			Do:     []Step{azure("unset", hubs, farHub, "tags", nil)},
			Then:   []Step{azure("set", hubs, farHub, "tags", tags(on))},
		},
		{
			Name: "a hub of an earlier file is left", Key: "azure/virtual-hub.orphan", Lasts: onlyDestroy,
			Do:   []Step{one(hubs, "hub-old", "azure/virtual-hub/hub-old", here)},
			Then: []Step{azure("delete", hubs, "hub-old", "", nil)},
		},
		{
			Name: "a second hub carries our tags", Key: "azure/virtual-hub.duplicate", Lasts: eitherInUse,
			Do:   []Step{one(hubs, "hub-two", on, here)},
			Then: []Step{azure("delete", hubs, "hub-two", "", nil)},
		},
	}
}

func vnet() []Entry {
	const on, name = "azure/vnet/vnet-use", "vnet-use"
	return []Entry{
		{
			Name: "a VNet gets a prefix that the file does not know", Key: "azure/vnet.prefixes", On: on, Lasts: userOwns,
			Beside: []string{"azure/hub-routes.routes.extra"},
			Do:     []Step{azure("add", "virtualNetworks", name, prefixField, "10.102.0.0/16")},
			Then:   []Step{azure("remove", "virtualNetworks", name, prefixField, "10.102.0.0/16")},
		},
		{
			Name: "a VNet is deleted", Key: "azure/vnet.missing", On: on, Lasts: userOwns, Cuts: CutsAll,
			Beside: []string{"azure/hub-routes.routes"},
			Do:     []Step{azure("delete", "virtualNetworks", name, "", nil)},
		},
		{
			Name: "an operation on a VNet failed", Key: "azure/vnet.failed", On: on, Lasts: userOwns,
			Do:   []Step{azure("set", "virtualNetworks", name, state, "Failed")},
			Then: []Step{azure("set", "virtualNetworks", name, state, "Succeeded")},
		},
	}
}

func vnetConnection() []Entry {
	const on, table = "azure/vnet-connection/vnet-use", "virtualHubs/" + farHub + "/hubRouteTables/noneRouteTable"
	edit := func(field string, value any) []Step { return []Step{azure("set", joins, vnetUse, field, value)} }
	away := []string{"azure/hub-routes.routes"}
	return []Entry{
		{
			Name: "another VNet hangs on the hub", Key: "azure/vnet-connection.remote_vnet", On: on, Beside: away, Cuts: CutsAll,
			Do: edit("properties.remoteVirtualNetwork.id", provider+"virtualNetworks/vnet-theirs"),
		},
		{
			Name: "a VNet is associated with another table", Key: "azure/vnet-connection.associated_table", On: on, Cuts: CutsAll,
			Do: edit(associated, provider+table),
		},
		{
			Name: "a VNet propagates to no table", Key: "azure/vnet-connection.propagated_tables", On: on, Beside: away,
			Do: edit(propagatedTo, []any{ref(table)}),
		},
		{
			Name: "a VNet propagates to no label", Key: "azure/vnet-connection.propagated_labels", On: on, Beside: away,
			Do: edit(labels, []any{"none"}),
		},
		{
			Name: "a VNet learns the hub's default route", Key: "azure/vnet-connection.internet_security", On: on,
			Do: edit("properties.enableInternetSecurity", true),
		},
		{
			Name: "a VNet connection is deleted", Key: "azure/vnet-connection.missing", On: on, Beside: away, Cuts: CutsAll,
			Do: []Step{azure("delete", joins, vnetUse, "", nil)},
		},
		{
			Name: "an operation on a VNet connection failed", Key: "azure/vnet-connection.failed", On: on,
			Do: edit(state, "Failed"),
		},
		{
			Name: "the tags of the hub of a VNet connection are stripped", Key: "azure/vnet-connection.unowned", On: on, Lasts: notOurs,
			Beside: []string{"azure/virtual-hub.unowned"},
			Do:     []Step{azure("unset", hubs, farHub, "tags", nil)},
			Then:   []Step{azure("set", hubs, farHub, "tags", tags("azure/virtual-hub/"+farHub))},
		},
	}
}
