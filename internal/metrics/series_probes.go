package metrics

import "time"

// ProbeKey names a pair: from a vantage to a target, by names of the file, and
// the kind of vantage, local or agent.
type ProbeKey struct{ From, To, Vantage string }

// Probe is how a pair stands. The counts are since linkd started or the pair
// came into the file.
type Probe struct {
	ProbeKey
	Known   bool // something is known of it now
	Answers bool
	Ever    bool      // it has answered at least once
	Since   time.Time // when that last changed

	Sent, Lost, Unsent, Late, Duplicates, Reordered int

	Watched bool // the far end counts requests
	Arrived int  // that it has seen

	MTUKnown bool
	MTU      int // bytes
}

// Agent is how an agent stands.
type Agent struct {
	Name      string
	Connected bool
	Sends     bool          // it can
	Offset    time.Duration // its clock is so much ahead
	Until     time.Time     // when its certificate ends; zero: not known yet
}

// LocalProbes are linkd's own: whether there are any, and whether they can be
// sent.
type LocalProbes struct{ Named, Works bool }

var probeLabels = []string{"from", "to", "vantage"}

const probeSample = `{from="vm-jpe",to="ec2-a",vantage="agent"} `

// probeRows tell what the vantages see.
var probeRows = []row{
	probeRow("linkd_probe_success", gauge, "0 or 1", "1 when at least one echo of the last burst was answered, 0 when none was. Absent while nothing is known, such as of an agent that is gone.", "1",
		func(p Probe) (float64, bool) { return oneIf(p.Answers), p.Known }),
	probeRow("linkd_probe_has_answered", gauge, "0 or 1", "1 once the pair has answered since linkd started; one that never did may be none that can.", "1",
		func(p Probe) (float64, bool) { return oneIf(p.Ever), true }),
	probeRow("linkd_probe_last_change_timestamp_seconds", gauge, "seconds since 1970", "When the pair began to answer, to be lost or to be unknown.", "1.764086400e+09",
		func(p Probe) (float64, bool) { return seconds(p.Since), !p.Since.IsZero() }),
	probeCounter("sent", "Echoes that were due, those that the host could not send among them.", "8640", func(p Probe) int { return p.Sent }),
	probeCounter("lost", "Echoes without an answer in time.", "3", func(p Probe) int { return p.Lost }),
	probeCounter("unsent", "Echoes that the host could not send. They count as lost.", "0", func(p Probe) int { return p.Unsent }),
	probeCounter("late", "Echoes that were answered after their time. They count as lost.", "1", func(p Probe) int { return p.Late }),
	probeCounter("duplicates", "Answers that came once more.", "0", func(p Probe) int { return p.Duplicates }),
	probeCounter("reordered", "Answers that came after one to a later echo.", "0", func(p Probe) int { return p.Reordered }),
	probeRow("linkd_probe_requests_arrived_total", counter, "requests", "Requests of the pair that the far end saw come in: what is missing was lost on the way there. Absent while the far end does not count.", "8638",
		func(p Probe) (float64, bool) { return float64(p.Arrived), p.Watched }),
	probeRow("linkd_probe_path_mtu_bytes", gauge, "bytes", "The largest IP packet that passed whole in the last search; 0 when none did.", "1400",
		func(p Probe) (float64, bool) { return float64(p.MTU), p.MTUKnown }),
}

func probeCounter(what, help, sample string, value func(Probe) int) row {
	return probeRow("linkd_probe_"+what+"_total", counter, "echoes", help, sample, func(p Probe) (float64, bool) { return float64(value(p)), true })
}

func probeRow(name string, kind kind, unit, help, sample string, value func(Probe) (float64, bool)) row {
	return row{
		name: name, kind: kind, labels: probeLabels, unit: unit, help: help, sample: probeSample + sample,
		read: func(s Snapshot, emit emit) {
			for _, p := range s.Probes {
				if v, told := value(p); told {
					emit(v, p.From, p.To, p.Vantage)
				}
			}
		},
	}
}

// agentRows tell how agents stand.
var agentRows = []row{
	agentRow("linkd_agent_connected", "0 or 1", "1 while the agent is connected.", "1", func(a Agent) (float64, bool) { return oneIf(a.Connected), true }),
	agentRow("linkd_agent_can_send", "0 or 1", "1 while the agent is connected and may send echoes. Absent while it is not connected.", "1",
		func(a Agent) (float64, bool) { return oneIf(a.Sends), a.Connected }),
	agentRow("linkd_agent_clock_offset_seconds", "seconds", "How far the agent's clock is ahead of linkd's. Results are stamped by linkd's.", "0.004",
		func(a Agent) (float64, bool) { return a.Offset.Seconds(), a.Connected }),
	agentRow("linkd_agent_certificate_end_timestamp_seconds", "seconds since 1970", "When the agent's certificate ends.", "1.764086400e+09",
		func(a Agent) (float64, bool) { return seconds(a.Until), !a.Until.IsZero() }),
	ownRow("linkd_probe_local_can_send", "0 or 1", "1 while linkd itself may send echoes. Absent when the file wants none of it.", " 1",
		func(s Snapshot) (float64, bool) { return oneIf(s.LocalProbes.Works), s.LocalProbes.Named }),
}

func agentRow(name, unit, help, sample string, value func(Agent) (float64, bool)) row {
	return row{
		name: name, kind: gauge, labels: []string{"agent"}, unit: unit, help: help, sample: `{agent="vm-jpe"} ` + sample,
		read: func(s Snapshot, emit emit) {
			for _, a := range s.Agents {
				if v, told := value(a); told {
					emit(v, a.Name)
				}
			}
		},
	}
}

// Answered counts answers of a pair that took so long.
func (c *counters) Answered(k ProbeKey, took time.Duration, count int) {
	observer := c.answered.WithLabelValues(k.From, k.To, k.Vantage)
	for range count {
		observer.Observe(took.Seconds())
	}
}

// ProbeGone forgets the times of a pair that the file no longer has.
func (c *counters) ProbeGone(k ProbeKey) { c.answered.DeleteLabelValues(k.From, k.To, k.Vantage) }
