package aws

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

func TestEveryKindSaysWhatItBreaksAndHowItIsMended(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range Kinds() {
		if seen[kind.Name] || !strings.HasPrefix(kind.Name, "aws/") {
			t.Errorf("%s is not a name of its own below aws/", kind.Name)
		}
		seen[kind.Name] = true
		if kind.Breaks == "" {
			t.Errorf("%s does not say what breaks without it", kind.Name)
		}
		rows := map[string]bool{}
		for _, row := range kind.Attrs {
			key := kind.Name + "." + row.Name
			if rows[row.Name] {
				t.Errorf("%s is there twice", key)
			}
			rows[row.Name] = true
			if row.Breaks == "" || row.Fix == "" {
				t.Errorf("%s does not say what it breaks and how it is mended: %+v", key, row)
			}
			if kind.Given && row.Fix != resource.ByHand {
				t.Errorf("%s is the user's own and only a person can mend it, not %q", key, row.Fix)
			}
		}
		if len(kind.Attrs) == 0 {
			t.Errorf("%s has no rows: nothing of it is compared", kind.Name)
		}
	}
}

func TestEveryKindHasAResourceAndEveryResourceAKind(t *testing.T) {
	kinds := Kinds()
	used := map[string]bool{}
	speaksBGP := seedFile(t)
	speaksBGP.Links[0].Routing = desired.BGP
	peered := seedFile(t)
	peered.AWS.Regions = append(peered.AWS.Regions, desired.Region{Name: "us-east-1", TransitGateways: []desired.TransitGateway{{Name: "tgw-virginia", Region: "us-east-1"}}})
	peered.AWS.Peerings = []desired.Peering{{Name: "pacific", Join: []string{"tgw-tokyo", "tgw-virginia"}}}
	for _, r := range slices.Concat(cloudOf(t, seedFile(t)).Resources(), cloudOf(t, speaksBGP).Resources(), cloudOf(t, peered).Resources()) {
		used[r.Kind().Name] = true
		if !slices.Contains(kinds, r.Kind()) {
			t.Errorf("%s is of kind %s, which is not in the table", r.ID(), r.Kind().Name)
		}
		if !strings.HasPrefix(string(r.ID()), r.Kind().Name+"/") {
			t.Errorf("%s does not begin with its kind %s", r.ID(), r.Kind().Name)
		}
	}
	for _, kind := range kinds {
		if !used[kind.Name] {
			t.Errorf("the article's file has no resource of kind %s, neither with static routes, nor with BGP, nor with a peering", kind.Name)
		}
	}
}

func TestCreatesThatCannotBeRepeatedAreInDoubt(t *testing.T) {
	for _, kind := range Kinds() {
		guarded := kind == &transitGatewayKind || kind == &vpnConnectionKind || kind == &peeringAttachmentKind
		if guarded != (kind.Doubt > 0) {
			t.Errorf("%s has a doubt of %s", kind.Name, kind.Doubt)
		}
	}
}

// TestEveryRowSaysWhatItsMendingCosts spells the effect of every row, so that
// a new one is thought about. The reasons are in the documents of EC2: an
// attachment that moves to another table has none for a while; a connection is
// down while its endpoints are replaced; an attribute of a transit gateway
// changes under the traffic.
func TestEveryRowSaysWhatItsMendingCosts(t *testing.T) {
	const none, network, one, all, address = resource.NoInterruption, resource.OneNetwork, resource.OneTunnel, resource.AllTunnels, resource.AddressChange
	want := map[string]resource.Effect{
		"aws/transit-gateway replaced": address, "aws/transit-gateway deleted": all,
		"aws/transit-gateway.asn": all, "aws/transit-gateway.ecmp": none,
		"aws/transit-gateway.default_association": none, "aws/transit-gateway.default_propagation": none,
		"aws/transit-gateway.association_table": none, "aws/transit-gateway.propagation_table": none, "aws/transit-gateway.route_table_tag": none,

		"aws/vpc replaced": none, "aws/vpc deleted": none, "aws/vpc.prefixes": none,

		"aws/vpc-attachment replaced": network, "aws/vpc-attachment deleted": network,
		"aws/vpc-attachment.transit_gateway": network, "aws/vpc-attachment.vpc": network, "aws/vpc-attachment.subnets": network,
		"aws/vpc-attachment.association": network, "aws/vpc-attachment.propagation": none,

		"aws/peering-attachment replaced": network, "aws/peering-attachment deleted": network,
		"aws/peering-attachment.transit_gateway": network, "aws/peering-attachment.peer": network, "aws/peering-attachment.accepted": none,
		"aws/peering-attachment.association": network, "aws/peering-attachment.peer_association": network,

		"aws/customer-gateway replaced": all, "aws/customer-gateway deleted": all,
		"aws/customer-gateway.address": all, "aws/customer-gateway.asn": all, "aws/customer-gateway.retired": none,

		"aws/vpn-connection replaced": address, "aws/vpn-connection deleted": all,
		"aws/vpn-connection.customer_gateway": all, "aws/vpn-connection.transit_gateway": all, "aws/vpn-connection.routing": address,
		"aws/vpn-connection.association": all, "aws/vpn-connection.propagation": none, "aws/vpn-connection.attachment_owner": none, "aws/vpn-connection.key": one,

		"aws/vpn-tunnel replaced": none, "aws/vpn-tunnel deleted": none, "aws/vpn-tunnel.status": none,

		"aws/tgw-routes replaced": none, "aws/tgw-routes deleted": all, "aws/tgw-routes.routes": network,
		"aws/tgw-routes.withdrawn":    none,
		"aws/learned-routes replaced": none, "aws/learned-routes deleted": none, "aws/learned-routes.routes": none, "aws/learned-routes.hidden": none,
		"aws/vpc-routes replaced": none, "aws/vpc-routes deleted": network, "aws/vpc-routes.routes": network,
	}
	for _, number := range []string{"1", "2"} {
		for name, effect := range map[string]resource.Effect{
			"inside": one, "startup": one, "dpd": one, "phase1": one, "phase2": one, "ike_version": one,
			"lifecycle": none, "endpoint": one, "drill": one,
		} {
			want["aws/vpn-connection.tunnel_"+number+"_"+name] = effect
		}
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
