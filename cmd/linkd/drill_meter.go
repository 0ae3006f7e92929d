package main

import (
	"log/slog"
	"time"

	"linkd/internal/desired"
	"linkd/internal/drill"
	"linkd/internal/probe"
	"linkd/internal/vantage"
	"linkd/internal/watch"
)

// meter measures by the vantages of the file: linkd's own, and its agents. It sends
// single echoes, ten a second of each pair where the file's limit lets it.
type meter struct {
	file  desired.File
	watch *watch.Watch
	gaps  drill.Gaps
}

// drillEvery is how often a pair is probed during a drill.
const drillEvery = 100 * time.Millisecond

// meter is that of a file, or nil when it has no vantage.
func (p *program) meter(file *desired.File) *meter {
	m := &meter{file: *file}
	var pairs []drill.Pair
	for _, v := range file.Vantages() {
		if v.Kind == desired.LocalVantage && p.simulator != "" && file.TargetNamed(file.Probes.Local) == nil {
			continue // nothing stands outside of a simulated network
		}
		for _, target := range v.Targets {
			pairs = append(pairs, drill.Pair{From: v.Name, To: target.Name, Vantage: string(v.Kind)})
		}
	}
	if len(pairs) == 0 {
		return nil
	}
	m.gaps.Follow(pairs)
	probes := &m.file.Probes
	every := time.Duration(len(pairs)) * time.Second / time.Duration(max(probes.MostPerSecond, 1))
	probes.Interval, probes.Burst, probes.MTUInterval = desired.Duration(max(every, drillEvery)), 1, 0
	version, _ := built()
	options := *p.probes()
	options.Software, options.Log = version, slog.New(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	options.Answered, options.Gone = func(watch.Key, vantage.Counts) {}, func(watch.Key) {}
	options.Found = func(k watch.Key, r probe.Result) {
		m.gaps.Take(drill.Pair{From: k.From, To: k.To, Vantage: string(k.Vantage)}, r)
	}
	m.watch = watch.New(options)
	return m
}

// Start implements [drill.Meter].
func (m *meter) Start() error {
	m.watch.Follow(&m.file)
	return nil
}

// Stop implements [drill.Meter].
func (m *meter) Stop() []drill.Gap {
	m.watch.Close()
	return m.gaps.Tell()
}
