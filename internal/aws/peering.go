package aws

import (
	"context"
	"fmt"
	"slices"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// The attributes of a peering attachment.
const (
	attrPeer            = "peer"
	attrAccepted        = "accepted"
	attrAssociation     = "association"
	attrPeerAssociation = "peer_association"
)

// peeringSettles is how long after its creation an attachment that is missing
// its association may still be about to get it.
const peeringSettles = 15 * time.Minute

// One public log shows a peering that was not available 260 s after it was
// accepted (terraform-provider-aws #25606); the other spans are guesses.
var peeringAttachmentKind = resource.Kind{
	Name: "aws/peering-attachment",
	Is:   "What joins the transit gateways of two regions. One region requests it, the other accepts it, and both see the same attachment.",
	Takes: resource.Takes{
		Create: resource.Span{Least: 5 * time.Second, Typical: 30 * time.Second},
		Settle: resource.Span{Typical: 20 * time.Second},
		Update: resource.Span{Least: 60 * time.Second, Typical: 270 * time.Second},
		Delete: resource.Span{Least: 30 * time.Second, Typical: 2 * time.Minute},
	},
	Breaks:   "the VPCs of the two regions do not reach each other, nor what lies behind a peer",
	Replaced: resource.OneNetwork, Deleted: resource.OneNetwork,
	Doubt: time.Minute,
	Attrs: []resource.Attr{
		{Name: "transit_gateway", Means: "the transit gateway that requests it", Fix: resource.Replace, Effect: resource.OneNetwork, Breaks: "another transit gateway is joined to the peer"},
		{Name: attrPeer, Means: "the transit gateway of the other region", Fix: resource.Replace, Effect: resource.OneNetwork, Breaks: "another transit gateway is joined in its place"},
		{Name: attrAccepted, Means: "whether the other side has accepted it", Fix: resource.InPlace, Breaks: "nothing crosses a peering that is not accepted, and AWS lets the request expire"},
		{Name: attrAssociation, Means: "the route table of the requester that decides where packets of the peer go", Fix: resource.InPlace, Effect: resource.OneNetwork, Breaks: "what comes from the peer is dropped, or routed by another table"},
		{Name: attrPeerAssociation, Means: "the route table of the peer that decides where packets of the requester go", Fix: resource.InPlace, Effect: resource.OneNetwork, Breaks: "what goes to the peer is dropped there, or routed by another table"},
	},
}

// peeringAttachment is one peering. It stands in two regions, perhaps of two accounts: it is found and
// deleted in that of the requester, and accepted in that of the accepter.
type peeringAttachment struct {
	base
	file     desired.Peering
	there    base // its other end
	from, to resource.ID
}

func newPeeringAttachment(c *Cloud, file desired.Peering) *peeringAttachment {
	from, to := c.file.TransitGatewayNamed(file.Requester()), c.file.TransitGatewayNamed(file.Accepter())
	r := &peeringAttachment{file: file, from: desired.TransitGatewayID(from.Name), to: desired.TransitGatewayID(to.Name)}
	r.base = base{
		cloud: c, id: desired.PeeringID(file.Name), kind: &peeringAttachmentKind, region: c.regions[c.file.PlaceOf(*from)], needs: ready(r.from, r.to),
	}
	r.there = r.base
	r.there.region = c.regions[c.file.PlaceOf(*to)]
	return r
}

// Want implements [resource.Resource].
func (r *peeringAttachment) Want(world resource.World) (resource.Spec, error) {
	want := resource.Spec{Owner: r.cloud.file.Owner, Attrs: resource.Attrs{attrAccepted: resource.Of("yes")}}
	for _, end := range []struct {
		gateway            resource.ID
		itself, associated string
	}{{r.from, "transit_gateway", attrAssociation}, {r.to, attrPeer, attrPeerAssociation}} {
		ref, err := world.Ref(end.gateway)
		if err != nil {
			return want, err
		}
		table, err := world.Fact(end.gateway, desired.FactRouteTable)
		if err != nil {
			return want, err
		}
		want.Attrs[end.itself], want.Attrs[end.associated] = resource.Of(ref), table
	}
	live := world[r.id].Attrs
	elsewhere := live[attrPeer].One() != "" && !live[attrPeer].Equal(want.Attrs[attrPeer])
	asked := live[attrAccepted].One() == "no" // and is associated with nothing yet
	// None of our tables takes one that leads elsewhere.
	if asked || elsewhere || moved(world[r.id], want.Attrs["transit_gateway"].One()) {
		delete(want.Attrs, attrAssociation)
		delete(want.Attrs, attrPeerAssociation)
	}
	return want, nil
}

// Read implements [resource.Resource].
func (r *peeringAttachment) Read(ctx context.Context, world resource.World) (resource.Live, error) {
	return read(ctx, r, r.base, world)
}

func (r *peeringAttachment) look(ctx context.Context, world resource.World, s *seen) {
	s.askAttachments(ctx, tagged(r.id))
	if items, err := s.attachments.list(); err == nil && r.lost(stands(items, reducePeering)) {
		s.askAttachments(ctx, filter("resource-type", string(types.TransitGatewayAttachmentResourceTypePeering)))
	}
	far := newSeen(r.cloud, r.there.region)
	if to := world[r.to].Ref; to != "" {
		far.askAttachments(ctx, filter("transit-gateway-id", to), filter("resource-type", string(types.TransitGatewayAttachmentResourceTypePeering)))
	}
	s.others = map[*region]*seen{r.there.region: far}
}

// find looks for the peering among the attachments of the requester's region.
func (r *peeringAttachment) find(s *seen, world resource.World) (types.TransitGatewayAttachment, thing, bool) {
	from, to := world[r.from].Ref, world[r.to].Ref
	like := func(a types.TransitGatewayAttachment) likeness {
		if from != "" && to != "" && awssdk.ToString(a.TransitGatewayId) == from && awssdk.ToString(a.ResourceId) == to {
			return inPlace
		}
		return elsewhere
	}
	return choose(peeringsIn(s.attachments.items), r.id, r.cloud.file.Owner, reducePeering, like)
}

func (r *peeringAttachment) live(s *seen, world resource.World) (resource.Live, error) {
	if _, err := s.attachments.list(); err != nil {
		return resource.Live{}, err
	}
	attachment, t, found := r.find(s, world)
	if !found {
		return s.absent(), nil
	}
	live := resource.Live{Phase: t.phase, Ref: t.ref, AsOf: s.at, Attrs: resource.Attrs{
		"transit_gateway": resource.Of(awssdk.ToString(attachment.TransitGatewayId)),
		attrPeer:          resource.Of(awssdk.ToString(attachment.ResourceId)),
		attrAccepted:      resource.Of("yes"),
	}}
	r.claim(&live, t.tags)
	if t.phase != resource.Ready {
		live.Why = "its state is " + string(attachment.State)
		return live, nil
	}
	if r.leadsElsewhere(live, world) { // it is made anew, and its other end is none of linkd's business
		return live, nil
	}
	far, there, err := r.farEnd(s, attachment)
	switch {
	case err != nil:
		return resource.Live{}, err
	case there == "": // the other region learns of it some seconds later
		live.Phase, live.Why = resource.Created, "it does not show in "+r.there.region.place+" yet"
		return live, nil
	}
	live.Attrs[desired.FactFarEnd] = resource.Of(there)
	if attachment.State == types.TransitGatewayAttachmentStatePendingAcceptance {
		live.Attrs[attrAccepted] = resource.Of("no")
		return live, nil
	}
	end := joined{ref: t.ref, created: attachment.CreationTime, settles: peeringSettles}
	if err := s.association(&live, attrAssociation, world[r.from], end); err != nil {
		return resource.Live{}, err
	}
	end.ref = there
	return live, far.association(&live, attrPeerAssociation, world[r.to], end)
}

// leadsElsewhere tells whether a peering joins others than the transit gateways of
// the file.
func (r *peeringAttachment) leadsElsewhere(live resource.Live, world resource.World) bool {
	other := func(attr string, gateway resource.ID) bool {
		return world[gateway].Ref != "" && live.Attrs[attr].One() != world[gateway].Ref
	}
	return other("transit_gateway", r.from) || other(attrPeer, r.to)
}

// farEnd finds the peering at the transit gateway that accepts it, wherever that
// leads: "" when it is not shown there.
func (r *peeringAttachment) farEnd(s *seen, near types.TransitGatewayAttachment) (*seen, string, error) {
	far, asked := s.others[r.there.region]
	if !asked {
		return nil, "", errNotAsked
	}
	items, err := far.attachments.list()
	if err != nil {
		return nil, "", err
	}
	for _, a := range peeringsIn(items) {
		across := awssdk.ToString(a.TransitGatewayId) == awssdk.ToString(near.ResourceId) && awssdk.ToString(a.ResourceId) == awssdk.ToString(near.TransitGatewayId)
		if across && phaseOf(peeringPhases, a.State) > resource.Deleting {
			return far, awssdk.ToString(a.TransitGatewayAttachmentId), nil
		}
	}
	return far, "", nil
}

// peeringsIn picks the peerings among attachments of all types.
func peeringsIn(all []types.TransitGatewayAttachment) []types.TransitGatewayAttachment {
	return slices.DeleteFunc(slices.Clone(all), func(a types.TransitGatewayAttachment) bool {
		return a.ResourceType != types.TransitGatewayAttachmentResourceTypePeering
	})
}

func reducePeering(a types.TransitGatewayAttachment) thing {
	return thing{ref: awssdk.ToString(a.TransitGatewayAttachmentId), tags: a.Tags, phase: phaseOf(peeringPhases, a.State), on: []string{awssdk.ToString(a.TransitGatewayId), awssdk.ToString(a.ResourceId)}}
}

// peeringPhases: one that waits to be accepted has come as far as it comes by
// itself, and a rejected one is gone for good, though it is shown for a while.
var peeringPhases = map[types.TransitGatewayAttachmentState]resource.Phase{
	types.TransitGatewayAttachmentStateAvailable:         resource.Ready,
	types.TransitGatewayAttachmentStatePendingAcceptance: resource.Ready,
	types.TransitGatewayAttachmentStateModifying:         resource.Created,
	types.TransitGatewayAttachmentStateRollingBack:       resource.Created,
	types.TransitGatewayAttachmentStateRejecting:         resource.Deleting,
	types.TransitGatewayAttachmentStateDeleting:          resource.Deleting,
	types.TransitGatewayAttachmentStateFailing:           resource.Deleting,
	types.TransitGatewayAttachmentStateDeleted:           resource.Absent,
	types.TransitGatewayAttachmentStateRejected:          resource.Absent,
	types.TransitGatewayAttachmentStateFailed:            resource.Failed,
}

// Apply implements [resource.Resource]. What failed cannot be mended: it is
// deleted, and the next look makes another.
func (r *peeringAttachment) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	switch {
	case now.Phase == resource.Failed:
		return r.Delete(ctx, now)
	case now.Phase == resource.Absent:
		return r.create(ctx, want)
	case !want.Attrs[attrAccepted].Equal(now.Attrs[attrAccepted]):
		return r.accept(ctx, now.Ref, now.Attrs[desired.FactFarEnd].One())
	}
	if err := r.associate(ctx, now.Ref, want.Attrs[attrAssociation].One(), now.Attrs[attrAssociation].One()); err != nil {
		return err
	}
	return r.there.associate(ctx, now.Attrs[desired.FactFarEnd].One(), want.Attrs[attrPeerAssociation].One(), now.Attrs[attrPeerAssociation].One())
}

