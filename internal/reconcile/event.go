package reconcile

import (
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Event is one thing that happened while a plan was applied. Progress, logs
// and metrics are listeners to these; the engine itself prints nothing.
type Event struct {
	At   time.Time
	ID   resource.ID
	What What
	Verb Verb
	// Text explains: what it waits for, why it failed. Never a key.
	Text string
	// Took is how long it has run, and Usual how long it usually runs.
	Took, Usual time.Duration
}

// What says what kind of event it is.
type What string

// The events of a resource, in the order in which they come.
const (
	Waiting What = "waiting" // for a need, a lock, a doubt to pass
	Sending What = "sending" // a write is about to be sent
	Running What = "running" // the cloud accepted it and works on it
	Retried What = "retried" // busy, throttled or unreachable: it will be tried again
	Changed What = "changed" // a write of ours has come to its end
	Settled What = "settled" // it is as the file wants it
	HeldBy  What = "held"    // it differs, and policy leaves it so
	Broken  What = "failed"
	Skipped What = "skipped" // because a need did not come
)

// Listener is told of every event, from several goroutines at once. It must
// not block.
type Listener func(Event)

// Outcome is how the walk left one resource.
type Outcome struct {
	ID   resource.ID
	What What // Settled, HeldBy, Broken or Skipped
	Err  error
	Text string
	// Wrote counts the writes that the cloud accepted.
	Wrote int
	// root is what a skip goes back to, by way of other skips.
	root resource.ID
	// clause says how it stands, when What does not say it well enough.
	clause string
}

// Report is what became of a plan.
type Report struct {
	Outcomes []Outcome
	Took     time.Duration
	// Left are the drifts that stood when the walk looked last.
	Left []Decided
}

// Failures lists what failed, in the order of the graph.
func (r Report) Failures() []Outcome { return r.those(Broken) }

// Skips lists what could not be tried.
func (r Report) Skips() []Outcome { return r.those(Skipped) }

// Held lists what differs by policy.
func (r Report) Held() []Outcome { return r.those(HeldBy) }

func (r Report) those(what What) []Outcome {
	var some []Outcome
	for _, outcome := range r.Outcomes {
		if outcome.What == what {
			some = append(some, outcome)
		}
	}
	return some
}

// allowed lists the drifts that may be mended.
func allowed(decided []Decided) []resource.Drift {
	var drifts []resource.Drift
	for _, d := range decided {
		if d.Action == desired.Repair {
			drifts = append(drifts, d.Drift)
		}
	}
	return drifts
}
