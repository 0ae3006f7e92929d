package azure

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

func TestEveryRowSaysWhatBreaksAndHowItIsMended(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range Kinds() {
		if seen[kind.Name] || kind.Breaks == "" {
			t.Errorf("%s is there twice or says not what breaks", kind.Name)
		}
		seen[kind.Name] = true
		if !kind.Given && (kind.Takes.Create.Typical == 0 || kind.Takes.Delete.Typical == 0) {
			t.Errorf("%s says not how long it takes", kind.Name)
		}
		for _, attr := range kind.Attrs {
			if attr.Breaks == "" || attr.Fix == "" {
				t.Errorf("%s.%s says not what breaks or how it is mended", kind.Name, attr.Name)
			}
			if attr.Members && attr.BreaksExtra == "" {
				t.Errorf("%s.%s says not what an undeclared member breaks", kind.Name, attr.Name)
			}
			if kind.Given && attr.Fix != resource.ByHand {
				t.Errorf("%s.%s is mended %s, but linkd only watches it", kind.Name, attr.Name, attr.Fix)
			}
		}
	}
}

func parsed[T any](t *testing.T, text string) *T {
	t.Helper()
	into := new(T)
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
	return into
}

func TestHubIsCreatedBeforeItIsReady(t *testing.T) {
	rows := []struct {
		state   armnetwork.ProvisioningState
		routing armnetwork.RoutingState
		want    resource.Phase
	}{
		{"Updating", "None", resource.Pending},
		{"Succeeded", "None", resource.Created},
		{"Succeeded", "Provisioning", resource.Created},
		{"Updating", "Provisioning", resource.Created},
		{"Updating", "Provisioned", resource.Created}, // seen in recorded traffic of 2024
		{"Succeeded", "Provisioned", resource.Ready},
		{"Succeeded", "Failed", resource.Failed},
		{"Failed", "Provisioned", resource.Failed},
		{"Deleting", "Provisioned", resource.Deleting},
	}
	for _, row := range rows {
		got, why := hubPhase(row.state, row.routing)
		if got != row.want || (got == resource.Pending || got == resource.Created) && why == "" {
			t.Errorf("%s and %s: %s (%q), want %s", row.state, row.routing, got, why, row.want)
		}
	}
}

