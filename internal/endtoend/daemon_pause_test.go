package endtoend

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/journal"
)

// TestAPauseInTheMiddleOfARotationSaysHowItLeavesTheTunnel pauses at several moments of
// the turn of the first of two tunnels: nothing more is written, what the pause says
// of the tunnel holds as long as it lasts, the status tells the same, and after it
// the rotation goes on.
func TestAPauseInTheMiddleOfARotationSaysHowItLeavesTheTunnel(t *testing.T) {
	t.Parallel()
	const apart, alike, before = "only AWS has that of tokyo-0-1", "both clouds have that of tokyo-0-1", "that of tokyo-0-1 is not changed yet"
	for name, test := range map[string]struct {
		redundancy, policy string
		after              time.Duration
		says               string
	}{
		"before AWS has a new key": {"tunnels", "", 100 * time.Millisecond, before},
		"while AWS works":          {"tunnels", "", 20 * time.Second, apart},
		"while both prove it":      {"tunnels", "", 2 * time.Minute, alike},
		"the only tunnel":          {"single", mayCut, 20 * time.Second, apart},
	} {
		if testing.Short() && test.says != apart {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l, k := scheduled(t, hurried, test.redundancy, test.policy, nil)
				defer func() { k.stop() }()
				keys, numbers := l.keys(), []int{1, 2}[:len(l.file.Links[0].Tunnels())]
				l.age(25 * time.Hour)
				k.audited()
				for began := time.Now(); k.rotation().Tunnel == "" && time.Since(began) < time.Minute; {
					time.Sleep(10 * time.Millisecond)
				}
				time.Sleep(test.after)
				text, err := k.Pause(t.Context(), "uid 0", time.Hour, "somebody works there")
				if err != nil || !strings.Contains(text, test.says) {
					t.Fatalf("it says %q, %v, want: %s", text, err, test.says)
				}
				if last := k.said(); !strings.Contains(last, "somebody works there. New keys for tokyo were being given") || !strings.Contains(last, test.says) {
					t.Errorf("the record says %q", last)
				}
				writes := l.wire.sent()
				time.Sleep(30 * time.Minute)
				if sent := l.wire.sent() - writes; sent != 0 {
					t.Errorf("in the pause %d writes are sent", sent)
				}
				var want []string
				up, beside := len(numbers), "Up beside it: tokyo-0-2."
				if test.says == apart {
					want, up = []string{"tokyo-0-1"}, up-1
				}
				if up == 0 {
					beside = "the link is down until then"
				}
				if have := k.rotation().Apart; !slices.Equal(have, want) || l.countUp() != up || test.says == apart && !strings.Contains(text, beside) {
					t.Errorf("it has said %q; half an hour later %d tunnels are up, and it tells of %q", text, l.countUp(), have)
				}
				if _, err := k.Resume(t.Context(), "uid 0"); err != nil {
					t.Fatal(err)
				}
				k.untilRotates(true, time.Hour)
				k.untilRotates(false, time.Hour)
				k.until(control.AsDesired, time.Hour)
				l.mustBeRotated(keys, numbers...)
				if status := k.rotation(); status.Apart != nil {
					t.Errorf("afterwards it tells of %+v", status)
				}
			})
		})
	}
}

// said is the text of the last pause on the record.
func (k *keeper) said() (text string) {
	k.lab.Helper()
	err := journal.Read(filepath.Join(k.folder, "journal"), journal.Filter{}, func(e journal.Entry) bool {
		if e.Event == journal.Paused {
			text = e.Text
		}
		return true
	})
	if err != nil {
		k.lab.Fatal(err)
	}
	return text
}

// TestAPauseSaysNothingOfKeysThatAreNotBeingChanged: where no key is being changed there is nothing
// to be told.
func TestAPauseSaysNothingOfKeysThatAreNotBeingChanged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.file.Links[0].Redundancy = desired.Tunnels
		l.mustBuild()
		k := l.keepOf(withKeys(t, "tunnels", "90d", ""), nil)
		defer func() { k.stop() }()
		k.audited()
		if text, err := k.Pause(t.Context(), "uid 0", time.Hour, "somebody works there"); err != nil || !strings.HasSuffix(text, "Audits go on.") {
			t.Errorf("it says %q, %v", text, err)
		}
	})
}
