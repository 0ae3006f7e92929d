package aws

import (
	"fmt"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// A link that shrinks while the connection that goes carries has its routes led there
// until the one that stays can carry. Azure goes on dialling it for as long.

// formerWays are the static routes of a table that lead to VPN connections which are
// none of the file's. None is told while one of the file's is not known.
func (r *transitGatewayRoutes) formerWays(items []types.TransitGatewayRoute, world resource.World) resource.Value {
	own := map[string]bool{}
	for _, link := range r.cloud.linksOf(r.gateway.Name) {
		for _, instance := range link.Instances() {
			live := world[desired.AWSConnectionID(link.Name, instance)]
			if live.Phase == resource.Unknown {
				return nil
			}
			own[live.Ref] = true
		}
	}
	var ways []string
	for _, route := range items {
		former := func(a types.TransitGatewayRouteAttachment) bool {
			return a.ResourceType == types.TransitGatewayAttachmentResourceTypeVpn && !own[awssdk.ToString(a.ResourceId)]
		}
		if judged(route) && route.Type == types.TransitGatewayRouteTypeStatic && route.State == types.TransitGatewayRouteStateActive &&
			slices.ContainsFunc(route.TransitGatewayAttachments, former) {
			ways = append(ways, member(awssdk.ToString(route.DestinationCidrBlock), targetOf(route)))
		}
	}
	return resource.Of(ways...)
}

// stays says why the route of a prefix stays where it is for now: it leads to a connection
// that the file no longer has, and that of the link cannot carry. Nil: it does not.
func (r *transitGatewayRoutes) stays(link desired.Link, prefix string, world resource.World) error {
	if link.StandsBy() || len(standing(world[r.id].Attrs[desired.FactFormerWay], []string{prefix})) == 0 {
		return nil
	}
	name := desired.AWSConnectionID(link.Name, desired.Preferred)
	switch {
	case link.ConnectionStatus(world, desired.Preferred) != desired.PairLive:
		return fmt.Errorf("%s is led by a VPN connection that the file does not have, and no tunnel of %s is known to be up to take it over", prefix, name)
	case !link.Turned(world, desired.Preferred):
		return fmt.Errorf("%s is led by a VPN connection that the file does not have, and %s does not exchange routes by %s yet", prefix, name, link.Routing)
	}
	return nil
}
