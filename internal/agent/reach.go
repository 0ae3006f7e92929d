package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"linkd/internal/resource"
)

// How long is waited before the next try to connect: twice as long after each
// failure, and a random part of it less, so that many do not come at once.
const (
	firstWait   = time.Second
	longestWait = time.Minute
	// settled is how long a connection stands before the waits begin anew.
	settled = time.Minute
)

// Keep connects again and again until ctx ends, and waits ever longer in
// between. Serve has a connection until that ends; failed is told why each one
// did, and may be nil.
func Keep(ctx context.Context, log *slog.Logger, what string, dial func(context.Context) (net.Conn, error), serve func(context.Context, net.Conn) error, failed func(error)) {
	wait, said := firstWait, ""
	for ctx.Err() == nil {
		began := time.Now()
		err := once(ctx, dial, serve)
		if ctx.Err() != nil {
			return
		}
		if failed != nil {
			failed(err)
		}
		if time.Since(began) > settled {
			wait, said = firstWait, ""
		}
		pause := wait/2 + rand.N(wait/2)
		if text := err.Error(); text != said { // the same reason is told once
			said = text
			log.Warn("no connection", "with", what, "why", text, "hint", HintOf(err), "again_in", pause.Round(time.Millisecond).String())
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
		wait = min(2*wait, longestWait)
	}
}

func once(ctx context.Context, dial func(context.Context) (net.Conn, error), serve func(context.Context, net.Conn) error) error {
	dialling, cancel := context.WithTimeoutCause(ctx, greeting, errors.New("nobody answers"))
	defer cancel()
	connection, err := dial(dialling)
	if err != nil {
		return fmt.Errorf("cannot connect: %w", err)
	}
	return serve(ctx, connection)
}

// HintOf is what to do about an error of a connection, or "".
func HintOf(err error) string {
	if refused, is := errors.AsType[*Refused](err); is {
		return refused.Hint
	}
	return resource.HintOf(err)
}

// mostConnections is how many connections may stand at once. Who shows no
// certificate of ours is gone after the time of a greeting.
const mostConnections = 512

// Accept serves whoever connects until ctx ends. It closes the listener.
func Accept(ctx context.Context, log *slog.Logger, listener net.Listener, serve func(context.Context, net.Conn) error) error {
	defer context.AfterFunc(ctx, func() { _ = listener.Close() })()
	var running sync.WaitGroup
	defer running.Wait()
	room := make(chan struct{}, mostConnections)
	for {
		connection, err := listener.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = connection.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("cannot take connections any more: %w", err)
		case err != nil: // too many open files: it passes
			log.Warn("a connection could not be taken", "why", err.Error())
			time.Sleep(firstWait)
			continue
		}
		select {
		case room <- struct{}{}:
		default:
			_ = connection.Close()
			continue
		}
		running.Go(func() {
			defer func() { <-room }()
			if err := serve(ctx, connection); err != nil && ctx.Err() == nil {
				log.Warn("a connection has ended", "address", connection.RemoteAddr().String(), "why", err.Error(), "hint", HintOf(err))
			}
		})
	}
}

// Connect keeps a connection to the daemon until ctx ends.
func (a *Agent) Connect(ctx context.Context, address string, dial func(context.Context) (net.Conn, error)) {
	Keep(ctx, a.Log, address, dial, func(ctx context.Context, c net.Conn) error { return a.Serve(ctx, c, true) }, nil)
}

// Listen serves a daemon that dials, until ctx ends. It closes the listener.
func (a *Agent) Listen(ctx context.Context, listener net.Listener) error {
	return Accept(ctx, a.Log, listener, func(ctx context.Context, c net.Conn) error { return a.Serve(ctx, c, false) })
}
