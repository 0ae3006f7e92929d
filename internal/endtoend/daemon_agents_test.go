package endtoend

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/agent"
	"linkd/internal/agent/agenttest"
	"linkd/internal/control"
	"linkd/internal/daemon"
	"linkd/internal/desired"
	"linkd/internal/identity"
	"linkd/internal/probe"
	"linkd/internal/sim"
	"linkd/internal/sim/fabric"
	vantages "linkd/internal/watch"
)

// machines are the machines of the simulated clouds: what they send crosses the
// fabric, and who counts requests at one of them is told of those that arrive.
type machines struct {
	sim    *sim.Simulator
	counts agenttest.Arrivals
}

// open opens the wire of a machine.
func (m *machines) open(from netip.Addr) probe.Wire {
	return probe.Carried(func(e probe.Echo) ([]probe.Delivery, error) {
		fate := m.sim.Carry(fabric.Packet{From: from, To: e.To, Size: e.Size, DontFragment: e.DontFragment, TTL: e.TTL})[0]
		if fate.Request.Arrived && !e.DontFragment {
			m.counts.Tell(e.To, from)
		}
		switch {
		case fate.Error != nil && fate.Error.Local:
			return nil, &probe.TooBig{MTU: fate.Error.MTU}
		case fate.Error != nil:
			return []probe.Delivery{{After: fate.Error.After, Arrival: probe.Arrival{From: fate.Error.By, To: e.To, Refusal: &probe.Refusal{
				Text: fate.Error.Kind, MTU: fate.Error.MTU, TooBig: fate.Error.Kind == fabric.TooBig,
			}}}}, nil
		case !fate.Answered:
			return nil, nil
		}
		return []probe.Delivery{{After: fate.RoundTrip, Arrival: probe.Arrival{From: e.To, TTL: fate.TTL}}}, nil
	})
}

// watched is a daemon with an agent on vm-jpe, which dials in, and one on ec2-a,
// which listens. Both probe each other over the simulated network.
type watched struct {
	*lab
	*keeper
	machines *machines
	office   *agenttest.Office
	doors    agenttest.Doors
}

// withAgents runs a test on a daemon that keeps the article's link and has two
// agents. stop ends that of ec2-a.
func withAgents(t *testing.T, do func(w *watched, stop func())) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(time.Minute) }) // until every connection has ended
		w := &watched{lab: newLab(t, instant), office: agenttest.NewOffice(t)}
		w.machines = &machines{sim: w.sim}
		w.mustBuild()
		time.Sleep(time.Hour)
		own := w.office.Holder("linkd", identity.Daemon)
		w.keeper = w.keepOf(agenttest.TwoAgents(seedFile(t)), func(o *daemon.Options) {
			o.Probes = &vantages.Options{
				Dial: w.doors.Dial, Listen: w.doors.Listen, NoOutside: true,
				Identity: func(desired.Agents) (*identity.Identity, error) { return own() },
			}
		})
		defer w.agent("vm-jpe")()
		stop := w.agent("ec2-a")
		defer func() { stop() }()
		w.until(control.AsDesired, time.Hour)
		time.Sleep(3 * time.Minute)
		do(w, stop)
		w.stop()
	})
}

// agent starts the agent of a machine. What it returns ends it, and may be
// called again.
func (w *watched) agent(name string) (stop func()) {
	w.Helper()
	at := w.file.TargetNamed(name).Address
	a := &agent.Agent{
		Identity: w.office.Holder(name, identity.Agent), Software: "1.0.0", Limits: agent.DefaultLimits(), Log: slog.New(slog.DiscardHandler),
		Open: func() (probe.Wire, error) { return w.machines.open(at), nil }, Watch: w.machines.counts.At(at),
	}
	ctx, cancel := context.WithCancel(w.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if name == "vm-jpe" {
			a.Connect(ctx, "linkd", func(ctx context.Context) (net.Conn, error) {
				return w.doors.Dial(ctx, agenttest.Listening)
			})
			return
		}
		listener, _ := w.doors.Listen(ctx, agenttest.Dialled)
		_ = a.Listen(ctx, listener)
	})
	return func() { cancel(); running.Wait() }
}

// pair is what the daemon tells of a pair, and what a scrape shows of it.
type pair struct {
	control.Probe
	page string
}

