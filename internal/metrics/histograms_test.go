package metrics

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"linkd/internal/metrics/prometheustest"
)

// TestARealPrometheusKeepsTheTimesOfAnswersInBothKindsOfBuckets has one
// Prometheus take native histograms and another classic ones, and asks both for
// what was observed. The buckets of the native one tell a time to a tenth.
func TestARealPrometheusKeepsTheTimesOfAnswersInBothKindsOfBuckets(t *testing.T) {
	const (
		usual, slow = 23 * time.Millisecond, 412 * time.Millisecond
		all, few    = 200, 20 // few of all are slow
		closeness   = 0.1
		pair        = `{from="vm-jpe",to="ec2-a",vantage="agent"}`
	)
	m := New(Build{Version: "test"}, func() Snapshot { return healthy() })
	key := ProbeKey{From: "vm-jpe", To: "ec2-a", Vantage: "agent"}
	m.Answered(key, usual, all-few)
	m.Answered(key, slow, few)
	server := httptest.NewServer(m.Handler())
	defer server.Close()
	target := strings.TrimPrefix(server.URL, "http://")
	sum := (all-few)*usual.Seconds() + few*slow.Seconds()

	for name, c := range map[string]struct {
		prometheus *prometheustest.Server
		questions  map[string][2]float64 // least and most that is right
	}{
		"native": {prometheustest.StartNative(t, target), map[string][2]float64{
			`histogram_count(linkd_probe_rtt_seconds` + pair + `)`:          {all, all},
			`histogram_sum(linkd_probe_rtt_seconds` + pair + `)`:            {sum, sum},
			`histogram_quantile(0.5, linkd_probe_rtt_seconds` + pair + `)`:  near(usual, closeness),
			`histogram_quantile(0.95, linkd_probe_rtt_seconds` + pair + `)`: near(slow, closeness),
			`histogram_fraction(0.3, 0.5, linkd_probe_rtt_seconds` + pair + `)`: {
				float64(few) / all, float64(few) / all,
			},
			`count(linkd_probe_rtt_seconds_bucket) or vector(0)`: {0, 0}, // so it was native buckets that answered
		}},
		"classic": {prometheustest.Start(t, target), map[string][2]float64{
			`linkd_probe_rtt_seconds_count` + pair:                                               {all, all},
			`linkd_probe_rtt_seconds_sum` + pair:                                                 {sum, sum},
			`linkd_probe_rtt_seconds_bucket{le="0.02",from="vm-jpe",to="ec2-a",vantage="agent"}`: {0, 0},
			`linkd_probe_rtt_seconds_bucket{le="0.03",from="vm-jpe",to="ec2-a",vantage="agent"}`: {all - few, all - few},
			`linkd_probe_rtt_seconds_bucket{le="0.3",from="vm-jpe",to="ec2-a",vantage="agent"}`:  {all - few, all - few},
			`linkd_probe_rtt_seconds_bucket{le="0.5",from="vm-jpe",to="ec2-a",vantage="agent"}`:  {all, all},
			`count(linkd_probe_rtt_seconds) or vector(0)`:                                        {0, 0},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for question, right := range c.questions {
				text, found := c.prometheus.Value(question)
				value, err := strconv.ParseFloat(text, 64)
				if !found || err != nil || value < right[0]-1e-9 || value > right[1]+1e-9 {
					t.Errorf("%s is %q, want %v to %v", question, text, right[0], right[1])
				}
			}
		})
	}
}

// near are the bounds of a time that is known to a part of it.
func near(of time.Duration, part float64) [2]float64 {
	return [2]float64{of.Seconds() * (1 - part), of.Seconds() * (1 + part)}
}
