package watch

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"linkd/internal/agent"
	"linkd/internal/desired"
	"linkd/internal/identity"
	"linkd/internal/probe"
	"linkd/internal/vantage"
)

// inside calls f on a thread that is in a network namespace (-1: a new one) and
// that ends thereafter.
func inside(namespace int, f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		enter := func() error { return unix.Setns(namespace, unix.CLONE_NEWNET) }
		if namespace < 0 {
			enter = func() error { return unix.Unshare(unix.CLONE_NEWNET) }
		}
		if err := enter(); err != nil {
			done <- err
			return
		}
		done <- f()
	}()
	return <-done
}

// host is a network namespace with one address, whose only way out is a TUN.
type host struct {
	namespace int
	tun       *os.File
}

func newHost(t *testing.T, address netip.Addr) host {
	t.Helper()
	var h host
	err := inside(-1, func() (err error) {
		if h.namespace, err = unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
			return err
		}
		fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		if err != nil {
			return err
		}
		request, err := unix.NewIfreq("way")
		if err != nil {
			return err
		}
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
			return err
		}
		h.tun = os.NewFile(uintptr(fd), "tun")
		for _, line := range []string{"link set lo up", "address add " + address.String() + "/32 dev way", "link set way up", "route add default dev way"} {
			if text, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
				return fmt.Errorf("ip %s: %w: %s", line, err, text)
			}
		}
		return os.WriteFile("/proc/sys/net/ipv4/ping_group_range", []byte("0 2147483647"), 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.tun.Close(); _ = unix.Close(h.namespace) })
	return h
}

// cable carries packets from one host to another, as bad as it is told to.
type cable struct {
	delay time.Duration
	most  int           // bytes; larger packets are lost without a word
	every atomic.Uint32 // of so many small packets one is lost, by chance; 0: none
}

func (c *cable) run(from, to *os.File) {
	buffer := make([]byte, 1<<16)
	for {
		length, err := from.Read(buffer)
		if err != nil {
			return
		}
		packet := append([]byte{}, buffer[:length]...)
		if packet[0]>>4 != 4 || length > c.most {
			continue
		}
		if every := c.every.Load(); every > 0 && length < 100 && rand.Uint32N(every) == 0 {
			continue
		}
		time.AfterFunc(c.delay, func() { _, _ = to.Write(packet) })
	}
}

