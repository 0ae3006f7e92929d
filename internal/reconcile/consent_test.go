package reconcile

import (
	"testing"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// TestAnApprovalIsOfNoOtherDifference decides, in the circumstances of a plan
// that was approved, about a difference that was not among what was approved.
func TestAnApprovalIsOfNoOtherDifference(t *testing.T) {
	file := &desired.File{Policy: desired.Policy{Default: desired.Approve}}
	colour := resource.Drift{ID: "toy/a", Kind: "toy/box", Attr: "colour", Class: resource.Differs}
	shape := resource.Drift{ID: "toy/a", Kind: "toy/box", Attr: "shape", Class: resource.Differs}
	at := Circumstances{Consent: Consent{Approvals: true, LastPair: true, Of: map[Difference]bool{DifferenceOf(colour): true}}}
	decided := at.decide(file, []resource.Drift{colour, shape})
	if decided[0].Action != desired.Repair || decided[1].Action != desired.Approve {
		t.Errorf("what was approved: %s, the other: %s", decided[0].Action, decided[1].Action)
	}
	at.Consent.Of = nil // a person who saw the plan and said yes
	if decided := at.decide(file, []resource.Drift{shape}); decided[0].Action != desired.Repair {
		t.Errorf("with all consent: %s", decided[0].Action)
	}
}

// TestWhatWasDeletedToBeMadeAnewIsMade: consent to a replace names the
// difference that it mends, and the create is of another.
func TestWhatWasDeletedToBeMadeAnewIsMade(t *testing.T) {
	missing := func() []Decided {
		d := Decided{Drift: resource.Drift{ID: "toy/a", Kind: "toy/box", Class: resource.Missing}, Action: desired.Repair}
		d.hold(HeldApproval, "it waits")
		return []Decided{d}
	}
	for _, test := range []struct {
		verb  Verb
		phase resource.Phase
		want  int
	}{
		{Renew, resource.Absent, 1},
		{Renew, resource.Ready, 0},
		{Update, resource.Absent, 0}, // somebody else deleted it
	} {
		decided := missing()
		(&converge{verb: test.verb}).finishReplace(resource.Live{Phase: test.phase}, decided)
		if made := len(allowed(decided)); made != test.want {
			t.Errorf("after %q, %v: %d may be mended, want %d", test.verb, test.phase, made, test.want)
		}
	}
}
