package endtoend

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/sim/ground"
)

// pend has AWS announce maintenance of ends, by the number of the tunnel.
func (l *lab) pend(numbers ...string) {
	l.Helper()
	for _, number := range numbers {
		if err := l.sim.Mutate(ground.Mutation{Cloud: "aws", Op: "set", Kind: "vpn-tunnel", Name: number, Field: "PendingMaintenance", Value: "true"}); err != nil {
			l.Fatal(err)
		}
	}
}

// pending counts the ends whose maintenance waits.
func (l *lab) pending() int {
	l.Helper()
	text, err := json.Marshal(l.sim.Dump())
	if err != nil {
		l.Fatal(err)
	}
	count := 0
	for _, waits := range regexp.MustCompile(`"Pending":\[([^\]]*)\]`).FindAllStringSubmatch(string(text), -1) {
		count += strings.Count(waits[1], ".") / 3 // addresses
	}
	return count
}

// TestMaintenanceIsAppliedOneTunnelAtATimeAndLosesNothing has AWS announce
// maintenance of both ends of a connection, and nobody consents to anything.
func TestMaintenanceIsAppliedOneTunnelAtATimeAndLosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil)
		l.file.Links[0].Redundancy, l.file.AWS.EndpointMaintenance = desired.Tunnels, desired.MaintainedByLinkd
		l.mustBuild()
		time.Sleep(time.Hour)
		l.mustBeClean()
		l.pend("seed-tokyo-0/0", "seed-tokyo-0/1")
		lost, before := l.watchLosses(), l.wire.sent()
		_, report := l.unattended()
		l.complain(report)
		if l.pending() != 0 {
			t.Errorf("%d ends still wait", l.pending())
		}
		if sent := l.wire.sent() - before; sent != 2 {
			t.Errorf("%d writes were sent, want one an end", sent)
		}
		if gone := lost(); gone != (losses{}) {
			t.Errorf("lost %+v", gone)
		}
		time.Sleep(10 * time.Minute)
		l.mustBeClean()
	})
}

// TestMaintenanceOfTheOnlyTunnelWaitsForAPerson: a link of one tunnel would be down.
func TestMaintenanceOfTheOnlyTunnelWaitsForAPerson(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, quick)
		l.file.AWS.EndpointMaintenance = desired.MaintainedByLinkd
		l.mustBuild()
		time.Sleep(time.Hour)
		l.pend("seed-tokyo-0/0")
		plan, _ := l.unattended()
		step := stepOf(plan, desired.AWSConnectionID("tokyo", 0))
		if len(step.Drifts) != 1 || step.Drifts[0].Attr != "tunnel_1_endpoint" || step.Drifts[0].Held != reconcile.HeldLastPair || l.pending() != 1 {
			t.Errorf("%d ends wait, and the plan says %+v", l.pending(), step.Drifts)
		}
	})
}

// TestWithoutTheSettingMaintenanceIsLeftToAWS: nothing is asked about ends, and
// nothing is written.
func TestWithoutTheSettingMaintenanceIsLeftToAWS(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, quick)
		l.file.Links[0].Redundancy = desired.Tunnels
		l.mustBuild()
		time.Sleep(time.Hour)
		l.pend("seed-tokyo-0/0", "seed-tokyo-0/1")
		l.mustBeClean()
	})
}

// TestLifecycleControlIsTurnedOnWithoutTakingATunnelDown changes the setting of a
// live link.
func TestLifecycleControlIsTurnedOnWithoutTakingATunnelDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil)
		l.mustBuild() // of a single tunnel: any interruption shows
		time.Sleep(time.Hour)
		l.file.AWS.EndpointMaintenance = desired.MaintainedByLinkd
		lost := l.watchLosses()
		_, report := l.unattended()
		l.complain(report)
		if gone := lost(); gone != (losses{}) {
			t.Errorf("lost %+v", gone)
		}
		l.mustBeClean()
	})
}

// TestTheDaemonAppliesMaintenanceInTheWindowAlone has AWS announce maintenance on a
// day on which no window is open.
func TestTheDaemonAppliesMaintenanceInTheWindowAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // a bubble begins on a Saturday at midnight
		l := newLab(t, quick)
		l.file.Links[0].Redundancy, l.file.AWS.EndpointMaintenance = desired.Tunnels, desired.MaintainedByLinkd
		l.mustBuild()
		time.Sleep(time.Hour)
		content, err := os.ReadFile("../../deploy/examples/seed.yaml")
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(content), "redundancy: single", "redundancy: tunnels", 1)
		text = strings.Replace(text, "\naws:\n", "\naws:\n  endpoint_maintenance: linkd\n", 1)
		k := l.keepOf(text+"\npolicy:\n  windows:\n    - {start: \"0 20 * * *\", duration: 2h}\n", nil)
		defer k.stop()
		time.Sleep(30 * time.Minute)
		l.pend("seed-tokyo-0/0", "seed-tokyo-0/1")
		time.Sleep(4 * time.Hour)
		if l.pending() != 2 {
			t.Errorf("%d ends wait before the window, want both", l.pending())
		}
		lost := l.watchLosses()
		time.Sleep(18 * time.Hour)
		if l.pending() != 0 {
			t.Errorf("%d ends wait after the window", l.pending())
		}
		if gone := lost(); gone != (losses{}) {
			t.Errorf("lost %+v", gone)
		}
	})
}
