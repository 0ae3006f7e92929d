package azure

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// AWS speaks BGP only from inside a tunnel, where a gateway's own addresses,
// which are of the hub's range, do not reach it. So each instance is given
// custom addresses for it, in three places that must agree: the gateway lists
// those of all its links, a link connection names the one that it uses, and a
// link of the site names the peer at the other end.

// The rows of BGP.
const (
	rowGatewayBGP   = "bgp_addresses" // of a VPN gateway: "instance_0=169.254.21.2"
	rowPeers        = "bgp_peers"     // of a VPN site: "tokyo-0-1=64512 169.254.21.1"
	rowBGP          = "bgp"           // of a VPN connection: "tokyo-0-1"
	rowBGPAddresses = "bgp_addresses" // of a VPN connection: "tokyo-0-1=instance_0 169.254.21.2"
)

// instances are Azure's names for the two instances of a gateway, in lower
// case.
var instances = map[string]int{"instance0": 0, "instance1": 1}

// instanceName is how values call an instance.
func instanceName(instance int) string { return "instance_" + strconv.Itoa(instance) }

// configurationID is how Azure calls an instance.
func configurationID(name string) string { return "Instance" + strings.TrimPrefix(name, "instance_") }

// instanceOf is an instance as values call it, by Azure's name.
func instanceOf(configurationID *string) string {
	if instance, known := instances[lower(configurationID, "")]; known {
		return instanceName(instance)
	}
	return at(configurationID)
}

// speakers are the addresses from which the gateway of a hub is to speak BGP:
// one of an instance for each tunnel of its links that have BGP.
func (c *Cloud) speakers(hub string) resource.Value {
	var all []string
	for _, session := range c.sessions {
		if link := c.file.LinkNamed(session.Link); link != nil && link.Hub == hub {
			all = append(all, instanceName(session.Instance)+"="+session.Azure.String())
		}
	}
	return resource.Of(all...)
}

// speakersOf are the custom addresses that a gateway has.
func speakersOf(gateway armnetwork.VPNGatewayProperties) resource.Value {
	var all []string
	for _, peer := range present(at(gateway.BgpSettings).BgpPeeringAddresses) {
		for _, address := range texts(peer.CustomBgpIPAddresses) {
			all = append(all, instanceOf(peer.IPConfigurationID)+"="+address)
		}
	}
	return resource.Of(all...)
}

// factSpokenFor of a VPN gateway: the custom addresses that any of its connections
// names. Such a one stays as long: without it that session would go down, and
// Azure refuses to take it away.
const factSpokenFor = "bgp_addresses_used"

// spokenFor are the addresses that the connections of a gateway name.
func spokenFor(gateway armnetwork.VPNGatewayProperties) resource.Value {
	var all []string
	for _, connection := range present(gateway.Connections) {
		for _, link := range present(at(connection.Properties).VPNLinkConnections) {
			for _, chosen := range present(at(link.Properties).VPNGatewayCustomBgpAddresses) {
				all = append(all, instanceOf(chosen.IPConfigurationID)+"="+at(chosen.CustomBgpIPAddress))
			}
		}
	}
	return resource.Of(all...)
}

// letSpeak writes the custom addresses of both instances into what a gateway is
// sent.
func letSpeak(settings *armnetwork.BgpSettings, addresses resource.Value) {
	for _, peer := range at(settings).BgpPeeringAddresses {
		peer.CustomBgpIPAddresses = []*string{} // not nil: none at all is said, and not left open
		for _, row := range addresses {
			if instance, address, _ := strings.Cut(row, "="); instance == instanceOf(peer.IPConfigurationID) {
				peer.CustomBgpIPAddresses = append(peer.CustomBgpIPAddresses, to.Ptr(address))
			}
		}
	}
}

// peers are the far ends of the BGP sessions of a link, as its site names them.
func (c *Cloud) peers(link desired.Link) resource.Value {
	var all []string
	gateway := c.file.TransitGatewayNamed(link.TransitGateway)
	for _, session := range c.sessionsOf(link) {
		all = append(all, fmt.Sprintf("%s=%d %s", session.Name(), at(gateway).ASN, session.AWS))
	}
	return resource.Of(all...)
}

