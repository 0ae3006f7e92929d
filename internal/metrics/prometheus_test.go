package metrics

import (
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"linkd/internal/metrics/prometheustest"
	"linkd/internal/resource"
)

// healthy is a snapshot about which no alert has anything to say.
func healthy() Snapshot {
	now := time.Now()
	return Snapshot{
		Judged: true, AsDesired: 22, Budget: 10 * time.Minute,
		Resources: []Resources{{Cloud: "azure", Kind: "azure/vpn-site", Phase: resource.Ready.String(), Count: 1}, {Cloud: "azure", Kind: "azure/vpn-site", Phase: unknown}},
		Tunnels:   []Tunnel{{Link: "tokyo", Name: "tokyo-0-1", Azure: up, AWS: up}},
		Links:     []Link{{Name: "tokyo", Expected: 1, Live: 1}},
		Looks:     []Look{{Name: "audit", Success: now, Next: now.Add(time.Hour)}, {Name: "tunnels", Success: now, Next: now.Add(time.Hour)}},
		Config:    Config{Hash: "3f2a9c0d1e4b5a67", Loaded: now, OK: true},
		Journal:   Journal{OK: true},
	}
}

// TestAlertsOfARealPrometheusFireAndClear turns a link bad and good again,
// then the whole of linkd.
func TestAlertsOfARealPrometheusFireAndClear(t *testing.T) {
	var now atomic.Pointer[Snapshot]
	show := func(change func(*Snapshot)) {
		s := healthy()
		change(&s)
		now.Store(&s)
	}
	show(func(*Snapshot) {})
	server := httptest.NewServer(New(Build{Version: "test"}, func() Snapshot { return *now.Load() }).Handler())
	defer server.Close()
	prometheus := prometheustest.Start(t, strings.TrimPrefix(server.URL, "http://"), recordingRules, alertRules)
	prometheus.AwaitNothingBut()
	if ratio, _ := prometheus.Value(`link:linkd_pairs_live:ratio{link="tokyo"}`); ratio != "1" {
		t.Errorf("a recording rule says %q of the live pairs, want 1", ratio)
	}
	for name, test := range map[string]struct {
		bad    func(*Snapshot)
		alerts []string
	}{
		"a link goes down": {
			func(s *Snapshot) { s.Tunnels[0].AWS, s.Links[0].Live = down, 0 }, []string{"LinkdNoLivePair", "LinkdTunnelDown"},
		},
		"nobody knows": {
			func(s *Snapshot) {
				s.Tunnels[0].AWS, s.Tunnels[0].Azure, s.Links[0].Live = unknown, unknown, 0
				s.Resources[0].Count, s.Resources[1].Count = 0, 1
			}, []string{"LinkdLinkUnknown", "LinkdTunnelUnknown", "LinkdCloudUnreadable"},
		},
		"audits are stale": {
			func(s *Snapshot) { s.Looks[0].Success = time.Time{} }, []string{"LinkdAuditStale"},
		},
		"linkd itself says nothing": {
			func(s *Snapshot) { *s = Snapshot{} }, []string{"LinkdTellsNothing"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			show(test.bad)
			prometheus.AwaitFiring(test.alerts...)
			show(func(*Snapshot) {})
			prometheus.AwaitNothingBut()
		})
	}
	server.Close()
	prometheus.AwaitFiring("LinkdAbsent")
}
