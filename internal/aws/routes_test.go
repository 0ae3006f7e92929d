package aws

import (
	"net/netip"
	"slices"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"linkd/internal/resource"
)

func TestWhatBringsATableToWhatIsWanted(t *testing.T) {
	for name, c := range map[string]struct {
		want, have resource.Value
		calls      []change
	}{
		"nothing":                    {resource.Of("10.1.0.0/16 a"), resource.Of("10.1.0.0/16 a"), nil},
		"a missing route":            {resource.Of("10.1.0.0/16 a"), nil, []change{{prefix: "10.1.0.0/16", target: "a"}}},
		"a route that is not wanted": {nil, resource.Of("10.1.0.0/16 a"), []change{{prefix: "10.1.0.0/16"}}},
		"another target":             {resource.Of("10.1.0.0/16 a"), resource.Of("10.1.0.0/16 b"), []change{{prefix: "10.1.0.0/16", target: "a", replaces: true}}},
		"a target that is gone":      {resource.Of("10.1.0.0/16 a"), resource.Of("10.1.0.0/16 blackhole old"), []change{{prefix: "10.1.0.0/16", target: "a", replaces: true}}},
		"one that is held beside it": {resource.Of("10.1.0.0/16 a", "10.9.0.0/16 x"), resource.Of("10.9.0.0/16 x"), []change{{prefix: "10.1.0.0/16", target: "a"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := changes(c.want, c.have); !slices.Equal(got, c.calls) {
				t.Errorf("got %+v, want %+v", got, c.calls)
			}
		})
	}
}

func gatewayRoute(prefix string, kind types.TransitGatewayRouteType, state types.TransitGatewayRouteState, attachments ...string) types.TransitGatewayRoute {
	route := types.TransitGatewayRoute{DestinationCidrBlock: awssdk.String(prefix), Type: kind, State: state}
	for _, id := range attachments {
		route.TransitGatewayAttachments = append(route.TransitGatewayAttachments, types.TransitGatewayRouteAttachment{TransitGatewayAttachmentId: awssdk.String(id)})
	}
	return route
}

func TestTheWholeTransitGatewayTableIsRead(t *testing.T) {
	cloud := cloudOf(t, seedFile(t))
	listed := gatewayRoute("10.3.0.0/16", "static", "active", "tgw-attach-x")
	listed.PrefixListId = awssdk.String("pl-1")
	s := newSeen(cloud, cloud.regions["ap-northeast-1"])
	s.routes["tgw-rtb-1"] = known(
		gatewayRoute("10.1.0.0/16", "static", "active", "tgw-attach-vpn"),
		gatewayRoute("10.2.0.0/16", "static", "blackhole", "tgw-attach-old"),
		gatewayRoute("10.4.0.0/16", "static", "blackhole"),
		gatewayRoute("10.5.0.0/16", "static", "deleted", "tgw-attach-vpn"),
		gatewayRoute("172.20.0.0/16", "propagated", "active", "tgw-attach-a"),
		gatewayRoute("10.6.0.0/16", "propagated", "active", "tgw-attach-b", "tgw-attach-a"),
		listed,
	)
	r := nodeOf[*transitGatewayRoutes](t, cloud, "aws/tgw-routes/tgw-tokyo")
	live, err := r.live(s, builtWorld())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(resource.Attrs{
		"routes":     resource.Of("10.1.0.0/16 tgw-attach-vpn", "10.2.0.0/16 blackhole tgw-attach-old", "10.4.0.0/16 blackhole"),
		"propagated": resource.Of("10.6.0.0/16 tgw-attach-a+tgw-attach-b", "172.20.0.0/16 tgw-attach-a"),
		"withdrawn":  resource.Of(), // only what is to go is ever wanted of it
		"former_way": resource.Of(),
		"led_to":     resource.Of("tgw-attach-vpn"),
	}, live.Attrs); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if live.Owner != "seed" {
		t.Errorf("a table has the owner of its transit gateway, and not %q", live.Owner)
	}
	want, err := r.Want(builtWorld())
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, drift := range resource.Diff(r.ID(), r.Kind(), want, live) {
		keys = append(keys, drift.Key())
	}
	if !slices.Equal(keys, []string{"aws/tgw-routes.routes", "aws/tgw-routes.routes.extra"}) {
		t.Errorf("the drifts are %v", keys)
	}
}

func TestWhichRoutesOfAVPCAreOurBusiness(t *testing.T) {
	beyond := []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}
	route := func(prefix string, origin types.RouteOrigin, set func(*types.Route, *string), target string) types.Route {
		r := types.Route{DestinationCidrBlock: awssdk.String(prefix), Origin: origin, State: types.RouteStateActive}
		set(&r, awssdk.String(target))
		return r
	}
	gateway := func(r *types.Route, id *string) { r.TransitGatewayId = id }
	internet := func(r *types.Route, id *string) { r.GatewayId = id }
	peering := func(r *types.Route, id *string) { r.VpcPeeringConnectionId = id }
	for name, c := range map[string]struct {
		route types.Route
		want  bool
		leads string
	}{
		"to our transit gateway":                 {route("10.1.0.0/16", "CreateRoute", gateway, "tgw-1"), true, "tgw-1"},
		"to our transit gateway, undeclared":     {route("192.0.2.0/24", "CreateRoute", gateway, "tgw-1"), true, "tgw-1"},
		"to another one":                         {route("192.0.2.0/24", "CreateRoute", gateway, "tgw-2"), false, "tgw-2"},
		"our prefix to another one":              {route("10.1.0.0/16", "CreateRoute", gateway, "tgw-2"), true, "tgw-2"},
		"the internet":                           {route("0.0.0.0/0", "CreateRoute", internet, "igw-1"), false, "igw-1"},
		"the VPC itself":                         {route("172.20.0.0/16", "CreateRouteTable", internet, "local"), false, "local"},
		"a part of our prefix goes elsewhere":    {route("10.1.5.0/24", "CreateRoute", peering, "pcx-1"), true, "pcx-1"},
		"more than our prefix goes elsewhere":    {route("10.0.0.0/8", "CreateRoute", peering, "pcx-1"), false, "pcx-1"},
		"learned from a virtual private gateway": {route("10.1.0.0/16", "EnableVgwRoutePropagation", internet, "vgw-1"), false, "vgw-1"},
		"no IPv4 route":                          {types.Route{Origin: "CreateRoute", DestinationIpv6CidrBlock: awssdk.String("::/0")}, false, "another target"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := concerns(c.route, "tgw-1", beyond); got != c.want {
				t.Errorf("judged: %v", got)
			}
			if got := leadsTo(c.route); got != c.leads {
				t.Errorf("it leads to %q, want %q", got, c.leads)
			}
		})
	}
}

