package metrics

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"linkd/internal/reconcile"
)

func TestEverySeriesOfTheTableIsEmittedAndNoOther(t *testing.T) {
	count, _ := gather(t, fed(full))
	listed := map[string]bool{}
	for _, r := range rows() {
		if listed[r.name] {
			t.Errorf("%s stands in the table twice", r.name)
		}
		listed[r.name] = true
		if count[r.name] == 0 {
			t.Errorf("a full snapshot emits no %s", r.name)
		}
	}
	for name := range count {
		if !listed[name] {
			t.Errorf("%s is emitted and does not stand in the table", name)
		}
	}
}

func TestThePrometheusLinterHasNothingToSay(t *testing.T) {
	problems, err := testutil.GatherAndLint(fed(full).registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		if strings.HasPrefix(problem.Metric, "linkd_") {
			t.Errorf("%s: %s", problem.Metric, problem.Text)
		}
	}
}

func TestTheExamplesOfTheTableHaveItsLabels(t *testing.T) {
	name := regexp.MustCompile(`([a-z_]+)="`)
	for _, r := range rows() {
		want := r.labels
		if r.kind == histogram {
			want = append(append([]string{}, r.labels...), "le")
		}
		var got []string
		for _, found := range name.FindAllStringSubmatch(r.sample, -1) {
			got = append(got, found[1])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the example of %s (-want +got):\n%s", r.name, diff)
		}
	}
}

func TestASnapshotThatSaysNothingEmitsNothingGood(t *testing.T) {
	count, labels := gather(t, newIn(prometheus.NewPedanticRegistry(), Build{}, func() Snapshot { return Snapshot{} }))
	for _, r := range rows() {
		if r.read != nil && count[r.name] > 0 {
			t.Errorf("nothing is known, and %s is emitted: %v", r.name, labels)
		}
	}
}

func TestALinkThatIsGoneLeavesNoSeries(t *testing.T) {
	now := full()
	m := fed(func() Snapshot { return now })
	mentions := func() (n int) {
		_, labels := gather(t, m)
		for _, l := range labels {
			if strings.HasPrefix(l.value, "tokyo") {
				n++
			}
		}
		return n
	}
	if mentions() == 0 {
		t.Fatal("the link is not there at first")
	}
	now.Links, now.Tunnels, now.Drifts, now.Findings, now.Keys, now.Drills, now.Drilling = nil, nil, nil, nil, nil, nil, nil
	if n := mentions(); n > 0 {
		t.Errorf("%d labels still mention the link", n)
	}
}

// TestAHundredLinksMakeAsManySeriesAsTheyMust also says what a link costs: the
// figure is told to users in the document.
func TestAHundredLinksMakeAsManySeriesAsTheyMust(t *testing.T) {
	of := func(links, drilled int) int {
		s := full()
		s.Links, s.Tunnels, s.Keys, s.Drills = nil, nil, nil, nil
		for i := range drilled {
			s.Drills = append(s.Drills, Drill{Link: fmt.Sprintf("link%d", i), Result: "done", Began: noon, Success: noon, Out: time.Minute, Sent: 1})
		}
		for i := range links {
			name := fmt.Sprintf("link%d", i)
			s.Links = append(s.Links, Link{Name: name, Expected: 4, Live: 4})
			keys := Keys{Link: name, RotateEvery: time.Hour}
			for n := range 4 {
				tunnel := fmt.Sprintf("%s-%d-%d", name, n/2, 1+n%2)
				s.Tunnels = append(s.Tunnels, Tunnel{Link: name, Name: tunnel, Azure: up, AWS: up})
				keys.Tunnels = append(keys.Tunnels, TunnelKey{tunnel, noon})
			}
			s.Keys = append(s.Keys, keys)
		}
		count, _ := gather(t, fed(func() Snapshot { return s }))
		sum := 0
		for _, n := range count {
			sum += n
		}
		return sum
	}
	if got := of(101, 101) - of(101, 1); got != 100*seriesOfADrill {
		t.Errorf("a hundred drills make %d series more, want %d", got, 100*seriesOfADrill)
	}
	if got := of(101, 0) - of(1, 0); got != 100*seriesOfALink {
		t.Errorf("a hundred links more make %d series more, want %d", got, 100*seriesOfALink)
	}
	if got := of(100, 0); got > 3600 {
		t.Errorf("a hundred links make %d series", got)
	}
}

