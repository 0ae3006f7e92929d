package agent

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"linkd/internal/vantage"
)

// outbox keeps what an agent has found until it is sent. Adding never blocks:
// when there is no room the oldest goes.
type outbox struct {
	mu       sync.Mutex
	findings []vantage.Finding
	arrivals map[netip.Addr]int
	counts   bool
	why      string
	dropped  int
}

const (
	roomForFindings = 20_000
	roomForSenders  = 1000 // whose requests are counted
)

func newOutbox() *outbox { return &outbox{arrivals: map[netip.Addr]int{}} }

func (o *outbox) add(f vantage.Finding) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.findings) >= roomForFindings {
		o.findings = o.findings[1:]
		o.dropped++
	}
	o.findings = append(o.findings, f)
}

func (o *outbox) trouble(why string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.why = why
}

func (o *outbox) watches(on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts = on
}

func (o *outbox) arrived(from netip.Addr) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, known := o.arrivals[from]; known || len(o.arrivals) < roomForSenders {
		o.arrivals[from]++
	}
}

// take empties the outbox into reports.
func (o *outbox) take(now time.Time) []report {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := []report{{Arrivals: o.arrivals, Watches: o.counts, Trouble: o.why, Dropped: o.dropped}}
	for i, f := range o.findings {
		if i > 0 && i%mostResults == 0 {
			all = append(all, report{Watches: o.counts, Trouble: o.why})
		}
		r := &all[len(all)-1]
		r.Findings = append(r.Findings, finding{Result: f.Result, Age: max(now.Sub(f.Result.At), 0), RTTs: f.RTTs})
	}
	o.findings, o.arrivals, o.dropped = nil, map[netip.Addr]int{}, 0
	return all
}

// keepSending reports until ctx ends or the connection fails.
func (o *outbox) keepSending(ctx context.Context, l *link) error {
	tick := time.NewTicker(reports)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		for _, r := range o.take(time.Now()) {
			if err := l.send(message{Report: &r}); err != nil {
				l.close() // the session ends with its reader
				return err
			}
		}
	}
}
