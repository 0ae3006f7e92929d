package desired

import (
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v4"
)

// sameFile compares files by what they say, not by where.
var sameFile = cmp.Options{
	cmpopts.IgnoreUnexported(File{}), cmpopts.EquateComparable(netip.Prefix{}, netip.Addr{}), cmpopts.EquateEmpty(),
}

func TestDefaultsAreFilledIn(t *testing.T) {
	f := load(t, examples, "minimal.yaml")
	want := &File{
		Version: 1, Owner: "minimal",
		Schedule: Schedule{TimeZone: "UTC", Audit: "*/15 * * * *", Tunnels: "@every 1m", Survey: "*/15 * * * *", Jitter: Duration(10 * time.Second), Budget: Duration(10 * time.Minute)},
		Policy:   Policy{Default: Repair},
		Azure: Azure{
			Subscription: "11111111-2222-3333-4444-555555555555", ResourceGroup: "rg-network",
			VirtualWAN: VirtualWAN{Name: "wan-minimal", Location: "japaneast"},
			Hubs: []Hub{{
				Name: "hub-jpe", Location: "japaneast", AddressPrefix: netip.MustParsePrefix("192.168.0.0/24"),
				VNets: []VNet{{
					Name: "vnet-jpe",
					ID:   "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-jpe",
				}},
				VPNGateway: &VPNGateway{Name: "hub-jpe-vpn", ScaleUnits: 1, RoutingPreference: MicrosoftNetwork, ASN: 65515},
			}},
		},
		AWS: AWS{Account: "123456789012", EndpointMaintenance: MaintainedByAWS, Regions: []Region{{Name: "ap-northeast-1", TransitGateways: []TransitGateway{{
			Name: "tgw-minimal", ASN: 64512, ECMP: new(true), Region: "ap-northeast-1",
			VPCs: []VPC{{
				Name: "vpc-a", ID: "vpc-0a10000000000000a", Subnets: []Subnet{{ID: "subnet-0a1000000000000a1"}}, RouteTables: []string{"rtb-0a10000000000000a"},
			}},
		}}}}},
		Links: []Link{{
			Name: "tokyo", Hub: "hub-jpe", TransitGateway: "tgw-minimal", Routing: Static, Redundancy: Tunnels,
			IKE: IKE{
				Version:   2,
				Phase1:    Phase1{Encryption: "aes256", Integrity: "sha256", DHGroup: 14, Lifetime: Duration(8 * time.Hour)},
				Phase2:    Phase2{Encryption: "aes256-gcm", PFSGroup: 14, Lifetime: Duration(time.Hour)},
				Initiator: InitiateBoth, DPDTimeout: Duration(45 * time.Second),
			},
			Keys: Keys{From: "aws"}, Site: Site{DeviceVendor: "AWS", Provider: "AWS", SpeedMbps: 500},
		}},
		Probes: Probes{
			Interval: Duration(time.Second), Timeout: Duration(time.Second), Burst: 10, Size: 84,
			MTUInterval: Duration(time.Hour), MostPerSecond: 1000, Local: "outside",
		},
	}
	if diff := cmp.Diff(want, f, sameFile); diff != "" {
		t.Errorf("minimal.yaml (-want +got):\n%s", diff)
	}
}

func TestDefaultsThatDependOnOthers(t *testing.T) {
	f := load(t, "testdata", "everything.yaml")
	virginia := f.LinkNamed("virginia")
	if virginia.IKE.Initiator != InitiateAzure {
		t.Error("with IKE version 1 AWS cannot start a tunnel, but the initiator is", virginia.IKE.Initiator)
	}
	tokyo := f.LinkNamed("tokyo")
	if tokyo.IKE.Phase2.PFSGroup != 0 {
		t.Error("pfs_group: 0 was taken for a missing key")
	}
	if *f.TransitGatewayNamed("tgw-tokyo").ECMP {
		t.Error("ecmp: false was taken for a missing key")
	}
	if got := f.AWS.Account; got != "012345678901" {
		t.Error("the account lost its first digit:", got)
	}
	if got := f.Policy.Rules[0].Until; !got.Equal(time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)) {
		t.Error("until: 2026-12-31 is", got)
	}
}

// What is written out and read again is the same, so no key is forgotten by
// the reader.
func TestAFileReadsBackAsItWasWritten(t *testing.T) {
	for _, path := range []string{"testdata/everything.yaml", examples + "/seed.yaml", examples + "/minimal.yaml"} {
		f := load(t, path)
		text, err := yaml.Dump(f)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse("again.yaml", withoutNulls(t, text))
		if err != nil {
			t.Fatalf("%s: %v\n%s", path, err, text)
		}
		if diff := cmp.Diff(f, again, sameFile); diff != "" {
			t.Errorf("%s (-first +again):\n%s", path, diff)
		}
	}
}

