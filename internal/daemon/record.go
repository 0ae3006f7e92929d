package daemon

import (
	"log/slog"
	"time"

	"linkd/internal/journal"
	"linkd/internal/reconcile"
)

// record writes entries to the journal and to the log. A journal that cannot
// be written stops nothing, and is loud.
func (d *Daemon) record(entries ...journal.Entry) {
	if len(entries) == 0 {
		return
	}
	now := time.Now()
	for i := range entries {
		entries[i].At = now
		if entries[i].Round == 0 {
			entries[i].Round = d.round
		}
		d.log(entries[i])
		if result := proofs[entries[i].Event]; result != "" {
			d.Metrics.Repaired(result)
		}
	}
	result := "appended"
	if err := d.Journal.Append(entries...); err != nil {
		result = "failed"
		d.Log.Error("the journal cannot be written", "error", err)
	}
	d.Metrics.Journal(result)
}

// tryJournal writes what waits, where the journal could not be written before:
// nothing new may come for days.
func (d *Daemon) tryJournal() {
	if _, _, trouble := d.Journal.Trouble(); trouble == nil {
		return
	}
	if err := d.Journal.Append(); err != nil {
		d.Metrics.Journal("failed")
		return
	}
	d.Metrics.Journal("appended")
	d.Log.Info("the journal can be written again")
}

// proofs are the events by which a repair comes to its end, as metrics name it.
var proofs = map[journal.Event]string{
	journal.Proved: "proved", journal.Persists: "persists", journal.Returned: "returned",
}

// levels say how loud an event is in the log: Error when a person is needed,
// Info when something changed. What the list lacks is Info.
var levels = map[journal.Event]slog.Level{
	journal.Failed: slog.LevelError, journal.Persists: slog.LevelError, journal.Rival: slog.LevelError,
	journal.Unseen: slog.LevelError, journal.Limits: slog.LevelError, journal.ReloadFailed: slog.LevelError,
	journal.Panicked: slog.LevelError, journal.Returned: slog.LevelWarn, journal.Missed: slog.LevelWarn,
	journal.Unfinished: slog.LevelWarn, journal.Refused: slog.LevelWarn, journal.Named: slog.LevelWarn,
}

// log writes one entry: a constant message for each event, and attributes.
func (d *Daemon) log(e journal.Entry) {
	level, listed := levels[e.Event]
	switch {
	case e.Event == journal.Held && (e.Held == string(reconcile.HeldApproval) || e.Held == string(reconcile.HeldLastPair)):
		level = slog.LevelError // it waits for a person
	case !listed:
		level = slog.LevelInfo
	}
	var attributes []any
	for _, pair := range [][2]string{
		{"link", e.Link},
		{"resource", e.Resource},
		{"drift", e.Drift},
		{"member", e.Member},
		{"decision", e.Decision},
		{"held", e.Held},
		{"by", e.By},
		{"text", e.Text},
	} {
		if pair[1] != "" {
			attributes = append(attributes, slog.String(pair[0], pair[1]))
		}
	}
	d.tell(level, messages[e.Event], attributes...)
}

// tell writes a line of the log at a level that was found by a table.
func (d *Daemon) tell(level slog.Level, message string, attributes ...any) {
	map[slog.Level]func(string, ...any){
		slog.LevelDebug: d.Log.Debug, slog.LevelInfo: d.Log.Info, slog.LevelWarn: d.Log.Warn, slog.LevelError: d.Log.Error,
	}[level](message, attributes...)
}

// messages are the messages of the log, constant for each event.
var messages = map[journal.Event]string{
	journal.Started: "linkd has started", journal.Stopped: "linkd has stopped",
	journal.Appeared: "a difference appeared", journal.Changed: "a difference changed", journal.Gone: "a difference is gone",
	journal.Held: "a difference is left", journal.Repairing: "a repair begins", journal.Repaired: "a repair was accepted", journal.Failed: "a repair failed",
	journal.Unfinished: "a repair was left unfinished", journal.Proved: "a repair is proved",
	journal.Persists: "a repair did not help", journal.Returned: "a difference came back", journal.Rival: "somebody else changes it back",
	journal.Unseen: "a cloud cannot be read", journal.Seen: "a cloud can be read again",
	journal.Limits: "the plan is over the limits", journal.Paused: "repairs are paused", journal.Resumed: "repairs go on",
	journal.Approved: "a difference was approved", journal.Refused: "an approval was refused",
	journal.Reloaded: "the file is in force", journal.ReloadFailed: "the file was refused",
	journal.Missed: "a look was missed", journal.Panicked: "linkd met a defect of its own",
	journal.Named: "a failure is named", journal.Passed: "a failure is not seen any more",
	journal.Rotating: "a new key is given to a tunnel", journal.Rotated: "a tunnel is up with its new key",
	journal.Drilling: "a tunnel is taken down by a drill", journal.Drilled: "a tunnel is up again after a drill",
	journal.Gap: "entries of the journal are missing",
}
