package reconcile

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/resource"
)

// patient is a toy whose colour is changed only once another has its own.
type patient struct {
	*toyResource
	other resource.ID
}

func (p patient) Waits(world resource.World) map[string]string {
	if world[p.other].Attrs["colour"].One() == "red" {
		return nil
	}
	return map[string]string{"colour": string(p.other) + " goes first"}
}

// TestOneConsentCarriesAPlanToItsEnd: what waited for its turn is done in a further
// round, and what began to differ after the plan was shown is not.
func TestOneConsentCarriesAPlanToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clouds := newToy()
		clouds.add("toy/box/first", time.Second)
		second := patient{clouds.add("toy/box/second", time.Second), "toy/box/first"}
		clouds.add("toy/box/under", time.Second)
		clouds.add("toy/box/aside", time.Second)
		clouds.resources[1] = second
		second.needs = []resource.Need{{On: "toy/box/under", At: resource.Ready}}
		paint := func(colour string, names ...string) {
			for _, name := range names {
				clouds.boxes[resource.ID("toy/box/"+name)] = &box{owner: "us", attrs: resource.Attrs{"colour": resource.Of(colour)}}
			}
		}
		paint("blue", "first", "second")
		paint("red", "under", "aside")
		engine := newEngine(t, clouds, newMemory(time.Now()))

		shown, world := engine.Plan(t.Context())
		var text strings.Builder
		if err := shown.Text(&text); err != nil || !strings.Contains(text.String(), "held: toy/box/first goes first\n    then: linkd goes on with it by itself\n") {
			t.Errorf("the plan does not say what becomes of the second:\n%s%v", text.String(), err)
		}
		report, err := engine.Apply(t.Context(), shown, world)
		if err != nil || len(report.Held()) != 0 || len(report.Left) != 1 || report.Left[0].ID != "toy/box/second" {
			t.Fatalf("the first round left %+v, held %+v: %v", report.Left, report.Held(), err)
		}
		paint("blue", "under", "aside")
		next, world, goes := engine.Further(t.Context(), shown, shown, report)
		if !goes || len(next.Writes()) != 2 || next.Writes()[0].ID != "toy/box/under" || next.Writes()[1].ID != "toy/box/second" {
			t.Fatalf("the second round writes %+v", next.Writes())
		}
		walked, err := engine.Apply(t.Context(), next, world)
		if err != nil {
			t.Fatal(err)
		}
		all := report.And(next, walked)
		if len(all.Failures())+len(all.Skips())+len(all.Held()) > 0 || len(all.Left) != 1 || all.Left[0].ID != "toy/box/aside" || all.Left[0].Held != HeldAside {
			t.Errorf("both rounds left %+v: %+v", all.Left, all.Outcomes)
		}
		if _, _, goes := engine.Further(t.Context(), shown, next, walked); goes {
			t.Error("it goes on with what nobody was shown")
		}
	})
}

// TestWhatFailedIsNotTriedInAFurtherRound: a person looks first.
func TestWhatFailedIsNotTriedInAFurtherRound(t *testing.T) {
	shown := Plan{Steps: []Step{{ID: "toy/box", Drifts: []Decided{{Held: HeldOrder}}}}}
	well := Report{Outcomes: []Outcome{{ID: "toy/box", What: Settled, Wrote: 1}}}
	if !goesOn(shown, well) {
		t.Error("it stops though something waits for its turn")
	}
	failed := Report{Outcomes: append(well.Outcomes, Outcome{ID: "toy/other", What: Broken})}
	still := Report{Outcomes: []Outcome{{ID: "toy/box", What: Settled}}}
	for _, report := range []Report{failed, still} {
		if goesOn(shown, report) {
			t.Errorf("it goes on after %+v", report.Outcomes)
		}
	}
	if goesOn(Plan{}, well) {
		t.Error("it looks again though nothing waited")
	}
}
