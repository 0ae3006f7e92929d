package daemon

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/drill"
	"linkd/internal/journal"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// drilling is a drill that a person ordered, under way. It is one of the things
// that go alone: while it is, no key is changed and nothing of its link repaired.
type drilling struct {
	told   control.Drill
	writes map[resource.ID]bool
	// down says that AWS has taken the request that takes the tunnel down: nothing
	// more is written, and AWS brings the tunnel back.
	down   atomic.Bool
	cancel context.CancelCauseFunc
}

// Drill implements [control.Daemon]: what must not be done is told, and then
// nothing is begun.
func (d *Daemon) Drill(ctx context.Context, by string, request control.DrillRequest) (told control.Drill, err error) {
	posted := d.post(ctx, func() { told, err = d.orderDrill(by, request, time.Now()) }) //nolint:contextcheck // a drill ends with the file in force, and not with who ordered it
	return told, errors.Join(posted, err)
}

func (d *Daemon) orderDrill(by string, request control.DrillRequest, now time.Time) (control.Drill, error) {
	if !d.judged {
		return control.Drill{}, &control.Refusal{Text: "cannot drill: linkd has not seen the link yet", Hint: "its first audit runs; linkd status tells when it has ended"}
	}
	if told := d.drills.of(request.Link); request.ID != "" && told.ID == request.ID {
		return told, nil
	}
	driller, order := d.driller(request, now), drill.Order{Link: request.Link, Tunnel: request.Tunnel}
	t, refused, err := driller.PlanIn(d.saw.World, order)
	if err != nil {
		return control.Drill{}, &control.Refusal{Text: err.Error(), Hint: resource.HintOf(err)}
	}
	if refused == nil {
		refused = d.notAlone(t)
	}
	told := control.Drill{ID: request.ID, By: by, Link: t.Link, Tunnel: t.Name(), State: control.DrillPlanned, Pairs: []control.DrillPair{}}
	switch {
	case refused != nil:
		told.State, told.Held, told.Problem = control.DrillHeld, string(refused.Held), refused.Text
	case !request.DryRun:
		told.State, told.Began = control.DrillRunning, now
		d.startDrill(driller, t, told)
	}
	return told, nil
}

// driller makes drills in the circumstances of now, which are those of a repair,
// but for approvals: they name differences, and a drill is none yet. What repairs
// have written just now it looks at by itself.
func (d *Daemon) driller(request control.DrillRequest, now time.Time) *drill.Driller {
	engine, at := *d.current.engine, d.circumstances(now)
	at.Approvals, at.InFlight = nil, nil
	at.Consent = reconcile.Consent{Approvals: request.Approve, Window: request.Now}
	engine.At = func() reconcile.Circumstances {
		at := at
		at.Now = time.Now()
		return at
	}
	return &drill.Driller{Engine: &engine}
}

// notAlone says what of linkd's own is under way, or nil: one thing is written at a
// time.
func (d *Daemon) notAlone(t desired.Tunnel) *drill.Refused {
	no := func(text string) *drill.Refused {
		return &drill.Refused{Tunnel: t.Name(), Held: reconcile.HeldInFlight, Text: text}
	}
	switch {
	case d.drills.running != nil:
		return no("a drill of " + d.drills.running.told.Tunnel + " is under way")
	case d.keys.rotation != nil:
		return no("tunnels of " + d.keys.rotation.link + " are being given new keys")
	case d.keys.ordered.open():
		return no(d.keys.ordered.told.By + " has ordered new keys, and they are not all given")
	case len(d.repairs) > 0:
		return no("a repair is under way")
	}
	return nil
}

// startDrill makes a drill, beside the loop. It ends with the file in force, and by
// a pause as long as the tunnel has not been taken down.
func (d *Daemon) startDrill(driller *drill.Driller, t desired.Tunnel, told control.Drill) {
	d.round++
	ctx, cancel := context.WithCancelCause(d.current.ctx)
	link := d.current.file.LinkNamed(t.Link)
	r := &drilling{told: told, writes: connectionsOf(*link), cancel: cancel}
	for _, other := range link.Tunnels() {
		r.writes[desired.AWSTunnelID(other)], r.writes[desired.AzureTunnelID(other)] = true, true
	}
	d.drills.running = r
	d.keepDrill(r.told)
	d.Log.Info("a drill was ordered", "by", told.By, "tunnel", told.Tunnel)
	driller.Say = func(text string) {
		d.report(func() {
			r.told.Steps = append(slices.Clone(r.told.Steps), text)
			d.Log.Info("a step of a drill", "tunnel", r.told.Tunnel, "text", text)
		})
	}
	driller.Walk = func(engine *reconcile.Engine, _ reconcile.Plan) {
		d.report(func() { d.record(r.entry(journal.Drilling, "")) })
		listen := engine.Listen
		engine.Listen = func(e reconcile.Event) {
			if e.What == reconcile.Running {
				r.down.Store(true)
			}
			listen(e)
		}
	}
	if meter := d.meter(); meter != nil {
		driller.Meter = meter
	}
	order := drill.Order{Link: t.Link, Tunnel: t.Name()}
	d.running.Go(func() {
		defer cancel(nil)
		report, err := d.drilled(ctx, driller, order)
		if err != nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		d.report(func() { d.drillEnded(r, report, err) })
	})
	d.publish()
}

// drilled carries out a drill; a panic is an error of that alone.
func (d *Daemon) drilled(ctx context.Context, driller *drill.Driller, order drill.Order) (report drill.Report, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			d.Metrics.Panicked("drill")
			err = fmt.Errorf("cannot go on with the drill: this is a defect of linkd: %v", cause)
		}
	}()
	return driller.Run(ctx, order)
}

// entry tells something of a drill.
func (r *drilling) entry(event journal.Event, text string) journal.Entry {
	return journal.Entry{Event: event, Link: r.told.Link, Resource: "link/" + r.told.Link, By: r.told.By, Text: text}
}

// touched are the resources of which a drill passes through what is no news, and
// which nobody mends meanwhile.
func (r *drilling) touched() map[resource.ID]bool {
	if r == nil {
		return nil
	}
	return r.writes
}

// drillEnded notes how a drill ended.
func (d *Daemon) drillEnded(r *drilling, report drill.Report, err error) {
	d.drills.running = nil
	maps.Copy(d.landed, r.writes)
	r.told = EndedDrill(r.told, report, err, time.Now())
	entry := r.entry(journal.Drilled, report.Line())
	switch r.told.State {
	case control.DrillHeld:
		entry.Event, entry.Held, entry.Text = journal.Held, r.told.Held, r.told.Problem
	case control.DrillStopped:
		entry.Event, entry.Text = journal.Unfinished, r.told.Problem
	case control.DrillFailed:
		entry.Event, entry.Text = journal.Failed, r.told.Problem
	}
	d.record(entry)
	r.told = after(d.drills.last[r.told.Link], r.told)
	d.drills.last[r.told.Link] = r.told
	d.keepDrill(r.told)
	d.Metrics.Drilled(r.told.State)
	d.again, d.survey.wanted = true, true
	d.publish()
}
