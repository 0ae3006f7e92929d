package azure

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func vpnConnectionKind() *kind {
	return &kind{
		path:   []string{"vpnGateways", "vpnConnections"},
		within: "connections",
		names:  [][]string{{"remoteVpnSite"}},
		late:   true,
		check:  checkConnection,
		fill:   fillConnection,
		doom:   doomConnection,
		finish: func(_ *Cloud, n *node) { n.keyWorks = n.key },
		view: func(c *Cloud, n *node, properties object, single bool) {
			if single && len(c.below(n, "vpnLinkConnections")) == 0 {
				properties["connectionStatus"] = c.linkStatus(n)
			}
		},
	}
}

// deprecated are the properties that belong to the links once a connection
// has links.
var deprecated = []string{"ipsecPolicies", "sharedKey"}

func checkConnection(c *Cloud, d draft) *failure {
	links := objects(d.properties(), "vpnLinkConnections")
	if len(links) == 0 {
		return checkPolicies(d)
	}
	for _, name := range deprecated {
		value, sent := d.properties()[name]
		if items, isList := value.([]any); !sent || isList && len(items) == 0 {
			continue
		}
		return badRequest("VpnConnectionPropertyIsDeprecated",
			"Update request for VpnConnection %s contains deprecated property %s. Please use corresponding VpnSiteLinkConnection property instead.",
			d.id, strings.ToUpper(name[:1])+name[1:])
	}
	return nil
}

func fillConnection(c *Cloud, n *node, _ object) {
	if len(c.below(n, "vpnLinkConnections")) == 0 {
		takeKey(c, n)
		fillLinkless(n)
	}
	properties := n.properties()
	properties["routingConfiguration"] = fillRouting(child(properties, "routingConfiguration"), text(n.parent.properties(), "virtualHub", "id"), false)
	n.body = merge(object{"properties": object{
		"enableInternetSecurity":  false,
		"ingressBytesTransferred": 0,
		"egressBytesTransferred":  0,
	}}, n.body)
}

// fillLinkless gives a connection without links what its links would have.
func fillLinkless(n *node) {
	n.body = merge(object{"properties": object{
		"connectionBandwidth":            10,
		"ipsecPolicies":                  []any{},
		"vpnConnectionProtocolType":      "IKEv2",
		"enableBgp":                      false,
		"enableRateLimiting":             false,
		"useLocalAzureIpAddress":         false,
		"usePolicyBasedTrafficSelectors": false,
		"routingWeight":                  0,
	}}, n.body)
}

// doomConnection is the end of a connection that is accepted and then fails: the
// recorded one of a link which its site has no longer, and of a BGP address that
// the gateway's instance was not given before. That the latter fails is a guess.
func doomConnection(c *Cloud, n *node) *failure {
	if address := c.foreignSpeaker(n); address != "" {
		return &failure{code: "InvalidVpnGatewayCustomBgpAddress", message: fmt.Sprintf("%s has no custom BGP address %s, which %s names.", n.parent.id, address, n.id)}
	}
	siteID := text(n.properties(), "remoteVpnSite", "id")
	site, links := c.find(siteID), c.below(n, "vpnLinkConnections")
	wrong := site == nil
	if site != nil {
		wrong = len(c.below(site, "vpnSiteLinks")) > 0 && len(links) == 0
		for _, link := range links {
			siteLink := c.find(text(link.properties(), "vpnSiteLink", "id"))
			wrong = wrong || siteLink == nil || siteLink.parent != site
		}
	}
	if !wrong {
		return nil
	}
	return &failure{code: "InvalidConnectedSiteId", message: fmt.Sprintf(
		"The vpnsite id '%s' is invalid or the vpnsite does not exist or the vpnsite exists with links and no link connections are configured.", siteID)}
}

// foreignSpeaker is a BGP address that a connection names and the instance of its
// gateway does not have.
func (c *Cloud) foreignSpeaker(n *node) string {
	for _, link := range c.below(n, "vpnLinkConnections") {
		for _, chosen := range objects(link.properties(), "vpnGatewayCustomBgpAddresses") {
			address := text(chosen, "customBgpIpAddress")
			if !slices.ContainsFunc(objects(n.parent.properties(), "bgpSettings", "bgpPeeringAddresses"), func(peering object) bool {
				return same(text(peering, "ipconfigurationId"), text(chosen, "ipConfigurationId")) && slices.Contains(texts(peering, "customBgpIpAddresses"), address)
			}) {
				return address
			}
		}
	}
	return ""
}

func linkConnectionKind() *kind {
	return &kind{
		path:     []string{"vpnGateways", "vpnConnections", "vpnLinkConnections"},
		within:   "vpnLinkConnections",
		readOnly: true,
		check:    func(_ *Cloud, d draft) *failure { return checkPolicies(d) },
		fill:     fillLink,
		finish:   func(_ *Cloud, n *node) { n.keyWorks = n.key },
		view: func(c *Cloud, n *node, properties object, single bool) {
			if single {
				properties["connectionStatus"] = c.linkStatus(n)
			}
			traffic := c.ground.Fabric.Traffic(n.id)
			properties["ingressBytesTransferred"], properties["egressBytesTransferred"] = traffic.Ingress, traffic.Egress
		},
		actions: map[string]action{
			"getikesas": {output: ikeSAs},
			"resetconnection": {writes: true, output: func(c *Cloud, n *node, _ object, _ time.Time) any {
				return nil
			}},
		},
	}
}

func fillLink(c *Cloud, n *node, _ object) {
	takeKey(c, n)
	n.body = merge(object{"properties": object{
		"connectionBandwidth":            10,
		"ipsecPolicies":                  []any{},
		"vpnConnectionProtocolType":      "IKEv2",
		"ingressBytesTransferred":        0,
		"egressBytesTransferred":         0,
		"packetCaptureDiagnosticState":   "None",
		"enableBgp":                      false,
		"enableRateLimiting":             false,
		"useLocalAzureIpAddress":         false,
		"usePolicyBasedTrafficSelectors": false,
		"routingWeight":                  0,
		"dpdTimeoutSeconds":              0,
		"vpnLinkConnectionMode":          "Default",
		"vpnGatewayCustomBgpAddresses":   []any{},
	}}, n.body)
	delete(n.properties(), "connectionStatus")
}

// takeKey moves the shared key out of a body: since autumn 2025 no answer but
// listSharedKey's has it. A PUT without one keeps the key; that it does, and
// that a new connection without one is given one, are guesses.
func takeKey(c *Cloud, n *node) {
	sent := text(n.properties(), "sharedKey")
	delete(n.properties(), "sharedKey")
	switch {
	case sent != "":
		n.key = sent
	case n.key == "":
		n.key = c.newKey(64)
	}
}

// newKey draws a key as the service makes them.
func (c *Cloud) newKey(length int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	key := make([]byte, length)
	for i := range key {
		key[i] = letters[c.random.IntN(len(letters))]
	}
	return string(key)
}
