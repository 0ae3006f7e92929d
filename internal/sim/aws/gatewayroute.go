package aws

import (
	"cmp"
	"net/netip"
	"slices"
	"time"
)

// gatewayRoute is a static route of a transit gateway route table; without an
// attachment it is a wanted blackhole.
type gatewayRoute struct {
	prefix     netip.Prefix
	attachment string
	state      string // pending, active, deleting
}

type gatewayRouteItem struct {
	Destination string                    `xml:"destinationCidrBlock"`
	Attachments *set[routeAttachmentItem] `xml:"transitGatewayAttachments"`
	Type        string                    `xml:"type"`
	State       string                    `xml:"state"`
}

type routeAttachmentItem struct {
	ResourceID   string `xml:"resourceId"`
	Attachment   string `xml:"transitGatewayAttachmentId"`
	ResourceType string `xml:"resourceType"`
}

type gatewayRouteAnswer struct {
	Route gatewayRouteItem `xml:"route"`
}

type gatewayRoutesAnswer struct {
	Routes     set[gatewayRouteItem] `xml:"routeSet"`
	Additional bool                  `xml:"additionalRoutesAvailable"`
	page
}

type prefixListReferencesAnswer struct {
	References set[struct{}] `xml:"transitGatewayPrefixListReferenceSet"`
	page
}

// gatewayRouteItem shows a route. One whose attachment is gone or not ready
// is a blackhole that still names the attachment.
func (k *call) gatewayRouteItem(r gatewayRoute) gatewayRouteItem {
	item := gatewayRouteItem{Destination: r.prefix.String(), Type: "static", State: r.state}
	if r.attachment == "" {
		item.State = "blackhole"
		return item
	}
	a, known := k.region.attachments.getAt(k.seen, r.attachment)
	if r.state == "active" && (!known || !a.ready()) {
		item.State = "blackhole"
	}
	item.Attachments = &set[routeAttachmentItem]{[]routeAttachmentItem{k.routeAttachment(r.attachment)}}
	return item
}

// ready tells whether traffic passes an attachment.
func (a attachment) ready() bool { return a.state == "available" || a.state == "modifying" }

func (k *call) routeAttachment(id string) routeAttachmentItem {
	a, _ := k.region.attachments.get(id)
	return routeAttachmentItem{a.resource, id, a.kind}
}

// gatewayRouteRequest is what the calls about one route have in common.
func (k *call) gatewayRouteRequest() (gatewayTable, netip.Prefix, error) {
	t, err := k.tableIn("available")
	if err != nil {
		return t, netip.Prefix{}, err
	}
	prefix, err := k.destination()
	return t, prefix, err
}

// gatewayRouteTarget is the available attachment of the table's transit
// gateway that the request names, or "" when it wants a blackhole.
func (k *call) gatewayRouteTarget(t gatewayTable) (string, error) {
	blackhole, err := k.truth("Blackhole")
	if err != nil {
		return "", err
	}
	if blackhole == k.has("TransitGatewayAttachmentId") {
		return "", refuse("InvalidParameterCombination", "The request must contain either TransitGatewayAttachmentId or Blackhole")
	}
	if blackhole {
		return "", nil
	}
	a, err := k.attachmentIn("available")
	if err == nil && a.gateway != t.gateway {
		err = badValue("%s and %s belong to different transit gateways", t.id, a.id)
	}
	return a.id, err
}

func createTransitGatewayRoute(k *call) (any, error) {
	t, prefix, err := k.gatewayRouteRequest()
	if err != nil {
		return nil, err
	}
	target, err := k.gatewayRouteTarget(t)
	if err != nil {
		return nil, err
	}
	if _, there := k.region.routes[t.id].get(prefix.String()); there {
		return nil, refuse("RouteAlreadyExists", "Route %s already exists in Transit Gateway Route Table %s.", prefix, t.id)
	}
	count := 0
	for _, other := range k.region.tables.all() {
		if other.gateway == t.gateway {
			count += k.region.routes[other.id].size()
		}
	}
	if err := k.quota("transit-gateway-routes", count); err != nil {
		return nil, err
	}
	return gatewayRouteAnswer{k.gatewayRouteItem(k.addRoute(t.id, prefix, target))}, nil
}

// addRoute enters a route, which is pending for a moment.
func (k *call) addRoute(table string, prefix netip.Prefix, target string) gatewayRoute {
	routes, r := k.region.routes[table], gatewayRoute{prefix, target, "pending"}
	routes.put(k.now, prefix.String(), r)
	k.later(k.now, "aws/transit-gateway-route/create", func(at time.Time) {
		if now, there := routes.get(prefix.String()); there && now == r {
			routes.put(at, prefix.String(), gatewayRoute{prefix, target, "active"})
		}
	})
	r, _ = routes.get(prefix.String())
	return r
}

