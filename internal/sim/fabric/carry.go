package fabric

import (
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"time"
)

// Packet is an ICMP echo request that a machine sends.
type Packet struct {
	From         netip.Addr `json:"from"`
	To           netip.Addr `json:"to"`
	Size         int        `json:"size"` // bytes of the whole IP packet; 0 is 84, as ping sends
	DontFragment bool       `json:"dont_fragment,omitempty"`
	TTL          int        `json:"ttl,omitempty"` // 0 is 64
}

// Fate is what became of a packet and of its answer. The times are those of
// the network, which no scale of the simulator's clock shortens; whoever sent it
// waits for them.
type Fate struct {
	Request Leg `json:"request"`
	Answer  Leg `json:"answer"` // zero when the request did not arrive

	// Answered is whether an answer came back, RoundTrip after the request was
	// sent; it comes with TTL hops left, and once more after each of Duplicates.
	Answered   bool            `json:"answered"`
	RoundTrip  time.Duration   `json:"round_trip_ns,omitempty"`
	TTL        int             `json:"ttl,omitempty"`
	Duplicates []time.Duration `json:"duplicates_ns,omitempty"`

	// Error came back to the sender in place of an answer.
	Error *ICMPError `json:"icmp_error,omitempty"`
}

// Leg is one way of a packet.
type Leg struct {
	Arrived   bool          `json:"arrived"`
	Delay     time.Duration `json:"delay_ns,omitempty"`   // until it arrived or was lost
	DroppedAt string        `json:"dropped_at,omitempty"` // kind and id of the hop
	Why       string        `json:"why,omitempty"`
}

// The kinds of ICMP errors.
const (
	TooBig          = "too-big"
	TTLExceeded     = "ttl-exceeded"
	HostUnreachable = "host-unreachable"
	NetUnreachable  = "net-unreachable"
	Prohibited      = "prohibited"
)

// ICMPError is what a place answers to a packet that it does not pass on.
type ICMPError struct {
	Kind  string        `json:"kind"`
	MTU   int           `json:"mtu,omitempty"`   // of TooBig, in bytes
	Hop   string        `json:"hop"`             // kind and id
	By    netip.Addr    `json:"by"`              // whose address it comes from
	Local bool          `json:"local,omitempty"` // the sender's own interface says so; nothing was sent
	After time.Duration `json:"after_ns"`        // from the sending until it comes back
}

// usualSize is a packet of ping, usualTTL the hops that Linux gives it.
const (
	usualSize = 84
	usualTTL  = 64
)

// flow is who talks to whom. Each flow has a row of random numbers of its own,
// so that what becomes of its packets does not depend on what others send.
type flow struct{ from, to netip.Addr }

// Carry sends a packet and, if it arrives, its answer, which is as large and
// may be fragmented, as Linux answers. Routes and filters decide as in [Fabric.Echo];
// the conditions of the places on its way decide the rest. Nothing waits: the
// times are in the answer.
func (f *Fabric) Carry(p Packet) Fate {
	if p.Size == 0 {
		p.Size = usualSize
	}
	if p.TTL == 0 {
		p.TTL = usualTTL
	}
	echo, random := f.way(p.From, p.To), f.dice(flow{p.From, p.To})
	request := traveller{fabric: f, random: random, toward: f.cloudOf(p.To), size: p.Size, whole: p.DontFragment, ttl: p.TTL}
	fate := Fate{Request: request.travel(echo.Forward, echo.arrived, echo.DroppedAt, echo.Why)}
	fate.Error = request.refusal(p.From)
	if !fate.Request.Arrived {
		return fate
	}
	answer := traveller{fabric: f, random: random, toward: f.cloudOf(p.From), size: p.Size, ttl: usualTTL}
	fate.Answer = answer.travel(echo.Back, echo.Crossed, echo.DroppedAt, echo.Why)
	if !fate.Answer.Arrived {
		return fate
	}
	fate.Answered, fate.RoundTrip, fate.TTL = true, fate.Request.Delay+fate.Answer.Delay, answer.ttl
	for i := range request.copies + answer.copies {
		fate.Duplicates = append(fate.Duplicates, fate.RoundTrip+time.Duration(i+1)*copiesApart)
	}
	return fate
}

// copiesApart is how long after the first a second copy comes.
const copiesApart = 100 * time.Microsecond

// dice are the random numbers of a flow's next packet.
func (f *Fabric) dice(way flow) *rand.Rand {
	f.flows[way]++
	h := fnv.New64a()
	from, to := way.from.As16(), way.to.As16()
	_, _ = h.Write(from[:]) // a hash takes everything
	_, _ = h.Write(to[:])
	return rand.New(rand.NewPCG(f.seed^h.Sum64(), f.flows[way]))
}

// Seed says what the random numbers come from, and begins every flow anew.
func (f *Fabric) Seed(seed uint64) { f.seed, f.flows = seed, map[flow]uint64{} }

// cloudOf is the cloud that an address is in; what no machine has is taken to
// be in AWS only when a VPC covers it.
func (f *Fabric) cloudOf(address netip.Addr) string {
	if len(f.hostsByAddr[address]) > 0 {
		return TowardAWS
	}
	if len(f.vmsByAddr[address]) > 0 {
		return TowardAzure
	}
	for _, vpc := range f.aws.VPCs {
		for _, prefix := range vpc.Prefixes {
			if prefix.Contains(address) {
				return TowardAWS
			}
		}
	}
	return TowardAzure
}
