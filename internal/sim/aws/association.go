package aws

import "time"

type associationItem struct {
	Table        string `xml:"transitGatewayRouteTableId,omitempty"`
	Attachment   string `xml:"transitGatewayAttachmentId"`
	ResourceID   string `xml:"resourceId"`
	ResourceType string `xml:"resourceType"`
	State        string `xml:"state"`
}

type associationAnswer struct {
	Association associationItem `xml:"association"`
}

type associationsAnswer struct {
	Associations set[associationItem] `xml:"associations"`
	page
}

type propagationAnswer struct {
	Propagation associationItem `xml:"propagation"`
}

type propagationsAnswer struct {
	Propagations set[associationItem] `xml:"transitGatewayRouteTablePropagations"`
	page
}

func itemOf(a attachment, table, state string) associationItem {
	return associationItem{table, a.id, a.resource, a.kind, state}
}

// associate begins an association and ends it in due time.
func (k *call) associate(at time.Time, id, table string) {
	k.changeAttachment(at, id, func(a attachment) attachment {
		a.association = association{table, "associating"}
		return a
	})
	k.later(at, "aws/association/create", func(at time.Time) {
		k.changeAttachment(at, id, func(a attachment) attachment {
			if a.association == (association{table, "associating"}) {
				a.association.state = "associated"
			}
			return a
		})
	})
}

// propagate begins a propagation and ends it in due time.
func (k *call) propagate(at time.Time, id, table string) {
	k.changeAttachment(at, id, func(a attachment) attachment { return a.with(table, "enabling") })
	k.later(at, "aws/propagation/create", func(at time.Time) {
		k.changeAttachment(at, id, func(a attachment) attachment {
			if p, on := a.propagation(table); !on || p.state != "enabling" {
				return a
			}
			return a.with(table, "enabled")
		})
	})
}

// tableAndAttachment finds the available table and attachment that a request
// names.
func (k *call) tableAndAttachment() (gatewayTable, attachment, error) {
	t, err := k.tableIn("available")
	if err != nil {
		return t, attachment{}, err
	}
	a, err := k.attachmentIn("available")
	if err == nil && a.gateway != t.gateway {
		err = badValue("%s and %s belong to different transit gateways", t.id, a.id)
	}
	return t, a, err
}

// attachmentIn finds the attachment that the request names, which has to be
// in a state; "" is any but deleted.
func (k *call) attachmentIn(state string) (attachment, error) {
	id, err := k.need("TransitGatewayAttachmentId")
	if err != nil {
		return attachment{}, err
	}
	a, known := k.region.attachments.get(id)
	if !known || a.state == "deleted" {
		return attachment{}, attachmentIDs.unknown(id)
	}
	if state != "" && a.state != state {
		return attachment{}, badState("%s is in invalid state", id)
	}
	return a, nil
}

func associateTransitGatewayRouteTable(k *call) (any, error) {
	t, a, err := k.tableAndAttachment()
	if err != nil {
		return nil, err
	}
	if a.association.table != "" {
		return nil, refuse("Resource.AlreadyAssociated", "Transit Gateway Attachment %s is already associated to a route table.", a.id)
	}
	k.associate(k.now, a.id, t.id)
	return associationAnswer{itemOf(a, t.id, "associating")}, nil
}

func disassociateTransitGatewayRouteTable(k *call) (any, error) {
	t, a, err := k.tableAndAttachment()
	if err != nil {
		return nil, err
	}
	if a.association.table != t.id {
		return nil, refuse("InvalidAssociation.NotFound", "There is no association between %s and %s", a.id, t.id)
	}
	if a.association.state != "associated" {
		return nil, badState("The association of %s is in invalid state", a.id)
	}
	leaving := association{t.id, "disassociating"}
	k.changeAttachment(k.now, a.id, func(a attachment) attachment { a.association = leaving; return a })
	k.later(k.now, "aws/association/delete", func(at time.Time) {
		k.changeAttachment(at, a.id, func(a attachment) attachment {
			if a.association == leaving {
				a.association = association{}
			}
			return a
		})
	})
	return associationAnswer{itemOf(a, t.id, "disassociating")}, nil
}

