package metrics

import (
	"cmp"
	"time"
)

// staleAfter is for how long a look counts when nothing else is said.
const staleAfter = time.Hour

// lookRows tell of the schedules.
var lookRows = []row{
	lookRow("linkd_look_last_success_timestamp_seconds", "seconds since 1970", "When the last complete look of this schedule ended; 0 when there was none yet.", " 1.764086400e+09",
		func(l Look) float64 { return seconds(l.Success) }),
	lookRow("linkd_look_next_timestamp_seconds", "seconds since 1970", "When the next look of this schedule begins; 0 when none is planned.", " 1.764087300e+09",
		func(l Look) float64 { return seconds(l.Next) }),
	lookRow("linkd_look_stale_after_seconds", "seconds", "How long after its last success what a look saw no longer counts. It follows from the schedule.", " 2400",
		func(l Look) float64 { return cmp.Or(l.StaleAfter, staleAfter).Seconds() }),
	lookRow("linkd_look_running", "0 or 1", "1 while a look of this schedule runs.", " 0",
		func(l Look) float64 { return oneIf(l.Running) }),
}

func lookRow(name, unit, help, sample string, value func(Look) float64) row {
	return row{
		name: name, kind: gauge, labels: []string{"look"}, unit: unit, help: help, sample: `{look="audit"}` + sample,
		read: func(s Snapshot, emit emit) {
			for _, l := range s.Looks {
				emit(value(l), l.Name)
			}
		},
	}
}

// ownRows tell of the daemon itself.
var ownRows = []row{
	ownRow("linkd_budget_seconds", "seconds", "The longest that a look or a repair may take, as the file says.", " 600",
		func(s Snapshot) (float64, bool) { return s.Budget.Seconds(), s.Budget > 0 }),
	ownRow("linkd_repairs_running", "repairs", "Repairs under way.", " 0",
		func(s Snapshot) (float64, bool) { return float64(s.Repairs), s.running() }),
	ownRow("linkd_key_rotation_running", "0 or 1", "1 while the keys of a link are being changed.", " 0",
		func(s Snapshot) (float64, bool) { return oneIf(s.Rotating), s.running() }),
	ownRow("linkd_approvals_pending", "differences", "Differences that wait for a person's approval.", " 0",
		func(s Snapshot) (float64, bool) { return float64(s.Approvals), s.running() }),
	ownRow("linkd_paused", "0 or 1", "1 while a person has paused repairs.", " 0",
		func(s Snapshot) (float64, bool) { return oneIf(s.Paused.On), s.running() }),
	ownRow("linkd_pause_end_timestamp_seconds", "seconds since 1970", "When the pause ends. Absent when there is none.", " 1.764090000e+09",
		func(s Snapshot) (float64, bool) {
			return seconds(s.Paused.Until), s.Paused.On && !s.Paused.Until.IsZero()
		}),
	ownRow("linkd_audit_only", "0 or 1", "1 when this linkd only looks and never writes to a cloud.", " 0",
		func(s Snapshot) (float64, bool) { return oneIf(s.AuditOnly), s.running() }),
	{
		name: "linkd_config_info", kind: gauge, labels: []string{"hash"}, unit: "1",
		help: "1, with a hash of the desired-state file that is in force.", sample: `{hash="3f2a9c0d1e4b5a67"} 1`,
		read: func(s Snapshot, emit emit) {
			if s.running() {
				emit(1, s.Config.Hash)
			}
		},
	},
	ownRow("linkd_config_last_reload_successful", "0 or 1", "1 when the desired-state file on the disk is the one in force; 0 while it is refused and an older one is kept.", " 1",
		func(s Snapshot) (float64, bool) { return oneIf(s.Config.OK), s.running() }),
	ownRow("linkd_config_last_reload_success_timestamp_seconds", "seconds since 1970", "When the desired-state file that is in force was loaded.", " 1.764086400e+09",
		func(s Snapshot) (float64, bool) { return seconds(s.Config.Loaded), s.running() }),
	ownRow("linkd_journal_ok", "0 or 1", "1 while the record can be written. Repairs go on without it.", " 1",
		func(s Snapshot) (float64, bool) { return oneIf(s.Journal.OK), s.running() }),
	ownRow("linkd_journal_trouble_timestamp_seconds", "seconds since 1970", "Since when the record cannot be written. Absent while it can.", " 1.764086400e+09",
		func(s Snapshot) (float64, bool) {
			return seconds(s.Journal.Since), !s.Journal.OK && !s.Journal.Since.IsZero()
		}),
	ownRow("linkd_journal_backlog_entries", "entries", "Entries of the record that wait in memory to be written.", " 0",
		func(s Snapshot) (float64, bool) { return float64(s.Journal.Backlog), s.running() }),
	ownRow("linkd_journal_lost_entries", "entries", "Entries of the record that were dropped since linkd started.", " 0",
		func(s Snapshot) (float64, bool) { return float64(s.Journal.Lost), s.running() }),
}

// running reports whether the daemon has said anything of itself.
func (s Snapshot) running() bool { return !s.Config.Loaded.IsZero() }

