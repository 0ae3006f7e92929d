package azure

import (
	"net/netip"
	"strings"

	"linkd/internal/sim/fabric"
)

// Side is what the fabric is told: what is in force. What is being created is
// not in it, and what is being changed is in it as it was.
func (c *Cloud) Side() fabric.Azure {
	var side fabric.Azure
	for _, n := range c.order {
		if n.works == nil || n.state == "Deleting" {
			continue
		}
		switch n.kind.collection() {
		case "virtualHubs":
			side.Hubs = append(side.Hubs, c.hubSide(n))
		case "virtualNetworks":
			side.VNets = append(side.VNets, c.vnetSide(n))
		case "virtualMachines":
			side.VMs = append(side.VMs, c.machineSide(n))
		case "vpnGateways":
			side.Gateways = append(side.Gateways, gatewaySide(n))
		case "vpnConnections":
			side.Links = append(side.Links, c.linksSide(n)...)
		}
	}
	return side
}

func (c *Cloud) hubSide(n *node) fabric.Hub {
	hub := fabric.Hub{
		ID: n.id, WAN: text(n.working(), "virtualWan", "id"), Region: c.location(n),
		Routed: text(n.working(), "routingState") == routingProvisioned,
	}
	if found := prefixes(text(n.working(), "addressPrefix")); len(found) > 0 {
		hub.Prefix = found[0]
	}
	if wan := c.find(hub.WAN); wan != nil {
		hub.WAN = wan.id
		// The hub's own property of that name reads false on every hub; it is
		// the WAN's that decides.
		hub.BranchToBranch = flag(wan.working(), "allowBranchToBranchTraffic")
	}
	if table := c.find(n.id + "/hubRouteTables/" + defaultRouteTable); table != nil {
		for _, route := range objects(table.working(), "routes") {
			for _, prefix := range prefixes(texts(route, "destinations")...) {
				hub.StaticRoutes = append(hub.StaticRoutes, fabric.HubRoute{Prefix: prefix, NextHop: c.spelling(text(route, "nextHop"))})
			}
		}
	}
	return hub
}

// spelling is an id as the resource itself has it, so that the fabric may
// compare ids as they are.
func (c *Cloud) spelling(id string) string {
	if n := c.find(id); n != nil {
		return n.id
	}
	return id
}

func (c *Cloud) vnetSide(n *node) fabric.VNet {
	vnet := fabric.VNet{ID: n.id, Region: c.location(n), Prefixes: prefixes(texts(n.working(), "addressSpace", "addressPrefixes")...)}
	if connection := c.connectionOf(n); connection != nil && connection.works != nil && connection.state != "Deleting" {
		hub := connection.parent
		routing := child(connection.working(), "routingConfiguration")
		table := hub.id + "/hubRouteTables/" + defaultRouteTable
		vnet.Hub, vnet.Connection, vnet.Connected = hub.id, connection.id, true
		vnet.Associated = same(text(routing, "associatedRouteTable", "id"), table)
		vnet.Propagates = propagates(routing, table, map[string]bool{"default": true})
	}
	for _, subnet := range c.below(n, "subnets") {
		if subnet.works != nil {
			vnet.Subnets = append(vnet.Subnets, c.subnetSide(subnet))
		}
	}
	return vnet
}

func (c *Cloud) subnetSide(n *node) fabric.AzureSubnet {
	subnet := fabric.AzureSubnet{ID: n.id}
	declared := append(prefixes(text(n.working(), "addressPrefix")), prefixes(texts(n.working(), "addressPrefixes")...)...)
	if len(declared) > 0 {
		subnet.Prefix = declared[0]
	}
	subnet.Rules = c.rulesOf(text(n.working(), "networkSecurityGroup", "id"))
	table := c.find(text(n.working(), "routeTable", "id"))
	if table == nil || table.works == nil {
		return subnet
	}
	subnet.NoGatewayRoute = flag(table.working(), "disableBgpRoutePropagation")
	for _, route := range c.below(table, "routes") {
		for _, prefix := range prefixes(text(route.working(), "addressPrefix")) {
			address, _ := netip.ParseAddr(text(route.working(), "nextHopIpAddress")) // there is one for appliances only
			subnet.Routes = append(subnet.Routes, fabric.UserRoute{
				Prefix: prefix, NextHop: text(route.working(), "nextHopType"), Table: table.id, Name: route.name, Address: address,
			})
		}
	}
	return subnet
}

// rulesOf are the rules of a security group with its default ones; nil when
// there is no group.
func (c *Cloud) rulesOf(id string) []fabric.NSGRule {
	group := c.find(id)
	if group == nil || group.works == nil {
		return nil
	}
	rules := []fabric.NSGRule{}
	for _, rule := range c.below(group, "securityRules") {
		if rule.works != nil {
			rules = append(rules, ruleSide(rule.name, rule.working()))
		}
	}
	for _, rule := range defaultRules() {
		rules = append(rules, ruleSide(rule.name, rule.properties()))
	}
	return rules
}

