package probe

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// receiveBuffer holds the answers of some 5,000 targets while the process has to
// wait for a core.
const receiveBuffer = 4 << 20

// sockets is the Wire of Linux: one ICMP socket an address family, for all
// targets. The kernel stamps what arrives, and its error queue tells of ICMP
// errors and of who sent them.
type sockets struct {
	v4, v6  *socket
	pending []Arrival // learned while sending
	stamps  stamps
	busy    sync.Mutex // held by Send and Wait
	closed  atomic.Bool

	waking sync.Mutex // guards event against being closed
	event  int        // an eventfd; -1 once closed
}

// socket is one ICMP socket.
type socket struct {
	fd      int
	family  *family
	raw     bool
	refused error // why there is no socket of this family
	ident   uint16
	cookie  uint64
	buffer  []byte // of the packet that is sent; zero but for its head
	ttl     int    // as set
	whole   bool   // as set: do not fragment
	decided bool   // whole was set
	inbox   inbox
	inet4   unix.RawSockaddrInet4
	inet6   unix.RawSockaddrInet6
}

// Open opens a Wire of this host: an unprivileged datagram ICMP socket for each
// address family, or a raw one where that is refused. It sends from the network
// namespace that the calling thread is in. How says in a few words which it is.
// The error wraps ErrForbidden when the process may open neither.
func Open(options Options) (wire Wire, how string, err error) {
	event, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		return nil, "", fmt.Errorf("cannot open an event descriptor: %w", err)
	}
	s := &sockets{event: event, v4: openSocket(&ipv4, options), v6: openSocket(&ipv6, options)}
	if s.v4.refused != nil && s.v6.refused != nil {
		_ = s.Close() // what is open was never used
		return nil, "", s.v4.refused
	}
	how = "datagram ICMP sockets"
	if s.v4.raw || s.v6.raw {
		how = "raw ICMP sockets"
	}
	return s, how, nil
}

// openSocket opens the socket of one family, or says why there is none.
func openSocket(f *family, options Options) *socket {
	s := &socket{
		fd: -1, family: f, ttl: -1,
		ident: uint16(rand.Uint32()), cookie: rand.Uint64(), buffer: make([]byte, MaxSize),
	}
	kinds := []int{unix.SOCK_DGRAM, unix.SOCK_RAW}
	if options.NoRaw {
		kinds = kinds[:1]
	}
	for _, kind := range kinds {
		fd, err := unix.Socket(f.domain, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, f.protocol)
		if err != nil {
			s.refused = f.explain(err, options)
			continue
		}
		s.fd, s.raw, s.refused = fd, kind == unix.SOCK_RAW, nil
		if err := s.prepare(); err != nil {
			_ = unix.Close(fd) // it was never used
			s.fd, s.refused = -1, fmt.Errorf("cannot set up an ICMP socket: %w", err)
		}
		break
	}
	return s
}

// explain says what keeps the process from a socket, and what would help.
func (f *family) explain(err error, options Options) error {
	if !errors.Is(err, unix.EACCES) && !errors.Is(err, unix.EPERM) {
		return fmt.Errorf("this host has no %s socket for ICMP: %w", f.name, err)
	}
	groups, _ := os.ReadFile(groupRange) // unreadable: then its value is not told
	text := fmt.Sprintf("%s is %q and holds none of this process's groups", setting, strings.Join(strings.Fields(string(groups)), " "))
	if options.NoRaw {
		return fmt.Errorf(`%w: %s, and raw sockets are switched off: set it to "0 2147483647"`, ErrForbidden, text)
	}
	return fmt.Errorf(`%w: %s, and a raw socket needs CAP_NET_RAW: set %s to "0 2147483647", or give that capability (AmbientCapabilities=CAP_NET_RAW in a unit)`, ErrForbidden, text, setting)
}

const (
	setting    = "net.ipv4.ping_group_range" // it holds for IPv6 too
	groupRange = "/proc/sys/net/ipv4/ping_group_range"
)

// prepare sets what each socket needs: receive stamps, the time to live of
// answers, and the error queue.
func (s *socket) prepare() error {
	for _, option := range s.family.options {
		if err := unix.SetsockoptInt(s.fd, option.level, option.name, 1); err != nil {
			return err
		}
	}
	if s.raw {
		if err := s.family.filter(s.fd); err != nil {
			return err
		}
	}
	if unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveBuffer) != nil {
		return unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer) // as much as any user gets
	}
	return nil
}

func (s *sockets) Wake() {
	s.waking.Lock()
	defer s.waking.Unlock()
	if s.event >= 0 {
		one := [8]byte{7: 1}               // any value but 0, in either byte order
		_, _ = unix.Write(s.event, one[:]) // full: it is awake already
	}
}

func (s *sockets) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.Wake()
	s.busy.Lock()
	defer s.busy.Unlock()
	s.waking.Lock()
	defer s.waking.Unlock()
	errs := []error{unix.Close(s.event)}
	s.event = -1
	for _, one := range []*socket{s.v4, s.v6} {
		if one.fd >= 0 {
			errs = append(errs, unix.Close(one.fd))
			one.fd = -1
		}
	}
	return errors.Join(errs...)
}
