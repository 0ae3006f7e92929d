package aws

import (
	"encoding/xml"
	"net/netip"
)

// The document that AWS writes for the owner of the other device. Its
// algorithms, MTU and dead peer detection are AWS's sample and do not follow
// the tunnel's options.
type configurationDocument struct {
	XMLName         xml.Name              `xml:"vpn_connection"`
	ID              string                `xml:"id,attr"`
	CustomerGateway string                `xml:"customer_gateway_id"`
	VirtualGateway  string                `xml:"vpn_gateway_id"` // stays empty for a transit gateway
	Type            string                `xml:"vpn_connection_type"`
	Attributes      string                `xml:"vpn_connection_attributes,omitempty"`
	Tunnels         []configurationTunnel `xml:"ipsec_tunnel"`
}

type configurationTunnel struct {
	Customer configurationEnd   `xml:"customer_gateway"`
	AWS      configurationEnd   `xml:"vpn_gateway"`
	IKE      configurationIKE   `xml:"ike"`
	IPsec    configurationIPsec `xml:"ipsec"`
}

type configurationEnd struct {
	Outside string            `xml:"tunnel_outside_address>ip_address"`
	Inside  insideAddress     `xml:"tunnel_inside_address"`
	BGP     *configurationBGP `xml:"bgp"`
}

type insideAddress struct {
	Address string `xml:"ip_address"`
	Mask    string `xml:"network_mask"`
	Bits    int    `xml:"network_cidr"`
}

type configurationBGP struct {
	ASN      uint32 `xml:"asn"`
	HoldTime int    `xml:"hold_time"`
}

type configurationIKE struct {
	Authentication string `xml:"authentication_protocol"`
	Encryption     string `xml:"encryption_protocol"`
	Lifetime       int    `xml:"lifetime"`
	Secrecy        string `xml:"perfect_forward_secrecy"`
	Mode           string `xml:"mode"`
	Key            string `xml:"pre_shared_key"`
}

type configurationIPsec struct {
	Protocol       string `xml:"protocol"`
	Authentication string `xml:"authentication_protocol"`
	Encryption     string `xml:"encryption_protocol"`
	Lifetime       int    `xml:"lifetime"`
	Secrecy        string `xml:"perfect_forward_secrecy"`
	Mode           string `xml:"mode"`
	ClearDF        bool   `xml:"clear_df_bit"`
	FragmentFirst  bool   `xml:"fragmentation_before_encryption"`
	MSS            int    `xml:"tcp_mss_adjustment"`
	Interval       int    `xml:"dead_peer_detection>interval"`
	Retries        int    `xml:"dead_peer_detection>retries"`
}

// configuration writes the document of a connection.
func (k *call) configuration(c connection) string {
	customer, _ := k.region.customerGateways.get(c.customerGateway)
	g, _ := k.region.gateways.get(c.gateway)
	document := configurationDocument{ID: c.id, CustomerGateway: c.customerGateway, Type: "ipsec.1"}
	if c.static {
		document.Attributes = "NoBGPVPNConnection"
	}
	for _, t := range c.tunnels {
		first := t.inside.Addr().Next()
		section := configurationTunnel{
			Customer: end(customer.address, first.Next()),
			AWS:      end(t.outside, first),
			IKE:      configurationIKE{"sha1", "aes-128-cbc", 28800, "group2", "main", c.tunnelItem(t).Key},
			IPsec: configurationIPsec{
				Protocol: "esp", Authentication: "hmac-sha1-96", Encryption: "aes-128-cbc", Lifetime: 3600, Secrecy: "group2",
				Mode: "tunnel", ClearDF: true, FragmentFirst: true, MSS: 1379, Interval: 10, Retries: 3,
			},
		}
		if !c.static {
			section.Customer.BGP = &configurationBGP{customer.asn, 30}
			section.AWS.BGP = &configurationBGP{uint32(g.asn), 30}
		}
		document.Tunnels = append(document.Tunnels, section)
	}
	text, err := xml.MarshalIndent(document, "", "  ")
	if err != nil {
		return ""
	}
	return xml.Header + string(text)
}

func end(outside, inside netip.Addr) configurationEnd {
	return configurationEnd{Outside: outside.String(), Inside: insideAddress{inside.String(), "255.255.255.252", 30}}
}
