package fabric

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"
)

// traveller is a packet on the hops that routes and filters let it pass.
type traveller struct {
	fabric *Fabric
	random *rand.Rand
	toward string
	size   int
	whole  bool // it may not be fragmented
	ttl    int

	delay  time.Duration
	copies int
	last   Hop // for what is between two hops
	error  *ICMPError
}

// travel goes hop by hop until one stops the packet. When none does, it
// arrives, or is dropped where the routes and filters say.
func (t *traveller) travel(hops []Hop, arrives bool, droppedAt, why string) Leg {
	for i, hop := range hops {
		why := t.pass(hop, i == 0)
		if hop.Kind == "tunnel" && (why == "" || t.toward == TowardAWS) {
			if outside, err := netip.ParseAddr(hop.ID); err == nil {
				t.fabric.count(outside, t.toward, t.size)
			}
		}
		if why != "" {
			return Leg{Delay: t.delay, DroppedAt: hop.Kind + " " + hop.ID, Why: why}
		}
		t.last = hop
	}
	if !arrives {
		return Leg{Delay: t.delay, DroppedAt: droppedAt, Why: why}
	}
	return Leg{Arrived: true, Delay: t.delay}
}

// pass takes the packet through one hop, or says why it is lost there.
func (t *traveller) pass(hop Hop, first bool) string {
	own := t.fabric.own(hop)
	t.delay += own.Latency + t.fabric.distance(t.last, hop)
	if routers[hop.Kind] {
		if t.ttl--; t.ttl <= 0 {
			return t.refuse(hop, ICMPError{Kind: TTLExceeded}, "its time to live has run out")
		}
	}
	limit, silent := own.MTU, false
	for _, c := range t.fabric.conditions {
		if !c.holds(hop, t.toward) {
			continue
		}
		if c.MTU > 0 && (limit == 0 || c.MTU < limit) {
			limit, silent = c.MTU, c.Silent
		}
		if why := t.meet(hop, c); why != "" {
			return why
		}
	}
	switch {
	case limit == 0 || t.size <= limit || !t.whole:
		return ""
	case silent:
		return fmt.Sprintf("%d bytes are more than %d, and nothing says so", t.size, limit)
	}
	return t.refuse(hop, ICMPError{Kind: TooBig, MTU: limit, Local: first}, fmt.Sprintf("%d bytes are more than %d and may not be fragmented", t.size, limit))
}

// meet applies one condition.
func (t *traveller) meet(hop Hop, c Condition) string {
	t.delay += c.Latency
	if c.Jitter > 0 {
		t.delay += time.Duration(t.random.Int64N(int64(c.Jitter)))
	}
	switch {
	case c.Loss > 0 && t.random.Float64() < c.Loss:
		return "it is one of those that get lost here"
	case c.Refuses != "":
		return t.refuse(hop, ICMPError{Kind: c.Refuses}, "it is refused")
	case t.whole && c.SilentTo > 0 && c.SilentFrom <= t.size && t.size <= c.SilentTo:
		return fmt.Sprintf("packets of %d to %d bytes are lost here without a word", c.SilentFrom, c.SilentTo)
	}
	if c.Duplicate > 0 && t.random.Float64() < c.Duplicate {
		t.copies++
	}
	return ""
}

// routers are the hops that count down a packet's time to live.
var routers = map[string]bool{"hub": true, "gateway": true, "transit-gateway": true}

func (t *traveller) refuse(hop Hop, e ICMPError, why string) string {
	e.Hop = hop.Kind + " " + hop.ID
	e.After = 2 * t.delay // the error takes as long to come back
	e.By = t.fabric.addressOf(hop, t.toward)
	t.error = &e
	return why
}

// refusal is the ICMP error as the sender sees it.
func (t *traveller) refusal(sender netip.Addr) *ICMPError {
	if t.error != nil && (t.error.Local || !t.error.By.IsValid()) {
		t.error.By = sender
	}
	return t.error
}

// distance is what lies between two hubs of different regions, or between the
// two ends of a peering of transit gateways.
func (f *Fabric) distance(from, to Hop) time.Duration {
	if from.Kind == "attachment" && to.Kind == "attachment" && f.spans[from.ID] {
		return betweenRegions
	}
	region := func(hop Hop) string {
		if hop.Kind == "hub" {
			return f.hubs[fold(hop.ID)].Region
		}
		return ""
	}
	if a, b := region(from), region(to); a != "" && b != "" && a != b {
		return betweenRegions
	}
	return 0
}

// addressOf is the address from which a hop speaks: a gateway's by the BGP
// address of its first instance, a tunnel's by its end on the sender's side, a
// hub's by the first host of its range. The others have none.
func (f *Fabric) addressOf(hop Hop, toward string) netip.Addr {
	switch hop.Kind {
	case "hub":
		return f.hubs[fold(hop.ID)].Prefix.Masked().Addr().Next()
	case "gateway":
		return f.gatewayAddress(hop.ID)
	case "tunnel":
		outside, err := netip.ParseAddr(hop.ID)
		if err != nil {
			return netip.Addr{}
		}
		if toward == TowardAzure {
			aws, _ := insideHosts(f.ends[outside].tunnel.Inside)
			return aws
		}
		for _, pair := range f.pairsOf[outside] {
			if pair.Up {
				return f.gatewayAddress(pair.Gateway)
			}
		}
	}
	return netip.Addr{}
}

func (f *Fabric) gatewayAddress(id string) netip.Addr {
	gateway := f.gateways[fold(id)]
	if len(gateway.Instances) > 0 && len(gateway.Instances[0].Default) > 0 {
		return gateway.Instances[0].Default[0]
	}
	return f.hubs[fold(gateway.Hub)].Prefix.Masked().Addr().Next()
}
