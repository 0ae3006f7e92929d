// Package progress shows what a walk does while it runs: on a terminal a
// table that is painted over and over, elsewhere a plain line for each thing
// that happened. It listens to the engine's events and knows nothing of clouds.
package progress

import (
	"fmt"
	"io"
	"strings"
	"time"

	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// Progress shows one walk, from when it is made until Stop.
type Progress interface {
	// Listen is the engine's listener. It never waits for the output.
	Listen(reconcile.Event)
	// Note says a sentence beside the events.
	Note(sentence string)
	// Stop shows what is left to show. Nothing is written after it.
	Stop()
}

// View says what is shown, and on what.
type View struct {
	// Terminal asks for the table; otherwise there are lines.
	Terminal bool
	// Colour allows it.
	Colour bool
	// Size of the terminal, asked for at each painting.
	Size func() (width, height int)
	// Steps are what the walk will look at, in the order of the table, and
	// Takes how long the longest chain of them usually runs.
	Steps []resource.ID
	Takes time.Duration
	// Settle is how long a resource usually takes to settle once it was
	// created; events speak of the creation alone. It may be nil.
	Settle func(resource.ID) time.Duration
	// Scale is how many times faster than life the clouds run.
	Scale float64
}

// New begins to show a walk on w.
func New(w io.Writer, view View) Progress {
	if view.Terminal {
		return startTable(w, view)
	}
	return startLines(w, view)
}

// Steps lists what a plan touches, needs first, for [View].
func Steps(plan reconcile.Plan) []resource.ID {
	var ids []resource.ID
	for _, step := range plan.Steps {
		if step.Verb != reconcile.Hold && step.Verb != reconcile.Unclear {
			ids = append(ids, step.ID)
		}
	}
	return ids
}

// usual is how long what an event tells of takes until it has settled.
func (v View) usual(e reconcile.Event) time.Duration {
	if e.Verb == reconcile.Create && e.Usual > 0 && v.Settle != nil {
		return e.Usual + v.Settle(e.ID)
	}
	return e.Usual
}

// tenses are how the table and the lines speak of a verb: while it runs, and
// when it has come to its end.
var tenses = map[reconcile.Verb]struct{ running, ended string }{
	"":               {"looking", "as desired"},
	reconcile.Create: {"creating", "created"},
	reconcile.Update: {"updating", "updated"},
	reconcile.Renew:  {"replacing", "replaced"},
	reconcile.Remove: {"deleting", "deleted"},
	reconcile.Await:  {"watching", "as desired"},
}

// clock writes a span as a stopwatch does.
func clock(span time.Duration) string {
	s := int(span / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// brief writes a span as people say it: "45s", "5m", "23m10s".
func brief(span time.Duration) string {
	if span < time.Second {
		return "under 1s"
	}
	text := span.Truncate(time.Second).String()
	if whole, cut := strings.CutSuffix(text, "m0s"); cut {
		text = strings.TrimSuffix(whole+"m", "h0m")
		if text != whole+"m" {
			text += "h"
		}
	}
	return text
}
