package aws

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

func TestRequestsAreRefusedAsEC2RefusesThem(t *testing.T) {
	rows := []struct {
		name          string
		authorization string
		action        string
		parameters    []string
		injected      ground.Injected
		status        int
		code          string
	}{
		{"without a signature", "", "DescribeVpcs", nil, ground.Injected{}, 403, "MissingAuthenticationToken"},
		{"with a signature that names no region", "AWS4-HMAC-SHA256 nonsense", "DescribeVpcs", nil, ground.Injected{}, 401, "AuthFailure"},
		{"for an action that does not exist", signature, "MakeCoffee", nil, ground.Injected{}, 400, "InvalidAction"},
		{"with a list under another call's name", signature, "CreateTransitGatewayVpcAttachment", []string{"TagSpecification.1.ResourceType=x"}, ground.Injected{}, 400, "UnknownParameter"},
		{"without a required parameter", signature, "DeleteTransitGateway", nil, ground.Injected{}, 400, "MissingParameter"},
		{"as a dry run that would succeed", signature, "CreateTransitGateway", []string{"DryRun=true"}, ground.Injected{}, 412, "DryRunOperation"},
		{"with a malformed id", signature, "DescribeVpnConnections", []string{"VpnConnectionId.1=vpn-xyz"}, ground.Injected{}, 400, "InvalidVpnConnectionID.Malformed"},
		{"with an unknown id", signature, "DescribeCustomerGateways", []string{"CustomerGatewayId.1=cgw-00000000000000000"}, ground.Injected{}, 400, "InvalidCustomerGatewayID.NotFound"},
		{"with an unknown security group", signature, "DescribeSecurityGroups", []string{"GroupId.1=sg-00000000000000000"}, ground.Injected{}, 400, "InvalidGroup.NotFound"},
		{"without permission", signature, "DescribeVpcs", nil, ground.Injected{Deny: true}, 403, "UnauthorizedOperation"},
		{"with an injected status", signature, "DescribeVpcs", nil, ground.Injected{Status: 503, Code: "Unavailable"}, 503, "Unavailable"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t, nil)
			status, body := b.sendWith(row.injected, row.authorization, row.action, row.parameters...)
			if code := b.parse(body).at("Errors/Error/Code"); status != row.status || code != row.code {
				t.Errorf("%d %s, want %d %s", status, code, row.status, row.code)
			}
			if b.parse(body).at("RequestID") == "" {
				t.Error("no request id")
			}
		})
	}
}

func TestAnAnswerHasEC2sRootNamespaceAndTimes(t *testing.T) {
	b := newBench(t, nil)
	_, body := b.send("CreateTransitGateway")
	root := b.parse(body)
	if root.XMLName.Local != "CreateTransitGatewayResponse" || root.XMLName.Space != "http://ec2.amazonaws.com/doc/2016-11-15/" {
		t.Errorf("root %v", root.XMLName)
	}
	if root.at("requestId") == "" {
		t.Error("no request id")
	}
	created := root.at("transitGateway/creationTime")
	if _, err := time.Parse("2006-01-02T15:04:05.000Z", created); err != nil || !strings.HasSuffix(created, ".000Z") {
		t.Errorf("creation time %q", created)
	}
}

func TestTheSignatureSaysWhichRegionIsMeant(t *testing.T) {
	b := newBench(t, nil)
	_, body := b.sendWith(ground.Injected{}, strings.Replace(signature, tokyo, "eu-west-1", 1), "DescribeVpcs")
	if items := b.parse(body).all("vpcSet", "vpcId"); len(items) != 0 {
		t.Errorf("another region lists %v", items)
	}
	if items := b.do("DescribeVpcs").all("vpcSet", "vpcId"); len(items) != 2 {
		t.Errorf("the region lists %v", items)
	}
}

func TestSTSAnswersInItsOwnShape(t *testing.T) {
	b := newBench(t, nil)
	toSTS := strings.Replace(signature, "/ec2/", "/sts/", 1)
	status, body := b.sendWith(ground.Injected{}, toSTS, "GetCallerIdentity")
	if got := b.parse(body).at("GetCallerIdentityResult/Account"); status != http.StatusOK || got != "111122223333" {
		t.Errorf("%d, account %q", status, got)
	}
	status, body = b.sendWith(ground.Injected{Deny: true}, toSTS, "GetCallerIdentity")
	if got := b.parse(body).at("Error/Code"); status != http.StatusForbidden || got != "InvalidClientTokenId" {
		t.Errorf("denied: %d %q", status, got)
	}
}