func (w *watched) pair(from, to string) pair {
	w.Helper()
	answer := httptest.NewRecorder()
	w.Metrics.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	for _, p := range w.status().Probes.Pairs {
		if p.From == from && p.To == to {
			return pair{p, answer.Body.String()}
		}
	}
	w.Fatalf("the daemon has no pair from %s to %s", from, to)
	return pair{}
}

// scraped is a series of the pair; false: there is none.
func (p pair) scraped(name string) (float64, bool) {
	series := fmt.Sprintf("linkd_probe_%s{from=%q,to=%q,vantage=\"agent\"} ", name, p.From, p.To)
	for line := range strings.Lines(p.page) {
		if text, found := strings.CutPrefix(line, series); found {
			value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			return value, err == nil
		}
	}
	return 0, false
}

// counted is a counter of the pair, which must be there.
func (p pair) counted(t testing.TB, name string) int {
	t.Helper()
	value, is := p.scraped(name)
	if !is {
		t.Errorf("of %s to %s there is no linkd_probe_%s", p.From, p.To, name)
	}
	return int(value)
}

// apart is by how many echoes the counts of both ends may be apart: a burst of
// ten is told at its end, and what arrives each second.
const apart = 15

// TestADaemonTellsByTwoAgentsWhichWayLoses drops echoes on the tunnel in one
// direction, all or some: both agents see loss, and the daemon tells requests
// that are lost from replies, in its status and in its metrics.
func TestADaemonTellsByTwoAgentsWhichWayLoses(t *testing.T) {
	withAgents(t, func(w *watched, _ func()) {
		for _, c := range []struct {
			name   string
			toward string
			loss   float64
			off    float64 // how far a measured share may be from that
			state  string
			text   [2]string // of vm-jpe to ec2-a, and back
		}{
			{"well", "", 0, 0, vantages.Answers, [2]string{"", ""}},
			{"nothing goes towards AWS", fabric.TowardAWS, 1, 0, vantages.Lost, [2]string{"lost on the way there", "lost on the way back"}},
			{"nothing goes towards Azure", fabric.TowardAzure, 1, 0, vantages.Lost, [2]string{"lost on the way back", "lost on the way there"}},
			{"a third is lost towards AWS", fabric.TowardAWS, 0.33, 0.15, vantages.Answers, [2]string{"lost on the way there", "lost on the way back"}},
			{"well again", "", 0, 0, vantages.Answers, [2]string{"", ""}},
		} {
			if err := w.sim.SetConditions(fabric.Condition{Kind: "tunnel", Toward: c.toward, Loss: c.loss}); err != nil {
				w.Fatal(err)
			}
			time.Sleep(time.Minute) // until what was sent before is told
			names := [2][2]string{{"vm-jpe", "ec2-a"}, {"ec2-a", "vm-jpe"}}
			var before [2]pair
			for i, n := range names {
				before[i] = w.pair(n[0], n[1])
			}
			time.Sleep(4 * time.Minute)
			for i, n := range names {
				p := w.pair(n[0], n[1])
				there, back := c.loss, 0.0 // of a request towards the cloud that loses
				if toward := [2]string{fabric.TowardAWS, fabric.TowardAzure}[i]; toward != c.toward {
					there, back = 0, c.loss
				}
				lately := p.Lately
				if p.State != c.state || !lately.Told || !lately.Watches || math.Abs(lately.LostThere-there) > c.off || math.Abs(lately.LostBack-back) > c.off {
					w.Errorf("%s, %s: the status is %s: %+v", c.name, n, p.State, lately)
				}
				if c.text[i] == "" != (lately.Text == "") || !strings.Contains(lately.Text, c.text[i]) {
					w.Errorf("%s, %s: the status says %q", c.name, n, lately.Text)
				}
				if success, is := p.scraped("success"); !is || success == 1 != (c.state == vantages.Answers) {
					w.Errorf("%s, %s: linkd_probe_success is %v, %v", c.name, n, success, is)
				}
				grown := func(name string) int { return p.counted(w, name) - before[i].counted(w, name) }
				sent, lost, missing := grown("sent_total"), grown("lost_total"), grown("sent_total")-grown("requests_arrived_total")
				if sent < 200 || far(lost, c.loss, c.off, sent) || far(missing, there, c.off, sent) {
					w.Errorf("%s, %s: by the metrics %d were sent, %d lost, and %d requests did not arrive", c.name, n, sent, lost, missing)
				}
			}
		}
	})
}

