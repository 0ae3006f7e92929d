package aws

import (
	"net/netip"
	"slices"
	"strings"
)

// routeTable is a route table of a VPC.
type routeTable struct {
	id, vpc string
	main    bool
	subnets []string // explicit associations
	routes  []route  // without the local ones, which follow from the VPC
}

// route is a route that somebody made. The target's own prefix says what it
// is: igw-, nat-, tgw-.
type route struct {
	prefix netip.Prefix
	target string
}

type routeTableItem struct {
	ID           string                    `xml:"routeTableId"`
	VPC          string                    `xml:"vpcId"`
	Owner        string                    `xml:"ownerId"`
	Routes       set[routeItem]            `xml:"routeSet"`
	Associations set[tableAssociationItem] `xml:"associationSet"`
	Propagating  set[struct{}]             `xml:"propagatingVgwSet"`
	Tags         set[tag]                  `xml:"tagSet"`
}

type routeItem struct {
	Destination string `xml:"destinationCidrBlock"`
	Gateway     string `xml:"gatewayId,omitempty"`
	NAT         string `xml:"natGatewayId,omitempty"`
	Transit     string `xml:"transitGatewayId,omitempty"`
	Interface   string `xml:"networkInterfaceId,omitempty"`
	Instance    string `xml:"instanceId,omitempty"`
	Peering     string `xml:"vpcPeeringConnectionId,omitempty"`
	State       string `xml:"state"`
	Origin      string `xml:"origin"`
}

type tableAssociationItem struct {
	ID     string `xml:"routeTableAssociationId"`
	Table  string `xml:"routeTableId"`
	Subnet string `xml:"subnetId,omitempty"`
	Main   bool   `xml:"main"`
	State  string `xml:"associationState>state"`
}

type routeTablesAnswer struct {
	Tables set[routeTableItem] `xml:"routeTableSet"`
	page
}

// targets are the parameters that name a route's target, with the beginning of
// the ids they take and the field that shows them.
var targets = []struct {
	parameter, prefix string
	field             func(*routeItem) *string
}{
	{"TransitGatewayId", "tgw-", func(r *routeItem) *string { return &r.Transit }},
	{"GatewayId", "igw-", func(r *routeItem) *string { return &r.Gateway }},
	{"GatewayId", "vgw-", func(r *routeItem) *string { return &r.Gateway }},
	{"GatewayId", "local", func(r *routeItem) *string { return &r.Gateway }},
	{"NatGatewayId", "nat-", func(r *routeItem) *string { return &r.NAT }},
	{"NetworkInterfaceId", "eni-", func(r *routeItem) *string { return &r.Interface }},
	{"InstanceId", "i-", func(r *routeItem) *string { return &r.Instance }},
	{"VpcPeeringConnectionId", "pcx-", func(r *routeItem) *string { return &r.Peering }},
}

func (r route) item(state, origin string) routeItem {
	item := routeItem{Destination: r.prefix.String(), State: state, Origin: origin}
	for _, row := range targets {
		if strings.HasPrefix(r.target, row.prefix) {
			*row.field(&item) = r.target
			break
		}
	}
	return item
}

func (k *call) routeTableItem(t routeTable) routeTableItem {
	item := routeTableItem{ID: t.id, VPC: t.vpc, Owner: k.account, Tags: k.tagSet(t.id)}
	v, _ := k.region.vpcs.getAt(k.seen, t.vpc)
	for _, prefix := range v.prefixes {
		item.Routes.Items = append(item.Routes.Items, route{prefix, "local"}.item("active", "CreateRouteTable"))
	}
	attached := k.attachedGateways()[t.vpc]
	for _, r := range t.routes {
		item.Routes.Items = append(item.Routes.Items, r.item(r.state(attached), "CreateRoute"))
	}
	if t.main {
		item.Associations.Items = append(item.Associations.Items, k.tableAssociation(t.id, ""))
	}
	for _, id := range t.subnets {
		item.Associations.Items = append(item.Associations.Items, k.tableAssociation(t.id, id))
	}
	return item
}

func (k *call) tableAssociation(table, subnet string) tableAssociationItem {
	return tableAssociationItem{"rtbassoc-0" + k.derive("association", table, subnet)[:16], table, subnet, subnet == "", "associated"}
}

// attachedGateways is the transit gateways that each VPC is attached to.
func attachedGateways(attachments []attachment) map[string][]string {
	gateways := map[string][]string{}
	for _, a := range attachments {
		if a.kind == "vpc" && a.ready() {
			gateways[a.resource] = append(gateways[a.resource], a.gateway)
		}
	}
	return gateways
}

// attachedGateways is what the call sees of that, worked out once a call.
func (k *call) attachedGateways() map[string][]string {
	if k.attached == nil {
		k.attached = attachedGateways(k.region.attachments.allAt(k.seen))
	}
	return k.attached
}

// state is blackhole for a route to a transit gateway that the VPC is no
// longer attached to.
func (r route) state(attached []string) string {
	if strings.HasPrefix(r.target, "tgw-") && !slices.Contains(attached, r.target) {
		return "blackhole"
	}
	return "active"
}

func describeRouteTables(k *call) (any, error) {
	items := listed(k.region.routeTables.allAt(k.seen), k.routeTableItem).Items
	routes := func(field func(routeItem) string) func(routeTableItem) []string {
		return func(t routeTableItem) []string { return present(t.Routes.Items, field) }
	}
	associations := func(field func(tableAssociationItem) string) func(routeTableItem) []string {
		return func(t routeTableItem) []string { return present(t.Associations.Items, field) }
	}
	rows, page, err := find(k, items, listing[routeTableItem]{
		parameter: "RouteTableId", ids: routeTableIDs, id: func(t routeTableItem) string { return t.ID }, least: 5, most: 100,
		filters: map[string]func(routeTableItem) []string{
			"route-table-id":                         one(func(t routeTableItem) string { return t.ID }),
			"vpc-id":                                 one(func(t routeTableItem) string { return t.VPC }),
			"owner-id":                               one(func(t routeTableItem) string { return t.Owner }),
			"association.subnet-id":                  associations(func(a tableAssociationItem) string { return a.Subnet }),
			"association.route-table-id":             associations(func(a tableAssociationItem) string { return a.Table }),
			"association.route-table-association-id": associations(func(a tableAssociationItem) string { return a.ID }),
			"association.main": associations(func(a tableAssociationItem) string {
				return map[bool]string{true: "true", false: "false"}[a.Main]
			}),
			"route.destination-cidr-block": routes(func(r routeItem) string { return r.Destination }),
			"route.gateway-id":             routes(func(r routeItem) string { return r.Gateway }),
			"route.nat-gateway-id":         routes(func(r routeItem) string { return r.NAT }),
			"route.transit-gateway-id":     routes(func(r routeItem) string { return r.Transit }),
			"route.origin":                 routes(func(r routeItem) string { return r.Origin }),
			"route.state":                  routes(func(r routeItem) string { return r.State }),
		},
	})
	if err != nil {
		return nil, err
	}
	return routeTablesAnswer{set[routeTableItem]{rows}, page}, nil
}

// present is the values of a field that are there.
func present[T any](items []T, field func(T) string) []string {
	var values []string
	for _, item := range items {
		if value := field(item); value != "" {
			values = append(values, value)
		}
	}
	return values
}