func TestAnEmptyBucketThrottlesOneActionOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(s *scenario.Scenario) { s.Behaviour.Throttle = true })
		create := func() int {
			status, _ := b.send("CreateCustomerGateway", "Type=ipsec.1", "IpAddress=20.1.2.3")
			return status
		}
		for n := range 50 {
			if status := create(); status != http.StatusOK {
				t.Fatalf("call %d: %d", n, status)
			}
		}
		status, body := b.send("CreateCustomerGateway", "Type=ipsec.1", "IpAddress=20.1.2.3")
		if code := b.parse(body).at("Errors/Error/Code"); status != http.StatusServiceUnavailable || code != "RequestLimitExceeded" {
			t.Errorf("call 51: %d %s", status, code)
		}
		b.do("DescribeCustomerGateways")
		time.Sleep(200 * time.Millisecond) // five tokens a second
		if status := create(); status != http.StatusOK {
			t.Errorf("after a refill: %d", status)
		}
	})
}

func TestAnAccountMayRefuseToListEverythingAtOnce(t *testing.T) {
	b := newBench(t, func(s *scenario.Scenario) { s.Behaviour.RefuseUnqualified = true })
	if code := b.refused("DescribeRouteTables"); code != "OperationNotPermitted" {
		t.Errorf("code %s", code)
	}
	b.do("DescribeRouteTables", "MaxResults=100")
	b.do("DescribeVpnConnections") // has no pages, so it cannot be refused
}

func TestADescribeLagsBehindWhatWasJustMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(s *scenario.Scenario) { s.Behaviour.Lag, s.Behaviour.Instant = 5*time.Second, true })
		id := b.do("CreateTransitGateway", "TagSpecification.1.ResourceType=transit-gateway", "TagSpecification.1.Tag.1.Key=a", "TagSpecification.1.Tag.1.Value=b").
			at("transitGateway/transitGatewayId")
		if code := b.refused("DescribeTransitGateways", "TransitGatewayIds.1="+id); code != "InvalidTransitGatewayID.NotFound" {
			t.Errorf("right after: %s", code)
		}
		time.Sleep(5 * time.Second)
		if got := b.do("DescribeTransitGateways", "Filter.1.Name=tag:a", "Filter.1.Value.1=b").at("transitGatewaySet/item/transitGatewayId"); got != id {
			t.Errorf("after the lag: %q", got)
		}
		b.do("CreateTags", "ResourceId.1="+id, "Tag.1.Key=a", "Tag.1.Value=c")
		value := func() string {
			return b.do("DescribeTransitGateways").at("transitGatewaySet/item/tagSet/item/value")
		}
		if got := value(); got != "b" {
			t.Errorf("right after the change: %q", got)
		}
		time.Sleep(5 * time.Second)
		if got := value(); got != "c" {
			t.Errorf("after the lag: %q", got)
		}
	})
}

func TestFaultsGiveStaleAnswersAndLateFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		l := b.makeLink()
		b.do("CreateTags", "ResourceId.1="+l.gateway, "Tag.1.Key=Name", "Tag.1.Value=other")
		_, body := b.sendWith(ground.Injected{Stale: true}, signature, "DescribeTransitGateways")
		if got := b.parse(body).at("transitGatewaySet/item/tagSet/item/value"); got != "hub" {
			t.Errorf("stale name %q", got)
		}
		_, body = b.sendWith(ground.Injected{Fail: true, FailCode: "X"}, signature, "CreateTransitGatewayVpcAttachment",
			"TransitGatewayId="+l.gateway, "VpcId=vpc-0a000000000000002", "SubnetIds.1=subnet-0b00000000000001a")
		id := b.parse(body).at("transitGatewayVpcAttachment/transitGatewayAttachmentId")
		time.Sleep(3 * time.Minute)
		got := b.do("DescribeTransitGatewayVpcAttachments", "TransitGatewayAttachmentIds.1="+id).at("transitGatewayVpcAttachments/item/state")
		if got != "failed" {
			t.Errorf("the accepted attachment is %s", got)
		}
	})
}

func TestFiltersPickRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		l := b.makeLink()
		rows := []struct {
			name, action, list string
			filters            []string
			count              int
		}{
			{"by id", "DescribeVpcs", "vpcSet", []string{"vpc-id=vpc-0a000000000000001"}, 1},
			{"by any of two ids", "DescribeVpcs", "vpcSet", []string{"vpc-id=vpc-0a000000000000001,vpc-0a000000000000002"}, 2},
			{"by two filters, which both have to hold", "DescribeVpcs", "vpcSet", []string{"vpc-id=vpc-0a000000000000002", "tag:Name=one"}, 0},
			{"by a tag", "DescribeVpcs", "vpcSet", []string{"tag:Name=one"}, 1},
			{"by a tag's key", "DescribeTransitGateways", "transitGatewaySet", []string{"tag-key=Name"}, 1},
			{"by a pattern", "DescribeSubnets", "subnetSet", []string{"availability-zone=*1?"}, 4},
			{"by a prefix of a VPC", "DescribeVpcs", "vpcSet", []string{"cidr-block-association.cidr-block=10.2.0.0/16"}, 1},
			{"by state", "DescribeVpnConnections", "vpnConnectionSet", []string{"state=available"}, 1},
			{"by the transit gateway", "DescribeVpnConnections", "vpnConnectionSet", []string{"transit-gateway-id=" + l.gateway}, 1},
			{"by the resource's type", "DescribeTransitGatewayAttachments", "transitGatewayAttachments", []string{"resource-type=vpn"}, 1},
			{"by the association's table", "DescribeTransitGatewayAttachments", "transitGatewayAttachments", []string{"association.transit-gateway-route-table-id=" + l.table}, 2},
			{"by what the main table is", "DescribeRouteTables", "routeTableSet", []string{"association.main=true"}, 2},
			{"by a subnet's explicit table", "DescribeRouteTables", "routeTableSet", []string{"association.subnet-id=subnet-0a00000000000001c"}, 1},
			{"by an instance's state", "DescribeInstances", "reservationSet", []string{"instance-state-name=running"}, 1},
			{"by group", "DescribeSecurityGroupRules", "securityGroupRuleSet", []string{"group-id=sg-0a000000000000001"}, 2},
		}
		for _, row := range rows {
			var parameters []string
			for i, filter := range row.filters {
				name, values, _ := strings.Cut(filter, "=")
				prefix := fmt.Sprintf("Filter.%d.", i+1)
				parameters = append(parameters, prefix+"Name="+name)
				for j, value := range strings.Split(values, ",") {
					parameters = append(parameters, fmt.Sprintf("%sValue.%d=%s", prefix, j+1, value))
				}
			}
			if found, _ := b.do(row.action, parameters...).find(row.list); len(found.Children) != row.count {
				t.Errorf("%s: %d rows, want %d", row.name, len(found.Children), row.count)
			}
		}
		if code := b.refused("DescribeVpcs", "Filter.1.Name=colour", "Filter.1.Value.1=red"); code != "InvalidParameterValue" {
			t.Errorf("an unknown filter: %s", code)
		}
	})
}

func TestPagesFollowOneAnother(t *testing.T) {
	b := newBench(t, func(s *scenario.Scenario) {
		for i := range 12 {
			id := fmt.Sprintf("subnet-%017x", i)
			s.AWS.Regions[0].VPCs[1].Subnets = append(s.AWS.Regions[0].VPCs[1].Subnets, scenario.Subnet{ID: id, Zone: tokyo + "d", Prefix: everything})
		}
	})
	var all []string
	token, rounds := "", 0
	for {
		parameters := []string{"MaxResults=5"}
		if token != "" {
			parameters = append(parameters, "NextToken="+token)
		}
		answer := b.do("DescribeSubnets", parameters...)
		all = append(all, answer.all("subnetSet", "subnetId")...)
		rounds++
		if token = answer.at("nextToken"); token == "" {
			break
		}
	}
	if rounds != 4 || len(all) != 16 || len(slices.Compact(slices.Sorted(slices.Values(all)))) != 16 {
		t.Errorf("%d pages with %d subnets", rounds, len(all))
	}
	for parameter, code := range map[string]string{
		"MaxResults=4": "InvalidParameterValue", "MaxResults=1001": "InvalidParameterValue", "NextToken=nonsense": "InvalidNextToken",
	} {
		if got := b.refused("DescribeSubnets", parameter); got != code {
			t.Errorf("%s: %s", parameter, got)
		}
	}
	if got := b.refused("DescribeSubnets", "MaxResults=5", "SubnetId.1="+all[0]); got != "InvalidParameterCombination" {
		t.Errorf("pages of named rows: %s", got)
	}
	if got := b.refused("DescribeRouteTables", "MaxResults=101"); got != "InvalidParameterValue" {
		t.Errorf("route tables have pages of at most 100: %s", got)
	}
}