func ruleSide(name string, properties object) fabric.NSGRule {
	both := func(one, many string) []string {
		out := texts(properties, many)
		if single := text(properties, one); single != "" {
			out = append(out, single)
		}
		return out
	}
	return fabric.NSGRule{
		Name:         name,
		Priority:     int(number(properties, "priority")),
		Inbound:      same(text(properties, "direction"), "Inbound"),
		Allow:        same(text(properties, "access"), "Allow"),
		Protocol:     text(properties, "protocol"),
		Sources:      both("sourceAddressPrefix", "sourceAddressPrefixes"),
		Destinations: both("destinationAddressPrefix", "destinationAddressPrefixes"),
	}
}

func (c *Cloud) machineSide(n *node) fabric.VM {
	vm := fabric.VM{ID: n.id, Running: !n.stopped, Answers: !n.silent}
	for _, used := range objects(n.working(), "networkProfile", "networkInterfaces") {
		nic := c.find(text(used, "id"))
		if nic == nil || nic.works == nil {
			continue
		}
		vm.NIC = nic.id
		vm.Rules = c.rulesOf(text(nic.working(), "networkSecurityGroup", "id"))
		for _, configuration := range objects(nic.working(), "ipConfigurations") {
			vm.Subnet = c.spelling(text(configuration, "properties", "subnet", "id"))
			vm.VNet, _, _ = strings.Cut(vm.Subnet, "/subnets/")
			if address, err := netip.ParseAddr(text(configuration, "properties", "privateIPAddress")); err == nil {
				vm.Address = address
			}
		}
	}
	return vm
}

func gatewaySide(n *node) fabric.Gateway {
	properties := n.working()
	gateway := fabric.Gateway{ID: n.id, Hub: text(properties, "virtualHub", "id"), ASN: uint32(number(properties, "bgpSettings", "asn"))}
	for _, configuration := range objects(properties, "ipConfigurations") {
		var instance fabric.Instance
		if address, err := netip.ParseAddr(text(configuration, "publicIpAddress")); err == nil {
			instance.Public = address
		}
		for _, peering := range objects(properties, "bgpSettings", "bgpPeeringAddresses") {
			if same(text(peering, "ipconfigurationId"), text(configuration, "id")) {
				instance.Default, instance.Custom = addresses(texts(peering, "defaultBgpIpAddresses")), addresses(texts(peering, "customBgpIpAddresses"))
			}
		}
		gateway.Instances = append(gateway.Instances, instance)
	}
	return gateway
}

func addresses(items []string) []netip.Addr {
	var out []netip.Addr
	for _, item := range items {
		if address, err := netip.ParseAddr(item); err == nil {
			out = append(out, address)
		}
	}
	return out
}

// linksSide are the links of a connection; one without links is its own.
func (c *Cloud) linksSide(n *node) []fabric.LinkConnection {
	site := c.find(text(n.working(), "remoteVpnSite", "id"))
	if site == nil || site.works == nil {
		return nil
	}
	links := c.below(n, "vpnLinkConnections")
	if len(links) == 0 && len(c.below(site, "vpnSiteLinks")) > 0 {
		return nil // its links were taken away
	}
	if len(links) == 0 {
		return []fabric.LinkConnection{c.linkSide(n, n, site, site)}
	}
	var out []fabric.LinkConnection
	for _, link := range links {
		if remote := c.find(text(link.working(), "vpnSiteLink", "id")); remote != nil && remote.works != nil {
			out = append(out, c.linkSide(link, n, site, remote))
		}
	}
	return out
}

// linkSide is one link: how it dials, from the link connection; whom it
// dials, from the site's link.
func (c *Cloud) linkSide(link, connection, site, remote *node) fabric.LinkConnection {
	properties := link.working()
	out := fabric.LinkConnection{
		ID: link.id, Connection: connection.id, Gateway: connection.parent.id, Site: site.id, SiteLink: remote.id,
		Key: link.keyWorks, Proposal: proposal(properties), Mode: text(properties, "vpnLinkConnectionMode"),
		SitePrefixes:    prefixes(texts(site.working(), "addressSpace", "addressPrefixes")...),
		BGP:             flag(properties, "enableBgp"),
		PeerASN:         uint32(number(remote.working(), "bgpProperties", "asn")),
		IKEv1:           same(text(properties, "vpnConnectionProtocolType"), "IKEv1"),
		CustomAddresses: map[int]netip.Addr{},
	}
	routing := child(connection.working(), "routingConfiguration")
	table := text(connection.parent.working(), "virtualHub", "id") + "/hubRouteTables/" + defaultRouteTable
	out.Unpropagated = !propagates(routing, table, map[string]bool{"default": true})
	// What a route map does is not simulated: any holds everything back.
	out.TellsNothing = text(routing, "outboundRouteMap", "id") != ""
	out.TakesNothing = text(routing, "inboundRouteMap", "id") != ""
	if out.Mode == "" {
		out.Mode = "Default"
	}
	if address, err := netip.ParseAddr(text(remote.working(), "ipAddress")); err == nil {
		out.Remote = address
	}
	if address, err := netip.ParseAddr(text(remote.working(), "bgpProperties", "bgpPeeringAddress")); err == nil {
		out.PeerAddress = address
	}
	for i, configuration := range objects(connection.parent.working(), "ipConfigurations") {
		for _, chosen := range objects(properties, "vpnGatewayCustomBgpAddresses") {
			address, err := netip.ParseAddr(text(chosen, "customBgpIpAddress"))
			if err == nil && same(text(chosen, "ipConfigurationId"), text(configuration, "id")) {
				out.CustomAddresses[i] = address
			}
		}
	}
	return out
}
