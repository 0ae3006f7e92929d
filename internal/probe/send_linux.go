package probe

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sendErrors puts what the kernel says about a send into words. What is missing
// has the kernel's own.
var sendErrors = map[unix.Errno]string{
	unix.EACCES:      "administratively prohibited by this host", // a prohibit route
	unix.EPERM:       "refused by a filter of this host",
	unix.ENETUNREACH: "this host has no route to it",
	unix.EAGAIN:      "the send buffer of this host is full",
	unix.ENOBUFS:     "the send buffer of this host is full",
}

func (s *sockets) Send(e Echo) (time.Time, error) {
	s.busy.Lock()
	defer s.busy.Unlock()
	if s.closed.Load() {
		return time.Now(), ErrClosed
	}
	one := s.v6
	if e.To.Is4() {
		one = s.v4
	}
	if one.refused != nil {
		return time.Now(), one.refused
	}
	if err := errors.Join(one.address(e.To), one.set(e)); err != nil {
		return time.Now(), err
	}
	packet := marshal(one.buffer, one.family.request, e.Size-one.family.header, one.ident, one.cookie, e)
	sent := time.Now()
	err := one.send(packet)
	if err == nil {
		return sent, nil
	}
	// The kernel reports the ICMP error of an earlier echo with the next send:
	// take that off, and try once more.
	mtu := s.clear(one)
	if !errors.Is(err, unix.EMSGSIZE) {
		sent = time.Now()
		if err = one.send(packet); err == nil {
			return sent, nil
		}
		mtu = s.clear(one)
	}
	return sent, inWords(err, mtu)
}

// inWords makes a sentence of the error of a send.
func inWords(err error, mtu int) error {
	var number unix.Errno
	switch {
	case !errors.As(err, &number):
		return err
	case number == unix.EMSGSIZE:
		return &TooBig{MTU: mtu}
	case sendErrors[number] != "":
		return fmt.Errorf("%s (%w)", sendErrors[number], err)
	}
	return err
}

// clear takes what stands in the error queue, for the next Wait, and returns the
// MTU of the interface if that was the error of this send.
func (s *sockets) clear(one *socket) (mtu int) {
	local := s.errors(one, func(a Arrival) { s.pending = append(s.pending, a) })
	_, _ = unix.GetsockoptInt(one.fd, unix.SOL_SOCKET, unix.SO_ERROR) // reading it clears it
	return local
}

// set sets the options of the socket that this echo needs and the last did not.
func (s *socket) set(e Echo) error {
	f := s.family
	ttl := e.TTL
	if ttl == 0 {
		ttl = -1 // the host's default
	}
	if s.ttl != ttl {
		if err := unix.SetsockoptInt(s.fd, f.ttl.level, f.ttl.name, ttl); err != nil {
			return fmt.Errorf("cannot set the time to live: %w", err)
		}
		s.ttl = ttl
	}
	if s.whole == e.DontFragment && s.decided {
		return nil
	}
	discover, flag := f.never, 0
	if e.DontFragment {
		discover, flag = f.probe, 1
	}
	err := unix.SetsockoptInt(s.fd, f.discover.level, f.discover.name, discover)
	for _, o := range f.whole {
		err = errors.Join(err, unix.SetsockoptInt(s.fd, o.level, o.name, flag))
	}
	if err != nil {
		return fmt.Errorf("cannot set whether packets may be fragmented: %w", err)
	}
	s.whole, s.decided = e.DontFragment, true
	return nil
}

// send sends a packet to the address that was put into place. It never waits.
func (s *socket) send(packet []byte) error {
	to, length := unsafe.Pointer(&s.inet4), unsafe.Sizeof(s.inet4)
	if s.family.domain == unix.AF_INET6 {
		to, length = unsafe.Pointer(&s.inet6), unsafe.Sizeof(s.inet6)
	}
	for {
		_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(&packet[0])), uintptr(len(packet)),
			unix.MSG_DONTWAIT, uintptr(to), length)
		switch errno {
		case 0:
			return nil
		case unix.EINTR:
			continue
		}
		return errno
	}
}

// address puts an address into the form of the kernel.
func (s *socket) address(to netip.Addr) error {
	if to.Is4() {
		s.inet4 = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: to.As4()}
		return nil
	}
	s.inet6 = unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: to.As16()}
	if zone := to.Zone(); zone != "" {
		link, err := net.InterfaceByName(zone)
		if err != nil {
			return fmt.Errorf("there is no interface %s: %w", zone, err)
		}
		s.inet6.Scope_id = uint32(link.Index)
	}
	return nil
}
