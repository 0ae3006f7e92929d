package catalogue

// The addresses from which instance 0 of the gateway speaks BGP in the tunnels
// of the file's link, by linkd's address plan.
const (
	speaks1 = "169.254.21.178"
	speaks2 = "169.254.21.182"
	unused  = "169.254.22.250"
)

// silent is what is seen when the BGP session of a tunnel is down, or of all.
var silent = []string{"aws/vpn-tunnel.status", "azure/hub-routes.routes", "aws/learned-routes.routes"}

// bgp is of links that learn their routes.
func bgp() []Entry {
	const (
		gatewayID, siteID, connID = "azure/vpn-gateway/hub-jpe", "azure/vpn-site/" + site, "azure/vpn-connection/tokyo"
		learnedID                 = "aws/learned-routes/" + gateway
		custom                    = "properties.bgpSettings.bgpPeeringAddresses.Instance0.customBgpIpAddresses"
		peer                      = "properties.vpnSiteLinks.tokyo-0-1.properties.bgpProperties."
	)
	entry := func(name, key, on string, cuts Cut, beside []string, do ...Step) Entry {
		return Entry{Name: name, Key: key, On: on, Cuts: cuts, Beside: beside, File: SpeaksBGP, Do: do}
	}
	waits := entry("a connection that should speak BGP is static", "aws/vpn-connection.routing", vpnID, CutsAll, append(append([]string{}, down...), silent...),
		onID(aws("set", vpns, "", "StaticRoutesOnly", true), func(p Place) string { return p.ID("Connections", vpnID) }))
	waits.Anew, waits.Beside = true, append(waits.Beside, "aws/tgw-routes.routes", "aws/tgw-routes.routes.extra", "azure/vpn-site.address_space")
	gone := entry("the transit gateway is gone with what it learned", "aws/learned-routes.missing", learnedID, CutsAll, append([]string{
		"aws/transit-gateway.missing", "aws/vpc-attachment.missing", "aws/tgw-routes.missing", "aws/vpc-routes.routes", "aws/vpc-routes.routes.extra",
	}, gone...), demolish...)
	gone.Anew = true
	grown := entry("a VNet tells AWS a prefix that nobody declared", "aws/learned-routes.routes.extra", learnedID, CutsNothing, []string{"azure/vnet.prefixes", "azure/hub-routes.routes.extra"},
		azure("add", "virtualNetworks", "vnet-use", prefixField, "10.102.0.0/16"))
	grown.Lasts, grown.Then = userOwns, []Step{azure("remove", "virtualNetworks", "vnet-use", prefixField, "10.102.0.0/16")}
	static := func(target func(Place) any) Step {
		return onID(withID(aws("add", gatewayTables, "", "Routes", nil), func(p Place) any {
			return object{"DestinationCidrBlock": "10.1.0.0/16", "TransitGatewayAttachmentId": target(p)}
		}), theTable)
	}
	return []Entry{
		waits, gone, grown,
		entry("AWS is told of a VNet no more", "aws/learned-routes.routes", learnedID, CutsAll, []string{"azure/vnet-connection.missing", "azure/hub-routes.routes"},
			azure("delete", joins, vnetUse, "", nil)),
		entry("a static route hides what BGP tells", "aws/learned-routes.hidden.extra", learnedID, CutsAll, []string{"aws/tgw-routes.routes.extra"},
			static(func(p Place) any { return attachmentA(p) })),
		entry("a static route from before BGP is left", "aws/tgw-routes.withdrawn", "aws/tgw-routes/"+gateway, CutsNothing, []string{"aws/learned-routes.hidden.extra"},
			static(func(p Place) any { return attachmentVPN(p) })),
		entry("an instance of the gateway loses the address from which it speaks BGP", "azure/vpn-gateway.bgp_addresses", gatewayID, CutsSingle, silent,
			azure("remove", vpnGateways, vpnGW, custom, speaks1)),
		entry("an instance of the gateway gets a BGP address that nobody declared", "azure/vpn-gateway.bgp_addresses.extra", gatewayID, CutsNothing, nil,
			azure("add", vpnGateways, vpnGW, custom, unused)),
		entry("Azure expects another number of AWS", "azure/vpn-site.bgp_peers", siteID, CutsSingle, silent,
			azure("set", sites, site, peer+"asn", 64999)),
		entry("Azure expects BGP from another address of AWS", "azure/vpn-site.bgp_peers", siteID, CutsSingle, silent,
			azure("set", sites, site, peer+"bgpPeeringAddress", "169.254.22.1")),
		entry("the site of a link with BGP gets a prefix", "azure/vpn-site.address_space.extra", siteID, CutsNothing, nil,
			azure("set", sites, site, prefixField, []any{"172.20.0.0/16"})),
		entry("Azure speaks no BGP in a tunnel", "azure/vpn-connection.bgp", connID, CutsSingle, silent,
			azure("set", connLinks, link, "properties.enableBgp", false)),
		entry("Azure speaks BGP from the address of another tunnel", "azure/vpn-connection.bgp_addresses", connID, CutsSingle, silent,
			azure("set", connLinks, link, "properties.vpnGatewayCustomBgpAddresses", []any{object{"ipConfigurationId": "Instance0", "customBgpIpAddress": unused}})),
		entry("the connection propagates to no table of the transit gateway", "aws/vpn-connection.propagation", vpnID, CutsAll, []string{"aws/learned-routes.routes"},
			onID(withID(aws("remove", attachments, "", "Propagations", nil), func(p Place) any { return theTable(p) }), attachmentVPN)),
	}
}
