package agenttest

import (
	"bytes"
	"net"
	"sync"
	"time"
)

// Pipe is a connection in memory that holds what is written until it is read,
// as a real one does. Cut, it swallows everything and tells nobody.
type Pipe struct {
	net.Conn
	queue chan []byte

	mu                 sync.Mutex
	cut, closed, ended bool
}

// NewPipe makes both ends of a connection.
func NewPipe() (a, b *Pipe) {
	x, y := net.Pipe()
	a, b = &Pipe{Conn: x, queue: make(chan []byte, 1000)}, &Pipe{Conn: y, queue: make(chan []byte, 1000)}
	for _, p := range []*Pipe{a, b} {
		go func() {
			for written := range p.queue {
				_, _ = p.Conn.Write(written)
			}
			_ = p.Conn.Close()
		}()
	}
	return a, b
}

// Write queues, and blocks only when a thousand writes were not read.
func (p *Pipe) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return 0, net.ErrClosed
	case !p.cut:
		p.queue <- bytes.Clone(b)
	}
	return len(b), nil
}

// Close lets the other end read what was written before, for a while. Of a
// connection that is cut it hears nothing.
func (p *Pipe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	if p.cut {
		return p.Conn.SetDeadline(time.Now())
	}
	p.ended = true
	close(p.queue)
	_ = p.SetReadDeadline(time.Now())
	return p.Conn.SetWriteDeadline(time.Now().Add(time.Second))
}

// End frees what a pipe that was cut still holds, once it is closed.
func (p *Pipe) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.ended = true
		close(p.queue)
	}
}

// SetDeadline leaves alone what writes from the queue.
func (p *Pipe) SetDeadline(t time.Time) error { return p.SetReadDeadline(t) }

// SetWriteDeadline does nothing: a write does not wait.
func (p *Pipe) SetWriteDeadline(time.Time) error { return nil }

// Sever cuts this end: what is written into it is swallowed from now on.
func (p *Pipe) Sever() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
}
