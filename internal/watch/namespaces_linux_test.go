package watch

import (
	"context"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"linkd/internal/agent"
	"linkd/internal/agent/agenttest"
	"linkd/internal/desired"
	"linkd/internal/identity"
	"linkd/internal/netlab"
	"linkd/internal/probe"
	"linkd/internal/vantage"
)

// The pair of the test, in both directions.
var (
	outward = Key{From: "vm-jpe", To: "ec2-a", Vantage: desired.AgentVantage}
	inward  = Key{From: "ec2-a", To: "vm-jpe", Vantage: desired.AgentVantage}
)

// field is a real Watch with an agent in each of two network namespaces, and the
// router between these.
type field struct {
	*testing.T
	way   *netlab.Way
	watch *Watch
}

// TestTwoAgentsMeasureWhatTheWayBetweenThemDoes has an agent in each of two
// network namespaces, which dial and are dialled over loopback. Their echoes
// cross a third, whose router delays each direction by another time, loses
// echoes, and limits sizes. Each figure must be the one that was set, or that
// the router itself has counted.
func TestTwoAgentsMeasureWhatTheWayBetweenThemDoes(t *testing.T) {
	f := newField(t)
	seed := rand.Uint64()
	t.Logf("the seed is %d", seed)
	f.cut()
	f.healthy()
	f.lossy(seed)
	f.counted()
	f.sizes()
}

// The delays of the test: of the way towards AWS, and back.
const (
	delayThere = 12 * time.Millisecond
	delayBack  = 8 * time.Millisecond
)

// set brings conditions into force, with the delays of the test.
func (f *field) set(there, back netlab.Conditions) {
	f.Helper()
	there.Delay, back.Delay = delayThere, delayBack
	f.way.There.Set(f, there)
	f.way.Back.Set(f, back)
}

// pair tells how both directions stand.
func (f *field) pair() (out, in Pair) {
	for _, p := range f.watch.State().Pairs {
		switch p.Key {
		case outward:
			out = p
		case inward:
			in = p
		}
	}
	return out, in
}

// until waits until both directions stand as wanted.
func (f *field) until(what string, holds func(out, in Pair) bool) (out, in Pair) {
	f.Helper()
	for limit := time.Now().Add(3 * time.Minute); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		if out, in = f.pair(); holds(out, in) {
			return out, in
		}
	}
	f.Fatalf("%s did not come:\n%+v\n%+v\n%+v\nthe router: there %+v, back %+v", what, out, in, f.watch.State().Agents, f.way.There.Traffic(), f.way.Back.Traffic())
	return out, in
}

// settled waits until each direction has told of a burst that began after now.
func (f *field) settled(what string) (out, in Pair) {
	f.Helper()
	began := time.Now()
	return f.until(what, func(out, in Pair) bool {
		whole := func(p Pair) bool { return p.Last.At.Sub(began) > time.Duration(p.Last.Sent)*interval+timeout }
		return whole(out) && whole(in)
	})
}

// cut loses all that goes towards AWS from the beginning on, so that no request
// of vm-jpe has arrived before its arrivals are counted.
func (f *field) cut() {
	out, _ := f.until("the end of all", func(out, in Pair) bool {
		return out.State == Lost && in.State == Lost && out.Sides.Watches && in.Sides.Watches
	})
	if out.Totals.Arrived != 0 || out.Totals.Lost != out.Totals.Sent || out.Ever {
		f.Errorf("over a way that is cut: %+v", out)
	}
}

// healthy lets all pass: the times are those that were set, and nothing is
// lost, twice there or out of order. That the least time of a burst is near the
// one set is waited for, since a busy machine adds to it.
func (f *field) healthy() {
	const set, near = delayThere + delayBack, 3 * time.Millisecond
	f.set(netlab.Conditions{}, netlab.Conditions{})
	outBefore, inBefore := f.settled("a way that is mended")
	out, in := f.until("a time near the one that was set", func(out, in Pair) bool {
		return out.Totals.Sent-outBefore.Totals.Sent >= 40 && in.Totals.Sent-inBefore.Totals.Sent >= 40 && out.Last.Min < set+near && in.Last.Min < set+near
	})
	for _, c := range []struct{ now, before Pair }{{out, outBefore}, {in, inBefore}} {
		if l := c.now.Last; c.now.State != Answers || l.Min < set || l.Mean < l.Min || l.TTL != 64-netlab.HopsOfWay {
			f.Errorf("of a way of 12 and 8 ms: %+v", c.now)
		}
		if lost := lostFor(c.now, c.before); lost != 0 || c.now.Totals.Duplicates+c.now.Totals.Reordered != 0 {
			f.Errorf("%d were lost of a way that loses none: %+v", lost, c.now)
		}
	}
	f.Logf("healthy: least %s and %s, mean %s and %s, of 20 ms that were set", out.Last.Min, in.Last.Min, out.Last.Mean, in.Last.Mean)
}

