package drill

import (
	"context"
	"errors"
	"fmt"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// Meter measures what crosses a link while it is drilled.
type Meter interface {
	// Start begins to measure, and goes on until Stop. It fails when nothing can
	// be measured, with the reason.
	Start() error
	// Stop ends it, and tells what was measured.
	Stop() []Gap
}

// Driller makes drills. Its fields are set once.
type Driller struct {
	// Engine observes and walks; its At tells the circumstances, consent among
	// them.
	Engine *reconcile.Engine
	// Meter measures; nil: nothing does.
	Meter Meter
	// Walk is told of the walk that takes the tunnel down, before it, and Say of
	// each step of the drill; nil: nobody is.
	Walk func(*reconcile.Engine, reconcile.Plan)
	Say  func(text string)
}

// around is for how long is measured before the tunnel goes down and after it is
// up again, in the clouds' time.
const around = 30 * time.Second

// Report is what a drill has shown.
type Report struct {
	Link   string
	Tunnel string
	Began  time.Time
	// Out is for how long the tunnel was out of use: from the request to replace
	// its end until both clouds showed it up; in the clouds' time. 0: it is not up.
	Out  time.Duration
	Gaps []Gap // in the order of the file; none: nothing was measured
}

// Plan says which tunnel an order is of, and why it must not be taken down now; nil
// when it may. It writes nothing.
func (d *Driller) Plan(ctx context.Context, order Order) (desired.Tunnel, *Refused, error) {
	t, err := choose(d.Engine.File, order)
	if err != nil {
		return t, nil, err
	}
	world, _ := reconcile.Observe(ctx, d.Engine.Clouds)
	refused, err := d.refused(t, world)
	return t, refused, err
}

// PlanIn is Plan in a world that was seen before. It asks no cloud.
func (d *Driller) PlanIn(world resource.World, order Order) (desired.Tunnel, *Refused, error) {
	t, err := choose(d.Engine.File, order)
	if err != nil {
		return t, nil, err
	}
	refused, err := d.refused(t, world)
	return t, refused, err
}

func (d *Driller) at() reconcile.Circumstances {
	if d.Engine.At == nil {
		return reconcile.Circumstances{}
	}
	return d.Engine.At()
}

func (d *Driller) refused(t desired.Tunnel, world resource.World) (*Refused, error) {
	if refused := refusal(d.Engine.File, t, world, d.at()); refused != nil {
		return refused, nil
	}
	engine, err := d.engineOf(t, time.Now())
	if err != nil {
		return nil, err
	}
	return heldIn(engine.Decide(world, nil), t), nil
}

// engineOf is the engine that wants a drill, and mends nothing else.
func (d *Driller) engineOf(t desired.Tunnel, now time.Time) (*reconcile.Engine, error) {
	name := resource.Of(now.UTC().Format(time.RFC3339Nano))
	engine, err := d.Engine.Rekeyed(difference(t).ID, nil, resource.Attrs{desired.FactDrill(t.Number): name})
	if err != nil {
		return nil, err
	}
	engine.At = func() reconcile.Circumstances {
		at := d.at()
		at.Only = map[reconcile.Difference]bool{difference(t): true}
		return at
	}
	return engine, nil
}

// Run makes one drill: it looks, refuses or goes on, measures, has AWS replace its
// end of the tunnel, waits until both clouds show the tunnel up, and tells what was
// lost. What was measured is told also when it fails in the middle; AWS brings the
// tunnel back all the same.
func (d *Driller) Run(ctx context.Context, order Order) (Report, error) {
	t, err := choose(d.Engine.File, order)
	if err != nil {
		return Report{}, err
	}
	report := Report{Link: t.Link, Tunnel: t.Name(), Began: time.Now()}
	for _, cloud := range d.Engine.Clouds {
		if err := cloud.Check(ctx); err != nil {
			return report, fmt.Errorf("cannot write to %s: %w", cloud.Name(), err)
		}
	}
	if d.Meter == nil {
		err = d.take(ctx, t, &report)
		return report, err
	}
	if err := d.Meter.Start(); err != nil {
		return report, fmt.Errorf("cannot measure what is lost: %w", err)
	}
	d.say("measuring what crosses before it goes down")
	err = d.pause(ctx)
	if err == nil {
		err = d.take(ctx, t, &report)
	}
	if err == nil {
		err = d.pause(ctx)
	}
	report.Gaps = d.Meter.Stop()
	for i := range report.Gaps {
		report.Gaps[i].Silence = d.scaled(report.Gaps[i].Silence)
	}
	return report, err
}

// take has the tunnel replaced and waits until it is up.
func (d *Driller) take(ctx context.Context, t desired.Tunnel, report *Report) error {
	ids := []resource.ID{desired.AzureConnectionID(t.Link)}
	for _, instance := range d.Engine.File.LinkNamed(t.Link).Instances() {
		ids = append(ids, desired.AWSConnectionID(t.Link, instance))
	}
	world, err := d.Engine.AwaitSettled(ctx, ids...)
	if err != nil {
		return err
	}
	if refused := refusal(d.Engine.File, t, world, d.at()); refused != nil {
		return refused
	}
	engine, err := d.engineOf(t, time.Now())
	if err != nil {
		return err
	}
	plan := engine.Decide(world, nil)
	if refused := heldIn(plan, t); refused != nil {
		return refused
	}
	if d.Walk != nil {
		d.Walk(engine, plan)
	}
	d.say("AWS replaces its end of " + t.Name() + ", which takes it down")
	began := time.Now()
	walked, err := engine.Apply(ctx, plan, world)
	if err != nil {
		return err
	}
	if err := walked.Ended(difference(t).ID); err != nil {
		return err
	}
	for _, left := range walked.Left {
		if reconcile.DifferenceOf(left.Drift) == difference(t) {
			return resource.WithHint(errors.New(t.Name()+" was not taken down: "+left.Reason()), "nothing was changed; the same command may be given again")
		}
	}
	d.say("its end is replaced; waiting until both clouds show " + t.Name() + " up")
	if err := engine.AwaitUp(ctx, t); err != nil {
		return err
	}
	report.Out = d.scaled(time.Since(began))
	d.say(t.Name() + " is up in both clouds")
	return nil
}

func (d *Driller) say(text string) {
	if d.Say != nil {
		d.Say(text)
	}
}

func (d *Driller) scaled(span time.Duration) time.Duration {
	return time.Duration(float64(span) * d.Engine.Scale)
}

func (d *Driller) pause(ctx context.Context) error {
	timer := time.NewTimer(time.Duration(float64(around) / d.Engine.Scale))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
