package aws

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/scenario"
)

func TestStaticRoutesOfATransitGateway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		l := b.makeLink()
		at := func(prefix string, more ...string) []string {
			return append([]string{"TransitGatewayRouteTableId=" + l.table, "DestinationCidrBlock=" + prefix}, more...)
		}
		to := "TransitGatewayAttachmentId=" + l.vpcAttachment
		b.do("CreateTransitGatewayRoute", at("10.8.0.0/16", to)...)
		b.do("CreateTransitGatewayRoute", at("10.8.4.0/24", "Blackhole=true")...)
		time.Sleep(5 * time.Second)

		for name, row := range map[string]struct {
			action     string
			parameters []string
			code       string
		}{
			"a route that is there":               {"CreateTransitGatewayRoute", at("10.8.0.0/16", "Blackhole=true"), "RouteAlreadyExists"},
			"an unknown table":                    {"CreateTransitGatewayRoute", []string{"TransitGatewayRouteTableId=tgw-rtb-00000000000000000", "DestinationCidrBlock=10.7.0.0/16", to}, "InvalidRouteTableID.NotFound"},
			"an unknown attachment":               {"CreateTransitGatewayRoute", at("10.7.0.0/16", "TransitGatewayAttachmentId=tgw-attach-00000000000000000"), "InvalidTransitGatewayAttachmentID.NotFound"},
			"neither an attachment nor blackhole": {"CreateTransitGatewayRoute", at("10.7.0.0/16"), "InvalidParameterCombination"},
			"replacing what is not there":         {"ReplaceTransitGatewayRoute", at("10.7.0.0/16", to), "InvalidRoute.NotFound"},
			"deleting what is not there":          {"DeleteTransitGatewayRoute", at("10.7.0.0/16"), "InvalidRoute.NotFound"},
			"searching without a filter":          {"SearchTransitGatewayRoutes", []string{"TransitGatewayRouteTableId=" + l.table}, "MissingParameter"},
			"associating what is associated":      {"AssociateTransitGatewayRouteTable", []string{"TransitGatewayRouteTableId=" + l.table, to}, "Resource.AlreadyAssociated"},
			"propagating twice":                   {"EnableTransitGatewayRouteTablePropagation", []string{"TransitGatewayRouteTableId=" + l.table, to}, "TransitGatewayRouteTablePropagation.Duplicate"},
			"attaching a VPC twice":               {"CreateTransitGatewayVpcAttachment", []string{"TransitGatewayId=" + l.gateway, "VpcId=vpc-0a000000000000001", "SubnetIds.1=subnet-0a00000000000001a"}, "DuplicateTransitGatewayAttachment"},
			"deleting a gateway in use":           {"DeleteTransitGateway", []string{"TransitGatewayId=" + l.gateway}, "IncorrectState"},
		} {
			if got := b.refused(row.action, row.parameters...); got != row.code {
				t.Errorf("%s: %s, want %s", name, got, row.code)
			}
		}

		moved := b.do("ReplaceTransitGatewayRoute", at("10.8.0.0/16", "Blackhole=true")...).at("route/state")
		if moved != "blackhole" || b.do("ReplaceTransitGatewayRoute", at("10.8.0.0/16", to)...).at("route/state") != "active" {
			t.Error("a route that leads elsewhere from now on is not active at once")
		}
		time.Sleep(5 * time.Second) // until describes show it

		for filter, want := range map[string][]string{
			"type=static":                                  {"10.8.0.0/16", "10.8.4.0/24"},
			"type=propagated":                              {"10.1.0.0/16"},
			"state=blackhole":                              {"10.8.4.0/24"},
			"route-search.exact-match=10.8.0.0/16":         {"10.8.0.0/16"},
			"route-search.subnet-of-match=10.8.0.0/15":     {"10.8.0.0/16", "10.8.4.0/24"},
			"route-search.supernet-of-match=10.8.4.0/25":   {"10.8.0.0/16", "10.8.4.0/24"},
			"route-search.longest-prefix-match=10.8.4.9":   {"10.8.4.0/24"},
			"attachment.resource-id=vpc-0a000000000000001": {"10.1.0.0/16", "10.8.0.0/16"},
		} {
			name, value, _ := strings.Cut(filter, "=")
			answer := b.do("SearchTransitGatewayRoutes", "TransitGatewayRouteTableId="+l.table, "Filter.1.Name="+name, "Filter.1.Value.1="+value)
			if got := answer.all("routeSet", "destinationCidrBlock"); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", filter, got, want)
			}
			if answer.at("additionalRoutesAvailable") != "false" {
				t.Errorf("%s: there are no more routes", filter)
			}
		}
		b.do("DeleteTransitGatewayVpcAttachment", to)
		time.Sleep(2 * time.Minute)
		answer := b.do("SearchTransitGatewayRoutes", "TransitGatewayRouteTableId="+l.table, "Filter.1.Name=state", "Filter.1.Value.1=blackhole")
		if got := answer.all("routeSet", "transitGatewayAttachments/item/transitGatewayAttachmentId"); !slices.Equal(got, []string{l.vpcAttachment, ""}) {
			t.Errorf("blackholes name the attachments %q: damage names one, a wish none", got)
		}
	})
}

