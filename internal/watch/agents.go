package watch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"linkd/internal/agent"
	"linkd/internal/desired"
	"linkd/internal/identity"
	"linkd/internal/resource"
	"linkd/internal/vantage"
)

// Agent is how one agent stands.
type Agent struct {
	Name      string
	Dial      string // the address at which it listens; "": it dials in
	Connected bool
	Since     time.Time // since when it is connected, or not; zero: it never was
	Why, Hint string    // why it is not connected
	Trouble   string    // it is connected and cannot send, and why
	Software  string    // version of its linkd
	Offset    time.Duration
	Until     time.Time // when its certificate ends
	Watches   bool      // it counts the requests that come in
	Dropped   int       // findings of it that got lost on their way
}

// connected is an agent of the file, connected or not.
type connected struct {
	now     Agent
	tasks   []vantage.Task
	session *agent.Session
	end     context.CancelCauseFunc // of the session
	stop    context.CancelFunc      // of the dialling
}

var (
	errNewer     = resource.WithHint(errors.New("the agent has connected anew"), hintTwoAgents)
	errNotOfFile = errors.New("the file has no such agent any more")
	errElsewhere = errors.New("by the file it is met at another address now")
)

const hintTwoAgents = "when this goes on, two agents run with one certificate: compare the addresses, and make one for each machine"

// The words by which an agent hears why its session ends.
func newer(address string) *agent.Farewell {
	return &agent.Farewell{Err: errNewer, Text: "an agent has connected with the certificate of this one, from " + address, Hint: hintTwoAgents}
}

func notOfFile(name string) *agent.Farewell {
	return &agent.Farewell{Err: errNotOfFile, Text: "linkd's file has no agent on " + name + " any more", Hint: "stop this agent, or give the target " + name + " its line agent: again"}
}

func elsewhere(name, dial string) *agent.Farewell {
	how := "dials in"
	if dial != "" {
		how = "listens at " + dial
	}
	return &agent.Farewell{Err: errElsewhere, Text: "linkd's file says now that the agent on " + name + " " + how, Hint: "start this agent so, or correct agent: of the target"}
}

// followAgents starts, changes or forgets agents.
func (w *Watch) followAgents(vantages []desired.Vantage) {
	wanted := map[string]desired.Vantage{}
	for _, v := range vantages {
		if v.Kind == desired.AgentVantage {
			wanted[v.Name] = v
		}
	}
	for name, c := range w.agents {
		if v, stays := wanted[name]; !stays {
			w.drop(c, notOfFile(name))
		} else if v.Dial != c.now.Dial {
			w.drop(c, elsewhere(name, v.Dial))
		}
	}
	for name, v := range wanted {
		c := w.agents[name]
		if c == nil {
			c = &connected{now: Agent{Name: name, Dial: v.Dial, Why: "it has not connected yet"}}
			w.agents[name] = c
			w.awayLocked(c, c.now.Why)
			if v.Dial != "" {
				w.startDialling(c)
			}
		}
		c.tasks = w.tasks(v)
		if c.session != nil {
			c.session.Follow(c.tasks)
		}
	}
}

func (w *Watch) awayLocked(c *connected, why string) {
	w.away(c.now.Name, desired.AgentVantage, fmt.Sprintf("the agent on %s is not connected: %s", c.now.Name, why))
}

func (w *Watch) drop(c *connected, why *agent.Farewell) {
	if c.end != nil {
		c.end(why)
	}
	if c.stop != nil {
		c.stop()
	}
	delete(w.agents, c.now.Name)
}

// startDialling keeps a connection to an agent that listens.
func (w *Watch) startDialling(c *connected) {
	ctx, stop := context.WithCancel(w.ctx)
	c.stop = stop
	address := c.now.Dial
	w.running.Go(func() {
		agent.Keep(ctx, w.Log, "the agent on "+c.now.Name, func(ctx context.Context) (net.Conn, error) {
			return w.Dial(ctx, address)
		}, func(ctx context.Context, connection net.Conn) error {
			return w.serve(ctx, connection, c.now.Name)
		}, func(err error) { w.failed(c.now.Name, err) })
	})
}

// failed notes why there is no connection with an agent.
func (w *Watch) failed(name string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.agents[name]
	if c == nil || c.session != nil {
		return
	}
	c.now.Why, c.now.Hint = err.Error(), agent.HintOf(err)
	w.awayLocked(c, c.now.Why)
}

