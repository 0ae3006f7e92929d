package reconcile

import (
	"fmt"
	"strings"

	"linkd/internal/resource"
)

const writeAnew = "apply again: linkd then writes it anew; if it fails again, the text above is what to tell the cloud's support"

// failedAfter is the case of a write that was accepted and then failed. Where
// it was to mend an earlier failure, that may be what a late read still shows.
func (c *converge) failedAfter(live resource.Live) step {
	earlier := len(c.sent) > 0 && c.sent[0].Class == resource.FailedNow && !c.moved
	if earlier && c.sinceSent() < settling {
		c.tell(Running, "until the change shows")
		return after(pause(c.span, c.sinceSent()))
	}
	c.release()
	err := fmt.Errorf("cannot %s %s: the cloud accepted it and then failed: %s", c.verb, c.ID(), live.Why)
	return c.ended(c.fail(resource.WithHint(err, writeAnew)))
}

// neverStays is the error of what the cloud accepts again and again, and a
// look some time after each does not find.
func (c *converge) neverStays(live resource.Live, drift resource.Drift) error {
	why := ""
	if live.Why != "" {
		why = ": " + live.Why
	}
	if live.Phase == resource.Absent {
		return resource.WithHint(
			fmt.Errorf("cannot create %s: the cloud accepted it %d times, and each time it was gone again%s", c.ID(), c.sentTimes, why),
			"look in the cloud's record of events (CloudTrail, the activity log) for what became of it")
	}
	return resource.WithHint(
		fmt.Errorf("cannot %s %s: %s was written %d times and does not stay: %s", c.verb, c.ID(), drift.Key(), c.sentTimes, explain(drift, live)),
		"somebody or something else may be setting it back: look who writes to it in the cloud's record of events")
}

// explain says in a clause what differs and what the cloud says of it.
func explain(drift resource.Drift, live resource.Live) string {
	text := string(drift.Class)
	switch {
	case drift.Attr != "" && drift.Class == resource.Extra:
		text = fmt.Sprintf("%s has %s, which nobody declared", drift.Attr, drift.Have)
	case drift.Attr != "":
		text = drift.Attr + " " + contrast(drift.Want, drift.Have)
	}
	if live.Why != "" {
		text += " (" + live.Why + ")"
	}
	return text
}

// clause says of what the walk leaves alone how it stands, where "held" would
// not say it, or "".
func clause(step Step, kind *resource.Kind) string {
	switch d := step.Drifts[0]; {
	case step.Verb == Unclear:
		return "could not be read: " + d.Why
	case d.Attr == "" && d.Class == resource.Missing && kind.Given:
		return strings.TrimSuffix("does not exist, and linkd does not make it: "+d.Why, ": ")
	case d.Class == resource.Unowned:
		return "is not linkd's: " + d.Why
	}
	return ""
}
