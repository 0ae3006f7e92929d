package examine

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"linkd/internal/desired"
	"linkd/internal/probe"
)

// Local is the vantage of the host that linkd itself runs on.
type Local struct {
	// At is the machine that the host is, or the zero target: it is none.
	At desired.Target
	// Open makes a wire of the host. It is called for each target, from several
	// goroutines.
	Open func() (probe.Wire, error)
	// Timeout is how long an answer may take.
	Timeout time.Duration
}

// What a burst of the local vantage is like: five echoes in a second, as a
// machine's own ping sends them, to a few targets at once.
const (
	localInterval = 200 * time.Millisecond
	localAtOnce   = 8
)

// Standing finds the machine that a host is by the addresses that it has. It is
// the zero target when it is none.
func Standing(file *desired.File, addresses []netip.Addr) desired.Target {
	for _, target := range file.Probes.Targets {
		if slices.Contains(addresses, target.Address) {
			return target
		}
	}
	return desired.Target{}
}

// Name implements [Vantage].
func (Local) Name() string { return string(desired.LocalVantage) }

// Outside tells whether the host is none of the machines.
func (l Local) Outside() bool { return l.At.Name == "" }

// From implements [Vantage].
func (l Local) From(target desired.Target) bool {
	if l.Outside() {
		return target.Name == desired.LocalName && !target.Address.IsValid()
	}
	return target.Name == l.At.Name
}

// Ping implements [Vantage]: bursts and searches of the probe engine, each on a
// wire of its own.
func (l Local) Ping(ctx context.Context, from desired.Target, to []desired.Target, ask Ask) []probe.Result {
	ctx, cancel := context.WithTimeout(ctx, ask.Within)
	defer cancel()
	results, slots := make([]probe.Result, len(to)), make(chan struct{}, localAtOnce)
	var bursts sync.WaitGroup
	for i, target := range to {
		bursts.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i] = l.burst(ctx, from, target, ask)
		})
	}
	bursts.Wait()
	return results
}

// burst sends to one target, and where it answers looks for the largest packet
// that passes.
func (l Local) burst(ctx context.Context, from, to desired.Target, ask Ask) probe.Result {
	wire, err := l.Open()
	if err != nil {
		return probe.Result{From: from.Name, To: to.Name, At: time.Now(), Err: clause(err)}
	}
	defer wire.Close()
	target := probe.Target{Name: to.Name, Address: to.Address, Count: ask.Count, Interval: localInterval, Timeout: l.Timeout}
	result := probe.Burst(ctx, wire, from.Name, target)
	if !ask.MTU || l.Outside() || result.Received == 0 {
		return result
	}
	if found, err := probe.SearchMTU(ctx, wire, target, 0); err == nil {
		result.MTU = &found
	}
	return result
}
