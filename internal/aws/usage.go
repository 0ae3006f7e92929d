package aws

import (
	"context"
	"slices"
	"sync"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/resource"
	"linkd/internal/survey"
)

// Usage implements [survey.Counter]: in each region five calls at once, which
// the role of an audit may make. EC2 has no call that tells a quota of these.
func (c *Cloud) Usage(ctx context.Context) []survey.Usage {
	var (
		guard sync.Mutex
		all   []survey.Usage
		calls []func()
	)
	for _, name := range c.order {
		calls = append(calls, func() {
			counted := c.usageIn(ctx, c.regions[name])
			guard.Lock()
			defer guard.Unlock()
			all = append(all, counted...)
		})
	}
	guarded(calls...)
	return all
}

// usageIn counts in a region what it has a limit of, and in the VPCs and route
// tables of the file.
func (c *Cloud) usageIn(ctx context.Context, r *region) []survey.Usage {
	s := newSeen(c, r)
	vpcs, tables := c.givenIn(r)
	guarded(
		func() { s.askTransitGateways(ctx) },
		func() { s.askConnections(ctx, ofAnyTag()) },
		func() { s.askCustomerGateways(ctx, ofAnyTag()) },
		func() { s.askVPCAttachments(ctx) },
		func() { s.askRouteTables(ctx, tables...) },
	)
	own := func(g types.TransitGateway) bool { // a list has those that others share, too
		return awssdk.ToString(g.OwnerId) == r.account && takesRoom(reduceTransitGateway(g))
	}
	all := []survey.Usage{
		counted(s, transitGatewayKind, r.place, s.transitGateways, own),
		counted(s, vpnConnectionKind, r.place, s.connections, func(v types.VpnConnection) bool { return takesRoom(reduceConnection(v)) }),
		counted(s, customerGatewayKind, r.place, s.customerGateways, func(g types.CustomerGateway) bool { return takesRoom(reduceCustomerGateway(g)) }),
	}
	for _, vpc := range vpcs {
		all = append(all, counted(s, vpcAttachmentKind, vpc, s.vpcAttachments, func(a types.TransitGatewayVpcAttachment) bool {
			return awssdk.ToString(a.VpcId) == vpc && takesRoom(reduceVPCAttachment(a))
		}))
	}
	for _, table := range slices.Compact(slices.Sorted(slices.Values(tables))) {
		all = append(all, counted(s, vpcRoutesKind, table, routesIn(s.routeTables, table), func(types.Route) bool { return true }))
	}
	return all
}

// counted counts the items of an answer that are meant.
func counted[T any](s *seen, kind resource.Kind, place string, answer part[T], meant func(T) bool) survey.Usage {
	usage := survey.Usage{Kind: kind.Name, Place: place}
	items, err := answer.list()
	if err != nil {
		usage.Why = err.Error()
		return usage
	}
	usage.At = s.at
	for _, item := range items {
		if meant(item) {
			usage.Count++
		}
	}
	return usage
}

// routesIn are the routes of one table. The VPC's own come with it and count
// towards no limit.
func routesIn(tables part[types.RouteTable], id string) part[types.Route] {
	routes := part[types.Route]{asked: tables.asked, err: tables.err}
	for _, table := range tables.items {
		if awssdk.ToString(table.RouteTableId) == id {
			routes.items = slices.DeleteFunc(slices.Clone(table.Routes), func(route types.Route) bool {
				return route.Origin != types.RouteOriginCreateRoute
			})
		}
	}
	return routes
}

// takesRoom tells whether a thing counts towards a limit.
func takesRoom(t thing) bool { return t.phase != resource.Absent }
