package metrics

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// noon is when everything in these tests happens.
var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// full is a snapshot in which nothing is left out.
func full() Snapshot {
	s := Snapshot{
		Drifts: []Drifts{
			{Key: "azure/vpn-site.address_space", Link: "tokyo", Decision: "repair", Count: 1},
			{Key: "aws/tgw-routes.routes.extra", Decision: "report", Held: string(reconcile.HeldPolicy), Count: 2},
		},
		Findings: []Finding{{Code: "AWS_TGW_ROUTE_MISSING", Severity: "error", Link: "tokyo", Direction: "aws-to-azure", Count: 1}},
		Keys: []Keys{
			{Link: "tokyo", RotateEvery: 90 * 24 * time.Hour, Tunnels: []TunnelKey{{"tokyo-0-1", noon}, {Name: "tokyo-0-2"}}},
			{Link: "osaka", Tunnels: []TunnelKey{{"osaka-0-1", noon}}},
		},
		Drills:    []Drill{{Link: "tokyo", Result: "done", Began: noon, Success: noon, Out: 370 * time.Second, Sent: 8804, Lost: 5, Gap: 1200 * time.Millisecond}},
		Drilling:  &Drilling{Link: "tokyo", Tunnel: "tokyo-0-1"},
		Strays:    []Strays{{Kind: "aws/vpn-connection", Class: "duplicate", Count: 1}},
		Tunnels:   []Tunnel{{Link: "tokyo", Name: "tokyo-0-1", Azure: up, AWS: down}, {Link: "tokyo", Name: "tokyo-0-2", Azure: unknown, AWS: up}},
		Links:     []Link{{Name: "tokyo", Expected: 2, Live: 0}},
		Routes:    []Routes{{Kind: "aws/tgw-routes", Table: "tgw-tokyo", Known: true, Desired: 4, Seen: 5, Missing: 1, Undeclared: 2}},
		Observed:  []Observed{{Cloud: "aws", Kind: "aws/tgw-routes", Oldest: noon}},
		AsDesired: 20, Budget: 10 * time.Minute, Judged: true,
		Looks:     []Look{{Name: "audit", Success: noon, Next: noon.Add(time.Hour), StaleAfter: 2 * time.Hour}, {Name: "tunnels", Running: true}},
		Approvals: 1, Repairs: 1,
		Paused:  Pause{On: true, Until: noon.Add(time.Hour)},
		Config:  Config{Hash: "3f2a9c0d1e4b5a67", Loaded: noon, OK: true},
		Journal: Journal{Since: noon, Backlog: 3, Lost: 1},
		Probes: []Probe{{
			ProbeKey: ProbeKey{"vm-jpe", "ec2-a", "agent"}, Known: true, Answers: true, Ever: true, Since: noon, Sent: 60, Lost: 1,
			Watched: true, Arrived: 60, MTUKnown: true, MTU: 1400,
		}},
		Agents:      []Agent{{Name: "vm-jpe", Connected: true, Sends: true, Offset: time.Millisecond, Until: noon}},
		LocalProbes: LocalProbes{Named: true, Works: true},
	}
	for _, phase := range phases() {
		s.Resources = append(s.Resources, Resources{Cloud: "azure", Kind: "azure/vpn-site", Phase: phase.String(), Count: map[bool]int{true: 1}[phase == resource.Ready]})
	}
	return s
}

// fed makes metrics that have been told one of everything, in a registry that
// forgives nothing.
func fed(source func() Snapshot) *Metrics {
	m := newIn(prometheus.NewPedanticRegistry(), Build{"1.0.0", "0123abc", "go1.26"}, source)
	m.Called(Call{Cloud: "aws", Operation: "ec2:DescribeVpnConnections", Status: 503, Throttled: true, Took: time.Second})
	m.Looked("audit", 4*time.Second, "panicked")
	m.Missed("tunnels")
	m.Step("azure", "azure/vpn-site", "update", "ok")
	m.Repaired("proved")
	m.Turned("done")
	m.Drilled("done")
	m.Reloaded(false)
	m.Journal("failed")
	m.Panicked("repair")
	m.Answered(ProbeKey{"vm-jpe", "ec2-a", "agent"}, 5*time.Millisecond, 3)
	return m
}

// label is one label of a series that was gathered.
type label struct{ series, name, value string }

// gather returns how many series each name of ours has, and all their labels.
func gather(t *testing.T, m *Metrics) (map[string]int, []label) {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatalf("cannot gather: %v", err)
	}
	count := map[string]int{}
	var labels []label
	for _, family := range families {
		if !strings.HasPrefix(family.GetName(), "linkd_") {
			continue
		}
		for _, metric := range family.GetMetric() {
			count[family.GetName()]++
			for _, pair := range metric.GetLabel() {
				labels = append(labels, label{family.GetName(), pair.GetName(), pair.GetValue()})
			}
		}
	}
	return count, labels
}
