package endtoend

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// TestALinkOfASiteStaysWhileAzureDialsIt shrinks a link by a person's word, while the links of
// Azure's connection stay: AWS sends by one of them, no rule lets them go, or Azure refuses. The
// links of the site that they dial are held, and nothing is sent that Azure would refuse.
func TestALinkOfASiteStaysWhileAzureDialsIt(t *testing.T) {
	t.Parallel()
	site, connection := desired.VPNSiteID("tokyo"), desired.AzureConnectionID("tokyo")
	for name, c := range map[string]struct {
		down, denied bool
		rules        string
		says         string
	}{
		"AWS sends by it": {down: true, rules: shrinks, says: "azure/vpn-connection/tokyo still uses tokyo-1-1, tokyo-1-2: AWS sends by a connection that the file does not have"},
		"no rule names it": {
			rules: strings.Replace(shrinks, "    - {drift: azure/vpn-connection.links.extra, do: repair, why: the link shrinks}\n", "", 1),
			says:  "azure/vpn-connection/tokyo still uses tokyo-1-1, tokyo-1-2: what nobody declared is removed only when a rule names it: azure/vpn-connection.links.extra",
		},
		"Azure refuses": {denied: true, rules: shrinks, says: "azure/vpn-connection/tokyo still uses tokyo-1-1, tokyo-1-2"},
	} {
		if testing.Short() && !c.down {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, quick)
				l.shaped(desired.Full, "")
				l.mustBuild()
				time.Sleep(time.Hour)
				if c.down {
					l.cutTunnels(l.file.Links[0].Tunnels()[:2])
					time.Sleep(10 * time.Minute)
					l.unattended() // leads what AWS sends to the other connection
				}
				if c.denied {
					l.sim.Inject(ground.Fault{Cloud: "azure", Operation: "PUT vpnGateways/vpnConnections", Count: 1, Effect: ground.EffectDeny})
				}
				l.shaped(desired.Tunnels, c.rules)
				lost, sites := l.watchLossesEvery(time.Second), 0
				l.wire.around = func(what string, carryOut func()) {
					if strings.HasPrefix(what, "PUT") && strings.HasSuffix(what, "/vpnSites/tokyo") {
						sites++
					}
					carryOut()
				}
				engine := l.engine(l.Context())
				plan, world := engine.Plan(l.Context())
				var text strings.Builder
				_ = plan.Text(&text)
				before := time.Now()
				report, err := engine.Apply(l.Context(), plan, world)
				if err != nil {
					t.Fatal(err)
				}
				l.wire.around = nil
				if sites != 0 {
					t.Errorf("the site was written %d times", sites)
				}
				if !c.denied { // what fails is known in the walk only
					l.mustHold(plan, text.String(), site, c.says)
					if changes, _, _ := l.foretold(); len(changes) > 0 {
						t.Errorf("it foretells %v", changes)
					}
					if took := time.Since(before); took > 2*time.Minute {
						t.Errorf("it waited %s for what it does not change", took)
					}
				}
				left := slices.ContainsFunc(report.Left, func(d reconcile.Decided) bool { return d.ID == site && strings.Contains(d.Because, c.says) })
				held := slices.ContainsFunc(report.Held(), func(o reconcile.Outcome) bool { return o.ID == site && strings.Contains(o.Text, c.says) })
				if !left && !held {
					t.Errorf("of what is left it does not say %q: %+v, %+v", c.says, report.Left, report.Outcomes)
				}
				for _, outcome := range report.Outcomes {
					if outcome.What == reconcile.Broken && outcome.ID != connection {
						t.Errorf("%s failed: %s", outcome.ID, outcome.Text)
					}
				}
				if gone := lost(); gone != (losses{}) {
					t.Errorf("lost %+v", gone)
				}
				l.cutTunnels(nil)
				time.Sleep(30 * time.Minute)
				l.shaped(desired.Tunnels, shrinks)
				if _, err := l.build(l.Context()); err != nil { // leads back what AWS sends
					t.Fatal(err)
				}
				l.mustBuild()
				time.Sleep(2 * time.Hour)
				l.mustHaveShape(desired.Tunnels)
			})
		})
	}
}

// mustHold fails the test unless a plan holds the links of a site, for a reason, and what AWS
// has of them.
func (l *lab) mustHold(plan reconcile.Plan, text string, site resource.ID, says string) {
	l.Helper()
	if step := stepOf(plan, site); step.Verb != reconcile.Hold || !strings.Contains(step.Drifts[0].Because, says) {
		l.Errorf("%s: %s %+v", site, step.Verb, step.Drifts)
	}
	for _, retire := range plan.Retires {
		if retire.Verb != reconcile.Hold {
			l.Errorf("%s: %s", retire.ID, retire.Verb)
		}
	}
	if strings.Contains(text, "to delete") || strings.Contains(text, "starts to work") {
		l.Errorf("it promises what does not come:\n%s", text)
	}
}
