package agenttest

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// Doors are listeners in memory, by their addresses.
type Doors struct {
	mu  sync.Mutex
	all map[string]chan net.Conn
}

func (d *Doors) at(address string) chan net.Conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all == nil {
		d.all = map[string]chan net.Conn{}
	}
	if d.all[address] == nil {
		d.all[address] = make(chan net.Conn)
	}
	return d.all[address]
}

// Dial connects to who listens at an address. Where nobody does, it is refused
// after a second.
func (d *Doors) Dial(ctx context.Context, address string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case d.at(address) <- far:
		return near, nil
	case <-time.After(time.Second):
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Listen listens at an address.
func (d *Doors) Listen(_ context.Context, address string) (net.Listener, error) {
	return &door{at: d.at(address), closed: make(chan struct{})}, nil
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
