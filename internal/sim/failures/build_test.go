package failures

import (
	"fmt"
	"testing"
	"time"

	"linkd/internal/sim"
	"linkd/internal/sim/fabric"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

const networkProvider = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-network/providers/Microsoft.Network/"

// built is a simulator with a link of so many tunnels between the machines of
// the built-in scenario, made behind the clouds' backs and up. It must be called
// inside a bubble.
// awsRegion is the region of the built-in scenario.
const awsRegion = "ap-northeast-1"

func built(t testing.TB, count int) *sim.Simulator {
	t.Helper()
	given, err := scenario.Seed()
	if err != nil {
		t.Fatal(err)
	}
	s, err := sim.New(given, sim.Options{Scale: 1})
	if err != nil {
		t.Fatal(err)
	}
	b := builder{t, s}
	b.hubs()
	b.transitGateway()
	b.link(count)
	time.Sleep(30 * time.Minute) // until the routers, the tunnels and what is told of them are at rest
	return s
}

type builder struct {
	testing.TB
	sim *sim.Simulator
}

func (b builder) make(cloud, kind, name string, value object) {
	b.Helper()
	if err := b.sim.Mutate(ground.Mutation{Cloud: cloud, Kind: kind, Name: name, Op: "create", Value: value}); err != nil {
		b.Fatal(err)
	}
}

func (b builder) set(cloud, kind, name, op, field string, value any) {
	b.Helper()
	if err := b.sim.Mutate(ground.Mutation{Cloud: cloud, Kind: kind, Name: name, Op: op, Field: field, Value: value}); err != nil {
		b.Fatal(err)
	}
}

func ref(path string) object { return object{"id": networkProvider + path} }

func (b builder) hubs() {
	b.make("azure", "virtualWans", "wan", object{"location": "japaneast", "properties": object{}})
	for i, row := range [][2]string{{"jpe", "japaneast"}, {"use", "eastus"}} {
		name, location := "hub-"+row[0], row[1]
		b.make("azure", hubType, name, object{"location": location, "properties": object{
			"addressPrefix": fmt.Sprintf("192.168.%d.0/24", i), "virtualWan": ref("virtualWans/wan"),
		}})
		b.set("azure", hubType, name, "set", routingState, "Provisioned")
		b.make("azure", joinType, name+"/vnet", object{"properties": object{"remoteVirtualNetwork": ref("virtualNetworks/vnet-" + row[0])}})
	}
	b.make("azure", gatewayType, "gw", object{"location": "japaneast", "properties": object{"virtualHub": ref("virtualHubs/hub-jpe"), "vpnGatewayScaleUnit": 1}})
}

func (b builder) transitGateway() {
	b.make("aws", "transit-gateway", awsRegion, object{})
	id := b.aws().TransitGateways[0].ID
	for vpc, subnet := range map[string]string{"vpc-0a10000000000000a": "subnet-0a1000000000000a1", "vpc-0b20000000000000b": "subnet-0b2000000000000b1"} {
		b.make("aws", "transit-gateway-attachment", awsRegion, object{"TransitGatewayId": id, "VpcId": vpc, "SubnetIds": []any{subnet}})
	}
	for _, table := range []string{"rtb-0a10000000000000a", "rtb-0b20000000000000b"} {
		own := map[string]string{"rtb-0a10000000000000a": "172.20.0.0/16", "rtb-0b20000000000000b": "172.21.0.0/16"}[table]
		for _, far := range []string{"10.1.0.0/16", "10.2.0.0/16", "172.20.0.0/16", "172.21.0.0/16"} {
			if far != own {
				b.set("aws", "route-table", table, "add", "Routes", object{"DestinationCidrBlock": far, "TransitGatewayId": id})
			}
		}
	}
}

// ipsec is the policy that linkd asks of both clouds by itself.
var ipsec = object{
	"ikeEncryption": "AES256", "ikeIntegrity": "SHA256", "dhGroup": "DHGroup14", "ipsecEncryption": "GCMAES256", "ipsecIntegrity": "GCMAES256",
	"pfsGroup": "PFS2048", "saLifeTimeSeconds": 3600, "saDataSizeKilobytes": 102400000,
}

func (b builder) link(count int) {
	azure, _ := b.sim.Sides()
	b.make("aws", "customer-gateway", awsRegion, object{"Type": "ipsec.1", "BgpAsn": 65515, "IpAddress": azure.Gateways[0].Instances[0].Public.String()})
	transit := b.aws().TransitGateways[0]
	b.make("aws", "vpn-connection", awsRegion, object{
		"Type": "ipsec.1", "CustomerGatewayId": b.customerGateway(), "TransitGatewayId": transit.ID, "Options": object{"StaticRoutesOnly": true, "TunnelOptions": []any{
			object{"TunnelInsideCidr": "169.254.21.0/30"}, object{"TunnelInsideCidr": "169.254.21.4/30"},
		}},
	})
	connection := b.aws().Connections[0]
	var siteLinks, links []any
	for i, tunnel := range connection.Tunnels[:count] {
		for option, value := range map[string]string{
			"Phase1EncryptionAlgorithm": "AES256", "Phase1IntegrityAlgorithm": "SHA2-256", "Phase1DHGroupNumber": "14",
			"Phase2EncryptionAlgorithm": "AES256-GCM-16", "Phase2IntegrityAlgorithm": "SHA2-256", "Phase2DHGroupNumber": "14",
		} {
			b.set("aws", "vpn-tunnel", tunnel.Outside.String(), "set", option, []any{value})
		}
		name := fmt.Sprintf("tunnel-%d", i)
		siteLinks = append(siteLinks, object{"name": name, "properties": object{"ipAddress": tunnel.Outside.String()}})
		links = append(links, object{"name": name, "properties": object{
			"vpnSiteLink": ref("vpnSites/aws/vpnSiteLinks/" + name), "sharedKey": tunnel.Key, "ipsecPolicies": []any{ipsec},
		}})
	}
	b.make("azure", siteType, "aws", object{"location": "japaneast", "properties": object{
		"virtualWan": ref("virtualWans/wan"), "addressSpace": object{"addressPrefixes": []any{"172.20.0.0/16", "172.21.0.0/16"}}, "vpnSiteLinks": siteLinks,
	}})
	b.make("azure", connectionType, "gw/aws", object{"properties": object{"remoteVpnSite": ref("vpnSites/aws"), "vpnLinkConnections": links}})
	for _, prefix := range []string{"10.1.0.0/16", "10.2.0.0/16"} {
		b.set("aws", "transit-gateway-route-table", transit.Tables[0].ID, "add", "Routes",
			object{"DestinationCidrBlock": prefix, "TransitGatewayAttachmentId": connection.Attachment})
	}
}

func (b builder) aws() fabric.AWS {
	_, aws := b.sim.Sides()
	return aws
}

// customerGateway finds the id of the only customer gateway.
func (b builder) customerGateway() string {
	dump := encoded(b, b.sim.Dump().AWS)
	regions, _ := dump.(object)
	for _, region := range regions {
		for _, gateway := range region.(object)["CustomerGateways"].([]any) {
			return gateway.(object)["ID"].(string)
		}
	}
	b.Fatal("there is no customer gateway")
	return ""
}
