package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// A range inside a tunnel stands once at a transit gateway: AWS refuses a connection
// that names one which another has there, as that of a link does which had another name
// in the file. So that nothing is half made, neither the connection nor its customer
// gateway is wanted while that stands.

// factTaken of what is not there: its inside ranges that other connections of its
// transit gateway have, "169.254.21.0/30 vpn-1 aws/vpn-connection/old-0".
const factTaken = "inside_taken"

// absent is a part of a link that does not stand, and whose ranges are taken, if any are.
func (c *Cloud) absent(s *seen, world resource.World, link desired.Link, instance int) resource.Live {
	live := s.absent()
	if taken := c.taken(s, world, link, instance); len(taken) > 0 {
		live.Attrs = resource.Attrs{factTaken: taken}
	}
	return live
}

// taken lists the inside ranges of a connection that others have. What was not asked
// takes nothing: AWS itself refuses then.
func (c *Cloud) taken(s *seen, world resource.World, link desired.Link, instance int) resource.Value {
	gateway := world[desired.TransitGatewayID(link.TransitGateway)].Ref
	if at := c.gatewayOf(link); gateway == "" && at != nil {
		live, _ := at.live(s, world)
		gateway = live.Ref
	}
	connections, err := s.connections.list()
	if err != nil || gateway == "" {
		return nil
	}
	inside := c.insideOf(link, instance)
	var taken []string
	for _, connection := range connections {
		t := reduceConnection(connection)
		if t.phase == resource.Absent || awssdk.ToString(connection.TransitGatewayId) != gateway || idOf(t.tags) == desired.AWSConnectionID(link.Name, instance) {
			continue
		}
		for _, tunnel := range joinTunnels(connection) {
			for _, own := range inside {
				if own.IsValid() && own.String() == tunnel.inside {
					taken = append(taken, strings.TrimSpace(fmt.Sprintf("%s %s %s", own, t.ref, idOf(t.tags))))
				}
			}
		}
	}
	return resource.Of(taken...)
}

// gatewayOf is the transit gateway of a link, or nil.
func (c *Cloud) gatewayOf(link desired.Link) *transitGateway {
	at := slices.IndexFunc(c.nodes, func(n node) bool { return n.ID() == desired.TransitGatewayID(link.TransitGateway) })
	if at < 0 {
		return nil
	}
	gateway, _ := c.nodes[at].(*transitGateway)
	return gateway
}

// askTaken asks for what [Cloud.taken] needs.
func (c *Cloud) askTaken(ctx context.Context, world resource.World, s *seen, link desired.Link) {
	if gateway := c.gatewayOf(link); gateway != nil {
		gateway.look(ctx, world, s)
	}
	s.askConnections(ctx, ofAnyTag())
}

// free is an error when something is not there, and cannot be made because its ranges
// are taken.
func free(live resource.Live) error {
	taken := live.Attrs[factTaken]
	if len(taken) == 0 {
		return nil
	}
	words := strings.Fields(taken[0])
	who := words[1] + ", which is not linkd's,"
	if len(words) > 2 {
		who = fmt.Sprintf("%s (%s)", words[1], words[2])
	}
	return resource.WithHint(
		fmt.Errorf("it would have the range %s inside a tunnel, and %s has that at the same transit gateway", words[0], who),
		"AWS takes a range once at a transit gateway. Give the link other ranges (inside of the file), and the old connection carries until you delete it; or delete the old one first, which is down from then on; or give the link its old name again")
}
