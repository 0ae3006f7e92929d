package main

import (
	"slices"
	"testing"
	"time"

	"linkd/internal/control"
)

func TestTheStatusSaysWhatToDoAboutAnAgentThatIsNotWell(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	cells := probeCells(&control.Probes{
		Agents: []control.Agent{
			{Name: "ec2-a", Since: now.Add(-time.Minute), Why: "the certificate of agent ec2-a ended", Hint: "make a new one"},
			{Name: "vm-jpe", Why: "it has not connected yet"},
			{Name: "behind", Connected: true, ClockAhead: -200, CertificateUntil: now.Add(72 * time.Hour)},
			{Name: "ahead", Connected: true, ClockAhead: 5.4, Trouble: "no socket", CertificateUntil: now.Add(15 * 24 * time.Hour)},
			{Name: "well", Connected: true, ClockAhead: 4, CertificateUntil: now.Add(15 * 24 * time.Hour)},
		},
		Pairs: []control.Probe{{}}, // of which nothing is known for another reason
	}, now)
	for _, want := range [][]string{
		{"agent ec2-a", "not connected for 1m0s", "the certificate of agent ec2-a ended; hint: make a new one"},
		{"agent vm-jpe", "not connected", "it has not connected yet"},
		{"agent behind", "its clock is 3m20s behind", "results are not touched by it, certificates are; hint: set the clock that is wrong by NTP: date -u here and on behind"},
		{"agent behind", "its certificate ends in 72h0m0s", "hint: put a new one in place there, by linkd agent certificate for behind --force"},
		{"agent ahead", "cannot send", "no socket"},
		{"agent ahead", "its clock is 5s ahead", "results are not touched by it, certificates are; hint: set the clock that is wrong by NTP: date -u here and on ahead"},
	} {
		if !slices.ContainsFunc(cells, func(row []string) bool { return slices.Equal(row, want) }) {
			t.Errorf("there is no line %q: %q", want, cells)
		}
	}
	if len(cells) != 8 { // of the agents, and two of the pairs
		t.Errorf("there are more lines, or less: %q", cells)
	}
}
