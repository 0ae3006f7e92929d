package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"linkd/internal/desired"
	"linkd/internal/examine"
	"linkd/internal/journal"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/survey"
	"linkd/internal/verify"
)

// look is one of the schedules, and what came of it.
type look struct {
	name    string
	clock   *clockwork
	since   time.Time // when the one that runs began; zero: none runs
	late    bool      // a tick has come while it ran
	last    time.Time
	success time.Time
	took    time.Duration
	result  string
	defect  string // the defect of linkd's that the last one met and survived, or ""
}

// The results of a look.
const (
	complete   = "complete"
	incomplete = "incomplete" // a part could not be read
	failed     = "failed"     // nothing could be
	panicked   = "panicked"
)

func (l *look) runs() bool { return !l.since.IsZero() }

func (l *look) overdue(now time.Time, limit time.Duration) bool {
	return l.runs() && now.Sub(l.since) > limit
}

// follow has the look made at the times of an expression from now on.
func (l *look) follow(expression string, zone *time.Location, jitter time.Duration, now time.Time) {
	if expression == desired.Off {
		l.clock = newClockwork(desired.Never{}, 0, now)
		return
	}
	if times, err := desired.ParseTimes(expression, zone); err == nil { // validation refuses a file with another
		l.clock = newClockwork(times, jitter, now)
	}
}

// ends notes how a look ended.
func (l *look) ends(now time.Time, result string) {
	l.last, l.took, l.result, l.since, l.late = now, now.Sub(l.since), result, time.Time{}, false
	if result == complete {
		l.success = now
	}
}

// sight is what a look saw.
type sight struct {
	compared reconcile.Comparison // of an audit
	found    []verify.Finding
	world    resource.World // of a look at the tunnels alone
	seen     *survey.Survey
	result   string
	panic    string
}

// startAudit looks at everything, beside the loop.
func (d *Daemon) startAudit(now time.Time) {
	d.audit.since, d.landed = now, map[resource.ID]bool{}
	engine, seen, earlier := d.current.engine, d.survey.fresh(now), d.counted
	d.waiting, d.wanted = d.wanted, nil
	d.observe(&d.audit, func(ctx context.Context) sight {
		world, strays := reconcile.ObserveOwn(ctx, engine.Clouds)
		saw := reconcile.Compare(engine.Graph, world, strays)
		return sight{compared: saw, found: examine.Findings(engine, earlier, saw, seen), result: completeness(world, engine.Graph.Order())}
	}, func(saw sight) {
		if saw.result == complete {
			d.tunnels.success = d.audit.success // an audit looks at the tunnels too
		}
		d.audited(saw)
		d.answerWaiting()
	})
}

// answerWaiting answers those who wait for the audit that has ended.
func (d *Daemon) answerWaiting() {
	for _, ended := range d.waiting {
		close(ended)
	}
	d.waiting = nil
}

// startTunnels looks at the status of the tunnels alone.
func (d *Daemon) startTunnels(now time.Time) {
	d.tunnels.since = now
	engine := d.current.engine
	var ids []resource.ID
	for _, pair := range pairs(d.current.file) {
		ids = append(ids, pair.azure, pair.aws)
	}
	d.observe(&d.tunnels, func(ctx context.Context) sight {
		world := reconcile.ObserveTunnels(ctx, engine.Clouds)
		return sight{world: world, result: completeness(world, ids)}
	}, d.tunnelsSeen)
}

// observe runs a look within the budget and hands what it saw to the loop,
// unless another file has come into force meanwhile, or the daemon stops. A
// panic is a result.
func (d *Daemon) observe(l *look, do func(context.Context) sight, then func(sight)) {
	generation, parent, budget := d.current.generation, d.current.ctx, d.budget()
	d.running.Go(func() {
		ctx, cancel := context.WithTimeoutCause(parent, budget, fmt.Errorf("the look took longer than its budget of %s", budget))
		defer cancel()
		saw := guarded(ctx, do)
		d.report(func() {
			if generation != d.current.generation {
				return
			}
			if errors.Is(context.Cause(parent), errStopped) {
				d.answerWaiting()
				return // what it did not see any more is no news of the clouds
			}
			l.ends(time.Now(), saw.result)
			d.Metrics.Looked(l.name, l.took, saw.result)
			d.noteDefect(l, saw)
			then(saw)
		})
	})
	d.publish()
}

// noteDefect counts a look in which a part was not seen for a defect of linkd's,
// and tells it once.
func (d *Daemon) noteDefect(l *look, saw sight) {
	before := l.defect
	l.defect = ""
	if saw.seen != nil {
		l.defect = saw.seen.Defect
	}
	for _, world := range []resource.World{saw.compared.World, saw.world} {
		for _, live := range world {
			if live.Defect {
				l.defect = max(l.defect, live.Why)
			}
		}
	}
	if l.defect == "" {
		return
	}
	d.Metrics.Panicked(l.name)
	if l.defect != before {
		d.record(journal.Entry{Event: journal.Panicked, Text: "a part of the " + l.name + " look was not seen: " + l.defect})
	}
}

// guarded runs a look and turns a panic into what it saw.
func guarded(ctx context.Context, do func(context.Context) sight) (saw sight) {
	defer func() {
		if cause := recover(); cause != nil {
			saw = sight{result: panicked, panic: fmt.Sprint(cause)}
		}
	}()
	return do(ctx)
}

// completeness says how much of what should be seen was seen.
func completeness(world resource.World, ids []resource.ID) string {
	unseen := 0
	for _, id := range ids {
		if world[id].Phase == resource.Unknown {
			unseen++
		}
	}
	switch {
	case unseen == 0:
		return complete
	case unseen == len(ids):
		return failed
	}
	return incomplete
}
