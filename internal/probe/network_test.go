package probe

import (
	"errors"
	"net/netip"
	"time"
)

var (
	host     = netip.MustParseAddr("10.1.0.4")
	stranger = netip.MustParseAddr("10.9.9.9")
	router   = netip.MustParseAddr("10.1.0.1")
)

// network is what a Wire of a test does to an echo, by its number from 0.
type network func(number int, e Echo) ([]Delivery, error)

// wire makes a Wire of it, and counts what is sent.
func (n network) wire() (Wire, *[]time.Time) {
	var sent []time.Time
	return Carried(func(e Echo) ([]Delivery, error) {
		sent = append(sent, time.Now())
		return n(len(sent)-1, e)
	}), &sent
}

// answer is an answer of the host that was asked.
func answer(e Echo, after time.Duration) Delivery {
	return Delivery{after, Arrival{From: e.To, TTL: 61}}
}

// after answers each echo after the same time.
func after(latency time.Duration) network {
	return func(_ int, e Echo) ([]Delivery, error) { return []Delivery{answer(e, latency)}, nil }
}

// path has links of different MTUs: what is larger than passes is lost, without a
// word up to silent, and above it with one from the router that names told.
type path struct{ passes, silent, told int }

func (p path) carry(_ int, e Echo) ([]Delivery, error) {
	switch {
	case !e.DontFragment:
		return nil, errors.New("a search sends packets that may be fragmented")
	case e.Size <= p.passes:
		return []Delivery{answer(e, 10*time.Millisecond)}, nil
	case e.Size <= p.silent:
		return nil, nil
	}
	return []Delivery{tooBig(p.told)}, nil
}

func tooBig(mtu int) Delivery {
	return Delivery{4 * time.Millisecond, Arrival{From: router, Refusal: &Refusal{Text: "fragmentation needed", MTU: mtu, TooBig: true}}}
}
