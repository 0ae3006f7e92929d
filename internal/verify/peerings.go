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
