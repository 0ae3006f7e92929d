package aws

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/fabric"
	"linkd/internal/sim/scenario"
)

// dial lets an Azure gateway dial the tunnel with a number, as it should.
func (b *bench) dial(tunnel int, change func(*fabric.LinkConnection)) {
	t := b.side().Connections[0].Tunnels[tunnel]
	link := fabric.LinkConnection{
		ID: "link", Gateway: "gateway", Connection: "connection", Remote: t.Outside, Key: t.Key, Mode: "Default", Proposal: fabric.Proposal{
			Phase1Encryption: []string{"aes256"}, Phase1Integrity: []string{"sha256"}, Phase1Groups: []string{"14"},
			Phase2Encryption: []string{"aes256-gcm"}, Phase2Integrity: []string{"aes256-gcm"}, Phase2Groups: []string{"14"},
		},
	}
	change(&link)
	b.azure = fabric.Azure{
		Hubs: []fabric.Hub{{ID: "hub", WAN: "wan", Region: "japaneast", Prefix: netip.MustParsePrefix("192.168.1.0/24"), Routed: true}},
		VNets: []fabric.VNet{{
			ID: "vnet", Region: "japaneast", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.50.0.0/16")},
			Hub: "hub", Connection: "attachment", Connected: true, Associated: true, Propagates: true,
		}},
		Gateways: []fabric.Gateway{{ID: "gateway", Hub: "hub", ASN: 65515, Instances: []fabric.Instance{{Public: netip.MustParseAddr("20.1.2.3"), Custom: []netip.Addr{netip.MustParseAddr("169.254.21.2")}}, {Public: netip.MustParseAddr("20.1.2.4")}}}},
		Links:    []fabric.LinkConnection{link},
	}
}

func TestTelemetryFollowsBothSidesLate(t *testing.T) {
	bgp := func(l *fabric.LinkConnection) {
		l.BGP, l.PeerASN, l.PeerAddress = true, 64512, netip.MustParseAddr("169.254.21.1")
		l.CustomAddresses = map[int]netip.Addr{0: netip.MustParseAddr("169.254.21.2")}
	}
	rows := []struct {
		name            string
		static          string
		change          func(*fabric.LinkConnection)
		status, message string
	}{
		{"a static tunnel on which both agree", "true", func(*fabric.LinkConnection) {}, "UP", ""},
		{"a static tunnel with another key", "true", func(l *fabric.LinkConnection) { l.Key = "other" }, "DOWN", ""},
		{"a BGP tunnel with a session", "false", bgp, "UP", "1 BGP ROUTES"},
		{"a BGP tunnel to a static Azure connection", "false", func(*fabric.LinkConnection) {}, "DOWN", "IPSEC IS UP"},
		{"a BGP tunnel with another key", "false", func(l *fabric.LinkConnection) { bgp(l); l.Key = "other" }, "DOWN", "IPSEC IS DOWN"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, func(s *scenario.Scenario) { s.Behaviour.Telemetry = 2 * time.Minute })
				b.do("CreateVpnConnection", append(b.prepared(), "Options.StaticRoutesOnly="+row.static,
					"Options.TunnelOptions.1.TunnelInsideCidr=169.254.21.0/30", "Options.TunnelOptions.2.TunnelInsideCidr=169.254.21.4/30")...)
				sleepMinutes(7)
				b.dial(0, row.change)
				b.settle()
				since := time.Now()
				sleepMinutes(1)
				telemetry := func(field string) string {
					return b.do("DescribeVpnConnections").at("vpnConnectionSet/item/vgwTelemetry/0/" + field)
				}
				if got := telemetry("status"); got != "DOWN" {
					t.Errorf("after a minute: %s", got)
				}
				sleepMinutes(2)
				if got := telemetry("status"); got != row.status {
					t.Errorf("later: %s, want %s", got, row.status)
				}
				if got := telemetry("statusMessage"); got != row.message {
					t.Errorf("message %q, want %q", got, row.message)
				}
				want := since.UTC().Truncate(time.Second).Format("2006-01-02T15:04:05.000Z")
				if got := telemetry("lastStatusChange"); row.status == "UP" && got != want {
					t.Errorf("last change %s, want %s", got, want)
				}
				if got := b.do("DescribeVpnConnections").at("vpnConnectionSet/item/vgwTelemetry/1/status"); got != "DOWN" {
					t.Errorf("the tunnel that nobody dials is %s", got)
				}
			})
		})
	}
}

func TestTheActiveTunnelTellsWhatWasNegotiated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		l := b.makeLink()
		outside := b.side().Connections[0].Tunnels[0].Outside.String()
		status := func() node {
			return b.do("GetActiveVpnTunnelStatus", "VpnConnectionId="+l.connection, "VpnTunnelOutsideIpAddress="+outside)
		}
		if got := status().at("activeVpnTunnelStatus/phase1EncryptionAlgorithm"); got != "" {
			t.Errorf("nothing is negotiated while the tunnel is down, not %s", got)
		}
		b.dial(0, func(*fabric.LinkConnection) {})
		b.settle()
		got := status()
		for name, want := range map[string]string{
			"phase1EncryptionAlgorithm": "AES256", "phase1IntegrityAlgorithm": "SHA2-256", "phase1DHGroup": "14",
			"phase2EncryptionAlgorithm": "AES256-GCM-16", "ikeVersion": "ikev2", "provisioningStatus": "available",
		} {
			if value := got.at("activeVpnTunnelStatus/" + name); value != want {
				t.Errorf("%s is %q, want %q", name, value, want)
			}
		}
		if code := b.refused("GetActiveVpnTunnelStatus", "VpnConnectionId="+l.connection, "VpnTunnelOutsideIpAddress=9.9.9.9"); code != "InvalidParameterValue" {
			t.Errorf("an address of no tunnel: %s", code)
		}
		b.do("ReplaceVpnTunnel", "VpnConnectionId="+l.connection, "VpnTunnelOutsideIpAddress="+outside)
		if b.side().Connections[0].Tunnels[0].InService {
			t.Error("a tunnel that is replaced is out of service")
		}
		sleepMinutes(6)
		replaced := b.do("GetVpnTunnelReplacementStatus", "VpnConnectionId="+l.connection, "VpnTunnelOutsideIpAddress="+outside)
		if !b.side().Connections[0].Tunnels[0].InService || replaced.at("maintenanceDetails/lastMaintenanceApplied") == "" {
			t.Error("a replaced tunnel serves again, and says when")
		}
	})
}
