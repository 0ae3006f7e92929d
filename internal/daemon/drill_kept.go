package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/drill"
	"linkd/internal/durable"
	"linkd/internal/journal"
	"linkd/internal/metrics"
	"linkd/internal/resource"
)

// drills are the drill under way, and the last one of each link, as they outlive
// the process.
type drills struct {
	running *drilling // nil: none is under way
	last    map[string]control.Drill
}

// of is the last drill of a link, or that under way; its Link is "" when there is
// none.
func (d *drills) of(link string) control.Drill {
	if d.running != nil && d.running.told.Link == link {
		return d.running.told
	}
	return d.last[link]
}

// tell lists the last drills, in the order of the links of a file.
func (d *drills) tell(file *desired.File) []control.Drill {
	all := []control.Drill{}
	for _, link := range file.Links {
		if told := d.of(link.Name); told.Link != "" {
			all = append(all, told)
		}
	}
	return all
}

func drillsFile(folder string) string { return filepath.Join(folder, "drills.json") }

// readDrills reads the last drills of the links of a state folder. There are none
// in a new one.
func readDrills(folder string) (map[string]control.Drill, error) {
	last := map[string]control.Drill{}
	text, err := os.ReadFile(drillsFile(folder))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return last, nil
	case err != nil:
		return last, fmt.Errorf("cannot read the last drills: %w", err)
	}
	if err := json.Unmarshal(text, &last); err != nil {
		return map[string]control.Drill{}, fmt.Errorf("cannot read the last drills in %s: %w", drillsFile(folder), err)
	}
	return last, nil
}

// KeepDrill notes in a state folder that a drill is the last of its link. What it
// cannot read there it replaces.
func KeepDrill(folder string, told control.Drill) error {
	last, _ := readDrills(folder) //nolint:errcheck // an old note that cannot be read is of no use to anybody
	last[told.Link] = after(last[told.Link], told)
	text, err := json.MarshalIndent(last, "", "  ")
	if err != nil {
		return fmt.Errorf("cannot keep the drill: %w", err)
	}
	if err := durable.Replace(drillsFile(folder), text); err != nil {
		return fmt.Errorf("cannot keep the drill: %w", err)
	}
	return nil
}

// after is a drill with what is still to be known of the one before.
func after(before, told control.Drill) control.Drill {
	told.LastDone = before.LastDone
	if told.State == control.DrillDone {
		told.LastDone = told.Began
	}
	return told
}

// keepDrill notes a drill, and is loud when it cannot.
func (d *Daemon) keepDrill(told control.Drill) {
	if err := KeepDrill(d.State, told); err != nil {
		d.Log.Error("the drill would be forgotten after a restart", "error", err)
	}
}

// metrics is the drill under way, or nil.
func (r *drilling) metrics() *metrics.Drilling {
	if r == nil {
		return nil
	}
	return &metrics.Drilling{Link: r.told.Link, Tunnel: r.told.Tunnel}
}

// metrics are the last drills that have ended, of the links of a file.
func (d *drills) metrics(file *desired.File) []metrics.Drill {
	var all []metrics.Drill
	for _, link := range file.Links {
		told, known := d.last[link.Name]
		if !known {
			continue
		}
		one := metrics.Drill{Link: told.Link, Result: told.State, Began: told.Began, Success: told.LastDone, Out: spanOf(told.OutSeconds)}
		for _, p := range told.Pairs {
			one.Sent, one.Lost, one.Gap = one.Sent+p.Sent, one.Lost+p.Lost, max(one.Gap, spanOf(p.SilenceSeconds))
		}
		all = append(all, one)
	}
	return all
}

func spanOf(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// openDrills reads what was drilled before. A drill that nobody ended was ended by
// the end of its linkd.
func (d *Daemon) openDrills() {
	last, err := readDrills(d.State)
	if err != nil {
		d.Log.Error("what was drilled before is not known", "error", err)
	}
	d.drills.last = last
	for link, told := range last {
		if told.Ended.IsZero() {
			told.State, told.Problem, told.Hint, told.Ended = control.DrillStopped, "linkd ended in the middle of it", ComesBack, time.Now()
			last[link] = told
			d.keepDrill(told)
			d.record((&drilling{told: told}).entry(journal.Unfinished, "the drill of "+told.Tunnel+": "+told.Problem))
		}
	}
}

// ComesBack is what to do when a drill ends in the middle.
const ComesBack = "AWS brings the tunnel back by itself; linkd verify shows when it is"

// EndedDrill adds to what is told of a drill how it ended: what it has shown, and the
// error that ended it early, or nil.
func EndedDrill(told control.Drill, report drill.Report, err error, now time.Time) control.Drill {
	told.Ended, told.OutSeconds = now, report.Out.Round(time.Second).Seconds()
	told.Pairs = []control.DrillPair{}
	for _, g := range report.Gaps {
		told.Pairs = append(told.Pairs, control.DrillPair{From: g.From, To: g.To, Vantage: g.Vantage, Sent: g.Sent, Lost: g.Lost, SilenceSeconds: g.Silence.Seconds(), Why: g.Why})
	}
	told.State = control.DrillDone
	if err == nil {
		return told
	}
	told.State, told.Problem, told.Hint = control.DrillFailed, err.Error(), resource.HintOf(err)
	refused, is := errors.AsType[*drill.Refused](err)
	switch {
	case is:
		told.State, told.Held, told.Problem = control.DrillHeld, string(refused.Held), refused.Text
	case stoppedBy(err), errors.Is(err, context.Canceled):
		told.State, told.Hint = control.DrillStopped, ComesBack
	}
	return told
}
