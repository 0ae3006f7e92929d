package probe

import "errors"

// ErrForbidden is what Open wraps when this host lets the process open no ICMP
// socket. The text around it says which setting or capability would.
var ErrForbidden = errors.New("this process may open no ICMP socket")

// Options say how a Wire of this host may be opened.
type Options struct {
	// NoRaw forbids raw sockets, also when nothing else may be opened.
	NoRaw bool
}
