package aws

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
)

var twoRanges = [2]netip.Prefix{netip.MustParsePrefix("169.254.40.0/30"), netip.MustParsePrefix("169.254.40.4/30")}

func tunnelOption(outside, inside, key string) types.TunnelOption {
	o := types.TunnelOption{}
	for text, into := range map[*string]**string{&outside: &o.OutsideIpAddress, &inside: &o.TunnelInsideCidr, &key: &o.PreSharedKey} {
		if *text != "" {
			*into = awssdk.String(*text)
		}
	}
	return o
}

func connectionWith(options ...types.TunnelOption) types.VpnConnection {
	return types.VpnConnection{Options: &types.VpnConnectionOptions{TunnelOptions: options}}
}

const twoTunnelDocument = `<vpn_connection id="vpn-1">
 <ipsec_tunnel><vpn_gateway><tunnel_outside_address><ip_address>3.0.0.2</ip_address></tunnel_outside_address>
  <tunnel_inside_address><ip_address>169.254.40.5</ip_address><network_cidr>30</network_cidr></tunnel_inside_address></vpn_gateway>
  <ike><pre_shared_key>key.of.two</pre_shared_key></ike></ipsec_tunnel>
 <ipsec_tunnel><vpn_gateway><tunnel_outside_address><ip_address>3.0.0.1</ip_address></tunnel_outside_address>
  <tunnel_inside_address><ip_address>169.254.40.1</ip_address><network_cidr>30</network_cidr></tunnel_inside_address></vpn_gateway>
  <ike><pre_shared_key>key.of.one</pre_shared_key></ike></ipsec_tunnel>
</vpn_connection>`

func TestTunnelsAreToldApartByWhatTheyAreAndNotByTheirPlace(t *testing.T) {
	one, two := tunnelOption("3.0.0.1", "169.254.40.0/30", "key.of.one"), tunnelOption("3.0.0.2", "169.254.40.4/30", "key.of.two")
	telemetry := []types.VgwTelemetry{
		{OutsideIpAddress: awssdk.String("3.0.0.2"), Status: types.TelemetryStatusDown},
		{OutsideIpAddress: awssdk.String("3.0.0.1"), Status: types.TelemetryStatusUp},
	}
	withDocument := func(c types.VpnConnection) types.VpnConnection {
		c.CustomerGatewayConfiguration = awssdk.String(twoTunnelDocument)
		return c
	}
	for name, connection := range map[string]types.VpnConnection{
		"in order":                                 connectionWith(one, two),
		"the other way round":                      connectionWith(two, one),
		"pending, with the document only":          withDocument(connectionWith(types.TunnelOption{}, types.TunnelOption{})),
		"no options at all, with the document":     withDocument(types.VpnConnection{}),
		"options without keys, and the document":   withDocument(connectionWith(tunnelOption("3.0.0.2", "169.254.40.4/30", ""), tunnelOption("3.0.0.1", "169.254.40.0/30", "REDACTED"))),
		"the second has a range that was not ours": connectionWith(tunnelOption("3.0.0.2", "169.254.99.0/30", "key.of.two"), one),
	} {
		t.Run(name, func(t *testing.T) {
			connection.VgwTelemetry = telemetry
			tunnels := pair(connection, twoRanges)
			for n, want := range []struct{ outside, key, status string }{{"3.0.0.1", "key.of.one", "up"}, {"3.0.0.2", "key.of.two", "down"}} {
				got := tunnels[n]
				if got.outside != want.outside || got.key.Reveal() != want.key || got.status() != want.status || !got.known() {
					t.Errorf("tunnel %d is at %s, %s; want %s, %s; key right: %v", n+1, got.outside, got.status(), want.outside, want.status, got.key.Reveal() == want.key)
				}
			}
		})
	}
}

