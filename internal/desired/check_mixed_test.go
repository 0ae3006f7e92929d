package desired

import (
	"errors"
	"strings"
	"testing"
)

// TestStaticLinksAndBGPOnOneTransitGatewayAreRefused: the hub of the BGP link would be told
// of the VNets of other hubs, and never come to rest.
func TestStaticLinksAndBGPOnOneTransitGatewayAreRefused(t *testing.T) {
	t.Parallel()
	both := strings.Replace(read(t, examples+"/two-regions.yaml"), "    transit_gateway: tgw-virginia\n", "    transit_gateway: tgw-tokyo\n", 1)
	first := func(file string) string { return strings.Replace(file, "routing: bgp", "routing: static", 1) }
	second := func(file string) string {
		return strings.Replace(strings.ReplaceAll(file, "routing: bgp", "routing: static"), "routing: static", "routing: bgp", 1)
	}
	without := func(file, vnet string) string {
		before, after, _ := strings.Cut(file, "      vnets:\n        - name: "+vnet+"\n")
		_, after, _ = strings.Cut(after, "      vpn_gateway:")
		return before + "      vpn_gateway:" + after
	}
	for name, c := range map[string]struct {
		file, says string
		line       int
	}{
		"both BGP":                     {file: both},
		"both static":                  {file: strings.ReplaceAll(both, "routing: bgp", "routing: static")},
		"one each":                     {second(both), "AWS tells hub-jpe by BGP of the static routes to vnet-use, which are there for the link virginia (line 92)", 81},
		"one each, the other way":      {first(both), "AWS tells hub-use by BGP of the static routes to vnet-jpe, which are there for the link tokyo (line 78)", 95},
		"the static one has no VNet":   {file: without(second(both), "vnet-use")},
		"of different transit gateway": {file: second(read(t, examples+"/two-regions.yaml"))},
	} {
		_, err := Parse("f.yaml", []byte(strings.SplitN(c.file, "\nprobes:", 2)[0]))
		problems, _ := errors.AsType[Problems](err)
		switch {
		case c.says == "" && err == nil:
		case len(problems) != 1 || c.says == "" || !strings.Contains(problems[0].Text, c.says) || problems[0].Line != c.line || problems[0].Hint == "":
			t.Errorf("%s: the problems are\n%v", name, err)
		}
	}
}
