package aws

import (
	"context"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

var vpcAttachmentKind = resource.Kind{
	Name: "aws/vpc-attachment",
	Is:   "What joins a VPC to the transit gateway.",
	Takes: resource.Takes{
		Create: resource.Span{Least: 60 * time.Second, Typical: 121 * time.Second},
		Settle: resource.Span{Typical: 20 * time.Second},
		Update: resource.Span{Least: 5 * time.Second, Typical: 60 * time.Second},
		Delete: resource.Span{Least: 30 * time.Second, Typical: 75 * time.Second},
	},
	Breaks:   "the VPC reaches neither Azure nor the other VPCs",
	Replaced: resource.OneNetwork, Deleted: resource.OneNetwork,
	Attrs: []resource.Attr{
		{Name: "transit_gateway", Means: "the transit gateway that it belongs to", Fix: resource.Replace, Effect: resource.OneNetwork, Breaks: "the VPC is attached to another transit gateway"},
		{Name: "vpc", Means: "the VPC that it joins", Fix: resource.Replace, Effect: resource.OneNetwork, Breaks: "another VPC is attached in its place"},
		{
			Name: "subnets", Means: "the subnets, one a zone, through which the VPC is entered", Fix: resource.InPlace, Members: true, Effect: resource.OneNetwork, // a zone, when its subnet goes
			Breaks:      "machines in a zone without a subnet of the attachment reach nothing beyond the VPC",
			BreaksExtra: "a zone that nobody declared is joined, or the declared subnet of that zone is kept out",
		},
		{Name: "association", Means: "the route table that decides where the VPC's packets go", Fix: resource.InPlace, Effect: resource.OneNetwork, Breaks: "what the VPC sends is dropped, or routed by another table"},
		{Name: "propagation", Means: "the route tables that learn the VPC's prefixes", Fix: resource.InPlace, Breaks: "the way out works and answers do not find back to the VPC"},
	},
}

type vpcAttachment struct {
	base
	gateway desired.TransitGateway
	file    desired.VPC
}

func newVPCAttachment(c *Cloud, place string, gateway desired.TransitGateway, file desired.VPC) *vpcAttachment {
	return &vpcAttachment{
		base: base{
			cloud: c, id: desired.VPCAttachmentID(file.Name), kind: &vpcAttachmentKind, region: c.regions[place],
			needs: ready(desired.TransitGatewayID(gateway.Name), desired.VPCID(file.Name)),
		},
		gateway: gateway, file: file,
	}
}

// Want implements [resource.Resource].
func (r *vpcAttachment) Want(world resource.World) (resource.Spec, error) {
	want := resource.Spec{Owner: r.owner(r.file.Adopt)}
	gateway, err := world.Ref(desired.TransitGatewayID(r.gateway.Name))
	if err != nil {
		return want, err
	}
	association, err := world.Fact(desired.TransitGatewayID(r.gateway.Name), desired.FactRouteTable)
	if err != nil {
		return want, err
	}
	propagation, err := world.Fact(desired.TransitGatewayID(r.gateway.Name), factPropagatesTo)
	if err != nil {
		return want, err
	}
	var subnets []string
	for _, subnet := range r.file.Subnets {
		subnets = append(subnets, subnet.ID)
	}
	want.Attrs = resource.Attrs{
		"transit_gateway": resource.Of(gateway), "vpc": resource.Of(r.file.ID), "subnets": resource.Of(subnets...),
		"association": association, "propagation": propagation,
	}
	if moved(world[r.id], gateway) {
		delete(want.Attrs, "association")
		delete(want.Attrs, "propagation")
	}
	return want, nil
}

// Read implements [resource.Resource].
func (r *vpcAttachment) Read(ctx context.Context, world resource.World) (resource.Live, error) {
	return read(ctx, r, r.base, world)
}

func (r *vpcAttachment) look(ctx context.Context, world resource.World, s *seen) {
	vpc := r.file.ID
	s.askVPCAttachments(ctx, filter("vpc-id", vpc))
	if items, err := s.vpcAttachments.list(); err == nil && len(items) == 0 { // ours may hold another VPC
		s.askVPCAttachments(ctx, tagged(r.id))
		if items, err = s.vpcAttachments.list(); err == nil && len(items) == 0 {
			s.attachments.asked = true
			return
		}
		if len(items) > 0 {
			vpc = awssdk.ToString(items[0].VpcId)
		}
	}
	s.askAttachments(ctx, filter("resource-id", vpc))
	if table := world[desired.TransitGatewayID(r.gateway.Name)].Attrs[factPropagatesTo].One(); table != "" {
		s.askPropagations(ctx, table)
	}
}

func (r *vpcAttachment) live(s *seen, world resource.World) (resource.Live, error) {
	items, err := s.vpcAttachments.list()
	if err != nil {
		return resource.Live{}, err
	}
	gateway := world[desired.TransitGatewayID(r.gateway.Name)]
	like := func(a types.TransitGatewayVpcAttachment) likeness {
		if gateway.Ref != "" && awssdk.ToString(a.VpcId) == r.file.ID && awssdk.ToString(a.TransitGatewayId) == gateway.Ref {
			return inPlace
		}
		return elsewhere
	}
	attachment, t, found := choose(items, r.id, r.cloud.file.Owner, reduceVPCAttachment, like)
	if !found {
		return s.absent(), nil
	}
	live := resource.Live{Phase: t.phase, Ref: t.ref, AsOf: s.at, Attrs: resource.Attrs{
		"transit_gateway": resource.Of(awssdk.ToString(attachment.TransitGatewayId)),
		"vpc":             resource.Of(awssdk.ToString(attachment.VpcId)),
		"subnets":         resource.Of(attachment.SubnetIds...),
	}}
	r.claim(&live, t.tags)
	if t.phase != resource.Ready {
		live.Why = "its state is " + string(attachment.State)
		return live, nil
	}
	attached := joined{ref: t.ref, created: attachment.CreationTime, settles: vpcSettles}
	if err := s.association(&live, attrAssociation, gateway, attached); err != nil {
		return resource.Live{}, err
	}
	return live, s.propagation(&live, gateway, attached)
}

func reduceVPCAttachment(a types.TransitGatewayVpcAttachment) thing {
	return thing{ref: awssdk.ToString(a.TransitGatewayAttachmentId), tags: a.Tags, phase: phaseOf(attachmentPhases, a.State), on: []string{awssdk.ToString(a.TransitGatewayId)}}
}

var attachmentPhases = map[types.TransitGatewayAttachmentState]resource.Phase{
	types.TransitGatewayAttachmentStateAvailable: resource.Ready,
	types.TransitGatewayAttachmentStateModifying: resource.Created,
	types.TransitGatewayAttachmentStateDeleting:  resource.Deleting,
	types.TransitGatewayAttachmentStateDeleted:   resource.Absent,
	types.TransitGatewayAttachmentStateFailed:    resource.Failed,
	types.TransitGatewayAttachmentStateRejected:  resource.Failed,
}

// Apply implements [resource.Resource]. EC2 mends no attachment that failed: it
// is deleted whatever is wanted of it, and the next look makes another. What
// was held of the failed one goes with it, since nothing passed through it.
func (r *vpcAttachment) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	switch {
	case now.Phase == resource.Failed:
		return r.Delete(ctx, now)
	case now.Phase == resource.Absent:
		return r.create(ctx, want)
	case !want.Attrs["subnets"].Equal(now.Attrs["subnets"]):
		return r.changeSubnets(ctx, now.Ref, want.Attrs["subnets"], now.Attrs["subnets"])
	}
	if err := r.associate(ctx, now.Ref, want.Attrs["association"].One(), now.Attrs["association"].One()); err != nil {
		return err
	}
	return r.propagate(ctx, now.Ref, want.Attrs["propagation"], now.Attrs["propagation"])
}

