package azure_test

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/fabric"
)

// peer gives the link an AWS tunnel to talk to: one for instance 0.
func (c *cloud) peer(key string) {
	algorithms := fabric.Proposal{
		Phase1Encryption: []string{"AES256"}, Phase1Integrity: []string{"SHA2-256"}, Phase1Groups: []string{"2", "14"},
		Phase2Encryption: []string{"AES256"}, Phase2Integrity: []string{"SHA2-256"}, Phase2Groups: []string{"2", "14"},
	}
	c.aws = fabric.AWS{
		TransitGateways: []fabric.TransitGateway{{
			ID: "tgw-1", ASN: 64512, Attachments: []fabric.Attachment{{ID: "att-1", Type: "vpn", Resource: "vpn-1", Table: "rtb-1"}},
			Tables: []fabric.Table{{ID: "rtb-1"}},
		}},
		Connections: []fabric.VPNConnection{{
			ID: "vpn-1", TransitGateway: "tgw-1", Attachment: "att-1", Static: true, CustomerASN: 65515,
			CustomerAddress: c.half.Side().Gateways[0].Instances[0].Public,
			Tunnels: []fabric.AWSTunnel{{
				Outside: netip.MustParseAddr("198.51.100.1"), Inside: netip.MustParsePrefix("169.254.21.0/30"),
				Key: key, Proposal: algorithms, IKEv2: true, InService: true,
			}},
		}},
	}
}

func TestTheStateOfALinkIsTheFabrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, seeded())
		c.makeGateway()
		c.makeSite()
		time.Sleep(20 * time.Minute)
		c.put(hub+"/hubVirtualNetworkConnections/a", object{"properties": object{"remoteVirtualNetwork": ref(provider + "/virtualNetworks/vnet-a")}})
		c.put(conn, connBody("agreed"))
		status := func() any {
			return at(c.get(conn).body, "properties", "vpnLinkConnections", 0, "properties", "connectionStatus")
		}
		if got := status(); got == "Connected" || got == nil {
			t.Errorf("without a peer it reads %v", got)
		}
		c.peer("another")
		c.settle()
		if got := status(); got == "Connected" {
			t.Error("with another key it reads Connected")
		}
		c.peer("agreed")
		c.settle()
		time.Sleep(time.Minute)
		if got := status(); got != "Connected" {
			t.Fatalf("with a peer that agrees it reads %v: %+v", got, c.config.Fabric.Pairs())
		}

		// It is told of a single connection and of a single link only.
		if got := c.get(conn + "/vpnLinkConnections/link0"); at(got.body, "properties", "connectionStatus") != "Connected" {
			t.Errorf("the link reads %s", got.raw)
		}
		for _, url := range []string{gateway, gateway + "/vpnConnections", conn + "/vpnLinkConnections", provider + "/vpnGateways"} {
			if got := c.get(url); strings.Contains(got.raw, "connectionStatus") {
				t.Errorf("GET %s tells it", url)
			}
		}
		c.wantIKE()
		c.wantRoutes()
	})
}

// output does an action to its end: null, then the operation's output, then
// the bare value at its Location.
func (c *cloud) output(url string, body any) any {
	c.t.Helper()
	accepted := c.want(http.StatusAccepted, http.MethodPost, url, body)
	if accepted.raw != "null" {
		c.t.Errorf("POST %s answers %q", url, accepted.raw)
	}
	end := c.finish(accepted)
	var bare any
	if err := json.Unmarshal([]byte(c.want(http.StatusOK, http.MethodGet, accepted.header.Get("Location"), nil).raw), &bare); err != nil {
		c.t.Fatal(err)
	}
	inside, _ := json.Marshal(at(end, "properties", "output")) // both were decoded a moment ago
	outside, _ := json.Marshal(bare)
	if string(inside) != string(outside) {
		c.t.Errorf("the output %s, the value %s", inside, outside)
	}
	return bare
}

