package endtoend

import (
	"testing"
	"testing/synctest"

	"linkd/internal/sim/ground"
)

// TestNoPutLeavesOutAKeyThatCannotBeRead denies the reading of keys: what
// would write a gateway with its connections is refused, and nothing is sent.
func TestNoPutLeavesOutAKeyThatCannotBeRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		if err := l.sim.Mutate(ground.Mutation{
			Cloud: "azure", Op: "set", Kind: "vpnGateways", Name: "hub-jpe-vpn", Field: "properties.vpnGatewayScaleUnit", Value: 2,
		}); err != nil {
			t.Fatal(err)
		}
		l.sim.Inject(ground.Fault{Operation: "POST *listSharedKey", Effect: ground.EffectDeny})
		l.sim.ForgetCalls()
		report, err := l.build(t.Context())
		if err != nil || len(report.Failures()) == 0 {
			t.Errorf("the repair of the gateway did not fail: %v %+v", err, report.Outcomes)
		}
		if puts := l.sim.Calls()["PUT vpnGateways"]; puts != 0 {
			t.Errorf("the gateway was written %d times without its keys", puts)
		}
		l.sim.Heal()
		l.mustBuild()
		l.mustBeClean()
		l.mustCross()
	})
}
