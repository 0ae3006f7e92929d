package reconcile

import (
	"fmt"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Circumstances are what a decision depends on beside the file and the
// clouds: the time, what a person has said, and what went before. They are
// data, so that deciding stays pure. The zero Circumstances are those of an
// unattended linkd of which nothing is known.
type Circumstances struct {
	Now time.Time
	// AuditOnly turns every repair into a report.
	AuditOnly bool
	// Paused says who paused repairs and why, or is "".
	Paused string
	// Consent is what a person has agreed to.
	Consent Consent
	// Approvals are the digests of plans that were approved, and by whom. The
	// one that names this very plan is turned into consent.
	Approvals map[string]Approval
	// Obstacles keep single differences from being mended.
	Obstacles map[Difference]Obstacle
	// Only are the differences that are mended, whatever else differs; nil: all.
	Only map[Difference]bool
	// InFlight are the resources that a repair under way may write.
	InFlight map[resource.ID]bool
	// Deleted are the resources that linkd has deleted to make them anew, and has
	// not seen standing since: whoever let the one be done meant both.
	Deleted map[resource.ID]bool
}

// Consent is what a person has agreed to, in front of the plan.
type Consent struct {
	Approvals bool // what policy says waits for approval
	LastPair  bool // what interrupts the last live tunnel of a link
	Window    bool // what interrupts, outside of the maintenance windows
	// Of are the differences that it is of; nil: all.
	Of map[Difference]bool
}

// covers reports whether the consent is of a drift.
func (c Consent) covers(d resource.Drift) bool { return c.Of == nil || c.Of[DifferenceOf(d)] }

// Approval is a person's word on one plan.
type Approval struct {
	By  string
	Now bool // also outside of the maintenance windows
}

// Difference names a drift through time: the same difference of the same
// resource, whatever its values.
type Difference struct {
	ID     resource.ID `json:"id"`
	Key    string      `json:"key"`
	Member string      `json:"member,omitempty"`
}

// DifferenceOf names a drift.
func DifferenceOf(d resource.Drift) Difference {
	return Difference{ID: d.ID, Key: d.Key(), Member: d.Member}
}

// DifferencesOf names what was decided about.
func DifferencesOf(decided []Decided) []Difference {
	names := make([]Difference, len(decided))
	for i, d := range decided {
		names[i] = DifferenceOf(d.Drift)
	}
	return names
}

// Obstacle keeps a difference from being mended now.
type Obstacle struct {
	Held HoldReason
	Text string
}

// decide asks the policy about each drift of one resource, and then the
// circumstances about what policy lets be mended.
func (at Circumstances) decide(file *desired.File, drifts []resource.Drift) []Decided {
	var decided []Decided
	for _, drift := range drifts {
		action, why := file.Policy.Decide(drift, file.LinkOf(drift.ID), at.Now)
		if at.Deleted[drift.ID] && drift.Class == resource.Missing && drift.Attr == "" {
			action, why = desired.Repair, deletedToRenew
		}
		if action == desired.Ignore {
			continue
		}
		if action == desired.Approve && at.Consent.Approvals && at.Consent.covers(drift) {
			action, why = desired.Repair, "a person approved it"
		}
		d := Decided{Drift: drift, Action: action, Because: why, Held: heldBy(action, drift)}
		if d.Action == desired.Repair || d.Action == desired.Approve {
			at.oppose(&d)
		}
		decided = append(decided, d)
	}
	return withTheFailure(decided)
}

// deletedToRenew is why a replace goes on with its second half.
const deletedToRenew = "it was deleted to be made anew"

// heldBy is the reason why policy alone holds a drift.
func heldBy(action desired.Action, drift resource.Drift) HoldReason {
	switch {
	case action == desired.Repair:
		return NotHeld
	case action == desired.Approve:
		return HeldApproval
	}
	switch drift.Class {
	case resource.Unowned, resource.Duplicate, resource.Orphan:
		return HeldUnowned
	case resource.Unseen, resource.BusyNow, resource.Blocked:
		return HeldUnknown
	}
	if drift.Fix == resource.ByHand {
		return HeldByHand
	}
	return HeldPolicy
}

// oppose holds a drift that policy would mend for the first reason that the
// circumstances give.
func (at Circumstances) oppose(d *Decided) {
	obstacle, known := at.Obstacles[DifferenceOf(d.Drift)]
	switch {
	case at.AuditOnly:
		d.hold(HeldAudit, "this linkd only audits")
	case at.Paused != "":
		d.hold(HeldPaused, at.Paused)
	case at.Only != nil && !at.Only[DifferenceOf(d.Drift)]:
		d.hold(HeldAside, "only something else was asked for")
	case known:
		d.hold(obstacle.Held, obstacle.Text)
	case at.InFlight[d.ID]:
		d.hold(HeldInFlight, "a repair of it is under way")
	}
}

// hold turns a repair into a report.
func (d *Decided) hold(reason HoldReason, because string) {
	d.Action, d.Held, d.Because = desired.Report, reason, because
}

// withTheFailure holds the rows of a resource that failed when policy leaves
// the failure: writing a row would write the resource anew.
func withTheFailure(decided []Decided) []Decided {
	if len(decided) == 0 || decided[0].Class != resource.FailedNow || decided[0].Action == desired.Repair {
		return decided
	}
	for i := 1; i < len(decided); i++ {
		if decided[i].Action == desired.Repair {
			decided[i].hold(decided[0].Held, fmt.Sprintf("the resource failed, and is left so: %s", decided[0].Because))
		}
	}
	return decided
}
