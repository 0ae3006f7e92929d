package endtoend

import (
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/sim/ground"
)

// TestANewKeyReachesBothCloudsInOneApply changes the key in the file, in
// clouds whose operations take time: Azure must wait for the new key of AWS,
// not agree with the old one. Nobody consents to anything: of two tunnels one
// goes after the other and the link is never down; the only one waits for a
// person, and then goes.
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
			engine := l.engine(t.Context())
			engine.At = nil
			plan, world := engine.Plan(t.Context())
			if redundancy == desired.Single {
				if step := stepOf(plan, desired.AWSConnectionID("tokyo", 0)); step.Verb != reconcile.Hold || plan.Digest() == "" {
					t.Errorf("the only tunnel: %s %+v, want it to wait for approval", step.Verb, step.Drifts)
				}
				l.mustBuild()
			} else {
				lost := l.watchEchoes()
				report, err := engine.Apply(t.Context(), plan, world)
				if err != nil {
					t.Fatal(err)
				}
				l.complain(report)
				if lost := lost(); lost != 0 {
					t.Errorf("%d looks found no way across", lost)
				}
			}
			l.mustBeClean()
			l.mustCross()
		})
	}
}

// watchEchoes sends an echo every second until it is asked how many were lost.
func (l *lab) watchEchoes() (lost func() int) {
	from, to := l.file.Probes.Targets[0].Address, l.file.Probes.Targets[2].Address
	stop, done, count := make(chan struct{}), make(chan struct{}), 0
	go func() {
		defer close(done)
		for tick := time.NewTicker(time.Second); ; {
			select {
			case <-tick.C:
				if !l.crosses(from, to) {
					count++
				}
			case <-stop:
				tick.Stop()
				return
			}
		}
	}()
	return func() int {
		close(stop)
		<-done
		return count
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

// TestAzureWaitsForAKeyAlsoWhileAWSIsChangedBySomebodyElse plans a new key, and
// lets somebody else's change of the connection begin before the walk: Azure must
// not take the key that AWS has meanwhile for the one that is to come.
func TestAzureWaitsForAKeyAlsoWhileAWSIsChangedBySomebodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil)
		l.file.Links[0].Keys.From, l.env = "env:KEY", map[string]string{"KEY": "first.key.of.the.link"}
		l.mustBuild()
		time.Sleep(time.Hour)
		other := l.engine(t.Context())
		l.mustMutate(ground.Mutation{
			Cloud: "aws", Op: "set", Kind: "vpn-tunnel", Name: l.world()[desired.AWSConnectionID("tokyo", 0)].Ref + "/0", Field: "StartupAction", Value: "add",
		})
		theirs, theirWorld := other.Plan(t.Context())
		l.env["KEY"] = "second.key.of.the.link"
		engine := l.engine(t.Context())
		plan, world := engine.Plan(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = other.Apply(t.Context(), theirs, theirWorld)
		}()
		time.Sleep(10 * time.Second)
		if _, err := engine.Apply(t.Context(), plan, world); err != nil {
			t.Fatal(err)
		}
		<-done
		l.mustBeClean()
	})
}
