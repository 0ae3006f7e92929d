package aws

import (
	"slices"
	"strconv"
	"time"
)

// gateway is a transit gateway.
type gateway struct {
	id, state, description string
	created                time.Time
	asn                    int
	switches               map[string]string // the options that are enable or disable
	associates, propagates string            // the default route tables
	cidrs                  []string
}

// gatewaySwitches are the options of a transit gateway that are on or off,
// with what EC2 fills in.
var gatewaySwitches = []struct{ name, fallback string }{
	{"AutoAcceptSharedAttachments", "disable"},
	{"DefaultRouteTableAssociation", "enable"},
	{"DefaultRouteTablePropagation", "enable"},
	{"VpnEcmpSupport", "enable"},
	{"DnsSupport", "enable"},
	{"SecurityGroupReferencingSupport", "disable"},
	{"MulticastSupport", "disable"},
}

type gatewayItem struct {
	ID          string             `xml:"transitGatewayId"`
	Arn         string             `xml:"transitGatewayArn"`
	State       string             `xml:"state"`
	Owner       string             `xml:"ownerId"`
	Description string             `xml:"description,omitempty"`
	Created     stamp              `xml:"creationTime"`
	Options     gatewayOptionsItem `xml:"options"`
	Tags        set[tag]           `xml:"tagSet"`
}

type gatewayOptionsItem struct {
	ASN                int          `xml:"amazonSideAsn"`
	Cidrs              *set[string] `xml:"transitGatewayCidrBlocks"`
	AutoAccept         string       `xml:"autoAcceptSharedAttachments"`
	DefaultAssociation string       `xml:"defaultRouteTableAssociation"`
	AssociationTable   string       `xml:"associationDefaultRouteTableId,omitempty"`
	DefaultPropagation string       `xml:"defaultRouteTablePropagation"`
	PropagationTable   string       `xml:"propagationDefaultRouteTableId,omitempty"`
	ECMP               string       `xml:"vpnEcmpSupport"`
	DNS                string       `xml:"dnsSupport"`
	GroupReferencing   string       `xml:"securityGroupReferencingSupport"`
	Multicast          string       `xml:"multicastSupport"`
}

type gatewayAnswer struct {
	Gateway gatewayItem `xml:"transitGateway"`
}

type gatewaysAnswer struct {
	Gateways set[gatewayItem] `xml:"transitGatewaySet"`
	page
}

func (k *call) gatewayItem(g gateway) gatewayItem {
	item := gatewayItem{
		ID: g.id, Arn: "arn:aws:ec2:" + k.region.name + ":" + k.account + ":transit-gateway/" + g.id,
		State: g.state, Owner: k.account, Description: g.description, Created: stamp(g.created),
		Options: gatewayOptionsItem{
			ASN:                g.asn,
			AutoAccept:         g.switches["AutoAcceptSharedAttachments"],
			DefaultAssociation: g.switches["DefaultRouteTableAssociation"],
			AssociationTable:   g.associates,
			DefaultPropagation: g.switches["DefaultRouteTablePropagation"],
			PropagationTable:   g.propagates,
			ECMP:               g.switches["VpnEcmpSupport"],
			DNS:                g.switches["DnsSupport"],
			GroupReferencing:   g.switches["SecurityGroupReferencingSupport"],
			Multicast:          g.switches["MulticastSupport"],
		},
		Tags: k.tagSet(g.id),
	}
	if len(g.cidrs) > 0 {
		item.Options.Cidrs = &set[string]{g.cidrs}
	}
	return item
}

