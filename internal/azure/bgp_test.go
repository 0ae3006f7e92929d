package azure

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

const speakingGateway = `{"properties":{"provisioningState":"Succeeded","bgpSettings":{"asn":65515,"bgpPeeringAddresses":[
	{"ipconfigurationId":"Instance1","defaultBgpIpAddresses":["10.0.1.12"],"customBgpIpAddresses":["169.254.22.2"],"tunnelIpAddresses":["13.88.114.72"]},
	{"ipconfigurationId":"Instance0","defaultBgpIpAddresses":["10.0.1.13"],"customBgpIpAddresses":["169.254.21.2"],"tunnelIpAddresses":["13.88.115.220"]}]}}}`

func TestAnAddressIsAddedWithoutTouchingWhatAnotherLinkOrNobodyHas(t *testing.T) {
	gateway := parsed[armnetwork.VPNGateway](t, speakingGateway)
	live := liveGateway(gateway)
	if got := live.Attrs[rowGatewayBGP]; !got.Equal(resource.Of("instance_0=169.254.21.2", "instance_1=169.254.22.2")) {
		t.Fatalf("it has %v", got)
	}
	want := resource.Spec{Attrs: resource.Attrs{rowGatewayBGP: resource.Of("instance_0=169.254.21.2", "instance_0=169.254.21.6")}}
	drifts := resource.Diff("id", &vpnGatewayKind, want, live)
	if len(drifts) != 2 || drifts[0].Class != resource.Differs || drifts[1].Class != resource.Extra {
		t.Fatalf("want one that is missing and one that nobody declared, got %+v", drifts)
	}
	if drifts[0].Effect != resource.NoInterruption || drifts[1].Effect != resource.OneNetwork {
		t.Errorf("adding costs %q, taking away %q", drifts[0].Effect, drifts[1].Effect)
	}
	target := resource.Target(&vpnGatewayKind, want, live, drifts[:1])
	keepForPut(gateway)
	letSpeak(gateway.Properties.BgpSettings, target.Attrs[rowGatewayBGP])
	if got := speakersOf(*gateway.Properties); !got.Equal(resource.Of("instance_0=169.254.21.2", "instance_0=169.254.21.6", "instance_1=169.254.22.2")) {
		t.Errorf("it is sent %v", got)
	}
	letSpeak(gateway.Properties.BgpSettings, resource.Of())
	text, err := json.Marshal(gateway.Properties.BgpSettings)
	if err != nil || strings.Count(string(text), `"customBgpIpAddresses":[]`) != 2 {
		t.Errorf("that no address is left is not said: %s, %v", text, err)
	}
}

func TestWhatIsWrittenOfBGPIsWhatIsRead(t *testing.T) {
	peers, speaks, own := resource.Of("a-0-1=64512 169.254.21.1"), resource.Of("a-0-1"), resource.Of("a-0-1=instance_0 169.254.21.2")
	site, link := &armnetwork.VPNSiteLinkProperties{}, &armnetwork.VPNSiteLinkConnectionProperties{}
	for range 2 {
		setPeer(site, peers, "a-0-1")
		speak(link, resource.Attrs{rowBGP: speaks, rowBGPAddresses: own}, "a-0-1")
	}
	if got := peerText(site.BgpProperties); got != "64512 169.254.21.1" {
		t.Errorf("the peer is %q", got)
	}
	if got := resource.Of(addressRows("a-0-1", *link)...); !got.Equal(own) || !at(link.EnableBgp) {
		t.Errorf("it speaks from %v: %t", got, at(link.EnableBgp))
	}
	speak(link, resource.Attrs{}, "a-0-1") // of what is not named nothing changes
	if !at(link.EnableBgp) || len(link.VPNGatewayCustomBgpAddresses) != 1 {
		t.Error("what was not named was changed")
	}
	setPeer(site, resource.Of(), "a-0-1")
	speak(link, resource.Attrs{rowBGP: resource.Of(), rowBGPAddresses: resource.Of()}, "a-0-1")
	if site.BgpProperties != nil || at(link.EnableBgp) || len(link.VPNGatewayCustomBgpAddresses) != 0 {
		t.Error("what is static speaks BGP")
	}
}

