package agenttest

import (
	"context"
	"net"
	"sync"
	"syscall"
	"time"
)

// Doors are listeners in memory, by their addresses.
type Doors struct {
	mu  sync.Mutex
	all map[string]*place
}

// place is an address.
type place struct {
	knocks  chan net.Conn
	pipes   []*Pipe
	severed bool
}

// with calls do with the place of an address.
func (d *Doors) with(address string, do func(*place)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all == nil {
		d.all = map[string]*place{}
	}
	if d.all[address] == nil {
		d.all[address] = &place{knocks: make(chan net.Conn)}
	}
	do(d.all[address])
}

// Dial connects to who listens at an address. Where nobody does, it is refused
// after a second; where the way is severed, nothing answers.
func (d *Doors) Dial(ctx context.Context, address string) (net.Conn, error) {
	var knocks chan net.Conn // nil: nobody hears
	var refused <-chan time.Time
	d.with(address, func(p *place) {
		if !p.severed {
			knocks, refused = p.knocks, time.After(time.Second)
		}
	})
	near, far := NewPipe()
	var err error
	select {
	case knocks <- far:
		d.with(address, func(p *place) { p.pipes = append(p.pipes, near, far) })
		return near, nil
	case <-refused:
		err = syscall.ECONNREFUSED
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	_, _ = near.Close(), far.Close()
	return nil, err
}

// Sever cuts all connections to an address without a word to either end, and
// the way there.
func (d *Doors) Sever(address string) {
	d.with(address, func(p *place) {
		p.severed = true
		for _, pipe := range p.pipes {
			pipe.Sever()
		}
	})
}

// Mend opens the way to an address that was severed. The connections that were
// cut stay so, and must have been closed by both ends.
func (d *Doors) Mend(address string) {
	d.with(address, func(p *place) {
		for _, pipe := range p.pipes {
			pipe.End()
		}
		p.pipes, p.severed = nil, false
	})
}

// Listen listens at an address.
func (d *Doors) Listen(_ context.Context, address string) (net.Listener, error) {
	listener := &door{closed: make(chan struct{})}
	d.with(address, func(p *place) { listener.at = p.knocks })
	return listener, nil
}

// door is one listener.
type door struct {
	at     chan net.Conn
	once   sync.Once
	closed chan struct{}
}

// Accept waits for somebody to dial.
func (d *door) Accept() (net.Conn, error) {
	select {
	case c := <-d.at:
		return c, nil
	case <-d.closed:
		return nil, net.ErrClosed
	}
}

// Close ends a waiting Accept.
func (d *door) Close() error {
	d.once.Do(func() { close(d.closed) })
	return nil
}

// Addr says nothing: it has none.
func (d *door) Addr() net.Addr { return &net.TCPAddr{} }