// create requests the peering. AWS gives the request no token.
func (r *peeringAttachment) create(ctx context.Context, want resource.Spec) error {
	out, err := r.region.ec2.CreateTransitGatewayPeeringAttachment(ctx, &ec2.CreateTransitGatewayPeeringAttachmentInput{
		TransitGatewayId:     awssdk.String(want.Attrs["transit_gateway"].One()),
		PeerTransitGatewayId: awssdk.String(want.Attrs[attrPeer].One()),
		PeerAccountId:        awssdk.String(r.there.region.account),
		PeerRegion:           awssdk.String(r.there.region.name),
		TagSpecifications:    r.cloud.atCreation(types.ResourceTypeTransitGatewayAttachment, r.id, r.cloud.file.PeeringName(r.file.Name)),
	}, once)
	if err != nil {
		return r.cloud.problem(ctx, err)
	}
	if out.TransitGatewayPeeringAttachment != nil {
		r.made(awssdk.ToString(out.TransitGatewayPeeringAttachment.TransitGatewayAttachmentId))
	}
	return nil
}

// accept accepts the peering, which has an id at either end, in the region and the
// account of the accepter, which may not know of it yet. One that somebody has
// requested from there, and given our tags, linkd did not ask for, and never accepts.
func (r *peeringAttachment) accept(ctx context.Context, near, far string) error {
	_, err := r.there.region.ec2.AcceptTransitGatewayPeeringAttachment(ctx, &ec2.AcceptTransitGatewayPeeringAttachmentInput{
		TransitGatewayAttachmentId: awssdk.String(far),
	})
	if coded(err, "InvalidTransitGatewayAttachmentID.NotFound") {
		return &resource.Problem{
			Reason: resource.Busy, Action: "ec2:AcceptTransitGatewayPeeringAttachment", Code: "InvalidTransitGatewayAttachmentID.NotFound", Err: err,
			Text: "the peering is not known in " + r.there.region.place + " yet",
		}
	}
	problem := r.cloud.problem(ctx, err)
	if coded(err, "InvalidParameterValue") { // AWS takes the word of the side that was asked alone
		return resource.WithHint(problem, fmt.Sprintf(
			"%s has tags of linkd, and somebody has requested it from %s in %s: delete it (aws ec2 delete-transit-gateway-peering-attachment --region %s --transit-gateway-attachment-id %s), and linkd requests its own; or accept %s in %s by hand, and linkd takes it as it is",
			near, r.file.Accepter(), r.there.region.place, r.there.region.name, far, near, r.region.place))
	}
	return problem
}

// peers tells whether an attachment is the end of a peering of the file that carries
// no tags: they are the requester's.
func (c *Cloud) peers(a types.TransitGatewayAttachment) bool {
	ref := func(gateway string) string { return c.memory.lastRef(desired.TransitGatewayID(gateway)) }
	return a.ResourceType == types.TransitGatewayAttachmentResourceTypePeering && slices.ContainsFunc(c.file.AWS.Peerings, func(p desired.Peering) bool {
		return ref(p.Accepter()) == awssdk.ToString(a.TransitGatewayId) && ref(p.Requester()) == awssdk.ToString(a.ResourceId)
	})
}

// Delete implements [resource.Resource].
func (r *peeringAttachment) Delete(ctx context.Context, now resource.Live) error {
	_, err := r.region.ec2.DeleteTransitGatewayPeeringAttachment(ctx, &ec2.DeleteTransitGatewayPeeringAttachmentInput{
		TransitGatewayAttachmentId: awssdk.String(now.Ref),
	})
	return r.deleted(ctx, err)
}
