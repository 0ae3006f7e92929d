package aws

import (
	"slices"
	"time"
)

// attachment joins a VPC, a VPN connection or another transit gateway to a
// transit gateway.
type attachment struct {
	id, gateway, state string
	kind, resource     string // "vpc", "vpn" or "peering", and the id of that
	created            time.Time
	subnets            []string          // of a VPC attachment
	switches           map[string]string // of a VPC attachment
	peer               peering           // of a peering attachment
	association        association       // there is at most one
	propagations       []propagation
}

// association says which route table decides about what an attachment sends.
type association struct{ table, state string }

// propagation says that a table learns an attachment's prefixes.
type propagation struct{ table, state string }

// propagation finds the propagation into a table, if there is one.
func (a attachment) propagation(table string) (propagation, bool) {
	for _, p := range a.propagations {
		if p.table == table {
			return p, true
		}
	}
	return propagation{}, false
}

// with returns the attachment with a propagation in a state; "" takes it out.
func (a attachment) with(table, state string) attachment {
	a.propagations = slices.DeleteFunc(slices.Clone(a.propagations), func(p propagation) bool { return p.table == table })
	if state != "" {
		a.propagations = append(a.propagations, propagation{table, state})
	}
	return a
}

type attachmentItem struct {
	ID            string               `xml:"transitGatewayAttachmentId"`
	Gateway       string               `xml:"transitGatewayId"`
	GatewayOwner  string               `xml:"transitGatewayOwnerId"`
	ResourceOwner string               `xml:"resourceOwnerId"`
	ResourceType  string               `xml:"resourceType"`
	ResourceID    string               `xml:"resourceId"`
	State         string               `xml:"state"`
	Association   *attachedAssociation `xml:"association"`
	Created       stamp                `xml:"creationTime"`
	Tags          set[tag]             `xml:"tagSet"`
}

type attachedAssociation struct {
	Table string `xml:"transitGatewayRouteTableId"`
	State string `xml:"state"`
}

type attachmentsAnswer struct {
	Attachments set[attachmentItem] `xml:"transitGatewayAttachments"`
	page
}

func (k *call) attachmentItem(a attachment) attachmentItem {
	item := attachmentItem{
		ID: a.id, Gateway: a.gateway, GatewayOwner: k.account, ResourceOwner: k.account,
		ResourceType: a.kind, ResourceID: a.resource, State: a.state, Created: stamp(a.created), Tags: k.tagSet(a.id),
	}
	if a.kind == "peering" {
		item.ResourceOwner = a.peer.account
	}
	if a.association.table != "" {
		item.Association = &attachedAssociation{a.association.table, a.association.state}
	}
	return item
}

func describeTransitGatewayAttachments(k *call) (any, error) {
	rows, page, err := find(k, k.region.attachments.allAt(k.seen), listing[attachment]{
		parameter: "TransitGatewayAttachmentIds", ids: attachmentIDs, id: func(a attachment) string { return a.id },
		least: 5, most: 1000,
		filters: map[string]func(attachment) []string{
			"transit-gateway-attachment-id": one(func(a attachment) string { return a.id }),
			"transit-gateway-id":            one(func(a attachment) string { return a.gateway }),
			"transit-gateway-owner-id":      one(func(attachment) string { return k.account }),
			"resource-owner-id":             one(func(a attachment) string { return k.attachmentItem(a).ResourceOwner }),
			"resource-id":                   one(func(a attachment) string { return a.resource }),
			"resource-type":                 one(func(a attachment) string { return a.kind }),
			"state":                         one(func(a attachment) string { return a.state }),
			"association.state":             one(func(a attachment) string { return a.association.state }),
			"association.transit-gateway-route-table-id": one(func(a attachment) string { return a.association.table }),
		},
	})
	if err != nil {
		return nil, err
	}
	return attachmentsAnswer{listed(rows, k.attachmentItem), page}, nil
}

// changeAttachment makes a change to an attachment, if it is still there.
func (k *call) changeAttachment(at time.Time, id string, change func(attachment) attachment) {
	if a, known := k.region.attachments.get(id); known && a.state != "deleted" {
		k.region.attachments.put(at, id, change(a))
	}
}

// openAttachment makes an attachment available; then the transit gateway's
// defaults bring its association and propagation, some seconds later. A peering
// is associated like any other, and propagates nothing.
func (k *call) openAttachment(at time.Time, id string) {
	a, known := k.region.attachments.get(id)
	if !known || a.state != "pending" {
		return
	}
	a.state = "available"
	k.region.attachments.put(at, id, a)
	g, _ := k.region.gateways.get(a.gateway)
	if g.switches["DefaultRouteTableAssociation"] == "enable" && g.associates != "" {
		k.associate(at, id, g.associates)
	}
	if a.kind != "peering" && g.switches["DefaultRouteTablePropagation"] == "enable" && g.propagates != "" {
		k.propagate(at, id, g.propagates)
	}
}

// closeAttachment ends an attachment: its association and its propagations go
// with it, while static routes to it stay behind as blackholes. A peering ends at
// both its ends.
func (k *call) closeAttachment(at time.Time, id string) {
	for _, e := range k.ends(id) {
		e.changeAttachment(at, e.id, func(a attachment) attachment {
			a.state, a.association, a.propagations = "deleted", association{}, nil
			return a
		})
		e.bury(at, e.id, e.region.attachments.drop)
	}
}
