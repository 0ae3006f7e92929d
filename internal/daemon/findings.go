package daemon

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/journal"
	"linkd/internal/metrics"
	"linkd/internal/resource"
	"linkd/internal/verify"
)

// finding is a failure at a place.
type finding struct {
	code failure.Code
	at   string
}

// standingFinding is a finding that the last audit has seen.
type standingFinding struct {
	verify.Finding
	since time.Time
	told  bool // it was seen for as long as its page says
}

// findings are the failures that stand, by the audits so far. It is pure.
type findings map[finding]standingFinding

// note takes in what an audit has found, and returns what is to be recorded: a
// failure that has been seen for long enough, and one that was told and is gone.
// Nothing new is told of what is being mended.
func (f findings) note(found []verify.Finding, mending map[resource.ID]bool, now time.Time) []journal.Entry {
	var entries []journal.Entry
	seen := map[finding]bool{}
	for _, one := range found {
		key := finding{one.Code, one.At()}
		seen[key] = true
		s, known := f[key]
		if !known {
			s.since = now
		}
		s.Finding = one
		if row, _ := failure.Of(one.Code); !s.told && !mending[one.ID] && now.Sub(s.since) >= row.Visible {
			s.told = true
			entries = append(entries, findingEntry(journal.Named, one))
		}
		f[key] = s
	}
	for _, key := range f.keys() {
		if seen[key] {
			continue
		}
		if f[key].told {
			entries = append(entries, findingEntry(journal.Passed, f[key].Finding))
		}
		delete(f, key)
	}
	return entries
}

func findingEntry(event journal.Event, f verify.Finding) journal.Entry {
	text := f.Line()
	if event == journal.Named {
		text += ": " + f.Says
	}
	return journal.Entry{Event: event, Link: f.Link, Resource: string(f.ID), Text: text}
}

// keys are the findings in a fixed order.
func (f findings) keys() []finding {
	return slices.SortedFunc(maps.Keys(f), func(a, b finding) int {
		return cmp.Or(cmp.Compare(failure.Position(a.code), failure.Position(b.code)), cmp.Compare(a.at, b.at))
	})
}

// status lists those that are told, the worst first.
func (f findings) status() []control.Finding {
	all := []control.Finding{}
	for _, key := range f.keys() {
		if s := f[key]; s.told {
			all = append(all, control.Finding{
				Code: string(s.Code), Severity: string(s.Severity), Resource: string(s.ID), Ref: s.Ref, Link: s.Link,
				Direction: string(s.Direction), Since: s.since, Text: s.Says, Doc: s.Doc,
			})
		}
	}
	slices.SortStableFunc(all, func(a, b control.Finding) int {
		return cmp.Compare(failure.Severity(b.Severity).Rank(), failure.Severity(a.Severity).Rank())
	})
	return all
}

// counts counts those that are told by what their series are labelled by.
func (f findings) counts() []metrics.Finding {
	counts := map[metrics.Finding]int{}
	for _, s := range f {
		if s.told {
			counts[metrics.Finding{Code: string(s.Code), Severity: string(s.Severity), Link: s.Link, Direction: string(s.Direction)}]++
		}
	}
	all := make([]metrics.Finding, 0, len(counts))
	for labels, count := range counts {
		labels.Count = count
		all = append(all, labels)
	}
	return all
}

// note takes in what was found, and brings what is told up to date.
func (d *Daemon) note(found []verify.Finding) {
	d.record(d.findings.note(found, d.mending(), time.Now())...)
	d.publish()
}

// mending are the resources that repairs under way may write, and those that
// need one of them.
func (d *Daemon) mending() map[resource.ID]bool {
	graph, all := d.current.engine.Graph, d.inFlight()
	for _, id := range graph.Order() {
		for _, need := range graph.Resource(id).Needs() {
			all[id] = all[id] || all[need.On]
		}
	}
	return all
}

// tunnelsIn is what a world tells of the tunnels of a file as Azure sees them.
func tunnelsIn(world resource.World, file *desired.File) resource.World {
	tunnels := resource.World{}
	for _, tunnel := range file.Tunnels() {
		id := desired.AzureTunnelID(tunnel)
		tunnels[id] = world[id]
	}
	return tunnels
}