// serve speaks with the agent at the other end of a connection until that ends.
// Expected is who was dialled, or "" when somebody has dialled in.
func (w *Watch) serve(ctx context.Context, connection net.Conn, expected string) error {
	own, err := w.identity()
	if err != nil {
		_ = connection.Close()
		return err
	}
	session, err := agent.Meet(ctx, connection, expected != "", own, w.Software, func(peer agent.Peer) *agent.Refused {
		return w.admit(peer, expected)
	})
	if err != nil {
		if name := agent.Unmet(err); expected == "" && name != "" {
			w.failed(name, err)
		}
		return err
	}
	running, end := context.WithCancelCause(ctx)
	defer end(nil)
	address := connection.RemoteAddr().String()
	c := w.begin(session, address, end)
	if c == nil {
		session.Close() // the agent comes again, and is refused
		return errNotOfFile
	}
	w.Log.Info("an agent is connected", "agent", session.Peer.Name, "address", address, "version", session.Peer.Software, "clock_ahead", session.Peer.Offset.Round(time.Millisecond).String())
	err = session.Run(running, w.events(c, session))
	w.ended(c, session, err)
	if ctx.Err() == nil {
		w.Log.Warn("an agent is gone", append([]any{"agent", session.Peer.Name}, agent.Why(err)...)...)
	}
	return agent.Told(err)
}

func (w *Watch) identity() (*identity.Identity, error) {
	w.mu.Lock()
	agents := w.file.Agents
	w.mu.Unlock()
	own, err := w.Identity(agents)
	switch {
	case err != nil:
		return nil, resource.WithHint(fmt.Errorf("cannot show agents who this is: %w", err), cmp.Or(agent.HintOf(err), "see certificate, key and authority of probes.agents in the file"))
	case own.Role != identity.Daemon:
		return nil, resource.WithHint(fmt.Errorf("the certificate of probes.agents is one of an agent, %s", own.Name), "linkd agent certificate for linkd --daemon makes one of a daemon")
	}
	return own, nil
}

// admit refuses an agent that the file does not have, or another than the one
// that was dialled.
func (w *Watch) admit(peer agent.Peer, expected string) *agent.Refused {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.agents[peer.Name]
	switch {
	case expected != "" && peer.Name != expected:
		return &agent.Refused{By: "linkd", Text: fmt.Sprintf("the agent of %s was dialled, and its certificate is of %s", expected, peer.Name), Hint: "make a certificate for " + expected + ", or correct its address in the file"}
	case c == nil:
		return &agent.Refused{By: "linkd", Text: fmt.Sprintf("no target of the file is called %s and has an agent", peer.Name), Hint: "give the target " + peer.Name + " the line agent: dials-in, or make a certificate of the target's name"}
	case expected == "" && c.now.Dial != "":
		return &agent.Refused{By: "linkd", Text: fmt.Sprintf("the agent of %s dials in, and the file says that it listens at %s", peer.Name, c.now.Dial), Hint: "start it with --listen, or write agent: dials-in"}
	}
	return nil
}

// begin makes a session the one of its agent. One that still stands is half
// open, or of another agent with its certificate, and ends.
func (w *Watch) begin(session *agent.Session, address string, end context.CancelCauseFunc) *connected {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.agents[session.Peer.Name]
	if c == nil {
		return nil
	}
	if c.end != nil {
		c.end(newer(address))
	}
	c.session, c.end = session, end
	c.now = Agent{
		Name: c.now.Name, Dial: c.now.Dial, Connected: true, Since: time.Now(), Software: session.Peer.Software,
		Offset: session.Peer.Offset, Until: session.Peer.Until, Dropped: c.now.Dropped,
	}
	w.away(c.now.Name, desired.AgentVantage, "the agent on "+c.now.Name+" has just connected")
	session.Follow(c.tasks)
	return c
}

// ended notes that a session has ended, unless a newer one stands.
func (w *Watch) ended(c *connected, session *agent.Session, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.session != session {
		return
	}
	c.session, c.end = nil, nil
	c.now.Connected, c.now.Since, c.now.Watches, c.now.Trouble = false, time.Now(), false, ""
	c.now.Why, c.now.Hint = err.Error(), agent.HintOf(err)
	if w.agents[c.now.Name] == c {
		w.awayLocked(c, c.now.Why)
	}
}

// events are what is made of an agent's words, as long as its session is the
// one that counts.
func (w *Watch) events(c *connected, session *agent.Session) agent.Events {
	name := session.Peer.Name
	current := func(do func()) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if c.session == session {
			do()
		}
	}
	return agent.Events{
		Findings: func(findings []vantage.Finding) { w.found(name, desired.AgentVantage, findings) },
		Arrivals: func(counts map[netip.Addr]int, watches bool) {
			current(func() { c.now.Watches = watches })
			w.arrivals(name, counts, watches)
		},
		Trouble: func(why string) { current(func() { c.now.Trouble = why }) },
		Offset:  func(offset time.Duration) { current(func() { c.now.Offset = offset }) },
		Dropped: func(count int) { current(func() { c.now.Dropped += count }) },
	}
}
