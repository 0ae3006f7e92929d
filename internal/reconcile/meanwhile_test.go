package reconcile

import (
	"slices"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// TestAMoveTellsWhatVNetsOfOtherHubsLose tells of which moves the VNets of other hubs are
// without the link for a while.
func TestAMoveTellsWhatVNetsOfOtherHubsLose(t *testing.T) {
	t.Parallel()
	first, second := desired.AWSConnectionID("tokyo", desired.Preferred), desired.AWSConnectionID("tokyo", desired.Standby)
	for name, move := range map[string]struct {
		change  func(*desired.File)
		routing map[resource.ID]string // that stands
		action  desired.Action
		then    desired.Action
		lost    []string
		seconds float64
	}{
		"to BGP, by a rule":                  {routing: map[resource.ID]string{first: "static", second: "static"}, action: desired.Report, then: desired.Repair, lost: []string{"vnet-use"}, seconds: 60},
		"to BGP, that waits for approval":    {routing: map[resource.ID]string{first: "static", second: "static"}, action: desired.Approve, lost: []string{"vnet-use"}, seconds: 60},
		"to BGP, with a second connection":   {routing: map[resource.ID]string{first: "static"}, action: desired.Repair, lost: []string{"vnet-use"}, seconds: 60},
		"back":                               {change: func(f *desired.File) { f.Links[0].Routing = desired.Static }, routing: map[resource.ID]string{first: "bgp", second: "bgp"}, action: desired.Repair, lost: []string{"vnet-use"}, seconds: 40},
		"policy leaves it":                   {routing: map[resource.ID]string{first: "static", second: "static"}, action: desired.Report},
		"the other has moved":                {routing: map[resource.ID]string{first: "static", second: "bgp"}, action: desired.Repair},
		"one connection, so nothing carries": {change: func(f *desired.File) { f.Links[0].Redundancy = desired.Tunnels }, routing: map[resource.ID]string{first: "static"}, action: desired.Repair},
		"no VNet on another hub":             {change: func(f *desired.File) { f.Azure.Hubs[1].VNets = nil }, routing: map[resource.ID]string{first: "static", second: "static"}, action: desired.Repair},
	} {
		file := &desired.File{
			Azure: desired.Azure{Hubs: []desired.Hub{{Name: "hub-jpe", VNets: []desired.VNet{{Name: "vnet-jpe"}}}, {Name: "hub-use", VNets: []desired.VNet{{Name: "vnet-use"}}}}},
			Links: []desired.Link{{Name: "tokyo", Hub: "hub-jpe", TransitGateway: "tgw", Redundancy: desired.Full, Routing: desired.BGP}},
		}
		if move.change != nil {
			move.change(file)
		}
		world, plan := resource.World{}, Plan{}
		for id, routing := range move.routing {
			world[id] = resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{"routing": resource.Of(routing)}}
			if routing != string(file.Links[0].Routing) {
				plan.Steps = append(plan.Steps, Step{ID: id, Drifts: []Decided{{Drift: resource.Drift{ID: id, Attr: "routing"}, Action: move.action, Then: move.then}}})
			}
		}
		told := plan.meanwhile(file, world)
		switch {
		case len(told) != len(move.lost):
			t.Errorf("%s: it tells %+v", name, told)
		case len(told) == 1 && (!slices.Equal(told[0].Networks, move.lost) || told[0].Seconds != move.seconds):
			t.Errorf("%s: it tells %+v, want %v for %v", name, told, move.lost, move.seconds)
		}
	}
}
