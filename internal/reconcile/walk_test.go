package reconcile

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

func newEngine(t *testing.T, cloud *toy, intents Intents) *Engine {
	t.Helper()
	file := &desired.File{Owner: "us", Policy: desired.Policy{Default: desired.Repair}}
	engine, err := New(file, []Cloud{cloud}, intents)
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

// hubsAndGateway has the shape of the article's link: a long chain, and short
// work beside it.
func hubsAndGateway(t *toy) {
	t.add("toy/box/wan", 11*time.Second)
	t.add("toy/box/hub", 300*time.Second, "toy/box/wan")
	t.add("toy/box/gateway", 1390*time.Second, "toy/box/hub")
	t.add("toy/box/tgw", 75*time.Second).kind.Doubt = time.Minute
	t.add("toy/box/customer", 5*time.Second, "toy/box/gateway")
	t.add("toy/box/vpn", 390*time.Second, "toy/box/customer", "toy/box/tgw").kind.Doubt = time.Minute
	t.add("toy/box/routes", 2*time.Second, "toy/box/vpn")
}

func TestABuildTakesItsCriticalPathAndHardlyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newToy()
		hubsAndGateway(cloud)
		engine := newEngine(t, cloud, newMemory(time.Now().Add(-time.Hour)))
		plan, world := engine.Plan(t.Context())
		if got := len(plan.Writes()); got != 7 {
			t.Fatalf("the plan writes %d resources, want all 7", got)
		}
		critical := (11 + 300 + 1390 + 5 + 390 + 2) * time.Second
		if plan.Takes != critical {
			t.Errorf("the plan expects %s, want the critical path %s", plan.Takes, critical)
		}
		report, err := engine.Apply(t.Context(), plan, world)
		if err != nil || len(report.Failures()) > 0 {
			t.Fatalf("apply: %v, failures %v", err, report.Failures())
		}
		if limit := critical * 101 / 100; report.Took > limit {
			t.Errorf("the build took %s, want at most %s", report.Took, limit)
		}
		if again, _ := engine.Plan(t.Context()); !again.Clean() {
			t.Errorf("the second plan is not empty: %+v", again.Steps)
		}
	})
}

func TestKilledAtAnyCallAndStartedAgainNothingIsMadeTwice(t *testing.T) {
	for _, lag := range []time.Duration{0, 20 * time.Second} {
		for killAt := 1; ; killAt++ {
			finished := false
			synctest.Test(t, func(t *testing.T) {
				cloud := newToy()
				cloud.lag, cloud.killAt = lag, killAt
				hubsAndGateway(cloud)
				disk := newMemory(time.Now().Add(-time.Hour))

				ctx, kill := context.WithCancelCause(t.Context())
				cloud.kill = kill
				first := newEngine(t, cloud, disk)
				plan, world := first.Plan(ctx)
				_, err := first.Apply(ctx, plan, world)
				finished = err == nil
				kill(nil)

				cloud.kill = nil
				second := newEngine(t, cloud, disk)
				plan, world = second.Plan(t.Context())
				report, err := second.Apply(t.Context(), plan, world)
				if err != nil || len(report.Failures()) > 0 {
					t.Fatalf("killed at call %d: apply again: %v, %v", killAt, err, report.Failures())
				}
				for id, times := range cloud.made {
					if times != 1 {
						t.Errorf("killed at call %d with lag %s: %s was made %d times", killAt, lag, id, times)
					}
				}
				if again, _ := second.Plan(t.Context()); !again.Clean() {
					t.Errorf("killed at call %d: the last plan is not empty: %+v", killAt, again.Steps)
				}
			})
			if finished || t.Failed() {
				break
			}
		}
	}
}

func TestWithoutAPastACreateThatCannotBeRepeatedWaitsOutTheDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newToy()
		cloud.add("toy/box/tgw", time.Second).kind.Doubt = time.Minute
		engine := newEngine(t, cloud, newMemory(time.Now()))
		plan, world := engine.Plan(t.Context())
		report, err := engine.Apply(t.Context(), plan, world)
		if err != nil || len(report.Failures()) > 0 {
			t.Fatalf("apply: %v %v", err, report)
		}
		if report.Took < time.Minute || report.Took > 70*time.Second {
			t.Errorf("it took %s, want a minute of doubt and little more", report.Took)
		}
	})
}

func TestWhatFailsStopsOnlyWhatNeedsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newToy()
		cloud.add("toy/box/a", time.Minute)
		broken := &brokenApply{cloud.add("toy/box/b", time.Minute)}
		cloud.resources[1] = broken
		cloud.add("toy/box/c", time.Minute, "toy/box/b")
		cloud.add("toy/box/d", time.Minute, "toy/box/a")
		engine := newEngine(t, cloud, newMemory(time.Now()))
		plan, world := engine.Plan(t.Context())
		report, err := engine.Apply(t.Context(), plan, world)
		if err != nil {
			t.Fatal(err)
		}
		want := map[resource.ID]What{"toy/box/a": Settled, "toy/box/b": Broken, "toy/box/c": Skipped, "toy/box/d": Settled}
		for _, outcome := range report.Outcomes {
			if outcome.What != want[outcome.ID] {
				t.Errorf("%s: %s (%s), want %s", outcome.ID, outcome.What, outcome.Text, want[outcome.ID])
			}
		}
	})
}

