package aws

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// recordings are outputs of the AWS CLI that AWS published, one JSON document a
// file. They are not part of the source.
const recordings = "../../../../shared/recordings/aws"

// cliNames are the CLI's names of elements where they are not just the
// element's name with a capital.
var cliNames = map[string]string{
	"transitGatewaySet": "TransitGateways", "customerGatewaySet": "CustomerGateways", "vpnConnectionSet": "VpnConnections",
	"tunnelOptionSet": "TunnelOptions", "routeTableSet": "RouteTables", "routeSet": "Routes", "associationSet": "Associations",
	"propagatingVgwSet": "PropagatingVgws", "tagSet": "Tags", "securityGroupRuleSet": "SecurityGroupRules",
	"transitGatewayPrefixListReferenceSet": "TransitGatewayPrefixListReferences",
	"phase1DHGroupNumberSet":               "Phase1DHGroupNumbers", "phase2DHGroupNumberSet": "Phase2DHGroupNumbers",
}

// The sample of ModifyVpnConnectionOptions is not compared: it shows a list of
// connections where the API's model has one. Two samples show the document of a
// connection that is being modified, which the model rules out.

// elsewhere are keys of the samples that have no place here: they belong to
// virtual private gateways, to IPv6 inside a tunnel, and to prefix lists, of
// which nobody makes any.
var elsewhere = []string{
	"VpnGatewayId", "LocalIpv6NetworkCidr", "RemoteIpv6NetworkCidr", "CidrIpv6", "PrefixListId", "ReferencedGroupInfo",
	"PrefixListOwnerId", "Blackhole", "TransitGatewayAttachment", "NatGatewayId", "Description",
}

// keysOf collects the paths of all keys below a decoded JSON value.
func keysOf(value any, path string, into map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			into[path+"/"+name] = true
			keysOf(member, path+"/"+name, into)
		}
	case []any:
		for _, member := range v {
			keysOf(member, path, into)
		}
	}
}

// namesOf collects the same of an answer, in the CLI's names.
func namesOf(n node, path string, into map[string]bool) {
	for _, child := range n.Children {
		name := child.XMLName.Local
		if name == "item" {
			namesOf(child, path, into)
			continue
		}
		if cli, special := cliNames[name]; special {
			name = cli
		} else {
			name = strings.ToUpper(name[:1]) + name[1:]
		}
		into[path+"/"+name] = true
		namesOf(child, path+"/"+name, into)
	}
}

