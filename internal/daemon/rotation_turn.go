package daemon

import (
	"cmp"
	"errors"
	"maps"
	"time"

	"linkd/internal/control"
	"linkd/internal/journal"
	"linkd/internal/rotate"
)

// turnEntry tells something of one turn.
func turnEntry(event journal.Event, turn rotate.Turn, text string) journal.Entry {
	return journal.Entry{Event: event, Link: turn.Link, Resource: "tunnel/" + turn.Name(), Held: string(turn.Held), Text: text}
}

// rotationWaits notes what a rotation waits for before its first turn.
func (d *Daemon) rotationWaits(r *rotation, text string) {
	r.waits = text
	if r.ordered != nil {
		r.ordered.told.Waits = text
	}
	d.Log.Info("new keys wait", "link", r.link, "until", text)
	d.publish()
}

// turnBegins notes that the turn of one tunnel begins.
func (d *Daemon) turnBegins(r *rotation, turn rotate.Turn) {
	r.turn, r.began, r.waits = &turn, time.Now(), ""
	entry := turnEntry(journal.Rotating, turn, turn.What.Text())
	if r.ordered != nil {
		entry.By = r.ordered.told.By
		r.ordered.note(turn, control.TurnRunning, "", 0)
	}
	d.record(entry)
	d.publish()
}

// turnEnded notes how the turn of one tunnel ended.
func (d *Daemon) turnEnded(r *rotation, turn rotate.Turn, err error) {
	maps.Copy(d.landed, r.touched())
	r.turn = nil
	event, text, result := journal.Rotated, "", "done"
	held, is := errors.AsType[*rotate.Held](err)
	switch {
	case is:
		turn = held.Turn
		event, text, result = journal.Held, held.Text, "held"
	case stoppedBy(err):
		event, text, result = journal.Unfinished, err.Error(), "stopped"
	case err != nil:
		event, text, result = journal.Failed, err.Error(), "failed"
	}
	r.told = err != nil
	if r.ordered != nil {
		state := map[string]string{"done": control.TurnDone, "held": control.TurnHeld}[result]
		took := float64(time.Since(r.began)) * d.current.engine.Scale
		r.ordered.note(turn, cmp.Or(state, control.TurnFailed), text, time.Duration(took))
	}
	d.Metrics.Turned(result)
	if is {
		text = "its key is not changed: " + text
	}
	d.record(turnEntry(event, turn, text))
	d.publish()
}
