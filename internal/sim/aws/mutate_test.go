package aws

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/fabric"
	"linkd/internal/sim/ground"
)

func sleepMinutes(n int) { time.Sleep(time.Duration(n) * time.Minute) }

func TestWhatIsChangedBehindTheAPIIsSeenThroughIt(t *testing.T) {
	type object = map[string]any
	rows := []struct {
		name     string
		mutation ground.Mutation
		see      func(b *bench, l link) string
		want     string
	}{
		{
			"a route appears",
			ground.Mutation{Kind: "transit-gateway-route-table", Name: "$table", Op: "add", Field: "Routes", Value: object{"DestinationCidrBlock": "10.77.0.0/16"}},
			func(b *bench, l link) string {
				return b.do("SearchTransitGatewayRoutes", "TransitGatewayRouteTableId="+l.table, "Filter.1.Name=type", "Filter.1.Value.1=static").at("routeSet/item/state")
			}, "blackhole",
		},
		{
			"a VPC route vanishes",
			ground.Mutation{Kind: "route-table", Name: "rtb-0a000000000000002", Op: "remove", Field: "Routes", Value: "0.0.0.0/0"},
			func(b *bench, _ link) string {
				return b.do("DescribeRouteTables", "RouteTableId.1=rtb-0a000000000000002").at("routeTableSet/item/routeSet/1/state")
			}, "",
		},
		{
			"a propagation is switched off",
			ground.Mutation{Kind: "transit-gateway-attachment", Name: "$attachment", Op: "remove", Field: "Propagations", Value: "$table"},
			func(b *bench, l link) string {
				return fmt.Sprint(len(b.do("GetTransitGatewayRouteTablePropagations", "TransitGatewayRouteTableId="+l.table).all("transitGatewayRouteTablePropagations", "state")))
			}, "1",
		},
		{
			"an association is gone",
			ground.Mutation{Kind: "transit-gateway-attachment", Name: "$attachment", Op: "unset", Field: "Association"},
			func(b *bench, _ link) string {
				return b.do("DescribeTransitGatewayAttachments", "Filter.1.Name=resource-type", "Filter.1.Value.1=vpc").at("transitGatewayAttachments/item/association/state")
			}, "",
		},
		{
			"a startup action is another",
			ground.Mutation{Kind: "vpn-tunnel", Name: "169.254.21.4/30", Op: "set", Field: "StartupAction", Value: "start"},
			func(b *bench, _ link) string {
				return b.do("DescribeVpnConnections").at("vpnConnectionSet/item/options/tunnelOptionSet/1/startupAction")
			}, "start",
		},
		{
			"a group is taken out",
			ground.Mutation{Kind: "vpn-tunnel", Name: "$connection/0", Op: "set", Field: "Phase1DHGroupNumbers", Value: []any{float64(20)}},
			func(b *bench, _ link) string {
				return fmt.Sprint(b.side().Connections[0].Tunnels[0].Proposal.Phase1Groups)
			}, "[20]",
		},
		{
			"a key is another",
			ground.Mutation{Kind: "vpn-tunnel", Name: "$connection/0", Op: "set", Field: "PreSharedKey", Value: "other.key"},
			func(b *bench, _ link) string { return b.side().Connections[0].Tunnels[0].Key }, "other.key",
		},
		{
			"a customer gateway's address is another",
			ground.Mutation{Kind: "customer-gateway", Name: "$customer", Op: "set", Field: "IpAddress", Value: "20.9.9.9"},
			func(b *bench, _ link) string { return b.side().Connections[0].CustomerAddress.String() }, "20.9.9.9",
		},
		{
			"ECMP is off, found by the tag Name",
			ground.Mutation{Kind: "transit-gateway", Name: "hub", Op: "set", Field: "Options.VpnEcmpSupport", Value: "disable"},
			func(b *bench, _ link) string {
				return b.do("DescribeTransitGateways").at("transitGatewaySet/item/options/vpnEcmpSupport")
			}, "disable",
		},
		{
			"tags are stripped",
			ground.Mutation{Kind: "transit-gateway", Name: "hub", Op: "unset", Field: "Tags"},
			func(b *bench, _ link) string {
				return b.do("DescribeTransitGateways").at("transitGatewaySet/item/tagSet/item/key")
			}, "",
		},
		{
			"a tag is another",
			ground.Mutation{Kind: "vpc", Name: "one", Op: "set", Field: "Tags.owner", Value: "me"},
			func(b *bench, _ link) string {
				return b.do("DescribeTags", "Filter.1.Name=key", "Filter.1.Value.1=owner").at("tagSet/item/value")
			}, "me",
		},
		{
			"a VPC has another prefix",
			ground.Mutation{Kind: "vpc", Name: "one", Op: "add", Field: "CidrBlocks", Value: "100.64.0.0/16"},
			func(b *bench, _ link) string {
				return b.do("DescribeVpcs").at("vpcSet/item/cidrBlockAssociationSet/1/cidrBlock")
			}, "100.64.0.0/16",
		},
		{
			"an attachment hangs on another transit gateway",
			ground.Mutation{Kind: "transit-gateway-attachment", Name: "$attachment", Op: "set", Field: "TransitGatewayId", Value: "tgw-0123456789abcdef0"},
			func(b *bench, _ link) string {
				return b.do("DescribeTransitGatewayAttachments").at("transitGatewayAttachments/item/transitGatewayId")
			}, "tgw-0123456789abcdef0",
		},
		{
			"an attachment joins another VPC",
			ground.Mutation{Kind: "transit-gateway-attachment", Name: "$attachment", Op: "set", Field: "VpcId", Value: "vpc-0123456789abcdef0"},
			func(b *bench, _ link) string {
				return b.do("DescribeTransitGatewayAttachments").at("transitGatewayAttachments/item/resourceId")
			}, "vpc-0123456789abcdef0",
		},
		{
			"an instance is stopped",
			ground.Mutation{Kind: "instance", Name: "web", Op: "set", Field: "State", Value: "stopped"},
			func(b *bench, _ link) string {
				return b.do("DescribeInstances").at("reservationSet/item/instancesSet/item/instanceState/code")
			}, "80",
		},
		{
			"a security group forgets a rule",
			ground.Mutation{Kind: "security-group", Name: "sg-0a000000000000001", Op: "remove", Field: "IpPermissions", Value: object{"IpProtocol": "icmp", "CidrIp": "10.0.0.0/8"}},
			func(b *bench, _ link) string {
				return b.do("DescribeSecurityGroups").at("securityGroupInfo/item/ipPermissions/item/ipProtocol")
			}, "",
		},
		{
			"a network ACL denies",
			ground.Mutation{Kind: "network-acl", Name: "acl-0a000000000000001", Op: "add", Field: "Entries", Value: object{"RuleNumber": float64(50), "Protocol": "1", "RuleAction": "deny"}},
			func(b *bench, _ link) string {
				return fmt.Sprint(len(b.side().VPCs[0].Subnets[0].ACL))
			}, "3",
		},
		{
			"a connection is deleted",
			ground.Mutation{Kind: "vpn-connection", Name: "$connection", Op: "delete"},
			func(b *bench, _ link) string {
				return b.do("DescribeVpnConnections").at("vpnConnectionSet/item/state")
			}, "deleted",
		},
		{
			"a gateway is deleted with all that hangs on it",
			ground.Mutation{Kind: "transit-gateway", Name: "hub", Op: "delete"},
			func(b *bench, _ link) string {
				return fmt.Sprint(len(b.do("DescribeTransitGatewayAttachments", "Filter.1.Name=state", "Filter.1.Value.1=available").all("transitGatewayAttachments", "state")))
			}, "0",
		},
		{
			"a customer gateway of somebody else is there",
			ground.Mutation{Kind: "customer-gateway", Name: tokyo, Op: "create", Value: object{
				"Type": "ipsec.1", "IpAddress": "9.9.9.9",
				"TagSpecification": []any{object{"ResourceType": "customer-gateway", "Tag": []any{object{"Key": "Name", "Value": "foreign"}}}},
			}},
			func(b *bench, _ link) string {
				return b.do("DescribeCustomerGateways", "Filter.1.Name=tag:Name", "Filter.1.Value.1=foreign").at("customerGatewaySet/item/state")
			}, "available",
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, nil)
				l := b.makeLink()
				fill := strings.NewReplacer("$table", l.table, "$attachment", l.vpcAttachment, "$connection", l.connection, "$customer", l.customer)
				m := row.mutation
				m.Name = fill.Replace(m.Name)
				if text, is := m.Value.(string); is {
					m.Value = fill.Replace(text)
				}
				before, generation := row.see(b, l), b.cloud.Generation()
				if before == row.want {
					t.Fatalf("it is %q already", before)
				}
				if err := b.cloud.Mutate(m); err != nil {
					t.Fatal(err)
				}
				if got := row.see(b, l); got != row.want {
					t.Errorf("%q, want %q", got, row.want)
				}
				if b.cloud.Generation() == generation {
					t.Error("the generation did not move")
				}
			})
		})
	}
}

