package probe

import (
	"context"
	"time"
)

// Burst sends target.Count echoes and returns what came back. It takes
// Count × Interval and, when the last is lost, Timeout. From is the name of the
// vantage. Result.Err says why nothing was measured: the target is outside the
// limits, the wire broke, or ctx ended before the burst.
func Burst(ctx context.Context, wire Wire, from string, target Target) Result {
	failed := func(err error) Result {
		return Result{From: from, To: target.Name, At: time.Now(), Err: err.Error()}
	}
	complete, err := target.complete()
	if err != nil {
		return failed(err)
	}
	defer context.AfterFunc(ctx, wire.Wake)()
	var result *Result
	e := newEngine(wire, from, Events{Ended: func(r Result) {
		if result == nil {
			result = &r
		}
	}})
	complete.Every += MaxTimeout + complete.Timeout // no second burst begins meanwhile
	e.add(complete, time.Now())
	for result == nil {
		if ctx.Err() != nil {
			return failed(context.Cause(ctx))
		}
		until := e.act()
		if result != nil {
			break
		}
		if err := wire.Wait(until, e.arrived); err != nil {
			return failed(err)
		}
	}
	return *result
}
