package aws

import (
	"cmp"
	"net/netip"
	"strconv"
	"time"
)

// customerGateway is what AWS knows of the other side's device.
type customerGateway struct {
	id, state, device string
	address           netip.Addr
	asn               uint32
	certificate       string
}

type customerGatewayItem struct {
	ID          string   `xml:"customerGatewayId"`
	State       string   `xml:"state"`
	Type        string   `xml:"type"`
	Address     string   `xml:"ipAddress"`
	ASN         string   `xml:"bgpAsn,omitempty"`
	ASNExtended string   `xml:"bgpAsnExtended,omitempty"`
	Certificate string   `xml:"certificateArn,omitempty"`
	Device      string   `xml:"deviceName,omitempty"`
	Tags        set[tag] `xml:"tagSet"`
}

type customerGatewayAnswer struct {
	Gateway customerGatewayItem `xml:"customerGateway"`
}

type customerGatewaysAnswer struct {
	Gateways set[customerGatewayItem] `xml:"customerGatewaySet"`
}

func (k *call) customerGatewayItem(g customerGateway) customerGatewayItem {
	item := customerGatewayItem{
		ID: g.id, State: g.state, Type: "ipsec.1", Address: g.address.String(), Certificate: g.certificate, Device: g.device, Tags: k.tagSet(g.id),
	}
	number := strconv.FormatUint(uint64(g.asn), 10)
	if g.asn > 1<<31-1 {
		item.ASNExtended = number
	} else {
		item.ASN = number
	}
	return item
}

// createCustomerGateway is idempotent by type, address, ASN and device name:
// an identical request returns the gateway that is there, whoever made it,
// and leaves its tags alone.
func createCustomerGateway(k *call) (any, error) {
	kind, err := k.need("Type")
	if err != nil {
		return nil, err
	}
	if kind != "ipsec.1" {
		return nil, badValue("Value (%s) for parameter type is invalid.", kind)
	}
	tags, err := k.specified("TagSpecification", "customer-gateway")
	if err != nil {
		return nil, err
	}
	wanted, err := k.wantedCustomerGateway()
	if err != nil {
		return nil, err
	}
	count := 0
	for _, g := range k.region.customerGateways.all() {
		if g.state != "pending" && g.state != "available" {
			continue
		}
		count++
		same := wanted
		same.id, same.state = g.id, g.state
		if same == g {
			return customerGatewayAnswer{k.customerGatewayItem(g)}, nil
		}
	}
	if err := k.quota("customer-gateways", count); err != nil {
		return nil, err
	}
	wanted.id, wanted.state = k.newID(customerGatewayIDs), "pending"
	k.region.retag(k.now, wanted.id, tags)
	k.region.customerGateways.put(k.now, wanted.id, wanted)
	k.later(k.now, "aws/customer-gateway/create", func(at time.Time) {
		if k.fails == nil {
			k.settleCustomerGateway(at, wanted.id, "pending", "available")
			return
		}
		k.settleCustomerGateway(at, wanted.id, "pending", "deleted")
		k.bury(at, wanted.id, k.region.customerGateways.drop)
	})
	return customerGatewayAnswer{k.customerGatewayItem(wanted)}, nil
}

func (k *call) wantedCustomerGateway() (customerGateway, error) {
	var none customerGateway
	text := cmp.Or(k.text("IpAddress"), k.text("PublicIp"))
	if text == "" {
		return none, missing("IpAddress")
	}
	address, err := netip.ParseAddr(text)
	if err != nil || address.IsMulticast() || address.IsUnspecified() || address.IsLoopback() {
		return none, badValue("Value (%s) for parameter ipAddress is invalid. Invalid IPv4 or IPv6 address", text)
	}
	asn := cmp.Or(k.text("BgpAsnExtended"), k.text("BgpAsn"), "65000")
	number, err := strconv.ParseUint(asn, 10, 32)
	if err != nil || number == 0 {
		return none, badValue("Value (%s) for parameter bgpAsn is invalid.", asn)
	}
	return customerGateway{address: address, asn: uint32(number), device: k.text("DeviceName"), certificate: k.text("CertificateArn")}, nil
}

func (k *call) settleCustomerGateway(at time.Time, id, from, to string) {
	if g, known := k.region.customerGateways.get(id); known && g.state == from {
		g.state = to
		k.region.customerGateways.put(at, id, g)
	}
}

func deleteCustomerGateway(k *call) (any, error) {
	id, err := k.need("CustomerGatewayId")
	if err != nil {
		return nil, err
	}
	g, known := k.region.customerGateways.get(id)
	if !known || g.state == "deleted" {
		return nil, customerGatewayIDs.unknown(id)
	}
	for _, c := range k.region.connections.all() {
		if c.customerGateway == id && c.state != "deleted" {
			return nil, badState("The customer gateway is in use.")
		}
	}
	g.state = "deleting"
	k.region.customerGateways.put(k.now, id, g)
	k.later(k.now, "aws/customer-gateway/delete", func(at time.Time) {
		k.settleCustomerGateway(at, id, "deleting", "deleted")
		k.bury(at, id, k.region.customerGateways.drop)
	})
	return answered{true}, nil
}

// describeCustomerGateways has no pages.
func describeCustomerGateways(k *call) (any, error) {
	rows, _, err := find(k, k.region.customerGateways.allAt(k.seen), listing[customerGateway]{
		parameter: "CustomerGatewayId", ids: customerGatewayIDs, id: func(g customerGateway) string { return g.id },
		filters: map[string]func(customerGateway) []string{
			"customer-gateway-id": one(func(g customerGateway) string { return g.id }),
			"ip-address":          one(func(g customerGateway) string { return g.address.String() }),
			"bgp-asn":             one(func(g customerGateway) string { return strconv.FormatUint(uint64(g.asn), 10) }),
			"state":               one(func(g customerGateway) string { return g.state }),
			"type":                one(func(customerGateway) string { return "ipsec.1" }),
		},
	})
	if err != nil {
		return nil, err
	}
	return customerGatewaysAnswer{listed(rows, k.customerGatewayItem)}, nil
}
