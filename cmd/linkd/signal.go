package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// stoppable ends the context at the first request to stop, after it was said.
// The second has the effect that it has on any program.
func stoppable(ctx context.Context, say func(string)) (stoppable context.Context, release func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
			signal.Stop(signals)
			say("Stopping. The clouds go on with what they accepted; run the same command again and linkd goes on from there.")
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel()
	}
}
