package endtoend

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/sim/fabric"
	"linkd/internal/sim/scenario"
	"linkd/internal/verify"
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
		if lost := l.lossOfPairs(func() { time.Sleep(10 * time.Second) }); len(lost) > 0 {
			t.Errorf("what is well loses %v", lost)
		}
		report, _ := l.verify()
		var text strings.Builder
		_ = report.Short(&text)
		if slices.ContainsFunc(report.Findings, func(f verify.Finding) bool { return f.Severity != failure.Info }) {
			t.Errorf("verify says\n%s", text.String())
		}
	})
}

// TestAnswersThatComeByTheOtherRegionAreAFaultWhereADeviceMindsThem has a device along
// each link: what vnet-jpe sends to vpc-c goes by the tunnels of Tokyo and the peering,
// and its answers come by those of Virginia.
func TestAnswersThatComeByTheOtherRegionAreAFaultWhereADeviceMindsThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfRegions(t, instant)
		l.mustBuild()
		time.Sleep(time.Hour)
		told := func() bool {
			report, _ := l.verify()
			return slices.ContainsFunc(report.Findings, func(f verify.Finding) bool {
				return f.Code == failure.AsymmetricPath && f.Severity == failure.Error && slices.Contains(f.Ways, "vm-jpe → ec2-c") && strings.Contains(f.Says, "go by tokyo and their answers by virginia")
			})
		}
		if told() {
			t.Error("nobody minds, and it is told")
		}
		l.file.Links[1].Stateful = true
		if !told() {
			t.Error("it is not told")
		}
	})
}

// cutTunnels cuts these tunnels, and lets all others carry.
func (l *lab) cutTunnels(cut []desired.Tunnel) {
	l.Helper()
	var conditions []fabric.Condition
	world := l.world()
	for _, tunnel := range cut {
		outside := world[desired.AWSConnectionID(tunnel.Link, tunnel.Instance)].Attrs[desired.FactOutsideAddress(tunnel.Number)].One()
		conditions = append(conditions, fabric.Condition{Kind: "tunnel", ID: outside, Cut: true})
	}
	if err := l.sim.SetConditions(conditions...); err != nil {
		l.Error(err)
	}
}
