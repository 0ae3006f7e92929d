package sim

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/ground"
)

// buildLink builds the article's link as its reader would, in the article's
// order and with both clouds' defaults.
func (d *driver) buildLink() {
	d.put(network+"/virtualWans/wan", `{"location":"japaneast"}`)
	wan := `"virtualWan":{"id":"` + network + `/virtualWans/wan"}`
	d.put(network+"/virtualHubs/jpe", `{"location":"japaneast","properties":{"addressPrefix":"192.168.0.0/24",`+wan+`}}`)
	d.put(network+"/virtualHubs/use", `{"location":"eastus","properties":{"addressPrefix":"192.168.1.0/24",`+wan+`}}`)
	for _, hub := range []string{"jpe", "use"} {
		path := network + "/virtualHubs/" + hub
		d.await(path, `"routingState":\s*"Provisioned"`)
		d.await(path, `"provisioningState":\s*"Succeeded"`)
		d.put(path+"/hubVirtualNetworkConnections/vnet",
			`{"properties":{"remoteVirtualNetwork":{"id":"`+network+`/virtualNetworks/vnet-`+hub+`"}}}`)
	}
	gateway := d.put(network+"/vpnGateways/gateway", `{"location":"japaneast","properties":{"virtualHub":{"id":"`+network+`/virtualHubs/jpe"}}}`)

	customer := within(d, d.call("CreateCustomerGateway", "Type=ipsec.1", "BgpAsn=65000", "IpAddress="+within(d, gateway, "publicIpAddress")), "customerGatewayId")
	transit := within(d, d.call("CreateTransitGateway"), "transitGatewayId")
	table := within(d, d.watch("<state>available<", "DescribeTransitGateways", "TransitGatewayIds.1="+transit), "associationDefaultRouteTableId")
	for _, vpc := range []string{"0a10000000000000a/0a1000000000000a1", "0b20000000000000b/0b2000000000000b1"} {
		id, subnet, _ := strings.Cut(vpc, "/")
		d.call("CreateTransitGatewayVpcAttachment", "TransitGatewayId="+transit, "VpcId=vpc-"+id, "SubnetIds.1=subnet-"+subnet)
	}
	connection := within(d, d.call("CreateVpnConnection", "Type=ipsec.1", "CustomerGatewayId="+customer,
		"TransitGatewayId="+transit, "Options.StaticRoutesOnly=true"), "vpnConnectionId")
	made := d.watch("<state>available<", "DescribeVpnConnections", "VpnConnectionId.1="+connection)
	remote, key := within(d, made, "outsideIpAddress"), within(d, made, "preSharedKey")

	d.put(network+"/vpnSites/aws", `{"location":"japaneast","properties":{`+wan+`,"deviceProperties":{"deviceVendor":"AWS"},`+
		`"addressSpace":{"addressPrefixes":["172.20.0.0/16","172.21.0.0/16"]},`+
		`"vpnSiteLinks":[{"name":"tunnel1","properties":{"ipAddress":"`+remote+`","linkProperties":{"linkProviderName":"AWS","linkSpeedInMbps":500}}}]}}`)
	site := network + "/vpnSites/aws"
	d.put(network+"/vpnGateways/gateway/vpnConnections/aws", `{"properties":{"remoteVpnSite":{"id":"`+site+`"},`+
		`"vpnLinkConnections":[{"name":"tunnel1","properties":{"vpnSiteLink":{"id":"`+site+`/vpnSiteLinks/tunnel1"},"sharedKey":"`+key+`"}}]}}`)

	attachment := within(d, d.call("DescribeTransitGatewayAttachments", "Filter.1.Name=resource-id", "Filter.1.Value.1="+connection), "transitGatewayAttachmentId")
	for _, far := range []string{"10.1.0.0/16", "10.2.0.0/16"} {
		d.call("CreateTransitGatewayRoute", "TransitGatewayRouteTableId="+table, "DestinationCidrBlock="+far, "TransitGatewayAttachmentId="+attachment)
	}
	for own, routes := range map[string]string{"172.20.0.0/16": "rtb-0a10000000000000a", "172.21.0.0/16": "rtb-0b20000000000000b"} {
		for _, far := range []string{"10.1.0.0/16", "10.2.0.0/16", "172.20.0.0/16", "172.21.0.0/16"} {
			if far != own {
				d.call("CreateRoute", "RouteTableId="+routes, "DestinationCidrBlock="+far, "TransitGatewayId="+transit)
			}
		}
	}
	// The handshake, the routes and the telemetry take their time.
	d.await(network+"/vpnGateways/gateway/vpnConnections/aws", `"connectionStatus":\s*"Connected"`)
	d.watch("<status>UP<", "DescribeVpnConnections")
}

func (d *driver) mustCross() {
	d.Helper()
	crossings := d.sim.Echoes()
	if len(crossings) != 12 {
		d.Fatalf("%d echoes, want 12 between 4 machines", len(crossings))
	}
	for _, crossing := range crossings {
		if !crossing.Crossed {
			d.Errorf("%s to %s: %s: %s", crossing.From, crossing.To, crossing.DroppedAt, crossing.Why)
		}
	}
}

func TestTheArticlesLinkIsBuiltByHandAndEveryEchoCrosses(t *testing.T) {
	began := time.Now()
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, Options{}, nil)
		before := d.sim.Now()
		d.buildLink()
		d.mustCross()
		if took := d.sim.Now().Sub(before); took < 40*time.Minute {
			t.Errorf("built by hand in %v of the clouds' time: that is too fast to be true", took)
		}

		var up, meant int
		for _, pair := range d.sim.Tunnels() {
			if pair.Up {
				up++
			}
			if pair.Meant {
				meant++
			}
		}
		if up != 1 || meant != 1 {
			t.Errorf("%d pairs up, %d meant, want 1 and 1: %+v", up, meant, d.sim.Tunnels())
		}
		if calls := d.sim.Calls(); calls["CreateVpnConnection"] != 1 || calls["PUT virtualHubs"] != 2 || calls["PUT vpnGateways/vpnConnections"] != 1 {
			t.Errorf("calls %v", calls)
		}
	})
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("virtual time took %v", took)
	}
}

// What is changed in one cloud shows in the other, and what is changed back
// comes back.
func TestDriftInOneCloudShowsInTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, Options{}, nil)
		d.buildLink()
		link := "gateway/aws/tunnel1"
		key := ground.Mutation{Cloud: "azure", Kind: "vpnGateways/vpnConnections/vpnLinkConnections", Name: link, Op: "set", Field: "sharedKey", Value: "another"}
		if err := d.sim.Mutate(key); err != nil {
			t.Fatal(err)
		}
		from, to := netip.MustParseAddr("172.20.0.10"), netip.MustParseAddr("10.2.0.4")
		if echo := d.sim.Echo(from, to); echo.Crossed || !strings.Contains(echo.Why, "keys differ") {
			t.Errorf("with another key: %+v", echo)
		}
		time.Sleep(5 * time.Minute)
		if seen := d.call("DescribeVpnConnections"); strings.Contains(seen, "<status>UP<") {
			t.Error("AWS still shows a tunnel up after five minutes")
		}
		if seen := d.await(network+"/vpnGateways/gateway/vpnConnections/aws", "connectionStatus"); within(t, seen, "connectionStatus") == "Connected" {
			t.Error("Azure still shows the link connected after five minutes")
		}
		if err := d.sim.Mutate(ground.Mutation{Cloud: "gcp"}); err == nil || !strings.Contains(err.Error(), `no cloud "gcp"`) {
			t.Errorf("a third cloud: %v", err)
		}
	})
}
