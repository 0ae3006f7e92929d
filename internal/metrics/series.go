package metrics

import "time"

// row is one series, or rather one name: what it is, what it means, and how it
// comes to be. All that linkd exports stands in the tables of rows.
type row struct {
	name   string
	kind   kind
	labels []string
	unit   string
	help   string
	sample string // labels and value of an example
	// read emits the values of a snapshot; nil for what is fed by calls.
	read func(Snapshot, emit)
}

// kind is the type of a series, as Prometheus knows it.
type kind string

const (
	gauge     kind = "gauge"
	counter   kind = "counter"
	histogram kind = "histogram"
)

// emit takes one value with its labels, in the order of the row.
type emit func(value float64, labels ...string)

// rows are all of them, in the order of the document.
func rows() []row {
	var all []row
	for _, part := range [][]row{driftRows, linkRows, keyRows, drillRows, routeRows, lookRows, ownRows, probeRows, agentRows, fedRows} {
		all = append(all, part...)
	}
	return all
}

// oneIf is 1 for true.
func oneIf(on bool) float64 {
	if on {
		return 1
	}
	return 0
}

// seconds is a moment as Prometheus tells it; the zero time is 0.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
