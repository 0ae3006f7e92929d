package daemon

import (
	"context"
	"time"

	"linkd/internal/desired"
	"linkd/internal/examine"
	"linkd/internal/journal"
	"linkd/internal/path"
	"linkd/internal/survey"
	"linkd/internal/verify"
)

// surveying is the look along the paths, and what the last one saw.
type surveying struct {
	look
	wanted bool // at its time, and once something was mended
	began  time.Time
	seen   *survey.Survey // nil: nobody has looked
	at     time.Time      // when the look that has seen it began
}

// fresh is what was seen, as long as it counts.
func (s *surveying) fresh(now time.Time) *survey.Survey {
	if now.Sub(s.at) > path.Stale {
		return nil
	}
	return s.seen
}

// apart is the shortest time between two looks along the paths.
const apart = time.Minute

// wantsSurvey tells whether a look along the paths is to begin. It waits for
// the first audit and for repairs: what is half built shows failures that
// nobody needs to know.
func (d *Daemon) wantsSurvey(now time.Time) bool {
	return d.survey.wanted && d.judged && d.current.file.Schedule.Survey != desired.Off &&
		!d.survey.runs() && !d.audit.runs() && len(d.repairs) == 0 && d.keys.rotation == nil && now.Sub(d.survey.last) >= apart
}

// startSurvey looks along the paths, beside the loop.
func (d *Daemon) startSurvey(now time.Time) {
	d.survey.since, d.survey.began, d.survey.wanted = now, now, false
	file, clouds := d.current.file, d.current.engine.Clouds
	d.observe(&d.survey.look, func(ctx context.Context) sight {
		seen := examine.Survey(ctx, clouds)
		return sight{seen: seen, result: surveyed(file, seen)}
	}, d.surveyed)
}

// surveyed takes what a look along the paths saw. It is judged together with
// what the last audit saw.
func (d *Daemon) surveyed(saw sight) {
	if saw.result == panicked {
		d.record(journal.Entry{Event: journal.Panicked, Text: "the look along the paths met a defect of linkd: " + saw.panic})
		d.publish()
		return
	}
	d.survey.seen, d.survey.at = saw.seen, d.survey.began
	d.publish()
	d.judgePaths()
}

// judgePaths judges anew, beside the loop, and once more when an audit has
// ended meanwhile. It leaves it to the next audit when the last one is too
// old to be put together with anything, or one runs.
func (d *Daemon) judgePaths() {
	now := time.Now()
	if !d.seen || now.Sub(d.audit.last) > path.Stale {
		return
	}
	generation, audit := d.current.generation, d.audit.last
	engine, earlier, saw, seen := d.current.engine, d.earlier, d.saw.On(d.current.engine.Graph), d.survey.fresh(now)
	d.running.Go(func() {
		found, sound := judged(func() []verify.Finding { return examine.Findings(engine, earlier, saw, seen) })
		d.report(func() {
			switch {
			case generation != d.current.generation || !sound:
			case !audit.Equal(d.audit.last):
				d.judgePaths()
			default:
				d.note(found)
			}
		})
	})
}

// judged makes a judgement, and tells whether it came to its end: a defect
// leaves what was found before.
func judged(judge func() []verify.Finding) (found []verify.Finding, sound bool) {
	defer func() { _ = recover() }()
	return judge(), true
}

// surveyed says how much of what lies along the paths of a file was seen.
func surveyed(file *desired.File, seen *survey.Survey) string {
	if seen == nil {
		return failed
	}
	known, all := 0, 0
	count := func(part survey.Seen) {
		all++
		if part.Known() {
			known++
		}
	}
	for _, target := range file.Probes.Targets {
		machine := seen.Machines[target.Name]
		count(machine.Seen)
		if !machine.Known() || machine.Power == survey.Stopped {
			continue // its routes and filters can be asked for only while it runs
		}
		count(machine.Routes.Seen)
		for _, filter := range machine.Filters {
			count(filter.Seen)
		}
	}
	for _, hub := range file.Azure.Hubs {
		count(seen.Hubs[hub.Name].Seen)
	}
	for _, region := range file.AWS.Regions {
		for _, gateway := range region.TransitGateways {
			count(seen.TransitGateways[gateway.Name].Seen)
		}
	}
	switch known {
	case all:
		return complete
	case 0:
		return failed
	}
	return incomplete
}
