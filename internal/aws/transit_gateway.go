package aws

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// The words EC2 has for a switch.
const on, off = "enable", "disable"

var transitGatewayKind = resource.Kind{
	Name: "aws/transit-gateway",
	Is:   "The router of a region, which the VPCs and the VPN connections hang on.",
	Takes: resource.Takes{
		Create: resource.Span{Least: 50 * time.Second, Typical: 78 * time.Second},
		Update: resource.Span{Least: 10 * time.Second, Typical: 60 * time.Second},
		Delete: resource.Span{Least: 60 * time.Second, Typical: 120 * time.Second},
	},
	Breaks:   "no VPC reaches Azure or another VPC of this transit gateway",
	Replaced: resource.AddressChange, Deleted: resource.AllTunnels,
	Doubt: time.Minute,
	Attrs: []resource.Attr{
		{Name: "asn", Means: "its BGP number", Fix: resource.ByHand, Effect: resource.AllTunnels, Breaks: "BGP sessions of its links do not come up"},
		{Name: "ecmp", Means: "whether traffic is spread over tunnels of equal cost", Fix: resource.InPlace, Breaks: "traffic of BGP links uses one tunnel only"},
		{Name: "default_association", Means: "whether new attachments are associated with the default route table", Fix: resource.InPlace, Breaks: "what a new attachment sends is dropped"},
		{Name: "default_propagation", Means: "whether new attachments propagate to the default route table", Fix: resource.InPlace, Breaks: "nothing finds the way back to a new attachment"},
		{Name: attrAssociationTable, Means: "the route table that new attachments are associated with", Fix: resource.InPlace, Breaks: "every later attachment is associated with another route table"},
		{Name: attrPropagationTable, Means: "the route table that new attachments propagate to", Fix: resource.InPlace, Breaks: "every later attachment propagates to another route table, where nobody looks"},
		{Name: attrTableTag, Means: "the tag in which linkd notes the two tables as it found them at the build", Fix: resource.InPlace, Breaks: "nobody would notice that the default route tables were swapped"},
	},
}

type transitGateway struct {
	base
	file desired.TransitGateway
}

func newTransitGateway(c *Cloud, place string, file desired.TransitGateway) *transitGateway {
	return &transitGateway{
		base: base{cloud: c, id: desired.TransitGatewayID(file.Name), kind: &transitGatewayKind, region: c.regions[place]},
		file: file,
	}
}

// Want implements [resource.Resource].
func (r *transitGateway) Want(world resource.World) (resource.Spec, error) {
	ecmp := on
	if r.file.ECMP != nil && !*r.file.ECMP {
		ecmp = off
	}
	want := resource.Spec{
		Owner: r.owner(r.file.Adopt),
		Attrs: resource.Attrs{
			"asn":                 resource.Of(strconv.FormatUint(uint64(r.file.ASN), 10)),
			"ecmp":                resource.Of(ecmp),
			"default_association": resource.Of(on),
			"default_propagation": resource.Of(on),
		},
	}
	r.wantTables(want.Attrs, world[r.id])
	return want, nil
}

// Read implements [resource.Resource].
func (r *transitGateway) Read(ctx context.Context, world resource.World) (resource.Live, error) {
	return read(ctx, r, r.base, world)
}

func (r *transitGateway) look(ctx context.Context, _ resource.World, s *seen) {
	if r.file.Adopt {
		s.askTransitGateways(ctx)
		return
	}
	s.askTransitGateways(ctx, tagged(r.id))
	items, err := s.transitGateways.list()
	defer func() { s.askDoubted(ctx, r.doubted(s)) }()
	if err == nil && r.lost(stands(items, reduceTransitGateway)) {
		resource.Together(
			func() { s.askTransitGateways(ctx) },
			func() { s.askVPCAttachments(ctx) },
			func() { s.askConnections(ctx, ofAnyTag()) },
			func() { s.askCustomerGateways(ctx, ofAnyTag()) },
		)
	}
}

func (r *transitGateway) live(s *seen, _ resource.World) (resource.Live, error) {
	items, err := s.transitGateways.list()
	if err != nil {
		return resource.Live{}, err
	}
	gateway, t, found := choose(items, r.id, r.cloud.file.Owner, reduceTransitGateway, r.like(s))
	if !found {
		return s.absent(), r.unproven(s)
	}
	live := resource.Live{Phase: t.phase, Ref: t.ref, Attrs: resource.Attrs{}, AsOf: s.at}
	r.claim(&live, t.tags)
	if t.phase != resource.Ready {
		live.Why = "its state is " + string(gateway.State)
	}
	options := gateway.Options
	if options == nil {
		return live, nil
	}
	if options.AmazonSideAsn != nil {
		live.Attrs["asn"] = resource.Of(strconv.FormatInt(*options.AmazonSideAsn, 10))
	}
	put(live.Attrs, "ecmp", string(options.VpnEcmpSupport))
	put(live.Attrs, "default_association", string(options.DefaultRouteTableAssociation))
	put(live.Attrs, "default_propagation", string(options.DefaultRouteTablePropagation))
	return live, r.showTables(&live, s, gateway)
}

// put sets an attribute that the cloud shows. Older answers lack members that
// newer ones have: what is not there is not read, and no drift.
func put(attrs resource.Attrs, name, value string) {
	if value != "" {
		attrs[name] = resource.Of(value)
	}
}

