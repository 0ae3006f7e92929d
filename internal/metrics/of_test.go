package metrics

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// wanted is a resource of which the file wants some routes.
type wanted struct {
	id     resource.ID
	routes resource.Value
	err    error
}

func (w wanted) ID() resource.ID                                         { return w.id }
func (w wanted) Kind() *resource.Kind                                    { return &resource.Kind{Name: kindOf(w.id)} }
func (wanted) Needs() []resource.Need                                    { return nil }
func (wanted) Locks() []string                                           { return nil }
func (wanted) Apply(context.Context, resource.Spec, resource.Live) error { return nil }
func (wanted) Delete(context.Context, resource.Live) error               { return nil }

func (w wanted) Want(resource.World) (resource.Spec, error) {
	return resource.Spec{Attrs: resource.Attrs{attrRoutes: w.routes}}, w.err
}

func (wanted) Read(context.Context, resource.World) (resource.Live, error) {
	return resource.Live{}, nil
}

// scene is a file of two links and one VPC with two tables, and its graph.
func scene(t *testing.T) (*desired.File, *reconcile.Graph) {
	t.Helper()
	file := &desired.File{
		Schedule: desired.Schedule{Budget: desired.Duration(10 * time.Minute)},
		Azure:    desired.Azure{Hubs: []desired.Hub{{Name: "hub-jpe"}}},
		AWS: desired.AWS{Regions: []desired.Region{{TransitGateways: []desired.TransitGateway{{
			Name: "tgw-tokyo", VPCs: []desired.VPC{{Name: "vpc-a", RouteTables: []string{"rtb-0a", "rtb-0b"}}},
		}}}}},
		Links: []desired.Link{{Name: "tokyo", Redundancy: desired.Tunnels}, {Name: "osaka", Redundancy: desired.Single}},
	}
	resources := []resource.Resource{
		wanted{id: desired.HubRoutesID("hub-jpe"), err: errors.New("two networks overlap")},
		wanted{id: desired.TransitGatewayRoutesID("tgw-tokyo"), routes: resource.Of("10.1.0.0/16 a", "10.2.0.0/16 a")},
		wanted{id: desired.VPCRoutesID("rtb-0a"), routes: resource.Of("10.1.0.0/16 tgw")},
		wanted{id: desired.VPCRoutesID("rtb-0b"), routes: resource.Of("10.1.0.0/16 tgw")},
	}
	for _, tunnel := range file.Tunnels() {
		resources = append(resources, wanted{id: desired.AzureTunnelID(tunnel)}, wanted{id: desired.AWSTunnelID(tunnel)})
	}
	graph, err := reconcile.NewGraph(resources)
	if err != nil {
		t.Fatal(err)
	}
	return file, graph
}

func live(attr string, members ...string) resource.Live {
	return resource.Live{Phase: resource.Ready, AsOf: noon, Attrs: resource.Attrs{attr: resource.Of(members...)}}
}

