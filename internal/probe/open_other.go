//go:build !linux

package probe

import (
	"fmt"
	"runtime"

	"golang.org/x/net/icmp"
)

// Open opens a Wire of this host. Where our own sockets do not run, that of
// pro-bing takes their place. How says which one it is, in a few words. The
// error wraps ErrForbidden when the process may open none.
func Open(options Options) (wire Wire, how string, err error) {
	raw := runtime.GOOS == "windows" // it has no unprivileged ICMP, and asks for no right
	network, address := "udp4", "0.0.0.0"
	for {
		if raw {
			network = "ip4:icmp"
		}
		conn, err := icmp.ListenPacket(network, address)
		switch {
		case err == nil:
			_ = conn.Close() // it was only to see whether it opens
			return newLibrary(raw), "pro-bing", nil
		case raw || options.NoRaw:
			return nil, "", fmt.Errorf("%w: run as a user who may: %w", ErrForbidden, err)
		}
		raw = true
	}
}
