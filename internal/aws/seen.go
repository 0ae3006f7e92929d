package aws

import (
	"context"
	"errors"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// The largest pages that the operations allow.
const (
	largePage = 1000
	tablePage = 100 // of DescribeRouteTables
)

// seen is what the describe calls of one region answered, as it came.
type seen struct {
	cloud  *Cloud
	region *region
	at     time.Time

	transitGateways  part[types.TransitGateway]
	attachments      part[types.TransitGatewayAttachment]
	vpcAttachments   part[types.TransitGatewayVpcAttachment]
	connections      part[types.VpnConnection]
	customerGateways part[types.CustomerGateway]
	routeTables      part[types.RouteTable]
	vpcs             part[types.Vpc]
	gatewayTables    part[types.TransitGatewayRouteTable]       // only those that somebody may have deleted
	routes           map[string]part[types.TransitGatewayRoute] // by transit gateway route table
	propagating      map[string]part[string]                    // attachments, by the table they propagate to
	ends             ends                                       // of tunnels
	others           map[*region]*seen                          // what other regions answered, where peerings end
}

func newSeen(c *Cloud, r *region) *seen {
	return &seen{
		cloud: c, region: r, at: time.Now(),
		routes: map[string]part[types.TransitGatewayRoute]{}, propagating: map[string]part[string]{},
	}
}

// part is the answer to one call: items, or why there are none. The zero part
// was never asked for.
type part[T any] struct {
	items []T
	asked bool
	err   error
}

var errNotAsked = errors.New("it was not read")

// list returns the items, or why they are not known.
func (p part[T]) list() ([]T, error) {
	if !p.asked {
		return nil, errNotAsked
	}
	return p.items, p.err
}

// pages follows the pages of a call to their end. A list that broke off is no
// list: what it lacks must not be taken for absent.
func pages[T any](ctx context.Context, c *Cloud, call func(token *string) ([]T, *string, error)) part[T] {
	answer := part[T]{asked: true}
	var token *string
	for {
		items, next, err := call(token)
		if err != nil {
			return part[T]{asked: true, err: c.problem(ctx, err)}
		}
		answer.items = append(answer.items, items...)
		if awssdk.ToString(next) == "" {
			return answer
		}
		token = next
	}
}

// filter is one filter of a describe call.
func filter(name string, values ...string) types.Filter {
	return types.Filter{Name: awssdk.String(name), Values: values}
}

// tagged selects what carries one of some id tags of ours. The owner is judged
// afterwards, so that what another owner made under the same id is seen and
// not made again.
func tagged(ids ...resource.ID) types.Filter {
	values := make([]string, len(ids))
	for i, id := range ids {
		values[i] = string(id)
	}
	return filter("tag:"+desired.IDTag, values...)
}

// ofAnyTag selects the customer gateways and VPN connections of a region,
// whatever their tags: that of the one type there is. What has lost its tags
// must be seen, or it would be made again.
func ofAnyTag() types.Filter { return filter("type", string(types.GatewayTypeIpsec1)) }

// Every call below names filters or a page size: an account may refuse a
// describe that has neither.

func (s *seen) askTransitGateways(ctx context.Context, filters ...types.Filter) {
	s.transitGateways = pages(ctx, s.cloud, func(token *string) ([]types.TransitGateway, *string, error) {
		out, err := s.region.ec2.DescribeTransitGateways(ctx, &ec2.DescribeTransitGatewaysInput{
			Filters: filters, MaxResults: awssdk.Int32(largePage), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.TransitGateways, out.NextToken, nil
	})
}

func (s *seen) askAttachments(ctx context.Context, filters ...types.Filter) {
	s.attachments = pages(ctx, s.cloud, func(token *string) ([]types.TransitGatewayAttachment, *string, error) {
		out, err := s.region.ec2.DescribeTransitGatewayAttachments(ctx, &ec2.DescribeTransitGatewayAttachmentsInput{
			Filters: filters, MaxResults: awssdk.Int32(largePage), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.TransitGatewayAttachments, out.NextToken, nil
	})
}

// askVPCAttachments reads what DescribeTransitGatewayAttachments leaves out:
// the subnets of an attachment are members of TransitGatewayVpcAttachment only.
func (s *seen) askVPCAttachments(ctx context.Context, filters ...types.Filter) {
	s.vpcAttachments = pages(ctx, s.cloud, func(token *string) ([]types.TransitGatewayVpcAttachment, *string, error) {
		out, err := s.region.ec2.DescribeTransitGatewayVpcAttachments(ctx, &ec2.DescribeTransitGatewayVpcAttachmentsInput{
			Filters: filters, MaxResults: awssdk.Int32(largePage), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.TransitGatewayVpcAttachments, out.NextToken, nil
	})
}

// askConnections reads VPN connections, keys included: the operation has no
// pages and no way to leave the keys out.
func (s *seen) askConnections(ctx context.Context, filters ...types.Filter) {
	s.connections = pages(ctx, s.cloud, func(*string) ([]types.VpnConnection, *string, error) {
		out, err := s.region.ec2.DescribeVpnConnections(ctx, &ec2.DescribeVpnConnectionsInput{Filters: filters})
		if err != nil {
			return nil, nil, err
		}
		return out.VpnConnections, nil, nil
	})
}

func (s *seen) askCustomerGateways(ctx context.Context, filters ...types.Filter) {
	s.customerGateways = pages(ctx, s.cloud, func(*string) ([]types.CustomerGateway, *string, error) {
		out, err := s.region.ec2.DescribeCustomerGateways(ctx, &ec2.DescribeCustomerGatewaysInput{Filters: filters})
		if err != nil {
			return nil, nil, err
		}
		return out.CustomerGateways, nil, nil
	})
}

func (s *seen) askVPCs(ctx context.Context, ids ...string) {
	if len(ids) == 0 {
		s.vpcs.asked = true
		return
	}
	s.vpcs = pages(ctx, s.cloud, func(token *string) ([]types.Vpc, *string, error) {
		out, err := s.region.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{
			Filters: []types.Filter{filter("vpc-id", ids...)}, MaxResults: awssdk.Int32(largePage), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.Vpcs, out.NextToken, nil
	})
}

// askGatewayTables reads transit gateway route tables. A look that finds all as
// it was does without.
func (s *seen) askGatewayTables(ctx context.Context, ids ...string) {
	s.gatewayTables = pages(ctx, s.cloud, func(token *string) ([]types.TransitGatewayRouteTable, *string, error) {
		out, err := s.region.ec2.DescribeTransitGatewayRouteTables(ctx, &ec2.DescribeTransitGatewayRouteTablesInput{
			Filters: []types.Filter{filter("transit-gateway-route-table-id", ids...)}, MaxResults: awssdk.Int32(largePage), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.TransitGatewayRouteTables, out.NextToken, nil
	})
}

// askRouteTables reads VPC route tables by a filter, not by ids: one id that
// does not exist would fail the call for all.
func (s *seen) askRouteTables(ctx context.Context, ids ...string) {
	if len(ids) == 0 {
		s.routeTables.asked = true
		return
	}
	s.routeTables = pages(ctx, s.cloud, func(token *string) ([]types.RouteTable, *string, error) {
		out, err := s.region.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{
			Filters: []types.Filter{filter("route-table-id", ids...)}, MaxResults: awssdk.Int32(tablePage), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.RouteTables, out.NextToken, nil
	})
}

// askRoutes reads a whole transit gateway route table. The search answers at
// most 1,000 routes at once; a reader that does not follow the pages takes
// the rest for missing and makes them again.
func (s *seen) askRoutes(ctx context.Context, table string) {
	s.routes[table] = s.searchRoutes(ctx, table)
}

func (s *seen) searchRoutes(ctx context.Context, table string) part[types.TransitGatewayRoute] {
	return pages(ctx, s.cloud, func(token *string) ([]types.TransitGatewayRoute, *string, error) {
		out, err := s.region.ec2.SearchTransitGatewayRoutes(ctx, &ec2.SearchTransitGatewayRoutesInput{
			TransitGatewayRouteTableId: awssdk.String(table),
			Filters:                    []types.Filter{filter("type", "static", "propagated")},
			MaxResults:                 awssdk.Int32(largePage), NextToken: token,
		})
		switch {
		case err != nil:
			return nil, nil, err
		case awssdk.ToBool(out.AdditionalRoutesAvailable) && awssdk.ToString(out.NextToken) == "":
			return nil, nil, truncated()
		}
		return out.Routes, out.NextToken, nil
	})
}

// truncated is the error of a table that cannot be read whole: what it lacks
// must not be taken for missing.
func truncated() error {
	return &resource.Problem{
		Reason: resource.Nonsense, Action: "ec2:SearchTransitGatewayRoutes",
		Text: "there are more routes than were answered, and no page to read them by",
	}
}

// askPropagations reads which attachments propagate to a table: the only call
// that tells it of those that have no route to show.
func (s *seen) askPropagations(ctx context.Context, table string) {
	s.propagating[table] = s.readPropagations(ctx, table)
}

func (s *seen) readPropagations(ctx context.Context, table string) part[string] {
	return pages(ctx, s.cloud, func(token *string) ([]string, *string, error) {
		out, err := s.region.ec2.GetTransitGatewayRouteTablePropagations(ctx, &ec2.GetTransitGatewayRouteTablePropagationsInput{
			TransitGatewayRouteTableId: awssdk.String(table), MaxResults: awssdk.Int32(largePage), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		var enabled []string
		for _, p := range out.TransitGatewayRouteTablePropagations {
			if p.State == types.TransitGatewayPropagationStateEnabled || p.State == types.TransitGatewayPropagationStateEnabling {
				enabled = append(enabled, awssdk.ToString(p.TransitGatewayAttachmentId))
			}
		}
		return enabled, out.NextToken, nil
	})
}
