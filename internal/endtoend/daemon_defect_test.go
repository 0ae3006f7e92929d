package endtoend

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"linkd/internal/daemon"
	"linkd/internal/desired"
	"linkd/internal/metrics"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// blind is a cloud that panics when its tunnels are looked at.
type blind struct{ reconcile.Cloud }

func (blind) SweepTunnels(context.Context) resource.World { panic("nil map") }

// TestADefectInALookIsCountedAndToldOnce lets the look at one cloud's tunnels
// panic every minute. The rest goes on.
func TestADefectInALookIsCountedAndToldOnce(t *testing.T) {
	kept(t, func(o *daemon.Options) {
		open := o.Open
		o.Open = func(ctx context.Context, file *desired.File, tell func(metrics.Call)) (*reconcile.Engine, error) {
			engine, err := open(ctx, file, tell)
			engine.Clouds = slices.Clone(engine.Clouds)
			engine.Clouds[0] = blind{engine.Clouds[0]}
			return engine, err
		}
	}, func(l *lab, k *keeper) {
		time.Sleep(10 * time.Minute)
		page := httptest.NewRecorder()
		k.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
		if text := page.Body.String(); strings.Contains(text, `linkd_panics_total{place="tunnels"} 0`) || !strings.Contains(text, `linkd_panics_total{place="tunnels"}`) {
			l.Error("no panic is counted")
		}
		told := 0
		for _, line := range k.journal() {
			if line == "panicked" {
				told++
			}
		}
		if told != 1 {
			l.Errorf("it is told %d times, want once", told)
		}
	})
}