// replaceTransitGatewayRoute leads a route that is active elsewhere, without it
// being pending: the published sample answers "active".
func replaceTransitGatewayRoute(k *call) (any, error) {
	t, prefix, err := k.gatewayRouteRequest()
	if err != nil {
		return nil, err
	}
	target, err := k.gatewayRouteTarget(t)
	if err != nil {
		return nil, err
	}
	r, there := k.region.routes[t.id].get(prefix.String())
	if !there {
		return nil, refuse("InvalidRoute.NotFound", "Route %s not found in Transit Gateway Route Table %s.", prefix, t.id)
	}
	if r.state != "active" {
		return gatewayRouteAnswer{k.gatewayRouteItem(k.addRoute(t.id, prefix, target))}, nil
	}
	r.attachment = target
	k.region.routes[t.id].put(k.now, prefix.String(), r)
	return gatewayRouteAnswer{k.gatewayRouteItem(r)}, nil
}

func deleteTransitGatewayRoute(k *call) (any, error) {
	t, prefix, err := k.gatewayRouteRequest()
	if err != nil {
		return nil, err
	}
	routes := k.region.routes[t.id]
	r, there := routes.get(prefix.String())
	if !there {
		return nil, refuse("InvalidRoute.NotFound", "Route %s not found in Transit Gateway Route Table %s.", prefix, t.id)
	}
	routes.drop(k.now, prefix.String())
	item := k.gatewayRouteItem(r)
	item.State = "deleted"
	return gatewayRouteAnswer{item}, nil
}

// searchTransitGatewayRoutes needs a filter, answers at most a thousand
// routes, and says when there are more.
func searchTransitGatewayRoutes(k *call) (any, error) {
	id, err := k.need("TransitGatewayRouteTableId")
	if err != nil {
		return nil, err
	}
	if t, known := k.region.tables.getAt(k.seen, id); !known || t.state == "deleted" {
		return nil, gatewayTableIDs.unknown(id)
	}
	if len(k.structures("Filter")) == 0 {
		return nil, missing("Filters")
	}
	attachments := func(field func(routeAttachmentItem) string) func(gatewayRouteItem) []string {
		return func(r gatewayRouteItem) []string {
			if r.Attachments == nil {
				return nil
			}
			return present(r.Attachments.Items, field)
		}
	}
	all := k.gatewayRoutes(id)
	rows, page, err := find(k, all, listing[gatewayRouteItem]{
		id: func(r gatewayRouteItem) string { return r.Destination }, untagged: true, least: 5, most: 1000, whole: 1000,
		filters: map[string]func(gatewayRouteItem) []string{
			"attachment.transit-gateway-attachment-id": attachments(func(a routeAttachmentItem) string { return a.Attachment }),
			"attachment.resource-id":                   attachments(func(a routeAttachmentItem) string { return a.ResourceID }),
			"attachment.resource-type":                 attachments(func(a routeAttachmentItem) string { return a.ResourceType }),
			"state":                                    one(func(r gatewayRouteItem) string { return r.State }),
			"type":                                     one(func(r gatewayRouteItem) string { return r.Type }),
			"prefix-list-id":                           func(gatewayRouteItem) []string { return nil },
		},
		tests: map[string]func([]string) (func(gatewayRouteItem) bool, error){
			"route-search.exact-match":          related(func(route, wanted netip.Prefix) bool { return route == wanted }),
			"route-search.subnet-of-match":      related(func(route, wanted netip.Prefix) bool { return covers(wanted, route) }),
			"route-search.supernet-of-match":    related(covers),
			"route-search.longest-prefix-match": longest(all),
		},
	})
	if err != nil {
		return nil, err
	}
	return gatewayRoutesAnswer{set[gatewayRouteItem]{rows}, page.NextToken != "", page}, nil
}

// gatewayRoutes is all routes of a table in the order of their prefixes: the
// static ones, and the propagated ones that no static one hides.
func (k *call) gatewayRoutes(table string) []gatewayRouteItem {
	type row struct {
		prefix netip.Prefix
		item   gatewayRouteItem
	}
	var rows []row
	static := map[netip.Prefix]bool{}
	for _, r := range k.region.routes[table].allAt(k.seen) {
		static[r.prefix] = true
		rows = append(rows, row{r.prefix, k.gatewayRouteItem(r)})
	}
	for _, r := range k.Fabric.PropagatedRoutes(table) {
		if static[r.Prefix] {
			continue
		}
		attachments := listed(r.Attachments, k.routeAttachment)
		rows = append(rows, row{r.Prefix, gatewayRouteItem{r.Prefix.String(), &attachments, "propagated", r.State}})
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(a.prefix.Addr().Compare(b.prefix.Addr()), cmp.Compare(a.prefix.Bits(), b.prefix.Bits()))
	})
	return listed(rows, func(r row) gatewayRouteItem { return r.item }).Items
}

// getTransitGatewayPrefixListReferences answers an empty list: nobody makes
// prefix lists here.
func getTransitGatewayPrefixListReferences(k *call) (any, error) {
	if _, err := k.tableIn(""); err != nil {
		return nil, err
	}
	if _, err := k.number("MaxResults", 0); err != nil {
		return nil, err
	}
	return prefixListReferencesAnswer{}, nil
}
