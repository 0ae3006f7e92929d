package azure

import "net/netip"

func vpnSiteKind() *kind {
	return &kind{
		path:    []string{"vpnSites"},
		located: true,
		names:   [][]string{{"virtualWan"}},
		check:   checkSite,
		fill: func(_ *Cloud, n *node, _ object) {
			n.body = merge(object{"properties": object{
				"deviceProperties": object{"linkSpeedInMbps": 0},
				"isSecuritySite":   false,
				"o365Policy":       object{"breakOutCategories": object{"optimize": false, "allow": false, "default": false}},
			}}, n.body)
			if space, sent := n.properties()["addressSpace"].(object); sent {
				n.properties()["addressSpace"] = merge(object{"addressPrefixes": []any{}}, space)
			}
		},
		inUse: func(c *Cloud, n *node) *failure {
			if by := c.connectionTo(n.id); by != nil {
				return inUse("VpnSite", n.id, "connection "+by.id+" refers to it")
			}
			return nil
		},
	}
}

func checkSite(c *Cloud, d draft) *failure {
	for _, prefix := range texts(d.properties(), "addressSpace", "addressPrefixes") {
		if !isPrefix(prefix) {
			return badPrefix(prefix, d.id)
		}
	}
	if problem := checkMigration(d); problem != nil {
		return problem
	}
	if d.old == nil {
		return nil
	}
	kept := map[string]bool{}
	for _, link := range objects(d.properties(), "vpnSiteLinks") {
		kept[key(text(link, "name"))] = true
	}
	for _, link := range c.below(d.old, "vpnSiteLinks") {
		if by := c.linkConnectionTo(link.id); by != nil && !kept[key(link.name)] {
			// Users report that it fails; the code is a guess.
			return inUse("VpnSiteLink", link.id, "link connection "+by.id+" refers to it")
		}
	}
	return nil
}

// checkMigration is the recorded refusal of links on a site that has been
// made with an address of its own.
func checkMigration(d draft) *failure {
	links := objects(d.properties(), "vpnSiteLinks")
	if d.old == nil || text(d.old.properties(), "ipAddress") == "" || len(links) == 0 {
		return nil
	}
	for _, link := range links {
		if same(text(link, "name"), d.name) {
			return nil
		}
	}
	return badRequest("MissingDefaultLinkForVpnSiteDuringMigrationToLinkFormat",
		"Default Vpn link is missing while migrating Vpn Site %s to include links. One default link with same name and properties as VpnSite %s is mandatory.",
		d.id, d.name)
}

// connectionTo is a connection to a site.
func (c *Cloud) connectionTo(site string) *node {
	for _, n := range c.all("vpnConnections") {
		if same(text(n.properties(), "remoteVpnSite", "id"), site) {
			return n
		}
	}
	return nil
}

// linkConnectionTo is a link connection to a site's link.
func (c *Cloud) linkConnectionTo(link string) *node {
	for _, n := range c.all("vpnLinkConnections") {
		if same(text(n.properties(), "vpnSiteLink", "id"), link) {
			return n
		}
	}
	return nil
}

func siteLinkKind() *kind {
	return &kind{
		path:     []string{"vpnSites", "vpnSiteLinks"},
		within:   "vpnSiteLinks",
		readOnly: true,
		check: func(_ *Cloud, d draft) *failure {
			address := text(d.properties(), "ipAddress")
			if _, err := netip.ParseAddr(address); address != "" && err != nil {
				return badAddress(address, d.id)
			}
			return nil
		},
		fill: func(_ *Cloud, n *node, _ object) {
			n.body = merge(object{"properties": object{"linkProperties": object{"linkSpeedInMbps": 0}}}, n.body)
		},
	}
}
