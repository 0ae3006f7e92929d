package daemon

import (
	"sync"
	"sync/atomic"
	"time"

	"linkd/internal/metrics"
	"linkd/internal/reconcile"
)

// snapshots hands the last snapshot to whoever scrapes, without the loop. It is
// worked out when somebody asks for it first.
type snapshots struct {
	now atomic.Pointer[func() metrics.Snapshot]
}

func (s *snapshots) last() metrics.Snapshot {
	if snapshot := s.now.Load(); snapshot != nil {
		return (*snapshot)()
	}
	return metrics.Snapshot{}
}

// publish brings what the daemon tells up to date: metrics and systemd's line.
func (d *Daemon) publish() {
	file, graph, world := d.current.file, d.current.engine.Graph, d.saw.World
	var plan *reconcile.Plan
	if d.seen {
		made := d.plan
		plan = &made
	}
	own := d.ownSnapshot()
	snapshot := sync.OnceValue(func() metrics.Snapshot {
		saw := metrics.Of(file, graph, plan, world)
		saw.Findings, saw.Keys, saw.Drills, saw.Drilling = own.Findings, keysOf(file, world), own.Drills, own.Drilling
		saw.Looks, saw.Repairs, saw.Rotating, saw.Paused, saw.AuditOnly, saw.Config, saw.Journal = own.Looks, own.Repairs, own.Rotating, own.Paused, own.AuditOnly, own.Config, own.Journal
		return saw
	})
	d.snapshot.now.Store(&snapshot)
	d.tellSystemd()
}

// ownSnapshot is what the daemon knows of itself.
func (d *Daemon) ownSnapshot() metrics.Snapshot {
	own := metrics.Snapshot{
		Repairs: len(d.repairs), Rotating: d.keys.rotation != nil, Drilling: d.drills.running.metrics(), Drills: d.drills.metrics(d.current.file), AuditOnly: d.AuditOnly, Findings: d.findings.counts(),
		Config: metrics.Config{Hash: d.config.Hash, Loaded: d.config.Loaded, OK: d.config.OK},
	}
	for _, l := range []*look{&d.audit, &d.tunnels, &d.survey.look} {
		own.Looks = append(own.Looks, metrics.Look{Name: l.name, Success: l.success, Next: l.clock.next, Running: l.runs(), StaleAfter: l.staleAfter(d.budget())})
	}
	if p := d.said.Pause; p != nil {
		own.Paused = metrics.Pause{On: true, Until: p.Until}
	}
	state := d.journalState()
	own.Journal = metrics.Journal{OK: state.OK, Since: state.Since, Backlog: state.Backlog, Lost: state.Lost}
	return own
}

// tellSystemd tells systemd that linkd is ready, and how it stands.
func (d *Daemon) tellSystemd() {
	d.told(d.Notify.Ready(d.line(time.Now())))
}

// told notes that systemd could not be told something. It finds out by its
// watchdog.
func (d *Daemon) told(err error) {
	if err != nil {
		d.Log.Debug("systemd cannot be told", "error", err)
	}
}
