package aws

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/scenario"
)

// prepared makes what a VPN connection needs, and returns the parameters that
// name it.
func (b *bench) prepared() []string {
	gateway := b.do("CreateTransitGateway").at("transitGateway/transitGatewayId")
	customer := b.do("CreateCustomerGateway", "Type=ipsec.1", "IpAddress=20.1.2.3", "BgpAsn=65515").at("customerGateway/customerGatewayId")
	time.Sleep(80 * time.Second)
	return []string{"Type=ipsec.1", "CustomerGatewayId=" + customer, "TransitGatewayId=" + gateway}
}

func TestTunnelOptionsAreChecked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		base := b.prepared()
		rows := []struct {
			name, option, code string
		}{
			{"a key that begins with a nought", "PreSharedKey=01234567", "InvalidParameterValue"},
			{"a key with a plus sign", "PreSharedKey=abcdefgh+", "InvalidParameterValue"},
			{"a key that is too short", "PreSharedKey=abcdefg", "InvalidParameterValue"},
			{"a key that is too long", "PreSharedKey=" + strings.Repeat("a", 65), "InvalidParameterValue"},
			{"an inside range that is no /30", "TunnelInsideCidr=169.254.21.0/29", "InvalidParameterValue"},
			{"an inside range that is not aligned", "TunnelInsideCidr=169.254.21.1/30", "InvalidParameterValue"},
			{"an inside range elsewhere", "TunnelInsideCidr=10.0.0.0/30", "InvalidParameterValue"},
			{"a reserved inside range", "TunnelInsideCidr=169.254.169.252/30", "InvalidParameterValue"},
			{"a lifetime of phase 1 that is too long", "Phase1LifetimeSeconds=28801", "InvalidParameterValue"},
			{"a lifetime of phase 2 that is too short", "Phase2LifetimeSeconds=899", "InvalidParameterValue"},
			{"a dead peer timeout below 30 s", "DPDTimeoutSeconds=29", "InvalidParameterValue"},
			{"an unknown cipher", "Phase1EncryptionAlgorithm.1.Value=3DES", "InvalidParameterValue"},
			{"group 5 in phase 1", "Phase1DHGroupNumber.1.Value=5", "InvalidParameterValue"},
			{"an option that no tunnel has", "Colour=red", "UnknownParameter"},
			{"a rekey margin of more than half of phase 2", "RekeyMarginTimeSeconds=1801", "InvalidParameterValue"},
		}
		for _, row := range rows {
			if got := b.refused("CreateVpnConnection", append(base, "Options.TunnelOptions.1."+row.option)...); got != row.code {
				t.Errorf("%s: %s, want %s", row.name, got, row.code)
			}
		}
		if got := b.refused("CreateVpnConnection", append(base, "Options.TunnelOptions.1.StartupAction=start", "Options.TunnelOptions.1.IKEVersion.1.Value=ikev1")...); got != "InvalidParameterCombination" {
			t.Errorf("start with IKEv1: %s", got)
		}
		if got := b.refused("CreateVpnConnection", append(base, "Options.TunnelOptions.1.TunnelInsideCidr=169.254.9.0/30", "Options.TunnelOptions.2.TunnelInsideCidr=169.254.9.0/30")...); got != "InvalidParameterValue" {
			t.Errorf("the same inside range twice: %s", got)
		}
		if n := len(b.do("DescribeVpnConnections").all("vpnConnectionSet", "vpnConnectionId")); n != 0 {
			t.Errorf("refused requests made %d connections", n)
		}
	})
}

func TestARepeatedCreateMakesASecondConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		base := b.prepared()
		first := b.do("CreateVpnConnection", base...).at("vpnConnection/vpnConnectionId")
		second := b.do("CreateVpnConnection", base...).at("vpnConnection/vpnConnectionId")
		if first == second {
			t.Errorf("both are %s", first)
		}
		if got := b.do("CreateCustomerGateway", "Type=ipsec.1", "IpAddress=20.1.2.3", "BgpAsn=65515").at("customerGateway/customerGatewayId"); "CustomerGatewayId="+got != base[1] {
			t.Errorf("the repeated customer gateway is %s, want %s", got, base[1])
		}
		if got := b.do("CreateCustomerGateway", "Type=ipsec.1", "IpAddress=20.1.2.3", "BgpAsn=65515", "DeviceName=x").at("customerGateway/customerGatewayId"); "CustomerGatewayId="+got == base[1] {
			t.Error("another device name has to be another customer gateway")
		}
	})
}

func TestWhenATunnelsAddressAndKeyAreKnown(t *testing.T) {
	for _, row := range []struct {
		known          string
		pending, later bool
	}{{"at-create", true, true}, {"when-available", false, true}} {
		t.Run(row.known, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, func(s *scenario.Scenario) { s.Behaviour.TunnelsKnown = row.known })
				created := b.do("CreateVpnConnection", b.prepared()...)
				check := func(when string, n node, root string, want bool) {
					t.Helper()
					tunnels, _ := n.find(root + "/options/tunnelOptionSet")
					if len(tunnels.Children) != 2 {
						t.Fatalf("%s: %d tunnels", when, len(tunnels.Children))
					}
					outside, key := tunnels.at("0/outsideIpAddress") != "", tunnels.at("1/preSharedKey") != ""
					document := n.at(root+"/customerGatewayConfiguration") != ""
					if outside != want || key != want || document != want {
						t.Errorf("%s: address %v, key %v, document %v, want %v", when, outside, key, document, want)
					}
				}
				check("in the answer", created, "vpnConnection", row.pending)
				check("while pending", b.do("DescribeVpnConnections"), "vpnConnectionSet/item", row.pending)
				time.Sleep(400 * time.Second)
				check("when available", b.do("DescribeVpnConnections"), "vpnConnectionSet/item", row.later)
			})
		})
	}
}

func TestAGeneratedKeyIsOfAWSsAlphabetAndTheSameForTheSameSeed(t *testing.T) {
	keys := map[uint64][]string{}
	for _, seed := range []uint64{1, 1, 2} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, func(s *scenario.Scenario) { s.Behaviour.Seed = seed })
			made := b.do("CreateVpnConnection", b.prepared()...)
			key := made.at("vpnConnection/options/tunnelOptionSet/0/preSharedKey")
			if !keyShape.MatchString(key) || key == made.at("vpnConnection/options/tunnelOptionSet/1/preSharedKey") {
				t.Error("the key is not one that AWS would make, or both tunnels have the same")
			}
			keys[seed] = append(keys[seed], key)
		})
	}
	if keys[1][0] != keys[1][1] || keys[1][0] == keys[2][0] {
		t.Error("keys have to follow from the seed")
	}
}

func TestATunnelOptionIsAbsentUntilItIsTouched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		l := b.makeLink()
		option := func(name string) string {
			return b.do("DescribeVpnConnections").at("vpnConnectionSet/item/options/tunnelOptionSet/0/" + name)
		}
		if option("startupAction") != "" || option("logOptions/cloudWatchLogOptions/logEnabled") != "false" {
			t.Error("a new tunnel shows no option but that it does not log")
		}
		modify := []string{
			"VpnConnectionId=" + l.connection, "VpnTunnelOutsideIpAddress=" + option("outsideIpAddress"), "TunnelOptions.StartupAction=add",
			"TunnelOptions.Phase2DHGroupNumber.1.Value=14", "TunnelOptions.TunnelInsideCidr=169.254.22.0/30",
		}
		if got := b.do("ModifyVpnTunnelOptions", modify...).at("vpnConnection/state"); got != "modifying" {
			t.Errorf("state %s", got)
		}
		if got := b.refused("ModifyVpnTunnelOptions", modify...); got != "IncorrectState" {
			t.Errorf("a second modification at once: %s", got)
		}
		if in := b.side().Connections[0].Tunnels; in[0].InService || !in[1].InService {
			t.Error("the modified tunnel, and only that, has to be out of service")
		}
		time.Sleep(310 * time.Second)
		for name, want := range map[string]string{
			"startupAction": "add", "phase2DHGroupNumberSet/0/value": "14", "tunnelInsideCidr": "169.254.22.0/30", "phase1LifetimeSeconds": "",
		} {
			if got := option(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		if got := b.side().Connections[0].Tunnels[0].Proposal.Phase2Groups; len(got) != 1 || got[0] != "14" {
			t.Errorf("the tunnel proposes groups %v", got)
		}
	})
}

