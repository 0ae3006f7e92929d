package aws

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strconv"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

var vpnTunnelKind = resource.Kind{
	Name:  "aws/vpn-tunnel",
	Is:    "One tunnel that is expected to be up, as AWS sees it. It follows from everything else.",
	Given: true,
	// The telemetry lags behind the tunnel by minutes.
	Takes:  resource.Takes{Create: resource.Span{Typical: 3 * time.Minute}},
	Breaks: "there is no such tunnel",
	Attrs: []resource.Attr{{
		Name: "status", Means: "up, or down", Fix: resource.ByHand,
		Breaks: "nothing crosses this tunnel; when it is the last one, nothing crosses the link",
	}},
}

// vpnTunnel is the status of one expected pair, as AWS sees it.
type vpnTunnel struct {
	base
	given
	tunnel     desired.Tunnel
	connection resource.ID
	inside     [2]netip.Prefix
}

func newVPNTunnel(c *Cloud, place string, link desired.Link, t desired.Tunnel) *vpnTunnel {
	connection := desired.AWSConnectionID(link.Name, t.Instance)
	return &vpnTunnel{
		base: base{
			cloud: c, id: desired.AWSTunnelID(t), kind: &vpnTunnelKind, region: c.regions[place],
			needs: ready(connection, desired.AzureConnectionID(link.Name)),
		},
		tunnel: t, connection: connection, inside: c.insideOf(link, t.Instance),
	}
}

// Want implements [resource.Resource].
func (r *vpnTunnel) Want(resource.World) (resource.Spec, error) {
	return resource.Spec{Attrs: resource.Attrs{"status": resource.Of("up")}}, nil
}

// Read implements [resource.Resource].
func (r *vpnTunnel) Read(ctx context.Context, world resource.World) (resource.Live, error) {
	return read(ctx, r, r.base, world)
}

func (r *vpnTunnel) look(ctx context.Context, world resource.World, s *seen) {
	if ref := world[r.connection].Ref; ref != "" {
		s.askConnections(ctx, filter("vpn-connection-id", ref))
		return
	}
	s.connections.asked = true
}

func (r *vpnTunnel) live(s *seen, world resource.World) (resource.Live, error) {
	items, err := s.connections.list()
	if err != nil {
		return resource.Live{}, err
	}
	if connection := world[r.connection]; connection.Phase == resource.Unknown {
		return resource.Live{Why: cmp.Or(connection.Why, errNotAsked.Error()), AsOf: s.at}, nil
	}
	ref := world[r.connection].Ref
	at := slices.IndexFunc(items, func(c types.VpnConnection) bool {
		return ref != "" && awssdk.ToString(c.VpnConnectionId) == ref && reduceConnection(c).phase != resource.Absent
	})
	if at < 0 {
		return s.absent(), nil
	}
	shown := pair(items[at], r.inside)[r.tunnel.Number-1]
	live := resource.Live{Phase: resource.Ready, Ref: ref, Owner: world[r.connection].Owner, AsOf: s.at, Attrs: resource.Attrs{}}
	put(live.Attrs, "outside_address", shown.outside)
	if shown.telemetry == nil {
		live.Phase, live.Why = resource.Pending, "AWS shows no status of it yet"
		return live, nil
	}
	live.Why = awssdk.ToString(shown.telemetry.StatusMessage)
	live.Attrs["status"] = resource.Of(shown.status())
	if n := shown.telemetry.AcceptedRouteCount; n != nil {
		live.Attrs["accepted_routes"] = resource.Of(strconv.Itoa(int(*n)))
	}
	if since := shown.telemetry.LastStatusChange; since != nil {
		live.Attrs["last_change"] = resource.Of(since.UTC().Format(time.RFC3339))
		if r.cloud.memory.ago(*since) >= desired.HoldDown {
			live.Attrs[desired.FactSteady] = resource.Of("yes")
		}
	}
	return live, nil
}
