package watch

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"linkd/internal/desired"
	"linkd/internal/identity"
	"linkd/internal/probe"
	"linkd/internal/vantage"
)

// Options say what a Watch works with.
type Options struct {
	// Open opens the wire of linkd's own vantage, on the machine of a target or,
	// with the zero target, outside of all. nil: linkd itself sends nothing.
	Open func(at desired.Target) (probe.Wire, error)
	// NoOutside says that nothing stands outside of the machines, as in a
	// simulated network: then linkd probes itself only as one of them.
	NoOutside bool
	// Watch counts requests of agents that come in here, as [agent.Agent.Watch].
	Watch  func(ctx context.Context, arrived func(from netip.Addr)) error
	Dial   func(ctx context.Context, address string) (net.Conn, error)
	Listen func(ctx context.Context, address string) (net.Listener, error)
	// Identity reads who this daemon is, for each connection anew.
	Identity func(desired.Agents) (*identity.Identity, error)
	Software string // version of linkd
	Log      *slog.Logger
	// Answered is told the times of answers, and Gone that a pair is no more.
	// Neither may block.
	Answered func(Key, vantage.Counts)
	Gone     func(Key)
	// Found is told each result, in the order in which they come; nil: nobody is. It
	// must not block.
	Found func(Key, probe.Result)
}

// Vantages are those of a file that can be sent from.
func (o Options) Vantages(file *desired.File) []desired.Vantage {
	vantages := file.Vantages()
	if o.Open == nil || o.NoOutside && file.TargetNamed(file.Probes.Local) == nil {
		return slices.DeleteFunc(vantages, func(v desired.Vantage) bool { return v.Kind == desired.LocalVantage })
	}
	return vantages
}

// Watch keeps what the vantages of one linkd see.
type Watch struct {
	Options
	ctx     context.Context //nolint:containedctx // it ends with Close, not with a call
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu       sync.Mutex
	file     desired.Probes
	pairs    map[Key]*pair
	order    []Key
	address  map[netip.Addr]string // name of the target that has it
	local    *local
	agents   map[string]*connected
	listener *listening
}

// New makes a Watch that sees nothing before [Watch.Follow].
func New(options Options) *Watch {
	w := &Watch{Options: options, pairs: map[Key]*pair{}, agents: map[string]*connected{}}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	return w
}

// Close stops all probing and waits until all of it has ended.
func (w *Watch) Close() {
	w.cancel()
	w.running.Wait()
}

// Follow brings a file into force. What it leaves as it was goes on, with its
// counts; what is gone leaves none. It does not wait for anything.
func (w *Watch) Follow(file *desired.File) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.file, w.address = file.Probes, map[netip.Addr]string{}
	for _, target := range file.Probes.Targets {
		w.address[target.Address] = target.Name
	}
	vantages := w.Vantages(file)
	w.follow(vantages)
	w.followLocal(file, vantages)
	w.followAgents(vantages)
	w.followListener(file.Probes.Agents.Listen)
}

// follow brings the pairs in line with the vantages.
func (w *Watch) follow(vantages []desired.Vantage) {
	w.order = nil
	wanted := map[Key]vantage.Task{}
	for _, v := range vantages {
		for _, task := range w.tasks(v) {
			key := Key{From: v.Name, To: task.Name, Vantage: v.Kind}
			wanted[key] = task
			w.order = append(w.order, key)
		}
	}
	for key := range w.pairs {
		if _, stays := wanted[key]; !stays {
			delete(w.pairs, key)
			w.Gone(key)
		}
	}
	for key, task := range wanted {
		p := w.pairs[key]
		if p == nil {
			p = &pair{first: time.Now(), now: Pair{Key: key, State: Unknown, Why: "nothing was sent yet"}}
			w.pairs[key] = p
		}
		if p.task != (vantage.Task{}) && p.task != task {
			p.forget()
			if p.task.Address != task.Address {
				p.now.MTU, p.now.MTUAt = nil, time.Time{}
				p.turn(Unknown, "its address has changed", time.Now())
			}
		}
		p.task = task
	}
}

