package aws

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// strays lists what carries our owner tag in a region and has no place in the
// file, and the second ones of what has.
func (c *Cloud) strays(s *seen, world resource.World) []resource.Stray {
	declared, replaced := map[resource.ID]bool{}, map[resource.ID]bool{}
	for _, n := range c.nodes {
		declared[n.ID()] = true
		replaced[desired.RetiredID(n.ID())] = n.Kind() == &customerGatewayKind
	}
	placed := map[string]bool{}
	for _, live := range world {
		placed[live.Ref] = true
	}
	var strays []resource.Stray
	for _, t := range s.ours() {
		stray := resource.Stray{Kind: t.kind, ID: idOf(t.tags), Ref: t.ref, Owner: c.file.Owner, On: t.on}
		switch {
		case stray.ID == "" && placed[t.ref]: // it has lost a tag, and is judged in its place
			continue
		case t.kind == peeringAttachmentKind.Name && !declared[stray.ID] && placed[t.ref]: // so is one of another name
			continue
		case replaced[stray.ID] && t.kind == customerGatewayKind.Name: // it is judged with the one that replaced it
			continue
		case !declared[stray.ID] || kindOf(stray.ID) != t.kind:
			stray.Class = resource.Orphan
		case world[stray.ID].Phase == resource.Unknown: // nobody knows which one is meant
			continue
		case t.phase != resource.Deleting && world[stray.ID].Ref != t.ref:
			stray.Class = resource.Duplicate
		default:
			continue
		}
		strays = append(strays, stray)
	}
	slices.SortFunc(strays, func(a, b resource.Stray) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Ref, b.Ref)) })
	return strays
}

// kindOf is the kind of an id: all before its name.
func kindOf(id resource.ID) string {
	return string(id[:max(strings.LastIndexByte(string(id), '/'), 0)])
}

// tracked is a thing and the kind that EC2's list of it stands for.
type tracked struct {
	thing
	kind string
}

// ours lists everything that stands and carries our owner tag.
func (s *seen) ours() []tracked {
	return slices.Concat(
		track(s.transitGateways, transitGatewayKind, s.cloud.file.Owner, reduceTransitGateway),
		track(s.vpcAttachments, vpcAttachmentKind, s.cloud.file.Owner, reduceVPCAttachment),
		track(s.customerGateways, customerGatewayKind, s.cloud.file.Owner, reduceCustomerGateway),
		track(s.connections, vpnConnectionKind, s.cloud.file.Owner, reduceConnection),
		track(part[types.TransitGatewayAttachment]{items: peeringsIn(s.attachments.items)}, peeringAttachmentKind, s.cloud.file.Owner, reducePeering),
	)
}

func track[T any](answer part[T], kind resource.Kind, owner string, reduce func(T) thing) []tracked {
	var found []tracked
	for _, item := range answer.items {
		if t := reduce(item); t.phase != resource.Absent && ownerOf(t.tags) == owner {
			found = append(found, tracked{thing: t, kind: kind.Name})
		}
	}
	return found
}
