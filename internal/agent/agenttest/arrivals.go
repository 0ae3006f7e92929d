package agenttest

import (
	"context"
	"net/netip"
	"sync"
)

// Arrivals are hosts that count the echo requests that come in: what stands for
// their raw sockets. Its zero value has none that counts.
type Arrivals struct {
	mu    sync.Mutex
	hosts map[netip.Addr]func(from netip.Addr)
}

// At is how a host counts, as an agent is given it: until ctx ends it is told of
// each request that comes in there.
func (a *Arrivals) At(host netip.Addr) func(context.Context, func(netip.Addr)) error {
	return func(ctx context.Context, arrived func(netip.Addr)) error {
		a.set(host, arrived)
		<-ctx.Done()
		a.set(host, nil)
		return nil
	}
}

func (a *Arrivals) set(host netip.Addr, arrived func(netip.Addr)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hosts == nil {
		a.hosts = map[netip.Addr]func(netip.Addr){}
	}
	a.hosts[host] = arrived
}

// Tell tells a host, when it counts, of a request that came in.
func (a *Arrivals) Tell(at, from netip.Addr) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if arrived := a.hosts[at]; arrived != nil {
		arrived(from)
	}
}
