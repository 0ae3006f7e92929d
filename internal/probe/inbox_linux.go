package probe

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// inbox holds one message of the kernel. It asks for no more than the message:
// unix.Recvmsg makes a second call for each, to learn of what kind the address is.
type inbox struct {
	header  unix.Msghdr
	vector  unix.Iovec
	data    [128]byte // the head of a packet is enough
	control [512]byte
	address [unix.SizeofSockaddrInet6]byte
}

// receive reads a message: its head, its control messages, and the address that
// it came from; or, from the error queue, went to. What it returns holds until
// the next call. It never waits.
func (b *inbox) receive(fd, flags int) (data, control []byte, address netip.Addr, err error) {
	b.vector.Base = &b.data[0]
	b.vector.SetLen(len(b.data))
	b.header = unix.Msghdr{Name: &b.address[0], Namelen: uint32(len(b.address)), Iov: &b.vector, Control: &b.control[0]}
	b.header.SetIovlen(1)
	b.header.SetControllen(len(b.control))
	for {
		n, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&b.header)), uintptr(flags|unix.MSG_DONTWAIT))
		switch errno {
		case 0:
			return b.data[:min(int(n), len(b.data))], b.control[:b.header.Controllen], addressOf(b.address[:b.header.Namelen]), nil
		case unix.EINTR:
			continue
		}
		return nil, nil, address, errno
	}
}

// addressOf reads the address in a struct sockaddr_in or sockaddr_in6, without
// its zone.
func addressOf(b []byte) netip.Addr {
	if len(b) < 8 {
		return netip.Addr{}
	}
	switch family := binary.NativeEndian.Uint16(b); {
	case family == unix.AF_INET:
		return netip.AddrFrom4([4]byte(b[4:8]))
	case family == unix.AF_INET6 && len(b) >= 24:
		return netip.AddrFrom16([16]byte(b[8:24]))
	}
	return netip.Addr{}
}
