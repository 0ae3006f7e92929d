package agent

import (
	"bytes"
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

// pipe is a connection in memory that holds what is written until it is read,
// as a real one does. Cut, it swallows everything and tells nobody.
type pipe struct {
	net.Conn
	queue chan []byte

	mu          sync.Mutex
	cut, closed bool
}

func newPipe() (a, b *pipe) {
	x, y := net.Pipe()
	a, b = &pipe{Conn: x, queue: make(chan []byte, 1000)}, &pipe{Conn: y, queue: make(chan []byte, 1000)}
	for _, p := range []*pipe{a, b} {
		go func() {
			for written := range p.queue {
				_, _ = p.Conn.Write(written)
			}
			_ = p.Conn.Close()
		}()
	}
	return a, b
}

func (p *pipe) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return 0, net.ErrClosed
	case !p.cut:
		p.queue <- bytes.Clone(b)
	}
	return len(b), nil
}

// Close lets the other end read what was written before, for a while. Of a
// connection that is cut it hears nothing.
func (p *pipe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	if p.cut {
		return p.Conn.SetDeadline(time.Now())
	}
	close(p.queue)
	_ = p.SetReadDeadline(time.Now())
	return p.Conn.SetWriteDeadline(time.Now().Add(time.Second))
}

// end frees what a pipe that was cut still holds.
func (p *pipe) end() { close(p.queue) }

// SetDeadline and SetWriteDeadline leave alone what writes from the queue.
func (p *pipe) SetDeadline(t time.Time) error    { return p.SetReadDeadline(t) }
func (p *pipe) SetWriteDeadline(time.Time) error { return nil }

func (p *pipe) sever() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
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
