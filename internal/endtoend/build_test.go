package endtoend

import (
	"testing"
	"testing/synctest"
)

func TestTheArticlesLinkIsBuiltAndStaysAsDesired(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil)
		report := l.mustBuild()
		t.Logf("built in %s of the clouds' time with %d requests", report.Took, l.wire.count)
		l.mustCross()
		l.mustBeClean()
		for _, tunnel := range l.sim.Tunnels() {
			t.Logf("%+v", tunnel)
		}
	})
}
