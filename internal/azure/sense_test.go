package azure

import (
	"testing"

	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// An answer without a body is no proof that there is nothing.
func TestEmptyAnswerIsNotTakenForAbsence(t *testing.T) {
	empty := func(operation string) ground.Fault {
		return ground.Fault{Cloud: "azure", Operation: operation, Effect: ground.EffectNonsense, Nonsense: "empty"}
	}
	onStage(t, nil, func(s *stage) {
		s.build()
		s.sim.Inject(empty("LIST *"), empty("GET *"))
		for _, r := range s.cloud.Resources() {
			if _, err := r.Read(s.Context(), s.see(r)); resource.ReasonOf(err) != resource.Nonsense {
				s.Errorf("reading %s: %v", r.ID(), err)
			}
		}
		s.sweep()
		for _, r := range s.cloud.Resources() {
			if live := s.world[r.ID()]; live.Phase != resource.Unknown {
				s.Errorf("%s is %s", r.ID(), live.Phase)
			}
		}
	})
}
