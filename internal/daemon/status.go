package daemon

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/metrics"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// status tells how all of it stands.
func (d *Daemon) status(now time.Time) control.Status {
	status := control.Status{
		Version: d.Version, File: d.Path, Owner: d.current.file.Owner, Links: []string{}, Started: d.started, AuditOnly: d.AuditOnly,
		Verdict: d.verdict(now), Resources: len(d.current.engine.Graph.Order()), AsDesired: d.plan.AsDesired,
		Drifts: d.drifts(), Findings: d.findings.status(), Strays: []control.Stray{}, Pairs: []control.Pair{},
		Looks: []control.Look{d.audit.tell(), d.tunnels.tell(), d.survey.tell()}, Repairs: []control.Repair{}, Rotations: d.rotations(now), Ordered: d.keys.ordered.tell(), Drills: d.drills.tell(d.current.file),
		Refused: d.plan.Refused, Config: d.config, Journal: d.journalState(), Probes: d.probeStatus(),
	}
	for _, link := range d.current.file.Links {
		status.Links = append(status.Links, link.Name)
	}
	for _, stray := range d.saw.Strays {
		status.Strays = append(status.Strays, control.Stray{Kind: stray.Kind, Ref: stray.Ref, Class: string(stray.Class)})
	}
	ages := keyAges(d.current.file, d.saw.World)
	for _, p := range pairs(d.current.file) {
		status.Pairs = append(status.Pairs, control.Pair{
			Link: p.Link, Tunnel: p.Name(), Azure: d.tunnelState(p.azure), AWS: d.tunnelState(p.aws), KeySet: ages[p.Tunnel].Set, KeyDue: ages[p.Tunnel].Due,
		})
	}
	for _, number := range slices.Sorted(maps.Keys(d.repairs)) {
		r := control.Repair{Since: d.repairs[number].since}
		for _, id := range slices.Sorted(maps.Keys(d.repairs[number].writes)) {
			r.Resources = append(r.Resources, string(id))
		}
		status.Repairs = append(status.Repairs, r)
	}
	if digest := d.plan.Digest(); digest != "" {
		status.Pending = &control.Pending{Digest: digest, Count: len(d.plan.Waiting()), ApprovedBy: d.said.Approvals[digest].By}
	}
	if p := d.said.Pause; p != nil {
		status.Pause = &control.Pause{Until: p.Until, Why: p.Why, By: p.By}
	}
	return status
}

func (d *Daemon) tunnelState(id resource.ID) string {
	if !d.seen {
		return "unknown"
	}
	return metrics.StatusOf(d.saw.World[id])
}

// drifts lists what stands now, in the order of the graph.
func (d *Daemon) drifts() []control.Drift {
	drifts := []control.Drift{}
	for _, step := range d.plan.Steps {
		for _, decided := range step.Drifts {
			drifts = append(drifts, DriftOf(d.current.file, decided, d.book.since(reconcile.DifferenceOf(decided.Drift))))
		}
	}
	return drifts
}

// DriftOf tells of one difference that has stood since a time.
func DriftOf(file *desired.File, d reconcile.Decided, since time.Time) control.Drift {
	return control.Drift{
		Resource: string(d.ID), Key: d.Key(), Class: string(d.Class), Member: d.Member, Link: file.LinkOf(d.ID), Since: since,
		Want: d.Want, Have: d.Have, Text: d.Describe(), Breaks: d.Breaks,
		Decision: string(d.Action), Held: string(d.Held), Because: d.Reason(),
	}
}

// tell tells of a look.
func (l *look) tell() control.Look {
	return control.Look{
		Name: l.name, Running: l.runs(), Last: l.last, Success: l.success,
		Took: l.took.Seconds(), Result: l.result, Next: l.clock.next, Missed: l.clock.missed,
	}
}

// verdict is the whole in one word. What was not read, or not for long, is
// not well.
func (d *Daemon) verdict(now time.Time) string {
	switch {
	case !d.judged && (d.seen || d.audit.result == ""): // the file is new
		return control.Starting
	case d.audit.result != complete || d.stale(now):
		return control.Unknown
	case len(d.repairs) > 0 || d.keys.rotation != nil || d.drills.running != nil:
		return control.Repairing
	case len(d.plan.Steps)+len(d.saw.Strays) > 0:
		return control.Differs
	}
	return control.AsDesired
}

// stale reports whether the last complete audit is too old to be believed.
func (d *Daemon) stale(now time.Time) bool {
	return d.audit.success.IsZero() || now.Sub(d.audit.success) > d.audit.staleAfter(d.budget())
}

// staleAfter is how long what a look saw counts: two periods of its schedule,
// and the time that a look may take.
func (l *look) staleAfter(budget time.Duration) time.Duration {
	first := l.clock.times.Next(l.success)
	if first.IsZero() { // no look is to come
		return budget
	}
	return l.clock.times.Next(first).Sub(l.success) + l.clock.jitter + budget
}

func (d *Daemon) journalState() control.Journal {
	since, lost, err := d.Journal.Trouble()
	state := control.Journal{OK: err == nil, Backlog: d.Journal.Backlog(), Lost: lost}
	if err != nil {
		state.Since, state.Problem = since, err.Error()
	}
	return state
}

// line is the whole in one line, for systemctl status.
func (d *Daemon) line(now time.Time) string {
	line := fmt.Sprintf("%s: %d of %d resources as desired", d.verdict(now), d.plan.AsDesired, len(d.current.engine.Graph.Order()))
	down := slices.DeleteFunc(pairs(d.current.file), func(p pair) bool { return d.tunnelState(p.azure) == "up" && d.tunnelState(p.aws) == "up" })
	if len(down) > 0 && d.seen {
		line += fmt.Sprintf(", %d of %d tunnels not up", len(down), len(d.current.file.Tunnels()))
	}
	if len(d.plan.Waiting()) > 0 {
		line += ", approval pending"
	}
	if d.said.Pause != nil {
		line += ", paused"
	}
	if !d.config.OK {
		line += ", the file on the disk is refused"
	}
	if d.audit.clock.next.IsZero() {
		return line + "; no audit to come"
	}
	return line + "; next audit " + d.audit.clock.next.UTC().Format("15:04:05Z")
}