// lossy loses a quarter of what goes towards AWS: the requests of vm-jpe, and
// the replies to ec2-a. Both agents must have lost as many as the router has
// dropped, to the echo, and the way on which must be told.
func (f *field) lossy(seed uint64) {
	const lost, round, echoes = 5, 20, 300
	outBefore, inBefore := f.pair()
	before := f.way.There.Traffic()
	f.set(netlab.Conditions{Requests: netlab.Share(seed, lost, round), Replies: netlab.Share(seed+1, lost, round)}, netlab.Conditions{})
	carried := func() (requests, replies netlab.Counts) {
		now := f.way.There.Traffic()
		return now.Requests.Since(before.Requests), now.Replies.Since(before.Replies)
	}
	f.until("enough echoes", func(_, _ Pair) bool {
		requests, replies := carried()
		return requests.All() >= echoes && replies.All() >= echoes
	})
	f.set(netlab.Conditions{}, netlab.Conditions{})
	requests, replies := carried()
	out, in := f.settled("a way that is mended again")
	for _, c := range []struct {
		now, before Pair
		set         netlab.Counts
	}{{out, outBefore, requests}, {in, inBefore, replies}} {
		measured := lostFor(c.now, c.before)
		if measured != c.set.Lost {
			f.Errorf("the router has dropped %d of %d, and the agent lost %d: %+v", c.set.Lost, c.set.All(), measured, c.now)
		}
		if all := float64(c.set.All()); math.Abs(float64(measured)/all-0.25) > lost/all {
			f.Errorf("of a quarter %d of %v are lost: more than a round of %d apart", measured, all, round)
		}
	}
	// All that was lost lies within the time over which both ends are compared.
	o, i := out.Sides, in.Sides
	if split := o.Split(); !split.Told || split.Request != part(o.Sent-o.Received, o.Sent) || split.Reply != 0 {
		f.Errorf("of requests that are lost: %+v of %+v", split, o)
	}
	if split := i.Split(); !split.Told || split.Reply != part(i.Sent-i.Received, i.Sent) || split.Request != 0 {
		f.Errorf("of replies that are lost: %+v of %+v", split, i)
	}
	f.Logf("a quarter lost towards AWS: of requests %d of %d, of replies %d of %d; %q; %q", requests.Lost, requests.All(), replies.Lost, replies.All(), o.Split().Text, i.Split().Text)
}

// lostFor is how many echoes were lost since an earlier state, and did not come
// after their time: those are lost to linkd, and the router knows nothing of it.
func lostFor(now, before Pair) int {
	return now.Totals.Lost - before.Totals.Lost - (now.Totals.Late - before.Totals.Late)
}

func part(of, all int) float64 { return float64(of) / float64(all) }

// counted drops the requests towards AWS alone: the far end must have counted
// every request that the router has ever let pass, and ec2-a's own echoes go
// on.
func (f *field) counted() {
	f.set(netlab.Conditions{Requests: netlab.All}, netlab.Conditions{})
	passed := func() int { return f.way.There.Traffic().Requests.Passed }
	out, in := f.until("a count of the far end as the router's", func(out, in Pair) bool {
		return out.State == Lost && in.State == Answers && out.Totals.Arrived == passed()
	})
	f.Logf("requests that arrived: %d of %d; of ec2-a's: %d of %d", out.Totals.Arrived, out.Totals.Sent, in.Totals.Arrived, in.Totals.Sent)
}

