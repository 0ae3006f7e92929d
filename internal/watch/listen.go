package watch

import (
	"context"
	"net"
	"time"

	"linkd/internal/agent"
)

// listening is where agents dial in.
type listening struct {
	address string
	why     string // nobody can dial in
	stop    context.CancelFunc
}

// again is how long after a failure linkd listens anew.
const again = 30 * time.Second

// followListener starts, moves or stops listening.
func (w *Watch) followListener(address string) {
	if w.listener != nil && w.listener.address == address {
		return
	}
	if w.listener != nil {
		w.listener.stop()
		w.listener = nil
	}
	if address == "" {
		return
	}
	ctx, stop := context.WithCancel(w.ctx)
	l := &listening{address: address, stop: stop}
	w.listener = l
	w.running.Go(func() {
		for ctx.Err() == nil {
			listener, err := w.Listen(ctx, address)
			if err == nil {
				w.listens(l, "")
				err = agent.Accept(ctx, w.Log, listener, func(ctx context.Context, c net.Conn) error { return w.serve(ctx, c, "") })
			}
			if ctx.Err() != nil {
				return
			}
			w.listens(l, err.Error())
			timer := time.NewTimer(again)
			select {
			case <-timer.C:
			case <-ctx.Done():
			}
			timer.Stop()
		}
	})
}

// listens notes whether agents can dial in, and is loud once a reason.
func (w *Watch) listens(l *listening, why string) {
	w.mu.Lock()
	before := l.why
	l.why = why
	w.mu.Unlock()
	if why != "" && why != before {
		w.Log.Error("agents cannot dial in; all else goes on", "address", l.address, "why", why)
	}
}
