package probe

import "encoding/binary"

// Sizes in bytes.
const (
	ipv4Header = 20
	ipv6Header = 40
	icmpHeader = 8
	markLength = 16 // cookie, stream, sequence
)

// Types of ICMP messages.
const (
	echoRequest4, echoReply4 = 8, 0
	echoRequest6, echoReply6 = 128, 129
)

// marshal writes an ICMP echo request of length bytes into buffer, whose rest
// is zero, and returns it. The request carries the cookie of its socket, so
// that nobody else's answer is taken for its own.
func marshal(buffer []byte, kind byte, length int, ident uint16, cookie uint64, e Echo) []byte {
	packet := buffer[:length]
	packet[0], packet[1] = kind, 0
	order := binary.BigEndian
	order.PutUint16(packet[2:], 0)
	order.PutUint16(packet[4:], ident)
	order.PutUint16(packet[6:], uint16(e.Sequence))
	order.PutUint64(packet[8:], cookie)
	order.PutUint32(packet[16:], e.Stream)
	order.PutUint32(packet[20:], e.Sequence)
	order.PutUint16(packet[2:], checksum(packet[:icmpHeader+markLength])) // the rest is zero
	return packet
}

// checksum is that of the Internet, over an even number of bytes.
func checksum(b []byte) uint16 {
	sum := uint32(0)
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// marks are what a message tells of the echo that it belongs to.
type marks struct {
	kind             byte
	ident            uint16
	low              uint16 // of the sequence
	whole            bool   // the rest is there too
	cookie           uint64
	stream, sequence uint32
}

// parse reads an ICMP echo, or as much as was quoted of one.
func parse(message []byte) (m marks, ok bool) {
	if len(message) < icmpHeader {
		return m, false
	}
	order := binary.BigEndian
	m.kind, m.ident, m.low = message[0], order.Uint16(message[4:]), order.Uint16(message[6:])
	if len(message) >= icmpHeader+markLength {
		m.whole = true
		m.cookie, m.stream, m.sequence = order.Uint64(message[8:]), order.Uint32(message[16:]), order.Uint32(message[20:])
	}
	return m, true
}

// skipIPv4 takes the header off an IPv4 packet, as raw sockets deliver it.
func skipIPv4(packet []byte) []byte {
	if len(packet) == 0 || packet[0]>>4 != 4 {
		return nil
	}
	length := int(packet[0]&0xf) * 4
	if length < ipv4Header || length > len(packet) {
		return nil
	}
	return packet[length:]
}