func TestARouteTableThatIsNotTheVPCsIsAnErrorOfTheFile(t *testing.T) {
	cloud := cloudOf(t, seedFile(t))
	r := nodeOf[*vpcRoutes](t, cloud, "aws/vpc-routes/rtb-0a10000000000000a")
	for name, listed := range map[string][]types.RouteTable{
		"there is none":   nil,
		"it is another's": {{RouteTableId: awssdk.String(r.table), VpcId: awssdk.String("vpc-other")}},
	} {
		s := newSeen(cloud, r.region)
		s.routeTables = known(listed...)
		if _, err := r.live(s, builtWorld()); resource.ReasonOf(err) != resource.Refused || resource.HintOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASweepKnowsOfRoutesTowardsNetworksThatOnlyTheOtherCloudShows(t *testing.T) {
	file := seedFile(t)
	file.Azure.Hubs[0].VNets[0].Prefixes = nil
	cloud := cloudOf(t, file)
	r := nodeOf[*vpcRoutes](t, cloud, "aws/vpc-routes/rtb-0a10000000000000a")
	s := newSeen(cloud, r.region)
	s.routeTables = known(types.RouteTable{RouteTableId: awssdk.String(r.table), VpcId: awssdk.String(r.vpc.ID), Routes: []types.Route{
		{DestinationCidrBlock: awssdk.String("10.1.5.0/24"), NetworkInterfaceId: awssdk.String("eni-1"), Origin: "CreateRoute"},
	}})
	for _, n := range r.beyond {
		n.remember(cloud, builtWorld())
	}
	live, err := r.live(s, resource.World{})
	if err != nil || !live.Attrs["routes"].Equal(resource.Of("10.1.5.0/24 eni-1")) {
		t.Errorf("got %v, %v", live.Attrs, err)
	}
}
