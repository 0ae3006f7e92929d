package aws

import (
	"encoding/xml"
	"net/netip"

	"linkd/internal/resource"
)

// configuration is what linkd takes from the document for the customer's
// device, CustomerGatewayConfiguration: addresses and keys. Its algorithms
// are AWS's sample and not those of the tunnel, so they are left out.
type configuration struct {
	Tunnels []struct {
		Outside string `xml:"vpn_gateway>tunnel_outside_address>ip_address"`
		Inside  string `xml:"vpn_gateway>tunnel_inside_address>ip_address"`
		Bits    int    `xml:"vpn_gateway>tunnel_inside_address>network_cidr"`
		Key     string `xml:"ike>pre_shared_key"`
	} `xml:"ipsec_tunnel"`
}

// documented lists the tunnels of such a document. One that cannot be read
// has none: it is a second source only. The document holds keys and is never
// part of an error.
func documented(document string) []tunnel {
	var parsed configuration
	if xml.Unmarshal([]byte(document), &parsed) != nil {
		return nil
	}
	var tunnels []tunnel
	for _, t := range parsed.Tunnels {
		found := tunnel{outside: t.Outside, key: readKey(t.Key)}
		if address, err := netip.ParseAddr(t.Inside); err == nil {
			if prefix, err := address.Prefix(t.Bits); err == nil {
				found.inside = prefix.String()
			}
		}
		tunnels = append(tunnels, found)
	}
	return tunnels
}

// readKey takes a key that EC2 shows. With keys kept in Secrets Manager it
// shows a word in its place.
func readKey(text string) resource.Secret {
	if text == "REDACTED" {
		return resource.Secret{}
	}
	return resource.NewSecret(text)
}
