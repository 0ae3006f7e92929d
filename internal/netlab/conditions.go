package netlab

import (
	"math/rand/v2"
	"time"
)

// standardMTU is that of Ethernet, in bytes of the whole packet.
const standardMTU = 1500

// Conditions are how one direction of a way treats packets. The zero value
// lets all pass at once.
type Conditions struct {
	Delay time.Duration
	// MTU is the largest packet in bytes that the router forwards whole; 0: 1500.
	// Larger ones it cuts, or answers where they may not be cut.
	MTU int
	// Silent is the largest that comes through; larger ones are lost without a
	// word. 0: all that the MTU lets pass.
	Silent int
	// Requests and Replies tell which echoes are lost, each kind numbered from 0
	// since these conditions hold. nil: none is.
	Requests, Replies Pattern
}

// Pattern tells of a packet by its number whether it is lost. It is asked for
// each number once, in order.
type Pattern func(number int) bool

// All loses every packet.
func All(int) bool { return true }

// Share is a pattern that loses exactly lost of each round packets; which of
// them, the seed decides. So of any n packets the share is lost to within one
// round: lost/round*n, and at most lost more or fewer.
func Share(seed uint64, lost, round int) Pattern {
	random := rand.New(rand.NewPCG(seed, 0))
	var places []int
	return func(number int) bool {
		if number%round == 0 {
			places = random.Perm(round)
		}
		return places[number%round] < lost
	}
}

// Counts are what one direction did with the echoes of one kind.
type Counts struct{ Passed, Lost int }

// All is how many came.
func (c Counts) All() int { return c.Passed + c.Lost }

// Since is what came since an earlier count.
func (c Counts) Since(before Counts) Counts {
	return Counts{c.Passed - before.Passed, c.Lost - before.Lost}
}

// Traffic is what a direction has done with echoes since it was made. A
// fragment that is not the first of its packet is no echo.
type Traffic struct{ Requests, Replies Counts }

// The types of ICMP echoes (RFC 792).
const (
	echoReply   = 0
	echoRequest = 8
)

// echoOf is the type of the ICMP echo in a packet of IPv4, or of its first
// fragment; false: it is something else.
func echoOf(packet []byte) (kind byte, is bool) {
	const icmp, offsetMask = 1, 0x1f
	if len(packet) < 20 || packet[0]>>4 != 4 || packet[9] != icmp || packet[6]&offsetMask != 0 || packet[7] != 0 {
		return 0, false
	}
	header := int(packet[0]&0xf) * 4
	if len(packet) <= header {
		return 0, false
	}
	kind = packet[header]
	return kind, kind == echoReply || kind == echoRequest
}
