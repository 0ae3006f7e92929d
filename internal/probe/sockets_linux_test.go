package probe

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const delay = 10 * time.Millisecond

var far = netip.MustParseAddr("10.77.1.1")

// quick is a target whose bursts take half a second.
func quick(address string) Target {
	return Target{Name: "far", Address: netip.MustParseAddr(address), Count: 20, Interval: 25 * ms, Timeout: 2 * time.Second}
}

// bothKinds calls test with a wire of each kind of socket.
func bothKinds(t *testing.T, l lab, test func(t *testing.T, wire Wire)) {
	for how, groups := range map[string]string{"datagram ICMP sockets": "0 2147483647", "raw ICMP sockets": "1 0"} {
		t.Run(how, func(t *testing.T) {
			l.near.Set(t, "net/ipv4/ping_group_range", groups)
			wire, got := open(t, l.near, Options{})
			if got != how {
				t.Fatalf("got %s", got)
			}
			test(t, wire)
		})
	}
}

func TestTheNetworkIsMeasuredAsItWasSet(t *testing.T) {
	l := newLab(t, 1500)
	always := reply{copies: 1, after: delay}
	odd := func(number int, other reply) reply {
		if number%20 == 7 {
			return other
		}
		return always
	}
	var decide atomic.Pointer[func(number int) reply]
	l.serve(t, func(number, size int) reply { return (*decide.Load())(number) })
	bothKinds(t, l, func(t *testing.T, wire Wire) {
		for name, c := range map[string]struct {
			decide func(number int) reply
			change func(*Result)
		}{
			"all answered":         {func(int) reply { return always }, func(*Result) {}},
			"all lost":             {func(int) reply { return reply{} }, func(r *Result) { r.Received, r.TTL = 0, 0 }},
			"one in twenty lost":   {func(n int) reply { return odd(n, reply{}) }, func(r *Result) { r.Received = 19 }},
			"one answered twice":   {func(n int) reply { return odd(n, reply{copies: 2, after: delay}) }, func(r *Result) { r.Duplicates = 1 }},
			"one by another host":  {func(n int) reply { return odd(n, reply{1, [4]byte{10, 77, 9, 9}, delay}) }, func(r *Result) { r.Received, r.Refusals = 19, map[string]int{"answered by 10.77.9.9 instead": 1} }},
			"every second is lost": {func(n int) reply { return reply{n % 2, [4]byte{}, delay} }, func(r *Result) { r.Received = 10 }},
		} {
			t.Run(name, func(t *testing.T) {
				first := -1
				answer := func(number int) reply { // by one goroutine, that of the far end
					if first < 0 {
						first = number
					}
					return c.decide(number - first)
				}
				decide.Store(&answer)
				got := Burst(t.Context(), wire, "near", quick("10.77.1.1"))
				want := Result{From: "near", To: "far", Sent: 20, Received: 20, TTL: 60}
				c.change(&want)
				times := cmpopts.IgnoreFields(Result{}, "At", "Min", "Mean", "Max", "Deviation", "Jitter")
				if diff := cmp.Diff(want, got, times); diff != "" {
					t.Error(diff)
				}
				if got.Received > 0 && (got.Min < delay || got.Mean < got.Min || got.Max < got.Mean) {
					t.Errorf("the far end answers after %v: %+v", delay, got)
				}
			})
		}
	})
}

