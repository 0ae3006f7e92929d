package metrics

import "github.com/prometheus/client_golang/prometheus"

// collector makes the series of a snapshot anew at every scrape. What the
// snapshot no longer holds is no longer there.
type collector struct {
	source func() Snapshot
	rows   []described
}

// described is a row that is read from snapshots.
type described struct {
	row
	desc *prometheus.Desc
}

func newCollector(source func() Snapshot) collector {
	c := collector{source: source}
	for _, r := range rows() {
		if r.read != nil {
			c.rows = append(c.rows, described{r, prometheus.NewDesc(r.name, r.help, r.labels, nil)})
		}
	}
	return c
}

// Describe implements prometheus.Collector.
func (c collector) Describe(descs chan<- *prometheus.Desc) {
	for _, r := range c.rows {
		descs <- r.desc
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(metrics chan<- prometheus.Metric) {
	snapshot := c.source()
	for _, r := range c.rows {
		r.read(snapshot, func(value float64, labels ...string) {
			metric, err := prometheus.NewConstMetric(r.desc, r.valueType(), value, labels...)
			if err != nil {
				metric = prometheus.NewInvalidMetric(r.desc, err)
			}
			metrics <- metric
		})
	}
}

// valueType is how Prometheus takes a value of the row.
func (r row) valueType() prometheus.ValueType {
	if r.kind == counter {
		return prometheus.CounterValue
	}
	return prometheus.GaugeValue
}
