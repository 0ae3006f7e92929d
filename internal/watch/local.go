package watch

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"linkd/internal/desired"
	"linkd/internal/probe"
	"linkd/internal/vantage"
)

// local is linkd's own vantage while it runs.
type local struct {
	name    string
	at      desired.Target // zero: outside of all
	vantage *vantage.Vantage
	why     string
	stop    context.CancelFunc
}

// followLocal starts, changes or stops linkd's own vantage.
func (w *Watch) followLocal(file *desired.File, vantages []desired.Vantage) {
	var wanted *desired.Vantage
	for i := range vantages {
		if vantages[i].Kind == desired.LocalVantage {
			wanted = &vantages[i]
		}
	}
	at := desired.Target{}
	if wanted != nil {
		if target := file.TargetNamed(wanted.Name); target != nil && file.Probes.Local == wanted.Name {
			at = *target
		}
	}
	if l := w.local; l != nil && (wanted == nil || l.name != wanted.Name || l.at != at) {
		l.stop()
		w.local = nil
	}
	if wanted == nil {
		return
	}
	if w.local == nil {
		w.startLocal(wanted.Name, at)
	}
	w.local.vantage.Follow(w.tasks(*wanted))
}

func (w *Watch) startLocal(name string, at desired.Target) {
	ctx, stop := context.WithCancel(w.ctx)
	l := &local{name: name, at: at, stop: stop}
	l.vantage = &vantage.Vantage{
		Name: name,
		Open: func() (probe.Wire, error) { return w.Open(at) },
		Tell: func(f vantage.Finding) {
			if ctx.Err() == nil {
				w.found(name, desired.LocalVantage, []vantage.Finding{f})
			}
		},
		Trouble: func(why string) { w.trouble(l, why) },
	}
	w.local = l
	w.running.Go(func() { l.vantage.Run(ctx) })
	if at.Name != "" && w.Watch != nil {
		w.running.Go(func() { w.countHere(ctx, at.Name) })
	}
}

// trouble is loud once a reason.
func (w *Watch) trouble(l *local, why string) {
	w.mu.Lock()
	before := l.why
	l.why = why
	w.mu.Unlock()
	switch {
	case why == before:
	case why != "":
		w.Log.Error("linkd itself cannot probe; all else goes on", "why", why)
	default:
		w.Log.Info("linkd itself can probe again")
	}
}

// countHere counts the requests of agents that come in at linkd's own machine.
func (w *Watch) countHere(ctx context.Context, name string) {
	var mu sync.Mutex
	counts, works := map[netip.Addr]int{}, true
	ended := make(chan struct{})
	w.running.Go(func() {
		defer close(ended)
		err := w.Watch(ctx, func(from netip.Addr) {
			mu.Lock()
			defer mu.Unlock()
			counts[from]++
		})
		mu.Lock()
		defer mu.Unlock()
		works = false
		if err != nil && ctx.Err() == nil {
			w.Log.Warn("requests that come in are not counted", "why", err.Error())
		}
	})
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			<-ended
			return
		}
		mu.Lock()
		taken, watches := counts, works
		counts = map[netip.Addr]int{}
		mu.Unlock()
		w.arrivals(name, taken, watches)
	}
}
