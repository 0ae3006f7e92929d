package verify

import (
	"slices"

	"linkd/internal/desired"
)

// peered tells whether the file joins two transit gateways by a peering.
func (e *Evidence) peered(gateway, other string) bool {
	return slices.ContainsFunc(e.File.Peers(gateway), func(p desired.Peer) bool { return p.Gateway.Name == other })
}

// peeringOf is the peering of the file that has an attachment.
func (e *Evidence) peeringOf(attachment string) (string, bool) {
	for _, peering := range e.File.AWS.Peerings {
		if ref := e.live(desired.PeeringID(peering.Name)).Ref; ref != "" && ref == attachment {
			return peering.Name, true
		}
	}
	return "", false
}

// peeringBetween is the peering of the file between the transit gateways of two
// machines.
func (e *Evidence) peeringBetween(from, to string) (string, bool) {
	here, there := e.gatewayOf(from), e.gatewayOf(to)
	for _, peer := range e.File.Peers(here) {
		if there != "" && peer.Gateway.Name == there {
			return peer.Peering.Name, true
		}
	}
	return "", false
}

// gatewayOf is the transit gateway that the VPC of a machine is attached to, or "".
func (e *Evidence) gatewayOf(machine string) string {
	target, known := e.target(machine)
	if gateway := e.File.TransitGatewayOfVPC(target.VPC); known && target.VPC != "" && gateway != nil {
		return gateway.Name
	}
	return ""
}
