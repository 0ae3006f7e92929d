package reconcile

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// TestAnotherProcessMakesWhatWasDeletedToBeMadeAnew stops linkd between the halves of a
// replace that a person approved. What is missing waits for approval too, but whoever
// approved the replace meant both halves.
func TestAnotherProcessMakesWhatWasDeletedToBeMadeAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, disk := newToy(), newMemory(time.Now().Add(-time.Hour))
		hub := cloud.add("toy/box/hub", time.Minute)
		apply(t, newEngine(t, cloud, disk))
		time.Sleep(time.Hour)
		hub.kind.Attrs[0].Fix = resource.Replace
		cloud.boxes[hub.id].attrs = resource.Attrs{"colour": resource.Of("green")}
		strict := func() *Engine {
			engine := newEngine(t, cloud, disk)
			engine.File.Policy.Default = desired.Approve
			return engine
		}

		first := strict()
		first.At = func() Circumstances { return Circumstances{Consent: Consent{Approvals: true}} }
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			for cloud.standing(hub.id) {
				time.Sleep(time.Second)
			}
			stop()
		}()
		plan, world := first.Plan(ctx)
		if _, err := first.Apply(ctx, plan, world); err == nil || cloud.made[hub.id] != 1 {
			t.Fatalf("it was not stopped between the halves: %v, made %d times", err, cloud.made[hub.id])
		}
		time.Sleep(time.Hour)
		apply(t, strict())
		if !cloud.standing(hub.id) || cloud.made[hub.id] != 2 || len(disk.recent.Deleted) > 0 {
			t.Errorf("it stands: %v, was made %d times, notes %v", cloud.standing(hub.id), cloud.made[hub.id], disk.recent.Deleted)
		}

		cloud.mu.Lock()
		delete(cloud.boxes, hub.id)
		cloud.mu.Unlock()
		if plan, _ := strict().Plan(t.Context()); len(plan.Writes()) > 0 || len(plan.Waiting()) != 1 {
			t.Errorf("what somebody else deleted does not wait for approval: %+v", plan.Steps)
		}
	})
}

// apply plans and applies.
func apply(t *testing.T, engine *Engine) Report {
	t.Helper()
	plan, world := engine.Plan(t.Context())
	report, err := engine.Apply(t.Context(), plan, world)
	if err != nil || len(report.Failures()) > 0 {
		t.Fatalf("apply: %v, failures %v", err, report.Failures())
	}
	return report
}

// standing reports whether a box is there and nobody is deleting it.
func (t *toy) standing(id resource.ID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.boxes[id]
	return b != nil && b.gone.IsZero()
}
