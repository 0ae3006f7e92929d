package endtoend

import (
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// TestANewKeyReachesBothCloudsInOneApply changes the key in the file, in
// clouds whose operations take time: Azure must wait for the new key of AWS,
// not agree with the old one.
func TestANewKeyReachesBothCloudsInOneApply(t *testing.T) {
	t.Parallel()
	for redundancy, keys := range map[desired.Redundancy][2]string{
		desired.Single:  {"first.key.of.the.link", "second.key.of.the.link"},
		desired.Tunnels: {"first.key.one\nfirst.key.two", "second.key.one\nsecond.key.two"},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, nil)
			l.file.Links[0].Redundancy, l.file.Links[0].Keys.From = redundancy, "env:KEY"
			l.env = map[string]string{"KEY": keys[0]}
			l.mustBuild()
			time.Sleep(time.Hour)
			l.env["KEY"] = keys[1]
			if step := stepOf(l.plan(), desired.AWSConnectionID("tokyo", 0)); step.Effect != resource.AllTunnels {
				t.Errorf("%s: the plan says that %q is interrupted, want all tunnels", redundancy, step.Effect)
			}
			l.mustBuild()
			l.mustBeClean()
			l.mustCross()
		})
	}
}

// TestAHeldRouteIsNotReplaced gives a prefix another way in a table of the
// user's: putting linkd's route there would take that way away.
func TestAHeldRouteIsNotReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		const table = "rtb-0a10000000000000a"
		foreign := map[string]any{"DestinationCidrBlock": "10.1.0.0/16", "NatGatewayId": "nat-0123456789abcdef0"}
		for _, change := range []ground.Mutation{
			{Cloud: "aws", Op: "remove", Kind: "route-table", Name: table, Field: "Routes", Value: "10.1.0.0/16"},
			{Cloud: "aws", Op: "remove", Kind: "route-table", Name: table, Field: "Routes", Value: "10.2.0.0/16"},
			{Cloud: "aws", Op: "add", Kind: "route-table", Name: table, Field: "Routes", Value: foreign},
		} {
			if err := l.sim.Mutate(change); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := l.build(t.Context()); err != nil {
			t.Fatal(err)
		}
		id := desired.VPCRoutesID(table)
		routes := l.world()[id].Attrs["routes"]
		if !routes.Has("10.1.0.0/16 nat-0123456789abcdef0") {
			t.Errorf("the route that is held is gone: %s", routes)
		}
		if step := stepOf(l.plan(), id); step.Verb != reconcile.Hold {
			t.Errorf("the table: %q, want the one route held and the other mended: %s", step.Verb, routes)
		}
	})
}
