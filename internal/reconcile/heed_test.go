package reconcile

import (
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/resource"
)

// heeding is a toy whose colour follows that of another, which it does not need,
// and which can do without a need while the other is green.
type heeding struct {
	*toyResource
	other resource.ID
}

func (h heeding) Heeds() []resource.ID { return []resource.ID{h.other} }

func (h heeding) Spares(world resource.World) []resource.ID {
	if world[h.other].Attrs["colour"].One() != "green" {
		return nil
	}
	return []resource.ID{h.needs[0].On}
}

func (h heeding) Want(world resource.World) (resource.Spec, error) {
	if colour, known := world[h.other].Attrs["colour"]; known {
		return resource.Spec{Attrs: resource.Attrs{"colour": colour}, Owner: "us"}, nil
	}
	return h.toyResource.Want(world)
}

// TestWhatIsHeededIsSeenAndNotWaitedFor makes one that heeds another: it sees it,
// is compared anew with news of it, and waits neither for it nor, once it can do
// without, for its need.
func TestWhatIsHeededIsSeenAndNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clouds := newToy()
		clouds.add("toy/slow", time.Hour)
		clouds.add("toy/other", time.Second)
		clouds.resources = append(clouds.resources[:2], heeding{clouds.add("toy/heeds", time.Second, "toy/slow"), "toy/other"})
		graph, err := NewGraph(clouds.resources)
		if err != nil {
			t.Fatal(err)
		}
		heeds := graph.Resource("toy/heeds")
		if len(graph.Dependents("toy/other")) != 0 {
			t.Error("what is heeded is waited for")
		}
		if users := graph.users("toy/other"); len(users) != 1 || users[0] != "toy/heeds" {
			t.Errorf("before it goes, %v go, want who heeds it", users)
		}
		green := resource.Live{Phase: resource.Ready, Ref: "toy/other", Owner: "us", Attrs: resource.Attrs{"colour": resource.Of("green")}}
		if _, seen := view(heeds, resource.World{"toy/other": green})["toy/other"]; !seen {
			t.Error("what is heeded is not seen")
		}
		red := resource.Live{Phase: resource.Ready, Owner: "us", Attrs: resource.Attrs{"colour": resource.Of("red")}}
		world := resource.World{"toy/slow": red, "toy/heeds": red, "toy/other": red}
		compared := Compare(graph, world, nil)
		if before, after := len(compared.Drifts()), len(compared.With(resource.World{"toy/other": green}).Drifts()); before != 0 || after != 2 {
			t.Errorf("%d differences, and with news of the other %d, want its own and that of who heeds it", before, after)
		}
		if all, spared := needs(heeds, world), needs(heeds, resource.World{"toy/other": green}); len(all) != 1 || len(spared) != 0 {
			t.Errorf("it needs %v, and in a green world %v", all, spared)
		}
	})
}
