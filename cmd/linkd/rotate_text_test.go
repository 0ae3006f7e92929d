package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"linkd/internal/desired"
	"linkd/internal/rotate"
)

// TestATurnThatIsDoneTellsTheAgeOfItsNewKey, and one that failed that of the old one.
func TestATurnThatIsDoneTellsTheAgeOfItsNewKey(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	old := rotate.Age{Set: now.Add(-90 * 24 * time.Hour), Due: now}
	fresh := rotate.Age{Set: now, Due: now.Add(90 * 24 * time.Hour)}
	for want, failed := range map[rotate.Age]error{fresh: nil, old: errors.New("no answer")} {
		turn := rotate.Turn{Tunnel: desired.Tunnel{Link: "tokyo", Number: 1}, What: rotate.Change, Age: old}
		told := newTold([]rotate.Turn{turn})
		turn.Age = want
		told.ended(turn, time.Minute, failed)
		if one := told.Turns[0]; len(told.Turns) != 1 || !one.KeySet.Equal(want.Set) || !one.Due.Equal(want.Due) {
			t.Errorf("ended by %v: %+v", failed, told.Turns)
		}
	}
}

// TestATurnThatWaitsSaysForWhat, as long as it is to come.
func TestATurnThatWaitsSaysForWhat(t *testing.T) {
	turn := rotate.Turn{Tunnel: desired.Tunnel{Link: "tokyo", Number: 1}, What: rotate.Change, Waits: "AWS is still changing aws/vpn-connection/tokyo-0: its state is modifying"}
	told := newTold([]rotate.Turn{turn})
	if text := told.text(); told.waits() != turn.Waits || !strings.HasPrefix(text, "~ tokyo-0-1  gets a new key; it waits: "+turn.Waits+"\n") {
		t.Errorf("it waits %q: %s", told.waits(), text)
	}
	told.ended(turn, time.Minute, nil)
	if text := told.text(); told.waits() != "" || strings.Contains(text, "waits") {
		t.Errorf("done, it waits %q: %s", told.waits(), text)
	}
}
