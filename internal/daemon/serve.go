package daemon

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"linkd/internal/control"
)

// alive is how long the loop may take to answer before the daemon counts as
// dead.
const alive = 5 * time.Second

// contents is what a person finds who opens the address.
const contents = `linkd tells how it stands here, and takes no orders.

/metrics         for Prometheus
/healthz         whether its loop answers
/readyz          whether a complete audit is recent
/api/v1/status   the status, as JSON
`

// Handler serves what only tells: metrics, health, readiness and the status.
func (d *Daemon) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, contents) })
	mux.Handle("GET /metrics", d.Metrics.Handler())
	mux.Handle("GET /api/", control.Reading(d))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), alive)
		defer cancel()
		if _, err := d.Status(ctx); err != nil {
			http.Error(w, "linkd: the loop does not answer", http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintln(w, "alive")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), alive)
		defer cancel()
		status, err := d.Status(ctx)
		switch {
		case err != nil:
			http.Error(w, "linkd: the loop does not answer", http.StatusServiceUnavailable)
		case status.Verdict == control.Starting || status.Verdict == control.Unknown:
			http.Error(w, "linkd: "+status.Verdict+": no complete audit, or none lately", http.StatusServiceUnavailable)
		default:
			_, _ = fmt.Fprintln(w, "ready: "+status.Verdict)
		}
	})
	return mux
}