func TestAMutationOfNothingSaysSo(t *testing.T) {
	b := newBench(t, nil)
	for name, m := range map[string]ground.Mutation{
		"an unknown kind":                      {Kind: "toaster", Name: "x", Op: "set"},
		"an unknown object":                    {Kind: "vpc", Name: "vpc-x", Op: "delete"},
		"an unknown field":                     {Kind: "vpc", Name: "one", Op: "set", Field: "Colour", Value: "red"},
		"a value that is none of the option's": {Kind: "instance", Name: "web", Op: "set", Field: "Answers", Value: "perhaps"},
	} {
		if err := b.cloud.Mutate(m); err == nil {
			t.Errorf("%s passed", name)
		}
	}
}

func TestNoKeyIsInADump(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.makeLink()
		text, err := json.Marshal(b.cloud.Dump())
		if err != nil {
			t.Fatal(err)
		}
		for _, tunnel := range b.side().Connections[0].Tunnels {
			if strings.Contains(string(text), tunnel.Key) {
				t.Error("the dump holds a key")
			}
			if !strings.Contains(string(text), tunnel.Outside.String()) {
				t.Error("the dump lacks a tunnel")
			}
		}
		c := b.cloud.regions[tokyo].connections.all()[0]
		if text := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(text, c.tunnels[0].key.reveal()) {
			t.Error("a connection prints its key")
		}
	})
}

func TestTheSideHoldsOnlyWhatStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		base := b.prepared()
		b.do("CreateVpnConnection", base...)
		if side := b.side(); len(side.TransitGateways) != 1 || len(side.Connections) != 0 {
			t.Errorf("%d transit gateways, %d connections", len(side.TransitGateways), len(side.Connections))
		}
		sleepMinutes(10)
		side := b.side()
		want := fabric.Attachment{ID: side.Connections[0].Attachment, Type: "vpn", Resource: side.Connections[0].ID}
		got := side.TransitGateways[0].Attachments[0]
		if got.ID != want.ID || got.Type != want.Type || got.Resource != want.Resource || got.Table != side.TransitGateways[0].Tables[0].ID || len(got.Propagates) != 1 {
			t.Errorf("attachment %+v", got)
		}
	})
}