// sessionsOf are the BGP sessions of a link.
func (c *Cloud) sessionsOf(link desired.Link) []desired.Session {
	return slices.DeleteFunc(slices.Clone(c.sessions), func(s desired.Session) bool { return s.Link != link.Name })
}

// peerText is the far end of a session as values have it, "" when a link of
// the site has none.
func peerText(settings *armnetwork.VPNLinkBgpSettings) string {
	if at(at(settings).BgpPeeringAddress) == "" {
		return ""
	}
	return numberValue(at(settings.Asn)).One() + " " + *settings.BgpPeeringAddress
}

// setPeer writes the far end of its session into a link of the site, or takes
// it away.
func setPeer(link *armnetwork.VPNSiteLinkProperties, peers resource.Value, name string) {
	link.BgpProperties = nil
	for _, row := range peers {
		tunnel, peer, _ := strings.Cut(row, "=")
		number, address, _ := strings.Cut(peer, " ")
		if tunnel == name {
			link.BgpProperties = &armnetwork.VPNLinkBgpSettings{Asn: to.Ptr(asNumber[int64](resource.Of(number))), BgpPeeringAddress: to.Ptr(address)}
		}
	}
}

// ownAddresses are the addresses from which a link's tunnels are to speak BGP,
// as its connection names them. The instance that a tunnel does not answer gets
// none: no session of it could come up.
func (c *Cloud) ownAddresses(link desired.Link) (speaks, addresses resource.Value) {
	var names, rows []string
	for _, session := range c.sessionsOf(link) {
		names = append(names, session.Name())
		rows = append(rows, session.Name()+"="+instanceName(session.Instance)+" "+session.Azure.String())
	}
	return resource.Of(names...), resource.Of(rows...)
}

// addressRows are the custom addresses of a link connection as values have them.
func addressRows(name string, settings armnetwork.VPNSiteLinkConnectionProperties) []string {
	var rows []string
	for _, chosen := range present(settings.VPNGatewayCustomBgpAddresses) {
		rows = append(rows, name+"="+instanceOf(chosen.IPConfigurationID)+" "+at(chosen.CustomBgpIPAddress))
	}
	return rows
}

// speak writes what attrs say of BGP into a link connection.
func speak(link *armnetwork.VPNSiteLinkConnectionProperties, attrs resource.Attrs, name string) {
	if speaks, named := attrs[rowBGP]; named {
		link.EnableBgp = to.Ptr(speaks.Has(name))
	}
	rows, named := attrs[rowBGPAddresses]
	if !named {
		return
	}
	link.VPNGatewayCustomBgpAddresses = []*armnetwork.GatewayCustomBgpIPAddressIPConfiguration{}
	for _, row := range rows {
		tunnel, chosen, _ := strings.Cut(row, "=")
		instance, address, _ := strings.Cut(chosen, " ")
		if tunnel == name {
			link.VPNGatewayCustomBgpAddresses = append(link.VPNGatewayCustomBgpAddresses, &armnetwork.GatewayCustomBgpIPAddressIPConfiguration{
				IPConfigurationID: to.Ptr(configurationID(instance)), CustomBgpIPAddress: to.Ptr(address),
			})
		}
	}
}

// staged are rows of a link's tunnels: as the file wants them of an AWS connection
// that exchanges routes as the file says, and as they stand of one that is yet to
// be made anew, for until then its sessions are what they were.
func staged(link desired.Link, world resource.World, wanted, stand resource.Value) resource.Value {
	var rows []string
	for _, tunnel := range link.Tunnels() {
		from := stand
		if link.Turned(world, tunnel.Instance) {
			from = wanted
		}
		for _, row := range from {
			if name, _, _ := strings.Cut(row, "="); name == tunnel.Name() {
				rows = append(rows, row)
			}
		}
	}
	return resource.Of(rows...)
}