// far reports whether a count is not the share that it should be.
func far(count int, share, off float64, of int) bool {
	return math.Abs(float64(count)-share*float64(of)) > off*float64(of)+apart
}

// TestADaemonTellsThatAnAgentHasVanished ends one agent and lets the other fall
// silent, one after the other. What they told last is not shown as if it still
// held, and the daemon says why.
func TestADaemonTellsThatAnAgentHasVanished(t *testing.T) {
	withAgents(t, func(w *watched, stop func()) {
		w.mustShow("ec2-a", true, "")
		stop()
		time.Sleep(2 * time.Minute)
		w.mustShow("ec2-a", false, "connection refused")
		w.mustShow("vm-jpe", true, "")
		w.mustBeStale("ec2-a", "vm-jpe", "the agent on ec2-a is not connected: cannot connect: connection refused")
		// The one that stays sees answers; who counts requests is gone.
		p := w.pair("vm-jpe", "ec2-a")
		if _, counted := p.scraped("requests_arrived_total"); p.State != vantages.Answers || p.Lately.Watches || counted {
			w.Errorf("of the agent that stays: %s, %+v, counted %v", p.State, p.Lately, counted)
		}
		defer w.agent("ec2-a")()
		time.Sleep(3 * time.Minute)
		w.mustShow("ec2-a", true, "")
		if p := w.pair("ec2-a", "vm-jpe"); p.State != vantages.Answers || !p.Lately.Watches {
			w.Errorf("back again: %s, %+v", p.State, p.Lately)
		}

		w.doors.Sever(agenttest.Listening)
		time.Sleep(2 * time.Minute)
		w.mustShow("vm-jpe", false, "nothing was heard")
		w.mustBeStale("vm-jpe", "ec2-a", "the agent on vm-jpe is not connected: ")
		w.doors.Mend(agenttest.Listening)
		time.Sleep(3 * time.Minute)
		w.mustShow("vm-jpe", true, "")
		if p := w.pair("vm-jpe", "ec2-a"); p.State != vantages.Answers {
			w.Errorf("heard again: %s, %s", p.State, p.Why)
		}
	})
}

// mustShow fails the test unless an agent is connected, or not for a reason, in
// status and metrics.
func (w *watched) mustShow(name string, connected bool, why string) {
	w.Helper()
	page := w.pair("vm-jpe", "ec2-a").page
	for _, a := range w.status().Probes.Agents {
		if a.Name != name {
			continue
		}
		if a.Connected != connected || why == "" != (a.Why == "") || !strings.Contains(a.Why, why) {
			w.Errorf("of the agent on %s the status says %+v", name, a)
		}
		series := fmt.Sprintf("linkd_agent_connected{agent=%q} %d\n", name, map[bool]int{true: 1}[connected])
		if !strings.Contains(page, series) {
			w.Errorf("the metrics do not say %s", series)
		}
		return
	}
	w.Errorf("the daemon knows no agent on %s", name)
}

// mustBeStale fails the test if anything is shown of a pair but that nothing is
// known and since when, and that nothing more is counted.
func (w *watched) mustBeStale(from, to, why string) {
	w.Helper()
	before := w.pair(from, to)
	time.Sleep(time.Minute)
	p := w.pair(from, to)
	if p.State != vantages.Unknown || !strings.HasPrefix(p.Why, why) || time.Since(p.Since) < time.Minute || time.Since(p.At) < time.Minute {
		w.Errorf("%s to %s: the status says %s since %s, last heard %s, since %q", from, to, p.State, p.Since, p.At, p.Why)
	}
	if p.Lately.Told || p.Lately.Sent > 0 {
		w.Errorf("%s to %s: the status tells of the last minutes %+v", from, to, p.Lately)
	}
	if _, is := p.scraped("success"); is {
		w.Errorf("%s to %s: there is a linkd_probe_success of a pair of which nothing is known", from, to)
	}
	if p.counted(w, "sent_total") != before.counted(w, "sent_total") {
		w.Errorf("%s to %s: echoes are counted of an agent that is gone", from, to)
	}
}
