package aws

import (
	"encoding/xml"
	"net/netip"
	"strconv"
	"time"
)

// connection is a VPN connection.
type connection struct {
	id, state               string
	customerGateway         string
	gateway, attachment     string
	static, acceleration    bool
	localRange, remoteRange string
	bandwidth, storage      string
	keyArn                  string
	prefers                 int // the number of the tunnel by which AWS sends
	tunnels                 []tunnel
	unknown                 bool // its tunnels are not shown yet
	opened                  time.Time
}

type connectionItem struct {
	Configuration   string                `xml:"customerGatewayConfiguration,omitempty"`
	CustomerGateway string                `xml:"customerGatewayId"`
	Category        string                `xml:"category"`
	State           string                `xml:"state"`
	Type            string                `xml:"type"`
	ID              string                `xml:"vpnConnectionId"`
	Gateway         string                `xml:"transitGatewayId,omitempty"`
	Association     string                `xml:"gatewayAssociationState"`
	KeyArn          string                `xml:"preSharedKeyArn,omitempty"`
	Options         connectionOptionsItem `xml:"options"`
	Routes          set[struct{}]         `xml:"routes"`
	Tags            set[tag]              `xml:"tagSet"`
	Telemetry       set[telemetryItem]    `xml:"vgwTelemetry"`
}

type connectionOptionsItem struct {
	Acceleration bool            `xml:"enableAcceleration"`
	Static       bool            `xml:"staticRoutesOnly"`
	LocalRange   string          `xml:"localIpv4NetworkCidr"`
	RemoteRange  string          `xml:"remoteIpv4NetworkCidr"`
	OutsideType  string          `xml:"outsideIpAddressType"`
	InsideType   string          `xml:"tunnelInsideIpVersion"`
	Bandwidth    string          `xml:"tunnelBandwidth"`
	Tunnels      set[tunnelItem] `xml:"tunnelOptionSet"`
}

type telemetryItem struct {
	Outside string `xml:"outsideIpAddress"`
	Status  string `xml:"status"`
	Changed stamp  `xml:"lastStatusChange"`
	Message string `xml:"statusMessage"`
	Routes  int    `xml:"acceptedRouteCount"`
}

type connectionAnswer struct {
	Connection connectionItem `xml:"vpnConnection"`
}

type connectionsAnswer struct {
	Connections set[connectionItem] `xml:"vpnConnectionSet"`
}

// associationStates is how a connection in each state stands to its transit
// gateway.
var associationStates = map[string]string{
	"pending": "associating", "available": "associated", "modifying": "associated", "deleting": "disassociating", "deleted": "not-associated",
}

// MarshalXML shows what is known of a tunnel: an empty item when nothing is.
func (t tunnelItem) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	for _, field := range []struct{ name, value string }{
		{"outsideIpAddress", t.Outside}, {"tunnelInsideCidr", t.Inside}, {"preSharedKey", t.Key},
	} {
		if field.value == "" {
			continue
		}
		if err := e.EncodeElement(field.value, xml.StartElement{Name: xml.Name{Local: field.name}}); err != nil {
			return err
		}
	}
	if t.Options != nil {
		if err := t.Options.MarshalXML(e, start); err != nil {
			return err
		}
	}
	return e.EncodeToken(start.End())
}

func (k *call) connectionItem(c connection) connectionItem {
	item := connectionItem{
		CustomerGateway: c.customerGateway, Category: "VPN", State: c.state, Type: "ipsec.1", ID: c.id, Gateway: c.gateway,
		Association: associationStates[c.state], KeyArn: c.keyArn, Tags: k.tagSet(c.id),
		Options: connectionOptionsItem{
			Acceleration: c.acceleration, Static: c.static, LocalRange: c.localRange, RemoteRange: c.remoteRange,
			OutsideType: "PublicIpv4", InsideType: "ipv4", Bandwidth: c.bandwidth,
			Tunnels: listed(c.tunnels, c.tunnelItem),
		},
	}
	if (c.state == "pending" || c.state == "available") && !c.unknown {
		item.Configuration = k.configuration(c)
	}
	if c.state != "pending" && c.state != "deleted" {
		item.Telemetry = listed(c.tunnels, func(t tunnel) telemetryItem { return k.telemetry(c, t) })
	}
	return item
}

