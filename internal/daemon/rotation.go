package daemon

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"linkd/internal/desired"
	"linkd/internal/journal"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/rotate"
)

// keys is what the daemon does about the keys of links.
type keys struct {
	rotation *rotation            // nil: none is under way
	ordered  *ordered             // the last order of a person; nil: none
	of       map[string]*schedule // by link
}

// rotation is new keys for the tunnels of a link, under way. It takes longer than
// any repair may, one tunnel after the other, and is none of them.
type rotation struct {
	link  string
	since time.Time
	waits string       // what it waits for before its first turn, or ""
	turn  *rotate.Turn // the one under way; nil: none
	began time.Time    // when that did
	told  bool         // it was recorded how it ended, by its turn
	// half says of the turn under way that AWS has the new key, or may have, and Azure does not
	// yet; both, that Azure has it too.
	half, both atomic.Bool
	// ordered is the order that it is of; nil: it follows the schedule.
	ordered *ordered
	writes  map[resource.ID]bool
	cancel  context.CancelCauseFunc
}

// schedule is what is remembered of the keys of a link: why those that are due are
// not changed, and how often that has failed.
type schedule struct {
	held      rotate.Turn // its Held is empty: nothing holds them
	failures  int         // in a row
	problem   string      // of the last
	notBefore time.Time   // the next try
}

// link is what is remembered of the keys of one.
func (k *keys) link(name string) *schedule {
	if k.of[name] == nil {
		k.of[name] = &schedule{}
	}
	return k.of[name]
}

// rotateDue begins new keys for the first link whose turn it is, and reports
// whether it has: one link goes at a time, while nothing is mended or to be mended. A
// key that is changed by half goes before a repair of it. It is decided on
// what the last audit saw, and asks no cloud.
func (d *Daemon) rotateDue(plan reconcile.Plan, now time.Time) bool {
	if d.keys.rotation != nil || d.drills.running != nil || len(d.repairs) > 0 {
		return false
	}
	quiet := len(plan.Writes()) == 0
	if d.keys.ordered.open() {
		return d.rotateOrdered(d.keys.ordered, quiet, now)
	}
	if plan.Refused != "" {
		return false
	}
	for _, link := range d.current.file.Links {
		known := d.keys.link(link.Name)
		if !d.isDue(link, now) {
			known.held = rotate.Turn{}
			continue
		}
		if now.Before(known.notBefore) || !quiet && !rotate.HalfDone(link, d.saw.World) {
			continue
		}
		order := rotate.Order{Links: []string{link.Name}, Due: now}
		rotator := d.rotator(reconcile.Consent{}, now)
		turns, err := d.planKeys(rotator, order, now)
		if err != nil || len(turns) == 0 {
			continue // the file has changed, and the next audit sees it
		}
		if at := firstHeld(turns); at >= 0 {
			d.holdKeys(known, turns[at])
			continue
		}
		known.held = rotate.Turn{}
		d.startRotation(link, rotator, order, now)
		return true
	}
	return false
}

// isDue reports whether a link is to get new keys by its schedule, or a rotation
// by it was begun and not ended.
func (d *Daemon) isDue(link desired.Link, now time.Time) bool {
	return link.Keys.RotateEvery > 0 && !link.Keys.Given() &&
		(len(rotate.Due(link, d.saw.World, now)) > 0 || rotate.Unfinished(link, d.saw.World))
}

// holdKeys notes why keys that are due are not changed, and tells it when that is
// another reason than before.
func (d *Daemon) holdKeys(known *schedule, turn rotate.Turn) {
	if known.held.Held != turn.Held || known.held.Tunnel != turn.Tunnel {
		d.record(turnEntry(journal.Held, turn, "its key is due, and is not changed: "+turn.Text))
	}
	known.held = turn
}

// rotator gives new keys in the circumstances of now, which are those of a
// repair, but for approvals: they name differences, and a new key is none yet.
func (d *Daemon) rotator(consent reconcile.Consent, now time.Time) *rotate.Rotator {
	engine, at := *d.current.engine, d.circumstances(now)
	at.Approvals, at.Consent = nil, consent
	engine.At = func() reconcile.Circumstances { return at }
	return &rotate.Rotator{Engine: &engine}
}

