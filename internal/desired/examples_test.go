package desired

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v4"
)

const examples = "../../deploy/examples"

// load loads an example or test file that must be right.
func load(t testing.TB, path ...string) *File {
	t.Helper()
	f, err := Load(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestExamplesAreRight(t *testing.T) {
	for _, name := range []string{"seed.yaml", "minimal.yaml", "redundant-tunnels.yaml", "redundant-full.yaml", "bgp.yaml", "two-regions.yaml", "peered-region.yaml", "subscriptions.yaml", "two-accounts.yaml"} {
		t.Run(name, func(t *testing.T) {
			load(t, examples, name)
		})
	}
}

// existing is what a scenario says of the things that an example refers to.
// It is read by keys: the simulator's own types are not ours to import.
type existing struct {
	Azure struct {
		Subscriptions []struct {
			ID             string `yaml:"id"`
			ResourceGroups []struct {
				Name  string `yaml:"name"`
				VNets []struct {
					Name     string         `yaml:"name"`
					Prefixes []netip.Prefix `yaml:"prefixes"`
				} `yaml:"vnets"`
				VMs []struct {
					Name    string     `yaml:"name"`
					Address netip.Addr `yaml:"address"`
				} `yaml:"vms"`
			} `yaml:"resource_groups"`
		} `yaml:"subscriptions"`
	} `yaml:"azure"`
	AWS struct {
		account  `yaml:",inline"`
		Accounts []account `yaml:"accounts"`
	} `yaml:"aws"`
}

// account is what a scenario says of an account of AWS.
type account struct {
	Account string `yaml:"account"`
	Roles   []struct {
		Name       string `yaml:"name"`
		ExternalID string `yaml:"external_id"`
	} `yaml:"roles"`
	Regions []struct {
		Name string `yaml:"name"`
		VPCs []struct {
			ID       string         `yaml:"id"`
			Prefixes []netip.Prefix `yaml:"prefixes"`
			Subnets  []struct {
				ID   string `yaml:"id"`
				Zone string `yaml:"zone"`
			} `yaml:"subnets"`
			RouteTables []struct {
				ID string `yaml:"id"`
			} `yaml:"route_tables"`
			Instances []struct {
				ID      string     `yaml:"id"`
				Subnet  string     `yaml:"subnet"`
				Address netip.Addr `yaml:"address"`
			} `yaml:"instances"`
		} `yaml:"vpcs"`
	} `yaml:"regions"`
}

// facts lists what a scenario holds, one line a fact.
func (e existing) facts() map[string]bool {
	facts := map[string]bool{"account " + e.AWS.Account: true}
	for _, subscription := range e.Azure.Subscriptions {
		for _, group := range subscription.ResourceGroups {
			base := "/subscriptions/" + subscription.ID + "/resourceGroups/" + group.Name + "/providers/"
			for _, vnet := range group.VNets {
				facts[fmt.Sprint(base, "Microsoft.Network/virtualNetworks/", vnet.Name)] = true
				facts[fmt.Sprint(base, "Microsoft.Network/virtualNetworks/", vnet.Name, vnet.Prefixes)] = true
			}
			for _, vm := range group.VMs {
				facts[fmt.Sprint(base, "Microsoft.Compute/virtualMachines/", vm.Name, vm.Address)] = true
			}
		}
	}
	for _, account := range append([]account{e.AWS.account}, e.AWS.Accounts...) {
		account.tell(facts)
	}
	return facts
}

func (a account) tell(facts map[string]bool) {
	for _, role := range a.Roles {
		facts[fmt.Sprint("arn:aws:iam::", a.Account, ":role/", role.Name, role.ExternalID)] = true
	}
	for _, region := range a.Regions {
		for _, vpc := range region.VPCs {
			facts[a.Account+region.Name+vpc.ID], facts[vpc.ID], facts[fmt.Sprint(vpc.ID, vpc.Prefixes)] = true, true, true
			for _, subnet := range vpc.Subnets {
				facts[vpc.ID+subnet.ID], facts[vpc.ID+subnet.ID+subnet.Zone] = true, true
			}
			for _, table := range vpc.RouteTables {
				facts[vpc.ID+table.ID] = true
			}
			for _, instance := range vpc.Instances {
				facts[fmt.Sprint(instance.ID, instance.Subnet, instance.Address)] = true
			}
		}
	}
}

func TestTheScenarioHoldsWhatTheExamplesReferTo(t *testing.T) {
	facts := map[string]map[string]bool{}
	for _, name := range []string{"seed.scenario.yaml", "two-regions.scenario.yaml", "subscriptions.scenario.yaml", "two-accounts.scenario.yaml"} {
		var scenario existing
		if err := yaml.Load([]byte(read(t, examples+"/"+name)), &scenario); err != nil {
			t.Fatal(err)
		}
		facts[name] = scenario.facts()
	}
	for _, name := range []string{"seed.yaml", "minimal.yaml", "redundant-tunnels.yaml", "redundant-full.yaml", "bgp.yaml", "two-regions.yaml", "peered-region.yaml", "subscriptions.yaml", "two-accounts.yaml"} {
		f := load(t, examples, name)
		holds := facts["seed.scenario.yaml"]
		switch {
		case name == "two-accounts.yaml":
			holds = facts["two-accounts.scenario.yaml"]
		case len(f.AWS.Regions) > 1:
			holds = facts["two-regions.scenario.yaml"]
		case name == "subscriptions.yaml":
			holds = facts["subscriptions.scenario.yaml"]
		}
		wanted := []string{"account " + f.AWS.Account}
		for _, vnet := range f.vnets() {
			wanted = append(wanted, vnet.ID+given(vnet.Prefixes))
		}
		for _, gateway := range f.transitGateways() {
			if gateway.AssumeRole != "" {
				wanted = append(wanted, gateway.AssumeRole+gateway.ExternalID)
			}
			for _, vpc := range gateway.VPCs {
				wanted = append(wanted, f.AccountOf(*gateway)+gateway.Region+vpc.ID, vpc.ID+given(vpc.Prefixes))
				for _, subnet := range vpc.Subnets {
					wanted = append(wanted, vpc.ID+subnet.ID+subnet.Zone)
				}
				for _, table := range vpc.RouteTables {
					wanted = append(wanted, vpc.ID+table)
				}
			}
		}
		for _, target := range f.targets() {
			wanted = append(wanted, fmt.Sprint(target.ID, target.Subnet, target.Address))
		}
		for _, fact := range wanted {
			if !holds[fact] {
				t.Errorf("%s asks for %s, and the scenario has it not", name, fact)
			}
		}
	}
}

// given is a list of prefixes as facts have it, or "" when none are given.
func given(prefixes []netip.Prefix) string {
	if len(prefixes) == 0 {
		return ""
	}
	return fmt.Sprint(prefixes)
}
