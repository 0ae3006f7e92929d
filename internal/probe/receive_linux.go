package probe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

func (s *sockets) Wait(until time.Time, deliver func(Arrival)) error {
	s.busy.Lock()
	defer s.busy.Unlock()
	for {
		if s.closed.Load() {
			return ErrClosed
		}
		if len(s.pending) > 0 {
			for _, a := range s.pending {
				deliver(a)
			}
			s.pending = s.pending[:0]
			return nil
		}
		ready, err := s.poll(until)
		if err != nil {
			return err
		}
		arrived := false
		counting := func(a Arrival) { arrived = true; deliver(a) }
		for i, one := range []*socket{s.v4, s.v6} {
			if ready[i]&unix.POLLERR != 0 {
				s.errors(one, counting)
				_, _ = unix.GetsockoptInt(one.fd, unix.SOL_SOCKET, unix.SO_ERROR) // reading it clears it
			}
			if ready[i]&unix.POLLIN != 0 {
				s.answers(one, counting)
			}
		}
		if arrived || s.woken(ready[2]) || !until.IsZero() && !time.Now().Before(until) {
			return nil
		}
	}
}

// poll waits until something can be read, and says of what: the two sockets and
// the event.
func (s *sockets) poll(until time.Time) (ready [3]int16, err error) {
	fds := [3]unix.PollFd{
		{Fd: int32(s.v4.fd), Events: unix.POLLIN}, // a negative one is left out by the kernel
		{Fd: int32(s.v6.fd), Events: unix.POLLIN},
		{Fd: int32(s.event), Events: unix.POLLIN},
	}
	var timeout *unix.Timespec
	if !until.IsZero() {
		left := unix.NsecToTimespec(max(0, time.Until(until)).Nanoseconds())
		timeout = &left
	}
	s.stamps.look()
	_, err = unix.Ppoll(fds[:], timeout, nil)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return ready, fmt.Errorf("cannot wait for answers: %w", err)
	}
	for i := range fds {
		ready[i] = fds[i].Revents
	}
	return ready, nil
}

// woken takes the word of Wake.
func (s *sockets) woken(ready int16) bool {
	if ready&unix.POLLIN == 0 {
		return false
	}
	var count [8]byte
	_, err := unix.Read(s.event, count[:])
	return err == nil
}

// most is how many messages are taken from a socket before the sends have their
// turn again.
const most = 64

// answers hands over the answers that a socket holds.
func (s *sockets) answers(one *socket, deliver func(Arrival)) {
	var data [128]byte // the head of the packet is enough
	var control [128]byte
	for range most {
		n, controlled, _, from, err := unix.Recvmsg(one.fd, data[:], control[:], 0)
		if err != nil {
			return // nothing is left, or an error that the error queue tells
		}
		message := data[:n]
		if one.raw && one.family.header == ipv4Header {
			message = skipIPv4(message)
		}
		m, ok := parse(message)
		if !ok || m.kind != one.family.reply || !m.whole || m.cookie != one.cookie {
			continue // another prober's
		}
		said := one.family.read(control[:controlled])
		deliver(Arrival{
			Stream: m.stream, Sequence: m.sequence,
			From: addressOf(from), At: s.stamps.arrival(said.stamp), TTL: said.ttl,
		})
	}
}

// errors hands over the ICMP errors in a socket's error queue. It returns the
// MTU of the interface when the host itself had found a packet too big.
func (s *sockets) errors(one *socket, deliver func(Arrival)) (local int) {
	var data [128]byte
	var control [512]byte
	for range most {
		n, controlled, _, to, err := unix.Recvmsg(one.fd, data[:], control[:], unix.MSG_ERRQUEUE)
		if err != nil {
			break
		}
		said := one.family.read(control[:controlled])
		if said.origin == unix.SO_EE_ORIGIN_LOCAL && said.errno == unix.EMSGSIZE {
			local = said.mtu
		}
		m, ok := parse(data[:n])
		if said.origin != unix.SO_EE_ORIGIN_ICMP && said.origin != unix.SO_EE_ORIGIN_ICMP6 || !ok || m.kind != one.family.request ||
			m.whole && m.cookie != one.cookie || one.raw && m.ident != one.ident {
			continue
		}
		a := Arrival{
			Stream: m.stream, Sequence: m.sequence, To: addressOf(to),
			From: said.offender, At: s.stamps.arrival(said.stamp),
			Refusal: refusal(one.family.texts, one.family.tooBig, said.code, said.mtu),
		}
		if !m.whole {
			a.Short, a.Sequence = true, uint32(m.low)
		}
		deliver(a)
	}
	return local
}

// said is what the kernel says about a message.
type said struct {
	stamp    time.Duration // wall time of its arrival, since 1970; 0: not told
	ttl      int
	origin   byte
	errno    unix.Errno
	code     icmpCode
	mtu      int
	offender netip.Addr
}

// read reads the control messages of the kernel.
func (f *family) read(control []byte) (s said) {
	for len(control) >= unix.CmsgLen(0) {
		header, data, rest, err := unix.ParseOneSocketControlMessage(control)
		if err != nil {
			return s
		}
		control = rest
		order := binary.NativeEndian
		level, kind := int(header.Level), int(header.Type)
		switch {
		case level == unix.SOL_SOCKET && kind == unix.SO_TIMESTAMPNS && len(data) >= 16:
			s.stamp = time.Duration(order.Uint64(data))*time.Second + time.Duration(order.Uint64(data[8:]))
		case level == f.level && kind == f.ttlType && len(data) >= 4:
			s.ttl = int(order.Uint32(data))
		case level == f.level && kind == f.errType && len(data) >= 16:
			// struct sock_extended_err: errno, origin, type, code, padding, info,
			// data; behind it the address of who sent the error.
			s.errno, s.origin = unix.Errno(order.Uint32(data)), data[4]
			s.code = icmpCode{int(data[5]), int(data[6])}
			s.mtu = int(order.Uint32(data[8:]))
			s.offender = f.offender(data[16:])
		}
	}
	return s
}

// offender reads the address in a struct sockaddr_in or sockaddr_in6.
func (f *family) offender(b []byte) netip.Addr {
	switch {
	case f.header == ipv4Header && len(b) >= 8:
		return netip.AddrFrom4([4]byte(b[4:8]))
	case f.header == ipv6Header && len(b) >= 24:
		return netip.AddrFrom16([16]byte(b[8:24]))
	}
	return netip.Addr{}
}

// addressOf is an address of the kernel in our form, without a zone.
func addressOf(from unix.Sockaddr) netip.Addr {
	switch a := from.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrFrom4(a.Addr)
	case *unix.SockaddrInet6:
		return netip.AddrFrom16(a.Addr)
	}
	return netip.Addr{}
}
