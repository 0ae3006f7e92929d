package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Build says which linkd this is.
type Build struct{ Version, Revision, GoVersion string }

// Metrics counts what happens and shows how things stand. Its methods may be
// called by several goroutines at once, and never block.
type Metrics struct {
	registry *prometheus.Registry
	*counters
}

// New makes the metrics of one process in a registry of their own. Source is
// asked at every scrape, by several goroutines at once, and must answer
// without delay; the Snapshot it returns is not changed afterwards.
func New(build Build, source func() Snapshot) *Metrics {
	return newIn(prometheus.NewRegistry(), build, source)
}

func newIn(registry *prometheus.Registry, build Build, source func() Snapshot) *Metrics {
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		newCollector(source),
	)
	return &Metrics{registry: registry, counters: newCounters(registry, build)}
}

// Handler answers a scrape, in the text format, OpenMetrics or the protobuf
// format that carries native histograms, as the scraper asks for. A series
// that cannot be told does not take the others along.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		Registry: m.registry, ErrorHandling: promhttp.ContinueOnError, EnableOpenMetrics: true,
	})
}
