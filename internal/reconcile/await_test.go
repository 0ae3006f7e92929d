package reconcile

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// waiting is a toy whose colour must not change before that of another has.
type waiting struct {
	*toyResource
	other resource.ID
}

func (w waiting) Waits(world resource.World) map[string]string {
	if world[w.other].Attrs["colour"].One() == "red" {
		return nil
	}
	return map[string]string{"colour": "the other goes first"}
}

// TestAChangeWaitsForItsTurn has two boxes of the wrong colour of which one is to
// go first, under each policy and with every consent, and applies until nothing is left.
func TestAChangeWaitsForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clouds := newToy()
		clouds.add("toy/first", time.Second)
		clouds.resources = append(clouds.resources[:1], waiting{clouds.add("toy/second", time.Second), "toy/first"})
		graph, err := NewGraph(clouds.resources)
		if err != nil {
			t.Fatal(err)
		}
		blue := resource.Live{Phase: resource.Ready, Owner: "us", Attrs: resource.Attrs{"colour": resource.Of("blue")}}
		world := resource.World{"toy/first": blue, "toy/second": blue}
		for action, first := range map[desired.Action]HoldReason{desired.Repair: NotHeld, desired.Approve: HeldApproval, desired.Report: HeldPolicy} {
			second := HeldOrder
			if action == desired.Report {
				second = HeldPolicy // nobody wants it mended at all
			}
			plan := Decide(graph, &desired.File{Policy: desired.Policy{Default: action}}, world, nil, Circumstances{})
			if len(plan.Steps) != 2 || plan.Steps[0].Drifts[0].Held != first || plan.Steps[1].Drifts[0].Held != second {
				t.Errorf("%s: %+v", action, plan.Steps)
			}
			if waits := plan.Waiting(); (action == desired.Approve) != (len(waits) == 1 && waits[0].ID == "toy/first") {
				t.Errorf("%s: for approval waits %+v", action, waits)
			}
		}
		for id := range world {
			clouds.boxes[id] = &box{attrs: blue.Attrs, owner: "us"}
		}
		for round := range 2 {
			engine, err := New(&desired.File{Policy: desired.Policy{Default: desired.Repair}}, []Cloud{clouds}, nil)
			if err != nil {
				t.Fatal(err)
			}
			plan, world := engine.Plan(t.Context())
			if _, err := engine.Apply(context.Background(), plan, world); err != nil {
				t.Fatal(err)
			}
			for i, id := range []resource.ID{"toy/first", "toy/second"} {
				if done := clouds.boxes[id].attrs["colour"].One() == "red"; done != (i <= round) {
					t.Errorf("after %d applies, %s is as desired: %t", round+1, id, done)
				}
			}
		}
	})
}
