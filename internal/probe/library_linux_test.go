package probe

import (
	"errors"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"linkd/internal/netlab"
)

// libraryIn makes a Wire of pro-bing whose Pingers send from a namespace.
func libraryIn(t *testing.T, n netlab.Namespace, raw bool) *library {
	t.Helper()
	l := newLibrary(raw)
	l.around = func(run func()) {
		if err := n.Do(func() error { run(); return nil }); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// entering asks in the namespace whether it may send.
type entering struct {
	*library
	namespace netlab.Namespace
}

func (e entering) Send(echo Echo) (sent time.Time, err error) {
	refused := e.namespace.Do(func() error {
		sent, err = e.library.Send(echo)
		return nil
	})
	return sent, errors.Join(refused, err)
}

// The traps of pro-bing: a send that fails is not counted, an answer counts
// however late, the same failing send is repeated for ever, and the time is
// that of the wall clock. None of them reaches a Result. What comes for the last
// echo after the burst has ended is in none either.
func TestTheTrapsOfTheLibraryDoNotReachAResult(t *testing.T) {
	l := newLab(t, 1500)
	var late atomic.Bool
	l.serve(t, func(number, _ int) reply {
		if late.Load() && number%2 == 1 {
			return reply{copies: 1, after: 250 * ms}
		}
		return reply{copies: 1 + number%2, after: delay}
	})
	l.near.IP(t, "route", "add", "prohibit", "10.79.1.0/24")
	l.near.IP(t, "route", "add", "unreachable", "10.79.2.0/24")
	target := func(address string) Target {
		return Target{Name: "far", Address: netip.MustParseAddr(address), Count: 4, Interval: 300 * ms, Timeout: 100 * ms}
	}
	wire := entering{libraryIn(t, l.near, false), l.near}
	for _, c := range []struct {
		name, address string
		late          bool
		want          Result
	}{
		{"answered, every second twice", "10.77.1.1", false, Result{Received: 4, Duplicates: 1, TTL: 60}},
		{"every second too late", "10.77.1.1", true, Result{Received: 2, Late: 1, TTL: 60}},
		{"denied", "10.79.1.1", false, Result{Unsent: 4}},
		{"unreachable", "10.79.2.1", false, Result{Unsent: 4}},
	} {
		late.Store(c.late)
		c.want.From, c.want.To, c.want.Sent = "near", "far", 4
		got := Burst(t.Context(), wire, "near", target(c.address))
		rest := cmpopts.IgnoreFields(Result{}, "At", "Min", "Mean", "Max", "Deviation", "Jitter", "Refusals")
		if diff := cmp.Diff(c.want, got, rest); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if (len(got.Refusals) > 0) != (got.Unsent > 0) || got.Received > 0 && got.Min < delay {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	large := target("10.76.0.254")
	large.Size, large.DontFragment = 1501, true
	if got := Burst(t.Context(), wire, "near", large); got.Unsent != 4 || len(got.Refusals) != 1 {
		t.Errorf("too big: %+v", got)
	}
}

// A route may come to prohibit between our question and the send: then the
// Pinger is in its endless loop, and must be got out of it.
func TestALibraryThatRepeatsItsSendForEverIsStopped(t *testing.T) {
	l := newLab(t, 1500)
	l.near.IP(t, "route", "add", "prohibit", "10.79.1.0/24")
	for _, raw := range []bool{false, true} {
		library := libraryIn(t, l.near, raw)
		library.pingers.Add(1)
		_, err := library.ping(Echo{To: netip.MustParseAddr("10.79.1.1"), Size: 84})
		if err == nil || !strings.Contains(err.Error(), errDenied.Error()) {
			t.Errorf("raw %v: %v", raw, err)
		}
		if err := library.Close(); err != nil { // it waits for the Pinger's end
			t.Error(err)
		}
	}
}

func TestTheLibrarysWallClockIsNotBelieved(t *testing.T) {
	before := time.Now()
	after, now := before.Add(100*time.Microsecond), before.Add(10*ms)
	for _, c := range []struct{ measured, want time.Duration }{
		{9980 * time.Microsecond, 9980 * time.Microsecond},
		{-time.Hour, 9900 * time.Microsecond},
		{time.Hour, 9900 * time.Microsecond},
		{time.Millisecond, 9900 * time.Microsecond},
	} {
		if got := roundTrip(c.measured, before, after, now); got != c.want {
			t.Errorf("measured %v: taken for %v, want %v", c.measured, got, c.want)
		}
	}
}

func TestTheLibraryTakesOnlySoManyEchoes(t *testing.T) {
	library := newLibrary(false)
	library.pingers.Store(mostPingers)
	if _, err := library.Send(Echo{To: netip.MustParseAddr("127.0.0.1"), Size: 84}); err == nil || !strings.Contains(err.Error(), "more than 256 echoes") {
		t.Errorf("got %v", err)
	}
	_ = library.Close()
}
