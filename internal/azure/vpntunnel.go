package azure

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

var vpnTunnelKind = resource.Kind{
	Name:  "azure/vpn-tunnel",
	Is:    "One tunnel that is expected to be up, as Azure sees it. It follows from everything else.",
	Given: true,
	// Azure shows a tunnel's state a minute or so after it changed.
	Takes: resource.Takes{Create: resource.Span{Typical: time.Minute}},
	Attrs: []resource.Attr{
		{Name: "status", Means: "up, or down", Fix: resource.ByHand, Breaks: "nothing crosses this tunnel, and the link has one less to fall back on"},
	},
	Breaks: "nothing crosses this tunnel",
}

// vpnTunnel is the status of one tunnel as Azure sees it: up or down.
type vpnTunnel struct {
	watched
	link   desired.Link
	tunnel desired.Tunnel
	end    end // where its connection stands
}

func (c *Cloud) vpnTunnel(link desired.Link, tunnel desired.Tunnel) vpnTunnel {
	hub := c.hubNamed(link.Hub)
	return vpnTunnel{watched{node{
		cloud: c, at: c.scopeOf(hub), id: desired.AzureTunnelID(tunnel), kind: &vpnTunnelKind,
		needs: []resource.Need{
			{On: desired.AzureConnectionID(link.Name), At: resource.Ready},
			{On: desired.VPNGatewayID(hub.Name), At: resource.Created},
			// The far end answers only once its connection is available.
			{On: desired.AWSConnectionID(link.Name, tunnel.Instance), At: resource.Ready},
		},
	}}, link, tunnel, c.endOf(hub)}
}

// Want implements resource.Resource.
func (t vpnTunnel) Want(resource.World) (resource.Spec, error) {
	return resource.Spec{Attrs: resource.Attrs{"status": resource.Of("up")}}, nil
}

// Read implements resource.Resource. It is one GET, for it is called again and
// again while a tunnel comes up; the sweep asks further when one is down.
func (t vpnTunnel) Read(ctx context.Context, _ resource.World) (resource.Live, error) {
	_, connection, err := t.cloud.vpnConnection(t.link).get(ctx)
	switch {
	case err != nil:
		return resource.Live{}, err
	case connection == nil:
		return absent(t.cloud.whyGone(ctx, t.id)), nil
	}
	return t.live(connection), nil
}

// live is the status as the connection tells it. It tells one status for both
// instances of the gateway; since an AWS tunnel answers one of them only, that
// is the status of the expected pair.
func (t vpnTunnel) live(connection *armnetwork.VPNConnection) resource.Live {
	live := resource.Live{Phase: resource.Absent, Why: "the connection has no link of this name", AsOf: time.Now()}
	for _, link := range present(at(connection.Properties).VPNLinkConnections) {
		if !equalFold(at(link.Name), t.tunnel.Name()) {
			continue
		}
		status := at(link.Properties).ConnectionStatus
		live.Phase, live.Ref, live.Why = resource.Ready, at(link.ID), "Azure says Unknown"
		if at(status) != "" {
			live.Why = "Azure says " + string(*status)
		}
		live.Attrs = resource.Attrs{"status": statusValue(at(status) == armnetwork.VPNConnectionStatusConnected)}
		for fact, bytes := range map[string]*int64{desired.FactIngress: at(link.Properties).IngressBytesTransferred, desired.FactEgress: at(link.Properties).EgressBytesTransferred} {
			if bytes != nil {
				live.Attrs[fact] = resource.Of(strconv.FormatInt(*bytes, 10))
			}
		}
		if phase := phaseOf(at(connection.Properties).ProvisioningState); phase == resource.Pending || phase == resource.Deleting {
			live.Phase, live.Why = phase, waitingFor(phase, at(connection.Properties).ProvisioningState)
		}
	}
	return live
}

func statusValue(up bool) resource.Value {
	if up {
		return resource.Of("up")
	}
	return resource.Of("down")
}

// association is an IKE security association, as far as it is looked at. Its
// cookies, which are left out here, do not fit into an int64.
type association struct{ LocalEndpoint, RemoteEndpoint string }

// look asks for the associations of a tunnel that seems down, or whose link
// has several pairs, and says what they add. It costs two calls and some
// seconds, so a healthy link does without.
func (t vpnTunnel) look(ctx context.Context, live, gateway resource.Live) resource.Live {
	if live.Phase != resource.Ready || live.Attrs["status"].One() == "up" && t.link.Redundancy != desired.Full {
		return live
	}
	associations, err := t.associations(ctx)
	if err != nil {
		live.Why += "; its IKE associations could not be read: " + faultOf(problem("vpnGateways/vpnConnections/vpnLinkConnections/getikesas/action", err))
		return live
	}
	return judge(live, associations, gateway.Attrs[desired.FactInstanceAddress(t.tunnel.Instance)].One())
}

// judge adds to a status what the associations show: which instance of the
// gateway holds the tunnel.
func judge(live resource.Live, associations []association, instance string) resource.Live {
	expected, other := false, ""
	for _, a := range associations {
		if a.LocalEndpoint == instance {
			expected = true
		} else {
			other = a.LocalEndpoint
		}
	}
	up := live.Attrs["status"].One() == "up"
	switch {
	case up && !expected && other != "":
		live.Attrs = resource.Attrs{"status": statusValue(false)}
		live.Why += ", but by the other instance, " + other
	case !up && expected:
		live.Why += ", though an IKE association from " + instance + " stands: phase 2 does not agree"
	case !up:
		live.Why += ", and no IKE association from " + instance + " stands"
	}
	return live
}

// associations asks for the IKE associations of the tunnel's link.
func (t vpnTunnel) associations(ctx context.Context) ([]association, error) {
	var accepted *http.Response
	_, err := t.end.at.links.BeginGetIkeSas(policy.WithCaptureResponse(ctx, &accepted), t.end.at.group, t.end.gateway, t.link.Name, t.tunnel.Name(), nil)
	if err != nil {
		return nil, err
	}
	body, err := t.end.at.outcome(ctx, accepted, t.cloud.scale)
	if err != nil {
		return nil, err
	}
	return parseAssociations(body)
}

// parseAssociations reads a JSON string that holds JSON; the documented
// example is an object in its place, and an empty answer is no association.
func parseAssociations(body []byte) ([]association, error) {
	var inner string
	if json.Unmarshal(body, &inner) == nil {
		body = []byte(inner)
	}
	var answer struct{ IkeSAs []association }
	if len(body) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	return answer.IkeSAs, nil
}
