package aws

import (
	"context"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/resource"
)

// SweepTunnels reads the status of every tunnel of the file, and nothing else:
// each aws/vpn-tunnel as Sweep would answer for it. What could not be read is
// Unknown, with the reason. It makes one call for each region that has links.
//
// A connection that has lost its tags is known again when an earlier look of
// this process has found it, by what it joins. Without that, its tunnels are
// Unknown: one call cannot tell it from somebody else's.
func (c *Cloud) SweepTunnels(ctx context.Context) resource.World {
	worlds := make([]resource.World, len(c.order))
	var calls []func()
	for i, name := range c.order {
		if tunnels := c.tunnelsIn(c.regions[name]); len(tunnels) > 0 {
			calls = append(calls, func() { worlds[i] = c.sweepTunnels(ctx, c.regions[name], tunnels) })
		}
	}
	resource.Together(calls...)
	world := resource.World{}
	for _, part := range worlds {
		world.Merge(part)
	}
	return world
}

func (c *Cloud) tunnelsIn(r *region) []*vpnTunnel {
	var tunnels []*vpnTunnel
	for _, n := range c.nodesOf(r) {
		if tunnel, is := n.(*vpnTunnel); is {
			tunnels = append(tunnels, tunnel)
		}
	}
	return tunnels
}

func (c *Cloud) sweepTunnels(ctx context.Context, r *region, tunnels []*vpnTunnel) resource.World {
	s := newSeen(c, r)
	s.askConnections(ctx, ofAnyTag())
	connections, world := resource.World{}, resource.World{}
	for _, n := range c.nodesOf(r) {
		if connection, is := n.(*vpnConnection); is {
			connections[connection.id] = c.memory.settle(connection.id, connection.alone(s))
		}
	}
	for _, tunnel := range tunnels {
		live, err := tunnel.live(s, connections)
		if err != nil {
			live = resource.Live{Phase: resource.Unknown, Why: err.Error(), AsOf: s.at}
		}
		world[tunnel.id] = live
	}
	return world
}

// alone is a connection as the list of connections alone shows it: by its
// tags, or as the one that an earlier look has found.
func (r *vpnConnection) alone(s *seen) resource.Live {
	known := r.cloud.memory.lastRef(r.id)
	items, err := s.connections.list()
	connection, t, found := choose(items, r.id, r.cloud.file.Owner, reduceConnection, r.aloneLike())
	switch {
	case err != nil:
		return resource.Live{Why: err.Error(), AsOf: s.at}
	case !found && known == "" && slices.ContainsFunc(items, nameless):
		return resource.Live{Why: "no connection has its tags, and one that has none may be it", AsOf: s.at}
	case !found:
		return s.absent()
	}
	live := r.show(connection, t)
	live.AsOf = s.at
	return live
}

// aloneLike knows a connection as the one that an earlier look has found.
func (r *vpnConnection) aloneLike() func(types.VpnConnection) likeness {
	known := r.cloud.memory.lastRef(r.id)
	return func(connection types.VpnConnection) likeness {
		if known != "" && awssdk.ToString(connection.VpnConnectionId) == known {
			return inPlace
		}
		return elsewhere
	}
}

// nameless tells whether a connection to a transit gateway stands without an
// id tag.
func nameless(connection types.VpnConnection) bool {
	return idOf(connection.Tags) == "" && connection.TransitGatewayId != nil && reduceConnection(connection).phase != resource.Absent
}
