package daemon

import (
	"maps"
	"slices"
	"time"

	"linkd/internal/control"
	"linkd/internal/metrics"
	"linkd/internal/probe"
	"linkd/internal/vantage"
	"linkd/internal/watch"
)

// startProbes makes what watches the probes. It sees nothing before the first
// file.
func (d *Daemon) startProbes() {
	if d.Probes == nil {
		return
	}
	options := *d.Probes
	options.Software, options.Log = d.Version, d.Log
	options.Answered = func(k watch.Key, times vantage.Counts) {
		times.Each(func(took time.Duration, count int) {
			d.Metrics.Answered(metrics.ProbeKey{From: k.From, To: k.To, Vantage: string(k.Vantage)}, took, count)
		})
	}
	options.Gone = func(k watch.Key) {
		d.Metrics.ProbeGone(metrics.ProbeKey{From: k.From, To: k.To, Vantage: string(k.Vantage)})
	}
	options.Found = d.measured
	d.watch.Store(watch.New(options))
}

// Seen is what all vantages see now, with both sides of each pair. Anybody may
// ask, without the loop.
func (d *Daemon) Seen() watch.State {
	if w := d.watch.Load(); w != nil {
		return w.State()
	}
	return watch.State{}
}

// stopProbes ends all probing.
func (d *Daemon) stopProbes() {
	if w := d.watch.Load(); w != nil {
		w.Close()
	}
}

// probeStatus tells how probes stand, or nil when there are none.
func (d *Daemon) probeStatus() *control.Probes {
	seen := d.Seen()
	if len(seen.Pairs)+len(seen.Agents) == 0 {
		return nil
	}
	told := &control.Probes{
		Local: seen.Local, LocalProblem: seen.LocalWhy, Listening: seen.Listening, ListeningProblem: seen.ListeningWhy,
		Pairs: []control.Probe{}, Agents: []control.Agent{},
	}
	for _, p := range seen.Pairs {
		told.Pairs = append(told.Pairs, probeOf(p))
	}
	for _, a := range seen.Agents {
		told.Agents = append(told.Agents, control.Agent{
			Name: a.Name, Connected: a.Connected, Since: a.Since, Why: a.Why, Hint: a.Hint, Trouble: a.Trouble,
			Version: a.Software, ClockAhead: a.Offset.Seconds(), CertificateUntil: a.Until, Watches: a.Watches,
		})
	}
	return told
}

func probeOf(p watch.Pair) control.Probe {
	split := p.Sides.Split()
	told := control.Probe{
		From: p.From, To: p.To, Vantage: string(p.Vantage), State: p.State, Why: p.Why, Since: p.Since, At: p.Last.At,
		Sent: p.Last.Sent, Received: p.Last.Received, Loss: p.Last.Loss(), Min: p.Last.Min.Seconds(), Mean: p.Last.Mean.Seconds(),
		Max: p.Last.Max.Seconds(), Jitter: p.Last.Jitter.Seconds(), Refusals: slices.Sorted(maps.Keys(p.Last.Refusals)),
		Lately: control.Sides{
			Sent: p.Sides.Sent, Received: p.Sides.Received, Arrived: p.Sides.Arrived, Watches: p.Sides.Watches,
			BackSent: p.Sides.BackSent, BackReceived: p.Sides.BackReceived,
			Told: split.Told, LostThere: split.Request, LostBack: split.Reply, Text: split.Text,
		},
	}
	if p.MTU != nil {
		told.MTU, told.MTUAt = mtuOf(*p.MTU), p.MTUAt
	}
	return told
}

func mtuOf(m probe.MTU) *control.MTU {
	return &control.MTU{Passes: m.Passes, SilentFrom: m.SilentFrom, SilentTo: m.SilentTo, Told: m.Told, By: m.By}
}

// withProbes adds to a snapshot how probes stand at this moment.
func (d *Daemon) withProbes(s metrics.Snapshot) metrics.Snapshot {
	seen := d.Seen()
	s.LocalProbes = metrics.LocalProbes{Named: seen.Local != "", Works: seen.LocalWhy == ""}
	for _, p := range seen.Pairs {
		one := metrics.Probe{
			ProbeKey: metrics.ProbeKey{From: p.From, To: p.To, Vantage: string(p.Vantage)},
			Known:    p.State != watch.Unknown, Answers: p.State == watch.Answers, Ever: p.Ever, Since: p.Since,
			Sent: p.Totals.Sent, Lost: p.Totals.Lost, Unsent: p.Totals.Unsent, Late: p.Totals.Late,
			Duplicates: p.Totals.Duplicates, Reordered: p.Totals.Reordered, Watched: p.Sides.Watches, Arrived: p.Totals.Arrived,
		}
		if p.MTU != nil {
			one.MTUKnown, one.MTU = true, p.MTU.Passes
		}
		s.Probes = append(s.Probes, one)
	}
	for _, a := range seen.Agents {
		s.Agents = append(s.Agents, metrics.Agent{Name: a.Name, Connected: a.Connected, Sends: a.Trouble == "", Offset: a.Offset, Until: a.Until})
	}
	return s
}
