package watch

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/agent"
	"linkd/internal/desired"
	"linkd/internal/identity"
	"linkd/internal/probe"
	"linkd/internal/vantage"
)

const year = 365 * 24 * time.Hour

// network is a network of hosts, whose ways can be broken one by one.
type network struct {
	mu      sync.Mutex
	dropped map[[2]netip.Addr]bool               // packets from one to another
	watched map[netip.Addr]func(from netip.Addr) // who counts requests
	way     time.Duration                        // how long a packet takes one way
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
		if arrived := n.watched[e.To]; arrived != nil && !e.DontFragment {
			arrived(from)
		}
		if n.dropped[[2]netip.Addr{e.To, from}] {
			return nil, nil
		}
		return []probe.Delivery{{After: 2 * n.way, Arrival: probe.Arrival{From: e.To}}}, nil
	}), nil
}

// watch counts the requests that come in at a host until ctx ends.
func (n *network) watch(host netip.Addr) func(context.Context, func(netip.Addr)) error {
	return func(ctx context.Context, arrived func(netip.Addr)) error {
		n.mu.Lock()
		n.watched[host] = arrived
		n.mu.Unlock()
		<-ctx.Done()
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.watched, host)
		return nil
	}
}

// stage is a Watch, agents, and the network between all of them.
type stage struct {
	*testing.T
	*network
	watch    *Watch
	file     string
	signer   identity.Authority
	pair     identity.Pair
	answered map[Key]int
	gone     []Key
	mu       sync.Mutex
	doors    map[string]chan net.Conn // who listens, by address
	log      lines
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
		pair, err := identity.NewAuthority("tests", 10*year)
		if err != nil {
			t.Fatal(err)
		}
		signer, err := identity.OpenAuthority(pair)
		if err != nil {
			t.Fatal(err)
		}
		s := &stage{
			T: t, file: file, pair: pair, signer: signer, answered: map[Key]int{}, doors: map[string]chan net.Conn{},
			network: &network{dropped: map[[2]netip.Addr]bool{}, watched: map[netip.Addr]func(netip.Addr){}, way: 5 * time.Millisecond},
		}
		own := s.issue("linkd", identity.Daemon)
		s.watch = New(Options{
			Open: func(at desired.Target) (probe.Wire, error) {
				if !at.Address.IsValid() {
					return nil, errors.New("no ICMP socket may be opened here")
				}
				return s.open(at.Address)
			},
			Dial: s.dial, Listen: s.listen, Software: "1.0.0", Log: slog.New(slog.NewTextHandler(&s.log, nil)),
			Identity: func(desired.Agents) (*identity.Identity, error) { return own, nil },
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

func (s *stage) issue(name string, role identity.Role) *identity.Identity {
	s.Helper()
	pair, err := s.signer.Issue(identity.Who{Name: name, Role: role}, year)
	if err != nil {
		s.Fatal(err)
	}
	i, err := identity.Load(pair.Certificate, pair.Key, s.pair.Certificate)
	if err != nil {
		s.Fatal(err)
	}
	return i
}

func (s *stage) door(address string) chan net.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doors[address] == nil {
		s.doors[address] = make(chan net.Conn)
	}
	return s.doors[address]
}

func (s *stage) dial(ctx context.Context, address string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case s.door(address) <- far:
		return near, nil
	case <-time.After(time.Second):
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (s *stage) listen(_ context.Context, address string) (net.Listener, error) {
	return &door{stage: s, address: address, closed: make(chan struct{})}, nil
}

// door is a listener in memory.
type door struct {
	*stage
	address string
	once    sync.Once
	closed  chan struct{}
}

func (d *door) Accept() (net.Conn, error) {
	select {
	case c := <-d.door(d.address):
		return c, nil
	case <-d.closed:
		return nil, net.ErrClosed
	}
}

func (d *door) Close() error {
	d.once.Do(func() { close(d.closed) })
	return nil
}

func (d *door) Addr() net.Addr { return &net.TCPAddr{} }

// agent starts an agent on a host, which dials linkd or listens; stop ends it.
func (s *stage) agent(name string, host netip.Addr, listens string) (stop func()) {
	s.Helper()
	own := s.issue(name, identity.Agent)
	a := &agent.Agent{
		Identity: func() (*identity.Identity, error) { return own, nil }, Software: "1.0.0", Limits: agent.DefaultLimits(),
		Open: func() (probe.Wire, error) { return s.open(host) }, Watch: s.network.watch(host), Log: slog.New(slog.DiscardHandler),
	}
	ctx, cancel := context.WithCancel(s.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if listens == "" {
			a.Connect(ctx, "linkd", func(ctx context.Context) (net.Conn, error) { return s.dial(ctx, ":9718") })
			return
		}
		listener, _ := s.listen(ctx, listens)
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

// lines is a log that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(text)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