func TestNamesBeyondAllBoundsAreOther(t *testing.T) {
	m := fed(full)
	for i := range 3 * mostOperations {
		letters := string(rune('a'+i/676%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i%26))
		m.Called(Call{Cloud: "aws", Operation: "ec2:" + letters, Status: 200})
		m.Step("aws", "aws/"+letters, "update", "ok")
	}
	for _, status := range []int{0, 7, 777} {
		m.Called(Call{Cloud: "gcp", Operation: "ec2:DescribeVpcs", Status: status})
	}
	values := map[string]map[string]bool{}
	_, labels := gather(t, m)
	for _, l := range labels {
		key := l.series + " " + l.name
		if values[key] == nil {
			values[key] = map[string]bool{}
		}
		values[key][l.value] = true
	}
	for key, most := range map[string]int{
		"linkd_api_requests_total operation": mostOperations + 1, "linkd_steps_total kind": mostKinds + 1, "linkd_api_requests_total cloud": 2,
	} {
		if n := len(values[key]); n != most || !values[key][other] {
			t.Errorf("%s has %d values, want %d, with other among them", key, n, most)
		}
	}
	if got := values["linkd_api_requests_total code"]; !got["none"] || !got[other] || got["777"] || got["7"] {
		t.Errorf("codes are %v", got)
	}
}

func TestWhatLooksLikeAnIDIsNoNameOfAnOperation(t *testing.T) {
	known := newNames(mostOperations)
	for name, fits := range map[string]bool{
		"ec2:DescribeVpnConnections": true, "vpnSites.put": true, "virtualHubs.effectiveRoutes": true, "sts:GetCallerIdentity": true,
		"aws/vpn-connection": true, "get": true,
		"vpn-0a1b2c3d4e5f": false, "10.0.0.1": false, "/subscriptions/1111": false, "rtb-0a10000000000000a.list": false, "": false,
		"11111111-2222-3333-4444-555555555555.get": false, strings.Repeat("a", 400): false,
	} {
		if got := known.admit("azure", name) == name && name != ""; got != fits {
			t.Errorf("%q is a name: %t, want %t", name, got, fits)
		}
	}
}

func TestEveryReasonToHoldIsAlwaysThere(t *testing.T) {
	if count, _ := gather(t, fed(full)); count["linkd_drifts_held"] != len(reconcile.HoldReasons()) {
		t.Errorf("there are %d reasons, want %d", count["linkd_drifts_held"], len(reconcile.HoldReasons()))
	}
}

func TestCountersBeginAtNought(t *testing.T) {
	m := newIn(prometheus.NewPedanticRegistry(), Build{}, full)
	count, _ := gather(t, m)
	for name, want := range map[string]int{
		"linkd_looks_total": 12, "linkd_looks_missed_total": 3, "linkd_repairs_total": 5, "linkd_config_reloads_total": 2,
		"linkd_journal_writes_total": 2, "linkd_panics_total": 6, "linkd_drills_total": 4, "linkd_key_turns_total": 4, "linkd_api_requests_throttled_total": 2,
	} {
		if count[name] != want {
			t.Errorf("%s has %d series before anything happened, want %d", name, count[name], want)
		}
	}
}

// TestScrapesAndEventsMeet runs them against each other, for the race detector.
func TestScrapesAndEventsMeet(t *testing.T) {
	m := New(Build{}, full)
	server := httptest.NewServer(m.Handler())
	defer server.Close()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 50 {
				m.Called(Call{Cloud: "aws", Operation: "ec2:DescribeVpcs", Status: 200 + i, Took: time.Second})
				m.Step("aws", "aws/vpc-routes", "update", "ok")
				m.Looked("audit", time.Second, "complete")
			}
		})
		all.Go(func() {
			for range 5 {
				text := scrape(t, server)
				if !strings.Contains(text, `linkd_link_pairs_expected{link="tokyo"} 2`) || !strings.Contains(text, "go_goroutines") || !strings.Contains(text, "process_start_time_seconds") {
					t.Error("the page lacks links, the Go runtime or the process")
				}
			}
		})
	}
	all.Wait()
}

func scrape(t *testing.T, server *httptest.Server) string {
	t.Helper()
	answer, err := server.Client().Get(server.URL)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("the scrape ended with %s: %v", answer.Status, err)
	}
	return string(body)
}
