package azure

import (
	"slices"
	"testing"

	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// undeclared puts into the site and the connection of the link what the file
// does not have: a prefix, and a link with its connection and key. It takes a
// prefix out as well.
func (s *stage) undeclared() {
	s.Helper()
	site := s.world["azure/vpn-site/tokyo"].Ref
	for _, m := range []ground.Mutation{
		{Kind: "vpnSites", Name: "tokyo", Op: "set", Field: "properties.addressSpace.addressPrefixes", Value: []any{"172.20.0.0/16", "172.31.0.0/16"}},
		{Kind: "vpnSites", Name: "tokyo", Op: "add", Field: "properties.vpnSiteLinks", Value: map[string]any{
			"name": "theirs", "id": site + "/vpnSiteLinks/theirs", "properties": map[string]any{"ipAddress": "198.51.100.7"},
		}},
		{Kind: "vpnGateways/vpnConnections", Name: "hub-jpe-vpn/tokyo", Op: "add", Field: "properties.vpnLinkConnections", Value: map[string]any{
			"name": "theirs", "id": s.world["azure/vpn-connection/tokyo"].Ref + "/vpnLinkConnections/theirs",
			"properties": map[string]any{"vpnSiteLink": map[string]any{"id": site + "/vpnSiteLinks/theirs"}, "dpdTimeoutSeconds": float64(90)},
		}},
		{Kind: "vpnGateways/vpnConnections", Name: "hub-jpe-vpn/tokyo", Op: "set", Field: "properties.vpnLinkConnections.0.properties.dpdTimeoutSeconds", Value: float64(90)},
	} {
		m.Cloud = "azure"
		if err := s.sim.Mutate(m); err != nil {
			s.Fatal(err)
		}
	}
}

// mend repairs a resource, but for the drifts that held names.
func (s *stage) mend(id resource.ID, held ...string) {
	s.Helper()
	r := s.resource(id)
	want, err := r.Want(s.see(r))
	if err != nil {
		s.Fatal(err)
	}
	allowed := slices.DeleteFunc(resource.Diff(id, r.Kind(), want, s.world[id]), func(d resource.Drift) bool { return slices.Contains(held, d.Key()) })
	if err := r.Apply(s.Context(), resource.Target(r.Kind(), want, s.world[id], allowed), s.world[id]); err != nil {
		s.Fatal(err)
	}
	s.make(r)
}

// TestWhatNobodyDeclaredStaysUnlessItIsNamed repairs what is missing beside
// what is undeclared, and then takes that out too.
func TestWhatNobodyDeclaredStaysUnlessItIsNamed(t *testing.T) {
	onStage(t, nil, func(s *stage) {
		s.build()
		s.undeclared()
		s.sweep()
		extra := []string{"azure/vpn-connection.links.extra", "azure/vpn-site.address_space.extra", "azure/vpn-site.other_links.extra"}
		mine := func() []string {
			return slices.DeleteFunc(s.drifts(), func(key string) bool { return key == "azure/vpn-tunnel.status" || key[:16] == "azure/hub-routes" })
		}
		all := append([]string{"azure/vpn-connection.dpd_timeout", "azure/vpn-site.address_space"}, extra...)
		slices.Sort(all)
		if seen := mine(); !slices.Equal(seen, all) {
			s.Fatalf("seen: %v", seen)
		}
		s.mend("azure/vpn-connection/tokyo", extra...)
		s.mend("azure/vpn-site/tokyo", extra...)
		s.sweep()
		if left := mine(); !slices.Equal(left, extra) {
			s.Errorf("with the undeclared held, there is left %v", left)
		}
		s.mend("azure/vpn-connection/tokyo")
		s.mend("azure/vpn-site/tokyo")
		s.sweep()
		if left := mine(); len(left) > 0 {
			s.Errorf("with everything allowed, there is left %v", left)
		}
	})
}