// tasks are what the file wants a vantage to probe.
func (w *Watch) tasks(v desired.Vantage) []vantage.Task {
	var all []vantage.Task
	for _, target := range v.Targets {
		all = append(all, vantage.Task{
			Name: target.Name, Address: target.Address, Interval: time.Duration(w.file.Interval), Timeout: w.file.Wait(),
			Count: w.file.Burst, Size: w.file.Size, MTUEvery: time.Duration(w.file.MTUInterval),
		})
	}
	return all
}

// found takes findings of a vantage. Those of pairs that are no more are
// dropped.
func (w *Watch) found(from string, kind desired.VantageKind, findings []vantage.Finding) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range findings {
		key := Key{From: from, To: f.Result.To, Vantage: kind}
		p := w.pairs[key]
		if p == nil {
			continue
		}
		p.take(f.Result)
		if w.Found != nil {
			w.Found(key, f.Result)
		}
		if len(f.RTTs) > 0 {
			w.Answered(key, f.RTTs)
		}
	}
}

// arrivals takes what a vantage on a target has seen come in.
func (w *Watch) arrivals(at string, counts map[netip.Addr]int, watches bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := map[string]int{}
	for address, count := range counts {
		if name := w.address[address.Unmap()]; name != "" {
			seen[name] += count
		}
	}
	for key, p := range w.pairs {
		if key.To == at && key.From != desired.LocalName { // from outside, the address it comes by is not known
			p.arrived(seen[key.From], watches)
		}
	}
}

// away notes that a vantage cannot tell anything any more.
func (w *Watch) away(from string, kind desired.VantageKind, why string) {
	now := time.Now()
	for key, p := range w.pairs {
		if key.From == from && key.Vantage == kind {
			p.turn(Unknown, why, now)
			p.forget()
		}
		if key.To == from && kind == desired.AgentVantage {
			p.arrived(0, false)
		}
	}
}

// State is how all of it stands.
type State struct {
	Pairs  []Pair
	Agents []Agent
	// Local names linkd's own vantage, or is "", and LocalWhy says why it cannot
	// send.
	Local    string
	LocalWhy string
	// Listening is where agents dial in, or "", and ListeningWhy why they cannot.
	Listening    string
	ListeningWhy string
}

// Why says why nothing is known of a pair, or is "".
func (s State) Why(key Key) string {
	for _, p := range s.Pairs {
		if p.Key == key {
			return p.Why
		}
	}
	return ""
}

// State tells how every pair and agent stands, in the order of the file.
func (w *Watch) State() State {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	var s State
	for _, key := range w.order {
		s.Pairs = append(s.Pairs, w.pairs[key].tell(now, w.back(key)))
	}
	for _, c := range w.agents {
		s.Agents = append(s.Agents, c.now)
	}
	slices.SortFunc(s.Agents, func(a, b Agent) int { return cmp.Compare(a.Name, b.Name) })
	if w.local != nil {
		s.Local, s.LocalWhy = w.local.name, w.local.why
	}
	if w.listener != nil {
		s.Listening, s.ListeningWhy = w.listener.address, w.listener.why
	}
	return s
}

// back finds the pair of the other direction.
func (w *Watch) back(key Key) *pair {
	for _, kind := range []desired.VantageKind{desired.AgentVantage, desired.LocalVantage} {
		if p := w.pairs[Key{From: key.To, To: key.From, Vantage: kind}]; p != nil {
			return p
		}
	}
	return nil
}

// Search wants the path MTU of a pair searched now.
func (w *Watch) Search(key Key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch c := w.agents[key.From]; {
	case key.Vantage == desired.LocalVantage && w.local != nil && w.local.name == key.From:
		w.local.vantage.Search(key.To)
	case key.Vantage == desired.AgentVantage && c != nil && c.session != nil:
		c.session.Search(key.To)
	}
}
