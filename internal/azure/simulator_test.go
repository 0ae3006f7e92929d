package azure

import (
	"maps"
	"slices"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// onlyTheFarSide are the drifts that stay as long as AWS does not answer.
var onlyTheFarSide = []string{"azure/vpn-tunnel.status"}

func TestBuiltSideHasNoDriftAndTheSweepStaysAtTheFloor(t *testing.T) {
	onStage(t, nil, func(s *stage) {
		if err := s.cloud.Check(s.Context()); err != nil {
			s.Fatal(err)
		}
		s.build()
		if strays := s.sweep(); len(strays) > 0 {
			s.Errorf("strays: %v", strays)
		}
		drifts := s.drifts()
		drifts = slices.DeleteFunc(drifts, func(key string) bool { return key == "azure/hub-routes.routes" })
		if !slices.Equal(drifts, onlyTheFarSide) {
			s.Errorf("drifts after a build: %v", drifts)
		}
		floor := map[string]int{
			"virtualWans.list": 1, "virtualHubs.list": 1, "virtualNetworks.list": 1, "vpnGateways.list": 1, "vpnSites.list": 1,
			"hubVirtualNetworkConnections.list": 2, "virtualHubs.effectiveRoutes": 2,
			"vpnConnections.get": 1, "sharedKeys.listSharedKey": 1,
			"vpnLinkConnections.getikesas": 1, // the tunnel is down: nobody answers it
		}
		delete(s.calls, "operations.get")
		if !maps.Equal(s.calls, floor) {
			s.Errorf("calls of a sweep: %v", s.calls)
		}
	})
}

func TestSweepOfNothingAsksNothingBelow(t *testing.T) {
	onStage(t, nil, func(s *stage) {
		s.sweep()
		total := 0
		for _, n := range s.calls {
			total += n
		}
		if total != 5 {
			s.Errorf("calls: %v", s.calls)
		}
		for _, r := range s.cloud.Resources() {
			phase := s.world[r.ID()].Phase
			if given := r.Kind() == &vnetKind; given && phase != resource.Ready || !given && phase != resource.Absent {
				s.Errorf("%s is %s", r.ID(), phase)
			}
		}
	})
}

func TestMutationIsSeenAndMended(t *testing.T) {
	rows := map[string]struct {
		mutation ground.Mutation
		drift    string
		id       resource.ID
	}{
		"a site that lost a prefix": {
			ground.Mutation{Kind: "vpnSites", Name: "tokyo", Op: "set", Field: "properties.addressSpace.addressPrefixes", Value: []any{"172.20.0.0/16", "172.31.0.0/16"}},
			"azure/vpn-site.address_space", "azure/vpn-site/tokyo",
		},
		"a link connection that dials another link of the site": {
			ground.Mutation{Kind: "vpnGateways/vpnConnections", Name: "hub-jpe-vpn/tokyo", Op: "set", Field: "properties.vpnLinkConnections.0.properties.vpnSiteLink.id", Value: "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-net/providers/Microsoft.Network/vpnSites/tokyo/vpnSiteLinks/other"},
			"azure/vpn-connection.site_links", "azure/vpn-connection/tokyo",
		},
		"a VNet that is told to propagate to none": {
			ground.Mutation{Kind: "virtualHubs/hubVirtualNetworkConnections", Name: "hub-jpe/vnet-jpe", Op: "set", Field: "properties.routingConfiguration.propagatedRouteTables.labels", Value: []any{"none"}},
			"azure/vnet-connection.propagated_labels", "azure/vnet-connection/vnet-jpe",
		},
		"a gateway of another size": {
			ground.Mutation{Kind: "vpnGateways", Name: "hub-jpe-vpn", Op: "set", Field: "properties.vpnGatewayScaleUnit", Value: float64(2)},
			"azure/vpn-gateway.scale_units", "azure/vpn-gateway/hub-jpe",
		},
		"a virtual WAN without transit between branches": {
			ground.Mutation{Kind: "virtualWans", Name: "wan-global", Op: "set", Field: "properties.allowBranchToBranchTraffic", Value: false},
			"azure/virtual-wan.branch_to_branch", "azure/virtual-wan/wan-global",
		},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			onStage(t, nil, func(s *stage) {
				s.build()
				row.mutation.Cloud = "azure"
				if err := s.sim.Mutate(row.mutation); err != nil {
					s.Fatal(err)
				}
				s.sweep()
				if !slices.Contains(s.drifts(), row.drift) {
					s.Fatalf("%s is not seen", row.drift)
				}
				r := s.resource(row.id)
				want, err := r.Want(s.see(r))
				if err != nil {
					s.Fatal(err)
				}
				if err := r.Apply(s.Context(), want, s.world[row.id]); err != nil {
					s.Fatal(err)
				}
				s.make(r)
				s.sweep()
				if slices.Contains(s.drifts(), row.drift) {
					s.Errorf("%s is not mended", row.drift)
				}
				key := resource.NewSecret("an_example_key_1")
				if live := s.world["azure/vpn-connection/tokyo"].Secrets["shared_key/tokyo-0-1"]; !live.Equal(key) {
					s.Error("the repair lost the key of the connection")
				}
			})
		})
	}
}

