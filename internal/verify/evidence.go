package verify

import (
	"time"

	"linkd/internal/desired"
	"linkd/internal/path"
	"linkd/internal/probe"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// Evidence is all that a judgement is made of. What is missing in it is
// unknown, and never well.
type Evidence struct {
	File *desired.File
	At   time.Time // when it was gathered

	// Access is what came of signing in, one a cloud.
	Access []Access
	// Sources are where keys of links stand, and whether they could be read.
	Sources []survey.KeySource
	// World, Drifts and Needs are what an audit has seen: the resources, how
	// they differ from the file, and which needs which.
	World  resource.World
	Drifts []resource.Drift
	Needs  map[resource.ID][]resource.ID

	// Earlier and Later are two looks at the tunnels, between which packets may
	// have gone by them: their counters tell how many. nil: nothing is known.
	Earlier, Later resource.World

	// Usage is how much stands of what a cloud has limits of; nil: nobody has
	// counted.
	Usage []survey.Usage

	// Survey is what lies along the paths; nil: nobody looked, which is said of
	// the checks that need it.
	Survey *survey.Survey
	// Traces are the model's, one for each ordered pair of machines that was
	// asked for; nil: none were made.
	Traces []path.Trace
	// Pings are what packets have shown; nil: none were sent.
	Pings []Ping
	// PingsOff says that nobody wanted packets to be sent.
	PingsOff bool
}

// Access is what came of signing in to a cloud.
type Access struct {
	Cloud string
	// Problem says why it cannot be worked with, "" when it can, and Hint what
	// to do.
	Problem, Hint string
	// Unread says that what was wrong may pass: no answer, a throttle.
	Unread bool
}

// Ping is what a vantage has measured from one machine to another, or why
// nothing was.
type Ping struct {
	probe.Result        // From is a machine, or [desired.LocalName]: where linkd runs, outside of all
	Vantage      string // local, run-command, agent; "" when none could be used
}

// outside tells whether a ping was sent from none of the machines.
func (e *Evidence) outside(p Ping) bool {
	_, machine := e.target(p.From)
	return p.From == desired.LocalName && !machine
}

// live is what is known of a resource.
func (e *Evidence) live(id resource.ID) resource.Live { return e.World[id] }

// stands tells whether a resource is there and can be judged by its facts.
func (e *Evidence) stands(id resource.ID) bool { return e.World[id].Phase >= resource.Failed }
