package azure

import (
	"maps"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// TestALookAtTheTunnelsRemembersTheGateway counts the calls of the cheap look
// before any sweep and after one, and compares what both say of a tunnel that
// is down.
func TestALookAtTheTunnelsRemembersTheGateway(t *testing.T) {
	const tunnel = "azure/vpn-tunnel/tokyo-0-1"
	onStage(t, nil, func(s *stage) {
		s.build()
		look := func(floor map[string]int) resource.Live {
			s.Helper()
			s.forgetCalls()
			world := s.cloud.SweepTunnels(s.Context())
			delete(s.calls, "operations.get")
			if len(world) != 1 || !maps.Equal(s.calls, floor) {
				s.Errorf("it answers for %d, with the calls %v, want %v", len(world), s.calls, floor)
			}
			return world[tunnel]
		}
		first := map[string]int{"vpnGateways.get": 1, "vpnConnections.get": 1, "vpnLinkConnections.getikesas": 1}
		cold := look(first)
		delete(first, "vpnGateways.get")
		look(first)
		s.sweep()
		warm := look(first)
		full := s.world[tunnel]
		for name, live := range map[string]resource.Live{"without a memory": cold, "after a sweep": warm} {
			if live.Phase != resource.Ready || live.Ref != full.Ref || live.Why != full.Why || !live.Attrs["status"].Equal(full.Attrs["status"]) {
				s.Errorf("%s: %+v, want %+v", name, live, full)
			}
		}
	})
}

// TestAGatewayIsRememberedAsLongAsItStands goes through what a read can say.
func TestAGatewayIsRememberedAsLongAsItStands(t *testing.T) {
	addressed := resource.Attrs{desired.FactInstanceAddress(0): resource.Of("203.0.113.10")}
	var memory gateways
	for _, row := range []struct {
		read resource.Live
		want resource.Phase
	}{
		{resource.Live{Phase: resource.Pending}, resource.Unknown}, // its addresses are still to come
		{resource.Live{Phase: resource.Ready, Attrs: addressed}, resource.Ready},
		{resource.Live{Phase: resource.Unknown}, resource.Ready}, // a list that failed
		{resource.Live{Phase: resource.Failed, Attrs: addressed}, resource.Failed},
		{resource.Live{Phase: resource.Deleting, Attrs: addressed}, resource.Unknown},
		{resource.Live{Phase: resource.Created, Attrs: addressed}, resource.Created},
		{resource.Live{Phase: resource.Absent}, resource.Unknown},
	} {
		memory.keep("azure/vpn-gateway/hub-jpe", row.read)
		if got := memory.of("azure/vpn-gateway/hub-jpe"); got.Phase != row.want {
			t.Errorf("after a read of %s it is remembered as %s, want %s", row.read.Phase, got.Phase, row.want)
		}
	}
}

// TestALookAtTheTunnelsSaysWhyItKnowsNothing denies each of its two calls.
func TestALookAtTheTunnelsSaysWhyItKnowsNothing(t *testing.T) {
	for operation, why := range map[string]string{
		"GET vpnGateways":                "the VPN gateway of hub hub-jpe could not be read: ",
		"GET vpnGateways/vpnConnections": "",
	} {
		t.Run(operation, func(t *testing.T) {
			onStage(t, nil, func(s *stage) {
				s.build()
				s.sim.Inject(ground.Fault{Cloud: "azure", Operation: operation, Effect: ground.EffectDeny})
				live := s.cloud.SweepTunnels(s.Context())["azure/vpn-tunnel/tokyo-0-1"]
				if live.Phase != resource.Unknown || live.Why == "" || live.Why[:len(why)] != why {
					s.Errorf("the tunnel is %s: %s", live.Phase, live.Why)
				}
			})
		})
	}
}

// TestAnEndIsForgotten has a connection asked for at a gateway where it is not, before
// anything was seen, as the first look after a start does, and after it has gone.
func TestAnEndIsForgotten(t *testing.T) {
	var seen ends
	there := end{gateway: "hub-use-vpn"}
	seen.forget("tokyo", there)
	seen.note("tokyo", there)
	if at, _ := seen.last("tokyo"); len(at) != 1 {
		t.Errorf("it was noted, and is seen at %d ends", len(at))
	}
	seen.forget("tokyo", there)
	if at, _ := seen.last("tokyo"); len(at) != 0 {
		t.Errorf("it has gone, and is seen at %d ends", len(at))
	}
}