func TestSecondTunnelIsAddedToTheSiteFirst(t *testing.T) {
	onStage(t, nil, func(s *stage) {
		s.build()
		s.file.Links[0].Redundancy = desired.Tunnels
		grown, err := New(s.file, Options{Credential: token{}, Transport: s.transport})
		if err != nil {
			s.Fatal(err)
		}
		s.cloud = grown
		s.sweep()
		if seen := s.drifts(); !slices.Contains(seen, "azure/vpn-site.link_addresses") || !slices.Contains(seen, "azure/vpn-connection.links") {
			s.Fatalf("a tunnel more is seen as %v", seen)
		}
		for _, id := range []resource.ID{"azure/vpn-site/tokyo", "azure/vpn-connection/tokyo"} {
			r := s.resource(id)
			want, err := r.Want(s.see(r))
			if err != nil {
				s.Fatal(err)
			}
			if err := r.Apply(s.Context(), want, s.world[id]); err != nil {
				s.Fatal(err)
			}
			s.make(r)
		}
		s.sweep()
		for _, key := range s.drifts() {
			if key != "azure/hub-routes.routes" && key != "azure/vpn-tunnel.status" {
				s.Errorf("%s stays", key)
			}
		}
		if keys := s.world["azure/vpn-connection/tokyo"].Secrets; len(keys) != 2 {
			s.Errorf("%d keys are seen", len(keys))
		}
	})
}

func TestHeldDifferenceIsNotCarriedAlong(t *testing.T) {
	onStage(t, nil, func(s *stage) {
		s.build()
		for field, value := range map[string]any{
			"properties.vpnLinkConnections.0.properties.vpnLinkConnectionMode": "ResponderOnly",
			"properties.vpnLinkConnections.0.properties.dpdTimeoutSeconds":     float64(90),
		} {
			if err := s.sim.Mutate(ground.Mutation{Cloud: "azure", Kind: "vpnGateways/vpnConnections", Name: "hub-jpe-vpn/tokyo", Op: "set", Field: field, Value: value}); err != nil {
				s.Fatal(err)
			}
		}
		s.sweep()
		r := s.resource("azure/vpn-connection/tokyo")
		want, err := r.Want(s.see(r))
		if err != nil {
			s.Fatal(err)
		}
		drifts := resource.Diff(r.ID(), r.Kind(), want, s.world[r.ID()])
		if len(drifts) != 2 {
			s.Fatalf("drifts: %v", drifts)
		}
		allowed := slices.DeleteFunc(slices.Clone(drifts), func(d resource.Drift) bool { return d.Attr != "dpd_timeout" })
		if err := r.Apply(s.Context(), resource.Target(r.Kind(), want, s.world[r.ID()], allowed), s.world[r.ID()]); err != nil {
			s.Fatal(err)
		}
		s.make(r)
		s.sweep()
		left := resource.Diff(r.ID(), r.Kind(), want, s.world[r.ID()])
		if len(left) != 1 || left[0].Attr != "mode" {
			s.Errorf("left: %v", left)
		}
	})
}