func TestAnswersHaveTheKeysOfPublishedSamples(t *testing.T) {
	if _, err := os.Stat(recordings); err != nil {
		t.Skipf("no recordings here: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		l := b.makeLink()
		table, attachment := "TransitGatewayRouteTableId="+l.table, "TransitGatewayAttachmentId="+l.vpcAttachment
		connection := "VpnConnectionId=" + l.connection
		outside := "VpnTunnelOutsideIpAddress=" + b.do("DescribeVpnConnections").at("vpnConnectionSet/item/options/tunnelOptionSet/0/outsideIpAddress")
		route := []string{table, "DestinationCidrBlock=10.0.2.0/24", attachment}
		named := []string{"TagSpecification.1.Tag.1.Key=Name", "TagSpecification.1.Tag.1.Value=x"}
		bare := b.do("CreateTransitGateway", append(named, "Description=x", "TagSpecification.1.ResourceType=transit-gateway")...).at("transitGateway/transitGatewayId")
		sleepMinutes(2)
		ownTable := b.do("CreateTransitGatewayRouteTable", "TransitGatewayId="+l.gateway).at("transitGatewayRouteTable/transitGatewayRouteTableId")
		sleepMinutes(1)
		permission := []string{"GroupId=sg-0a000000000000001", "IpProtocol=tcp", "FromPort=22", "ToPort=22", "CidrIp=203.0.113.0/24"}
		connectionBase := []string{
			"Type=ipsec.1", "CustomerGatewayId=" + l.customer, "TransitGatewayId=" + l.gateway,
			"Options.TunnelOptions.1.StartupAction=start", "Options.TunnelOptions.2.StartupAction=start",
		}

		for _, row := range []struct {
			file, action string
			parameters   []string
			lacks        []string
		}{
			{"create-customer-gateway.1", "CreateCustomerGateway", []string{"Type=ipsec.1", "IpAddress=12.1.2.3", "BgpAsn=65534"}, nil},
			{"create-transit-gateway.1", "CreateTransitGateway", []string{"Description=x"}, nil},
			{"create-transit-gateway-route.1", "CreateTransitGatewayRoute", route, nil},
			{"replace-transit-gateway-route.1", "ReplaceTransitGatewayRoute", route, nil},
			{"search-transit-gateway-routes.1", "SearchTransitGatewayRoutes", []string{table, "Filter.1.Name=type", "Filter.1.Value.1=static"}, nil},
			{"delete-transit-gateway-route.1", "DeleteTransitGatewayRoute", route[:2], nil},
			{"create-transit-gateway-route-table.1", "CreateTransitGatewayRouteTable", []string{"TransitGatewayId=" + l.gateway}, nil},
			{"delete-transit-gateway-route-table.1", "DeleteTransitGatewayRouteTable", []string{"TransitGatewayRouteTableId=" + ownTable}, nil},
			{"create-transit-gateway-vpc-attachment.1", "CreateTransitGatewayVpcAttachment", []string{"TransitGatewayId=" + l.gateway, "VpcId=vpc-0a000000000000002", "SubnetIds.1=subnet-0b00000000000001a"}, nil},
			{"create-vpn-connection.1", "CreateVpnConnection", append(slices.Clone(connectionBase), append(named, "TagSpecification.1.ResourceType=vpn-connection")...), nil},
			{"create-vpn-connection.3", "CreateVpnConnection", connectionBase, nil},
			{"create-vpn-connection.4", "CreateVpnConnection", connectionBase, nil},
			{"describe-customer-gateways.1", "DescribeCustomerGateways", nil, nil},
			{"describe-route-tables.1", "DescribeRouteTables", nil, nil},
			{"describe-security-group-rules.1", "DescribeSecurityGroupRules", nil, nil},
			{"authorize-security-group-ingress.1", "AuthorizeSecurityGroupIngress", permission, nil},
			{"describe-transit-gateway-attachments.1", "DescribeTransitGatewayAttachments", nil, []string{"Key", "Value"}},
			{"describe-transit-gateway-route-tables.1", "DescribeTransitGatewayRouteTables", nil, nil},
			{"describe-transit-gateway-vpc-attachments.1", "DescribeTransitGatewayVpcAttachments", nil, []string{"Key", "Value"}},
			{"describe-transit-gateways.1", "DescribeTransitGateways", nil, nil},
			{"describe-vpn-connections.1", "DescribeVpnConnections", nil, nil},
			{"get-transit-gateway-attachment-propagations.1", "GetTransitGatewayAttachmentPropagations", []string{attachment}, nil},
			{"get-transit-gateway-prefix-list-references.1", "GetTransitGatewayPrefixListReferences", []string{table}, []string{"TransitGatewayRouteTableId", "State", "TransitGatewayAttachmentId", "ResourceType", "ResourceId"}},
			{"get-transit-gateway-route-table-associations.1", "GetTransitGatewayRouteTableAssociations", []string{table}, nil},
			{"get-transit-gateway-route-table-propagations.1", "GetTransitGatewayRouteTablePropagations", []string{table}, nil},
			{"disable-transit-gateway-route-table-propagation.1", "DisableTransitGatewayRouteTablePropagation", []string{table, attachment}, nil},
			{"disassociate-transit-gateway-route-table.1", "DisassociateTransitGatewayRouteTable", []string{table, attachment}, nil},
			{"associate-transit-gateway-route-table.1", "AssociateTransitGatewayRouteTable", []string{table, attachment}, nil},
			{"enable-transit-gateway-route-table-propagation.1", "EnableTransitGatewayRouteTablePropagation", []string{table, attachment}, nil},
			{"modify-transit-gateway.1", "ModifyTransitGateway", []string{"TransitGatewayId=" + bare, "Options.VpnEcmpSupport=enable"}, nil},
			{"delete-transit-gateway.1", "DeleteTransitGateway", []string{"TransitGatewayId=" + bare}, nil},
			{"modify-vpn-connection.1", "ModifyVpnConnection", []string{connection, "CustomerGatewayId=" + l.customer}, []string{"CustomerGatewayConfiguration"}},
			{
				"modify-vpn-tunnel-options.1", "ModifyVpnTunnelOptions",
				[]string{connection, outside, "TunnelOptions.Phase1DHGroupNumber.1.Value=14", "TunnelOptions.Phase2DHGroupNumber.1.Value=14"},
				[]string{"CustomerGatewayConfiguration", "Phase1DHGroupNumbers", "Phase2DHGroupNumbers"},
			},
			{"modify-transit-gateway-vpc-attachment.1", "ModifyTransitGatewayVpcAttachment", []string{attachment, "Options.DnsSupport=enable"}, nil},
			{"delete-transit-gateway-vpc-attachment.1", "DeleteTransitGatewayVpcAttachment", []string{attachment}, nil},
		} {
			compare(t, row.file, b.do(row.action, row.parameters...), row.lacks)
			sleepMinutes(11) // until whatever this began is over
		}
	})
}

