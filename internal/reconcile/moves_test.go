package reconcile

import (
	"slices"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// liveAt is a world in which all tunnels of a file are up, and Azure's end of each link is
// at a hub.
func liveAt(file *desired.File, hub string) resource.World {
	world := resource.World{}
	for _, link := range file.Links {
		world[desired.AzureConnectionID(link.Name)] = resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{desired.FactHub: resource.Of(hub)}}
		for _, t := range link.Tunnels() {
			up := resource.Live{Phase: resource.Ready, Attrs: resource.Attrs{"status": resource.Of("up")}}
			world[desired.AzureTunnelID(t)], world[desired.AWSTunnelID(t)] = up, up
		}
	}
	return world
}

// TestALinkThatMovesToAnotherHubMovesAsOne: of a link whose Azure end stands at another
// hub, whatever changes at either end costs all of its tunnels, for none of them comes up
// again before the rest has moved; of one that stands where it should, its own.
func TestALinkThatMovesToAnotherHubMovesAsOne(t *testing.T) {
	file := &desired.File{Links: []desired.Link{{Name: "tokyo", Hub: "hub-use", Redundancy: desired.Full}}}
	graph, err := NewGraph(nil)
	if err != nil {
		t.Fatal(err)
	}
	address := resource.Drift{
		ID: desired.CustomerGatewayID("tokyo", 0), Class: resource.Differs, Attr: "address", Fix: resource.InPlace, Effect: resource.AllTunnels,
		Want: resource.Of("203.0.113.2"), Have: resource.Of("203.0.113.1"),
	}
	option := resource.Drift{ID: desired.AWSConnectionID("tokyo", 0), Class: resource.Differs, Attr: "tunnel_1_startup", Fix: resource.InPlace, Effect: resource.OneTunnel}
	for _, row := range []struct {
		hub   string
		drift resource.Drift
		want  []string
	}{
		{"hub-jpe", address, []string{"tokyo-0-1", "tokyo-0-2", "tokyo-1-1", "tokyo-1-2"}},
		{"hub-use", address, []string{"tokyo-0-1", "tokyo-0-2"}},
		{"hub-jpe", option, []string{"tokyo-0-1"}},
	} {
		var cut []string
		for _, t := range graph.cut(file, liveAt(file, row.hub), row.drift) {
			cut = append(cut, t.Name())
		}
		if !slices.Equal(cut, row.want) {
			t.Errorf("at %s, %s costs %v, want %v", row.hub, row.drift.Attr, cut, row.want)
		}
	}
}

// TestAMoveIsMadeAnewAndWaitsForNoMoreThanItsTunnels: it is a delete and a create, of
// which policy holds no more than of other repairs.
func TestAMoveIsMadeAnewAndWaitsForNoMoreThanItsTunnels(t *testing.T) {
	drift := resource.Drift{Kind: "azure/vpn-connection", Class: resource.Differs, Attr: desired.FactHub, Fix: resource.Move, Effect: resource.AddressChange}
	decided := Circumstances{}.decide(&desired.File{Policy: desired.Policy{Default: desired.Repair}}, []resource.Drift{drift})
	if verb := verbOf(&resource.Kind{}, decided); verb != Renew {
		t.Errorf("it is a %q: %+v", verb, decided)
	}
}
