package watch

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/agent"
	"linkd/internal/agent/agenttest"
	"linkd/internal/desired"
	"linkd/internal/identity"
	"linkd/internal/probe"
	"linkd/internal/vantage"
)

// network is a network of hosts, whose ways can be broken one by one.
type network struct {
	mu      sync.Mutex
	dropped map[[2]netip.Addr]bool // packets from one to another
	way     time.Duration          // how long a packet takes one way
	counts  agenttest.Arrivals
}

func (n *network) drop(from, to netip.Addr, on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dropped[[2]netip.Addr{from, to}] = on
}

// open makes the wire of a host.
func (n *network) open(from netip.Addr) (probe.Wire, error) {
	return probe.Carried(func(e probe.Echo) ([]probe.Delivery, error) {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.dropped[[2]netip.Addr{from, e.To}] {
			return nil, nil
		}
		if !e.DontFragment {
			n.counts.Tell(e.To, from)
		}
		if n.dropped[[2]netip.Addr{e.To, from}] {
			return nil, nil
		}
		return []probe.Delivery{{After: 2 * n.way, Arrival: probe.Arrival{From: e.To}}}, nil
	}), nil
}

// stage is a Watch, agents, and the network between all of them.
type stage struct {
	*testing.T
	*network
	watch    *Watch
	file     string
	office   *agenttest.Office
	doors    agenttest.Doors
	answered map[Key]int
	gone     []Key
	log      agenttest.Log
}

var (
	vmAddress  = netip.MustParseAddr("10.1.0.4")
	ec2Address = netip.MustParseAddr("172.20.0.10")
)

// onStage runs a test with a Watch that listens, in virtual time.
func onStage(t *testing.T, file string, do func(*stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(time.Minute) }) // until every connection has ended
		s := &stage{
			T: t, file: file, office: agenttest.NewOffice(t), answered: map[Key]int{},
			network: &network{dropped: map[[2]netip.Addr]bool{}, way: 5 * time.Millisecond},
		}
		s.watch = New(Options{
			Open: func(at desired.Target) (probe.Wire, error) {
				if !at.Address.IsValid() {
					return nil, errors.New("no ICMP socket may be opened here")
				}
				return s.open(at.Address)
			},
			Dial: s.doors.Dial, Listen: s.doors.Listen, Software: "1.0.0", Log: slog.New(slog.NewTextHandler(&s.log, nil)),
			Identity: s.holder("linkd", identity.Daemon),
			Answered: func(k Key, c vantage.Counts) { s.answered[k] += c.Total() },
			Gone:     func(k Key) { s.gone = append(s.gone, k) },
		})
		s.follow(file)
		do(s)
		s.watch.Close()
	})
}

func (s *stage) follow(file string) {
	s.Helper()
	f, err := desired.Parse("f.yaml", []byte(file))
	if err != nil {
		s.Fatal(err)
	}
	s.watch.Follow(f)
}

// holder is how the daemon shows who it is.
func (s *stage) holder(name string, role identity.Role) func(desired.Agents) (*identity.Identity, error) {
	s.Helper()
	show := s.office.Holder(name, role)
	return func(desired.Agents) (*identity.Identity, error) { return show() }
}

// agent starts an agent on a host, which dials linkd or listens; stop ends it.
func (s *stage) agent(name string, host netip.Addr, listens string) (stop func()) {
	s.Helper()
	return s.agentAs(s.office.Holder(name, identity.Agent), host, listens, io.Discard)
}

// agentAs is agent with what shows who it is, and its log.
func (s *stage) agentAs(show func() (*identity.Identity, error), host netip.Addr, listens string, log io.Writer) (stop func()) {
	a := &agent.Agent{
		Identity: show, Software: "1.0.0", Limits: agent.DefaultLimits(),
		Open: func() (probe.Wire, error) { return s.open(host) }, Watch: s.counts.At(host), Log: slog.New(slog.NewTextHandler(log, nil)),
	}
	ctx, cancel := context.WithCancel(s.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if listens == "" {
			a.Connect(ctx, "linkd", func(ctx context.Context) (net.Conn, error) { return s.doors.Dial(ctx, agenttest.Listening) })
			return
		}
		listener, _ := s.doors.Listen(ctx, listens)
		_ = a.Listen(ctx, listener)
	}()
	return func() { cancel(); <-done }
}

// of tells how a pair stands.
func (s *stage) of(from, to string) Pair {
	s.Helper()
	for _, p := range s.watch.State().Pairs {
		if p.From == from && p.To == to {
			return p
		}
	}
	s.Fatalf("there is no pair from %s to %s", from, to)
	return Pair{}
}

// agentOf tells how an agent stands.
func (s *stage) agentOf(name string) Agent {
	s.Helper()
	for _, a := range s.watch.State().Agents {
		if a.Name == name {
			return a
		}
	}
	s.Fatalf("there is no agent %s", name)
	return Agent{}
}
