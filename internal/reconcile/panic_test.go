package reconcile

import (
	"context"
	"strings"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// defective panics when it is asked what it should be.
type defective struct{ *toyResource }

func (d defective) Want(resource.World) (resource.Spec, error) { panic("nil map") }

// TestADefectInOneResourceIsUnknownAndNoMore decides about a resource whose
// Want panics, and about one that needs it.
func TestADefectInOneResourceIsUnknownAndNoMore(t *testing.T) {
	for _, phase := range []resource.Phase{resource.Unknown, resource.Absent, resource.Failed, resource.Pending, resource.Ready} {
		toys := newToy()
		toys.add("toy/a", 0)
		toys.add("toy/b", 0, "toy/a")
		toys.add("toy/c", 0)
		toys.resources[0] = defective{toys.resources[0].(*toyResource)}
		graph, err := NewGraph(toys.resources)
		if err != nil {
			t.Fatal(err)
		}
		world := resource.World{
			"toy/a": {Phase: phase, Ref: "a"},
			"toy/b": {Phase: resource.Absent},
			"toy/c": {Phase: resource.Absent},
		}
		plan := Decide(graph, &desired.File{Policy: desired.Policy{Default: desired.Repair}}, world, nil, Circumstances{})
		for _, step := range plan.Steps {
			if step.ID == "toy/a" && (step.Verb.Writes() || !strings.Contains(step.Drifts[0].Why, "defect")) {
				t.Errorf("%s: the defective one: %s %+v", phase, step.Verb, step.Drifts)
			}
			if step.ID == "toy/c" && step.Verb != Create {
				t.Errorf("%s: the other: %s %+v", phase, step.Verb, step.Drifts)
			}
		}
	}
}

// blind is a cloud that panics when it is looked at.
type blind struct{ *toy }

func (blind) Sweep(context.Context) (resource.World, []resource.Stray) { panic("nil map") }

func (blind) SweepTunnels(context.Context) resource.World { panic("nil map") }

func TestADefectInALookIsToldOfAllThatWasNotSeen(t *testing.T) {
	toys := newToy()
	toys.add("toy/a", 0)
	full, _ := Observe(t.Context(), []Cloud{blind{toys}})
	for look, world := range map[string]resource.World{"all": full, "tunnels": ObserveTunnels(t.Context(), []Cloud{blind{toys}})} {
		if live := world["toy/a"]; live.Phase != resource.Unknown || !live.Defect || live.Why != "this is a defect of linkd: nil map" {
			t.Errorf("%s: %+v", look, live)
		}
	}
}
