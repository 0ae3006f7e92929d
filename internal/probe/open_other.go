//go:build !linux

package probe

// Open opens a Wire of this host. Where our own sockets do not run, that of
// pro-bing takes their place. How says which one it is, in a few words. The
// error wraps ErrForbidden when the process may open none.
func Open(options Options) (wire Wire, how string, err error) {
	return openLibrary(options)
}
