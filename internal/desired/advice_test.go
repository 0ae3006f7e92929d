package desired

import (
	"strings"
	"testing"
)

// TestWhatALinkCannotCarryIsSaid asks for more and more of each shape.
func TestWhatALinkCannotCarryIsSaid(t *testing.T) {
	seed := read(t, examples+"/two-regions.yaml")
	shape := func(wanted, units, routing, redundancy, ecmp string) string {
		return strings.NewReplacer("    redundancy: full ", "    bandwidth_mbps: "+wanted+"\n    redundancy: "+redundancy+" ",
			"routing: bgp", "routing: "+routing, "scale_units: 1", "scale_units: "+units, "ecmp: true", "ecmp: "+ecmp,
			"inside: [169.254.21.0/30, 169.254.21.4/30, 169.254.21.8/30, 169.254.21.12/30]", "",
			"inside: [169.254.22.0/30, 169.254.22.4/30, 169.254.22.8/30, 169.254.22.12/30]", "").Replace(seed)
	}
	for name, c := range map[string]struct {
		file string
		want []string // of each of both links
	}{
		"nothing is said":              {seed, nil},
		"all is well":                  {shape("5000", "10", "bgp", "full", "true"), nil},
		"more than four tunnels":       {shape("5001", "20", "bgp", "full", "true"), []string{"AWS sends 5000 at most: redundancy: full has 4 tunnels\n  hint: spread networks over several links; one flow"}},
		"more than two":                {shape("2501", "20", "bgp", "tunnels", "true"), []string{"AWS sends 2500 at most: redundancy: tunnels has 2 tunnels\n  hint: set redundancy: full: AWS then sends 5000; one flow"}},
		"static routes":                {shape("1251", "20", "static", "full", "true"), []string{"AWS sends 1250 at most: with static routes it uses one tunnel\n  hint: set routing: bgp: AWS then sends 5000; one flow"}},
		"no ecmp":                      {shape("1251", "20", "bgp", "full", "false"), []string{"AWS sends 1250 at most: without ecmp it uses one tunnel\n  hint: set ecmp: true of tgw-"}},
		"one tunnel is enough":         {shape("1250", "3", "static", "single", "true"), nil},
		"a gateway too small":          {shape("1200", "2", "bgp", "full", "true"), []string{"to carry 1200 Mbps together, and its gateway carries 1000\n  hint: give it scale_units: 3"}},
		"more than any gateway and so": {shape("20000", "20", "bgp", "full", "true"), []string{"AWS sends 5000", "its gateway carries 10000\n  hint: a gateway has 20 scale units at most"}},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Parse("f.yaml", []byte(c.file))
			if err != nil {
				t.Fatal(err)
			}
			said := f.Advice()
			if len(said) != 2*len(c.want) { // two hubs, two links
				t.Errorf("it says %v", said)
			}
			text := Problems(said).Error()
			for _, want := range c.want {
				if strings.Count(text, want) != 2 || !strings.Contains(text, "f.yaml:") {
					t.Errorf("it does not say %q twice, with places:\n%s", want, text)
				}
			}
		})
	}
}

// TestPeersOfOneNumberAreAdvisedAgainst gives the peers of an example one ASN, and
// takes the peering away.
func TestPeersOfOneNumberAreAdvisedAgainst(t *testing.T) {
	example := read(t, examples+"/peered-region.yaml")
	before, rest, _ := strings.Cut(example, "  peerings:\n")
	_, after, _ := strings.Cut(rest, "\nlinks:")
	one := func(file string) string { return strings.Replace(file, "asn: 64513", "asn: 64512", 1) }
	const says = "tgw-tokyo and tgw-virginia have the same ASN, 64512, and AWS recommends unique ones"
	for name, c := range map[string]struct {
		file string
		said bool
	}{"all is well": {example, false}, "one number": {one(example), true}, "one number, and no peering": {one(before + "\nlinks:" + after), false}} {
		f, err := Parse("f.yaml", []byte(c.file))
		if err != nil {
			t.Fatal(err)
		}
		said := false
		for _, advice := range f.Advice() {
			if text := (Problems{advice}).Error(); strings.Contains(text, says) {
				said = advice.Path == "aws.peerings[0].join" && strings.Contains(text, "hint: ")
			}
		}
		if said != c.said {
			t.Errorf("%s: %v", name, Problems(f.Advice()))
		}
	}
}

// TestWhatAFileMeansOtherwiseIsSaid changes one value of an example, which stays right.
func TestWhatAFileMeansOtherwiseIsSaid(t *testing.T) {
	for name, c := range map[string]struct{ example, old, new, says string }{
		"state along two connections":   {"redundant-full", "    redundancy: full ", "    stateful: true\n    redundancy: full ", ": Azure sends over the link tokyo by both instances of the gateway, and AWS by one of its two connections"},
		"state along one connection":    {"redundant-tunnels", "    redundancy: tunnels ", "    stateful: true\n    redundancy: tunnels ", ""},
		"state and BGP":                 {"bgp", "    routing: bgp\n", "    stateful: true\n    routing: bgp\n", ""},
		"another number of Azure":       {"bgp", "asn: 65515", "asn: 64900", ": Azure documents the ASN 65515 of every VPN gateway of a virtual WAN, and that of hub-jpe is to be made with 64900"},
		"another number of one adopted": {"bgp", "asn: 65515", "adopt: true\n        asn: 64900", ""},
	} {
		t.Run(name, func(t *testing.T) {
			text := read(t, examples+"/"+c.example+".yaml")
			if !strings.Contains(text, c.old) {
				t.Fatalf("%s has no %q", c.example, c.old)
			}
			f, err := Parse("f.yaml", []byte(strings.Replace(text, c.old, c.new, 1)))
			if err != nil {
				t.Fatal(err)
			}
			said := Problems(f.Advice()).Error()
			if c.says == "" && said != "" || !strings.Contains(said, c.says) || c.says != "" && !strings.Contains(said, "  hint: ") {
				t.Errorf("it says %q, want %q", said, c.says)
			}
		})
	}
}
