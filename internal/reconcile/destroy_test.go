package reconcile

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/resource"
)

// standingToy is a cloud with a box, a box that needs it, and all of it stands.
func standingToy(t *testing.T) (*toy, *toyResource, *toyResource) {
	t.Helper()
	cloud := newToy()
	below, above := cloud.add("toy/box/below", time.Minute), cloud.add("toy/box/above", time.Minute, "toy/box/below")
	for _, r := range []*toyResource{below, above} {
		cloud.boxes[r.id] = &box{attrs: r.want, owner: "us"}
	}
	return cloud, below, above
}

// speechless cannot say what the file wants of it, nor whose it is.
type speechless struct{ *toyResource }

func (s speechless) Want(resource.World) (resource.Spec, error) {
	return resource.Spec{}, errors.New("two prefixes overlap")
}

func TestWhatCannotBeWantedIsNotTakenForAdopted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, _, above := standingToy(t)
		cloud.resources[1] = speechless{above}
		engine := newEngine(t, cloud, newMemory(time.Now()))
		plan, world := engine.PlanDestroy(t.Context())
		for i, want := range []string{"two prefixes overlap", "toy/box/above stays and needs it"} {
			if step := plan.Steps[i]; step.Verb != Hold || step.Drifts[0].Class != resource.Blocked || !strings.Contains(step.Drifts[0].Reason(), want) {
				t.Errorf("%s %s: %q, want a hold that says %q", step.Verb, step.ID, step.Drifts[0].Reason(), want)
			}
		}
		if report, err := engine.Destroy(t.Context(), plan, world); err != nil || len(report.Outcomes) > 0 || len(cloud.boxes) != 2 {
			t.Errorf("%v, %+v, %d boxes stand", err, report, len(cloud.boxes))
		}
	})
}

// replaced stands with another reference, or another owner, once it was
// deleted: something that the plan has not seen.
type replaced struct {
	*toyResource
	ref, owner string
	deletes    *int
}

func (r replaced) Read(ctx context.Context, world resource.World) (resource.Live, error) {
	live, err := r.toyResource.Read(ctx, world)
	if *r.deletes > 0 && live.Phase == resource.Absent {
		live = resource.Live{Phase: resource.Ready, Ref: r.ref, Owner: r.owner, Attrs: r.want}
	}
	return live, err
}

func (r replaced) Delete(ctx context.Context, live resource.Live) error {
	*r.deletes++
	return r.toyResource.Delete(ctx, live)
}

func TestADestroyRemovesNothingThatThePlanHasNotSeen(t *testing.T) {
	for name, other := range map[string]replaced{
		"a second one with our tags":   {ref: "second", owner: "us"},
		"somebody's in the same place": {ref: "theirs"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, _, above := standingToy(t)
				deletes := 0
				other.toyResource, other.deletes = above, &deletes
				cloud.resources[1] = other
				engine := newEngine(t, cloud, newMemory(time.Now()))
				plan, world := engine.PlanDestroy(t.Context())
				report, err := engine.Destroy(t.Context(), plan, world)
				if err != nil || deletes != 1 || report.Outcomes[0].What != HeldBy || report.Outcomes[1].What != Skipped {
					t.Errorf("%d deletes, %v: %+v", deletes, err, report.Outcomes)
				}
			})
		})
	}
}

func TestASharedTableOfSomebodyElseIsLeftAsItIs(t *testing.T) {
	for name, c := range map[string]struct {
		owner string
		want  Verb
	}{"ours": {"us", Remove}, "another's": {"somebody", Hold}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, _, above := standingToy(t)
				above.kind.Shared, above.kind.Attrs[0].Members = true, true
				cloud.boxes[above.id].owner = c.owner
				plan, _ := newEngine(t, cloud, newMemory(time.Now())).PlanDestroy(t.Context())
				if step := plan.Steps[0]; step.ID != above.id || step.Verb != c.want {
					t.Errorf("%s %s, want %s", step.Verb, step.ID, c.want)
				}
			})
		})
	}
}
