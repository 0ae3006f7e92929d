package aws

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/google/go-cmp/cmp"

	"linkd/internal/resource"
)

// recorded reads an example answer of the AWS CLI's reference.
func recorded[T any](t *testing.T, name string) T {
	t.Helper()
	folder := "../../../shared/recordings/aws/aws-cli-examples"
	if _, err := os.Stat(folder); err != nil {
		t.Skip("there are no recordings beside the clone")
	}
	text, err := os.ReadFile(filepath.Join(folder, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var answer T
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestRecordedConnectionsAreRead(t *testing.T) {
	r := nodeOf[*vpnConnection](t, cloudOf(t, seedFile(t)), "aws/vpn-connection/tokyo-0")
	for name, want := range map[string]struct {
		phase     resource.Phase
		routing   string
		addresses [2]string
	}{
		"create-vpn-connection.1":     {resource.Pending, "bgp", [2]string{}},
		"create-vpn-connection.4":     {resource.Pending, "bgp", [2]string{"203.0.113.3", "203.0.113.5"}},
		"modify-vpn-connection.1":     {resource.Created, "bgp", [2]string{}},
		"modify-vpn-tunnel-options.1": {resource.Ready, "bgp", [2]string{"203.0.113.17", "203.0.114.19"}},
	} {
		t.Run(name, func(t *testing.T) {
			connection := recorded[ec2.CreateVpnConnectionOutput](t, name).VpnConnection
			live := r.show(*connection, reduceConnection(*connection))
			addresses := [2]string{live.Attrs["tunnel_1_outside_address"].One(), live.Attrs["tunnel_2_outside_address"].One()}
			if live.Phase != want.phase || live.Attrs["routing"].One() != want.routing || addresses != want.addresses {
				t.Errorf("it is %s, %s, at %v; want %+v", live.Phase, live.Attrs["routing"], addresses, want)
			}
			if name == "modify-vpn-tunnel-options.1" {
				if got := live.Attrs["tunnel_1_phase1"].One(); got != "aes128+aes128-gcm+aes256+aes256-gcm/sha1+sha256+sha384+sha512/group 14+15+16+17+18/8h0m0s" {
					t.Errorf("phase 1 of the tunnel that was changed is %s", got)
				}
				if got := live.Attrs["tunnel_2_status"].One(); got != "down" {
					t.Errorf("tunnel 2 is %s", got)
				}
			}
		})
	}
}

func TestRecordedListsAreRead(t *testing.T) {
	file := seedFile(t)
	file.AWS.Regions[0].TransitGateways[0].Name, file.AWS.Regions[0].TransitGateways[0].Adopt = "TGW1", true
	file.Links[0].TransitGateway = "TGW1"
	cloud := cloudOf(t, file)
	s := newSeen(cloud, cloud.regions["ap-northeast-1"])
	s.transitGateways = known(recorded[ec2.DescribeTransitGatewaysOutput](t, "describe-transit-gateways.1").TransitGateways...)
	s.attachments = known(recorded[ec2.DescribeTransitGatewayAttachmentsOutput](t, "describe-transit-gateway-attachments.1").TransitGatewayAttachments...)

	gateway, err := nodeOf[*transitGateway](t, cloud, "aws/transit-gateway/TGW1").live(s, nil)
	if err != nil || gateway.Ref != "tgw-0fb8421e2dEXAMPLE" || gateway.Phase != resource.Ready {
		t.Fatalf("the adopted transit gateway is %+v, %v", gateway, err)
	}
	if diff := cmp.Diff(resource.Attrs{
		"asn": resource.Of("65412"), "ecmp": resource.Of("enable"), "default_association": resource.Of("enable"), "default_propagation": resource.Of("enable"),
		"route_table": resource.Of("tgw-rtb-06a241a3d8EXAMPLE"), "propagates_to": resource.Of("tgw-rtb-06a241a3d8EXAMPLE"), "route_table_tag": resource.Of(),
		"association_table": resource.Of("tgw-rtb-06a241a3d8EXAMPLE"), "propagation_table": resource.Of("tgw-rtb-06a241a3d8EXAMPLE"),
	}, gateway.Attrs); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	live := resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{}}
	if err := s.association(&live, attrAssociation, gateway, joined{ref: "tgw-attach-0b5968d3b6EXAMPLE"}); err != nil || live.Attrs["association"].One() != "tgw-rtb-002573ed1eEXAMPLE" {
		t.Errorf("the association is %v, %v", live.Attrs, err)
	}

	s.routes["tgw-rtb-06a241a3d8EXAMPLE"] = known(recorded[ec2.SearchTransitGatewayRoutesOutput](t, "search-transit-gateway-routes.1").Routes...)
	routes, err := nodeOf[*transitGatewayRoutes](t, cloud, "aws/tgw-routes/TGW1").live(s, resource.World{"aws/transit-gateway/TGW1": gateway})
	if err != nil || !routes.Attrs["routes"].Equal(resource.Of("10.0.2.0/24 tgw-attach-09b52ccdb5EXAMPLE", "10.1.0.0/24 tgw-attach-09b52ccdb5EXAMPLE")) {
		t.Errorf("the routes are %v, %v", routes.Attrs, err)
	}
}

func TestRecordedRouteTablesHaveNothingOfOurs(t *testing.T) {
	for _, table := range recorded[ec2.DescribeRouteTablesOutput](t, "describe-route-tables.1").RouteTables {
		for _, route := range table.Routes {
			if concerns(route, "tgw-1", nil) {
				t.Errorf("a route to %s is judged", leadsTo(route))
			}
		}
	}
}