// wantIKE wants one association, of instance 0, in a string that holds JSON.
func (c *cloud) wantIKE() {
	c.t.Helper()
	told, _ := c.output(conn+"/vpnLinkConnections/link0/getikesas", nil).(string)
	var sas struct {
		IkeSAs []struct {
			LocalEndpoint, RemoteEndpoint, Encryption, Integrity, DhGroup string
			InitiatorCookie                                               uint64
			QuickModeSAs                                                  []any
		}
	}
	if err := json.Unmarshal([]byte(told), &sas); err != nil {
		c.t.Fatalf("%v in %s", err, told)
	}
	if len(sas.IkeSAs) != 1 {
		c.t.Fatalf("%d associations, want 1: %s", len(sas.IkeSAs), told)
	}
	sa := sas.IkeSAs[0]
	if sa.LocalEndpoint != c.aws.Connections[0].CustomerAddress.String() || sa.RemoteEndpoint != "198.51.100.1" ||
		sa.Encryption != "AES256" || sa.Integrity != "SHA256" || sa.DhGroup != "DHGroup2" || sa.InitiatorCookie>>63 != 1 || sa.QuickModeSAs == nil {
		c.t.Errorf("the association is %+v", sa)
	}
}

// wantRoutes wants the site's prefix on the hub and at the machine, and the
// VNet's on the hub.
func (c *cloud) wantRoutes() {
	c.t.Helper()
	ask := object{"resourceId": hub + "/hubRouteTables/defaultRouteTable", "virtualWanResourceType": "RouteTable"}
	types := map[string]string{}
	items, _ := at(c.output(hub+"/effectiveRoutes", ask), "value").([]any)
	for _, item := range items {
		prefix, _ := at(item, "addressPrefixes", 0).(string)
		types[prefix], _ = at(item, "nextHopType").(string)
	}
	if types["10.1.0.0/16"] != "VPN_S2S_Gateway" || types["10.2.0.0/16"] != "Virtual Network Connection" {
		c.t.Errorf("the hub's routes: %v", types)
	}
	nic := provider + "/networkInterfaces/vm-nic"
	if got, _ := json.Marshal(c.output(nic+"/effectiveRouteTable", nil)); !strings.Contains(string(got), "10.66.0.0/16") {
		c.t.Errorf("the machine's routes: %s", got)
	}
	groups := c.output(nic+"/effectiveNetworkSecurityGroups", nil)
	if at(groups, "value", 0, "networkSecurityGroup", "id") != provider+"/networkSecurityGroups/nsg" {
		c.t.Errorf("the machine's filters: %v", groups)
	}
	if got, _ := json.Marshal(groups); !strings.Contains(string(got), `"expandedSourceAddressPrefix":["10.`) || !strings.Contains(string(got), `"protocol":"All"`) {
		c.t.Errorf("the machine's filters: %s", got)
	}
	c.mutate("virtualMachines", "vm", "set", "powerState", "stopped")
	wantCode(c.t, c.do(http.MethodPost, nic+"/effectiveRouteTable", nil), http.StatusBadRequest, "NicMustBeAttachedToRunningVmToGetEffectiveRoutes", "")
}

func TestCustomBGPAddressesComeAfterCreation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, seeded())
		c.makeHub()
		with := func(address string) object {
			return object{"location": "westus", "properties": object{"virtualHub": ref(hub), "bgpSettings": object{"asn": 65515, "bgpPeeringAddresses": []any{
				object{"ipconfigurationId": "Instance0", "customBgpIpAddresses": []any{address}},
			}}}}
		}
		if got := c.do(http.MethodPut, gateway, with("169.254.21.2")); got.status != http.StatusBadRequest {
			t.Fatalf("at creation: %d %s", got.status, got.raw)
		}
		made := c.put(gateway, object{"location": "westus", "properties": object{"virtualHub": ref(hub)}})
		if got := c.do(http.MethodPut, gateway, with("10.0.0.1")); got.status != http.StatusBadRequest {
			t.Errorf("outside the range: %d %s", got.status, got.raw)
		}
		changed := c.put(gateway, with("169.254.21.2"))
		peering := func(body object, i int) any { return at(body, "properties", "bgpSettings", "bgpPeeringAddresses", i) }
		if at(peering(changed, 0), "customBgpIpAddresses", 0) != "169.254.21.2" {
			t.Errorf("instance 0: %v", peering(changed, 0))
		}
		for i := range 2 {
			if at(peering(changed, i), "tunnelIpAddresses", 0) != at(peering(made, i), "tunnelIpAddresses", 0) {
				t.Errorf("instance %d changed its public address", i)
			}
		}
		instance := c.half.Side().Gateways[0].Instances[0]
		if len(instance.Default) != 1 || len(instance.Custom) != 1 || instance.Custom[0].String() != "169.254.21.2" {
			t.Errorf("the fabric is told %+v", instance)
		}
	})
}
