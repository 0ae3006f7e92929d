package examine

import (
	"context"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/probe"
)

// knows is a vantage that has results of some targets only.
type knows struct {
	name    string
	targets map[string]int // how many echoes came back
}

func (k knows) Name() string             { return k.name }
func (k knows) From(desired.Target) bool { return len(k.targets) > 0 }

func (k knows) Ping(_ context.Context, from desired.Target, to []desired.Target, _ Ask) []probe.Result {
	var all []probe.Result
	for _, target := range to {
		received, known := k.targets[target.Name]
		result := probe.Result{From: from.Name, To: target.Name, Sent: 5, Received: received}
		if !known {
			result = probe.Result{From: from.Name, To: target.Name, Err: k.name + " has none"}
		}
		all = append(all, result)
	}
	return all
}

// TestWhatOneVantageHasNoResultOfTheNextIsAsked: a daemon that probes some pairs
// must not keep the others from being sent to.
func TestWhatOneVantageHasNoResultOfTheNextIsAsked(t *testing.T) {
	from, to := desired.Target{Name: "a"}, []desired.Target{{Name: "b"}, {Name: "c"}, {Name: "d"}}
	pings := pingsFrom(t.Context(), from, to, usual, []Vantage{
		knows{"first", map[string]int{"c": 5}}, knows{"nobody", nil}, knows{"second", map[string]int{"b": 4, "c": 0}},
	})
	want := []struct {
		vantage  string
		received int
		err      string
	}{{"second", 4, ""}, {"first", 5, ""}, {"first", 0, "first has none"}}
	for i, ping := range pings {
		if ping.Vantage != want[i].vantage || ping.Received != want[i].received || ping.Err != want[i].err {
			t.Errorf("%s: %+v, want %+v", to[i].Name, ping, want[i])
		}
	}
}
