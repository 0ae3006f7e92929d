package netlab

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// Namespace is the descriptor of a network namespace. The kernel takes it apart
// when nothing is in it any more.
type Namespace int

// New makes a namespace whose loopback is up, for as long as the test runs. It
// skips the test of who is not root.
func New(t testing.TB) Namespace {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces are made as root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Fatal("the test needs ip, of Debian's package iproute2")
	}
	var made int
	err := onThread(func() error { return unix.Unshare(unix.CLONE_NEWNET) }, func() (err error) {
		made, err = unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		return err
	})
	if err != nil {
		t.Fatalf("cannot make a network namespace: %v", err)
	}
	t.Cleanup(func() { _ = unix.Close(made) })
	n := Namespace(made)
	n.IP(t, "link", "set", "lo", "up")
	return n
}

// Do calls f on a thread that is in the namespace and ends thereafter.
func (n Namespace) Do(f func() error) error {
	return onThread(func() error { return unix.Setns(int(n), unix.CLONE_NEWNET) }, f)
}

// onThread calls f, once enter has succeeded, on a thread of its own.
func onThread(enter, f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with the goroutine
		err := enter()
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}

// IP runs the program ip in the namespace.
func (n Namespace) IP(t testing.TB, arguments ...string) {
	t.Helper()
	var said []byte
	err := n.Do(func() (err error) {
		said, err = exec.Command("ip", arguments...).CombinedOutput()
		return err
	})
	if err != nil {
		t.Fatalf("ip %v: %v: %s", arguments, err, said)
	}
}

// Set writes a setting of the namespace: "net/ipv4/ip_forward".
func (n Namespace) Set(t testing.TB, name, value string) {
	t.Helper()
	if err := n.Do(func() error { return os.WriteFile("/proc/sys/"+name, []byte(value), 0o644) }); err != nil {
		t.Fatal(err)
	}
}

// Route lets a namespace forward packets of both families, and send every ICMP
// error that is due: a kernel's own limit is one a second.
func (n Namespace) Route(t testing.TB) {
	t.Helper()
	for _, name := range []string{"net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"} {
		n.Set(t, name, "1")
	}
	for _, name := range []string{"net/ipv4/icmp_ratelimit", "net/ipv6/icmp/ratelimit"} {
		n.Set(t, name, "0")
	}
}

// Ping lets every process of the namespace open a datagram ICMP socket.
func (n Namespace) Ping(t testing.TB) {
	t.Helper()
	n.Set(t, "net/ipv4/ping_group_range", "0 2147483647")
}

// Join lays a veth pair between two namespaces. Both ends are down and have no
// address yet.
func (n Namespace) Join(t testing.TB, name string, peer Namespace, peerName string) {
	t.Helper()
	n.IP(t, "link", "add", name, "type", "veth", "peer", "name", peerName, "netns", fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), int(peer)))
}

// AddTUN makes a TUN in the namespace, up, that takes packets of at most mtu
// bytes. What the kernel routes to it is read by who opens it.
func (n Namespace) AddTUN(t testing.TB, name string, mtu int) {
	t.Helper()
	n.IP(t, "tuntap", "add", name, "mode", "tun")
	n.IP(t, "link", "set", name, "up", "mtu", fmt.Sprint(mtu))
}

// OpenTUN opens a TUN of the namespace that the calling thread is in. Each read
// gives a packet and each write takes one.
func OpenTUN(name string) (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	request, err := unix.NewIfreq(name)
	if err != nil {
		return nil, err
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}