func TestTheInstanceThatATunnelDoesNotAnswerSpeaksNoBGP(t *testing.T) {
	file, err := desired.Load("../../deploy/examples/seed.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for redundancy, instances := range map[desired.Redundancy]string{desired.Single: "0", desired.Tunnels: "00", desired.Full: "0011"} {
		file.Links[0].Routing, file.Links[0].Redundancy = desired.BGP, redundancy
		c := &Cloud{file: file, sessions: file.Sessions()}
		var got strings.Builder
		for _, row := range c.speakers("hub-jpe") {
			got.WriteByte(row[len("instance_")])
		}
		_, own := c.ownAddresses(file.Links[0])
		if got.String() != instances || len(own) != len(instances) || len(c.peers(file.Links[0])) != len(instances) || len(c.speakers("hub-use")) > 0 {
			t.Errorf("%s: instances %s, addresses %v", redundancy, got.String(), own)
		}
	}
}

func TestAnAddressThatAConnectionUsesStays(t *testing.T) {
	file, err := desired.Load("../../deploy/examples/seed.yaml")
	if err != nil {
		t.Fatal(err)
	}
	gateway := parsed[armnetwork.VPNGateway](t, strings.Replace(speakingGateway, `"properties":{`, `"properties":{"connections":[null,{"properties":{"vpnLinkConnections":[null,{"properties":{
		"vpnGatewayCustomBgpAddresses":[null,{"ipConfigurationId":"Instance0","customBgpIpAddress":"169.254.21.2"},{"ipConfigurationId":"Instance0","customBgpIpAddress":"169.254.21.250"}]}}]}}],`, 1))
	g := (&Cloud{file: file, scopes: map[string]*scope{}}).vpnGateway(file.Azure.Hubs[0])
	want, err := g.Want(resource.World{g.id: liveGateway(gateway)})
	if got := want.Attrs[rowGatewayBGP]; err != nil || !got.Equal(resource.Of("instance_0=169.254.21.2")) {
		t.Errorf("wanted are %v, %v: want the one that is used, and neither the other nor one that the gateway has not", got, err)
	}
}

// TestAddressesGoTogetherOnceTheLastConnectionIsMadeAnew: a write of the gateway takes
// minutes for which the connections that stand on it would wait.
func TestAddressesGoTogetherOnceTheLastConnectionIsMadeAnew(t *testing.T) {
	link := desired.Link{Name: "tokyo", Hub: "hub-jpe", Routing: desired.Static, Redundancy: desired.Full}
	cloud := &Cloud{file: &desired.File{Links: []desired.Link{link}}}
	waits := func(hub string, first, second desired.Routing) string {
		world := resource.World{}
		for instance, routing := range []desired.Routing{first, second} {
			world[desired.AWSConnectionID(link.Name, instance)] = resource.Live{Attrs: resource.Attrs{"routing": resource.Of(string(routing))}}
		}
		return vpnGateway{node: node{cloud: cloud}, hub: desired.Hub{Name: hub}}.Waits(world)[rowGatewayBGP+".extra"]
	}
	if why := waits("hub-jpe", desired.BGP, desired.Static); !strings.HasPrefix(why, "aws/vpn-connection/tokyo-0 is made anew first") {
		t.Errorf("in the middle of the move it waits because of %q", why)
	}
	if why := waits("hub-jpe", desired.Static, desired.Static); why != "" {
		t.Errorf("after the move it waits because of %q", why)
	}
	if why := waits("hub-use", desired.BGP, desired.BGP); why != "" {
		t.Errorf("for a link of another hub it waits because of %q", why)
	}
}