func TestTheNetworkSaysWhatItRefuses(t *testing.T) {
	l := newLab(t, 1500)
	l.middle.IP(t, "route", "add", "prohibit", "10.78.1.0/24")
	l.middle.IP(t, "route", "add", "unreachable", "10.78.2.0/24")
	l.middle.IP(t, "-6", "route", "add", "prohibit", "fd78:1::/64")
	l.near.IP(t, "route", "add", "prohibit", "10.79.1.0/24")
	l.near.IP(t, "route", "add", "unreachable", "10.79.2.0/24")
	bothKinds(t, l, func(t *testing.T, wire Wire) {
		for address, want := range map[string]Result{
			"10.78.1.1":  {Refusals: map[string]int{"administratively prohibited (from 10.76.0.254)": 1}},
			"10.78.2.1":  {Refusals: map[string]int{"host unreachable (from 10.76.0.254)": 1}},
			"fd78:1::1":  {Refusals: map[string]int{"administratively prohibited (from fd76::254)": 1}},
			"10.79.1.1":  {Unsent: 20, Refusals: map[string]int{"not sent: administratively prohibited by this host (permission denied)": 20}},
			"10.79.2.1":  {Unsent: 20, Refusals: map[string]int{"not sent: no route to host": 20}},
			"fd76::254":  {Received: 20, TTL: 64},
			"127.0.0.1":  {Received: 20, TTL: 64},
			"10.76.0.99": {}, // nobody: told below
		} {
			target := quick(address)
			if want.Unsent == 0 && want.Received == 0 {
				target.Count, target.Interval = 2, 600*ms // a router limits its errors to one a second
			}
			got := Burst(t.Context(), wire, "near", target)
			if address == "10.76.0.99" {
				// The kernel gives up looking for it after three seconds.
				if got.Received != 0 || got.Sent != 2 {
					t.Errorf("%s: %+v", address, got)
				}
				continue
			}
			want.From, want.To, want.Sent = "near", "far", target.Count
			for text := range got.Refusals {
				if want.Unsent == 0 {
					got.Refusals[text] = 1 // one will do
				}
			}
			times := cmpopts.IgnoreFields(Result{}, "At", "Min", "Mean", "Max", "Deviation", "Jitter")
			if diff := cmp.Diff(want, got, times); diff != "" {
				t.Errorf("%s: %s", address, diff)
			}
		}
		ended := quick("10.77.1.1")
		ended.TTL = 1
		if got := Burst(t.Context(), wire, "near", ended); got.Refusals["time to live exceeded (from 10.76.0.254)"] != 20 {
			t.Errorf("one hop: %+v", got)
		}
	})
}

// What one target is refused must not fail the sends to another, although the
// kernel reports it with the next send over the socket.
func TestRefusalsOfOneTargetLeaveTheOthersAlone(t *testing.T) {
	l := newLab(t, 1500)
	l.serve(t, func(int, int) reply { return reply{copies: 1, after: delay} })
	l.middle.IP(t, "route", "add", "prohibit", "10.78.1.0/24")
	bothKinds(t, l, func(t *testing.T, wire Wire) {
		done := make(chan Result, 8)
		p := NewProber(wire, "near", Events{Ended: func(r Result) { done <- r }})
		for _, address := range []string{"10.78.1.1", "10.77.1.1", "10.78.1.2", "10.77.1.2"} {
			target := quick(address)
			target.Name = address
			add(t, p, target)
		}
		stop := run(t, p)
		for range 4 {
			r := <-done
			want := 0
			if strings.HasPrefix(r.To, "10.77.") {
				want = 20
			}
			if r.Received != want || r.Unsent != 0 {
				t.Errorf("%+v", r)
			}
		}
		stop()
	})
}

func TestTheSearchFindsWhatWasSet(t *testing.T) {
	l := newLab(t, 1395) // the TUN takes 1395, and the far end drops that
	l.serve(t, func(_, size int) reply {
		if size > 1394 {
			return reply{}
		}
		return reply{copies: 1, after: delay}
	})
	bothKinds(t, l, func(t *testing.T, wire Wire) {
		target := Target{Name: "far", Address: far, Interval: MinInterval, Timeout: 200 * ms}
		for name, c := range map[string]struct {
			address string
			top     int
			want    MTU
		}{
			"a silent byte":             {"10.77.1.1", 0, MTU{Passes: 1394, SilentFrom: 1395, SilentTo: 1395, Told: 1395, By: "10.76.0.254"}},
			"the interface of the host": {"10.76.0.254", 1600, MTU{Passes: 1500, Told: 1500, By: "this host"}},
			"IPv6 to the next host":     {"fd76::254", 1500, MTU{Passes: 1500}},
		} {
			target.Address = netip.MustParseAddr(c.address)
			got, err := SearchMTU(t.Context(), wire, target, c.top)
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Errorf("%s: %v %s", name, err, diff)
			}
		}
		large := quick("fd77::1")
		large.Size, large.DontFragment = 1396, true
		if got := Burst(t.Context(), wire, "near", large); got.Refusals["packet too big, MTU 1395 (from fd76::254)"] != 20 {
			t.Errorf("over IPv6: %+v", got)
		}
	})
}