func reduceTransitGateway(g types.TransitGateway) thing {
	phases := map[types.TransitGatewayState]resource.Phase{
		types.TransitGatewayStatePending: resource.Pending, types.TransitGatewayStateAvailable: resource.Ready,
		types.TransitGatewayStateModifying: resource.Created, types.TransitGatewayStateDeleting: resource.Deleting,
		types.TransitGatewayStateDeleted: resource.Absent,
	}
	return thing{ref: awssdk.ToString(g.TransitGatewayId), tags: g.Tags, phase: phaseOf(phases, g.State)}
}

// phaseOf looks a state up. One that nobody here has heard of is something
// that goes on: EC2 adds states without a new version of its API.
func phaseOf[S comparable](phases map[S]resource.Phase, state S) resource.Phase {
	if phase, known := phases[state]; known {
		return phase
	}
	return resource.Pending
}

// Apply implements [resource.Resource].
func (r *transitGateway) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	if now.Phase != resource.Absent {
		return r.update(ctx, want, now)
	}
	asn, err := strconv.ParseInt(want.Attrs["asn"].One(), 10, 64)
	if err != nil {
		return err
	}
	out, err := r.region.ec2.CreateTransitGateway(ctx, &ec2.CreateTransitGatewayInput{
		Options: &types.TransitGatewayRequestOptions{
			AmazonSideAsn:                awssdk.Int64(asn),
			VpnEcmpSupport:               types.VpnEcmpSupportValue(want.Attrs["ecmp"].One()),
			DefaultRouteTableAssociation: types.DefaultRouteTableAssociationValue(want.Attrs["default_association"].One()),
			DefaultRouteTablePropagation: types.DefaultRouteTablePropagationValue(want.Attrs["default_propagation"].One()),
		},
		TagSpecifications: r.cloud.atCreation(types.ResourceTypeTransitGateway, r.id, r.file.Name),
	}, once)
	if err != nil {
		return r.cloud.problem(ctx, err)
	}
	if out.TransitGateway != nil {
		r.made(awssdk.ToString(out.TransitGateway.TransitGatewayId))
	}
	return nil
}

// update changes what differs. The tag goes last: it says what is true then.
func (r *transitGateway) update(ctx context.Context, want resource.Spec, now resource.Live) error {
	modified := false
	changed := func(name string) string {
		value := want.Attrs[name]
		if value.Equal(now.Attrs[name]) || value.One() == "" {
			return ""
		}
		modified = true
		return value.One()
	}
	options := types.ModifyTransitGatewayOptions{
		VpnEcmpSupport:               types.VpnEcmpSupportValue(changed("ecmp")),
		DefaultRouteTableAssociation: types.DefaultRouteTableAssociationValue(changed("default_association")),
		DefaultRouteTablePropagation: types.DefaultRouteTablePropagationValue(changed("default_propagation")),
	}
	if table := changed(attrAssociationTable); table != "" {
		options.AssociationDefaultRouteTableId = awssdk.String(table)
	}
	if table := changed(attrPropagationTable); table != "" {
		options.PropagationDefaultRouteTableId = awssdk.String(table)
	}
	if modified {
		_, err := r.region.ec2.ModifyTransitGateway(ctx, &ec2.ModifyTransitGatewayInput{TransitGatewayId: awssdk.String(now.Ref), Options: &options})
		if err != nil {
			return r.cloud.problem(ctx, err)
		}
	}
	if value := changed(attrTableTag); value != "" {
		return r.noteTables(ctx, now.Ref, value)
	}
	return nil
}

// Delete implements [resource.Resource]. EC2 refuses it while anything is
// attached, and does not say whether that is on its way out.
func (r *transitGateway) Delete(ctx context.Context, now resource.Live) error {
	_, err := r.region.ec2.DeleteTransitGateway(ctx, &ec2.DeleteTransitGatewayInput{TransitGatewayId: awssdk.String(now.Ref)})
	if problem, ok := errors.AsType[*resource.Problem](r.deleted(ctx, err)); ok && problem.Reason == resource.Busy {
		return r.attached(ctx, now.Ref, problem)
	}
	return r.deleted(ctx, err)
}

// attached makes of a refusal that may pass one that will not, when something
// is attached and stays.
func (r *transitGateway) attached(ctx context.Context, ref string, problem *resource.Problem) error {
	s := newSeen(r.cloud, r.region)
	s.askAttachments(ctx, filter("transit-gateway-id", ref))
	items, err := s.attachments.list()
	if err != nil {
		return problem // to be tried again, as the refusal says
	}
	var strangers []string
	for _, a := range items {
		if phaseOf(attachmentPhases, a.State) <= resource.Deleting {
			continue
		}
		// One of the file's own is on its way out, though describes do not show
		// it yet, or it came to light after the destroy was planned.
		waited := r.cloud.memory.stoodFor("in the way: "+awssdk.ToString(a.TransitGatewayAttachmentId), nil)
		if !r.cloud.declares(idOf(a.Tags)) && !r.cloud.peers(a) || waited >= describesLag {
			strangers = append(strangers, fmt.Sprintf("%s of %s", awssdk.ToString(a.TransitGatewayAttachmentId), awssdk.ToString(a.ResourceId)))
		}
	}
	if len(strangers) == 0 {
		return problem
	}
	return &resource.Problem{
		Reason: resource.Refused, Action: problem.Action, Code: problem.Code, Err: problem.Err,
		Text: "something is attached to it and stays: " + strings.Join(strangers, ", "),
		Hint: "destroy again to remove what is linkd's; what is not, somebody else must detach",
	}
}

// deleted judges the answer to a delete: nothing left to delete is well.
func (b base) deleted(ctx context.Context, err error) error {
	if err != nil && !gone(err) {
		return b.cloud.problem(ctx, err)
	}
	b.cloud.memory.remove(b.id)
	return nil
}
