package daemon

import (
	"testing"

	"linkd/internal/journal"
)

// TestEveryEventHasAMessage: a line of the log without one says nothing to who
// looks for it.
func TestEveryEventHasAMessage(t *testing.T) {
	for _, event := range journal.Events() {
		if messages[event] == "" {
			t.Errorf("%s has no message", event)
		}
	}
}
