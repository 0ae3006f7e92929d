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
	s.stamps.look()
	if err := ppoll(&fds, until); err != nil && !errors.Is(err, unix.EINTR) {
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

// alone is how fresh an answer must be for none to be expected behind it: then
// the socket is not asked in vain. If there is one, the next wait ends at once.
const alone = 100 * time.Microsecond

// answers hands over the answers that a socket holds.
func (s *sockets) answers(one *socket, deliver func(Arrival)) {
	for range most {
		data, control, from, err := one.inbox.receive(one.fd, 0)
		if err != nil {
			return // nothing is left, or an error that the error queue tells
		}
		if one.raw && one.family.header == ipv4Header {
			data = skipIPv4(data)
		}
		m, ok := parse(data)
		if !ok || m.kind != one.family.reply || !m.whole || m.cookie != one.cookie {
			continue // another prober's
		}
		said := one.family.read(control)
		at, age := s.stamps.arrival(said.stamp)
		deliver(Arrival{Stream: m.stream, Sequence: m.sequence, From: from, At: at, TTL: said.ttl})
		if age < alone {
			return
		}
	}
}

// errors hands over the ICMP errors in a socket's error queue. It returns the
// MTU of the interface when the host itself had found a packet too big.
func (s *sockets) errors(one *socket, deliver func(Arrival)) (local int) {
	for range most {
		data, control, to, err := one.inbox.receive(one.fd, unix.MSG_ERRQUEUE)
		if err != nil {
			break
		}
		said := one.family.read(control)
		if said.origin == unix.SO_EE_ORIGIN_LOCAL && said.errno == unix.EMSGSIZE {
			local = said.mtu
		}
		m, ok := parse(data)
		if said.origin != unix.SO_EE_ORIGIN_ICMP && said.origin != unix.SO_EE_ORIGIN_ICMP6 || !ok || m.kind != one.family.request ||
			m.whole && m.cookie != one.cookie || one.raw && m.ident != one.ident {
			continue
		}
		at, _ := s.stamps.arrival(said.stamp)
		a := Arrival{
			Stream: m.stream, Sequence: m.sequence, To: to, From: said.offender, At: at,
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
			s.offender = addressOf(data[16:])
		}
	}
	return s
}