func TestMoreRoutesThanAPageAreSaidToBeThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(s *scenario.Scenario) { s.Behaviour.PageSize = 5 })
		l := b.makeLink()
		for i := range 8 {
			b.do("CreateTransitGatewayRoute", "TransitGatewayRouteTableId="+l.table, fmt.Sprintf("DestinationCidrBlock=10.%d.0.0/16", 100+i), "Blackhole=true")
		}
		search := []string{"TransitGatewayRouteTableId=" + l.table, "Filter.1.Name=type", "Filter.1.Value.1=static"}
		first := b.do("SearchTransitGatewayRoutes", search...)
		if first.at("additionalRoutesAvailable") != "true" || len(first.all("routeSet", "state")) != 5 {
			t.Error("the first page has to say that there are more")
		}
		second := b.do("SearchTransitGatewayRoutes", append(search, "NextToken="+first.at("nextToken"))...)
		if second.at("additionalRoutesAvailable") != "false" || len(second.all("routeSet", "state")) != 3 {
			t.Error("the second page has the rest")
		}
	})
}

func TestVPCRoutesNeedTheAttachment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		l := b.makeLink()
		route := func(table, target string) []string {
			return []string{"RouteTableId=" + table, "DestinationCidrBlock=10.9.0.0/16", "TransitGatewayId=" + target}
		}
		other := b.do("DescribeRouteTables", "Filter.1.Name=vpc-id", "Filter.1.Value.1=vpc-0a000000000000002").at("routeTableSet/item/routeTableId")
		if got := b.refused("CreateRoute", route(other, l.gateway)...); got != "InvalidTransitGatewayID.NotFound" {
			t.Errorf("from a VPC that is not attached: %s", got)
		}
		b.do("CreateRoute", route("rtb-0a000000000000001", l.gateway)...)
		b.do("CreateRoute", route("rtb-0a000000000000001", l.gateway)...) // the same again is no error
		for name, row := range map[string]struct {
			action     string
			parameters []string
			code       string
		}{
			"another target for a route that is there": {"CreateRoute", []string{"RouteTableId=rtb-0a000000000000001", "DestinationCidrBlock=10.9.0.0/16", "GatewayId=igw-0a000000000000001"}, "RouteAlreadyExists"},
			"the VPC's own range":                      {"CreateRoute", []string{"RouteTableId=rtb-0a000000000000001", "DestinationCidrBlock=10.1.0.0/16", "GatewayId=igw-0a000000000000001"}, "RouteAlreadyExists"},
			"replacing what is not there":              {"ReplaceRoute", []string{"RouteTableId=rtb-0a000000000000002", "DestinationCidrBlock=10.9.0.0/16", "TransitGatewayId=" + l.gateway}, "InvalidParameterValue"},
			"deleting what is not there":               {"DeleteRoute", []string{"RouteTableId=rtb-0a000000000000002", "DestinationCidrBlock=10.9.0.0/16"}, "InvalidRoute.NotFound"},
			"a table that does not exist":              {"DeleteRoute", []string{"RouteTableId=rtb-00000000000000000", "DestinationCidrBlock=10.9.0.0/16"}, "InvalidRouteTableID.NotFound"},
		} {
			if got := b.refused(row.action, row.parameters...); got != row.code {
				t.Errorf("%s: %s, want %s", name, got, row.code)
			}
		}
		state := func() string {
			return b.do("DescribeRouteTables", "RouteTableId.1=rtb-0a000000000000001").at("routeTableSet/item/routeSet/1/state")
		}
		if got := state(); got != "active" {
			t.Errorf("the route is %s", got)
		}
		b.do("DeleteTransitGatewayVpcAttachment", "TransitGatewayAttachmentId="+l.vpcAttachment)
		time.Sleep(2 * time.Minute)
		if got := state(); got != "blackhole" {
			t.Errorf("without the attachment the route is %s", got)
		}
	})
}

func TestSecurityGroupRulesAreAuthorizedOnceAndRevoked(t *testing.T) {
	b := newBench(t, nil)
	echo := []string{
		"GroupId=sg-0a000000000000001", "IpPermissions.1.IpProtocol=icmp", "IpPermissions.1.FromPort=8", "IpPermissions.1.ToPort=-1",
		"IpPermissions.1.IpRanges.1.CidrIp=192.168.0.0/16",
	}
	if id := b.do("AuthorizeSecurityGroupIngress", echo...).at("securityGroupRuleSet/item/securityGroupRuleId"); id == "" {
		t.Error("the rule has no id")
	}
	if got := b.refused("AuthorizeSecurityGroupIngress", echo...); got != "InvalidPermission.Duplicate" {
		t.Errorf("twice: %s", got)
	}
	b.do("RevokeSecurityGroupIngress", echo...)
	if got := b.refused("RevokeSecurityGroupIngress", echo...); got != "InvalidPermission.NotFound" {
		t.Errorf("revoked twice: %s", got)
	}
}
