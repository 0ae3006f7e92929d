package daemon

import (
	"slices"
	"time"

	"linkd/internal/desired"
	"linkd/internal/journal"
	"linkd/internal/metrics"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// audited takes what an audit saw: it decides, tells what is new, and begins
// the repairs that may begin.
func (d *Daemon) audited(saw sight) {
	d.round++
	d.tryJournal()
	if saw.result == panicked {
		d.record(journal.Entry{Event: journal.Panicked, Text: "the audit met a defect of linkd: " + saw.panic})
		d.publish()
		return
	}
	d.seen, d.judged, d.saw = true, true, saw.compared
	d.earlier, d.counted = d.counted, tunnelsIn(saw.compared.World, d.current.file)
	d.judge()
	d.note(saw.found)
}

// judge makes a plan of the world as it was seen last, in the circumstances
// of now.
func (d *Daemon) judge() {
	now := time.Now()
	plan := d.decide(now)
	entries := d.book.note(d.current.file, plan, now, d.inFlight())
	if len(entries) > 0 {
		plan = d.decide(now) // what came back, or did not go, may be held from now on
		entries = append(entries, d.book.note(d.current.file, plan, now, d.inFlight())...)
	}
	if d.said.lapse(d.book.stillStands) {
		d.keepSaid()
	}
	d.record(append(entries, d.book.noteStrays(d.saw.Strays)...)...)
	d.noteRefusal(plan)
	if d.rotateDue(plan, now) {
		plan = d.decide(now) // what is mended must keep apart from it
	}
	d.plan = plan
	d.begins(plan)
	d.wakes = d.nextWake(now)
	d.publish()
}

// decide is the engine's decision in the circumstances of now.
func (d *Daemon) decide(now time.Time) reconcile.Plan {
	d.saw = d.saw.On(d.current.engine.Graph)
	return d.saw.Decide(d.current.file, d.circumstances(now))
}

// circumstances are those of now.
func (d *Daemon) circumstances(now time.Time) reconcile.Circumstances {
	return reconcile.Circumstances{
		Now: now, AuditOnly: d.AuditOnly, Paused: d.said.paused(now), Approvals: d.said.approvals(now),
		Obstacles: d.book.obstacles(now), InFlight: d.inFlight(), Deleted: d.current.engine.ToMakeAnew(),
	}
}

// noteRefusal tells when a plan is over the limits, once.
func (d *Daemon) noteRefusal(plan reconcile.Plan) {
	if plan.Refused != "" && plan.Refused != d.refused {
		d.record(journal.Entry{Event: journal.Limits, Text: "nothing is mended: " + plan.Refused})
	}
	d.refused = plan.Refused
}

// nextWake is when something that is held now may be tried: a repair that
// failed, or one that waits for a maintenance window; or when keys are due.
func (d *Daemon) nextWake(now time.Time) time.Time {
	next := d.book.wake(now)
	if at := d.keysWake(now); next.IsZero() || !at.IsZero() && at.Before(next) {
		next = at
	}
	for _, step := range d.plan.Steps {
		for _, difference := range step.Drifts {
			if difference.Held != reconcile.HeldWindow {
				continue
			}
			if _, opens := d.current.file.WindowAt(now); next.IsZero() || opens.Before(next) {
				next = opens
			}
		}
	}
	return next
}

// tunnelsSeen takes the status of the tunnels. When one has changed, or one has
// been up for so long that linkd changes its mind by it, an audit finds out why;
// until then the rest is known as it was, and linkd acts by that on its change of mind.
func (d *Daemon) tunnelsSeen(saw sight) {
	d.tryJournal()
	if saw.result == panicked {
		d.record(journal.Entry{Event: journal.Panicked, Text: "the look at the tunnels met a defect of linkd: " + saw.panic})
		return
	}
	if !d.seen {
		return
	}
	// What the last audit saw holds as long as nothing was written since.
	holds := !d.again && !d.audit.runs()
	news := resource.World{}
	for _, pair := range pairs(d.current.file) {
		for _, id := range []resource.ID{pair.azure, pair.aws} {
			before, after := d.saw.World[id], saw.world[id]
			if metrics.StatusOf(before) != metrics.StatusOf(after) {
				d.again = true
			}
			news[id] = after
		}
	}
	d.saw = d.saw.On(d.current.engine.Graph).With(news)
	if d.turns() {
		d.again = true
		if holds {
			d.beginTurns() // it restores traffic, and an audit takes half a minute
		}
	}
	d.publish()
}

// turns tells whether linkd has changed its mind about something since the last
// audit.
func (d *Daemon) turns() bool {
	return slices.ContainsFunc(d.saw.Drifts(), func(drift resource.Drift) bool {
		return drift.Turn && !d.book.stillStands(reconcile.DifferenceOf(drift))
	})
}

// beginTurns begins those parts of the plan alone by which linkd follows a change of
// its mind.
func (d *Daemon) beginTurns() {
	plan := d.decide(time.Now())
	if plan.Refused != "" {
		return
	}
	for _, part := range d.current.engine.Split(plan) {
		other := func(mended reconcile.Decided) bool { return !mended.Turn }
		if !slices.ContainsFunc(toMend(part), other) {
			d.begin1(part, nil)
		}
	}
}

// pair is an expected pair with the ids of what each cloud says of it.
type pair struct {
	desired.Tunnel
	azure, aws resource.ID
}

func pairs(file *desired.File) []pair {
	var all []pair
	for _, t := range file.Tunnels() {
		all = append(all, pair{t, desired.AzureTunnelID(t), desired.AWSTunnelID(t)})
	}
	return all
}
