package main

import (
	"log/slog"

	"linkd/internal/desired"
	"linkd/internal/drill"
	"linkd/internal/probe"
	"linkd/internal/vantage"
	"linkd/internal/watch"
)

// meter measures by the vantages of the file: linkd's own, and its agents.
type meter struct {
	fast  *desired.File
	watch *watch.Watch
	gaps  drill.Gaps
}

// meter is that of a file, or nil when it has no vantage.
func (p *program) meter(file *desired.File) *meter {
	options := *p.probes()
	fast, pairs := drill.Probing(file, options.Vantages(file))
	if len(pairs) == 0 {
		return nil
	}
	m := &meter{fast: fast}
	m.gaps.Follow(pairs)
	version, _ := built()
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
	m.watch.Follow(m.fast)
	return nil
}

// Stop implements [drill.Meter].
func (m *meter) Stop() []drill.Gap {
	seen := m.watch.State()
	m.watch.Close()
	return drill.Because(m.gaps.Tell(), func(p drill.Pair) string {
		return seen.Why(watch.Key{From: p.From, To: p.To, Vantage: desired.VantageKind(p.Vantage)})
	})
}
