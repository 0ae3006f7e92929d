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
		delay := wait/2 + rand.N(wait/2)
		if text := err.Error(); isTold(err) {
			said = ""
		} else if text != said { // the same reason is told once
			said = text
			log.Warn("no connection", append([]any{"with", what, "again_in", delay.Round(time.Millisecond).String()}, Why(err)...)...)
		}
		pause(ctx, delay)
		wait = min(2*wait, longestWait)
	}
}

// pause waits for so long, or until ctx ends.
func pause(ctx context.Context, long time.Duration) {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func once(ctx context.Context, dial func(context.Context) (net.Conn, error), serve func(context.Context, net.Conn) error) error {
	dialling, cancel := context.WithTimeoutCause(ctx, greeting, errNobody)
	defer cancel()
	connection, err := dial(dialling)
	if err != nil {
		return fmt.Errorf("cannot connect: %w", explainDial(dialling, err))
	}
	return serve(ctx, connection)
}

var errFull = resource.WithHint(fmt.Errorf("%d connections stand already", mostConnections), "see who dials this port that is neither linkd nor an agent of it: ss -tn")

// mostConnections is how many connections may stand at once. Who shows no
// certificate of ours is gone after the time of a greeting.
const mostConnections = 512

// Accept serves whoever connects until ctx ends. It closes the listener.
func Accept(ctx context.Context, log *slog.Logger, listener net.Listener, serve func(context.Context, net.Conn) error) error {
	defer context.AfterFunc(ctx, func() { _ = listener.Close() })()
	var running sync.WaitGroup
	defer running.Wait()
	room, said := make(chan struct{}, mostConnections), &reasons{}
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
			if said.news("", err) {
				log.Warn("connections cannot be taken", "why", err.Error())
			}
			pause(ctx, firstWait)
			continue
		}
		select {
		case room <- struct{}{}:
		default:
			_ = connection.Close()
			if said.news("", errFull) {
				log.Warn("a connection is not taken", Why(errFull)...)
			}
			continue
		}
		running.Go(func() {
			defer func() { <-room }()
			address := connection.RemoteAddr().String()
			switch err := serve(ctx, connection); {
			case err == nil || ctx.Err() != nil:
			case isTold(err):
				said.forget(hostOf(address))
			case said.news(hostOf(address), err):
				log.Warn("who has connected is not served", append([]any{"address", address}, Why(err)...)...)
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
