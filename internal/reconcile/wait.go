package reconcile

import (
	"context"
	"time"

	"linkd/internal/resource"
)

// The bounds of the pauses between two looks at a resource that is under way.
const (
	firstLook   = 200 * time.Millisecond // an operation may be done at once
	shortest    = time.Second
	longest     = 5 * time.Second  // near the expected end
	rarely      = 60 * time.Second // before anything can have happened
	overdue     = 15 * time.Second // long after the expected end
	longestBusy = 30 * time.Second // between two tries of a refused write
)

// pause is how long to wait before the next look at an operation that has run
// for elapsed and usually takes span. Reading is cheap but counted: before the
// least time that was ever seen it looks rarely, around the usual time every
// few seconds, at a three-hundredth of the whole, so that the end is learned
// within a percent of it; long after, it slows down again.
func pause(span resource.Span, elapsed time.Duration) time.Duration {
	near := min(max(span.Typical/300, shortest), longest)
	switch {
	case elapsed <= 0:
		return firstLook
	case elapsed < span.Least:
		return max(min(span.Least-elapsed, rarely), near)
	case elapsed < 2*span.Typical+time.Minute:
		return near
	}
	return overdue
}

// backoff is how long to wait before try number tries (from 1) of a call that
// was refused for now. What the cloud asks for is obeyed.
func backoff(tries int, asked time.Duration) time.Duration {
	if asked > 0 {
		return asked
	}
	return min(shortest<<min(tries-1, 5), longestBusy)
}

// sleep waits for span of the clouds' time, which runs scale times as fast
// as ours when they are simulated.
func sleep(ctx context.Context, span time.Duration, scale float64) error {
	timer := time.NewTimer(time.Duration(float64(span) / scale))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
