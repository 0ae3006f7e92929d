package endtoend

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim/scenario"
)

// lasts maps a kind to the rows of the simulator's table that say how long it
// takes until it is created, and what it then needs until it is ready.
var lasts = map[string]struct {
	create string
	settle []string
	update string
}{
	"azure/virtual-wan":      {create: "azure/virtualWans/create"},
	"azure/virtual-hub":      {create: "azure/virtualHubs/create", settle: []string{"azure/virtualHubs/routing"}},
	"azure/vnet-connection":  {create: "azure/hubVirtualNetworkConnections/create"},
	"azure/vpn-gateway":      {create: "azure/vpnGateways/create", update: "azure/vpnGateways/update"},
	"azure/vpn-site":         {create: "azure/vpnSites/create"},
	"azure/vpn-connection":   {create: "azure/vpnConnections/create"},
	"azure/hub-routes":       {create: "azure/virtualHubs/effectiveRoutes"},
	"aws/transit-gateway":    {create: "aws/transit-gateway/create"},
	"aws/vpc-attachment":     {create: "aws/vpc-attachment/create", settle: []string{"aws/association/create", "aws/propagation/create"}},
	"aws/customer-gateway":   {create: "aws/customer-gateway/create"},
	"aws/peering-attachment": {create: "aws/peering-attachment/create", settle: []string{"aws/peering-attachment/accept", "aws/association/create"}},
	"aws/vpn-connection":     {create: "aws/vpn-connection/create", settle: []string{"aws/association/create"}},
	"aws/tgw-routes":         {create: "aws/transit-gateway-route/create"},
}

// waiter is how somebody learns that an operation has ended: when it took
// takes, it is seen to have ended after waiter(kind, takes).
type waiter func(kind string, takes time.Duration) time.Duration

// atOnce knows every end at the moment it comes.
func atOnce(_ string, takes time.Duration) time.Duration { return takes }

// terraform models the waiters of the azurerm and aws providers, as read in
// their sources: Azure's operations are polled when their own Retry-After says
// (recorded: 10, 10, 20, 20, 40, 40, 80, 160, then 100 seconds), a hub's routing
// every 15 seconds until three looks in a row agree, and a VPN connection every
// 10 seconds.
func terraform(kind string, takes time.Duration) time.Duration {
	switch kind {
	case "azure/virtual-hub":
		return roundUp(takes, 15*time.Second) + 30*time.Second
	case "azure/virtual-wan", "azure/vnet-connection", "azure/vpn-gateway", "azure/vpn-site", "azure/vpn-connection":
		var seen time.Duration
		for i := 0; seen < takes || seen == 0; i++ {
			gaps := []time.Duration{10, 10, 20, 20, 40, 40, 80, 160}
			gap := 100 * time.Second
			if i < len(gaps) {
				gap = gaps[i] * time.Second
			}
			seen += gap
		}
		return seen
	case "azure/hub-routes", "azure/vpn-tunnel", "aws/vpn-tunnel": // nobody waits for them
		return 0
	}
	return roundUp(takes, 10*time.Second)
}

func roundUp(span, step time.Duration) time.Duration { return (span + step - 1) / step * step }

// play plays the graph through with the simulator's own durations. It returns
// when the last resource is seen to be ready, and the sum of all operations.
// Whoever wants whole needs, as Terraform does, lets nothing begin on a
// resource that is created but has not settled. Kinds that are named twice are
// written once more before they are ready.
func play(g *reconcile.Graph, b scenario.Behaviour, sees waiter, whole bool, twice ...string) (path, serial time.Duration) {
	type times struct{ created, ready time.Duration }
	at := map[resource.ID]times{}
	for _, id := range g.Order() {
		r := g.Resource(id)
		var start time.Duration
		var spared []resource.ID // what it would do without, as long as nothing stands
		if heeder, heeds := r.(resource.Heeder); heeds {
			spared = heeder.Spares(resource.World{})
		}
		for _, need := range r.Needs() {
			if slices.Contains(spared, need.On) {
				continue
			}
			ends := at[need.On].ready
			if need.At <= resource.Created && !whole {
				ends = at[need.On].created
			}
			start = max(start, ends)
		}
		kind := r.Kind().Name
		created, ready := spans(kind, b)
		if slices.Contains(twice, kind) { // it is made, and then written once more
			ready += b.Takes(lasts[kind].update)
		}
		serial += ready
		ready = sees(kind, ready)
		at[id] = times{start + min(created, ready), start + ready}
		path = max(path, at[id].ready)
	}
	return path, serial
}

// spans is how long a resource takes until it is created, and until it is
// ready.
func spans(kind string, b scenario.Behaviour) (created, ready time.Duration) {
	row := lasts[kind]
	created = b.Takes(row.create)
	ready = created
	for _, operation := range row.settle {
		ready += b.Takes(operation)
	}
	switch kind {
	case "azure/virtual-hub": // its row speaks of the whole way from the PUT
		ready -= created
	case "aws/vpn-connection": // its facts may be in the answer of the create
		if b.TunnelsKnown == "at-create" {
			created = 0
		}
	case "azure/vpn-tunnel", "aws/vpn-tunnel":
		created = b.Handshake + b.Telemetry
		ready = created
	}
	return created, ready
}

// TestTheBuildTakesItsCriticalPathAndOnePercent measures the makespan of the
// article's link with the durations of recorded traffic.
func TestTheBuildTakesItsCriticalPathAndOnePercent(t *testing.T) {
	t.Parallel()
	for _, known := range []string{"at-create", "when-available"} {
		t.Run("tunnels known "+known, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, func(s *scenario.Scenario) { s.Behaviour.TunnelsKnown = known })
				engine := l.engine(t.Context())
				path, serial := play(engine.Graph, l.behaviour, atOnce, false)
				waited, _ := play(engine.Graph, l.behaviour, terraform, true)
				report := l.mustBuild()
				t.Logf("critical path %s; built in %s, %.4f times that, with %d requests; model of Terraform's waiters %s, %.4f times; one after the other %s",
					path, report.Took.Round(time.Second), float64(report.Took)/float64(path), l.wire.count, waited, float64(waited)/float64(path), serial)
				if report.Took > path*101/100 {
					t.Errorf("the build took %s, more than 1.01 times the critical path of %s", report.Took, path)
				}
			})
		})
	}
}

// TestTwoRegionsTakeTheirCriticalPathAndOnePercent measures the example of two hubs
// with gateways and eight tunnels with BGP. A gateway takes the addresses of BGP with
// a second write only.
func TestTwoRegionsTakeTheirCriticalPathAndOnePercent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfRegions(t, nil)
		engine := l.engine(t.Context())
		path, serial := play(engine.Graph, l.behaviour, atOnce, false, "azure/vpn-gateway")
		waited, _ := play(engine.Graph, l.behaviour, terraform, true, "azure/vpn-gateway")
		report := l.mustBuild()
		t.Logf("critical path %s; built in %s, %.4f times that, with %d requests; model of Terraform's waiters %s, %.4f times; one after the other %s",
			path, report.Took.Round(time.Second), float64(report.Took)/float64(path), l.wire.count, waited, float64(waited)/float64(path), serial)
		if report.Took > path*101/100 {
			t.Errorf("the build took %s, more than 1.01 times the critical path of %s", report.Took, path)
		}
	})
}
