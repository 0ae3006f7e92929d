package daemon

import (
	"sync/atomic"
	"time"

	"linkd/internal/metrics"
)

// snapshots hands the last snapshot to whoever scrapes, without the loop.
type snapshots struct {
	now atomic.Pointer[metrics.Snapshot]
}

func (s *snapshots) last() metrics.Snapshot {
	if now := s.now.Load(); now != nil {
		return *now
	}
	return metrics.Snapshot{}
}

// publish brings what the daemon tells up to date: metrics and systemd's line.
func (d *Daemon) publish() {
	snapshot := d.measure()
	d.snapshot.now.Store(&snapshot)
	d.tellSystemd()
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

func (d *Daemon) measure() metrics.Snapshot { return metrics.Snapshot{} }
