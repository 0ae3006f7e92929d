package azure

import "net/netip"

func hubConnectionKind() *kind {
	return &kind{
		path:  []string{"virtualHubs", "hubVirtualNetworkConnections"},
		names: [][]string{{"remoteVirtualNetwork"}},
		check: checkHubConnection,
		fill: func(c *Cloud, n *node, old object) {
			guid := text(old, "properties", "resourceGuid")
			if guid == "" {
				guid = c.newGUID()
			}
			n.body = merge(object{"properties": object{
				"allowHubToRemoteVnetTransit":         true,
				"allowRemoteVnetToUseHubVnetGateways": false,
				"enableInternetSecurity":              false,
			}}, n.body)
			n.properties()["resourceGuid"] = guid
			n.properties()["connectivityStatus"] = "Unknown"
			n.properties()["routingConfiguration"] = fillRouting(child(n.properties(), "routingConfiguration"), n.parent.id, true)
		},
		finish: func(_ *Cloud, n *node) { n.properties()["connectivityStatus"] = "Connected" },
		alsoLocks: func(c *Cloud, n *node) []*node {
			if vnet := c.find(text(n.properties(), "remoteVirtualNetwork", "id")); vnet != nil {
				return []*node{vnet}
			}
			return nil
		},
	}
}

// checkHubConnection wants a VNet that is connected nowhere else and whose
// prefixes overlap neither the hub's nor another connected VNet's. That the
// service refuses these is documented; the codes are guesses.
func checkHubConnection(c *Cloud, d draft) *failure {
	vnetID := text(d.properties(), "remoteVirtualNetwork", "id")
	if vnetID == "" {
		return badRequest("InvalidRequestFormat", "Cannot parse the request: %s has no remoteVirtualNetwork.", d.id)
	}
	vnet := c.find(vnetID)
	if vnet == nil {
		return nil // a missing reference is found elsewhere
	}
	taken := prefixes(text(d.parent.properties(), "addressPrefix"))
	for _, other := range c.all("hubVirtualNetworkConnections") {
		theirs := c.find(text(other.properties(), "remoteVirtualNetwork", "id"))
		if theirs == nil || same(other.id, d.id) {
			continue
		}
		if theirs == vnet {
			return badRequest("RemoteVirtualNetworkAlreadyConnectedToVirtualHub",
				"Virtual network %s is already connected to a virtual hub by %s.", vnet.id, other.id)
		}
		if other.parent == d.parent {
			taken = append(taken, prefixes(texts(theirs.properties(), "addressSpace", "addressPrefixes")...)...)
		}
	}
	for _, mine := range prefixes(texts(vnet.properties(), "addressSpace", "addressPrefixes")...) {
		for _, other := range taken {
			if mine.Overlaps(other) {
				return badRequest("VirtualNetworkAddressSpaceOverlapsVirtualHub",
					"Address prefix %s of virtual network %s overlaps with %s, which virtual hub %s or a virtual network connected to it has.",
					mine, vnet.id, other, d.parent.id)
			}
		}
	}
	return nil
}

// prefixes parses what can be parsed.
func prefixes(items ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, item := range items {
		if prefix, err := netip.ParsePrefix(item); err == nil {
			out = append(out, prefix)
		}
	}
	return out
}

func isPrefix(s string) bool {
	prefix, err := netip.ParsePrefix(s)
	return err == nil && prefix == prefix.Masked()
}
