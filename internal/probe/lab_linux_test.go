package probe

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// lab is a network of the test's own: the namespace near, where probes are
// sent, joined by a veth pair to the namespace middle, which routes 10.77.0.0/16
// to a TUN that a goroutine or a process of the test answers for.
//
//	near 10.76.0.1 -- 10.76.0.254 middle == TUN, 10.77.0.0/16
type lab struct{ near, middle namespace }

// newLab makes the network, or skips the test.
func newLab(t testing.TB, mtu int) lab {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces are made as root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Fatal("the test needs ip, of Debian's package iproute2")
	}
	l := lab{newNamespace(t), newNamespace(t)}
	peer := fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), int(l.middle))
	l.near.ip(t, "link", "add", "near", "type", "veth", "peer", "name", "middle", "netns", peer)
	l.near.ip(t, "link", "set", "lo", "up")
	l.near.ip(t, "address", "add", "10.76.0.1/24", "dev", "near")
	l.near.ip(t, "-6", "address", "add", "fd76::1/64", "dev", "near", "nodad")
	l.near.ip(t, "link", "set", "near", "up")
	l.middle.ip(t, "address", "add", "10.76.0.254/24", "dev", "middle")
	l.middle.ip(t, "-6", "address", "add", "fd76::254/64", "dev", "middle", "nodad")
	l.middle.ip(t, "link", "set", "middle", "up")
	l.middle.set(t, "net/ipv4/ip_forward", "1")
	l.middle.set(t, "net/ipv6/conf/all/forwarding", "1")
	l.middle.set(t, "net/ipv4/icmp_ratelimit", "0")
	l.middle.set(t, "net/ipv6/icmp/ratelimit", "0")
	l.middle.ip(t, "tuntap", "add", "far", "mode", "tun")
	l.middle.ip(t, "link", "set", "far", "up", "mtu", fmt.Sprint(mtu))
	l.middle.ip(t, "route", "add", "10.77.0.0/16", "dev", "far")
	l.middle.ip(t, "-6", "route", "add", "fd77::/64", "dev", "far")
	l.near.ip(t, "route", "add", "default", "via", "10.76.0.254")
	l.near.ip(t, "-6", "route", "add", "default", "via", "fd76::254")
	l.near.set(t, "net/ipv4/ping_group_range", "0 2147483647")
	l.settle(t)
	return l
}

// settle waits until the hosts have found each other, over IPv6 too: what is
// sent before waits for that.
func (l lab) settle(t testing.TB) {
	t.Helper()
	wire, _ := l.near.open(t, Options{})
	for _, next := range []string{"10.76.0.254", "fd76::254"} {
		for Burst(t.Context(), wire, "", Target{Address: netip.MustParseAddr(next), Count: 1, Interval: MinInterval, Timeout: 100 * ms}).Received == 0 {
			if t.Context().Err() != nil {
				t.Fatalf("%s does not answer", next)
			}
		}
	}
}

// namespace is the descriptor of a network namespace.
type namespace int

func newNamespace(t testing.TB) namespace {
	t.Helper()
	made := make(chan namespace)
	failed := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			failed <- err
			return
		}
		fd, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			failed <- err
			return
		}
		made <- namespace(fd)
	}()
	select {
	case n := <-made:
		t.Cleanup(func() { _ = unix.Close(int(n)) })
		return n
	case err := <-failed:
		t.Fatalf("cannot make a network namespace: %v", err)
		return 0
	}
}

// do calls f on a thread that is in the namespace and ends thereafter.
func (n namespace) do(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		if err := unix.Setns(int(n), unix.CLONE_NEWNET); err != nil {
			done <- err
			return
		}
		done <- f()
	}()
	return <-done
}

// ip runs ip in the namespace.
func (n namespace) ip(t testing.TB, arguments ...string) {
	t.Helper()
	err := n.do(func() error {
		text, err := exec.Command("ip", arguments...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, text)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("ip %v: %v", arguments, err)
	}
}

// set writes a setting of the namespace.
func (n namespace) set(t testing.TB, name, value string) {
	t.Helper()
	if err := n.do(func() error { return os.WriteFile("/proc/sys/"+name, []byte(value), 0o644) }); err != nil {
		t.Fatal(err)
	}
}

// open opens a Wire in the namespace.
func (n namespace) open(t testing.TB, options Options) (wire Wire, how string) {
	t.Helper()
	err := n.do(func() (err error) {
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
	if err := l.middle.do(func() (err error) { tun, err = openTUN(); return err }); err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() { answerAll(tun, decide) })
	t.Cleanup(func() { _ = tun.Close(); served.Wait() })
}

// openTUN opens the TUN "far" of the namespace that the thread is in.
func openTUN() (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	request, err := unix.NewIfreq("far")
	if err != nil {
		return nil, err
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "far"), nil
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