// ownRow is a row without labels. Value also reports whether there is one.
func ownRow(name, unit, help, sample string, value func(Snapshot) (float64, bool)) row {
	return row{
		name: name, kind: gauge, unit: unit, help: help, sample: sample,
		read: func(s Snapshot, emit emit) {
			if v, told := value(s); told {
				emit(v)
			}
		},
	}
}

// fedRows are counted by calls. [counters] makes each by its name.
var fedRows = []row{
	{
		name: "linkd_looks_total", kind: counter, labels: []string{"look", "result"}, unit: "looks",
		help: "Looks that ended, by schedule and result: complete, incomplete (a part could not be read), failed (nothing could be) or panicked.", sample: `{look="audit",result="complete"} 96`,
	},
	{
		name: "linkd_look_duration_seconds", kind: histogram, labels: []string{"look"}, unit: "seconds",
		help: "How long looks took. A native histogram, with classic buckets beside it.", sample: `_bucket{look="audit",le="10"} 95`,
	},
	{
		name: "linkd_look_last_duration_seconds", kind: gauge, labels: []string{"look"}, unit: "seconds",
		help: "How long the last look took.", sample: `{look="audit"} 4.2`,
	},
	{
		name: "linkd_looks_missed_total", kind: counter, labels: []string{"look"}, unit: "looks",
		help: "Looks that were left out because the one before still ran.", sample: `{look="audit"} 0`,
	},
	{
		name: "linkd_steps_total", kind: counter, labels: []string{"cloud", "kind", "action", "result"}, unit: "steps",
		help: "Steps that ended, by what they do (create, update, replace, delete) and how they ended (ok, failed, held, stopped).", sample: `{cloud="azure",kind="azure/vpn-site",action="update",result="ok"} 3`,
	},
	{
		name: "linkd_repairs_total", kind: counter, labels: []string{"result"}, unit: "repairs",
		help: "Repairs of a difference that ended: proved (the next look agreed), persists (it did not help), returned (it came back soon), failed, or stopped (by the budget, a pause, a reload or the end of linkd).", sample: `{result="proved"} 3`,
	},
	{
		name: "linkd_key_turns_total", kind: counter, labels: []string{"result"}, unit: "turns",
		help: "Turns of one tunnel that was to get a new key, by how they ended: done (both clouds show it up with the new key), failed, held (after the begin of the rotation), or stopped (by a pause, a reload or the end of linkd).", sample: `{result="done"} 8`,
	},
	{
		name: "linkd_drills_total", kind: counter, labels: []string{"result"}, unit: "drills",
		help: "Drills of this linkd that ended, by how: done (the tunnel was taken down, and is up in both clouds), failed, held (after they were begun), or stopped (by a pause, a reload or the end of linkd).", sample: `{result="done"} 2`,
	},
	{
		name: "linkd_api_requests_total", kind: counter, labels: []string{"cloud", "operation", "code"}, unit: "requests",
		help: "Requests to the clouds, each repeat by itself, by operation and HTTP status; the code is none when no answer came.", sample: `{cloud="aws",operation="ec2:DescribeVpnConnections",code="200"} 96`,
	},
	{
		name: "linkd_api_requests_throttled_total", kind: counter, labels: []string{"cloud"}, unit: "requests",
		help: "Requests that a cloud refused because there were too many.", sample: `{cloud="azure"} 0`,
	},
	{
		name: "linkd_api_request_duration_seconds", kind: histogram, labels: []string{"cloud", "operation"}, unit: "seconds",
		help: "How long requests took. A native histogram, with few classic buckets beside it.", sample: `_bucket{cloud="aws",operation="ec2:DescribeVpnConnections",le="1"} 96`,
	},
	{
		name: "linkd_probe_rtt_seconds", kind: histogram, labels: probeLabels, unit: "seconds",
		help: "Round-trip times of the echoes that were answered in time, known to 1.1 percent. A native histogram, with classic buckets beside it.", sample: `_bucket{from="vm-jpe",to="ec2-a",vantage="agent",le="0.01"} 8630`,
	},
	{
		name: "linkd_config_reloads_total", kind: counter, labels: []string{"result"}, unit: "reloads",
		help: "Reloads of the desired-state file, by result: ok or refused.", sample: `{result="refused"} 0`,
	},
	{
		name: "linkd_journal_writes_total", kind: counter, labels: []string{"result"}, unit: "writes",
		help: "Writes to the record, by result: appended or failed.", sample: `{result="failed"} 0`,
	},
	{
		name: "linkd_panics_total", kind: counter, labels: []string{"place"}, unit: "panics",
		help: "Defects of linkd that it survived, by where: audit, tunnels, survey, repair, rotation or drill.", sample: `{place="audit"} 0`,
	},
	{
		name: "linkd_build_info", kind: gauge, labels: []string{"version", "revision", "goversion"}, unit: "1",
		help: "1, with the version of this linkd and of the Go that built it.", sample: `{version="1.0.0",revision="0123abc",goversion="go1.26.8"} 1`,
	},
}