// sizes limits them: each direction's own, which the router names, and a band
// below it that is lost without a word. An answer may be cut, and so its
// direction's limit does not count.
func (f *field) sizes() {
	f.set(netlab.Conditions{MTU: 1400}, netlab.Conditions{MTU: 1446})
	f.settled("a way that answers")
	f.watch.Search(outward)
	f.watch.Search(inward)
	out, in := f.until("both path MTUs", func(out, in Pair) bool { return out.MTU != nil && in.MTU != nil })
	for _, c := range []struct {
		got  probe.MTU
		want probe.MTU
	}{
		{*out.MTU, probe.MTU{Passes: 1400, Told: 1400, By: netlab.RouterOf(vmAddress).String()}},
		{*in.MTU, probe.MTU{Passes: 1446, Told: 1446, By: netlab.RouterOf(ec2Address).String()}},
	} {
		if c.got != c.want {
			f.Errorf("the path MTU is %+v, and %+v was set", c.got, c.want)
		}
	}
	f.set(netlab.Conditions{MTU: 1400, Silent: 1398}, netlab.Conditions{MTU: 1446})
	f.watch.Search(outward)
	first := out.MTUAt
	out, _ = f.until("another path MTU", func(out, _ Pair) bool { return out.MTUAt.After(first) })
	if want := (probe.MTU{Passes: 1398, SilentFrom: 1399, SilentTo: 1400, Told: 1400, By: netlab.RouterOf(vmAddress).String()}); *out.MTU != want {
		f.Errorf("the path MTU is %+v, and %+v was set", *out.MTU, want)
	}
	f.Logf("path MTU %+v and %+v", *out.MTU, *in.MTU)
}

// How the agents of the field probe. No answer is late on a machine that is
// merely busy.
const (
	interval = 100 * time.Millisecond
	timeout  = 2 * time.Second
	probing  = "probes:\n  interval: 100ms\n  timeout: 2s\n  burst: 20\n  mtu_interval: 0s\n"
)

// newField starts a Watch and an agent on each host: vm-jpe's dials in, ec2-a's
// listens, both over loopback. The way towards AWS is cut.
func newField(t *testing.T) *field {
	t.Helper()
	ctx, office := t.Context(), agenttest.NewOffice(t)
	f := &field{T: t, way: netlab.NewWay(t, vmAddress, ec2Address)}
	f.set(netlab.Conditions{Requests: netlab.All, Replies: netlab.All}, netlab.Conditions{})
	listen := func() net.Listener {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	atLinkd, atAgent := listen(), listen()
	dial := func(ctx context.Context, at net.Listener) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", at.Addr().String())
	}
	onHost := func(name string, host netlab.Namespace) *agent.Agent {
		return &agent.Agent{
			Identity: office.Holder(name, identity.Agent), Software: "1.0.0", Limits: agent.DefaultLimits(), Log: slog.New(slog.DiscardHandler),
			Open: func() (wire probe.Wire, err error) {
				err = host.Do(func() (err error) { wire, _, err = probe.Open(probe.Options{}); return err })
				return wire, err
			},
			Watch: func(ctx context.Context, arrived func(netip.Addr)) error {
				return host.Do(func() error { return probe.WatchRequests(ctx, arrived) })
			},
		}
	}
	azure, aws := onHost("vm-jpe", f.way.Left), onHost("ec2-a", f.way.Right)
	go azure.Connect(ctx, "linkd", func(ctx context.Context) (net.Conn, error) { return dial(ctx, atLinkd) })
	go func() { _ = aws.Listen(ctx, atAgent) }()
	own := office.Holder("linkd", identity.Daemon)
	f.watch = New(Options{
		Dial:     func(ctx context.Context, _ string) (net.Conn, error) { return dial(ctx, atAgent) },
		Listen:   func(context.Context, string) (net.Listener, error) { return atLinkd, nil },
		Identity: func(desired.Agents) (*identity.Identity, error) { return own() }, Software: "1.0.0", Log: slog.New(slog.DiscardHandler),
		Answered: func(Key, vantage.Counts) {}, Gone: func(Key) {},
	})
	t.Cleanup(f.watch.Close)
	file, err := desired.Parse("f.yaml", []byte(strings.Replace(twoAgents(t), "probes:\n", probing, 1)))
	if err != nil {
		t.Fatal(err)
	}
	f.watch.Follow(file)
	return f
}
