package drill

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"linkd/internal/probe"
)

// TestGapsCountWhatWasLostAndTheLongestSilence sends an echo a tenth of a second,
// of which some are lost.
func TestGapsCountWhatWasLostAndTheLongestSilence(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		echoes  string // + answered, - lost, ! not sent
		lost    int
		silence time.Duration
		why     string
	}{
		"all come back":           {"++++", 0, 0, ""},
		"two in the middle":       {"++--++", 2, 300 * time.Millisecond, ""},
		"the longer of two":       {"+-+----+", 5, 500 * time.Millisecond, ""},
		"one that has not ended":  {"+++---", 3, 300 * time.Millisecond, ""},
		"none ever":               {"----", 4, 300 * time.Millisecond, ""},
		"the socket cannot send":  {"++!!", 0, 0, "no socket"},
		"and it can again":        {"++!!++", 0, 0, ""},
		"nothing was ever to say": {"", 0, 0, "nothing was sent"},
	} {
		var gaps Gaps
		pair := Pair{From: "vm", To: "ec2", Vantage: "agent"}
		gaps.Follow([]Pair{pair})
		sent := 0
		for i, what := range c.echoes {
			r := probe.Result{At: begin.Add(time.Duration(i) * 100 * time.Millisecond), Sent: 1}
			switch what {
			case '+':
				r.Received = 1
			case '!':
				r.Sent, r.Err = 0, "no socket"
			}
			sent += r.Sent
			gaps.Take(pair, r)
			gaps.Take(Pair{From: "vm", To: "vm-2", Vantage: "agent"}, r) // which crosses no link
		}
		want := []Gap{{From: "vm", To: "ec2", Vantage: "agent", Sent: sent, Lost: c.lost, Silence: c.silence, Why: c.why}}
		if diff := cmp.Diff(want, gaps.Tell()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
