package sim

import (
	"encoding/json"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/catalogue"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// twoRegionsPeered is what joins the two transit gateways of these tests.
var twoRegionsPeered = catalogue.Peering{
	Kind: "aws/peering", Name: "tokyo-virginia", Owner: "two-regions",
	Asks:  catalogue.PeeringEnd{Region: "ap-northeast-1", Gateway: "tgw-tokyo", VPC: "vpc-0a10000000000000a", Far: "172.22.0.0/16"},
	Asked: catalogue.PeeringEnd{Region: "us-east-1", Gateway: "tgw-virginia", VPC: "vpc-0c30000000000000c", Far: "172.20.0.0/16"},
}

// peeredRegions is two VPCs of two regions, and the peering of their transit
// gateways.
type peeredRegions struct {
	*testing.T
	sim *Simulator
}

func buildPeered(t *testing.T) peeredRegions {
	t.Helper()
	given, err := scenario.Load("../../deploy/examples/two-regions.scenario.yaml")
	if err != nil {
		t.Fatal(err)
	}
	simulator, err := New(given, Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, g := peeredRegions{t, simulator}, twoRegionsPeered
	type object = map[string]any
	tagged := func(kind, name, id string) []any {
		return []any{object{"ResourceType": kind, "Tag": []any{
			object{"Key": "Name", "Value": name}, object{"Key": "linkd-owner", "Value": g.Owner}, object{"Key": "linkd-id", "Value": id},
		}}}
	}
	for _, e := range []catalogue.PeeringEnd{g.Asks, g.Asked} {
		w.change("create", "transit-gateway", e.Region, "", object{"TagSpecification": tagged("transit-gateway", e.Gateway, "aws/transit-gateway/"+e.Gateway)})
	}
	id := func(region, section string, of func(thing) bool) string { return w.find(region, section, of).ID }
	first := func(thing) bool { return true }
	w.change("create", "transit-gateway-peering-attachment", g.Asks.Region, "", object{
		"TransitGatewayId": id(g.Asks.Region, "TransitGateways", first), "PeerTransitGatewayId": id(g.Asked.Region, "TransitGateways", first),
		"PeerAccountId": "123456789012", "PeerRegion": g.Asked.Region, "Accepted": true,
		"TagSpecification": tagged("transit-gateway-attachment", "two-regions-tokyo-virginia", "aws/peering/tokyo-virginia"),
	})
	for _, e := range []catalogue.PeeringEnd{g.Asks, g.Asked} {
		gateway := id(e.Region, "TransitGateways", first)
		subnet := id(e.Region, "Subnets", first)
		w.change("create", "transit-gateway-attachment", e.Region, "", object{"TransitGatewayId": gateway, "VpcId": e.VPC, "SubnetIds": []any{subnet}})
		w.change("add", "route-table", id(e.Region, "VPCRouteTables", first), "Routes", object{"DestinationCidrBlock": e.Far, "TransitGatewayId": gateway})
		w.change("add", "transit-gateway-route-table", id(e.Region, "RouteTables", first), "Routes", object{
			"DestinationCidrBlock": e.Far, "TransitGatewayAttachmentId": id(e.Region, "Attachments", func(a thing) bool { return a.ResourceType == "peering" }),
		})
	}
	return w
}

// thing is what anything of AWS says of itself in a dump.
type thing struct{ ID, ResourceType string }

func (w peeredRegions) state() []byte {
	w.Helper()
	text, err := json.Marshal(w.sim.Dump())
	if err != nil {
		w.Fatal(err)
	}
	return text
}

func (w peeredRegions) find(region, section string, of func(thing) bool) thing {
	w.Helper()
	var state struct {
		AWS map[string]map[string][]json.RawMessage
	}
	if err := json.Unmarshal(w.state(), &state); err != nil {
		w.Fatal(err)
	}
	for _, text := range state.AWS[region][section] {
		var found thing
		if err := json.Unmarshal(text, &found); err != nil {
			w.Fatal(err)
		}
		if of(found) {
			return found
		}
	}
	w.Fatalf("%s of %s has none", region, section)
	return thing{}
}

func (w peeredRegions) change(op, kind, name, field string, value any) {
	w.Helper()
	if err := w.sim.Mutate(ground.Mutation{Cloud: "aws", Op: op, Kind: kind, Name: name, Field: field, Value: value}); err != nil {
		w.Fatal(err)
	}
}

// crosses tells whether echoes go from each VPC to the other.
func (w peeredRegions) crosses() bool {
	a, c := netip.MustParseAddr("172.20.0.10"), netip.MustParseAddr("172.22.0.10")
	return w.sim.Echo(a, c).Crossed && w.sim.Echo(c, a).Crossed
}

// differs is where two texts begin to differ, or -1.
func differs(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) != len(b) {
		return min(len(a), len(b))
	}
	return -1
}

func TestWhatGoesWrongWithAPeeringDoesWhatItSays(t *testing.T) {
	names := map[string]bool{}
	for _, entry := range twoRegionsPeered.Entries() {
		if names[entry.Name] {
			t.Errorf("two entries are called %q", entry.Name)
		}
		names[entry.Name] = true
		t.Run(entry.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := buildPeered(t)
				if !w.crosses() {
					t.Fatal(w.sim.Echoes())
				}
				before := string(w.state())
				play := func(steps []catalogue.Step) {
					t.Helper()
					if err := catalogue.Play(steps, func() ([]byte, error) { return w.state(), nil }, w.sim.Mutate); err != nil {
						t.Fatal(err)
					}
				}
				play(entry.Do)
				if string(w.state()) == before {
					t.Error("nothing changed")
				}
				if w.crosses() == (entry.Cuts == catalogue.CutsAll) {
					t.Errorf("echoes cross: %t", w.crosses())
				}
				if entry.Then == nil || entry.Cuts == catalogue.CutsAll {
					return // what it cuts, a repair mends first
				}
				play(entry.Then)
				time.Sleep(2 * time.Hour) // until what was deleted is listed no more
				if at := differs(before, string(w.state())); at >= 0 {
					t.Errorf("in the end it is …%.200s, and was …%.200s", string(w.state())[at:], before[at:])
				}
			})
		})
	}
}
