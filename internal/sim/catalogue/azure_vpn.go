package catalogue

import "slices"

// down is what a tunnel that fell is seen by.
var down = []string{"azure/vpn-tunnel.status", "aws/vpn-tunnel.status"}

// gone is what is seen when a connection is no more.
var gone = []string{
	"azure/vpn-tunnel.status", "aws/vpn-tunnel.status", "azure/vpn-tunnel.missing", "aws/vpn-tunnel.missing",
	"azure/hub-routes.routes", "azure/vpn-connection.missing", "aws/vpn-connection.missing",
}

func vpnGateway() []Entry {
	const on = "azure/vpn-gateway/hub-jpe"
	edit := func(field string, value any) []Step { return []Step{azure("set", vpnGateways, vpnGW, field, value)} }
	onFarHub := object{"virtualHub": ref("virtualHubs/" + farHub)}
	return []Entry{
		{
			Name: "the gateway has other scale units", Key: "azure/vpn-gateway.scale_units", On: on,
			Do: edit("properties.vpnGatewayScaleUnit", 3),
		},
		{
			Name: "the gateway takes the other way through the Internet", Key: "azure/vpn-gateway.routing_preference", On: on, Anew: true,
			Do: edit("properties.isRoutingPreferenceInternet", true),
		},
		{
			Name: "the gateway has another ASN", Key: "azure/vpn-gateway.asn", On: on, Lasts: "Azure takes no other number of a gateway that stands",
			Do:   edit("properties.bgpSettings.asn", 65010),
			Then: edit("properties.bgpSettings.asn", 65515),
		},
		{
			Name: "the gateway is deleted", Key: "azure/vpn-gateway.missing", On: on, Beside: gone, Cuts: CutsAll, Anew: true,
			Do: []Step{azure("delete", vpnGateways, vpnGW, "", nil)},
		},
		{
			Name: "an operation on the gateway failed", Key: "azure/vpn-gateway.failed", On: on,
			Beside: []string{"azure/vpn-connection.failed"},
			Do:     edit(state, "Failed"),
		},
		{
			Name: "the tags of the gateway are stripped", Key: "azure/vpn-gateway.unowned", On: on, Lasts: notOurs,
			Beside: []string{"azure/vpn-connection.unowned"},
			Do:     []Step{azure("unset", vpnGateways, vpnGW, "tags", nil)},
			Then:   edit("tags", tags(on)),
		},
		{
			Name: "a gateway of an earlier file is left", Key: "azure/vpn-gateway.orphan", Lasts: onlyDestroy,
			Do:   []Step{one(vpnGateways, "gw-old", "azure/vpn-gateway/hub-old", onFarHub)},
			Then: []Step{azure("delete", vpnGateways, "gw-old", "", nil)},
		},
		{
			Name: "a second gateway carries our tags", Key: "azure/vpn-gateway.duplicate", Lasts: eitherInUse,
			Do:   []Step{one(vpnGateways, "gw-two", on, onFarHub)},
			Then: []Step{azure("delete", vpnGateways, "gw-two", "", nil)},
		},
	}
}

func vpnSite() []Entry {
	const on, first = "azure/vpn-site/" + site, "properties.vpnSiteLinks.tokyo-0-1.properties."
	edit := func(field string, value any) []Step { return []Step{azure("set", sites, site, field, value)} }
	old := object{"virtualWan": ref("virtualWans/" + wan), "addressSpace": object{"addressPrefixes": []any{"172.30.0.0/16"}}}
	return []Entry{
		{
			Name: "a prefix is taken out of the site", Key: "azure/vpn-site.address_space", On: on, Beside: []string{"azure/hub-routes.routes"}, Cuts: CutsAll,
			Do: []Step{azure("remove", sites, site, prefixField, "172.20.0.0/16")},
		},
		{
			Name: "a prefix is added to the site", Key: "azure/vpn-site.address_space.extra", On: on, Beside: []string{"azure/hub-routes.routes.extra"},
			Do: []Step{azure("add", sites, site, prefixField, "172.31.0.0/16")},
		},
		{
			Name: "a link of the site has another address", Key: "azure/vpn-site.link_addresses", On: on, Beside: down, Cuts: CutsSingle,
			Do: edit(first+"ipAddress", "198.51.100.7"),
		},
		{
			Name: "a link that nobody declared is added to the site", Key: "azure/vpn-site.other_links.extra", On: on,
			Do: []Step{azure("add", sites, site, "properties.vpnSiteLinks", strangeLink)},
		},
		{
			Name: "the site names another vendor", Key: "azure/vpn-site.device_vendor", On: on,
			Do: edit("properties.deviceProperties.deviceVendor", "Other"),
		},
		{
			Name: "the site names another provider", Key: "azure/vpn-site.provider", On: on,
			Do: edit(first+"linkProperties.linkProviderName", "Other"),
		},
		{
			Name: "the site names another speed", Key: "azure/vpn-site.speed_mbps", On: on,
			Do: edit(first+"linkProperties.linkSpeedInMbps", 50),
		},
		{
			Name: "the site is deleted", Key: "azure/vpn-site.missing", On: on, Beside: gone, Cuts: CutsAll,
			Do: []Step{azure("delete", sites, site, "", nil)},
		},
		{
			Name: "an operation on the site failed", Key: "azure/vpn-site.failed", On: on,
			Do: edit(state, "Failed"),
		},
		{
			Name: "the tags of the site are stripped", Key: "azure/vpn-site.unowned", On: on, Lasts: notOurs,
			Do:   []Step{azure("unset", sites, site, "tags", nil)},
			Then: edit("tags", tags(on)),
		},
		{
			Name: "a site of an earlier file is left", Key: "azure/vpn-site.orphan", Lasts: onlyDestroy,
			Do:   []Step{one(sites, "site-old", "azure/vpn-site/site-old", old)},
			Then: []Step{azure("delete", sites, "site-old", "", nil)},
		},
		{
			Name: "a second site carries our tags", Key: "azure/vpn-site.duplicate", Lasts: eitherInUse,
			Do:   []Step{one(sites, "site-two", on, old)},
			Then: []Step{azure("delete", sites, "site-two", "", nil)},
		},
	}
}

