package main

import (
	"fmt"
	"io"
	"time"

	"linkd/internal/control"
)

// rotationsText writes what is being done about keys, or is to be and is not.
func rotationsText(w io.Writer, s control.Status, now time.Time) {
	line := liner(w)
	if o := s.Ordered; o != nil && o.Ended.IsZero() {
		done := 0
		for _, turn := range o.Turns {
			if turn.State == control.TurnDone {
				done++
			}
		}
		line("  new keys were ordered by %s: %d of %d tunnels are done%s", o.By, done, len(o.Turns), waitsText(o.Waits))
	}
	for _, r := range s.Rotations {
		for _, tunnel := range r.Apart {
			if !r.Running {
				line("  %s is down until new keys for %s go on: only AWS has its new one%s", tunnel, r.Link, resumes(s))
			}
		}
		switch {
		case r.Running && r.Tunnel != "":
			line("  new keys for %s, for %s: %s: %s", r.Link, age(r.Since, now), r.Tunnel, r.Doing)
		case r.Running && r.Doing != "":
			line("  new keys for %s, for %s: they wait: %s", r.Link, age(r.Since, now), r.Doing)
		case r.Running:
			line("  new keys for %s, for %s", r.Link, age(r.Since, now))
		case r.Held != "":
			line("  new keys for %s are due and held (%s): %s: %s", r.Link, r.Held, r.Tunnel, r.Because)
		case r.Problem != "":
			line("  new keys for %s failed, and are tried again at %s: %s", r.Link, r.Again.UTC().Format(time.RFC3339), r.Problem)
		case r.Unfinished && r.Scheduled:
			line("  new keys for %s were begun and not ended: linkd goes on with them by itself", r.Link)
		case r.Unfinished:
			line("  new keys for %s were begun and not ended: linkd rotate-keys goes on with them", r.Link)
		case r.Due:
			line("  new keys for %s are due", r.Link)
		}
	}
}

// waitsText says what is waited for, or nothing.
func waitsText(waits string) string {
	if waits == "" {
		return ""
	}
	return "; it waits: " + waits
}

// resumes says what ends a pause, while there is one.
func resumes(s control.Status) string {
	if s.Pause == nil {
		return ""
	}
	return "; linkd resume lets them"
}

// keyText says how old the key of a tunnel is, and when it is due, where that
// is known.
func keyText(pair control.Pair, now time.Time) string {
	switch {
	case pair.KeySet.IsZero():
		return ""
	case pair.KeyDue.IsZero():
		return "key of " + days(now.Sub(pair.KeySet))
	case now.Before(pair.KeyDue):
		return "key of " + days(now.Sub(pair.KeySet)) + ", new in " + days(pair.KeyDue.Sub(now))
	}
	return "key of " + days(now.Sub(pair.KeySet)) + ", due for " + days(now.Sub(pair.KeyDue))
}

// days is a long span as a person says it.
func days(span time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case span >= 2*day:
		return fmt.Sprintf("%d days", span/day)
	case span >= time.Hour:
		return fmt.Sprintf("%dh", span/time.Hour)
	}
	return max(span, 0).Round(time.Second).String()
}
