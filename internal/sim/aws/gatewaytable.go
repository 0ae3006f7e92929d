package aws

import (
	"strconv"
	"time"
)

// gatewayTable is a route table of a transit gateway.
type gatewayTable struct {
	id, gateway, state string
	created            time.Time
}

type gatewayTableItem struct {
	ID                 string   `xml:"transitGatewayRouteTableId"`
	Gateway            string   `xml:"transitGatewayId"`
	State              string   `xml:"state"`
	DefaultAssociation bool     `xml:"defaultAssociationRouteTable"`
	DefaultPropagation bool     `xml:"defaultPropagationRouteTable"`
	Created            stamp    `xml:"creationTime"`
	Tags               set[tag] `xml:"tagSet"`
}

type gatewayTableAnswer struct {
	Table gatewayTableItem `xml:"transitGatewayRouteTable"`
}

type gatewayTablesAnswer struct {
	Tables set[gatewayTableItem] `xml:"transitGatewayRouteTables"`
	page
}

func (k *call) gatewayTableItem(t gatewayTable) gatewayTableItem {
	g, _ := k.region.gateways.getAt(k.seen, t.gateway)
	return gatewayTableItem{
		ID: t.id, Gateway: t.gateway, State: t.state, Created: stamp(t.created),
		DefaultAssociation: g.associates == t.id, DefaultPropagation: g.propagates == t.id, Tags: k.tagSet(t.id),
	}
}

// defaultTables makes the one tagless table that serves a transit gateway for
// association, propagation or both, where a default is wanted and there is none.
func (k *call) defaultTables(g *gateway) {
	associates := g.switches["DefaultRouteTableAssociation"] == "enable" && g.associates == ""
	propagates := g.switches["DefaultRouteTablePropagation"] == "enable" && g.propagates == ""
	if !associates && !propagates {
		return
	}
	id := g.associates
	if associates {
		id = g.propagates
	}
	if id == "" {
		id = k.addTable(g.id, g.state).id
	}
	if associates {
		g.associates = id
	}
	if propagates {
		g.propagates = id
	}
}

func (k *call) addTable(gatewayID, state string) gatewayTable {
	t := gatewayTable{id: k.newID(gatewayTableIDs), gateway: gatewayID, state: state, created: k.now}
	k.region.routes[t.id] = newStore[gatewayRoute](k.history)
	k.region.tables.put(k.now, t.id, t)
	return t
}

func createTransitGatewayRouteTable(k *call) (any, error) {
	g, err := k.availableGateway()
	if err != nil {
		return nil, err
	}
	tags, err := k.specified("TagSpecifications", "transit-gateway-route-table")
	if err != nil {
		return nil, err
	}
	count := 0
	for _, t := range k.region.tables.all() {
		if t.gateway == g.id && t.state != "deleted" {
			count++
		}
	}
	if err := k.quota("transit-gateway-route-tables", count); err != nil {
		return nil, err
	}
	t := k.addTable(g.id, "pending")
	k.region.retag(k.now, t.id, tags)
	k.later(k.now, "aws/transit-gateway-route-table/create", func(at time.Time) { k.settleTable(at, t.id, "pending", "available") })
	return gatewayTableAnswer{k.gatewayTableItem(t)}, nil
}

func (k *call) settleTable(at time.Time, id, from, to string) {
	t, known := k.region.tables.get(id)
	if known && t.state == from {
		t.state = to
		k.region.tables.put(at, id, t)
	}
}

func deleteTransitGatewayRouteTable(k *call) (any, error) {
	t, err := k.tableIn("available")
	if err != nil {
		return nil, err
	}
	if g, _ := k.region.gateways.get(t.gateway); g.associates == t.id || g.propagates == t.id {
		return nil, badState("%s is a default route table", t.id)
	}
	for _, a := range k.region.attachments.all() {
		if a.association.table == t.id {
			return nil, badState("%s has associations", t.id)
		}
		if _, on := a.propagation(t.id); on {
			return nil, badState("%s has propagations", t.id)
		}
	}
	k.settleTable(k.now, t.id, "available", "deleting")
	t.state = "deleting"
	k.later(k.now, "aws/transit-gateway-route-table/delete", func(at time.Time) {
		k.settleTable(at, t.id, "deleting", "deleted")
		k.bury(at, t.id, k.region.tables.drop)
	})
	return gatewayTableAnswer{k.gatewayTableItem(t)}, nil
}

func describeTransitGatewayRouteTables(k *call) (any, error) {
	defaults := func(which func(gateway) string) func(gatewayTable) []string {
		return func(t gatewayTable) []string {
			g, _ := k.region.gateways.getAt(k.seen, t.gateway)
			return []string{strconv.FormatBool(which(g) == t.id)}
		}
	}
	rows, page, err := find(k, k.region.tables.allAt(k.seen), listing[gatewayTable]{
		parameter: "TransitGatewayRouteTableIds", ids: gatewayTableIDs, id: func(t gatewayTable) string { return t.id },
		least: 5, most: 1000,
		filters: map[string]func(gatewayTable) []string{
			"transit-gateway-route-table-id":  one(func(t gatewayTable) string { return t.id }),
			"transit-gateway-id":              one(func(t gatewayTable) string { return t.gateway }),
			"state":                           one(func(t gatewayTable) string { return t.state }),
			"default-association-route-table": defaults(func(g gateway) string { return g.associates }),
			"default-propagation-route-table": defaults(func(g gateway) string { return g.propagates }),
		},
	})
	if err != nil {
		return nil, err
	}
	return gatewayTablesAnswer{listed(rows, k.gatewayTableItem), page}, nil
}

// tableIn finds the route table that the request names, which has to be in a
// state; "" is any but deleted.
func (k *call) tableIn(state string) (gatewayTable, error) {
	id, err := k.need("TransitGatewayRouteTableId")
	if err != nil {
		return gatewayTable{}, err
	}
	t, known := k.region.tables.get(id)
	if !known || t.state == "deleted" {
		return gatewayTable{}, gatewayTableIDs.unknown(id)
	}
	if state != "" && t.state != state {
		return gatewayTable{}, badState("%s is in invalid state", id)
	}
	return t, nil
}
