package probe

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Wire sends echo requests and hands over what comes back: the sockets of this
// host, another library, or a simulated network. Whatever judges (deadlines,
// duplicates, whose answer it is) stands above it.
//
// One goroutine at a time calls Send and Wait; Wake and Close may be called by
// any.
type Wire interface {
	// Send sends one echo request, and returns the time right before it left.
	// An error says in words why this host could not send it; an error of type
	// *TooBig says that the packet does not fit the host's own interface.
	Send(Echo) (time.Time, error)

	// Wait hands each arrival to deliver, and returns when there was one, at the
	// time until, or after Wake. It has no limit when until is zero. An error
	// means that the wire is broken or closed, and that nothing will come any more.
	Wait(until time.Time, deliver func(Arrival)) error

	// Wake makes the Wait that is under way, or else the next, return at once.
	Wake()

	// Close frees what the wire holds. A Wait that is under way returns ErrClosed.
	Close() error
}

// ErrClosed is what a closed wire says.
var ErrClosed = errors.New("the wire is closed")

// Echo is one echo request. Stream and Sequence come back with its answer.
type Echo struct {
	To           netip.Addr
	Stream       uint32
	Sequence     uint32
	Size         int  // bytes of the whole IP packet
	DontFragment bool // no router on the way may cut it
	TTL          int  // time to live, or hop limit; 0: the host's default
}

// Arrival is what came for an echo: an answer, an ICMP error, or word from the
// host that it could not be sent after all.
type Arrival struct {
	Stream   uint32
	Sequence uint32

	// Short is set when an ICMP error quoted so little of the request that only
	// the lower 16 bits of Sequence are known, and To instead of Stream.
	Short bool
	To    netip.Addr // where the request went; only told with errors

	From netip.Addr // who sent the answer or the error
	At   time.Time  // when it arrived, with a monotonic reading
	TTL  int        // of the answer when it arrived; 0: not known

	Refusal *Refusal // an ICMP error, not an answer
	Unsent  error    // the request never left: why
}

// Refusal is an ICMP error about a request.
type Refusal struct {
	Text string // "administratively prohibited", without who said it
	MTU  int    // that the network named; 0: it named none
	// TooBig is set when the request did not fit a link on the way.
	TooBig bool
}

// String says what was said and by whom: "host unreachable (from 10.1.0.1)".
func (a Arrival) String() string {
	text := "answered"
	if a.Refusal != nil {
		text = a.Refusal.Text
	}
	return fmt.Sprintf("%s (from %s)", text, a.From)
}

// TooBig is the error of Send for a packet that the host's own interface does
// not take whole.
type TooBig struct {
	MTU int // of the interface, in bytes; 0: not known
}

// Error says it in words.
func (t *TooBig) Error() string {
	if t.MTU == 0 {
		return "larger than the MTU of this host's interface"
	}
	return fmt.Sprintf("larger than the MTU of this host's interface, %d", t.MTU)
}
