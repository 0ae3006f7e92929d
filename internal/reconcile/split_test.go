package reconcile

import (
	"slices"
	"testing"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

func TestAPlanIsSplitIntoPartsThatWriteApart(t *testing.T) {
	cloud := newToy()
	for _, r := range [][]string{{"wan"}, {"hub1", "wan"}, {"gw1", "hub1"}, {"hub2", "wan"}, {"gw2", "hub2"}, {"table"}} {
		needs := slices.Clone(r[1:])
		for i := range needs {
			needs[i] = "toy/box/" + needs[i]
		}
		cloud.add("toy/box/"+r[0], time.Minute, needs...)
	}
	engine, err := New(&desired.File{Owner: "us", Policy: desired.Policy{Default: desired.Repair}}, []Cloud{cloud}, newMemory(time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	step := func(name string, verb Verb) Step {
		return Step{ID: resource.ID("toy/box/" + name), Verb: verb, Drifts: []Decided{{}}}
	}
	for name, test := range map[string]struct {
		steps []Step
		parts [][]string // the steps of each
	}{
		"two hubs go side by side":           {[]Step{step("gw1", Update), step("gw2", Update)}, [][]string{{"gw1"}, {"gw2"}}},
		"what shares a dependent is one":     {[]Step{step("hub1", Update), step("gw1", Update), step("table", Create)}, [][]string{{"hub1", "gw1"}, {"table"}}},
		"the wan joins all":                  {[]Step{step("wan", Update), step("gw1", Update), step("gw2", Update)}, [][]string{{"wan", "gw1", "gw2"}}},
		"a running need is waited for":       {[]Step{step("hub1", Await), step("gw1", Create), step("gw2", Create)}, [][]string{{"hub1", "gw1"}, {"gw2"}}},
		"what is held is told to every part": {[]Step{step("hub2", Hold), step("gw1", Update), step("table", Update)}, [][]string{{"hub2", "gw1"}, {"hub2", "table"}}},
		"nothing to write is no part":        {[]Step{step("hub1", Await), step("table", Hold)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var parts [][]string
			for _, part := range engine.Split(Plan{Steps: test.steps}) {
				var names []string
				for _, s := range part.Steps {
					names = append(names, string(s.ID[len("toy/box/"):]))
				}
				parts = append(parts, names)
			}
			if !slices.EqualFunc(parts, test.parts, slices.Equal) {
				t.Errorf("the parts are %v, want %v", parts, test.parts)
			}
		})
	}
}