func TestWhatIsNotShownIsNotKnown(t *testing.T) {
	for name, connection := range map[string]types.VpnConnection{
		"nothing yet":             {},
		"two empty tunnels":       connectionWith(types.TunnelOption{}, types.TunnelOption{}),
		"keys kept elsewhere":     connectionWith(tunnelOption("3.0.0.1", "169.254.40.0/30", "REDACTED"), tunnelOption("3.0.0.2", "169.254.40.4/30", "")),
		"a document that is none": {CustomerGatewayConfiguration: awssdk.String("...configuration information...")},
	} {
		t.Run(name, func(t *testing.T) {
			for n, tunnel := range pair(connection, twoRanges) {
				if tunnel.known() || tunnel.status() != "" {
					t.Errorf("tunnel %d is known: at %s", n+1, tunnel.outside)
				}
			}
		})
	}
}

func TestAnOptionThatIsAbsentMeansItsDefault(t *testing.T) {
	values := func(texts ...string) (e []types.Phase1EncryptionAlgorithmsListValue, e2 []types.Phase2EncryptionAlgorithmsListValue) {
		for _, text := range texts {
			e = append(e, types.Phase1EncryptionAlgorithmsListValue{Value: awssdk.String(text)})
			e2 = append(e2, types.Phase2EncryptionAlgorithmsListValue{Value: awssdk.String(text)})
		}
		return e, e2
	}
	var spelt types.TunnelOption
	spelt.Phase1EncryptionAlgorithms, spelt.Phase2EncryptionAlgorithms = values("AES256", "AES128", "AES256-GCM-16", "AES128-GCM-16")
	for _, text := range []string{"SHA2-512", "SHA2-384", "SHA2-256", "SHA1"} {
		spelt.Phase1IntegrityAlgorithms = append(spelt.Phase1IntegrityAlgorithms, types.Phase1IntegrityAlgorithmsListValue{Value: awssdk.String(text)})
		spelt.Phase2IntegrityAlgorithms = append(spelt.Phase2IntegrityAlgorithms, types.Phase2IntegrityAlgorithmsListValue{Value: awssdk.String(text)})
	}
	for group := int32(24); group >= 2; group-- {
		if group == 2 || group >= 14 {
			spelt.Phase1DHGroupNumbers = append(spelt.Phase1DHGroupNumbers, types.Phase1DHGroupNumbersListValue{Value: awssdk.Int32(group)})
		}
		if group == 2 || group == 5 || group >= 14 {
			spelt.Phase2DHGroupNumbers = append(spelt.Phase2DHGroupNumbers, types.Phase2DHGroupNumbersListValue{Value: awssdk.Int32(group)})
		}
	}
	spelt.IkeVersions = []types.IKEVersionsListValue{{Value: awssdk.String("ikev2")}, {Value: awssdk.String("ikev1")}}
	spelt.Phase1LifetimeSeconds, spelt.Phase2LifetimeSeconds = awssdk.Int32(28800), awssdk.Int32(3600)
	spelt.StartupAction, spelt.DpdTimeoutAction = awssdk.String("add"), awssdk.String("clear")
	for _, o := range options {
		if absent, told := o.shown(types.TunnelOption{}), o.shown(spelt); absent != told {
			t.Errorf("%s is %q when absent and %q when spelt out", o.name, absent, told)
		}
	}
}

func TestWhatACallSetsIsWhatTheFileWants(t *testing.T) {
	ike := seedFile(t).Links[0].IKE
	cbc := ike
	cbc.Phase2.Encryption, cbc.Phase2.Integrity, cbc.Phase2.PFSGroup = "aes128", "sha1", 0
	cbc.Phase1 = desired.Phase1{Encryption: "aes128-gcm", Integrity: "sha384", DHGroup: 20, Lifetime: ike.Phase1.Lifetime}
	cbc.Initiator = desired.InitiateAzure
	for name, policy := range map[string]desired.IKE{"the default policy": ike, "another": cbc} {
		t.Run(name, func(t *testing.T) {
			var spec types.VpnTunnelOptionsSpecification
			for _, o := range options {
				o.set(&spec, policy, twoRanges[0])
			}
			shown := answered(spec)
			for _, o := range options {
				if want, got := o.wanted(policy, twoRanges[0]), o.shown(shown); want != got {
					t.Errorf("%s: the file wants %q, and after the call stands %q", o.name, want, got)
				}
			}
		})
	}
}

