package reconcile

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// TestNewsAreComparedAsAWholeWorldWouldBe takes one resource's news into a
// comparison: it is the same as to compare the world that comes of it.
func TestNewsAreComparedAsAWholeWorldWouldBe(t *testing.T) {
	graph, _, world := linked(t)
	before := Compare(graph, world, nil)
	if drifts := before.Drifts(); len(drifts) != 0 {
		t.Fatalf("it differs: %v", drifts)
	}
	connection := desired.AWSConnectionID("tokyo", 0)
	for name, live := range map[string]resource.Live{
		"another option": {Phase: resource.Ready, Owner: "us", Ref: "vpn", Attrs: resource.Attrs{"tunnel_1_dpd": resource.Of("clear"), "tunnel_2_dpd": resource.Of("restart")}},
		"it is gone":     {Phase: resource.Absent},
		"nobody knows":   {Why: "throttled"},
	} {
		news := maps.Clone(world)
		news[connection] = live
		got := before.With(resource.World{connection: live})
		if diff := cmp.Diff(Compare(graph, news, nil).Drifts(), got.Drifts()); diff != "" || len(got.Drifts()) == 0 {
			t.Errorf("%s: -whole +news\n%s", name, diff)
		}
		if len(before.Drifts()) != 0 || before.World[connection].Ref != world[connection].Ref {
			t.Errorf("%s: the comparison before has changed", name)
		}
	}
	other, _, _ := linked(t)
	if moved := before.On(other); moved.graph != other || len(moved.Drifts()) != 0 {
		t.Errorf("on another graph: %v", moved.Drifts())
	}
}
