package main

import (
	"slices"
	"testing"
	"time"

	"linkd/internal/control"
)

func TestTheStatusSaysWhatToDoAboutAnAgentThatIsGone(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	cells := probeCells(&control.Probes{
		Agents: []control.Agent{
			{Name: "ec2-a", Since: now.Add(-time.Minute), Why: "the certificate of agent ec2-a ended", Hint: "make a new one"},
			{Name: "vm-jpe", Why: "it has not connected yet"},
		},
		Pairs: []control.Probe{{}}, // of which nothing is known for another reason
	}, now)
	for _, want := range [][]string{
		{"agent ec2-a", "not connected for 1m0s", "the certificate of agent ec2-a ended; hint: make a new one"},
		{"agent vm-jpe", "not connected", "it has not connected yet"},
	} {
		if !slices.ContainsFunc(cells, func(row []string) bool { return slices.Equal(row, want) }) {
			t.Errorf("there is no line %q: %q", want, cells)
		}
	}
}
