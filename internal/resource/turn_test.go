package resource_test

import (
	"testing"

	"linkd/internal/resource"
)

// TestATurnIsOneDifferenceOfItsOwn lets two members take the place of two others,
// beside one that is missing and one that nobody declared.
func TestATurnIsOneDifferenceOfItsOwn(t *testing.T) {
	want := resource.Spec{
		Attrs: resource.Attrs{"routes": resource.Of("a two", "b two", "c two")},
		Turns: map[string][]resource.Turn{"routes": {{
			Of: "tokyo", Instead: map[string]string{"a one": "a two", "b one": "b two", "d one": "d two"}, Why: "one is down", Breaks: "all of one",
		}}},
	}
	live := ready(resource.Attrs{"routes": resource.Of("a one", "b one", "x")}, nil)
	drifts := resource.Diff("id", tableKind, want, live)
	if len(drifts) != 3 {
		t.Fatalf("want a turn, what is missing and what is undeclared: %+v", drifts)
	}
	turn, missing, extra := drifts[0], drifts[1], drifts[2]
	if !turn.Turn || turn.Key() != "aws/tgw-routes.routes" || turn.Member != "tokyo" || turn.Why != "one is down" || turn.Breaks != "all of one" || turn.Effect != resource.NoInterruption {
		t.Errorf("the turn is %+v", turn)
	}
	if !turn.Have.Equal(resource.Of("a one", "b one")) || !turn.Want.Equal(resource.Of("a two", "b two")) {
		t.Errorf("it turns %v to %v", turn.Have, turn.Want)
	}
	if missing.Turn || !missing.Want.Equal(resource.Of("c two")) || extra.Class != resource.Extra || !extra.Have.Equal(resource.Of("x")) {
		t.Errorf("beside it: %+v, %+v", missing, extra)
	}
	for name, c := range map[string]struct {
		allowed []resource.Drift
		becomes resource.Value
	}{
		"the turn alone":         {drifts[:1], resource.Of("a two", "b two", "x")},
		"what is missing alone":  {drifts[1:2], resource.Of("a one", "b one", "c two", "x")},
		"what is undeclared too": {drifts, resource.Of("a two", "b two", "c two")},
	} {
		if got := resource.Target(tableKind, want, live, c.allowed).Attrs["routes"]; !got.Equal(c.becomes) {
			t.Errorf("%s: routes become %v, want %v", name, got, c.becomes)
		}
	}
	if got := want.Turning("routes"); !got.Equal(resource.Of("a one", "b one", "d one")) {
		t.Errorf("linkd's own are %v", got)
	}
}
