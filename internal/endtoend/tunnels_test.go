package endtoend

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// TestALookAtTheTunnelsSaysWhatAnAuditSays compares the cheap look with the
// audit, for tunnels that are up, down, gone and not to be read, and counts
// its calls.
func TestALookAtTheTunnelsSaysWhatAnAuditSays(t *testing.T) {
	t.Parallel()
	for name, breaks := range map[string]func(*lab){
		"up":   func(*lab) {},
		"down": func(l *lab) { l.mustMutate(wrongKey) },
		"gone in Azure": func(l *lab) {
			l.mustMutate(ground.Mutation{Cloud: "azure", Op: "delete", Kind: "vpnGateways/vpnConnections", Name: tokyoConnection})
		},
		"gone in AWS": func(l *lab) {
			l.mustMutate(ground.Mutation{Cloud: "aws", Op: "delete", Kind: "vpn-connection", Name: l.world()[desired.AWSConnectionID("tokyo", 0)].Ref})
		},
		"denied": func(l *lab) {
			l.sim.Inject(ground.Fault{Operation: "GET vpnGateways/vpnConnections", Effect: ground.EffectDeny}, ground.Fault{Operation: "DescribeVpnConnections", Effect: ground.EffectDeny})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, instant)
				l.mustBuild()
				time.Sleep(time.Hour)
				engine := l.engine(t.Context())
				engine.Plan(t.Context())
				breaks(l)
				time.Sleep(time.Hour)
				l.sim.ForgetCalls()
				cheap := reconcile.ObserveTunnels(t.Context(), engine.Clouds)
				calls := 0
				for _, count := range l.sim.Calls() {
					calls += count
				}
				if name == "up" && calls != 2 {
					t.Errorf("it made %d calls, want one of each cloud: %v", calls, l.sim.Calls())
				}
				whole, _ := reconcile.Observe(t.Context(), engine.Clouds)
				for _, tunnel := range l.file.Tunnels() {
					for _, id := range []resource.ID{desired.AzureTunnelID(tunnel), desired.AWSTunnelID(tunnel)} {
						a, b := cheap[id], whole[id]
						if a.Phase != b.Phase || !a.Attrs["status"].Equal(b.Attrs["status"]) || strings.Contains(name, "denied") != (a.Phase == resource.Unknown) {
							t.Errorf("%s: the look says %s %v (%s), the audit %s %v (%s)", id, a.Phase, a.Attrs["status"], a.Why, b.Phase, b.Attrs["status"], b.Why)
						}
					}
				}
			})
		})
	}
}

// wrongKey takes the only tunnel down.
var wrongKey = ground.Mutation{
	Cloud: "azure", Op: "set", Kind: "vpnGateways/vpnConnections/vpnLinkConnections",
	Name: tokyoConnection + "/tokyo-0-1", Field: "sharedKey", Value: "another.key.altogether",
}
