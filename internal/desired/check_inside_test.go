package desired

import (
	"errors"
	"strings"
	"testing"
)

// TestARangeStandsOnceWhereACloudTakesItOnce gives two links the same ranges: AWS refuses
// that at one transit gateway, and Azure at one VPN gateway when both links have BGP.
func TestARangeStandsOnceWhereACloudTakesItOnce(t *testing.T) {
	same := strings.Replace(read(t, examples+"/two-regions.yaml"), "169.254.22.0/30, 169.254.22.4/30, 169.254.22.8/30, 169.254.22.12/30", "169.254.21.0/30, 169.254.21.4/30, 169.254.21.8/30, 169.254.21.12/30", 1)
	oneGateway := strings.Replace(same, "    transit_gateway: tgw-virginia\n", "    transit_gateway: tgw-tokyo\n", 1)
	oneHub := strings.Replace(same, "    hub: hub-use\n", "    hub: hub-jpe\n", 1)
	for name, c := range map[string]struct{ file, says string }{
		"no gateway in common":        {same, ""},
		"one transit gateway":         {oneGateway, "stands here and in line 85, and AWS takes it once at tgw-tokyo"},
		"one transit gateway, static": {strings.ReplaceAll(oneGateway, "routing: bgp", "routing: static"), "stands here and in line 85, and AWS takes it once at tgw-tokyo"},
		"one hub":                     {oneHub, "stands here and in line 85, and Azure takes its addresses once at the gateway of hub-jpe"},
		"one hub, static":             {strings.ReplaceAll(oneHub, "routing: bgp", "routing: static"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("f.yaml", []byte(c.file))
			problems, _ := errors.AsType[Problems](err)
			if c.says == "" && err != nil || c.says != "" && len(problems) != 4 {
				t.Fatalf("the problems are\n%v", err)
			}
			for _, problem := range problems {
				if !strings.Contains(problem.Text, c.says) || problem.Line != 99 || problem.Hint == "" {
					t.Errorf("it does not say %q in line 99: %+v", c.says, problem)
				}
			}
		})
	}
}
