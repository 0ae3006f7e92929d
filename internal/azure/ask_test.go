package azure

import (
	"testing"
	"time"
)

// TestAQuestionToFastCloudsMayTakeAWhileAllTheSame: a busy machine is no reason to
// call a healthy hub unseen.
func TestAQuestionToFastCloudsMayTakeAWhileAllTheSame(t *testing.T) {
	for scale, want := range map[float64]time.Duration{1: 5 * time.Minute, 10: 30 * time.Second, 2000: 10 * time.Second} {
		if got := boundOf(scale); got != want {
			t.Errorf("%g times as fast: %s, want %s", scale, got, want)
		}
	}
}