func TestInstanceIsToldByItsNameAndNotByItsPlace(t *testing.T) {
	live := liveGateway(parsed[armnetwork.VPNGateway](t, `{"id":"/x","tags":{"LINKD-owner":"seed"},"properties":{"provisioningState":"Succeeded",
		"bgpSettings":{"asn":65515,"bgpPeeringAddresses":[
			{"ipconfigurationId":"Instance1","defaultBgpIpAddresses":["10.0.1.12"],"customBgpIpAddresses":[],"tunnelIpAddresses":["13.88.114.72","10.0.1.5"]},
			{"ipconfigurationId":"Instance0","defaultBgpIpAddresses":["10.0.1.13"],"customBgpIpAddresses":[],"tunnelIpAddresses":["13.88.115.220","10.0.1.4"]}]},
		"vpnGatewayScaleUnit":1,"isRoutingPreferenceInternet":false}}`))
	for name, want := range map[string]string{
		desired.FactInstanceAddress(0): "13.88.115.220", desired.FactInstanceAddress(1): "13.88.114.72",
		factBGPAddress(0): "10.0.1.13", "routing_preference": "microsoft", "scale_units": "1", "asn": "65515",
	} {
		if got := live.Attrs[name].One(); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if live.Owner != "seed" || live.Phase != resource.Ready {
		t.Errorf("owner %q, phase %s", live.Owner, live.Phase)
	}
}

func TestGatewayIsSentBackWithoutWhatAzureMade(t *testing.T) {
	gateway := parsed[armnetwork.VPNGateway](t, `{"properties":{"connections":[{"name":"c"}],"bgpSettings":{"asn":65515,"bgpPeeringAddress":"10.0.1.12,10.0.1.13",
		"bgpPeeringAddresses":[{"ipconfigurationId":"Instance0","defaultBgpIpAddresses":["10.0.1.12"],"customBgpIpAddresses":["169.254.21.2"],"tunnelIpAddresses":["13.88.115.220"]}]}}}`)
	keepForPut(gateway)
	peer := gateway.Properties.BgpSettings.BgpPeeringAddresses[0]
	if peer.DefaultBgpIPAddresses != nil || peer.TunnelIPAddresses != nil || gateway.Properties.BgpSettings.BgpPeeringAddress != nil {
		t.Error("Azure's own addresses are sent back")
	}
	if len(peer.CustomBgpIPAddresses) != 1 || len(gateway.Properties.Connections) != 1 {
		t.Error("the caller's own addresses or the connections are lost")
	}
}

func TestHolesInAnAnswerDoNoHarm(t *testing.T) {
	liveWAN(&armnetwork.VirtualWAN{})
	liveHub(&armnetwork.VirtualHub{})
	liveVNet(parsed[armnetwork.VirtualNetwork](t, `{"properties":{"addressSpace":{"addressPrefixes":[null,""]}}}`))
	liveVNetConnection(parsed[armnetwork.HubVirtualNetworkConnection](t, `{"properties":{"routingConfiguration":{"propagatedRouteTables":{"ids":[null],"labels":[null]}}}}`), "")
	liveGateway(parsed[armnetwork.VPNGateway](t, `{"properties":{"ipConfigurations":[null],"bgpSettings":{"bgpPeeringAddresses":[null]}}}`))
	vpnSite{}.live(parsed[armnetwork.VPNSite](t, `{"properties":{"vpnSiteLinks":[null,{}]}}`))
	vpnConnection{}.described(parsed[armnetwork.VPNConnection](t, `{"properties":{"vpnLinkConnections":[null,{},{"properties":{"ipsecPolicies":[null]}}]}}`), "")
}

func TestMissingRoutingIsTheDefault(t *testing.T) {
	hub := "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualHubs/h"
	explicit := routingOf(parsed[armnetwork.RoutingConfiguration](t, `{"associatedRouteTable":{"id":"/SUBSCRIPTIONS/s/resourcegroups/g/providers/Microsoft.Network/virtualHubs/H/hubRouteTables/defaultRouteTable"},
		"propagatedRouteTables":{"labels":["Default"],"ids":[{"id":"`+hub+`/hubRouteTables/defaultRouteTable"}]}}`), hub+"/hubVirtualNetworkConnections/v")
	absent := routingOf(nil, hub)
	if explicit.associated != absent.associated || !explicit.tables.Equal(absent.tables) || !explicit.labels.Equal(absent.labels) {
		t.Errorf("%+v is not %+v", explicit, absent)
	}
	none := routingOf(parsed[armnetwork.RoutingConfiguration](t, `{"propagatedRouteTables":{"labels":[],"ids":[{"id":"`+hub+`/hubRouteTables/noneRouteTable"}]}}`), hub)
	if none.tables.Equal(absent.tables) || none.labels.Equal(absent.labels) {
		t.Errorf("propagating to none passes for the default: %+v", none)
	}
}

func TestConnectionReadsBackAsItWasWritten(t *testing.T) {
	ike := desired.IKE{
		Phase1: desired.Phase1{Encryption: "aes256", Integrity: "sha256", DHGroup: 14},
		Phase2: desired.Phase2{Encryption: "aes256-gcm", PFSGroup: 14, Lifetime: desired.Duration(time.Hour)},
	}
	policy, err := ikePolicyOf(ike)
	if err != nil {
		t.Fatal(err)
	}
	text := ikePolicyText(nil, []*armnetwork.IPSecPolicy{policy})
	if want := "ikev2 aes256/sha256/dhgroup14 gcmaes256/gcmaes256/pfs14 3600s 102400000KB"; text != want {
		t.Errorf("got %s, want %s", text, want)
	}
	other := parsed[armnetwork.IPSecPolicy](t, `{"saLifeTimeSeconds":3600,"saDataSizeKilobytes":102400000,"ipsecEncryption":"GCMAES256","ipsecIntegrity":"GCMAES256",
		"ikeEncryption":"AES256","ikeIntegrity":"SHA256","dhGroup":"DHGroup2048","pfsGroup":"PFS2048"}`)
	if got := ikePolicyText(nil, []*armnetwork.IPSecPolicy{other}); got != text {
		t.Errorf("the other names of the same groups read as %s", got)
	}
	if got := ikePolicyText(nil, nil); got == text {
		t.Error("Azure's defaults pass for a policy")
	}
	ike.Phase2.Encryption = "chacha20"
	if _, err := ikePolicyOf(ike); err == nil {
		t.Error("an algorithm that Azure lacks passes")
	}
}

func TestKeyIsNeverTakenFromAGet(t *testing.T) {
	text, err := os.ReadFile("../../../shared/recordings/azure/transcribed/vpn_connection_connected_2021.json")
	if err != nil {
		t.Skip("the recordings are not here")
	}
	recorded := parsed[struct{ Body armnetwork.VPNConnection }](t, string(text))
	connection := vpnConnection{link: desired.Link{Name: "tokyo", Redundancy: desired.Single}}
	recorded.Body.Properties.VPNLinkConnections[0].Name = to.Ptr("tokyo-0-1")
	live := connection.described(&recorded.Body, "seed")
	if len(live.Secrets) != 0 {
		t.Error("the key of an old answer was taken")
	}
	if live.Phase != resource.Ready || live.Attrs["mode"].One() != "both" || live.Attrs["dpd_timeout"].One() != "45s" {
		t.Errorf("%+v", live)
	}
}

func TestAssociationsAreReadLeniently(t *testing.T) {
	const wide = `"{\"IkeSAs\":[{\"LocalEndpoint\":\"13.78.150.124\",\"RemoteEndpoint\":\"13.78.163.78\",\"ResponderCookie\":12867433896520858519}]}"`
	rows := []struct {
		name, body string
		want       int
	}{
		{"a string that holds JSON, with cookies wider than an int64", wide, 1},
		{"the documented example", `{"Status":"Successful","Data":null}`, 0},
		{"an empty string", `""`, 0},
		{"no answer at all", ``, 0},
		{"a plain object with an empty list", `{"IkeSAs":[]}`, 0},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := parseAssociations([]byte(row.body))
			if err != nil || len(got) != row.want {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestAssociationsTellWhichInstanceHoldsTheTunnel(t *testing.T) {
	up := resource.Live{Attrs: resource.Attrs{"status": statusValue(true)}, Why: "Azure says Connected"}
	down := resource.Live{Attrs: resource.Attrs{"status": statusValue(false)}, Why: "Azure says NotConnected"}
	ours, other := []association{{LocalEndpoint: "203.0.113.10"}}, []association{{LocalEndpoint: "203.0.113.11"}}
	rows := map[string]struct {
		live         resource.Live
		associations []association
		want         string
	}{
		"up by the expected instance":            {up, ours, "up"},
		"up by the other instance only":          {up, other, "down"},
		"up, with no association shown":          {up, nil, "up"},
		"down, though phase 1 stands":            {down, ours, "down"},
		"down without an association":            {down, nil, "down"},
		"down, while the other instance has one": {down, other, "down"},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			got := judge(row.live, row.associations, "203.0.113.10")
			if got.Attrs["status"].One() != row.want {
				t.Errorf("got %v: %s", got.Attrs["status"], got.Why)
			}
		})
	}
}

func TestRoutesAreClassedByTheirNextHop(t *testing.T) {
	c := &Cloud{file: &desired.File{}}
	list := parsed[effectiveRoutes](t, `{"value":[
		{"addressPrefixes":["10.2.0.0/24","10.42.0.0/25"],"nextHops":[""],"nextHopType":"VPN_S2S_Gateway","routeOrigin":"","asPath":""},
		{"addressPrefixes":["10.1.0.0/16"],"nextHopType":"Virtual Network Connection"},
		{"addressPrefixes":["10.3.0.0/16"],"nextHopType":"Remote Hub","asPath":"65520-65520"},
		{"addressPrefixes":["0.0.0.0/0"],"nextHopType":"Azure Firewall"}]}`)
	want := resource.Of("10.2.0.0/24 vpn", "10.42.0.0/25 vpn", "10.1.0.0/16 vnet", "10.3.0.0/16 hub", "0.0.0.0/0 firewall")
	if got := c.routeValue(list.Value); !got.Equal(want) {
		t.Errorf("got %v", got)
	}
}

func TestRangesThatOverlapLiveStopTheConnection(t *testing.T) {
	onStage(t, nil, func(s *stage) {
		site := s.resource("azure/vpn-site/tokyo")
		if _, err := site.Want(s.see(site)); err != nil {
			s.Fatal(err)
		}
		s.world["aws/vpc/vpc-b"] = resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{desired.FactPrefixes: resource.Of("172.21.0.0/16", "10.2.128.0/17")}}
		_, err := site.Want(s.see(site))
		if want := "cannot route 10.2.128.0/17 of VPC vpc-b: it overlaps 10.2.0.0/16 of VNet vnet-use"; err == nil || err.Error() != want {
			s.Errorf("got %v, want %s", err, want)
		}
	})
}