// createTransitGateway has no client token: each call makes another one.
func createTransitGateway(k *call) (any, error) {
	options := k.inside("Options")
	tags, err := k.specified("TagSpecification", "transit-gateway")
	if err != nil {
		return nil, err
	}
	g := gateway{state: "pending", description: k.text("Description"), created: k.now, cidrs: options.list("TransitGatewayCidrBlocks")}
	if g.asn, err = options.number("AmazonSideAsn", 64512); err != nil {
		return nil, err
	}
	if err := checkPrivateASN(g.asn); err != nil {
		return nil, err
	}
	if g.switches, err = switched(nil, options); err != nil {
		return nil, err
	}
	if err := k.quota("transit-gateways", living(k.region.gateways.all(), func(g gateway) string { return g.state })); err != nil {
		return nil, err
	}
	g.id = k.newID(gatewayIDs)
	k.region.retag(k.now, g.id, tags)
	k.defaultTables(&g)
	k.region.gateways.put(k.now, g.id, g)
	k.later(k.now, "aws/transit-gateway/create", func(at time.Time) {
		if k.fails == nil {
			k.settleGateway(at, g.id, "pending", "available")
			return
		}
		k.settleGateway(at, g.id, "pending", "deleted")
		k.buryGateway(at, g.id)
	})
	return gatewayAnswer{k.gatewayItem(g)}, nil
}

// switched is the switches with what a request says laid over them.
func switched(have map[string]string, options form) (map[string]string, error) {
	next := map[string]string{}
	for _, s := range gatewaySwitches {
		fallback := s.fallback
		if have != nil {
			fallback = have[s.name]
		}
		value := options.or(s.name, fallback)
		if value != "enable" && value != "disable" {
			return nil, badValue("Value (%s) for parameter %s is invalid. Expected enable or disable.", value, s.name)
		}
		next[s.name] = value
	}
	return next, nil
}

func checkPrivateASN(asn int) error {
	if asn >= 64512 && asn <= 65534 || asn >= 4200000000 && asn <= 4294967294 {
		return nil
	}
	return badValue("Value (%d) for parameter AmazonSideAsn is invalid. The ASN must be in the private range.", asn)
}

// settleGateway ends a state of a transit gateway, together with its tables.
func (k *call) settleGateway(at time.Time, id, from, to string) {
	g, known := k.region.gateways.get(id)
	if !known || g.state != from {
		return
	}
	g.state = to
	k.region.gateways.put(at, id, g)
	for _, t := range k.region.tables.all() {
		if t.gateway == id && t.state == from {
			t.state = to
			k.region.tables.put(at, t.id, t)
		}
	}
}

func modifyTransitGateway(k *call) (any, error) {
	g, err := k.availableGateway()
	if err != nil {
		return nil, err
	}
	options := k.inside("Options")
	before := g.switches
	if g.switches, err = switched(g.switches, options); err != nil {
		return nil, err
	}
	if options.has("MulticastSupport") && before["MulticastSupport"] != g.switches["MulticastSupport"] {
		return nil, badValue("MulticastSupport cannot be changed")
	}
	if err := k.modifyASN(&g, options); err != nil {
		return nil, err
	}
	for name, field := range map[string]*string{"AssociationDefaultRouteTableId": &g.associates, "PropagationDefaultRouteTableId": &g.propagates} {
		id := options.text(name)
		if id == "" {
			continue
		}
		if t, known := k.region.tables.get(id); !known || t.gateway != g.id {
			return nil, gatewayTableIDs.unknown(id)
		}
		*field = id
	}
	g.description = k.or("Description", g.description)
	removed := options.list("RemoveTransitGatewayCidrBlocks")
	g.cidrs = slices.DeleteFunc(slices.Concat(g.cidrs, options.list("AddTransitGatewayCidrBlocks")), func(c string) bool { return slices.Contains(removed, c) })
	if g.switches["DefaultRouteTableAssociation"] == "disable" {
		g.associates = ""
	}
	if g.switches["DefaultRouteTablePropagation"] == "disable" {
		g.propagates = ""
	}
	k.defaultTables(&g)
	g.state = "modifying"
	k.region.gateways.put(k.now, g.id, g)
	k.later(k.now, "aws/transit-gateway/modify", func(at time.Time) { k.settleGateway(at, g.id, "modifying", "available") })
	return gatewayAnswer{k.gatewayItem(g)}, nil
}

