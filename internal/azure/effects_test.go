package azure

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"linkd/internal/resource"
)

// TestEveryRowSaysWhatItsMendingCosts spells the effect of every row, so that
// a new one is thought about. A PUT that changes what a tunnel agreed upon has
// it agreed anew; one that moves routes leaves the tunnels alone; what a
// gateway or a hub is made with makes its addresses anew with it.
func TestEveryRowSaysWhatItsMendingCosts(t *testing.T) {
	const none, network, one, all, address = resource.NoInterruption, resource.OneNetwork, resource.OneTunnel, resource.AllTunnels, resource.AddressChange
	want := map[string]resource.Effect{
		"azure/virtual-wan replaced": address, "azure/virtual-wan deleted": all,
		"azure/virtual-wan.type": none, "azure/virtual-wan.branch_to_branch": none,

		"azure/virtual-hub replaced": address, "azure/virtual-hub deleted": all, "azure/virtual-hub.address_prefix": address,

		"azure/vnet replaced": none, "azure/vnet deleted": none, "azure/vnet.prefixes": none,

		"azure/vnet-connection replaced": network, "azure/vnet-connection deleted": network,
		"azure/vnet-connection.remote_vnet": network, "azure/vnet-connection.associated_table": network,
		"azure/vnet-connection.propagated_tables": network, "azure/vnet-connection.propagated_labels": network,
		"azure/vnet-connection.internet_security": network,

		"azure/vpn-gateway replaced": address, "azure/vpn-gateway deleted": all,
		"azure/vpn-gateway.scale_units": all, "azure/vpn-gateway.routing_preference": address, "azure/vpn-gateway.asn": all,
		"azure/vpn-gateway.bgp_addresses": network,

		"azure/vpn-site replaced": all, "azure/vpn-site deleted": all,
		"azure/vpn-site.address_space": network, "azure/vpn-site.link_addresses": all, "azure/vpn-site.other_links": network, "azure/vpn-site.bgp_peers": all,
		"azure/vpn-site.device_vendor": none, "azure/vpn-site.provider": none, "azure/vpn-site.speed_mbps": none,

		"azure/vpn-connection replaced": all, "azure/vpn-connection deleted": all,
		"azure/vpn-connection.hub": address, "azure/vpn-connection.site": all, "azure/vpn-connection.links": network, "azure/vpn-connection.site_links": one,
		"azure/vpn-connection.ike_policy": all, "azure/vpn-connection.mode": all, "azure/vpn-connection.dpd_timeout": all,
		"azure/vpn-connection.bgp": all, "azure/vpn-connection.bgp_addresses": all,
		"azure/vpn-connection.associated_table": network, "azure/vpn-connection.propagated_tables": network,
		"azure/vpn-connection.propagated_labels": network, "azure/vpn-connection.shared_key": one,

		"azure/hub-routes replaced": none, "azure/hub-routes deleted": none, "azure/hub-routes.routes": none,
		"azure/vpn-tunnel replaced": none, "azure/vpn-tunnel deleted": none, "azure/vpn-tunnel.status": none,
	}
	got := map[string]resource.Effect{}
	for _, kind := range Kinds() {
		got[kind.Name+" replaced"], got[kind.Name+" deleted"] = kind.Replaced, kind.Deleted
		for _, row := range kind.Attrs {
			got[kind.Name+"."+row.Name] = row.Effect
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
