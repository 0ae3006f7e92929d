package azure

import (
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// failures are a resource of each kind that has failed and was changed as
// well, with the drift of the change.
var failures = map[resource.ID]struct {
	kind, name, field string
	value             any
	held              string
}{
	"azure/virtual-wan/wan-global":   {"virtualWans", "wan-global", "properties.allowBranchToBranchTraffic", false, "azure/virtual-wan.branch_to_branch"},
	"azure/virtual-hub/hub-use":      {"virtualHubs", "hub-use", "properties.hubRoutingPreference", "ASPath", ""}, // of which linkd wants nothing
	"azure/vnet-connection/vnet-use": {"virtualHubs/hubVirtualNetworkConnections", "hub-use/vnet-use", "properties.routingConfiguration.propagatedRouteTables.labels", []any{"none"}, "azure/vnet-connection.propagated_labels"},
	"azure/vpn-gateway/hub-jpe":      {"vpnGateways", "hub-jpe-vpn", "properties.vpnGatewayScaleUnit", float64(2), "azure/vpn-gateway.scale_units"},
	"azure/vpn-site/tokyo":           {"vpnSites", "tokyo", "properties.addressSpace.addressPrefixes", []any{"172.20.0.0/16"}, "azure/vpn-site.address_space"},
	"azure/vpn-connection/tokyo":     {"vpnGateways/vpnConnections/vpnLinkConnections", "hub-jpe-vpn/tokyo/tokyo-0-1", "sharedKey", "another.key.altogether", "azure/vpn-connection.shared_key"},
}

// TestAFailedResourceIsWrittenWithoutWhatIsHeld lets a resource of each kind
// fail, mends that alone, and finds what was held as it was.
func TestAFailedResourceIsWrittenWithoutWhatIsHeld(t *testing.T) {
	for id, f := range failures {
		t.Run(string(id), func(t *testing.T) {
			onStage(t, nil, func(s *stage) {
				s.build()
				s.change(f.kind, f.name, f.field, f.value)
				kind, name := f.kind, f.name
				if f.held == "azure/vpn-connection.shared_key" {
					kind, name = "vpnGateways/vpnConnections", "hub-jpe-vpn/tokyo"
				}
				s.change(kind, name, "properties.provisioningState", "Failed")
				s.sweep()
				if live := s.world[id]; live.Phase != resource.Failed {
					s.Fatalf("it is %s", live.Phase)
				}
				seen := s.keysOf(id)
				failed := s.resource(id).Kind().Name + ".failed"
				if !seen[failed] || f.held != "" && !seen[f.held] || len(seen) > 2 {
					s.Fatalf("seen: %v", seen)
				}
				s.mend(id, f.held)
				if left := s.keysOf(id); s.world[id].Phase != resource.Ready || left[failed] || left[f.held] != seen[f.held] {
					s.Errorf("after the repair it is %s, with %v", s.world[id].Phase, left)
				}
				s.mend(id)
				if left := s.keysOf(id); len(left) > 0 {
					s.Errorf("with everything allowed, there is left %v", left)
				}
			})
		})
	}
}

// change sets one field behind linkd's back.
func (s *stage) change(kind, name, field string, value any) {
	s.Helper()
	if err := s.sim.Mutate(ground.Mutation{Cloud: "azure", Op: "set", Kind: kind, Name: name, Field: field, Value: value}); err != nil {
		s.Fatal(err)
	}
}

// keysOf are the drifts of one resource.
func (s *stage) keysOf(id resource.ID) map[string]bool {
	s.Helper()
	r := s.resource(id)
	want, err := r.Want(s.see(r))
	if err != nil {
		s.Fatal(err)
	}
	keys := map[string]bool{}
	for _, drift := range resource.Diff(id, r.Kind(), want, s.world[id]) {
		keys[drift.Key()] = true
	}
	return keys
}

// TestAFailedCreateThatShowsNothingIsMadeAsTheFileWants goes through what a
// create can leave behind: no value is taken for another one than the file's.
func TestAFailedCreateThatShowsNothingIsMadeAsTheFileWants(t *testing.T) {
	onStage(t, nil, func(s *stage) {
		s.build()
		failed := armnetwork.ProvisioningStateFailed
		for id, live := range map[resource.ID]resource.Live{
			"azure/virtual-hub/hub-use":      liveHub(&armnetwork.VirtualHub{Properties: &armnetwork.VirtualHubProperties{ProvisioningState: &failed}}),
			"azure/vnet-connection/vnet-use": liveVNetConnection(&armnetwork.HubVirtualNetworkConnection{Properties: &armnetwork.HubVirtualNetworkConnectionProperties{ProvisioningState: &failed}}, s.file.Owner),
			"azure/vpn-connection/tokyo":     s.resource("azure/vpn-connection/tokyo").(vpnConnection).described(&armnetwork.VPNConnection{Properties: &armnetwork.VPNConnectionProperties{ProvisioningState: &failed}}, s.file.Owner),
		} {
			r := s.resource(id)
			want, err := r.Want(s.see(r))
			if err != nil {
				s.Fatal(err)
			}
			live.Owner = s.file.Owner
			drifts := resource.Diff(id, r.Kind(), want, live)
			for _, drift := range drifts {
				if drift.Fix == resource.Replace {
					s.Errorf("%s asks for a replace: %s", id, drift.Key())
				}
			}
			target := resource.Target(r.Kind(), want, live, drifts)
			for _, row := range r.Kind().Attrs {
				if !row.Secret && !target.Attrs[row.Name].Equal(want.Attrs[row.Name]) {
					s.Errorf("%s.%s becomes %v, want %v", id, row.Name, target.Attrs[row.Name], want.Attrs[row.Name])
				}
			}
			if key := target.Secrets[keyName("tokyo-0-1")]; id == desired.AzureConnectionID("tokyo") && key.IsZero() {
				s.Error("the connection is made without its key")
			}
		}
	})
}
