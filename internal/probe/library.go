package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	probing "github.com/prometheus-community/pro-bing"
)

// mostPingers is how many echoes may be under way over pro-bing. Each has a
// socket, five goroutines and ten wake-ups a second: it is for bursts to a few
// targets (docs/decisions/0017-one-socket-for-all-targets.md).
const mostPingers = 256

// library is the Wire of hosts on which our own sockets do not run: each echo is
// a Pinger of pro-bing. A Pinger waits for the answers to its single echo until
// it is closed or MaxTimeout is over; what is a loss and what is late is judged
// above. It sees no ICMP errors.
type library struct {
	raw      bool
	ctx      context.Context
	cancel   context.CancelFunc
	running  sync.WaitGroup
	pingers  atomic.Int32
	arrivals chan Arrival
	woken    chan struct{}

	// around calls what runs a Pinger, on the thread that opens its socket.
	around func(run func())
}

func newLibrary(raw bool) *library {
	ctx, cancel := context.WithCancel(context.Background())
	return &library{
		raw: raw, ctx: ctx, cancel: cancel,
		arrivals: make(chan Arrival, 4*mostPingers), woken: make(chan struct{}, 1),
		around: func(run func()) { run() },
	}
}

func (l *library) Send(e Echo) (time.Time, error) {
	if l.ctx.Err() != nil {
		return time.Now(), ErrClosed
	}
	if err := forbidden(e.To); err != nil {
		return time.Now(), err
	}
	if l.pingers.Add(1) > mostPingers {
		l.pingers.Add(-1)
		return time.Now(), fmt.Errorf("more than %d echoes are under way", mostPingers)
	}
	return l.ping(e)
}

// forbidden asks the host whether it may send to an address at all, without
// sending anything. A Pinger that may not repeats its send for ever.
func forbidden(to netip.Addr) error {
	conn, err := net.Dial("udp", netip.AddrPortFrom(to, 9).String())
	if err != nil {
		return err
	}
	return conn.Close()
}

// ping sends an echo with a Pinger of its own, which goes on listening.
func (l *library) ping(e Echo) (time.Time, error) {
	flight := &pinged{library: l, echo: e, sent: make(chan error, 1)}
	p := flight.pinger()
	l.running.Go(func() {
		defer l.pingers.Add(-1)
		l.around(func() { flight.ended(p.RunWithContext(l.ctx)) })
	})
	err := <-flight.sent
	if err != nil && strings.Contains(err.Error(), "message too long") {
		err = &TooBig{}
	}
	return flight.before, err
}

// pinged is one echo of a Pinger.
type pinged struct {
	library *library
	echo    Echo
	once    sync.Once
	sent    chan error
	before  time.Time // right before the Pinger sent
	after   time.Time // right after
	denied  int
}

// pinger makes the Pinger. Its count is unlimited and its interval longer than
// its life, so that it sends once and hears duplicates too.
func (f *pinged) pinger() *probing.Pinger {
	header := ipv6Header
	if f.echo.To.Is4() {
		header = ipv4Header
	}
	p := probing.New(f.echo.To.String())
	p.SetIPAddr(&net.IPAddr{IP: f.echo.To.AsSlice(), Zone: f.echo.To.Zone()})
	p.SetPrivileged(f.library.raw)
	p.SetDoNotFragment(f.echo.DontFragment)
	p.SetLogger(f)
	p.RecordRtts, p.RecordTTLs = false, false
	p.Interval, p.Timeout = time.Hour, MaxTimeout
	p.Size = f.echo.Size - header - icmpHeader
	p.TTL = defaulted(f.echo.TTL, p.TTL)
	p.OnSetup = func() { f.before = time.Now() }
	p.OnSend = func(*probing.Packet) {
		f.after = time.Now()
		f.once.Do(func() { f.sent <- nil })
	}
	p.OnRecv, p.OnDuplicateRecv = f.answered, f.answered
	return p
}

// errDenied is what is said of an echo that a Pinger tried again and again.
var errDenied = errors.New("administratively prohibited by this host")

// ended tells that the Pinger has ended, if it had not sent by then.
func (f *pinged) ended(err error) {
	f.once.Do(func() {
		if f.before.IsZero() {
			f.before = time.Now()
		}
		switch {
		case f.library.ctx.Err() != nil:
			err = ErrClosed
		case err == nil: // Infof has stopped it
			err = errDenied
		}
		f.sent <- err
	})
}

// answered hands over an answer.
func (f *pinged) answered(p *probing.Packet) {
	from, _ := netip.AddrFromSlice(p.IPAddr.IP)
	a := Arrival{
		Stream: f.echo.Stream, Sequence: f.echo.Sequence, TTL: p.TTL,
		From: from.Unmap(), At: f.before.Add(roundTrip(p.Rtt, f.before, f.after, time.Now())),
	}
	select {
	case f.library.arrivals <- a:
	default: // nobody has waited for long: it counts as lost
	}
}

// roundTrip takes the time that the Pinger measured by the wall clock, if the
// monotonic clock agrees: the echo left between before and after, and was here
// by now. Otherwise somebody has set the wall clock.
func roundTrip(measured time.Duration, before, after, now time.Time) time.Duration {
	const sinceRead = 5 * time.Millisecond // from the Pinger's reading to ours, at most
	if least := now.Sub(after) - sinceRead; measured < max(0, least) || measured > now.Sub(before) {
		return now.Sub(after)
	}
	return measured
}

// mostDenials is how often a Pinger may try again what it may not send.
const mostDenials = 3

// Infof is told by a Pinger before it repeats a send that was denied, which it
// would do for ever: ending its goroutine is the only way to stop it.
func (f *pinged) Infof(string, ...any) {
	if f.denied++; f.denied > mostDenials {
		runtime.Goexit()
	}
}

// Fatalf, Errorf, Warnf and Debugf drop what a Pinger says: what matters comes
// by its callbacks.
func (f *pinged) Fatalf(string, ...any) {}

// Errorf says nothing.
func (f *pinged) Errorf(string, ...any) {}

// Warnf says nothing.
func (f *pinged) Warnf(string, ...any) {}

// Debugf says nothing.
func (f *pinged) Debugf(string, ...any) {}

func (l *library) Wait(until time.Time, deliver func(Arrival)) error {
	var timer <-chan time.Time
	if !until.IsZero() {
		timer = time.After(time.Until(until))
	}
	select {
	case <-l.ctx.Done():
		return ErrClosed
	case a := <-l.arrivals:
		deliver(a)
	case <-timer:
	case <-l.woken:
	}
	return nil
}

func (l *library) Wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

func (l *library) Close() error {
	l.cancel()
	l.running.Wait()
	return nil
}
