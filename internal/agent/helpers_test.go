package agent

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/agent/agenttest"
	"linkd/internal/identity"
	"linkd/internal/probe"
	"linkd/internal/vantage"
)

const year = agenttest.Year

// office is the authority of a test.
type office struct {
	*testing.T
	*agenttest.Office
}

func newOffice(t *testing.T) *office {
	t.Helper()
	return &office{t, agenttest.NewOffice(t)}
}

var (
	near = netip.MustParseAddr("10.1.0.4")
	far  = netip.MustParseAddr("172.20.0.10")
)

func task(name string, address netip.Addr) vantage.Task {
	return vantage.Task{Name: name, Address: address, Interval: time.Second, Timeout: time.Second, Count: 10, Size: 84}
}

// newAgent makes an agent whose echoes come back after 5 ms, those to far never.
func newAgent(own *identity.Identity, said *agenttest.Log) *Agent {
	return &Agent{
		Identity: func() (*identity.Identity, error) { return own, nil }, Software: "1.0.0", Limits: DefaultLimits(),
		Open: func() (probe.Wire, error) {
			return probe.Carried(func(e probe.Echo) ([]probe.Delivery, error) {
				if e.To == far {
					return nil, nil
				}
				return []probe.Delivery{{After: 5 * time.Millisecond, Arrival: probe.Arrival{From: e.To}}}, nil
			}), nil
		},
		Watch: func(ctx context.Context, arrived func(netip.Addr)) error {
			tick := time.NewTicker(time.Second)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					arrived(far)
				case <-ctx.Done():
					return nil
				}
			}
		},
		Log: slog.New(slog.NewTextHandler(said, nil)),
	}
}

// heard is what a daemon has heard of an agent.
type heard struct {
	mu       sync.Mutex
	findings []vantage.Finding
	arrivals map[netip.Addr]int
	watches  bool
	offset   time.Duration
	why      string
}

func (h *heard) events() Events {
	with := func(do func()) {
		h.mu.Lock()
		defer h.mu.Unlock()
		do()
	}
	h.arrivals = map[netip.Addr]int{}
	return Events{
		Findings: func(f []vantage.Finding) { with(func() { h.findings = append(h.findings, f...) }) },
		Arrivals: func(counts map[netip.Addr]int, watches bool) {
			with(func() {
				h.watches = watches
				for from, count := range counts {
					h.arrivals[from] += count
				}
			})
		},
		Trouble: func(why string) { with(func() { h.why = why }) },
		Offset:  func(offset time.Duration) { with(func() { h.offset = offset }) },
		Dropped: func(int) {},
	}
}

// look sees what was heard, while nothing more comes.
func (h *heard) look(do func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	do()
}

func (h *heard) last(name string) (last vantage.Finding, count int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range h.findings {
		if f.Result.To == name {
			last = f
			count++
		}
	}
	return last, count
}

// bubble runs a test in virtual time.
func bubble(t *testing.T, do func(*office)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(3 * time.Second) }) // until every connection has ended
		do(newOffice(t))
	})
}

// byHand is the agent's end of a connection, spoken by a test itself.
func (o *office) byHand(own *identity.Identity, connection net.Conn) *link {
	return newLink(tls.Server(connection, own.Config()))
}