// withoutNulls drops what a dump writes for values that are absent.
func withoutNulls(t *testing.T, text []byte) []byte {
	t.Helper()
	var kept []string
	for line := range strings.Lines(string(text)) {
		absent := strings.HasSuffix(line, ": null\n") || strings.HasSuffix(line, ": 0001-01-01T00:00:00Z\n")
		if first := strings.TrimSpace(line); absent && !strings.HasPrefix(first, "- ") {
			continue
		}
		kept = append(kept, line)
	}
	return []byte(strings.Join(kept, ""))
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"an empty file", "", "f.yaml:1:1: the file is empty"},
		{"a file of comments", "# nothing\n", "f.yaml:1:1: the file is empty"},
		{"an empty document", "---\n", "f.yaml:1:1: the file is empty"},
		{"what is not YAML", "a: [1\nb: 2", "f.yaml:2:2: this is not YAML"},
		{"a tab as indentation", "azure:\n\tname: x\n", "f.yaml:2:"},
		{"a tab, by its hint", "azure:\n\tname: x\n", "hint: YAML takes no tabs here: indent with spaces"},
		{"a file of another encoding", "owner: \xe9\n", "hint: save the file as plain text in UTF-8"},
		{"control characters", "a: \x00", "f.yaml: this is not YAML"},
		{"a second document", "version: 1\n---\nversion: 1\n", "f.yaml:2:1: a second document begins here"},
		{"a list", "- 1\n", "f.yaml:1:1: the file must be a mapping of keys to values, not a list"},
		{"a word", "hello", "the file must be a mapping of keys to values, not text"},
		{"an unknown key of a mapping", "version: 1\nazur: {}\n", "f.yaml:2:1: unknown key \"azur\" in the file\n  hint: did you mean azure?"},
		{"a key that stands twice", "version: 1\nversion: 1\n", "f.yaml:2:1: the key \"version\" stands here and in line 1"},
		{"a merge key", "schedule: &a {jitter: 1s}\nprobes: {<<: *a}\n", "f.yaml:2:10: merge keys are not read"},
		{"an alias to itself", "links: &a [*a]\n", "this item of links must be a mapping of keys to values, not a list"},
		{"an unknown anchor", "links: *b\n", "this is not YAML: unknown anchor 'b' referenced"},
		{"a tag of its own", "owner: !secret x\n", "the tag !secret means nothing here"},
		{"a number in hexadecimal", "version: 0x1\n", "version must be a whole number, not \"0x1\""},
		{"a number too large", "version: 99999999999999999999\n", "version must be a whole number"},
		{"a mapping where text belongs", "owner: {a: b}\n", "owner must be a single value, not a mapping"},
		{"a file without a version", "owner: x\n", "f.yaml:1:1: the file does not say its version"},
		{"a key without a value", "version: 1\nlinks:\n", "f.yaml:2:7: links has no value"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, err := Parse("f.yaml", []byte(test.file))
			if f != nil || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is\n%v\nand lacks\n%s", err, test.want)
			}
		})
	}
}

func TestAliasesAreFollowedButNotWithoutEnd(t *testing.T) {
	shared := strings.Replace(read(t, examples+"/redundant-tunnels.yaml"), "subscription: 1111", "subscription: &id 1111", 1)
	if _, err := Parse("f.yaml", []byte(shared+"\n")); err != nil {
		t.Error("an anchor is refused:", err)
	}
	row := func(item string) string { return "[" + strings.Repeat(item+",", 100) + "]" }
	bomb := "links:\n - &l {inside: " + row("1.2.3.0/24") + "}\n"
	bomb += "azure: {hubs: [&h {vnets: [&v {prefixes: " + row("10.0.0.0/8") + "}, " + strings.Repeat("*v,", 100) + "]}, " + strings.Repeat("*h,", 100) + "]}\n"
	_, err := Parse("f.yaml", []byte(bomb))
	if err == nil || !strings.Contains(err.Error(), "once its aliases are followed") {
		t.Error("a file that grows without end is read")
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func FuzzParse(f *testing.F) {
	for _, path := range []string{"testdata/everything.yaml", "testdata/broken.yaml", examples + "/seed.yaml", examples + "/minimal.yaml"} {
		f.Add(read(f, path))
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse("fuzz.yaml", []byte(text))
		if (file == nil) == (err == nil) {
			t.Fatal("neither a file nor an error, or both")
		}
	})
}
