package netlab

import (
	"fmt"
	"net/netip"
	"testing"
)

// Way is three namespaces: two hosts, and between them a router whose kernel
// forwards what comes in over one veth pair to the other, by way of a TUN for
// each direction. So every packet crosses two links and a third namespace,
// which takes two off its time to live, cuts it or answers "fragmentation
// needed" by the MTU of the direction; and the test, which reads the TUN,
// delays it or loses it.
//
//	left ── veth ── router ── veth ── right
//	                 ║  ║
//	             there  back
type Way struct {
	Left, Router, Right Namespace
	There, Back         *Direction // from left to right, and from right to left
}

// HopsOfWay is what the router takes off the time to live of a packet.
const HopsOfWay = 2

// NewWay makes a way between two hosts of these addresses, of IPv4. The router
// is the host before each of them, 10.1.0.3 before 10.1.0.4.
func NewWay(t testing.TB, left, right netip.Addr) *Way {
	t.Helper()
	w := &Way{Left: New(t), Router: New(t), Right: New(t)}
	w.Router.Route(t)
	for _, name := range []string{"all", "default"} { // a packet comes back from a TUN with an address of elsewhere
		w.Router.Set(t, "net/ipv4/conf/"+name+"/rp_filter", "0")
	}
	for name, host := range map[string]struct {
		Namespace
		address netip.Addr
	}{"left": {w.Left, left}, "right": {w.Right, right}} {
		gateway := RouterOf(host.address)
		host.Join(t, "out", w.Router, name)
		host.IP(t, "address", "add", host.address.String()+"/32", "dev", "out")
		host.IP(t, "link", "set", "out", "up")
		host.IP(t, "route", "add", gateway.String(), "dev", "out")
		host.IP(t, "route", "add", "default", "via", gateway.String(), "dev", "out")
		host.Ping(t)
		w.Router.IP(t, "address", "add", gateway.String()+"/32", "dev", name)
		w.Router.IP(t, "link", "set", name, "up")
		w.Router.IP(t, "route", "add", host.address.String(), "dev", name)
	}
	w.There = w.direct(t, "there", "left", right, 101)
	w.Back = w.direct(t, "back", "right", left, 102)
	return w
}

// RouterOf is the address of the router of a way on the side of a host.
func RouterOf(host netip.Addr) netip.Addr { return host.Prev() }

// direct routes what comes in at one link of the router, and is for the other
// host, to a TUN of its own. All else is unreachable.
func (w *Way) direct(t testing.TB, name, from string, to netip.Addr, table int) *Direction {
	t.Helper()
	w.Router.AddTUN(t, name, standardMTU)
	w.Router.IP(t, "route", "add", to.String(), "dev", name, "table", fmt.Sprint(table))
	w.Router.IP(t, "route", "add", "unreachable", "default", "table", fmt.Sprint(table))
	w.Router.IP(t, "rule", "add", "iif", from, "lookup", fmt.Sprint(table))
	return newDirection(t, w.Router, name)
}
