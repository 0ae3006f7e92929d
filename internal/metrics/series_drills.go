package metrics

import "time"

// Drill is the last drill of a link that has ended.
type Drill struct {
	Link    string
	Result  string // done, failed, held or stopped
	Began   time.Time
	Success time.Time     // when the last that was done began; zero: none is known
	Out     time.Duration // for how long the tunnel was out of use; 0: it was not seen up again
	// Sent and Lost are echoes of all pairs, and Gap the longest time without an answer.
	// Sent is 0 when nothing was measured.
	Sent, Lost int
	Gap        time.Duration
}

// Drilling is a drill that linkd run makes now.
type Drilling struct{ Link, Tunnel string }

// drillRows tell of the last drill of each link. They are kept over a restart.
var drillRows = []row{
	{
		name: "linkd_drill_running", kind: gauge, labels: []string{"link", "tunnel"}, unit: "1",
		help:   "1 for the tunnel that linkd run drills now: it is down on purpose. Absent when there is none.",
		sample: `{link="tokyo",tunnel="tokyo-0-1"} 1`,
		read: func(s Snapshot, emit emit) {
			if s.Drilling != nil {
				emit(1, s.Drilling.Link, s.Drilling.Tunnel)
			}
		},
	},
	drillRow("linkd_drill_last_timestamp_seconds", "seconds since 1970", "When the last drill of the link began, whatever became of it. Absent when none is known.", " 1.764086400e+09",
		func(d Drill) (float64, bool) { return seconds(d.Began), true }),
	drillRow("linkd_drill_last_success_timestamp_seconds", "seconds since 1970", "When the last drill of the link began that took a tunnel down and saw it up again. Absent when none is known.", " 1.764086400e+09",
		func(d Drill) (float64, bool) { return seconds(d.Success), !d.Success.IsZero() }),
	{
		name: "linkd_drill_last_result", kind: gauge, labels: []string{"link", "result"}, unit: "0 or 1",
		help:   "How the last drill of the link ended: done (the tunnel is up again in both clouds), failed, held (it must not be made) or stopped (by a pause, a reload or the end of linkd). The one that holds is 1, the others are 0.",
		sample: `{link="tokyo",result="done"} 1`,
		read: func(s Snapshot, emit emit) {
			for _, d := range s.Drills {
				for _, result := range drillEnds {
					emit(oneIf(d.Result == result), d.Link, result)
				}
			}
		},
	},
	drillRow("linkd_drill_last_out_seconds", "seconds", "For how long the last drill had its tunnel out of use. Absent when the tunnel was not seen up again, or never taken down.", " 370",
		func(d Drill) (float64, bool) { return d.Out.Seconds(), d.Out > 0 }),
	drillRow("linkd_drill_last_gap_seconds", "seconds", "The longest time without an answer of any pair in the last drill; 0 when no echo was lost. Absent when nothing was measured.", " 0",
		func(d Drill) (float64, bool) { return d.Gap.Seconds(), d.Sent > 0 }),
	drillRow("linkd_drill_last_lost_packets", "packets", "Echoes of all pairs that were lost in the last drill, requests or answers. Absent when nothing was measured.", " 0",
		func(d Drill) (float64, bool) { return float64(d.Lost), d.Sent > 0 }),
	drillRow("linkd_drill_last_sent_packets", "packets", "Echoes of all pairs that were sent in the last drill. Absent when nothing was measured.", " 8804",
		func(d Drill) (float64, bool) { return float64(d.Sent), d.Sent > 0 }),
}

func drillRow(name, unit, help, sample string, value func(Drill) (float64, bool)) row {
	return row{
		name: name, kind: gauge, labels: []string{"link"}, unit: unit, help: help, sample: `{link="tokyo"}` + sample,
		read: func(s Snapshot, emit emit) {
			for _, d := range s.Drills {
				if v, told := value(d); told {
					emit(v, d.Link)
				}
			}
		},
	}
}
