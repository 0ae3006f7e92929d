package aws

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

var vpcRoutesKind = resource.Kind{
	Name:   "aws/vpc-routes",
	Is:     "The routes to the transit gateway in one of your VPC route tables. All other routes in it are none of linkd's business.",
	Shared: true,
	Takes: resource.Takes{
		Create: resource.Span{Typical: 2 * time.Second},
		Update: resource.Span{Typical: 2 * time.Second},
		Delete: resource.Span{Typical: 2 * time.Second},
	},
	Breaks:  "machines in the subnets of this route table reach neither Azure nor the other VPCs",
	Deleted: resource.OneNetwork,
	Attrs: []resource.Attr{{
		Name: attrRoutes, Means: "the prefixes beyond the transit gateway, each with its target", Fix: resource.InPlace, Members: true, Effect: resource.OneNetwork,
		Breaks:      "machines in the subnets of this route table do not reach the missing prefix, and their answers to it are lost",
		BreaksExtra: "an undeclared route leads traffic of these subnets away from where it went before",
	}},
}

// vpcRoutes are the routes of one of the user's VPC route tables that lead to
// the transit gateway, or ought to.
type vpcRoutes struct {
	base
	shared
	gateway desired.TransitGateway
	vpc     desired.VPC
	table   string
	beyond  []network // what is reached through the transit gateway
}

func newVPCRoutes(c *Cloud, place string, gateway desired.TransitGateway, vpc desired.VPC, table string) *vpcRoutes {
	r := &vpcRoutes{
		base:    base{cloud: c, id: desired.VPCRoutesID(table), kind: &vpcRoutesKind, region: c.regions[place]},
		gateway: gateway, vpc: vpc, table: table,
	}
	if c.file.ReachesVNets(gateway.Name) {
		r.beyond = c.vnets()
	}
	for _, other := range slices.Concat(gateway.VPCs, c.file.PeeredVPCs(gateway.Name)) {
		if other.Name != vpc.Name {
			r.beyond = append(r.beyond, vpcNetwork(other))
		}
	}
	r.needs = slices.Concat(
		ready(desired.TransitGatewayID(gateway.Name), desired.VPCAttachmentID(vpc.Name)),
		needsOf(append(slices.Clone(r.beyond), vpcNetwork(vpc))),
	)
	return r
}

// Want implements [resource.Resource].
func (r *vpcRoutes) Want(world resource.World) (resource.Spec, error) {
	gateway, err := world.Ref(desired.TransitGatewayID(r.gateway.Name))
	if err != nil {
		return resource.Spec{}, err
	}
	own := vpcNetwork(r.vpc)
	local, err := own.prefixes(world)
	if err != nil {
		return resource.Spec{}, err
	}
	var (
		members []string
		claimed claims
	)
	if err := claimed.add(own.id, local); err != nil {
		return resource.Spec{}, err
	}
	for _, n := range r.beyond {
		prefixes, err := n.prefixes(world)
		if err != nil {
			return resource.Spec{}, err
		}
		if err := claimed.add(n.id, prefixes); err != nil {
			return resource.Spec{}, err
		}
		for _, prefix := range prefixes {
			members = append(members, member(prefix.String(), gateway))
		}
	}
	return resource.Spec{Attrs: resource.Attrs{attrRoutes: resource.Of(members...)}}, nil
}

// Read implements [resource.Resource].
func (r *vpcRoutes) Read(ctx context.Context, world resource.World) (resource.Live, error) {
	for _, n := range r.beyond {
		n.remember(r.cloud, world)
	}
	return read(ctx, r, r.base, world)
}

func (r *vpcRoutes) look(ctx context.Context, _ resource.World, s *seen) {
	s.askRouteTables(ctx, r.table)
}

func (r *vpcRoutes) live(s *seen, world resource.World) (resource.Live, error) {
	items, err := s.routeTables.list()
	if err != nil {
		return resource.Live{}, err
	}
	at := slices.IndexFunc(items, func(t types.RouteTable) bool { return awssdk.ToString(t.RouteTableId) == r.table })
	if at < 0 {
		return resource.Live{}, r.wrongTable("there is no " + r.table + " in " + r.region.name + " of " + r.cloud.calls(r.region.account))
	}
	if home := awssdk.ToString(items[at].VpcId); home != r.vpc.ID {
		return resource.Live{}, r.wrongTable(fmt.Sprintf("%s is a route table of %s and not of %s", r.table, home, r.vpc.ID))
	}
	var prefixes []netip.Prefix
	for _, n := range r.beyond {
		prefixes = append(prefixes, n.seenPrefixes(r.cloud, world)...)
	}
	gateway := world[desired.TransitGatewayID(r.gateway.Name)].Ref
	detached := world[desired.VPCAttachmentID(r.vpc.Name)].Phase
	var members []string
	for _, route := range items[at].Routes {
		if concerns(route, gateway, prefixes) {
			target := leadsTo(route)
			if gateway != "" && awssdk.ToString(route.TransitGatewayId) == gateway && (detached == resource.Absent || detached == resource.Deleting) {
				target = gateway // it leads on when the VPC is attached again: the attachment is what is missing
			}
			members = append(members, member(awssdk.ToString(route.DestinationCidrBlock), target))
		}
	}
	return resource.Live{Phase: resource.Ready, Ref: r.table, AsOf: s.at, Attrs: resource.Attrs{attrRoutes: resource.Of(members...)}}, nil
}