func enableTransitGatewayRouteTablePropagation(k *call) (any, error) {
	t, a, err := k.tableAndAttachment()
	if err != nil {
		return nil, err
	}
	if a.kind == "peering" {
		return nil, refuse("UnsupportedOperation", "Route propagation is not supported for the peering attachment %s.", a.id)
	}
	if _, on := a.propagation(t.id); on {
		return nil, refuse("TransitGatewayRouteTablePropagation.Duplicate", "Propagation with attachment-id %s already exists in Transit Gateway Route Table %s.", a.id, t.id)
	}
	k.propagate(k.now, a.id, t.id)
	return propagationAnswer{itemOf(a, t.id, "enabling")}, nil
}

func disableTransitGatewayRouteTablePropagation(k *call) (any, error) {
	t, a, err := k.tableAndAttachment()
	if err != nil {
		return nil, err
	}
	if _, on := a.propagation(t.id); !on {
		return nil, refuse("TransitGatewayRouteTablePropagation.NotFound", "No propagation with attachment-id %s exists in Transit Gateway Route Table %s.", a.id, t.id)
	}
	k.changeAttachment(k.now, a.id, func(a attachment) attachment { return a.with(t.id, "disabling") })
	k.later(k.now, "aws/propagation/delete", func(at time.Time) {
		k.changeAttachment(at, a.id, func(a attachment) attachment {
			if p, on := a.propagation(t.id); !on || p.state != "disabling" {
				return a
			}
			return a.with(t.id, "")
		})
	})
	return propagationAnswer{itemOf(a, t.id, "disabling")}, nil
}

// listItems answers both lists that a route table has of attachments.
func (k *call) listItems(of func(a attachment, table string) (state string, there bool)) ([]associationItem, page, error) {
	id, err := k.need("TransitGatewayRouteTableId")
	if err != nil {
		return nil, page{}, err
	}
	if t, known := k.region.tables.getAt(k.seen, id); !known || t.state == "deleted" {
		return nil, page{}, gatewayTableIDs.unknown(id)
	}
	var items []associationItem
	for _, a := range k.region.attachments.allAt(k.seen) {
		if state, there := of(a, id); there {
			items = append(items, itemOf(a, "", state))
		}
	}
	return find(k, items, listing[associationItem]{
		id: func(i associationItem) string { return i.Attachment }, untagged: true, least: 5, most: 1000,
		filters: map[string]func(associationItem) []string{
			"transit-gateway-attachment-id": one(func(i associationItem) string { return i.Attachment }),
			"resource-id":                   one(func(i associationItem) string { return i.ResourceID }),
			"resource-type":                 one(func(i associationItem) string { return i.ResourceType }),
		},
	})
}

func getTransitGatewayRouteTableAssociations(k *call) (any, error) {
	items, page, err := k.listItems(func(a attachment, table string) (string, bool) {
		return a.association.state, a.association.table == table
	})
	if err != nil {
		return nil, err
	}
	return associationsAnswer{set[associationItem]{items}, page}, nil
}

func getTransitGatewayRouteTablePropagations(k *call) (any, error) {
	items, page, err := k.listItems(func(a attachment, table string) (string, bool) {
		p, on := a.propagation(table)
		return p.state, on
	})
	if err != nil {
		return nil, err
	}
	return propagationsAnswer{set[associationItem]{items}, page}, nil
}

type attachmentPropagationItem struct {
	Table string `xml:"transitGatewayRouteTableId"`
	State string `xml:"state"`
}

type attachmentPropagationsAnswer struct {
	Propagations set[attachmentPropagationItem] `xml:"transitGatewayAttachmentPropagations"`
	page
}

func getTransitGatewayAttachmentPropagations(k *call) (any, error) {
	id, err := k.need("TransitGatewayAttachmentId")
	if err != nil {
		return nil, err
	}
	a, known := k.region.attachments.getAt(k.seen, id)
	if !known || a.state == "deleted" {
		return nil, attachmentIDs.unknown(id)
	}
	rows := listed(a.propagations, func(p propagation) attachmentPropagationItem { return attachmentPropagationItem{p.table, p.state} }).Items
	rows, page, err := find(k, rows, listing[attachmentPropagationItem]{
		id: func(p attachmentPropagationItem) string { return p.Table }, untagged: true, least: 5, most: 1000,
		filters: map[string]func(attachmentPropagationItem) []string{
			"transit-gateway-route-table-id": one(func(p attachmentPropagationItem) string { return p.Table }),
		},
	})
	if err != nil {
		return nil, err
	}
	return attachmentPropagationsAnswer{set[attachmentPropagationItem]{rows}, page}, nil
}