// answered is a tunnel as EC2 shows it after the options were set.
func answered(spec types.VpnTunnelOptionsSpecification) types.TunnelOption {
	o := types.TunnelOption{
		TunnelInsideCidr: spec.TunnelInsideCidr, StartupAction: spec.StartupAction,
		DpdTimeoutAction: spec.DPDTimeoutAction, DpdTimeoutSeconds: spec.DPDTimeoutSeconds,
		Phase1LifetimeSeconds: spec.Phase1LifetimeSeconds, Phase2LifetimeSeconds: spec.Phase2LifetimeSeconds,
	}
	for _, v := range spec.IKEVersions {
		o.IkeVersions = append(o.IkeVersions, types.IKEVersionsListValue(v))
	}
	for _, v := range spec.Phase1EncryptionAlgorithms {
		o.Phase1EncryptionAlgorithms = append(o.Phase1EncryptionAlgorithms, types.Phase1EncryptionAlgorithmsListValue(v))
	}
	for _, v := range spec.Phase1IntegrityAlgorithms {
		o.Phase1IntegrityAlgorithms = append(o.Phase1IntegrityAlgorithms, types.Phase1IntegrityAlgorithmsListValue(v))
	}
	for _, v := range spec.Phase1DHGroupNumbers {
		o.Phase1DHGroupNumbers = append(o.Phase1DHGroupNumbers, types.Phase1DHGroupNumbersListValue(v))
	}
	for _, v := range spec.Phase2EncryptionAlgorithms {
		o.Phase2EncryptionAlgorithms = append(o.Phase2EncryptionAlgorithms, types.Phase2EncryptionAlgorithmsListValue(v))
	}
	for _, v := range spec.Phase2IntegrityAlgorithms {
		o.Phase2IntegrityAlgorithms = append(o.Phase2IntegrityAlgorithms, types.Phase2IntegrityAlgorithmsListValue(v))
	}
	for _, v := range spec.Phase2DHGroupNumbers {
		o.Phase2DHGroupNumbers = append(o.Phase2DHGroupNumbers, types.Phase2DHGroupNumbersListValue(v))
	}
	return o
}

func TestRecordedDeviceDocumentsShowAddressesAndKeys(t *testing.T) {
	folder := "../../../shared/recordings/aws/cgw-xml"
	if _, err := os.Stat(folder); err != nil {
		t.Skip("there are no recordings beside the clone")
	}
	for name, want := range map[string][2]tunnel{
		"tgw-bgp-vpn-034885b776a3f8a80.xml": {
			{outside: "3.130.56.250", inside: "169.254.195.140/30"},
			{outside: "3.133.183.196", inside: "169.254.70.160/30"},
		},
	} {
		document, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		got := documented(string(document))
		if len(got) != 2 {
			t.Fatalf("%s has %d tunnels", name, len(got))
		}
		for n := range want {
			if got[n].outside != want[n].outside || got[n].inside != want[n].inside || !got[n].known() {
				t.Errorf("%s: tunnel %d is %s in %s, want %s in %s", name, n, got[n].outside, got[n].inside, want[n].outside, want[n].inside)
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		document, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, tunnel := range documented(string(document)) {
			if prefix, err := netip.ParsePrefix(tunnel.inside); err != nil || prefix.Bits() != 30 || !tunnel.known() {
				t.Errorf("%s: a tunnel has no address, range or key", filepath.Base(file))
			}
		}
	}
}

// TestTunnelsKeepTheirNumbersWhenTheFileGivesThemOtherRanges: both have foreign
// ranges then, and nothing but those tells which was the first.
func TestTunnelsKeepTheirNumbersWhenTheFileGivesThemOtherRanges(t *testing.T) {
	first, second := tunnelOption("52.0.0.9", "169.254.9.0/30", "key.of.one"), tunnelOption("3.0.0.1", "169.254.21.4/30", "key.of.two")
	for _, connection := range []types.VpnConnection{connectionWith(first, second), connectionWith(second, first)} {
		if got := pair(connection, twoRanges); got[0].outside != "52.0.0.9" || got[1].outside != "3.0.0.1" {
			t.Errorf("tunnel 1 is at %s, and tunnel 2 at %s", got[0].outside, got[1].outside)
		}
	}
}
