package daemon

import (
	"linkd/internal/desired"
	"linkd/internal/drill"
	"linkd/internal/probe"
	"linkd/internal/watch"
)

// drillMeter measures a drill by what the daemon probes with all the time: its own
// vantage and its agents, which send faster meanwhile.
type drillMeter struct {
	daemon *Daemon
	fast   *desired.File
	gaps   *drill.Gaps
}

// meter is that of the file in force, or nil when nothing of it probes.
func (d *Daemon) meter() drill.Meter {
	w := d.watch.Load()
	if w == nil {
		return nil
	}
	fast, pairs := drill.Probing(d.current.file, w.Vantages(d.current.file))
	if len(pairs) == 0 {
		return nil
	}
	m := &drillMeter{daemon: d, fast: fast, gaps: &drill.Gaps{}}
	m.gaps.Follow(pairs)
	return m
}

// Start implements [drill.Meter].
func (m *drillMeter) Start() error {
	m.daemon.report(func() {
		m.daemon.gaps.Store(m.gaps)
		m.daemon.watch.Load().Follow(m.fast)
	})
	return nil
}

// Stop implements [drill.Meter]: what probes goes on as the file in force has it.
func (m *drillMeter) Stop() []drill.Gap {
	m.daemon.gaps.Store(nil)
	seen := m.daemon.Seen()
	m.daemon.report(func() { m.daemon.watch.Load().Follow(m.daemon.current.file) })
	return drill.Because(m.gaps.Tell(), func(p drill.Pair) string {
		return seen.Why(watch.Key{From: p.From, To: p.To, Vantage: desired.VantageKind(p.Vantage)})
	})
}

// measured counts a result for the drill under way, if there is one.
func (d *Daemon) measured(k watch.Key, r probe.Result) {
	if gaps := d.gaps.Load(); gaps != nil && r.Sent <= 1 { // more: it was sent before, for the file in force
		gaps.Take(drill.Pair{From: k.From, To: k.To, Vantage: string(k.Vantage)}, r)
	}
}
