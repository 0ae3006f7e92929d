package endtoend

import (
	"slices"
	"testing"
	"time"

	"linkd/internal/sim/ground"
)

// TestAStopInTheMiddleOfALookIsNoNewsOfTheClouds stops the daemon while it
// waits for an answer. What the look did not come to read is not told as a
// cloud that cannot be read: nobody is to be woken by a restart.
func TestAStopInTheMiddleOfALookIsNoNewsOfTheClouds(t *testing.T) {
	kept(t, nil, func(l *lab, k *keeper) {
		l.sim.Inject(ground.Fault{Cloud: "azure", Effect: ground.EffectStall, Stall: 300})
		if _, err := k.Audit(l.Context(), "the test", false); err != nil {
			l.Fatal(err)
		}
		time.Sleep(time.Minute)
		if !k.status().Looks[0].Running {
			l.Fatal("the look does not wait")
		}
		k.stop()
		told := k.journal()
		if slices.Contains(told, "unseen") || told[len(told)-1] != "stopped" {
			l.Errorf("it told %v", told)
		}
		l.sim.Heal()
		k.start(nil)
	})
}
