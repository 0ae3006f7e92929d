package reconcile

import (
	"testing"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

func TestOfTwoAtOnceOneTakesItsPairs(t *testing.T) {
	first, second := desired.Tunnel{Link: "tokyo", Number: 1}, desired.Tunnel{Link: "tokyo", Number: 2}
	both := []desired.Tunnel{first, second}
	looked := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	at := func(t desired.Tunnel, after time.Duration) map[desired.Tunnel]cutAt {
		return map[desired.Tunnel]cutAt{t: {at: looked.Add(after)}}
	}
	c := newCuts(nil)
	if taken, err := c.take(at(first, time.Second), both, looked); err != nil || !taken {
		t.Error("nobody took any, and it may not")
	}
	if taken, err := c.take(at(second, 2*time.Second), both, looked); err != nil || taken {
		t.Error("both were taken upon looks from before")
	}
	if taken, err := c.take(at(first, 3*time.Second), both, looked); err != nil || !taken {
		t.Error("what was taken cannot be taken again")
	}
	if taken, err := c.take(at(second, 5*time.Second), both, looked.Add(4*time.Second)); err != nil || !taken {
		t.Error("after another look it may not")
	}
	if _, was := c.last(second); !was {
		t.Error("it is not remembered")
	}
}

// TestTheNextWalkKnowsWhatTheOneBeforeInterrupted: a cloud may still show it up.
func TestTheNextWalkKnowsWhatTheOneBeforeInterrupted(t *testing.T) {
	tunnel := desired.Tunnel{Link: "tokyo", Number: 1}
	shown := func(change string) resource.World {
		return resource.World{desired.AWSTunnelID(tunnel): {Phase: resource.Ready, Attrs: resource.Attrs{"status": resource.Of("up"), "last_change": resource.Of(change)}}}
	}
	engine := &Engine{Scale: 1, cuts: newCuts(nil)}
	if taken, err := engine.cuts.take(map[desired.Tunnel]cutAt{tunnel: {at: time.Now(), lastChange: "9:00"}}, nil, time.Now()); !taken || err != nil {
		t.Fatal(taken, err)
	}
	next := &walk{Engine: engine}
	if next.isBack(tunnel, shown("9:00")) {
		t.Error("it is counted on though nobody has seen it change")
	}
	if !next.isBack(tunnel, shown("9:05")) {
		t.Error("it is not counted on though it has changed since")
	}
	if next.isBack(tunnel, shown("8:55")) {
		t.Error("it is counted on though what AWS tells is from before")
	}
	if next.isBack(tunnel, shown("")) {
		t.Error("it is counted on though AWS does not tell when it changed")
	}
	heir := &Engine{Scale: 1, cuts: newCuts(nil)}
	heir.Succeed(engine)
	if (&walk{Engine: heir}).isBack(tunnel, shown("9:00")) {
		t.Error("the engine of a changed file counts on it")
	}
	engine.cuts.of[tunnel] = cutAt{at: time.Now()}
	if next.isBack(tunnel, shown("9:00")) {
		t.Error("it is counted on though it is not known when it had changed before")
	}
	engine.cuts.of[tunnel] = cutAt{at: time.Now().Add(-2 * telemetryLag), lastChange: "9:00"}
	if !next.isBack(tunnel, shown("9:00")) {
		t.Error("it is not counted on long after")
	}
}
