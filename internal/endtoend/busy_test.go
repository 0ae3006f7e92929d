package endtoend

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/path"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/rotate"
)

// sampled counts what was seen while something was done to a link.
type sampled struct {
	samples, busy, warned int // busy: a connection of the link was being changed
}

// accusesNothingDuring looks every now and then at a link of which something is changed
// while echoes cross it: verify may say that a tunnel is down and what was announced; it
// may not say that a way is blocked or not known, nor the plan that a connection that carries does not stand.
func (l *lab) accusesNothingDuring(every time.Duration, do func() error) sampled {
	l.Helper()
	done := make(chan error, 1)
	go func() { done <- do() }()
	var seen sampled
	for {
		select {
		case err := <-done:
			if err != nil {
				l.Error(err)
			}
			return seen
		case <-time.After(every):
			l.accusesNothing(&seen)
		}
	}
}

// downAndSaid are the failures that are told of a link of which one tunnel is being changed.
var downAndSaid = map[failure.Code]bool{failure.RedundancyLost: true, failure.TunnelMaintenance: true, failure.KeyMismatch: true}

func (l *lab) accusesNothing(seen *sampled) {
	l.Helper()
	for _, from := range l.file.Probes.Targets {
		for _, to := range l.file.Probes.Targets {
			if from.Name != to.Name && !l.crosses(from.Address, to.Address) {
				return // what is told then is another matter
			}
		}
	}
	seen.samples++
	report, e := l.verify()
	for _, drift := range e.Drifts {
		if drift.Class == resource.BusyNow && strings.Contains(string(drift.ID), "vpn-connection") {
			seen.busy++
			if drift.Breaks != "" {
				l.Errorf("%s: %s is busy (%s), and breaks %q", time.Now().Format(time.TimeOnly), drift.ID, drift.Why, drift.Breaks)
			}
		}
		if drift.Class == resource.Blocked && drift.Breaks != "" {
			l.Errorf("%s: %s is blocked (%s), and breaks %q", time.Now().Format(time.TimeOnly), drift.ID, drift.Why, drift.Breaks)
		}
	}
	for _, f := range report.Findings {
		if f.Severity != failure.Info && !downAndSaid[f.Code] || f.Severity == failure.Error || len(f.Ways) > 0 {
			l.Errorf("%s: %s: %s: %s, ways %v", time.Now().Format(time.TimeOnly), f.Line(), f.At(), f.Says, f.Ways)
		}
		seen.warned++
	}
	for _, trace := range e.Traces {
		if trace.Verdict() != path.Pass {
			l.Errorf("%s: the model says of %s → %s: %s\n%s", time.Now().Format(time.TimeOnly), trace.Forward.From, trace.Forward.To, trace.Verdict(), hopsOf(trace))
		}
	}
}

// TestALinkThatIsBeingChangedIsNotAccused gives a link new keys, in each shape and routing,
// and looks at it all the while.
func TestALinkThatIsBeingChangedIsNotAccused(t *testing.T) {
	t.Parallel()
	for _, redundancy := range []desired.Redundancy{desired.Tunnels, desired.Full} {
		for _, routing := range []desired.Routing{desired.Static, desired.BGP} {
			if testing.Short() && (redundancy == desired.Full || routing == desired.Static) {
				continue
			}
			t.Run(string(redundancy)+", "+string(routing), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					l := builtSlowly(t, redundancy, routing)
					seen := l.accusesNothingDuring(40*time.Second, func() error {
						return l.rotator(t.Context(), reconcile.Consent{}).Run(t.Context(), rotate.Order{Tunnels: []int{1}})
					})
					t.Logf("%+v", seen)
					if seen.busy == 0 {
						t.Error("nothing was seen being changed: the test proves nothing")
					}
				})
			})
		}
	}
}