// changeSubnets adds subnets and takes some away. An attachment has one subnet
// a zone: one that nobody declared, and that stays, keeps the declared one out.
func (r *vpcAttachment) changeSubnets(ctx context.Context, ref string, want, have resource.Value) error {
	_, err := r.region.ec2.ModifyTransitGatewayVpcAttachment(ctx, &ec2.ModifyTransitGatewayVpcAttachmentInput{
		TransitGatewayAttachmentId: awssdk.String(ref), AddSubnetIds: want.Without(have), RemoveSubnetIds: have.Without(want),
	})
	problem := r.cloud.problem(ctx, err)
	if coded(err, "DuplicateSubnetsInSameZone") {
		return resource.WithHint(problem, "take the other subnet of that zone out of the attachment, or let a rule repair "+r.kind.Name+".subnets.extra")
	}
	return problem
}

// create attaches the VPC. EC2 refuses a second attachment of the same pair,
// so that a repeat is safe.
func (r *vpcAttachment) create(ctx context.Context, want resource.Spec) error {
	out, err := r.region.ec2.CreateTransitGatewayVpcAttachment(ctx, &ec2.CreateTransitGatewayVpcAttachmentInput{
		TransitGatewayId:  awssdk.String(want.Attrs["transit_gateway"].One()),
		VpcId:             awssdk.String(want.Attrs["vpc"].One()),
		SubnetIds:         want.Attrs["subnets"],
		TagSpecifications: r.cloud.atCreation(types.ResourceTypeTransitGatewayAttachment, r.id, r.cloud.file.VPCAttachmentName(r.file.Name)),
	})
	if err != nil {
		return r.cloud.problem(ctx, err)
	}
	if out.TransitGatewayVpcAttachment != nil {
		r.made(awssdk.ToString(out.TransitGatewayVpcAttachment.TransitGatewayAttachmentId))
	}
	return nil
}

// Delete implements [resource.Resource].
func (r *vpcAttachment) Delete(ctx context.Context, now resource.Live) error {
	_, err := r.region.ec2.DeleteTransitGatewayVpcAttachment(ctx, &ec2.DeleteTransitGatewayVpcAttachmentInput{
		TransitGatewayAttachmentId: awssdk.String(now.Ref),
	})
	return r.deleted(ctx, err)
}
