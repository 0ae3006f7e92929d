package endtoend

import (
	"maps"
	"testing"

	"linkd/internal/failure"
	"linkd/internal/resource"
	"linkd/internal/verify"
)

// TestWhatIsUnknownIsNeitherWellNorBroken forgets each resource of a healthy link
// in turn: no check panics, none accuses anything, and the whole is not well.
func TestWhatIsUnknownIsNeitherWellNorBroken(t *testing.T) {
	for _, topology := range topologies {
		onTopology(t, topology.name, false, func(l *lab) {
			_, e := l.verify()
			for id := range e.World {
				forgotten := *e
				forgotten.World = maps.Clone(e.World)
				forgotten.World[id] = resource.Live{Phase: resource.Unknown, Why: "nobody answers"}
				forgotten.Drifts = []resource.Drift{{ID: id, Class: resource.Unseen, Why: "nobody answers"}}
				report := verify.Run(&forgotten, verify.Selection{})
				for _, f := range report.Findings {
					if f.Code != failure.ObservationGap {
						l.Errorf("%s: %s is unknown, and %s: %s", topology.name, id, f.Line(), f.Says)
					}
				}
				if report.Verdict != verify.CannotCheck {
					l.Errorf("%s: %s is unknown, and the whole is %s: %s", topology.name, id, report.Verdict, report.First)
				}
			}
		})
	}
}