func (c connection) tunnelItem(t tunnel) tunnelItem {
	if c.unknown {
		return tunnelItem{}
	}
	item := tunnelItem{Outside: t.outside.String(), Inside: t.inside.String(), Key: t.key.reveal(), Options: &t.options}
	if c.storage == "SecretsManager" {
		item.Key = "REDACTED"
	}
	return item
}

// telemetry is what AWS shows of a tunnel: late, and with BGP up only while
// the session is. The messages are those seen in recorded answers, empty for
// static connections.
func (k *call) telemetry(c connection, t tunnel) telemetryItem {
	lag := k.Behaviour().Telemetry
	customer, _ := k.region.customerGateways.get(c.customerGateway)
	state := k.Fabric.Tunnel(t.outside, customer.address)
	up, since := state.Shown(k.now, lag), state.Since
	message := ""
	if !c.static {
		message = "IPSEC IS DOWN"
		if up {
			message = "IPSEC IS UP"
		}
		up, since = state.ShownBGP(k.now, lag), state.BGPSince
	}
	item := telemetryItem{Outside: t.outside.String(), Status: "DOWN", Changed: stamp(c.opened), Message: message}
	if !since.IsZero() && k.now.Sub(since) >= lag {
		item.Changed = stamp(since)
	}
	if up {
		item.Status = "UP"
		if !c.static {
			item.Routes = k.Fabric.CountedPrefixes(t.outside)
			item.Message = strconv.Itoa(item.Routes) + " BGP ROUTES"
		}
	}
	return item
}

// describeVPNConnections has no pages.
func describeVPNConnections(k *call) (any, error) {
	rows, _, err := find(k, k.region.connections.allAt(k.seen), listing[connection]{
		parameter: "VpnConnectionId", ids: connectionIDs, id: func(c connection) string { return c.id },
		filters: map[string]func(connection) []string{
			"vpn-connection-id":            one(func(c connection) string { return c.id }),
			"customer-gateway-id":          one(func(c connection) string { return c.customerGateway }),
			"transit-gateway-id":           one(func(c connection) string { return c.gateway }),
			"state":                        one(func(c connection) string { return c.state }),
			"type":                         one(func(connection) string { return "ipsec.1" }),
			"vpn-gateway-id":               func(connection) []string { return nil },
			"route.destination-cidr-block": func(connection) []string { return nil },
			"option.static-routes-only":    one(func(c connection) string { return strconv.FormatBool(c.static) }),
			"bgp-asn": one(func(c connection) string {
				g, _ := k.region.customerGateways.getAt(k.seen, c.customerGateway)
				return strconv.FormatUint(uint64(g.asn), 10)
			}),
			"customer-gateway-configuration": one(k.configuration),
		},
	})
	if err != nil {
		return nil, err
	}
	return connectionsAnswer{listed(rows, k.connectionItem)}, nil
}

func deleteVPNConnection(k *call) (any, error) {
	c, err := k.connectionIn("available", "pending")
	if err != nil {
		return nil, err
	}
	c.state = "deleting"
	k.region.connections.put(k.now, c.id, c)
	k.changeAttachment(k.now, c.attachment, func(a attachment) attachment { a.state = "deleting"; return a })
	k.later(k.now, "aws/vpn-connection/delete", func(at time.Time) { k.closeConnection(at, c.id) })
	return answered{true}, nil
}

// closeConnection ends a VPN connection, and with it its attachment.
func (k *call) closeConnection(at time.Time, id string) {
	c, known := k.region.connections.get(id)
	if !known {
		return
	}
	c.state = "deleted"
	k.region.connections.put(at, id, c)
	k.closeAttachment(at, c.attachment)
	for _, t := range c.tunnels {
		delete(k.outside, t.outside)
	}
	k.bury(at, id, k.region.connections.drop)
}

// addressOf is the address that a connection's tunnels answer.
func (r *region) addressOf(c connection) netip.Addr {
	g, _ := r.customerGateways.get(c.customerGateway)
	return g.address
}