// strangeLink is a link of a site that nobody declared.
var strangeLink = object{"name": "strange", "properties": object{
	"ipAddress": "203.0.113.9", "linkProperties": object{"linkProviderName": "x", "linkSpeedInMbps": 1},
}}

// policy is an IKE policy that AWS does not accept.
var policy = []any{object{
	"dhGroup": "DHGroup2", "ikeEncryption": "AES128", "ikeIntegrity": "SHA1", "ipsecEncryption": "AES128", "ipsecIntegrity": "SHA1",
	"pfsGroup": "PFS2", "saDataSizeKilobytes": 102400000, "saLifeTimeSeconds": 3600,
}}

func azureConnection() []Entry {
	const on, table = "azure/vpn-connection/tokyo", "virtualHubs/hub-jpe/hubRouteTables/noneRouteTable"
	edit := func(field string, value any) []Step { return []Step{azure("set", connections, conn, field, value)} }
	editLink := func(field string, value any) []Step { return []Step{azure("set", connLinks, link, field, value)} }
	return []Entry{
		{
			Name: "the gateway is joined to another site", Key: "azure/vpn-connection.site", On: on,
			Beside: slices.Concat(gone, []string{"azure/vpn-connection.links", "azure/vpn-connection.site_links", "azure/vpn-connection.shared_key"}), Cuts: CutsAll,
			Do: edit("properties.remoteVpnSite.id", provider+"vpnSites/theirs"),
		},
		{
			Name: "a tunnel is taken out of the connection", Key: "azure/vpn-connection.links", On: on, Cuts: CutsSingle,
			Beside: slices.Concat(gone, []string{
				"azure/vpn-connection.ike_policy", "azure/vpn-connection.mode", "azure/vpn-connection.dpd_timeout", "azure/vpn-connection.shared_key",
			}),
			Do: []Step{azure("remove", connections, conn, "properties.vpnLinkConnections", "tokyo-0-1")},
		},
		{
			Name: "a tunnel that nobody declared is added to the connection", Key: "azure/vpn-connection.links.extra", On: on,
			Beside: []string{"azure/vpn-site.other_links.extra"},
			Do: []Step{
				azure("add", sites, site, "properties.vpnSiteLinks", strangeLink),
				azure("add", connections, conn, "properties.vpnLinkConnections", object{"name": "strange", "properties": object{
					"vpnSiteLink": ref("vpnSites/" + site + "/vpnSiteLinks/strange"), "sharedKey": "a.key.of.somebody",
				}}),
			},
		},
		{
			Name: "a tunnel is dialled by another link of the site", Key: "azure/vpn-connection.site_links", On: on, Cuts: CutsSingle,
			Beside: slices.Concat(down, []string{"azure/vpn-site.other_links.extra"}),
			Do: []Step{
				azure("add", sites, site, "properties.vpnSiteLinks", strangeLink),
				azure("set", connLinks, link, "properties.vpnSiteLink.id", provider+"vpnSites/"+site+"/vpnSiteLinks/strange"),
			},
		},
		{
			Name: "Azure asks for another IKE policy", Key: "azure/vpn-connection.ike_policy", On: on, Beside: down, Cuts: CutsSingle,
			Do: editLink("properties.ipsecPolicies", policy),
		},
		{
			Name: "Azure only answers", Key: "azure/vpn-connection.mode", On: on,
			Do: editLink("properties.vpnLinkConnectionMode", "ResponderOnly"),
		},
		{
			Name: "Azure notices a dead tunnel later", Key: "azure/vpn-connection.dpd_timeout", On: on,
			Do: editLink("properties.dpdTimeoutSeconds", 300),
		},
		{
			Name: "the connection is associated with another table", Key: "azure/vpn-connection.associated_table", On: on,
			Do: edit(associated, provider+table),
		},
		{
			Name: "the connection propagates to another table", Key: "azure/vpn-connection.propagated_tables", On: on,
			Beside: []string{"azure/hub-routes.routes"},
			Do:     edit(propagatedTo, []any{ref(table)}),
		},
		{
			Name: "the connection propagates to no label", Key: "azure/vpn-connection.propagated_labels", On: on,
			Beside: []string{"azure/hub-routes.routes"},
			Do:     edit(labels, []any{"none"}),
		},
		{
			Name: "Azure has another key", Key: "azure/vpn-connection.shared_key", On: on, Beside: down, Cuts: CutsSingle,
			Do: editLink("sharedKey", "another.key.altogether"),
		},
		{
			Name: "the connection is deleted in Azure", Key: "azure/vpn-connection.missing", On: on, Beside: gone, Cuts: CutsAll,
			Do: []Step{azure("delete", connections, conn, "", nil)},
		},
		{
			Name: "an operation on the connection failed", Key: "azure/vpn-connection.failed", On: on,
			Do: edit(state, "Failed"),
		},
		{
			Name: "the tags of the gateway of the connection are stripped", Key: "azure/vpn-connection.unowned", On: on, Lasts: notOurs,
			Beside: []string{"azure/vpn-gateway.unowned"},
			Do:     []Step{azure("unset", vpnGateways, vpnGW, "tags", nil)},
			Then:   []Step{azure("set", vpnGateways, vpnGW, "tags", tags("azure/vpn-gateway/hub-jpe"))},
		},
		{
			Name: "somebody joins the gateway to a site of theirs", Key: "azure/vpn-connection.extra", Lasts: onlyDestroy,
			Do: []Step{
				azure("create", sites, "theirs", "", object{"location": "eastus", "properties": object{
					"virtualWan": ref("virtualWans/" + wan), "addressSpace": object{"addressPrefixes": []any{"172.30.0.0/16"}},
					"vpnSiteLinks": []any{object{"name": "one", "properties": object{
						"ipAddress": "203.0.113.9", "linkProperties": object{"linkProviderName": "x", "linkSpeedInMbps": 1},
					}}},
				}}),
				azure("create", connections, vpnGW+"/theirs", "", object{"properties": object{
					"remoteVpnSite": ref("vpnSites/theirs"),
					"vpnLinkConnections": []any{object{"name": "one", "properties": object{
						"vpnSiteLink": ref("vpnSites/theirs/vpnSiteLinks/one"), "sharedKey": "their.key", "vpnConnectionProtocolType": "IKEv2",
					}}},
				}}),
			},
			Beside: []string{"azure/hub-routes.routes.extra"},
			Then:   []Step{azure("delete", connections, vpnGW+"/theirs", "", nil), azure("delete", sites, "theirs", "", nil)},
		},
	}
}

