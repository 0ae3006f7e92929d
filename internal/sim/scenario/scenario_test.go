package scenario

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var byValue = cmpopts.EquateComparable(netip.Prefix{}, netip.Addr{})

func TestTheBuiltInScenarioIsTheExample(t *testing.T) {
	example, err := Load(filepath.Join("..", "..", "..", "deploy", "examples", "seed.scenario.yaml"))
	if os.IsNotExist(err) {
		t.Skip("the example is not there")
	}
	if err != nil {
		t.Fatal(err)
	}
	builtIn, err := Seed()
	if err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(example, builtIn, byValue); difference != "" {
		t.Error(difference)
	}
}

func TestWhatTheSeedSays(t *testing.T) {
	s, err := Seed()
	if err != nil {
		t.Fatal(err)
	}
	if vms := s.Azure.Subscriptions[0].ResourceGroups[0].VMs; len(vms) != 2 || vms[1].Address.String() != "10.2.0.4" {
		t.Errorf("VMs %+v", vms)
	}
	if vpcs := s.AWS.Regions[0].VPCs; len(vpcs) != 2 || vpcs[1].Prefixes[0].String() != "172.21.0.0/16" {
		t.Errorf("VPCs %+v", vpcs)
	}
	if s.Behaviour.Handshake != Defaults().Handshake {
		t.Errorf("what the file does not say is not the default: %+v", s.Behaviour)
	}
}

func TestProblemsOfAFileAreAllToldWithTheirPositions(t *testing.T) {
	_, err := Parse("bad.yaml", []byte(`behaviour:
  tunnels_known: soon
  durations: {azure/virtualHubs: 3s}
azure:
  subscriptions:
    - id: s
      resource_groups:
        - name: rg
          vnets:
            - name: v
              prefixes: [10.0.0.0/16]
              subnets:
                - {name: a, prefix: 10.1.0.0/24, network_security_group: none-such}
          vms:
            - {name: m, vnet: v, subnet: b, address: 10.0.0.4}
aws:
  account: "12"
  regions:
    - name: r
      vpcs:
        - id: vpc-1
          instances: [{id: i-1, subnet: subnet-1, address: 10.0.0.1, security_groups: [sg-1]}]
  accounts:
    - account: "12"
      roles: [{external_id: secret}]
      regions: [{name: r, vpcs: [{id: v-1}]}]
`))
	if err == nil {
		t.Fatal("nothing was found")
	}
	for _, want := range []string{
		"bad.yaml:2:18: tunnels are known at-create or when-available",
		"bad.yaml:3:34: unknown operation azure/virtualHubs",
		"bad.yaml:13:37: 10.1.0.0/24 is outside the VNet",
		"bad.yaml:13:74: the resource group has no network security group none-such",
		"bad.yaml:15:15: the resource group has no subnet b in a VNet v",
		"bad.yaml:17:12: an AWS account has 12 digits",
		"the VPC has no subnet subnet-1",
		"the VPC has no security group sg-1",
		"bad.yaml:24:16: there is an account 12 already",
		"bad.yaml:25:15: a role has a name",
		"bad.yaml:26:39: the id of a VPC begins with vpc-",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told in\n%v", want, err)
		}
	}
}

func TestAFileIsReadStrictly(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"an unknown key":         {"behaviour:\n  sed: 1\n", "f.yaml:2:3: unknown key: sed"},
		"a key twice":            {"behaviour: {}\nbehaviour: {}\n", "f.yaml:2:1: mapping key"},
		"a wrong duration":       {"behaviour:\n  lag: 5 parsecs\n", "f.yaml:2:8: "},
		"a wrong prefix":         {"aws:\n  regions: [{vpcs: [{prefixes: [10.0.0.0/33]}]}]\n", "f.yaml:2:"},
		"what is no YAML":        {"aws: [\n", "f.yaml:2:"},
		"more than one document": {"behaviour: {}\n---\naws: {}\n", "multiple"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse("f.yaml", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestHowLongOperationsTake(t *testing.T) {
	b := Defaults()
	b.Durations = map[string]time.Duration{"azure/vpnGateways/create": time.Minute}
	for operation, want := range map[string]time.Duration{
		"azure/virtualHubs/create":           300 * time.Second,
		"azure/vpnGateways/create":           time.Minute, // the scenario's own
		"azure/vpnLinkConnections/getikesas": 10 * time.Second,
		"azure/subnets/create":               5 * time.Second,
		"aws/vpn-connection/create":          390 * time.Second,
		"aws/security-group/modify":          0,
	} {
		if have := b.Takes(operation); have != want {
			t.Errorf("%s takes %v, want %v", operation, have, want)
		}
	}
	b.Instant = true
	if have := b.Takes("azure/vpnGateways/create"); have != 0 {
		t.Errorf("instant takes %v", have)
	}
	for _, row := range Durations() {
		if row.Source == "" {
			t.Errorf("%s has no source", row.Operation)
		}
	}
}

func TestManyLinksHaveNetworksThatDoNotOverlap(t *testing.T) {
	s, all := Many(500)
	if findings := s.check(); len(findings) > 0 {
		t.Fatalf("%+v", findings)
	}
	seen := map[netip.Addr]bool{}
	var prefixes []netip.Prefix
	for _, networks := range all {
		for side := range 2 {
			prefixes = append(prefixes, networks.HubPrefixes[side], networks.VNets[side].Prefixes[0], networks.VPCs[side].Prefixes[0])
			seen[networks.VMs[side].Address], seen[networks.VPCs[side].Instances[0].Address] = true, true
		}
	}
	for i, a := range prefixes {
		for _, b := range prefixes[i+1:] {
			if a.Overlaps(b) {
				t.Fatalf("%s and %s overlap", a, b)
			}
		}
	}
	if len(seen) != 2000 {
		t.Errorf("%d machines, want 2000", len(seen))
	}
}
