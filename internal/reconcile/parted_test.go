package reconcile

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/resource"
)

// toyTable is a box of which each need brings a member, and none waits for another's.
type toyTable struct{ *toyResource }

func (r toyTable) Want(w resource.World) (resource.Spec, error) {
	var members []string
	var unknown resource.Partly
	for _, need := range r.needs {
		if _, err := w.Ref(need.On); err != nil {
			unknown = append(unknown, err)
			continue
		}
		members = append(members, string(need.On))
	}
	return resource.Spec{Attrs: resource.Attrs{"colour": resource.Of(members...)}, Owner: "us"}, unknown.OrNil()
}

// refusing is a resource that no cloud makes as long as no is set.
type refusing struct {
	*toyResource
	no *bool
}

func (r refusing) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	if *r.no {
		return errors.New("the cloud makes none")
	}
	return r.toyResource.Apply(ctx, want, now)
}

// TestAPartGoesOnWithoutWhatCannotBeMade: it waits for what is being made, is made
// without what fails, says so in the plan, and gets the rest later.
func TestAPartGoesOnWithoutWhatCannotBeMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, no := newToy(), true
		cloud.add("toy/box/slow", time.Hour)
		cloud.add("toy/box/never", time.Minute)
		table := cloud.add("toy/box/table", time.Second, "toy/box/slow", "toy/box/never")
		for i := range table.needs {
			table.needs[i].Soft = true
		}
		table.kind.Attrs[0].Members = true
		cloud.resources[1], cloud.resources[2] = refusing{cloud.resources[1].(*toyResource), &no}, toyTable{table}
		engine := newEngine(t, cloud, newMemory(time.Now().Add(-time.Hour)))
		plan, world := engine.Plan(t.Context())
		report, err := engine.Apply(t.Context(), plan, world)
		if err != nil || len(report.Failures()) != 1 || len(report.Skips()) != 0 {
			t.Fatalf("%v, failed: %v, skipped: %v", err, report.Failures(), report.Skips())
		}
		if have := cloud.boxes["toy/box/table"].attrs["colour"]; !have.Equal(resource.Of("toy/box/slow")) {
			t.Errorf("the table has %v", have)
		}
		blocked := func(d Decided) bool {
			return d.Class == resource.Blocked && d.Member == resource.InPart && d.Breaks == ""
		}
		if !slices.ContainsFunc(report.Left, blocked) || len(report.Held()) != 1 {
			t.Errorf("what is left does not say that the table is blocked in part: %+v, %+v", report.Left, report.Held())
		}

		cloud.boxes["toy/box/table"].attrs["colour"] = nil // what it should have goes astray
		plan, world = engine.Plan(t.Context())
		i := slices.IndexFunc(plan.Steps, func(s Step) bool { return s.ID == "toy/box/table" })
		if i < 0 || plan.Steps[i].Verb != Update || !slices.ContainsFunc(plan.Steps[i].Drifts, blocked) {
			t.Fatalf("the table is not to be repaired: %+v", plan.Steps)
		}
		var text strings.Builder
		if _ = plan.Text(&text); !strings.Contains(text.String(), "blocked in part: known after toy/box/never") {
			t.Errorf("the plan does not say why:\n%s", text.String())
		}
		// What was seen of the one that fails is held: the table does not wait for it.
		for i, d := range plan.Steps {
			if d.ID == "toy/box/never" {
				plan.Steps[i].hold(HeldPolicy, "for the test")
			}
		}
		if _, err := engine.Apply(t.Context(), plan, world); err != nil {
			t.Fatal(err)
		}
		if have := cloud.boxes["toy/box/table"].attrs["colour"]; !have.Equal(resource.Of("toy/box/slow")) {
			t.Errorf("after the repair the table has %v", have)
		}

		no = false
		plan, world = engine.Plan(t.Context())
		if after := After(engine.Graph, engine.File, world, plan); len(after["toy/box/table"].Attrs["colour"]) != 2 {
			t.Errorf("the plan foretells %v", after["toy/box/table"].Attrs)
		}
		if report, err := engine.Apply(t.Context(), plan, world); err != nil || len(report.Failures())+len(report.Held()) > 0 {
			t.Errorf("%v, %v, %v", err, report.Failures(), report.Held())
		}
		if again, _ := engine.Plan(t.Context()); !again.Clean() {
			t.Errorf("it is not as desired: %+v", again.Steps)
		}
	})
}
