package aws

import (
	"context"
	"maps"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Sweep reads every region of the file, in each account that it has there, and answers for each of its resources,
// and for what carries our tags and has no place in the file. What could not
// be read is Unknown, with the reason.
//
// It makes 7 + T calls for each of these, for all links together, as long as each
// answer fits a page: transit gateways, attachments, VPC attachments, VPN
// connections, customer gateways, VPC route tables, VPCs, and the routes of
// each of T transit gateway route tables. The tables themselves are not
// listed: their ids come with the transit gateways. Where linkd chooses when ends
// of tunnels are replaced, it makes one more for each tunnel.
func (c *Cloud) Sweep(ctx context.Context) (resource.World, []resource.Stray) {
	regions, calls := make([]*seen, len(c.order)), make([]func(), len(c.order))
	for i, name := range c.order {
		calls[i] = func() {
			regions[i] = newSeen(c, c.regions[name])
			c.sweepRegion(ctx, regions[i])
		}
	}
	resource.Together(append(calls, func() { c.readStored(ctx) })...)
	world := c.judge(regions)
	var strays []resource.Stray
	for _, s := range regions {
		strays = append(strays, c.strays(s, world)...)
	}
	return world, strays
}

// sweepRegion makes the calls: those that need nothing at once, then the
// routes of the tables that they name.
func (c *Cloud) sweepRegion(ctx context.Context, s *seen) {
	vpcs, tables := c.givenIn(s.region)
	resource.Together(
		func() { s.askTransitGateways(ctx) },
		func() { s.askAttachments(ctx) },
		func() { s.askVPCAttachments(ctx) },
		func() { s.askConnections(ctx, ofAnyTag()) },
		func() { s.askCustomerGateways(ctx, ofAnyTag()) },
		func() { s.askVPCs(ctx, vpcs...) },
		func() { s.askRouteTables(ctx, tables...) },
	)
	gateways := c.gatewaysIn(s.region)
	var doubted []string
	for _, gateway := range gateways {
		doubted = append(doubted, gateway.doubted(s)...)
	}
	s.askDoubted(ctx, doubted)
	c.askAllEnds(ctx, s)
	world := resource.World{}
	for _, gateway := range gateways {
		world[gateway.ID()], _ = gateway.live(s, world)
	}
	var wanted []string
	for _, live := range world {
		wanted = append(wanted, live.Attrs[desired.FactRouteTable]...)
		wanted = append(wanted, live.Attrs[factPropagatesTo]...)
	}
	wanted = resource.Of(wanted...)
	answers := make([]part[types.TransitGatewayRoute], len(wanted))
	var calls []func()
	for i, table := range wanted {
		calls = append(calls, func() { answers[i] = s.searchRoutes(ctx, table) })
	}
	resource.Together(calls...)
	for i, table := range wanted {
		s.routes[table] = answers[i]
		s.propagating[table] = propagatingIn(answers[i])
		if s.lacksPropagation(table, world) {
			s.askPropagations(ctx, table)
		}
	}
}

// propagatingIn infers from the propagated routes of a table which
// attachments propagate to it.
func propagatingIn(answer part[types.TransitGatewayRoute]) part[string] {
	found := part[string]{asked: answer.asked, err: answer.err}
	for _, route := range answer.items {
		if route.Type != types.TransitGatewayRouteTypePropagated {
			continue
		}
		for _, attachment := range route.TransitGatewayAttachments {
			found.items = append(found.items, awssdk.ToString(attachment.TransitGatewayAttachmentId))
		}
	}
	return found
}

// lacksPropagation tells whether an attachment of ours shows no propagated
// route in the table it should propagate to: that of a VPC, or of a VPN
// connection with BGP. That is no proof: a static route of the same prefix hides
// a propagated one, and a session that is down brings none. So the table is asked,
// with one call more than an audit without findings needs.
func (s *seen) lacksPropagation(table string, gateways resource.World) bool {
	propagating, err := s.propagating[table].list()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(s.attachments.items, func(a types.TransitGatewayAttachment) bool {
		ours := slices.ContainsFunc(slices.Collect(maps.Values(gateways)), func(gateway resource.Live) bool {
			return gateway.Ref == awssdk.ToString(a.TransitGatewayId) && gateway.Attrs[factPropagatesTo].Has(table)
		})
		return ours && a.State == types.TransitGatewayAttachmentStateAvailable && s.tellsPrefixes(a) &&
			!slices.Contains(propagating, awssdk.ToString(a.TransitGatewayAttachmentId))
	})
}

// tellsPrefixes tells whether an attachment has prefixes to propagate: a VPC has
// its own, and a VPN connection those of BGP.
func (s *seen) tellsPrefixes(a types.TransitGatewayAttachment) bool {
	return a.ResourceType == types.TransitGatewayAttachmentResourceTypeVpc || slices.ContainsFunc(s.connections.items, func(c types.VpnConnection) bool {
		speaks := c.Options != nil && !awssdk.ToBool(c.Options.StaticRoutesOnly) || s.cloud.wantsBGP(idOf(c.Tags))
		return speaks && awssdk.ToString(c.VpnConnectionId) == awssdk.ToString(a.ResourceId)
	})
}

// wantsBGP tells whether an id is of a VPN connection that is to speak BGP.
func (c *Cloud) wantsBGP(id resource.ID) bool {
	return slices.ContainsFunc(c.nodes, func(n node) bool {
		connection, is := n.(*vpnConnection)
		return is && connection.id == id && connection.link.Routing == desired.BGP
	})
}

// givenIn lists the ids of the VPCs and VPC route tables that the file names
// in a region.
func (c *Cloud) givenIn(r *region) (vpcs, tables []string) {
	for _, region := range c.file.AWS.Regions {
		for _, gateway := range region.TransitGateways {
			for _, v := range gateway.VPCs {
				if c.file.PlaceOf(gateway) == r.place {
					vpcs, tables = append(vpcs, v.ID), append(tables, v.RouteTables...)
				}
			}
		}
	}
	return vpcs, tables
}

func (c *Cloud) gatewaysIn(r *region) []*transitGateway {
	var gateways []*transitGateway
	for _, n := range c.nodesOf(r) {
		if gateway, is := n.(*transitGateway); is {
			gateways = append(gateways, gateway)
		}
	}
	return gateways
}

func (c *Cloud) nodesOf(r *region) []node {
	var nodes []node
	for _, n := range c.nodes {
		if n.place() == r {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// judge works out the live state of all resources, in the order of the table
// of contents: later ones are read with earlier ones.
func (c *Cloud) judge(regions []*seen) resource.World {
	answers := map[*region]*seen{}
	for _, s := range regions {
		answers[s.region], s.others = s, answers
	}
	world := resource.World{}
	for _, n := range c.nodes {
		s := answers[n.place()]
		live, err := n.live(s, world)
		if err != nil {
			live = resource.Live{Phase: resource.Unknown, Why: err.Error(), AsOf: s.at}
		}
		world[n.ID()] = c.memory.settle(n.ID(), live)
	}
	return world
}
