package aws

import "linkd/internal/resource"

// Kinds is the table of kinds of this cloud.
func Kinds() []*resource.Kind {
	return []*resource.Kind{
		&transitGatewayKind, &vpcKind, &vpcAttachmentKind, &customerGatewayKind, &vpnConnectionKind,
		&vpnTunnelKind, &peeringAttachmentKind, &transitGatewayRoutesKind, &learnedRoutesKind, &vpcRoutesKind,
	}
}