type brokenApply struct{ *toyResource }

func (b *brokenApply) Apply(context.Context, resource.Spec, resource.Live) error {
	return &resource.Problem{Reason: resource.Denied, Action: "toy:Put", Text: "no"}
}

func TestWritesThatShareALockNeverRunAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newToy()
		for _, name := range []string{"a", "b", "c", "d"} {
			cloud.add("toy/box/"+name, time.Minute).locks = []string{"hub"}
		}
		engine := newEngine(t, cloud, newMemory(time.Now()))
		plan, world := engine.Plan(t.Context())
		report, err := engine.Apply(t.Context(), plan, world)
		if err != nil || len(report.Failures()) > 0 {
			t.Fatalf("apply: %v %v", err, report.Failures())
		}
		if cloud.clashes > 0 {
			t.Errorf("%d writes clashed", cloud.clashes)
		}
	})
}

func TestDestroyGoesBackwardsAndLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newToy()
		hubsAndGateway(cloud)
		engine := newEngine(t, cloud, newMemory(time.Now().Add(-time.Hour)))
		plan, world := engine.Plan(t.Context())
		if _, err := engine.Apply(t.Context(), plan, world); err != nil {
			t.Fatal(err)
		}
		cloud.boxes["toy/box/routes"].owner = "somebody"
		plan, world = engine.PlanDestroy(t.Context())
		report, err := engine.Destroy(t.Context(), plan, world)
		if err != nil || len(report.Outcomes) != 0 || len(plan.Steps) != len(cloud.boxes) {
			t.Fatalf("destroy with a foreign dependent: %v, want all that it needs held: %+v %+v", err, plan.Steps, report)
		}
		cloud.boxes["toy/box/routes"].owner = "us"
		plan, world = engine.PlanDestroy(t.Context())
		report, err = engine.Destroy(t.Context(), plan, world)
		if err != nil || len(report.Failures())+len(report.Skips()) > 0 {
			t.Fatalf("destroy: %v %+v", err, report)
		}
		for id := range cloud.boxes {
			t.Errorf("%s is left", id)
		}
	})
}

func TestAHeldDifferenceIsLeftAndAnAllowedOneBesideItIsMended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newToy()
		box := cloud.add("toy/box/a", time.Second)
		box.kind.Attrs = append(box.kind.Attrs, resource.Attr{Name: "size", Fix: resource.InPlace})
		box.want = resource.Attrs{"colour": resource.Of("red"), "size": resource.Of("1")}
		engine := newEngine(t, cloud, newMemory(time.Now()))
		plan, world := engine.Plan(t.Context())
		if _, err := engine.Apply(t.Context(), plan, world); err != nil {
			t.Fatal(err)
		}
		cloud.boxes["toy/box/a"].attrs = resource.Attrs{"colour": resource.Of("blue"), "size": resource.Of("2")}
		engine.File.Policy.Rules = []desired.Rule{{Drift: "toy/box.size", Do: desired.Report, Why: "sizes are ours to choose"}}
		plan, world = engine.Plan(t.Context())
		report, err := engine.Apply(t.Context(), plan, world)
		if err != nil || len(report.Held()) != 1 {
			t.Fatalf("apply: %v %+v, want one held", err, report)
		}
		got := cloud.boxes["toy/box/a"].attrs
		if got["colour"].One() != "red" || got["size"].One() != "2" {
			t.Errorf("after the repair it has %v, want red and the held size 2", got)
		}
	})
}

func TestACircleOfNeedsIsRefused(t *testing.T) {
	cloud := newToy()
	cloud.add("toy/box/a", 0, "toy/box/b")
	cloud.add("toy/box/b", 0, "toy/box/a")
	if _, err := NewGraph(cloud.resources); err == nil {
		t.Error("a circle was accepted")
	}
}

func TestALimitRefusesThePlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := newToy()
		for _, name := range []string{"a", "b", "c"} {
			cloud.add("toy/box/"+name, 0)
		}
		engine := newEngine(t, cloud, newMemory(time.Now()))
		plan, world := engine.Plan(t.Context())
		if _, err := engine.Apply(t.Context(), plan, world); err != nil {
			t.Fatal(err)
		}
		for _, b := range cloud.boxes {
			b.attrs = resource.Attrs{"colour": resource.Of("blue")}
		}
		engine.File.Policy.Limits.Changes = 2
		plan, world = engine.Plan(t.Context())
		before := cloud.calls
		if _, err := engine.Apply(t.Context(), plan, world); err == nil || plan.Refused == "" {
			t.Errorf("three changes passed a limit of two: %v", err)
		}
		if cloud.calls != before {
			t.Error("the refused plan called the cloud")
		}
	})
}
