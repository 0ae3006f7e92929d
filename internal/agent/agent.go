package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"linkd/internal/identity"
	"linkd/internal/probe"
	"linkd/internal/resource"
	"linkd/internal/vantage"
)

// Agent probes for a daemon. Its fields are set before use.
type Agent struct {
	// Identity reads who this agent is, for each connection anew, so that a
	// certificate that was renewed is used without a restart.
	Identity func() (*identity.Identity, error)
	Software string // version of linkd
	Limits   Limits
	// Open makes a wire, as [vantage.Vantage] wants it.
	Open func() (probe.Wire, error)
	// Watch calls arrived for each echo request of linkd that comes in, until
	// ctx ends; nil: this host cannot see them. An error says why it cannot.
	Watch func(ctx context.Context, arrived func(from netip.Addr)) error
	Log   *slog.Logger

	mu     sync.Mutex
	serves string // the daemon that is connected, or ""
	end    context.CancelCauseFunc
	gone   chan struct{} // closed when its session has ended
}

// errReplaced ends a session that the same daemon has begun anew.
var errReplaced = resource.WithHint(errors.New("the daemon has connected anew"), hintTwoDaemons)

const hintTwoDaemons = "when this goes on, two linkd run with one certificate: stop one, or give it a certificate and agents of its own"

// Serve speaks with a daemon over one connection until that ends or ctx does.
// Without a daemon the agent sends nothing.
func (a *Agent) Serve(ctx context.Context, connection net.Conn, dialled bool) error {
	own, err := a.Identity()
	if err != nil {
		_ = connection.Close()
		return err
	}
	e := end{identity: own, software: a.Software, dialled: dialled, admit: a.admit}
	l, daemon, err := e.greet(ctx, connection)
	if err != nil {
		return err
	}
	defer l.close()
	running, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	running, stop := whileValid(running, own.Who, daemon.Who)
	defer stop()
	done := a.take(daemon.Name, cancel)
	defer done()
	a.Log.Info("connected", "daemon", daemon.Name, "address", connection.RemoteAddr().String(), "version", daemon.Software, "clock_ahead", daemon.Offset.Round(time.Millisecond).String())
	err = because(running, a.session(running, l, own, daemon.Name))
	if ctx.Err() != nil {
		a.Log.Info("disconnected: this agent stops", "daemon", daemon.Name)
		return err
	}
	a.Log.Warn("disconnected, and sending nothing", append([]any{"daemon", daemon.Name}, Why(err)...)...)
	return Told(err)
}

// admit refuses a second daemon while one is served.
func (a *Agent) admit(daemon Peer) *Refused {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.serves != "" && a.serves != daemon.Name {
		return &Refused{By: thisEnd, Text: "this agent serves the daemon " + a.serves, Hint: "an agent serves one daemon; give the other an agent of its own"}
	}
	return nil
}

// take makes a session the one that runs. One of the same daemon that still
// stands is ended first: it is half open.
func (a *Agent) take(name string, cancel context.CancelCauseFunc) (done func()) {
	for {
		a.mu.Lock()
		before, end := a.gone, a.end
		if before == nil {
			gone := make(chan struct{})
			a.serves, a.end, a.gone = name, cancel, gone
			a.mu.Unlock()
			return func() {
				a.mu.Lock()
				defer a.mu.Unlock()
				a.serves, a.end, a.gone = "", nil, nil
				close(gone)
			}
		}
		a.mu.Unlock()
		end(&Farewell{Err: errReplaced, Text: "the daemon " + name + " has connected to this agent anew", Hint: hintTwoDaemons})
		<-before
	}
}

// session probes as it is told until the connection ends.
func (a *Agent) session(ctx context.Context, l *link, own *identity.Identity, daemon string) error {
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	defer l.close() // also ends whoever still writes
	defer l.closeWith(ctx)()
	found := newOutbox()
	here := &vantage.Vantage{Name: own.Name, Open: a.Open, Tell: found.add, Trouble: found.trouble}
	running.Go(func() { here.Run(ctx) })
	running.Go(func() { a.watch(ctx, found) })
	failed := make(chan error, 1)
	running.Go(func() { failed <- found.keepSending(ctx, l) })
	limits := a.Limits
	limits.Allow = append(append([]netip.Prefix{}, limits.Allow...), own.Allow...)
	for {
		m, err := l.receive(silence)
		if err != nil {
			select {
			case sending := <-failed:
				return errors.Join(sending, err)
			default:
				return err
			}
		}
		switch {
		case m.Beat != nil:
			if err := l.send(message{Beat: &beat{Number: m.Beat.Number, Clock: time.Now()}}); err != nil {
				return err
			}
		case m.Tasks != nil:
			a.follow(m.Tasks, limits, here, found)
		case m.Search != nil:
			here.Search(m.Search.Name)
		case m.Refusal != nil:
			return &Refused{By: daemon, Text: oneLine(m.Refusal.Text), Hint: oneLine(m.Refusal.Hint)}
		}
	}
}

// follow takes what the limits allow, and tells of the rest.
func (a *Agent) follow(given *tasks, limits Limits, here *vantage.Vantage, found *outbox) {
	taken, refused := limits.Judge(given.Tasks)
	here.Follow(taken)
	for name, why := range refused {
		found.add(vantage.Finding{Result: probe.Result{From: here.Name, To: name, At: time.Now(), Err: "the agent on " + here.Name + " refuses: " + why}})
	}
	a.Log.Info("told what to probe", "targets", len(taken), "refused", len(refused))
	if len(refused) > 0 { // each is told to linkd; here one stands for all
		first := slices.Min(slices.Collect(maps.Keys(refused)))
		a.Log.Warn("targets are refused", "count", len(refused), "first", oneLine(first), "why", refused[first], "hint", hintLimits)
	}
}

const hintLimits = "what an agent may send is set where it starts, by --allow and the limits of linkd agent --help; what is asked of it, by probes of linkd's file"

// watch counts the requests that come in, for as long as this host can.
func (a *Agent) watch(ctx context.Context, found *outbox) {
	if a.Watch == nil {
		return
	}
	found.watches(true)
	if err := a.Watch(ctx, found.arrived); err != nil && ctx.Err() == nil {
		a.Log.Warn("requests that come in are not counted", "why", fmt.Sprint(err))
	}
	found.watches(false)
}