// modifyASN changes the ASN, which EC2 is believed to allow only while no VPN
// is attached.
func (k *call) modifyASN(g *gateway, options form) error {
	asn, err := options.number("AmazonSideAsn", g.asn)
	if err != nil || asn == g.asn {
		return err
	}
	for _, a := range k.region.attachments.all() {
		if a.gateway == g.id && a.kind == "vpn" && a.state != "deleted" {
			return badState("The ASN of %s cannot be changed while VPN attachments exist", g.id)
		}
	}
	g.asn = asn
	return checkPrivateASN(asn)
}

func deleteTransitGateway(k *call) (any, error) {
	g, err := k.availableGateway()
	if err != nil {
		return nil, err
	}
	for _, a := range k.region.attachments.all() {
		if a.gateway == g.id && a.state != "deleted" && a.state != "rejected" {
			return nil, badState("%s has non-deleted Transit Gateway Attachments: %s", g.id, a.id)
		}
	}
	k.settleGateway(k.now, g.id, "available", "deleting")
	g.state = "deleting"
	k.later(k.now, "aws/transit-gateway/delete", func(at time.Time) {
		k.settleGateway(at, g.id, "deleting", "deleted")
		k.buryGateway(at, g.id)
	})
	return gatewayAnswer{k.gatewayItem(g)}, nil
}

func (k *call) buryGateway(at time.Time, id string) {
	for _, t := range k.region.tables.all() {
		if t.gateway == id {
			k.bury(at, t.id, k.region.tables.drop)
		}
	}
	k.bury(at, id, k.region.gateways.drop)
}

// bury forgets a deleted object after it has lingered.
func (k *call) bury(deleted time.Time, id string, drop func(time.Time, string)) {
	region := k.region
	k.Agenda.At(deleted.Add(linger), func(at time.Time) {
		drop(at, id)
		region.tags.drop(at, id)
	})
}

func describeTransitGateways(k *call) (any, error) {
	rows, page, err := find(k, k.region.gateways.allAt(k.seen), listing[gateway]{
		parameter: "TransitGatewayIds", ids: gatewayIDs, id: func(g gateway) string { return g.id },
		least: 5, most: 1000,
		filters: map[string]func(gateway) []string{
			"transit-gateway-id":      one(func(g gateway) string { return g.id }),
			"state":                   one(func(g gateway) string { return g.state }),
			"owner-id":                one(func(gateway) string { return k.account }),
			"options.amazon-side-asn": one(func(g gateway) string { return strconv.Itoa(g.asn) }),
			"options.association-default-route-table-id": one(func(g gateway) string { return g.associates }),
			"options.propagation-default-route-table-id": one(func(g gateway) string { return g.propagates }),
			"options.auto-accept-shared-attachments":     one(func(g gateway) string { return g.switches["AutoAcceptSharedAttachments"] }),
			"options.default-route-table-association":    one(func(g gateway) string { return g.switches["DefaultRouteTableAssociation"] }),
			"options.default-route-table-propagation":    one(func(g gateway) string { return g.switches["DefaultRouteTablePropagation"] }),
			"options.vpn-ecmp-support":                   one(func(g gateway) string { return g.switches["VpnEcmpSupport"] }),
			"options.dns-support":                        one(func(g gateway) string { return g.switches["DnsSupport"] }),
		},
	})
	if err != nil {
		return nil, err
	}
	return gatewaysAnswer{listed(rows, k.gatewayItem), page}, nil
}

// availableGateway finds the transit gateway that the request names, which has
// to be available.
func (k *call) availableGateway() (gateway, error) {
	id, err := k.need("TransitGatewayId")
	if err != nil {
		return gateway{}, err
	}
	g, known := k.region.gateways.get(id)
	if !known || g.state == "deleted" {
		return gateway{}, gatewayIDs.unknown(id)
	}
	if g.state != "available" {
		return gateway{}, badState("%s is in invalid state", id)
	}
	return g, nil
}
