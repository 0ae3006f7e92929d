package aws

import (
	"context"
	"slices"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/resource"
)

// With the transit gateway's defaults on, an attachment is associated and
// propagated by itself, some seconds after it is available. Until it has
// stood for so long after its creation, what is missing is not settled;
// afterwards somebody has switched it off.
const (
	vpcSettles = 10 * time.Minute // 1-3 minutes to create, and time to settle
	vpnSettles = 20 * time.Minute // 3-10 minutes to create, and time to settle
)

// joined is an attachment whose association and propagation are in question.
type joined struct {
	ref     string
	created *time.Time
	settles time.Duration
}

// young tells whether EC2 may still be about to do by itself what the
// transit gateway's default says.
func (s *seen) young(gateway resource.Live, byDefault string, a joined) bool {
	return gateway.Attrs[byDefault].One() != off && s.cloud.memory.stoodFor(a.ref, a.created) < a.settles
}

// association fills in, under the name of an attribute, the table an attachment is
// associated with.
func (s *seen) association(live *resource.Live, attr string, gateway resource.Live, a joined) error {
	items, err := s.attachments.list()
	if err != nil {
		return err
	}
	at := slices.IndexFunc(items, func(item types.TransitGatewayAttachment) bool {
		return awssdk.ToString(item.TransitGatewayAttachmentId) == a.ref
	})
	live.Attrs[attr] = resource.Of()
	if at < 0 || items[at].Association == nil {
		if s.young(gateway, "default_association", a) {
			unsettled(live, "it is not associated with a route table yet")
		}
		return nil
	}
	switch association := items[at].Association; association.State {
	case types.TransitGatewayAssociationStateAssociated:
		live.Attrs[attr] = resource.Of(awssdk.ToString(association.TransitGatewayRouteTableId))
	case types.TransitGatewayAssociationStateAssociating, types.TransitGatewayAssociationStateDisassociating:
		unsettled(live, "its route table is "+string(association.State))
	}
	return nil
}

// propagation fills in which of the transit gateway's tables learn an
// attachment's prefixes.
func (s *seen) propagation(live *resource.Live, gateway resource.Live, a joined) error {
	table := gateway.Attrs[factPropagatesTo].One()
	if table == "" {
		return nil
	}
	items, err := s.propagating[table].list()
	if err != nil {
		return err
	}
	live.Attrs["propagation"] = resource.Of()
	switch {
	case slices.Contains(items, a.ref):
		live.Attrs["propagation"] = resource.Of(table)
	case s.young(gateway, "default_propagation", a):
		unsettled(live, "it does not propagate to a route table yet")
	}
	return nil
}

func unsettled(live *resource.Live, why string) {
	if live.Phase == resource.Ready {
		live.Phase, live.Why = resource.Created, why
	}
}

// associate moves an attachment to a table. It has one association: the old
// one must be gone before the new one is made, so the first call may only
// take the old one away, and what the attachment sends is dropped until the
// second.
func (b base) associate(ctx context.Context, attachment, want, have string) error {
	switch {
	case want == have:
		return nil
	case have != "":
		_, err := b.region.ec2.DisassociateTransitGatewayRouteTable(ctx, &ec2.DisassociateTransitGatewayRouteTableInput{
			TransitGatewayAttachmentId: awssdk.String(attachment), TransitGatewayRouteTableId: awssdk.String(have),
		})
		return b.cloud.problem(ctx, err)
	}
	_, err := b.region.ec2.AssociateTransitGatewayRouteTable(ctx, &ec2.AssociateTransitGatewayRouteTableInput{
		TransitGatewayAttachmentId: awssdk.String(attachment), TransitGatewayRouteTableId: awssdk.String(want),
	})
	return b.cloud.problem(ctx, err)
}

// propagate switches the propagation of an attachment on and off.
func (b base) propagate(ctx context.Context, attachment string, want, have resource.Value) error {
	for _, table := range want.Without(have) {
		_, err := b.region.ec2.EnableTransitGatewayRouteTablePropagation(ctx, &ec2.EnableTransitGatewayRouteTablePropagationInput{
			TransitGatewayAttachmentId: awssdk.String(attachment), TransitGatewayRouteTableId: awssdk.String(table),
		})
		if err != nil {
			return b.cloud.problem(ctx, err)
		}
	}
	for _, table := range have.Without(want) {
		_, err := b.region.ec2.DisableTransitGatewayRouteTablePropagation(ctx, &ec2.DisableTransitGatewayRouteTablePropagationInput{
			TransitGatewayAttachmentId: awssdk.String(attachment), TransitGatewayRouteTableId: awssdk.String(table),
		})
		if err != nil {
			return b.cloud.problem(ctx, err)
		}
	}
	return nil
}

// moved tells whether something hangs on another transit gateway than the
// file's. None of our tables takes it then, and to take it out of the other's
// would be all that a repair of its association achieves.
func moved(live resource.Live, gateway string) bool {
	has := live.Attrs["transit_gateway"].One()
	return has != "" && gateway != "" && has != gateway
}
