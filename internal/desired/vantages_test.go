package desired

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// sendsTo writes each vantage as "kind name dial: targets".
func sendsTo(f *File) []string {
	var lines []string
	for _, v := range f.Vantages() {
		var names []string
		for _, target := range v.Targets {
			names = append(names, target.Name)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s: %s", v.Kind, v.Name, v.Dial, strings.Join(names, " ")))
	}
	return lines
}

const agents = "probes:\n  agents: {listen: \":9718\", certificate: file:/a, key: file:/b, authority: file:/c}\n"

func TestEachVantageProbesTheOtherNetworks(t *testing.T) {
	seed := read(t, examples+"/seed.yaml")
	for name, c := range map[string]struct {
		file string
		want []string
	}{
		"from outside": {seed, []string{"local local : vm-jpe vm-use ec2-a ec2-b"}},
		"from nowhere": {strings.Replace(seed, "probes:\n", "probes:\n  local: none\n", 1), nil},
		"from a machine": {
			strings.Replace(seed, "probes:\n", "probes:\n  local: vm-use\n", 1), []string{"local vm-use : vm-jpe ec2-a ec2-b"},
		},
		"from agents": {
			strings.NewReplacer("probes:\n", agents+"  local: none\n", "vpc: vpc-a\n", "vpc: vpc-a\n      agent: dials-in\n",
				"vnet: vnet-jpe\n", "vnet: vnet-jpe\n      agent: vm.example.com:9718\n").Replace(seed),
			[]string{"agent vm-jpe vm.example.com:9718: vm-use ec2-a ec2-b", "agent ec2-a : vm-jpe vm-use ec2-b"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Parse("f.yaml", []byte(c.file))
			if err != nil {
				t.Fatal(err)
			}
			if got := sendsTo(f); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("it is %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhatAProbesSectionMayNotSay(t *testing.T) {
	seed := read(t, examples+"/seed.yaml")
	agent := func(how string) string {
		return strings.Replace(strings.Replace(seed, "probes:\n", agents, 1), "vpc: vpc-a\n", "vpc: vpc-a\n      agent: "+how+"\n", 1)
	}
	probes := func(line string) string { return strings.Replace(seed, "probes:\n", "probes:\n  "+line+"\n", 1) }
	for name, c := range map[string]struct{ file, want string }{
		"a storm":                   {probes("interval: 100ms\n  most_per_second: 30"), "4 pairs from 1 vantages with an echo every 100ms are 40 a second, and most_per_second is 30\n  hint: lengthen the interval to 200ms, take out agents or targets, or raise most_per_second"},
		"an unknown place":          {probes("local: vm-jp"), "local cannot be \"vm-jp\": it is outside, none, or the name of a target\n  hint: did you mean vm-jpe?"},
		"no echo in a burst":        {probes("burst: 0"), "burst cannot be 0"},
		"a packet too small":        {probes("size: 20"), "size cannot be 20\n  hint: give 68 to 9216"},
		"a search all the time":     {probes("mtu_interval: 1s"), "mtu_interval cannot be 1s"},
		"an agent met nowhere":      {agent("somewhere"), "agent is dials-in, or the address at which it listens, not \"somewhere\""},
		"an agent without a port":   {agent("\"10.1.0.4:\""), "\"10.1.0.4:\" is not an address to meet at"},
		"an agent without a host":   {agent("\":9718\""), "\":9718\" does not say on which machine"},
		"nobody listens":            {strings.Replace(agent("dials-in"), "listen: \":9718\", ", "", 1), "an agent dials in, and linkd listens nowhere"},
		"no key":                    {strings.Replace(agent("dials-in"), "key: file:/b, ", "", 1), "agents has no key\n  hint: linkd agent certificate makes it"},
		"a key in a vault":          {strings.Replace(agent("dials-in"), "file:/b", "azkv:https://v.vault.azure.net/secrets/k", 1), "this version reads no certificates from there"},
		"a key in the file":         {strings.Replace(agent("dials-in"), "file:/b", "MHcCAQEE", 1), "key does not name a source of secrets"},
		"linkd and its agent there": {strings.Replace(agent("dials-in"), "probes:\n", "probes:\n  local: ec2-a\n", 1), "linkd itself stands on ec2-a, so no agent is needed there"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("f.yaml", []byte(c.file))
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Count(err.Error(), "f.yaml:") != 1 {
				t.Errorf("it says\n%v\nand not just\n%s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "MHcCAQEE") {
				t.Error("the problem shows what may be a key")
			}
		})
	}
}

func TestALongTimeoutOfAnOldFileCountsAsTenSeconds(t *testing.T) {
	f, err := Parse("f.yaml", []byte(strings.Replace(read(t, examples+"/seed.yaml"), "probes:\n", "probes:\n  timeout: 1m\n", 1)))
	if err != nil || f.Probes.Wait() != 10*time.Second {
		t.Errorf("it waits %s, %v", f.Probes.Wait(), err)
	}
}
