package probe

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// WatchRequests calls arrived for each echo request of a linkd that comes in at
// this host over IPv4, until ctx ends. Linux answers them by itself and shows
// each to raw sockets beside that, so CAP_NET_RAW is needed. Searches of a path
// MTU are left out: their packets say that they may not be cut. It sees the
// network namespace that the calling thread is in.
func WatchRequests(ctx context.Context, arrived func(from netip.Addr)) error {
	packets, err := (&net.ListenConfig{Control: requestsOnly}).ListenPacket(ctx, "ip4:icmp", "0.0.0.0")
	if err != nil {
		return fmt.Errorf("cannot see the requests that come in, for which CAP_NET_RAW is needed: %w", err)
	}
	defer packets.Close()
	defer context.AfterFunc(ctx, func() { _ = packets.Close() })()
	raw := packets.(*net.IPConn) //nolint:forcetypeassert // it is what "ip4" gives
	buffer := make([]byte, 256)  // the head tells all
	for {
		length, _, _, _, err := raw.ReadMsgIP(buffer, nil)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil:
			continue // of one packet
		}
		if from, ours := requestOf(buffer[:length]); ours {
			arrived(from)
		}
	}
}

// requestsOnly lets a raw socket take echo requests alone.
func requestsOnly(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		const icmpFilter = 1 // ICMP_FILTER of linux/icmp.h; bits of the types that are not wanted
		failed = unix.SetsockoptInt(int(fd), unix.SOL_RAW, icmpFilter, ^(1 << echoRequest4))
	})
	return errors.Join(err, failed)
}

// requestOf says who sent an echo request, and whether it is one of linkd's: the
// lower half of the sequence in its marks is that of its header, it may be cut,
// and what follows the marks is zero.
func requestOf(packet []byte) (from netip.Addr, ours bool) {
	const dontFragment = 0x4000
	message := skipIPv4(packet)
	m, ok := parse(message)
	if !ok || !m.whole || m.kind != echoRequest4 || m.low != uint16(m.sequence) || binary.BigEndian.Uint16(packet[6:])&dontFragment != 0 {
		return netip.Addr{}, false
	}
	for _, rest := range message[icmpHeader+markLength:] {
		if rest != 0 {
			return netip.Addr{}, false
		}
	}
	return netip.AddrFrom4([4]byte(packet[12:16])), true
}
