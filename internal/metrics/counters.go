package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Call is one request to a cloud, as it went over the wire.
type Call struct {
	Cloud     string // azure or aws
	Operation string // the cloud's name of it: "ec2:DescribeVpnConnections", "vpnSites.put"
	Status    int    // of HTTP; 0: no answer came
	Throttled bool   // refused because there were too many
	Took      time.Duration
}

// counters hold what is fed by calls.
type counters struct {
	requests, throttled, looks, missed, steps, repairs, turns, drills, reloads, journal, panics *prometheus.CounterVec

	requestTook, lookTook *prometheus.HistogramVec
	lastTook              *prometheus.GaugeVec

	operations, kinds *names
	answered          *prometheus.HistogramVec
}

// The most names that a label may have which no closed list bounds.
const (
	mostOperations = 200
	mostKinds      = 100
)

// The closed lists of label values.
var (
	cloudNames  = []string{"azure", "aws"}
	lookNames   = []string{"audit", "tunnels", "survey"}
	lookResults = []string{"complete", "incomplete", "failed", panicked}
	actionNames = []string{"create", "update", "replace", "delete"}
	stepResults = []string{"ok", "failed", "held", "stopped"}
	repairEnds  = []string{"proved", "persists", "returned", "failed", "stopped"}
	reloadEnds  = []string{"ok", "refused"}
	writeEnds   = []string{"appended", "failed"}
	places      = []string{"audit", "tunnels", "survey", "repair", "rotation", "drill"}
	turnEnds    = []string{"done", "failed", "held", "stopped"}
	drillEnds   = []string{"done", "failed", "held", "stopped"}
)

const panicked = "panicked"

func newCounters(registry *prometheus.Registry, build Build) *counters {
	f := feed{registry}
	c := &counters{
		requests:    f.counter("linkd_api_requests_total"),
		throttled:   f.counter("linkd_api_requests_throttled_total", cloudNames),
		looks:       f.counter("linkd_looks_total", lookNames, lookResults),
		missed:      f.counter("linkd_looks_missed_total", lookNames),
		steps:       f.counter("linkd_steps_total"),
		repairs:     f.counter("linkd_repairs_total", repairEnds),
		turns:       f.counter("linkd_key_turns_total", turnEnds),
		drills:      f.counter("linkd_drills_total", drillEnds),
		reloads:     f.counter("linkd_config_reloads_total", reloadEnds),
		journal:     f.counter("linkd_journal_writes_total", writeEnds),
		panics:      f.counter("linkd_panics_total", places),
		requestTook: f.histogram("linkd_api_request_duration_seconds", 0.1, 0.5, 2.5, 10, 60),
		lookTook:    f.histogram("linkd_look_duration_seconds", 1, 5, 15, 60, 180, 600),
		answered: f.histogram("linkd_probe_rtt_seconds",
			0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2),
		lastTook:   f.gauge("linkd_look_last_duration_seconds"),
		operations: newNames(mostOperations), kinds: newNames(mostKinds),
	}
	f.gauge("linkd_build_info").WithLabelValues(build.Version, build.Revision, build.GoVersion).Set(1)
	return c
}

// Called counts a request to a cloud.
func (c *counters) Called(call Call) {
	cloud := among(cloudNames, call.Cloud)
	operation := c.operations.admit(cloud, call.Operation)
	c.requests.WithLabelValues(cloud, operation, code(call.Status)).Inc()
	c.requestTook.WithLabelValues(cloud, operation).Observe(call.Took.Seconds())
	if call.Throttled {
		c.throttled.WithLabelValues(cloud).Inc()
	}
}

// code is an HTTP status as a label.
func code(status int) string {
	switch {
	case status == 0:
		return "none"
	case status < 100 || status > 599:
		return other
	}
	return strconv.Itoa(status)
}

// Looked counts a look that ended. Name is audit, tunnels or survey; result is
// complete, incomplete, failed or panicked.
func (c *counters) Looked(name string, took time.Duration, result string) {
	name = among(lookNames, name)
	c.looks.WithLabelValues(name, among(lookResults, result)).Inc()
	c.lookTook.WithLabelValues(name).Observe(took.Seconds())
	c.lastTook.WithLabelValues(name).Set(took.Seconds())
	if result == panicked {
		c.Panicked(name)
	}
}

// Missed counts a tick of a schedule that came while the last look still ran.
func (c *counters) Missed(name string) { c.missed.WithLabelValues(among(lookNames, name)).Inc() }

// Step counts a step that ended. Action is create, update, replace or delete;
// result is ok, failed, held or stopped.
func (c *counters) Step(cloud, kind, action, result string) {
	cloud = among(cloudNames, cloud)
	c.steps.WithLabelValues(cloud, c.kinds.admit(cloud, kind), among(actionNames, action), among(stepResults, result)).Inc()
}

// Repaired counts the repair of a difference that ended: proved, persists,
// returned, failed or stopped.
func (c *counters) Repaired(result string) {
	c.repairs.WithLabelValues(among(repairEnds, result)).Inc()
}

// Turned counts a turn of one tunnel in a rotation of keys that ended: done,
// failed, held or stopped.
func (c *counters) Turned(result string) { c.turns.WithLabelValues(among(turnEnds, result)).Inc() }

// Drilled counts a drill that ended: done, failed, held or stopped.
func (c *counters) Drilled(result string) { c.drills.WithLabelValues(among(drillEnds, result)).Inc() }

// Reloaded counts a reload of the file, and whether it came into force.
func (c *counters) Reloaded(ok bool) {
	result := map[bool]string{true: "ok", false: "refused"}[ok]
	c.reloads.WithLabelValues(result).Inc()
}

// Journal counts a write to the record: appended or failed.
func (c *counters) Journal(result string) {
	c.journal.WithLabelValues(among(writeEnds, result)).Inc()
}

// Panicked counts a defect of linkd that it survived, by where it was: audit,
// tunnels, survey, repair, rotation or drill. [counters.Looked] counts those of looks by itself.
func (c *counters) Panicked(place string) { c.panics.WithLabelValues(among(places, place)).Inc() }