func (r *vpcRoutes) wrongTable(text string) error {
	return &resource.Problem{
		Reason: resource.Refused, Action: "ec2:DescribeRouteTables", Text: text,
		Hint: "correct route_tables of vpc " + r.vpc.Name + " in the file: linkd makes no VPC route tables",
	}
}

// concerns tells whether a route is judged: one that somebody made and that
// leads to our transit gateway, or takes traffic that should. All others are
// none of our business.
func concerns(route types.Route, gateway string, beyond []netip.Prefix) bool {
	if route.Origin != types.RouteOriginCreateRoute || route.DestinationCidrBlock == nil {
		return false
	}
	if gateway != "" && awssdk.ToString(route.TransitGatewayId) == gateway {
		return true
	}
	prefix, err := netip.ParsePrefix(*route.DestinationCidrBlock)
	return err == nil && slices.ContainsFunc(beyond, func(wanted netip.Prefix) bool {
		return wanted.Bits() <= prefix.Bits() && wanted.Contains(prefix.Addr())
	})
}

// leadsTo names the target of a route, behind "blackhole" when it is gone.
func leadsTo(route types.Route) string {
	targets := []*string{
		route.TransitGatewayId, route.VpcPeeringConnectionId, route.NatGatewayId, route.InstanceId, route.NetworkInterfaceId,
		route.GatewayId, route.LocalGatewayId, route.CarrierGatewayId, route.CoreNetworkArn, route.EgressOnlyInternetGatewayId, route.OdbNetworkArn,
	}
	target := "another target"
	for _, t := range slices.Backward(targets) {
		target = cmp.Or(awssdk.ToString(t), target)
	}
	if route.State == types.RouteStateBlackhole {
		return "blackhole " + target
	}
	return target
}

// Apply implements [resource.Resource]. EC2 has no compare-and-swap for
// routes: what was read is changed, and read again by the next look.
func (r *vpcRoutes) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	for _, change := range changes(want.Attrs[attrRoutes], now.Attrs[attrRoutes]) {
		if err := r.change(ctx, change); err != nil {
			return r.refused(ctx, err)
		}
	}
	return nil
}

func (r *vpcRoutes) change(ctx context.Context, change change) error {
	var err error
	switch {
	case change.target == "":
		_, err = r.region.ec2.DeleteRoute(ctx, &ec2.DeleteRouteInput{
			RouteTableId: awssdk.String(r.table), DestinationCidrBlock: awssdk.String(change.prefix),
		})
		if coded(err, "InvalidRoute.NotFound") {
			return nil
		}
	case change.replaces:
		_, err = r.region.ec2.ReplaceRoute(ctx, &ec2.ReplaceRouteInput{
			RouteTableId: awssdk.String(r.table), DestinationCidrBlock: awssdk.String(change.prefix), TransitGatewayId: awssdk.String(change.target),
		})
	default:
		_, err = r.region.ec2.CreateRoute(ctx, &ec2.CreateRouteInput{
			RouteTableId: awssdk.String(r.table), DestinationCidrBlock: awssdk.String(change.prefix), TransitGatewayId: awssdk.String(change.target),
		})
	}
	return err
}

// refused puts a failed change in words. EC2 says for some minutes after a
// VPC was attached that the transit gateway does not exist: it is not known
// to the VPC yet.
func (r *vpcRoutes) refused(ctx context.Context, err error) error {
	problem := r.cloud.problem(ctx, err)
	if coded(err, "InvalidTransitGatewayID.NotFound") {
		return &resource.Problem{
			Reason: resource.Busy, Action: "ec2:CreateRoute", Code: "InvalidTransitGatewayID.NotFound", Err: err,
			Text: "the transit gateway is not known to " + r.vpc.ID + " yet, which is so for a while after it was attached",
		}
	}
	return problem
}