func TestTunnelsAreLiveOnlyWhenBothCloudsSaySo(t *testing.T) {
	file, graph := scene(t)
	first, second, single := file.Tunnels()[0], file.Tunnels()[1], file.Tunnels()[2]
	world := resource.World{
		desired.AzureTunnelID(first): live("status", up), desired.AWSTunnelID(first): live("status", up),
		desired.AzureTunnelID(second): live("status", up), desired.AWSTunnelID(second): live("status", down),
		desired.AzureTunnelID(single): {Phase: resource.Absent}, desired.AWSTunnelID(single): {Phase: resource.Pending},
	}
	got := Of(file, graph, nil, world)
	if diff := cmp.Diff([]Tunnel{
		{Link: "tokyo", Name: "tokyo-0-1", Azure: up, AWS: up},
		{Link: "tokyo", Name: "tokyo-0-2", Azure: up, AWS: down},
		{Link: "osaka", Name: "osaka-0-1", Azure: down, AWS: unknown},
	}, got.Tunnels); diff != "" {
		t.Errorf("tunnels (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Link{{Name: "tokyo", Expected: 2, Live: 1}, {Name: "osaka", Expected: 1}}, got.Links); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}

func TestWhatWasNotReadIsUnknown(t *testing.T) {
	file, graph := scene(t)
	got := Of(file, graph, nil, resource.World{})
	for _, tunnel := range got.Tunnels {
		if tunnel.Azure != unknown || tunnel.AWS != unknown {
			t.Errorf("nobody has looked, and %+v", tunnel)
		}
	}
	for _, r := range got.Resources {
		if (r.Count > 0) != (r.Phase == "unknown") {
			t.Errorf("nobody has looked, and %+v", r)
		}
	}
	for _, r := range got.Routes {
		if r.Known || r.Missing > 0 {
			t.Errorf("nobody has looked, and %+v", r)
		}
	}
	if got.Judged || len(got.Observed) > 0 {
		t.Errorf("nobody has looked, and something was judged or observed: %+v", got)
	}
	// A status that stands beside a phase of Unknown is a leftover.
	world := resource.World{desired.AzureTunnelID(file.Tunnels()[0]): {Attrs: resource.Attrs{"status": resource.Of(up)}}}
	if got := Of(file, graph, nil, world).Tunnels[0].Azure; got != unknown {
		t.Errorf("a tunnel that could not be read is %s", got)
	}
}

func TestRoutesAreCountedByTableAndSummedByVPC(t *testing.T) {
	file, graph := scene(t)
	world := resource.World{
		desired.HubRoutesID("hub-jpe"):              live(attrRoutes, "10.1.0.0/16 vnet"),
		desired.TransitGatewayRoutesID("tgw-tokyo"): live(attrRoutes, "10.1.0.0/16 a", "10.9.0.0/16 a", "blackhole"),
		desired.VPCRoutesID("rtb-0a"):               live(attrRoutes, "10.1.0.0/16 tgw"),
	}
	want := []Routes{
		{Kind: "azure/hub-routes", Table: "hub-jpe", Seen: 1},
		{Kind: "aws/tgw-routes", Table: "tgw-tokyo", Known: true, Desired: 2, Seen: 3, Missing: 1, Undeclared: 2},
		{Kind: "aws/vpc-routes", Table: "vpc-a", Desired: 2, Seen: 1},
	}
	if diff := cmp.Diff(want, Of(file, graph, nil, world).Routes); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	world[desired.VPCRoutesID("rtb-0b")] = live(attrRoutes)
	want[2] = Routes{Kind: "aws/vpc-routes", Table: "vpc-a", Known: true, Desired: 2, Seen: 1, Missing: 1}
	if diff := cmp.Diff(want, Of(file, graph, nil, world).Routes); diff != "" {
		t.Errorf("with the second table (-want +got):\n%s", diff)
	}
}

func TestTheOldestObservationOfAKindCounts(t *testing.T) {
	file, graph := scene(t)
	world := resource.World{desired.VPCRoutesID("rtb-0a"): live(attrRoutes), desired.VPCRoutesID("rtb-0b"): {Phase: resource.Ready, AsOf: noon.Add(-time.Hour)}}
	want := []Observed{{Cloud: "aws", Kind: "aws/vpc-routes", Oldest: noon.Add(-time.Hour)}}
	if diff := cmp.Diff(want, Of(file, graph, nil, world).Observed); diff != "" {
		t.Errorf("observed (-want +got):\n%s", diff)
	}
}

func TestDriftsAreCountedByWhatLabelsThem(t *testing.T) {
	file, graph := scene(t)
	drift := func(id resource.ID, attr string, action desired.Action, held reconcile.HoldReason) reconcile.Step {
		d := resource.Drift{ID: id, Kind: kindOf(id), Class: resource.Differs, Attr: attr}
		return reconcile.Step{ID: id, Drifts: []reconcile.Decided{{Drift: d, Action: action, Held: held}, {Drift: d, Action: action, Held: held}}}
	}
	plan := reconcile.Plan{
		AsDesired: 7, Refused: "too much",
		Steps: []reconcile.Step{
			drift(desired.VPNSiteID("tokyo"), "address_space", desired.Repair, reconcile.NotHeld),
			drift(desired.AWSConnectionID("osaka", 0), "options", desired.Approve, reconcile.HeldApproval),
			drift(desired.TransitGatewayRoutesID("tgw-tokyo"), attrRoutes, desired.Report, reconcile.HeldPolicy),
		},
		Strays: []resource.Stray{{Class: resource.Orphan, Kind: "aws/vpn-connection", Ref: "vpn-0a"}, {Class: resource.Orphan, Kind: "aws/vpn-connection", Ref: "vpn-0b"}},
	}
	got := Of(file, graph, &plan, resource.World{})
	if diff := cmp.Diff([]Drifts{
		{Key: "aws/tgw-routes.routes", Decision: "report", Held: "policy", Count: 2},
		{Key: "aws/vpn-connection.options", Link: "osaka", Decision: "approve", Held: "approval", Count: 2},
		{Key: "azure/vpn-site.address_space", Link: "tokyo", Decision: "repair", Count: 2},
	}, got.Drifts); diff != "" {
		t.Errorf("drifts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Strays{{Kind: "aws/vpn-connection", Class: "orphan", Count: 2}}, got.Strays); diff != "" {
		t.Errorf("strays (-want +got):\n%s", diff)
	}
	if !got.Judged || got.AsDesired != 7 || !got.Refused || got.Approvals != 2 || got.Budget != 10*time.Minute {
		t.Errorf("of the plan: %+v", got)
	}
}

// defective is a table of which it cannot be told what it should hold.
type defective struct{ resource.Resource }

func (defective) Want(resource.World) (resource.Spec, error) { panic("a defect") }

func TestADefectInOneTableIsUnknownAndFailsNoScrape(t *testing.T) {
	var sum Routes
	sum.Known = true
	sum.add(defective{bare{id: desired.HubRoutesID("hub")}}, resource.World{})
	if sum.Known {
		t.Error("what nobody can tell is known")
	}
}

// bare is a resource of which only the id and the kind matter.
type bare struct {
	resource.Resource
	id resource.ID
}

func (b bare) ID() resource.ID        { return b.id }
func (b bare) Kind() *resource.Kind   { return &resource.Kind{Name: "azure/hub-routes", Given: true} }
func (b bare) Needs() []resource.Need { return nil }
