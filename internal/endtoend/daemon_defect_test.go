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
	"linkd/internal/survey"
)

// blind is a cloud that panics when its tunnels are looked at.
type blind struct{ reconcile.Cloud }

func (blind) SweepTunnels(context.Context) resource.World { panic("nil map") }

// lost is a cloud that panics when somebody looks along its paths.
type lost struct{ reconcile.Cloud }

func (lost) Survey(context.Context) survey.Survey { panic("nil map") }

// TestADefectInALookIsCountedAndToldOnce lets a look at one cloud panic again
// and again. The rest goes on.
func TestADefectInALookIsCountedAndToldOnce(t *testing.T) {
	for place, panics := range map[string]func(reconcile.Cloud) reconcile.Cloud{
		"tunnels": func(c reconcile.Cloud) reconcile.Cloud { return blind{c} },
		"survey":  func(c reconcile.Cloud) reconcile.Cloud { return lost{c} },
	} {
		t.Run(place, func(t *testing.T) { toldOnce(t, place, panics) })
	}
}

func toldOnce(t *testing.T, place string, panics func(reconcile.Cloud) reconcile.Cloud) {
	kept(t, func(o *daemon.Options) {
		open := o.Open
		o.Open = func(ctx context.Context, file *desired.File, tell func(metrics.Call)) (*reconcile.Engine, error) {
			engine, err := open(ctx, file, tell)
			engine.Clouds = slices.Clone(engine.Clouds)
			engine.Clouds[0] = panics(engine.Clouds[0])
			return engine, err
		}
	}, func(l *lab, k *keeper) {
		time.Sleep(time.Hour)
		page := httptest.NewRecorder()
		k.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
		counter := `linkd_panics_total{place="` + place + `"}`
		if text := page.Body.String(); strings.Contains(text, counter+" 0") || !strings.Contains(text, counter) {
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
