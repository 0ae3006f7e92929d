package sim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Serve answers requests that come to a listener until the context ends.
func (s *Simulator) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("cannot serve %s: %w", listener.Addr(), err)
	}
	return nil
}

// Client returns an HTTP client whose every request, to whatever host, goes to
// the simulator, without a network; https is served as if it were encrypted. It
// may be used inside a testing/synctest bubble if it was made there. done closes
// both ends, after which no goroutine is left.
func (s *Simulator) Client() (client *http.Client, done func()) {
	listener := &pipes{dialled: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	var served sync.WaitGroup
	served.Go(func() { _ = server.Serve(listener) }) // ends with ErrServerClosed
	wire := &http.Transport{DialContext: listener.dial, MaxIdleConnsPerHost: 64, DisableCompression: true}
	return &http.Client{Transport: plain{wire}}, func() {
		wire.CloseIdleConnections()
		_ = server.Close()
		served.Wait()
	}
}

// plain sends requests for https addresses unencrypted, with the mark that a
// proxy would set.
type plain struct{ *http.Transport }

// RoundTrip implements [http.RoundTripper].
func (p plain) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" {
		return p.Transport.RoundTrip(r)
	}
	sent := r.Clone(r.Context())
	sent.URL.Scheme = "http"
	sent.Header.Set("X-Forwarded-Proto", "https")
	response, err := p.Transport.RoundTrip(sent)
	if response != nil {
		response.Request = r
	}
	return response, err
}

// pipes is a listener in memory.
type pipes struct {
	dialled chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.dialled <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements [net.Listener].
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.dialled:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr implements [net.Listener].
func (p *pipes) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "memory" }
