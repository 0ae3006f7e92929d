package endtoend

import (
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
}{
	"azure/virtual-wan":     {create: "azure/virtualWans/create"},
	"azure/virtual-hub":     {create: "azure/virtualHubs/create", settle: []string{"azure/virtualHubs/routing"}},
	"azure/vnet-connection": {create: "azure/hubVirtualNetworkConnections/create"},
	"azure/vpn-gateway":     {create: "azure/vpnGateways/create"},
	"azure/vpn-site":        {create: "azure/vpnSites/create"},
	"azure/vpn-connection":  {create: "azure/vpnConnections/create"},
	"azure/hub-routes":      {create: "azure/virtualHubs/effectiveRoutes"},
	"aws/transit-gateway":   {create: "aws/transit-gateway/create"},
	"aws/vpc-attachment":    {create: "aws/vpc-attachment/create", settle: []string{"aws/association/create", "aws/propagation/create"}},
	"aws/customer-gateway":  {create: "aws/customer-gateway/create"},
	"aws/vpn-connection":    {create: "aws/vpn-connection/create", settle: []string{"aws/association/create"}},
	"aws/tgw-routes":        {create: "aws/transit-gateway-route/create"},
}

// criticalPath plays the graph through with the simulator's own durations, as
// somebody who knows every end at the moment it comes.
func criticalPath(g *reconcile.Graph, b scenario.Behaviour) (path, serial time.Duration) {
	type times struct{ created, ready time.Duration }
	at := map[resource.ID]times{}
	for _, id := range g.Order() {
		r := g.Resource(id)
		var start time.Duration
		for _, need := range r.Needs() {
			ends := at[need.On].ready
			if need.At <= resource.Created {
				ends = at[need.On].created
			}
			start = max(start, ends)
		}
		row := lasts[r.Kind().Name]
		takes, settles := b.Takes(row.create), time.Duration(0)
		for _, operation := range row.settle {
			settles += b.Takes(operation)
		}
		switch r.Kind().Name {
		case "azure/virtual-hub": // its row speaks of the whole way from the PUT
			settles -= takes
		case "aws/vpn-connection": // its facts may be in the answer of the create
			if b.TunnelsKnown == "at-create" {
				takes, settles = 0, takes+settles
			}
		case "azure/vpn-tunnel", "aws/vpn-tunnel":
			takes = b.Handshake + b.Telemetry
		}
		at[id] = times{start + takes, start + takes + settles}
		path = max(path, at[id].ready)
		serial += takes + settles
	}
	return path, serial
}

// TestTheBuildTakesItsCriticalPathAndOnePercent measures the makespan of the
// article's link with the durations of recorded traffic.
func TestTheBuildTakesItsCriticalPathAndOnePercent(t *testing.T) {
	for _, known := range []string{"at-create", "when-available"} {
		t.Run("tunnels known "+known, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, func(s *scenario.Scenario) { s.Behaviour.TunnelsKnown = known })
				engine := l.engine(t.Context())
				path, serial := criticalPath(engine.Graph, l.behaviour)
				before := l.wire.count
				report := l.mustBuild()
				t.Logf("critical path %s, built in %s (%.4f times), one after the other %s, %d requests",
					path, report.Took.Round(time.Second), float64(report.Took)/float64(path), serial, l.wire.count-before)
				if report.Took > path*101/100 {
					t.Errorf("the build took %s, more than 1.01 times the critical path of %s", report.Took, path)
				}
			})
		})
	}
}