func watchedInAzure() []Entry {
	return []Entry{
		{
			Name: "a hub loses a route", Key: "azure/hub-routes.routes", On: "azure/hub-routes/hub-jpe", Cuts: CutsAll,
			Beside: []string{"azure/vnet-connection.missing"},
			Do:     []Step{azure("delete", joins, vnetUse, "", nil)},
		},
		{
			Name: "a hub learns a route that nobody declared", Key: "azure/hub-routes.routes.extra", On: "azure/hub-routes/hub-use",
			Beside: []string{"azure/vpn-site.address_space.extra"},
			Do:     []Step{azure("add", sites, site, prefixField, "172.31.0.0/16")},
		},
		{
			Name: "a hub is gone with its routes", Key: "azure/hub-routes.missing", On: "azure/hub-routes/" + farHub, Cuts: CutsAll,
			Beside: []string{"azure/virtual-hub.missing", "azure/vnet-connection.missing", "azure/hub-routes.routes"},
			Do:     []Step{azure("delete", hubs, farHub, "", nil)},
		},
		{
			Name: "Azure sees a tunnel go down", Key: "azure/vpn-tunnel.status", On: "azure/vpn-tunnel/tokyo-0-1", Cuts: CutsSingle,
			Beside: []string{"azure/vpn-connection.shared_key", "aws/vpn-tunnel.status"},
			Do:     []Step{azure("set", connLinks, link, "sharedKey", "another.key.altogether")},
		},
		{
			Name: "a tunnel is not there in Azure", Key: "azure/vpn-tunnel.missing", On: "azure/vpn-tunnel/tokyo-0-1", Cuts: CutsAll,
			Beside: gone,
			Do:     []Step{azure("delete", connections, conn, "", nil)},
		},
	}
}
