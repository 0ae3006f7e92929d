package daemon

import (
	"testing"
	"time"

	"linkd/internal/desired"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func clockOf(t *testing.T, expression, zone string, now time.Time) *clockwork {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	times, err := desired.ParseTimes(expression, location)
	if err != nil {
		t.Fatal(err)
	}
	return newClockwork(times, 0, now)
}

// TestATickComesOnceWhateverTheClockDoes asks at moments that a clock may show
// one after the other: slow, set ahead, set back.
func TestATickComesOnceWhateverTheClockDoes(t *testing.T) {
	for name, test := range map[string]struct {
		expression, zone string
		moments          []string
		due              []bool
	}{
		"every quarter": {
			"*/15 * * * *", "UTC",
			[]string{"2026-11-25T10:01:00Z", "2026-11-25T10:14:59Z", "2026-11-25T10:15:00Z", "2026-11-25T10:15:01Z", "2026-11-25T10:30:00Z"},
			[]bool{false, false, true, false, true},
		},
		"in its zone": {
			"0 9 * * *", "Asia/Tokyo",
			[]string{"2026-11-25T09:00:00Z", "2026-11-25T23:59:59Z", "2026-11-26T00:00:00Z"},
			[]bool{false, false, true},
		},
		"a machine that slept catches up with one": {
			"*/15 * * * *", "UTC",
			[]string{"2026-11-25T10:01:00Z", "2026-11-25T13:07:00Z", "2026-11-25T13:08:00Z", "2026-11-25T13:15:00Z"},
			[]bool{false, true, false, true},
		},
		"a clock set back does not stop it": {
			"*/15 * * * *", "UTC",
			[]string{"2026-11-25T10:01:00Z", "2026-11-25T08:00:00Z", "2026-11-25T08:14:00Z", "2026-11-25T08:15:00Z"},
			[]bool{false, false, false, true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := clockOf(t, test.expression, test.zone, at(t, test.moments[0]))
			for i, moment := range test.moments {
				if got := c.due(at(t, moment)); got != test.due[i] {
					t.Errorf("at %s it is due: %t, want %t", moment, got, test.due[i])
				}
			}
		})
	}
}

// TestATickIsOfTheWallClock: what a time.Time remembers beside the wall clock
// does not jump with it, and would hide that the clock was set back.
func TestATickIsOfTheWallClock(t *testing.T) {
	c := clockOf(t, "@every 5m", "UTC", time.Now())
	if c.asked != c.asked.Round(0) || c.next != c.next.Round(0) {
		t.Errorf("it compares by another clock: asked at %s, next at %s", c.asked, c.next)
	}
	now := time.Now().Add(10 * time.Minute)
	if !c.due(now) || c.asked != c.asked.Round(0) || c.next != c.next.Round(0) {
		t.Errorf("after a tick it compares by another clock: asked at %s, next at %s", c.asked, c.next)
	}
}

func TestAWaitIsShortEnoughToNoticeASetClock(t *testing.T) {
	now := at(t, "2026-11-25T10:01:00Z")
	c := clockOf(t, "*/15 * * * *", "UTC", now)
	if wait := c.wait(now); wait > slice {
		t.Errorf("it waits %s at once", wait)
	}
	if wait := c.wait(at(t, "2026-11-25T10:14:50Z")); wait != 10*time.Second {
		t.Errorf("10 seconds before the tick it waits %s", wait)
	}
}

func TestJitterDelaysATickByNoMoreThanItIs(t *testing.T) {
	now := at(t, "2026-11-25T10:01:00Z")
	c := clockOf(t, "*/15 * * * *", "UTC", now)
	for range 1000 {
		j := newClockwork(c.times, 10*time.Second, now)
		if late := j.next.Sub(c.next); late < 0 || late >= 10*time.Second {
			t.Fatalf("a jitter of 10 s makes it %s late", late)
		}
	}
}
