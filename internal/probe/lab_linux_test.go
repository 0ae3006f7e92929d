package probe

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"linkd/internal/netlab"
)

// lab is a network of the test's own: the namespace near, where probes are
// sent, joined by a veth pair to the namespace middle, which routes 10.77.0.0/16
// to a TUN that a goroutine or a process of the test answers for.
//
//	near 10.76.0.1 -- 10.76.0.254 middle == TUN, 10.77.0.0/16
type lab struct{ near, middle netlab.Namespace }

// newLab makes the network, or skips the test.
func newLab(t testing.TB, mtu int) lab {
	t.Helper()
	l := lab{netlab.New(t), netlab.New(t)}
	l.near.Join(t, "near", l.middle, "middle")
	l.near.IP(t, "address", "add", "10.76.0.1/24", "dev", "near")
	l.near.IP(t, "-6", "address", "add", "fd76::1/64", "dev", "near", "nodad")
	l.near.IP(t, "link", "set", "near", "up")
	l.middle.IP(t, "address", "add", "10.76.0.254/24", "dev", "middle")
	l.middle.IP(t, "-6", "address", "add", "fd76::254/64", "dev", "middle", "nodad")
	l.middle.IP(t, "link", "set", "middle", "up")
	l.middle.Route(t)
	l.middle.AddTUN(t, farTUN, mtu)
	l.middle.IP(t, "route", "add", "10.77.0.0/16", "dev", farTUN)
	l.middle.IP(t, "-6", "route", "add", "fd77::/64", "dev", farTUN)
	l.near.IP(t, "route", "add", "default", "via", "10.76.0.254")
	l.near.IP(t, "-6", "route", "add", "default", "via", "fd76::254")
	l.near.Ping(t)
	l.settle(t)
	return l
}

// farTUN is the name of the TUN behind which the far end is.
const farTUN = "far"

// settle waits until the hosts have found each other, over IPv6 too: what is
// sent before waits for that.
func (l lab) settle(t testing.TB) {
	t.Helper()
	wire, _ := open(t, l.near, Options{})
	for _, next := range []string{"10.76.0.254", "fd76::254"} {
		for Burst(t.Context(), wire, "", Target{Address: netip.MustParseAddr(next), Count: 1, Interval: MinInterval, Timeout: 100 * ms}).Received == 0 {
			if t.Context().Err() != nil {
				t.Fatalf("%s does not answer", next)
			}
		}
	}
}

// open opens a Wire in a namespace.
func open(t testing.TB, n netlab.Namespace, options Options) (wire Wire, how string) {
	t.Helper()
	err := n.Do(func() (err error) {
		wire, how, err = Open(options)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = wire.Close() })
	return wire, how
}

// reply is what the far end does with the number-th echo request, from 0: how
// many answers it gives, from which address (the zero one: that which was
// asked), and when.
type reply struct {
	copies int
	from   [4]byte
	after  time.Duration
}

// serve answers the echo requests that come out of the TUN of the lab, until the
// test ends.
func (l lab) serve(t testing.TB, decide func(number, size int) reply) {
	t.Helper()
	var tun *os.File
	if err := l.middle.Do(func() (err error) { tun, err = netlab.OpenTUN(farTUN); return err }); err != nil {
		t.Fatal(err)
	}
	for running := false; !running; time.Sleep(ms) { // the kernel drops what comes before
		if err := l.middle.Do(func() error {
			device, err := net.InterfaceByName(farTUN)
			running = err == nil && device.Flags&net.FlagRunning != 0
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	var served sync.WaitGroup
	served.Go(func() { answerAll(tun, decide) })
	t.Cleanup(func() { _ = tun.Close(); served.Wait() })
}

// answerAll answers what is read from a TUN, until that is closed.
func answerAll(tun *os.File, decide func(number, size int) reply) {
	type due struct {
		at     time.Time
		packet []byte
	}
	queue := make(chan due, 1<<16)
	defer close(queue)
	go func() {
		for d := range queue { // all delays of one test are alike, or nearly so
			time.Sleep(time.Until(d.at))
			_, _ = tun.Write(d.packet)
		}
	}()
	buffer := make([]byte, 65536)
	for number := 0; ; {
		n, err := tun.Read(buffer)
		if err != nil {
			return
		}
		if n < 28 || buffer[0]>>4 != 4 || buffer[9] != unix.IPPROTO_ICMP || buffer[20] != echoRequest4 {
			continue
		}
		r := decide(number, n)
		number++
		answer := answerTo(buffer[:n], r)
		for range r.copies {
			queue <- due{time.Now().Add(r.after), answer}
		}
	}
}

// answerTo makes the echo reply to a request.
func answerTo(request []byte, r reply) []byte {
	packet := slices.Clone(request)
	copy(packet[12:16], request[16:20])
	copy(packet[16:20], request[12:16])
	if r.from != [4]byte{} {
		copy(packet[12:16], r.from[:])
	}
	packet[8] = 61 // time to live; the middle takes one off
	packet[20] = echoReply4
	for _, part := range []struct{ from, to, sum int }{{0, 20, 10}, {20, len(packet), 22}} {
		binary.BigEndian.PutUint16(packet[part.sum:], 0)
		padded := append(slices.Clone(packet[part.from:part.to]), make([]byte, (part.to-part.from)%2)...)
		binary.BigEndian.PutUint16(packet[part.sum:], checksum(padded))
	}
	return packet
}