func TestTwoProbersOnAHostKeepTheirAnswersApart(t *testing.T) {
	l := newLab(t, 1500)
	l.serve(t, func(number, _ int) reply { return reply{copies: 1, after: delay} })
	bothKinds(t, l, func(t *testing.T, wire Wire) {
		other, _ := open(t, l.near, Options{})
		other.(*sockets).v4.ident = wire.(*sockets).v4.ident // the worst case of raw sockets
		results := make(chan Result, 2)
		for _, w := range []Wire{wire, other} {
			go func() { results <- Burst(t.Context(), w, "near", quick("10.77.1.1")) }()
		}
		for range 2 {
			if r := <-results; r.Received != 20 || r.Duplicates != 0 {
				t.Errorf("%+v", r)
			}
		}
	})
}

func TestAHostThatForbidsICMPSaysWhatWouldHelp(t *testing.T) {
	l := newLab(t, 1500)
	l.near.Set(t, "net/ipv4/ping_group_range", "1 0")
	for name, c := range map[string]struct {
		options Options
		want    string
	}{
		"raw allowed": {Options{}, `this process may open no ICMP socket: net.ipv4.ping_group_range is "1 0" and holds none of this process's groups, and a raw socket needs CAP_NET_RAW: set net.ipv4.ping_group_range to "0 2147483647", or give that capability (AmbientCapabilities=CAP_NET_RAW in a unit)`},
		"no raw":      {Options{NoRaw: true}, `this process may open no ICMP socket: net.ipv4.ping_group_range is "1 0" and holds none of this process's groups, and raw sockets are switched off: set it to "0 2147483647"`},
	} {
		err := l.near.Do(func() error {
			if err := dropRaw(); err != nil {
				return err
			}
			_, _, err := Open(c.options)
			return err
		})
		if !errors.Is(err, ErrForbidden) || err.Error() != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// dropRaw takes CAP_NET_RAW off this thread, which must be locked.
func dropRaw() error {
	runtime.LockOSThread()
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return err
	}
	data[0].Effective &^= 1 << unix.CAP_NET_RAW
	data[0].Permitted &^= 1 << unix.CAP_NET_RAW
	return unix.Capset(&header, &data[0])
}

func TestAClosedWireEndsItsWait(t *testing.T) {
	l := newLab(t, 1500)
	wire, _ := open(t, l.near, Options{})
	done := make(chan error)
	go func() { done <- wire.Wait(time.Time{}, func(Arrival) {}) }()
	wire.Wake()
	if err := <-done; err != nil {
		t.Errorf("woken: %v", err)
	}
	go func() { done <- wire.Wait(time.Time{}, func(Arrival) {}) }()
	if err := wire.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	wire.Wake()
	if _, err := wire.Send(Echo{To: far, Size: 84}); !errors.Is(err, ErrClosed) {
		t.Errorf("a send after it: %v", err)
	}
}

func TestWhatThePayloadOfAnotherHoldsIsNotRead(t *testing.T) {
	packet := marshal(make([]byte, 64), echoRequest4, 40, 7, 8, Echo{Stream: 1, Sequence: 0x12345})
	if checksum(packet) != 0 {
		t.Error("the checksum is wrong")
	}
	for length := range len(packet) + 1 {
		m, ok := parse(packet[:length])
		if ok != (length >= 8) || m.whole != (length >= 24) || ok && (m.low != 0x2345 || m.ident != 7) || m.whole && m.sequence != 0x12345 {
			t.Errorf("%d bytes: %+v %v", length, m, ok)
		}
	}
	header := make([]byte, 28)
	header[0] = 0x47 // 28 bytes, all of them header
	if rest := skipIPv4(header); len(rest) != 0 {
		t.Errorf("%d bytes behind the header", len(rest))
	}
	header[0] = 0x4f
	if skipIPv4(header) != nil || skipIPv4(nil) != nil {
		t.Error("a header longer than the packet was read")
	}
	control := make([]byte, unix.CmsgSpace(2))
	binary.NativeEndian.PutUint64(control, 1<<40) // a length beyond the buffer
	if s := ipv4.read(control); s != (said{}) {
		t.Errorf("got %+v", s)
	}
}
