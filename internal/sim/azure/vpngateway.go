package azure

import (
	"net/netip"
	"time"
)

// azureASN is the number of every VPN gateway in a hub.
const azureASN = 65515

// customRanges are where a gateway's own BGP addresses may lie.
var customRanges = prefixes("169.254.21.0/24", "169.254.22.0/24")

func vpnGatewayKind() *kind {
	return &kind{
		path:     []string{"vpnGateways"},
		located:  true,
		patchLRO: true,
		names:    [][]string{{"virtualHub"}},
		check:    checkGateway,
		fill:     fillGateway,
		finish:   finishGateway,
		doom: func(c *Cloud, n *node) *failure {
			for _, connection := range c.below(n, "vpnConnections") {
				if doomed := doomConnection(c, connection); doomed != nil {
					return doomed
				}
			}
			return nil
		},
		actions: map[string]action{
			"reset": {writes: true, output: func(c *Cloud, n *node, _ object, _ time.Time) any { return c.render(n, false) }},
		},
	}
}

func checkGateway(c *Cloud, d draft) *failure {
	hubID := text(d.properties(), "virtualHub", "id")
	if hubID == "" {
		return badRequest("InvalidRequestFormat", "Cannot parse the request: %s has no virtualHub.", d.id)
	}
	if hub := c.find(hubID); hub != nil {
		if other := c.gatewayOn(hub); other != nil && other != d.old {
			return badRequest("VirtualHubAlreadyHasVpnGateway", "Virtual hub %s already has VPN gateway %s.", hub.id, other.id) // a guess
		}
	}
	for _, peering := range objects(d.properties(), "bgpSettings", "bgpPeeringAddresses") {
		custom := texts(peering, "customBgpIpAddresses")
		if len(custom) > 0 && d.old == nil {
			// Providers report that these are refused at creation; the code is a guess.
			return badRequest("BgpPeeringAddressesCannotBeSetOnCreate", "BGP peering addresses of %s can be set only after it has been created.", d.id)
		}
		for _, address := range custom {
			if !inRange(address, customRanges) {
				return badRequest("InvalidCustomBgpIpAddress", "Custom BGP address %s of %s is in neither 169.254.21.0/24 nor 169.254.22.0/24.", address, d.id) // a guess
			}
		}
	}
	return nil
}

func inRange(address string, ranges []netip.Prefix) bool {
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	for _, prefix := range ranges {
		if prefix.Contains(parsed) {
			return true
		}
	}
	return false
}

func fillGateway(c *Cloud, n *node, old object) {
	asked := objects(n.properties(), "bgpSettings", "bgpPeeringAddresses")
	n.body = merge(object{"properties": object{
		"bgpSettings":                     object{"asn": azureASN, "peerWeight": 0},
		"vpnGatewayScaleUnit":             1,
		"packetCaptureDiagnosticState":    "None",
		"ipConfigurations":                []any{},
		"natRules":                        []any{},
		"enableBgpRouteTranslationForNat": false,
		"isRoutingPreferenceInternet":     false,
	}}, n.body)
	properties := n.properties()
	bgp := child(properties, "bgpSettings")
	delete(bgp, "bgpPeeringAddresses")
	properties["ipConfigurations"] = []any{}
	was := child(old, "properties")
	if len(list(was, "ipConfigurations")) == 0 {
		return
	}
	properties["ipConfigurations"] = clone(list(was, "ipConfigurations"))
	properties["isRoutingPreferenceInternet"] = was["isRoutingPreferenceInternet"] // chosen at creation
	peerings := clone(list(was, "bgpSettings", "bgpPeeringAddresses"))
	for _, peering := range objects(object{"all": peerings}, "all") {
		for _, want := range asked {
			if same(text(want, "ipconfigurationId"), text(peering, "ipconfigurationId")) {
				peering["customBgpIpAddresses"] = anys(texts(want, "customBgpIpAddresses")...)
			}
		}
	}
	bgp["bgpPeeringAddresses"] = peerings
}

// finishGateway gives a new gateway its two instances: their public addresses
// are not known before. Which of the two default BGP addresses an instance
// has differed from run to run, so it is drawn.
func finishGateway(c *Cloud, n *node) {
	properties := n.properties()
	if len(list(properties, "ipConfigurations")) > 0 {
		return
	}
	hub := c.find(text(properties, "virtualHub", "id"))
	if hub == nil {
		return
	}
	found := prefixes(text(hub.properties(), "addressPrefix"))
	if len(found) == 0 {
		return
	}
	swapped := c.random.IntN(2)
	var configurations, peerings []any
	for i, name := range []string{"Instance0", "Instance1"} {
		public, private := c.newPublicAddress().String(), hostOf(found[0], 4+i).String()
		configurations = append(configurations, object{"id": name, "publicIpAddress": public, "privateIpAddress": private})
		peerings = append(peerings, object{
			"ipconfigurationId":     name,
			"defaultBgpIpAddresses": anys(hostOf(found[0], 12+(i^swapped)).String()),
			"customBgpIpAddresses":  []any{},
			"tunnelIpAddresses":     anys(public, private),
		})
	}
	properties["ipConfigurations"] = configurations
	child(properties, "bgpSettings")["bgpPeeringAddresses"] = peerings
}

// newPublicAddress draws an address that no gateway has had.
func (c *Cloud) newPublicAddress() netip.Addr {
	for {
		a := netip.AddrFrom4([4]byte{20, byte(33 + c.random.IntN(200)), byte(c.random.IntN(256)), byte(1 + c.random.IntN(254))})
		if !c.public[a] {
			c.public[a] = true
			return a
		}
	}
}