// TestTwoAgentsMeasureWhatTheWayBetweenThemDoes has an agent in each of two
// network namespaces, which dial and are dialled over loopback, and a way between
// them that delays each direction by another time, limits sizes and, later,
// loses in one direction. The figures must be those that were set.
func TestTwoAgentsMeasureWhatTheWayBetweenThemDoes(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("network namespaces are made as root")
	}
	azure, aws := newHost(t, vmAddress), newHost(t, ec2Address)
	there, back := &cable{delay: 12 * time.Millisecond, most: 1400}, &cable{delay: 8 * time.Millisecond, most: 1446}
	go there.run(azure.tun, aws.tun)
	go back.run(aws.tun, azure.tun)
	w := realWatch(t, map[string]host{"vm-jpe": azure, "ec2-a": aws})
	defer w.Close()
	of := func(from, to string) (found Pair) {
		for _, p := range w.State().Pairs {
			if p.From == from && p.To == to {
				found = p
			}
		}
		return found
	}
	until := func(what string, holds func(out, in Pair) bool) (out, in Pair) {
		t.Helper()
		limit := time.Now().Add(3 * time.Minute)
		for time.Now().Before(limit) {
			if out, in = of("vm-jpe", "ec2-a"), of("ec2-a", "vm-jpe"); holds(out, in) {
				return out, in
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Fatalf("%s did not come:\n%+v\n%+v\n%+v", what, out, in, w.State().Agents)
		return out, in
	}
	out, in := until("a healthy way", func(out, in Pair) bool {
		return out.State == Answers && in.State == Answers && out.Sides.Sent >= 60 && out.Sides.Watches && in.Sides.Watches
	})
	for _, p := range []Pair{out, in} {
		if p.Totals.Lost > 8 || p.Last.Min < 20*time.Millisecond || p.Last.Min > 25*time.Millisecond { // the least: a busy machine adds to the others
			t.Errorf("of a way of 12 and 8 ms without loss: %+v", p)
		}
	}
	t.Logf("healthy: mean %s and %s, lost %d and %d of %d, of which %d arrived", out.Last.Mean, in.Last.Mean, out.Totals.Lost, in.Totals.Lost, out.Totals.Sent, out.Totals.Arrived)
	there.every.Store(4) // a quarter of what goes towards AWS: requests of vm-jpe, replies to ec2-a
	began := time.Now()
	out, in = until("a loss", func(out, in Pair) bool {
		return time.Since(began) > 30*time.Second && out.Sides.Split().Request > 0 && in.Sides.Split().Reply > 0
	})
	lost := func(p Pair) float64 { return 1 - float64(p.Last.Received)/float64(p.Last.Sent) }
	if math.Abs(lost(out)-0.25) > 0.2 || math.Abs(lost(in)-0.25) > 0.2 {
		t.Errorf("of a quarter %f and %f are lost", lost(out), lost(in))
	}
	o, i := out.Sides.Split(), in.Sides.Split()
	if o.Request < 0.05 || o.Reply > 0.08 || i.Reply < 0.05 || i.Request > 0.08 {
		t.Errorf("it was lost towards AWS alone: %+v %+v", o, i)
	}
	t.Logf("a quarter lost towards AWS: %+v %+v", o, i)
	there.every.Store(0)
	out, in = until("both path MTUs", func(out, in Pair) bool { return out.MTU != nil && in.MTU != nil })
	// An echo's answer is as large as its request, and may be cut; the way lets
	// no larger packet pass, cut or not, so both searches end at the smaller.
	if out.MTU.Passes != 1400 || in.MTU.Passes != 1400 || out.MTU.SilentTo == 0 {
		t.Errorf("the path MTU is %+v and %+v", out.MTU, in.MTU)
	}
	t.Logf("path MTU %+v and %+v", *out.MTU, *in.MTU)
}

// realWatch starts a Watch and an agent on each host: vm-jpe's dials in, ec2-a's
// listens, both over loopback.
func realWatch(t *testing.T, hosts map[string]host) *Watch {
	t.Helper()
	ctx := t.Context()
	pair, err := identity.NewAuthority("tests", year)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := identity.OpenAuthority(pair)
	if err != nil {
		t.Fatal(err)
	}
	who := func(name string, role identity.Role) func() (*identity.Identity, error) {
		issued, err := signer.Issue(identity.Who{Name: name, Role: role}, year)
		if err != nil {
			t.Fatal(err)
		}
		return func() (*identity.Identity, error) {
			return identity.Load(issued.Certificate, issued.Key, pair.Certificate)
		}
	}
	listen := func() net.Listener {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	atLinkd, atAgent := listen(), listen()
	for name, h := range hosts {
		a := &agent.Agent{
			Identity: who(name, identity.Agent), Software: "1.0.0", Limits: agent.DefaultLimits(), Log: slog.New(slog.DiscardHandler),
			Open: func() (wire probe.Wire, err error) {
				err = inside(h.namespace, func() (err error) { wire, _, err = probe.Open(probe.Options{}); return err })
				return wire, err
			},
			Watch: func(ctx context.Context, arrived func(netip.Addr)) error {
				return inside(h.namespace, func() error { return probe.WatchRequests(ctx, arrived) })
			},
		}
		if name == "ec2-a" {
			go func() { _ = a.Listen(ctx, atAgent) }()
			continue
		}
		go a.Connect(ctx, "linkd", func(ctx context.Context) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", atLinkd.Addr().String())
		})
	}
	own := who("linkd", identity.Daemon)
	w := New(Options{
		Dial: func(ctx context.Context, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", atAgent.Addr().String())
		},
		Listen:   func(context.Context, string) (net.Listener, error) { return atLinkd, nil },
		Identity: func(desired.Agents) (*identity.Identity, error) { return own() }, Software: "1.0.0", Log: slog.New(slog.DiscardHandler),
		Answered: func(Key, vantage.Counts) {}, Gone: func(Key) {},
	})
	file, err := desired.Parse("f.yaml", []byte(strings.Replace(twoAgents(t), "probes:\n", "probes:\n  interval: 200ms\n  burst: 20\n", 1)))
	if err != nil {
		t.Fatal(err)
	}
	w.Follow(file)
	return w
}
