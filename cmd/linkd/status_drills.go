package main

import (
	"fmt"
	"io"
	"time"

	"linkd/internal/control"
)

// drillsText writes the last drill of each link, or that which is under way.
func drillsText(w io.Writer, s control.Status, now time.Time) {
	line := liner(w)
	for _, d := range s.Drills {
		switch {
		case d.Ended.IsZero():
			step := "it begins"
			if len(d.Steps) > 0 {
				step = d.Steps[len(d.Steps)-1]
			}
			line("  a drill of %s by %s, for %s: %s", d.Tunnel, d.By, age(d.Began, now), step)
		case d.State == control.DrillDone:
			line("  last drill of %s, %s ago: %s was out of use for %s; %s", d.Link, days(now.Sub(d.Began)), d.Tunnel, seconds(d.OutSeconds), lostText(d))
		default:
			line("  last drill of %s, %s ago: %s: %s: %s", d.Link, days(now.Sub(d.Began)), d.Tunnel, d.State, d.Problem)
		}
	}
}

// lostText sums up what a drill lost.
func lostText(d control.Drill) string {
	sent, lost, silence := 0, 0, 0.0
	for _, p := range d.Pairs {
		sent, lost, silence = sent+p.Sent, lost+p.Lost, max(silence, p.SilenceSeconds)
	}
	switch {
	case sent == 0:
		return "what was lost was not measured"
	case lost == 0:
		return fmt.Sprintf("it lost none of %d echoes", sent)
	}
	return fmt.Sprintf("it lost %d of %d echoes, and nothing came back for %s at most", lost, sent, seconds(silence).Round(10*time.Millisecond))
}
