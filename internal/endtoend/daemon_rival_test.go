package endtoend

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
)

// TestTwoDaemonsWithDifferentFilesDoNotFightForEver keeps one link by two
// daemons, as on two hosts, whose files want different things. The one that is
// changed back three times within an hour first says so and lets go, and the
// other has its way for that hour.
func TestTwoDaemonsWithDifferentFilesDoNotFightForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		time.Sleep(time.Hour)
		often := seedFile(t) + "\nschedule: {audit: \"*/2 * * * *\", jitter: 0s}\n"
		one := l.keepOf(often, nil)
		one.until(control.AsDesired, time.Hour)
		two := l.keepOf(strings.Replace(often, "device_vendor: AWS", "device_vendor: Amazon", 1), nil)
		time.Sleep(time.Hour)
		before := l.wire.sent()
		time.Sleep(5 * time.Hour)
		if fights := l.wire.sent() - before; fights > 5*2*3 {
			t.Errorf("in five hours they wrote %d times", fights)
		}
		const said = "rival azure/vpn-site.device_vendor"
		if !slices.Contains(one.journal(), said) && !slices.Contains(two.journal(), said) {
			t.Errorf("neither says that there is a rival: %v, %v", one.journal(), two.journal())
		}
		l.mustCross()
		l.mustBeSingle()
		one.stop()
		two.stop()
	})
}