// compare wants the keys of a sample in an answer, but for those that it lacks.
func compare(t *testing.T, file string, answer node, lacks []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(recordings, "aws-cli-examples", file+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var sample any
	if err := json.Unmarshal(text, &sample); err != nil {
		t.Fatal(err)
	}
	wanted, got := map[string]bool{}, map[string]bool{}
	keysOf(sample, "", wanted)
	namesOf(answer, "", got)
	for _, path := range slices.Sorted(maps.Keys(wanted)) {
		if !got[path] && !lacksPart(elsewhere, path) && !lacksPart(lacks, path) {
			t.Errorf("%s: no %s", file, path)
		}
	}
}

func TestPeeringsHaveTheKeysOfPublishedSamples(t *testing.T) {
	if _, err := os.Stat(recordings); err != nil {
		t.Skipf("no recordings here: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, twoRegions)
		p := b.makePair(tokyo, dublin)
		p.accept()
		b.do("DeleteTransitGatewayPeeringAttachment", p.peeringParameter)
		sleepMinutes(3)
		again := b.do("CreateTransitGatewayPeeringAttachment", p.asks()...)
		compare(t, "create-transit-gateway-peering-attachment.1", again, nil)
		id := "TransitGatewayAttachmentId=" + again.at("transitGatewayPeeringAttachment/transitGatewayAttachmentId")
		sleepMinutes(1)
		waiting := []string{"Filter.1.Name=state", "Filter.1.Value.1=pendingAcceptance"}
		compare(t, "describe-transit-gateway-peering-attachments.1", b.doIn(dublin, "DescribeTransitGatewayPeeringAttachments", waiting...), nil)
		compare(t, "accept-transit-gateway-peering-attachment.1", b.doIn(dublin, "AcceptTransitGatewayPeeringAttachment", id), nil)
		sleepMinutes(5)
		compare(t, "delete-transit-gateway-peering-attachment.1", b.do("DeleteTransitGatewayPeeringAttachment", id), nil)
	})
}

func lacksPart(lacks []string, path string) bool {
	return slices.ContainsFunc(lacks, func(part string) bool { return slices.Contains(strings.Split(path, "/"), part) })
}
