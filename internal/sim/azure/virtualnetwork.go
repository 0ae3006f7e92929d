package azure

func virtualNetworkKind() *kind {
	return &kind{
		path:    []string{"virtualNetworks"},
		located: true,
		check:   checkNetwork,
		fill: func(c *Cloud, n *node, old object) {
			n.body = merge(object{"properties": object{"enableDdosProtection": false, "virtualNetworkPeerings": []any{}}}, n.body)
			n.properties()["resourceGuid"] = c.guidOf(old)
			var own []any // the peering to a hub is worked out, not kept
			for _, peering := range objects(n.properties(), "virtualNetworkPeerings") {
				if !isHubPeering(text(peering, "name")) {
					own = append(own, peering)
				}
			}
			n.properties()["virtualNetworkPeerings"] = append([]any{}, own...)
		},
		view: func(c *Cloud, n *node, properties object, _ bool) {
			if connection := c.connectionOf(n); connection != nil && connection.works != nil {
				properties["virtualNetworkPeerings"] = append(list(properties, "virtualNetworkPeerings"), hubPeering(n, connection))
			}
		},
		inUse: func(c *Cloud, n *node) *failure {
			if connection := c.connectionOf(n); connection != nil {
				return inUse("VirtualNetwork", n.id, "connection "+connection.id+" refers to it")
			}
			for _, subnet := range c.below(n, "subnets") {
				if problem := subnetInUse(c, subnet); problem != nil {
					return problem
				}
			}
			return nil
		},
		quiet: unchanged,
	}
}

// checkNetwork wants prefixes, and that a subnet that a PUT leaves out is not
// in use.
func checkNetwork(c *Cloud, d draft) *failure {
	for _, prefix := range texts(d.properties(), "addressSpace", "addressPrefixes") {
		if !isPrefix(prefix) {
			return badPrefix(prefix, d.id)
		}
	}
	if d.old == nil {
		return nil
	}
	kept := map[string]bool{}
	for _, subnet := range objects(d.properties(), "subnets") {
		kept[key(text(subnet, "name"))] = true
	}
	for _, subnet := range c.below(d.old, "subnets") {
		if problem := subnetInUse(c, subnet); problem != nil && !kept[key(subnet.name)] {
			return problem
		}
	}
	return nil
}

// guidOf is the resourceGuid of what was there, or a new one.
func (c *Cloud) guidOf(old object) string {
	if guid := text(old, "properties", "resourceGuid"); guid != "" {
		return guid
	}
	return c.newGUID()
}

// connectionOf is the connection of a VNet to a hub, or nil.
func (c *Cloud) connectionOf(vnet *node) *node {
	for _, n := range c.all("hubVirtualNetworkConnections") {
		if same(text(n.properties(), "remoteVirtualNetwork", "id"), vnet.id) {
			return n
		}
	}
	return nil
}

const hubPeeringPrefix = "RemoteVnetToHubPeering_"

func isHubPeering(name string) bool {
	return len(name) >= len(hubPeeringPrefix) && same(name[:len(hubPeeringPrefix)], hubPeeringPrefix)
}

// hubPeering is the peering that the service makes in a connected VNet, to a
// network of its own in a subscription of its own; users report its shape.
func hubPeering(vnet, connection *node) object {
	name := hubPeeringPrefix + text(connection.properties(), "resourceGuid")
	return object{
		"name": name,
		"id":   vnet.id + "/virtualNetworkPeerings/" + name,
		"type": vnet.kind.typ() + "/virtualNetworkPeerings",
		"properties": object{
			"provisioningState": "Succeeded", "peeringState": "Connected",
			"allowVirtualNetworkAccess": true, "allowForwardedTraffic": true, "allowGatewayTransit": false, "useRemoteGateways": true,
			"remoteVirtualNetwork": reference("/subscriptions/00000000-0000-0000-0000-0000000000ee/resourceGroups/RG_" + connection.parent.name +
				"/providers/" + network + "/virtualNetworks/HV_" + connection.parent.name),
			"remoteAddressSpace": object{"addressPrefixes": anys(text(connection.parent.properties(), "addressPrefix"))},
		},
	}
}

func subnetKind() *kind {
	return &kind{
		path:   []string{"virtualNetworks", "subnets"},
		within: "subnets",
		names:  [][]string{{"networkSecurityGroup"}, {"routeTable"}},
		check: func(_ *Cloud, d draft) *failure {
			if prefix := text(d.properties(), "addressPrefix"); prefix != "" && !isPrefix(prefix) {
				return badPrefix(prefix, d.id)
			}
			return nil
		},
		fill: func(_ *Cloud, n *node, _ object) {
			n.body = merge(object{"properties": object{
				"delegations":                       []any{},
				"privateEndpointNetworkPolicies":    "Disabled",
				"privateLinkServiceNetworkPolicies": "Enabled",
			}}, n.body)
		},
		view: func(c *Cloud, n *node, properties object, _ bool) {
			var ids []string
			for _, nic := range c.all("networkInterfaces") {
				for _, configuration := range objects(nic.properties(), "ipConfigurations") {
					if same(text(configuration, "properties", "subnet", "id"), n.id) {
						ids = append(ids, nic.id+"/ipConfigurations/"+text(configuration, "name"))
					}
				}
			}
			if len(ids) > 0 {
				properties["ipConfigurations"] = references(ids)
			}
		},
		inUse: subnetInUse,
	}
}

// subnetInUse is recorded with this code.
func subnetInUse(c *Cloud, n *node) *failure {
	for _, nic := range c.all("networkInterfaces") {
		for _, configuration := range objects(nic.properties(), "ipConfigurations") {
			if same(text(configuration, "properties", "subnet", "id"), n.id) {
				return badRequest("InUseSubnetCannotBeDeleted",
					"Subnet %s is in use by %s and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet.", n.name, nic.id)
			}
		}
	}
	return nil
}
