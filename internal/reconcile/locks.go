package reconcile

import (
	"context"
	"slices"
	"sync"
	"time"
)

// locks lets one write at a time through each name. Whoever has the longest
// path behind it goes first, so that a short write never delays the end of
// the whole.
type locks struct {
	mu    sync.Mutex
	held  map[string]bool
	queue []*waiter
}

type waiter struct {
	names    []string
	priority time.Duration
	granted  chan struct{}
}

func newLocks() *locks { return &locks{held: map[string]bool{}} }

// acquire takes all names at once, or waits until it can. The release it
// returns may be called more than once.
func (l *locks) acquire(ctx context.Context, names []string, priority time.Duration) (release func(), err error) {
	w := &waiter{names: names, priority: priority, granted: make(chan struct{})}
	l.mu.Lock()
	l.queue = append(l.queue, w)
	slices.SortStableFunc(l.queue, func(a, b *waiter) int { return int(b.priority - a.priority) })
	l.grant()
	l.mu.Unlock()

	release = sync.OnceFunc(func() { l.release(names) })
	select {
	case <-w.granted:
		return release, nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	at := slices.Index(l.queue, w)
	if at >= 0 {
		l.queue = slices.Delete(l.queue, at, at+1)
	}
	l.mu.Unlock()
	if at < 0 {
		release()
	}
	return nil, context.Cause(ctx)
}

// grant lets every waiter go, in the order of the queue, whose names are
// free. The mutex is held.
func (l *locks) grant() {
	l.queue = slices.DeleteFunc(l.queue, func(w *waiter) bool {
		if slices.ContainsFunc(w.names, func(name string) bool { return l.held[name] }) {
			return false
		}
		for _, name := range w.names {
			l.held[name] = true
		}
		close(w.granted)
		return true
	})
}

func (l *locks) release(names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		delete(l.held, name)
	}
	l.grant()
}
