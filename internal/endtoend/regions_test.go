package endtoend

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/scenario"
)

// newLabOfRegions starts the clouds of the example of two regions, and its file.
func newLabOfRegions(t testing.TB, as func(*scenario.Scenario)) *lab {
	t.Helper()
	given, err := scenario.Load("../../deploy/examples/two-regions.scenario.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := mustLoad(t, "two-regions.yaml")
	return newLabOf(t, file, given, as)
}

// TestTwoRegionsAreBuiltAndStayAsDesired builds two hubs and two transit gateways in
// two regions, each pair joined by four tunnels with BGP.
func TestTwoRegionsAreBuiltAndStayAsDesired(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfRegions(t, nil)
		began := time.Now()
		l.mustBuild()
		t.Logf("built in %s of the clouds' time with %d requests", time.Since(began), l.wire.count)
		time.Sleep(time.Hour)
		l.mustBeClean()
		l.mustCross()
		report, _ := l.verify()
		var text strings.Builder
		_ = report.Short(&text)
		if len(report.Findings) > 0 {
			t.Errorf("verify says\n%s", text.String())
		}
	})
}
