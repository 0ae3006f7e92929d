package aws

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

const gatewayID = resource.ID("aws/transit-gateway/tgw-tokyo")

// secondTable makes another route table on the transit gateway.
func (b *bench) secondTable() string {
	b.Helper()
	b.mutate("transit-gateway-route-table", "ap-northeast-1", "create", "", map[string]any{
		"TransitGatewayId": b.ref(gatewayID), "TagSpecifications": []any{map[string]any{
			"ResourceType": "transit-gateway-route-table", "Tag": []any{map[string]any{"Key": "Name", "Value": "second"}},
		}},
	})
	out, err := b.cloud.regions["ap-northeast-1"].ec2.DescribeTransitGatewayRouteTables(b.Context(), &ec2.DescribeTransitGatewayRouteTablesInput{
		Filters: []types.Filter{filter("transit-gateway-id", b.ref(gatewayID))},
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, t := range out.TransitGatewayRouteTables {
		if tag(t.Tags, "Name") == "second" {
			return *t.TransitGatewayRouteTableId
		}
	}
	b.Fatal("there is no second table")
	return ""
}

func TestADefaultRouteTableThatWasSwappedIsSeenAndPutBack(t *testing.T) {
	const gateway = "transit-gateway"
	swap := func(fields ...string) func(b *bench, second string) {
		return func(b *bench, second string) {
			for _, field := range fields {
				b.mutate(gateway, b.ref(gatewayID), "set", field, second)
			}
		}
	}
	swapped := swap("AssociationDefaultRouteTableId", "PropagationDefaultRouteTableId")
	for name, c := range map[string]struct {
		change func(b *bench, second string)
		want   []string
		table  string // "second": the one that serves afterwards; "": the first
	}{
		"the association's": {swap("AssociationDefaultRouteTableId"), []string{"aws/transit-gateway.association_table"}, ""},
		"the propagation's": {swap("PropagationDefaultRouteTableId"), []string{"aws/transit-gateway.propagation_table"}, ""},
		"both":              {swapped, []string{"aws/transit-gateway.association_table", "aws/transit-gateway.propagation_table"}, ""},
		"the tag is gone": {func(b *bench, _ string) {
			b.mutate(gateway, b.ref(gatewayID), "unset", "Tags."+desired.RouteTableTag, nil)
		}, []string{"aws/transit-gateway.route_table_tag"}, ""},
		"the tag makes no sense": {func(b *bench, _ string) {
			b.mutate(gateway, b.ref(gatewayID), "set", "Tags."+desired.RouteTableTag, "a b c")
		}, []string{"aws/transit-gateway.route_table_tag"}, ""},
		"the tag names a table of nobody": {func(b *bench, _ string) {
			b.mutate(gateway, b.ref(gatewayID), "set", "Tags."+desired.RouteTableTag, "tgw-rtb-0123456789abcdef0")
		}, []string{"aws/transit-gateway.route_table_tag"}, ""},
		"the default is off as well": {func(b *bench, _ string) {
			b.mutate(gateway, b.ref(gatewayID), "set", "DefaultRouteTableAssociation", "disable")
			b.mutate(gateway, b.ref(gatewayID), "unset", "AssociationDefaultRouteTableId", nil)
		}, []string{"aws/transit-gateway.association_table", "aws/transit-gateway.default_association"}, ""},
		"the first one is deleted": {func(b *bench, second string) {
			swapped(b, second)
			for _, attachment := range []string{b.ref("aws/vpc-attachment/vpc-a"), b.ref("aws/vpc-attachment/vpc-b"), b.attachment()} {
				b.mutate("transit-gateway-attachment", attachment, "set", "Association", second)
				b.mutate("transit-gateway-attachment", attachment, "remove", "Propagations", b.table())
				b.mutate("transit-gateway-attachment", attachment, "add", "Propagations", second)
			}
			b.mutate("transit-gateway-route-table", b.table(), "delete", "", nil)
		}, []string{"aws/tgw-routes.routes", "aws/transit-gateway.route_table_tag"}, "second"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, nil)
				b.mustBuild()
				time.Sleep(time.Hour)
				want, second := b.table(), b.secondTable()
				if c.table == "second" {
					want = second
				}
				c.change(b, second)
				if got := b.drifts(); !slices.Equal(got, c.want) {
					t.Fatalf("a look finds %v, want %v", got, c.want)
				}
				b.mustBuild()
				time.Sleep(time.Minute)
				if got := b.drifts(); len(got) > 0 {
					t.Errorf("after the repair a look finds %v", got)
				}
				if got := b.table(); got != want {
					t.Errorf("attachments are meant for %s, want %s", got, want)
				}
			})
		})
	}
}

func TestTheRouteTablesOfAnAdoptedTransitGatewayAreItsOwnersToSwap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.mutate("transit-gateway", "ap-northeast-1", "create", "", map[string]any{
			"Options": map[string]any{"AmazonSideAsn": 64512}, "TagSpecification": []any{map[string]any{
				"ResourceType": "transit-gateway", "Tag": []any{map[string]any{"Key": "Name", "Value": "tgw-tokyo"}},
			}},
		})
		b.file.AWS.Regions[0].TransitGateways[0].Adopt = true
		b.restart()
		b.mustBuild()
		time.Sleep(time.Hour)
		second := b.secondTable()
		b.mutate("transit-gateway", b.ref(gatewayID), "set", "AssociationDefaultRouteTableId", second)
		want := []string{"aws/tgw-routes.routes", "aws/vpc-attachment.association", "aws/vpc-attachment.association", "aws/vpn-connection.association"}
		if got := b.drifts(); !slices.Equal(got, want) {
			t.Errorf("a look finds %v, want the attachments to follow: %v", got, want)
		}
		s := newSeen(b.cloud, b.cloud.regions["ap-northeast-1"])
		s.askTransitGateways(t.Context())
		if value := tag(s.transitGateways.items[0].Tags, desired.RouteTableTag); value != "" {
			t.Errorf("it is tagged with %s", value)
		}
	})
}

func TestASwapThatCannotBeJudgedIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.mustBuild()
		time.Sleep(time.Hour)
		second := b.secondTable()
		for _, field := range []string{"AssociationDefaultRouteTableId", "PropagationDefaultRouteTableId"} {
			b.mutate("transit-gateway", b.ref(gatewayID), "set", field, second)
		}
		b.sim.Inject(ground.Fault{Cloud: "aws", Operation: "DescribeTransitGatewayRouteTables", Effect: ground.EffectDeny})
		b.restart()
		world, _ := b.cloud.Sweep(t.Context())
		_, err := nodeOf[node](t, b.cloud, gatewayID).Read(t.Context(), nil)
		if live := world[gatewayID]; live.Phase != resource.Unknown || live.Why == "" || resource.ReasonOf(err) != resource.Denied {
			t.Errorf("a look finds it %s (%s), and a read says %v", live.Phase, live.Why, err)
		}
	})
}

// TestATableThatWentWithItsTransitGatewayIsAbsent reads the routes of a table that has gone
// since its transit gateway was looked at, as a destroy may.
func TestATableThatWentWithItsTransitGatewayIsAbsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.world[gatewayID] = resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{desired.FactRouteTable: resource.Of("tgw-rtb-0123456789abcdef0")}}
		at := slices.IndexFunc(b.cloud.nodes, func(n node) bool { return n.ID() == desired.TransitGatewayRoutesID("tgw-tokyo") })
		live, err := b.cloud.nodes[at].Read(t.Context(), b.world)
		if err != nil || live.Phase != resource.Absent {
			t.Errorf("the routes are %s: %v", live.Phase, err)
		}
	})
}
