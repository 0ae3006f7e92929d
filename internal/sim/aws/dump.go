package aws

import "time"

// regionDump is what a region holds, as describes show it now.
type regionDump struct {
	TransitGateways  []gatewayItem
	Attachments      []attachmentDump
	RouteTables      []gatewayTableDump
	CustomerGateways []customerGatewayItem
	Connections      []connectionDump
	VPCs             []vpcItem
	Subnets          []subnetItem
	VPCRouteTables   []routeTableItem
	SecurityGroups   []groupItem
	NetworkACLs      []networkACLItem
	Instances        []instanceItem
}

type attachmentDump struct {
	attachmentItem
	Peer         *peerDump         `json:",omitempty"`
	Subnets      []string          `json:",omitempty"`
	Switches     map[string]string `json:",omitempty"`
	Propagations []propagationDump
}

// peerDump is the other end of a peering, and whether this one asked for it.
type peerDump struct {
	Region, Attachment string
	Requester          bool
}

type propagationDump struct{ Table, State string }

type connectionDump struct {
	connectionItem
	Prefers int      // the number of the tunnel by which AWS sends
	Pending []string // the outside addresses of the ends whose maintenance waits
}

type gatewayTableDump struct {
	gatewayTableItem
	Routes []gatewayRouteItem
}

// Dump is the whole state by the places of the regions, ready for encoding/json. The keys are
// redacted, and the documents that hold them are left out.
func (c *Cloud) Dump() any {
	regions := map[string]regionDump{}
	for _, place := range c.order {
		now := c.Now()
		k := &call{Cloud: c, account: c.regions[place].account, region: c.regions[place], now: now, seen: now}
		regions[place] = k.dump(now)
	}
	return regions
}

func (k *call) dump(now time.Time) regionDump {
	r := k.region
	return regionDump{
		TransitGateways:  listed(r.gateways.allAt(now), k.gatewayItem).Items,
		Attachments:      listed(r.attachments.allAt(now), k.attachmentDump).Items,
		RouteTables:      listed(r.tables.allAt(now), k.gatewayTableDump).Items,
		CustomerGateways: listed(r.customerGateways.allAt(now), k.customerGatewayItem).Items,
		Connections:      listed(r.connections.allAt(now), k.connectionDump).Items,
		VPCs:             listed(r.vpcs.allAt(now), k.vpcItem).Items,
		Subnets:          listed(r.subnets.allAt(now), k.subnetItem).Items,
		VPCRouteTables:   listed(r.routeTables.allAt(now), k.routeTableItem).Items,
		SecurityGroups:   listed(r.groups.allAt(now), k.groupItem).Items,
		NetworkACLs:      listed(r.networkACLs.allAt(now), k.networkACLItem).Items,
		Instances:        listed(r.instances.allAt(now), func(i instance) instanceItem { return k.reservationItem(i).Instances.Items[0] }).Items,
	}
}

func (k *call) attachmentDump(a attachment) attachmentDump {
	dump := attachmentDump{attachmentItem: k.attachmentItem(a), Subnets: a.subnets, Switches: a.switches}
	if a.kind == "peering" {
		dump.Peer = &peerDump{a.peer.region, a.peer.attachment, a.peer.requester}
	}
	for _, p := range a.propagations {
		dump.Propagations = append(dump.Propagations, propagationDump{p.table, p.state})
	}
	return dump
}

func (k *call) gatewayTableDump(t gatewayTable) gatewayTableDump {
	return gatewayTableDump{k.gatewayTableItem(t), k.gatewayRoutes(t.id)}
}

func (k *call) connectionDump(c connection) connectionDump {
	c.unknown = false
	item := connectionDump{connectionItem: k.connectionItem(c), Prefers: c.prefers}
	for _, t := range c.tunnels {
		if t.pending {
			item.Pending = append(item.Pending, t.outside.String())
		}
	}
	item.Configuration = ""
	for i := range item.Options.Tunnels.Items {
		item.Options.Tunnels.Items[i].Key = "(key)"
	}
	return item
}