func TestAnotherTransitGatewayMeansAnotherAttachmentAndABlackhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		l := b.makeLink()
		vpn := func() string {
			return b.do("DescribeTransitGatewayAttachments", "Filter.1.Name=resource-type", "Filter.1.Value.1=vpn", "Filter.2.Name=state", "Filter.2.Value.1=available").
				at("transitGatewayAttachments/item/transitGatewayAttachmentId")
		}
		before := vpn()
		b.do("CreateTransitGatewayRoute", "TransitGatewayRouteTableId="+l.table, "DestinationCidrBlock=10.9.0.0/16", "TransitGatewayAttachmentId="+before)
		other := b.do("CreateTransitGateway").at("transitGateway/transitGatewayId")
		time.Sleep(80 * time.Second)
		b.do("ModifyVpnConnection", "VpnConnectionId="+l.connection, "TransitGatewayId="+other)
		time.Sleep(700 * time.Second)
		if after := vpn(); after == before || after == "" {
			t.Errorf("attachment %s, then %s", before, after)
		}
		route := b.do("SearchTransitGatewayRoutes", "TransitGatewayRouteTableId="+l.table, "Filter.1.Name=type", "Filter.1.Value.1=static")
		if route.at("routeSet/item/state") != "blackhole" || route.at("routeSet/item/transitGatewayAttachments/item/transitGatewayAttachmentId") != before {
			t.Errorf("the route to the old attachment is %s", route.at("routeSet/item/state"))
		}
	})
}

// TestTheDocumentHasTheStructureOfPublishedOnes compares the names and the
// nesting of its elements with two documents that others published.
func TestTheDocumentHasTheStructureOfPublishedOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		base := b.prepared()
		for kind, file := range map[string]string{"false": "tgw-bgp-vpn-034885b776a3f8a80.xml", "true": "vgw-static-vpn-05044757278685fd3.xml"} {
			sample, err := os.ReadFile(filepath.Join(recordings, "cgw-xml", file))
			if err != nil {
				t.Skipf("no recordings here: %v", err)
			}
			made := b.do("CreateVpnConnection", append(base, "Options.StaticRoutesOnly="+kind)...)
			document := made.at("vpnConnection/customerGatewayConfiguration")
			var ours, theirs node
			if err := xml.Unmarshal([]byte(document), &ours); err != nil {
				t.Fatal(err)
			}
			if err := xml.Unmarshal(sample, &theirs); err != nil {
				t.Fatal(err)
			}
			if a, b := outline(ours), outline(theirs); a != b {
				t.Errorf("static %s:\n%s\nwant\n%s", kind, a, b)
			}
			if key := ours.at("ipsec_tunnel/ike/pre_shared_key"); key != made.at("vpnConnection/options/tunnelOptionSet/0/preSharedKey") {
				t.Error("the document has another key")
			}
		}
	})
}

// outline is the names of all elements below one.
func outline(n node) string {
	var all strings.Builder
	for _, child := range n.Children {
		fmt.Fprintf(&all, "%s(%s)", child.XMLName.Local, outline(child))
	}
	return all.String()
}
