package endtoend

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
)

// TestLinksOfOneTransitGatewayMoveTogether moves two links between static routes and BGP
// by one file, as they must be: at once, and, by a rule that names a link, one before the
// other.
func TestLinksOfOneTransitGatewayMoveTogether(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]string{"at once": "", "one before the other": "tokyo"} {
		synctest.Test(t, func(t *testing.T) {
			l := newLabOfRegions(t, instant)
			links := l.file.Links
			route := func(routing desired.Routing) {
				for i := range links {
					links[i].TransitGateway, links[i].Redundancy, links[i].Routing = "tgw-tokyo", desired.Single, routing
				}
			}
			route(desired.Static)
			l.mustBuild()
			time.Sleep(time.Hour)
			for _, routing := range []desired.Routing{desired.BGP, desired.Static} {
				route(routing)
				l.file.Policy = desired.Policy{Default: desired.Repair, Rules: append([]desired.Rule{{Drift: "aws/vpn-connection.routing", Do: desired.Repair, Link: first}}, byOne.Rules[1:]...)}
				if first != "" {
					if _, err := l.build(t.Context()); err != nil {
						t.Fatal(err)
					}
					if step := stepOf(l.plan(), desired.AWSConnectionID("virginia", 0)); step.Verb != reconcile.Hold {
						t.Errorf("%s, to %s: virginia goes with tokyo: %+v", name, routing, step)
					}
					l.file.Policy.Rules[0].Link = ""
				}
				if _, err := l.build(t.Context()); err != nil {
					t.Fatal(err)
				}
				l.mustBuild() // what was in use until the last one had moved
				l.mustBeClean()
				if lost := l.lossOfPairs(func() { time.Sleep(10 * time.Second) }); len(lost) > 0 {
					t.Errorf("%s, to %s: what has moved loses %v", name, routing, lost)
				}
			}
		})
	}
}

// TestAStaticLinkBesideABGPOneNeverComesToRest is why a file of such links is refused.
func TestAStaticLinkBesideABGPOneNeverComesToRest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfRegions(t, instant)
		for i, routing := range []desired.Routing{desired.Static, desired.BGP} {
			l.file.Links[i].TransitGateway, l.file.Links[i].Redundancy, l.file.Links[i].Routing = "tgw-tokyo", desired.Single, routing
		}
		report, err := l.build(t.Context())
		if failures := report.Failures(); err != nil || len(failures) != 1 || !strings.HasPrefix(failures[0].Text, "azure/hub-routes/hub-use did not come: ") {
			t.Errorf("it comes to be as the file has it: %v, %+v", err, failures)
		}
	})
}