// startRotation gives the tunnels of a link new keys, beside the loop. It ends
// with the file in force, and with a pause; what it has begun stands in the
// clouds.
func (d *Daemon) startRotation(link desired.Link, rotator *rotate.Rotator, order rotate.Order, now time.Time) *rotation {
	d.round++
	ctx, cancel := context.WithCancelCause(d.current.ctx)
	r := &rotation{link: link.Name, since: now, writes: connectionsOf(link), cancel: cancel}
	d.keys.rotation = r
	rotator.Begin = func(turn rotate.Turn) func(rotate.Turn, error) {
		r.half.Store(turn.What == rotate.Finish)
		r.both.Store(turn.What == rotate.Prove)
		d.report(func() { d.turnBegins(r, turn) })
		return func(turn rotate.Turn, err error) {
			if err != nil && ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			d.report(func() { d.turnEnded(r, turn, err) })
		}
	}
	rotator.Walk = func(engine *reconcile.Engine, _ reconcile.Plan) { r.follow(engine) }
	rotator.Waiting = func(text string) { d.report(func() { d.rotationWaits(r, text) }) }
	d.running.Go(func() {
		defer cancel(nil)
		err := d.rotated(ctx, rotator, order)
		if err != nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		d.report(func() { d.rotationEnded(r, err) })
	})
	return r
}

// follow notes which clouds have the new key, as the walk of a turn goes on.
func (r *rotation) follow(engine *reconcile.Engine) {
	listen, azure := engine.Listen, desired.AzureConnectionID(r.link)
	engine.Listen = func(e reconcile.Event) {
		switch {
		case e.What == reconcile.Sending && e.ID != azure:
			r.half.Store(true)
		case e.What == reconcile.Running && e.ID == azure:
			r.half.Store(false)
			r.both.Store(true)
		}
		listen(e)
	}
}

// connectionsOf are the resources that hold the keys of a link.
func connectionsOf(link desired.Link) map[resource.ID]bool {
	all := map[resource.ID]bool{desired.AzureConnectionID(link.Name): true}
	for _, instance := range link.Instances() {
		all[desired.AWSConnectionID(link.Name, instance)] = true
	}
	return all
}

// rotated carries out a rotation; a panic is an error of that alone.
func (d *Daemon) rotated(ctx context.Context, rotator *rotate.Rotator, order rotate.Order) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			d.Metrics.Panicked("rotation")
			err = fmt.Errorf("cannot go on with new keys: this is a defect of linkd: %v", cause)
		}
	}()
	return rotator.Run(ctx, order)
}

// touched are the resources that a rotation may write, and the tunnel that it
// interrupts.
func (r *rotation) touched() map[resource.ID]bool {
	if r == nil {
		return nil
	}
	all := maps.Clone(r.writes)
	if r.turn != nil {
		all[desired.AWSTunnelID(r.turn.Tunnel)], all[desired.AzureTunnelID(r.turn.Tunnel)] = true, true
	}
	return all
}

// stoppedBy reports whether an error is that of something that was ended, and did
// not fail.
func stoppedBy(err error) bool {
	return slices.ContainsFunc([]error{errBudget, errStopped, errPaused, errReloaded}, func(cause error) bool { return errors.Is(err, cause) })
}

// noteLag is for how long after a rotation AWS may still show the note as it was.
const noteLag = 5 * time.Minute

// rotationEnded notes how a rotation ended.
func (d *Daemon) rotationEnded(r *rotation, err error) {
	now := time.Now()
	d.keys.rotation = nil
	maps.Copy(d.landed, r.touched())
	if err != nil && !r.told && !stoppedBy(err) {
		d.record(journal.Entry{Event: journal.Failed, Link: r.link, Text: "new keys cannot be given: " + err.Error()})
	}
	known := d.keys.link(r.link)
	switch {
	case err == nil:
		*known = schedule{notBefore: now.Add(noteLag)}
	case r.ordered == nil && !stoppedBy(err):
		known.fail(err, now)
	}
	switch {
	case r.ordered == nil:
	case err == nil:
		r.ordered.linkDone(now)
	default:
		r.ordered.end(err, now)
	}
	d.again, d.survey.wanted = true, true
	d.publish()
}

// fail notes that a rotation by the schedule failed, or came to be held after its
// begin: it is tried again, each time later.
func (s *schedule) fail(err error, now time.Time) {
	if held, is := errors.AsType[*rotate.Held](err); is {
		s.held = held.Turn
	}
	s.failures++
	s.problem, s.notBefore = err.Error(), now.Add(patience(s.failures))
}

// keysWake is when keys that are not changed now may be, or zero: they become
// due, a window opens, what failed is tried again, or the last rotation is long
// enough ago.
func (d *Daemon) keysWake(now time.Time) time.Time {
	var next time.Time
	earliest := func(at time.Time) {
		if at.After(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	for _, link := range d.current.file.Links {
		if link.Keys.RotateEvery == 0 {
			continue
		}
		known := d.keys.link(link.Name)
		if d.isDue(link, known.notBefore) {
			earliest(known.notBefore)
		}
		if known.held.Held == reconcile.HeldWindow {
			_, opens := d.current.file.WindowAt(now)
			earliest(opens)
		}
		for _, age := range rotate.Ages(link, d.saw.World) {
			earliest(age.Due)
		}
	}
	return next
}
