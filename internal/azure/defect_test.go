package azure

import (
	"testing"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// TestADefectInOneQuestionIsToldOfWhatItWasAbout lets one of two questions panic.
func TestADefectInOneQuestionIsToldOfWhatItWasAbout(t *testing.T) {
	first, second := desired.HubID("first"), desired.HubID("second")
	s := &sweep{
		Cloud: &Cloud{resources: []resource.Resource{virtualHub{node: node{id: first}}, virtualHub{node: node{id: second}}}},
		slots: make(chan struct{}, atOnce), world: resource.World{},
	}
	s.ask(func() { s.note(first, absent("")) })
	s.ask(func() { panic("nil map") })
	s.calls.Wait()
	s.answerDefect()
	if live := s.world[first]; live.Phase != resource.Absent || live.Defect {
		t.Errorf("the one that was answered for: %+v", live)
	}
	if live := s.world[second]; live.Phase != resource.Unknown || !live.Defect || live.Why != "this is a defect of linkd: nil map" {
		t.Errorf("the other: %+v", live)
	}
}
