package metrics

import (
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// feed makes and registers the series that are fed by calls, each from its
// row.
type feed struct{ registry *prometheus.Registry }

// rowNamed returns the row called name.
func rowNamed(name string) row {
	all := rows()
	if i := slices.IndexFunc(all, func(r row) bool { return r.name == name }); i >= 0 {
		return all[i]
	}
	return row{} // the registry refuses it
}

// counter makes a counter. Where all values of its labels are given it starts
// at 0 for each, so that the first event is an increase and not a beginning.
func (f feed) counter(name string, labels ...[]string) *prometheus.CounterVec {
	r := rowNamed(name)
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: r.name, Help: r.help}, r.labels)
	f.registry.MustRegister(vec)
	if len(labels) > 0 {
		for _, values := range combinations(labels) {
			vec.WithLabelValues(values...)
		}
	}
	return vec
}

// combinations lists every choice of one value from each list.
func combinations(lists [][]string) [][]string {
	all := [][]string{{}}
	for _, list := range lists {
		var longer [][]string
		for _, begun := range all {
			for _, value := range list {
				longer = append(longer, append(slices.Clone(begun), value))
			}
		}
		all = longer
	}
	return all
}

func (f feed) gauge(name string) *prometheus.GaugeVec {
	r := rowNamed(name)
	vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: r.name, Help: r.help}, r.labels)
	f.registry.MustRegister(vec)
	return vec
}

// histogram makes a native histogram, with the classic buckets that a scrape
// in the text format shows.
func (f feed) histogram(name string, buckets ...float64) *prometheus.HistogramVec {
	r := rowNamed(name)
	vec := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: r.name, Help: r.help, Buckets: buckets,
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100, NativeHistogramMinResetDuration: time.Hour,
	}, r.labels)
	f.registry.MustRegister(vec)
	return vec
}
