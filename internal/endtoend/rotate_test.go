package endtoend

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/rotate"
	"linkd/internal/sim/ground"
)

// rotator is that of a linkd that was started anew, to which a person has
// consented or not.
func (l *lab) rotator(ctx context.Context, consent reconcile.Consent) *rotate.Rotator {
	l.Helper()
	engine := l.engine(ctx)
	engine.At = func() reconcile.Circumstances { return reconcile.Circumstances{Consent: consent} }
	return &rotate.Rotator{Engine: engine}
}

// keys are those of the tunnels of the link, as AWS has them.
func (l *lab) keys() map[int]resource.Secret {
	l.Helper()
	keys := map[int]resource.Secret{}
	world := l.world()
	for _, t := range l.file.Links[0].Tunnels() {
		keys[t.Number] = world[desired.AWSConnectionID(t.Link, t.Instance)].Secrets[desired.FactKey(t.Number)]
	}
	return keys
}

// note is that of the keys of the link.
func (l *lab) note() desired.KeyNote {
	l.Helper()
	return desired.ParseKeyNote(l.world()[desired.AWSConnectionID("tokyo", 0)].Attrs[desired.FactKeyNote].One())
}

// mustBeRotated fails the test unless each of some tunnels has another key than
// before, both clouds have it, and nothing is left to be done.
func (l *lab) mustBeRotated(before map[int]resource.Secret, numbers ...int) {
	l.Helper()
	time.Sleep(time.Minute) // what lags is shown by then
	now := l.keys()
	for number, key := range before {
		changed := false
		for _, other := range numbers {
			changed = changed || number == other
		}
		if key.Equal(now[number]) == changed || now[number].IsZero() {
			l.Errorf("the key of tunnel %d: another than before: %v, want %v", number, !changed, changed)
		}
	}
	note := l.note()
	for _, number := range []int{1, 2} { // the link stood for an hour before
		if late := time.Since(note.Set[number]) < time.Hour; note.Open() || note.Set[number].IsZero() || late != slices.Contains(numbers, number) {
			l.Errorf("the note says %q, want the tunnels %v changed and nothing to do", note, numbers)
		}
	}
	l.mustBeClean()
	l.mustCross()
}

// gaps counts what is lost of an echo a tenth of a second, and for how long at
// most no echo crossed.
type gaps struct {
	sent, lost int
	longest    time.Duration
}

// echoes sends ten echoes a second from a machine of Azure to one of AWS until
// it is asked what was lost.
func (l *lab) echoes() (ended func() gaps) {
	const every = 100 * time.Millisecond
	from, to := l.file.Probes.Targets[0].Address, l.file.Probes.Targets[2].Address
	stop, done := make(chan struct{}), make(chan struct{})
	var seen gaps
	go func() {
		defer close(done)
		tick := time.NewTicker(every)
		defer tick.Stop()
		var gap time.Duration
		for {
			select {
			case <-tick.C:
				seen.sent++
				gap += every
				if l.crosses(from, to) {
					gap = 0
				} else {
					seen.lost++
				}
				seen.longest = max(seen.longest, gap)
			case <-stop:
				return
			}
		}
	}()
	return func() gaps {
		close(stop)
		<-done
		return seen
	}
}

// TestNewKeysForATwoTunnelLinkLoseNothing rotates both keys of a link of two
// tunnels, in clouds whose operations take their time, while ten echoes a second
// cross it. Nobody consents to anything.
func TestNewKeysForATwoTunnelLinkLoseNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil)
		l.file.Links[0].Redundancy = desired.Tunnels
		l.mustBuild()
		time.Sleep(time.Hour)
		before, ended, began := l.keys(), l.echoes(), time.Now()
		if err := l.rotator(t.Context(), reconcile.Consent{}).Run(t.Context(), rotate.Order{}); err != nil {
			t.Fatal(err)
		}
		took, lost := time.Since(began), ended()
		t.Logf("two tunnels: %d of %d echoes lost in %s, none for %s at most", lost.lost, lost.sent, took.Round(time.Second), lost.longest)
		if lost.lost != 0 || lost.sent < 1000 {
			t.Errorf("%d of %d echoes were lost", lost.lost, lost.sent)
		}
		l.mustBeRotated(before, 1, 2)
	})
}

// TestTheOnlyTunnelGetsANewKeyWithConsentAlone rotates the key of a link of one
// tunnel: nothing is written before a person consents.
func TestTheOnlyTunnelGetsANewKeyWithConsentAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil)
		l.mustBuild()
		time.Sleep(time.Hour)
		before, writes := l.keys(), l.wire.sent()
		turns, err := l.rotator(t.Context(), reconcile.Consent{}).Plan(t.Context(), rotate.Order{})
		if err != nil || len(turns) != 1 || turns[0].Held != reconcile.HeldLastPair {
			t.Fatalf("the plan: %v %+v, want the turn held for the last pair", err, turns)
		}
		err = l.rotator(t.Context(), reconcile.Consent{}).Run(t.Context(), rotate.Order{})
		if held, is := errors.AsType[*rotate.Held](err); !is || held.Held != reconcile.HeldLastPair {
			t.Errorf("without consent: %v", err)
		}
		if sent := l.wire.sent() - writes; sent != 0 {
			t.Errorf("%d writes were sent without consent", sent)
		}
		ended, began := l.echoes(), time.Now()
		if err := l.rotator(t.Context(), reconcile.Consent{LastPair: true}).Run(t.Context(), rotate.Order{}); err != nil {
			t.Fatal(err)
		}
		took, lost := time.Since(began), ended()
		t.Logf("one tunnel: %d of %d echoes lost in %s, none for %s at most", lost.lost, lost.sent, took.Round(time.Second), lost.longest)
		if lost.lost == 0 {
			t.Error("no echo was lost: the test proves nothing")
		}
		l.mustBeRotated(before, 1)
	})
}

// TestTheSecondTunnelIsNotBegunWhileTheFirstIsNotUp spoils the first tunnel
// while its key is changed, by something that a rotation does not mend: the second
// keeps its key, and the link stands. Once the first is mended, the rotation goes
// on where it was.
func TestTheSecondTunnelIsNotBegunWhileTheFirstIsNotUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := builtToRotate(t)
		before, ended := l.keys(), l.echoes()
		spoilt := false
		l.wire.tell(func(what string, carryOut func()) {
			carryOut()
			if !spoilt && strings.HasPrefix(what, "PUT") {
				spoilt = true
				l.mustMutate(ground.Mutation{
					Cloud: "azure", Op: "set", Kind: "vpnSites", Name: "tokyo", Field: "properties.vpnSiteLinks.tokyo-0-1.properties.ipAddress", Value: "198.51.100.9",
				})
			}
		})
		err := l.rotator(t.Context(), reconcile.Consent{}).Run(t.Context(), rotate.Order{})
		l.wire.tell(nil)
		if err == nil || !spoilt || !strings.Contains(err.Error(), "tokyo-0-1") {
			t.Errorf("spoilt: %v, and it says %v", spoilt, err)
		}
		time.Sleep(time.Minute)
		if now := l.keys(); now[1].Equal(before[1]) || !now[2].Equal(before[2]) {
			t.Error("the first tunnel has its old key, or the second a new one")
		}
		if note := l.note(); !slices.Equal(note.Prove, []int{1}) || !slices.Equal(note.Todo, []int{2}) {
			t.Errorf("the note says %q", note)
		}
		l.unattended()
		first := l.keys()[1]
		if err := l.rotator(t.Context(), reconcile.Consent{}).Run(t.Context(), rotate.Order{}); err != nil {
			t.Fatal(err)
		}
		if lost := ended(); lost.lost != 0 {
			t.Errorf("%d of %d echoes were lost", lost.lost, lost.sent)
		}
		l.mustBeRotated(before, 1, 2)
		if !first.Equal(l.keys()[1]) {
			t.Error("the first tunnel was changed twice")
		}
	})
}

// TestWhatIsHeldKeepsARotationFromItsBegin looks at each reason for which no
// key must be changed: nothing is written, not even a note.
func TestWhatIsHeldKeepsARotationFromItsBegin(t *testing.T) {
	t.Parallel()
	for name, hinder := range map[string]struct {
		by   func(*lab)
		held reconcile.HoldReason
	}{
		"a rule": {func(l *lab) {
			l.file.Policy.Rules = []desired.Rule{{Drift: "aws/vpn-connection.key", Do: desired.Report}}
		}, reconcile.HeldPolicy},
		"a rule on Azure, who would have to follow": {func(l *lab) {
			l.file.Policy.Rules = []desired.Rule{{Drift: "azure/*.shared_key", Do: desired.Report}}
		}, reconcile.HeldPolicy},
		"no window": {func(l *lab) {
			l.file.Policy.Windows = []desired.Window{{Start: "0 3 29 2 *", Duration: desired.Duration(time.Hour)}}
		}, reconcile.HeldWindow},
		"a key of Azure that nobody may read": {func(l *lab) {
			l.sim.Inject(ground.Fault{Operation: "POST *listSharedKey", Effect: ground.EffectDeny})
		}, reconcile.HeldUnknown},
		"a connection that is not ours": {func(l *lab) {
			l.mustMutate(ground.Mutation{Cloud: "aws", Op: "set", Kind: "vpn-connection", Name: l.world()[desired.AWSConnectionID("tokyo", 0)].Ref, Field: "Tags.linkd-owner", Value: "them"})
		}, reconcile.HeldUnowned},
		"a tunnel down, the other the last": {func(l *lab) {
			l.mustMutate(ground.Mutation{
				Cloud: "azure", Op: "set", Kind: "vpnSites", Name: "tokyo", Field: "properties.vpnSiteLinks.tokyo-0-1.properties.ipAddress", Value: "198.51.100.9",
			})
			time.Sleep(10 * time.Minute)
		}, reconcile.HeldLastPair},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := builtToRotate(t)
				hinder.by(l)
				time.Sleep(time.Minute) // what lags is shown by then
				writes := l.wire.sent()
				err := l.rotator(t.Context(), reconcile.Consent{}).Run(t.Context(), rotate.Order{Tunnels: []int{2}})
				if held, is := errors.AsType[*rotate.Held](err); !is || held.Held != hinder.held {
					t.Errorf("it says %v, want it held: %s", err, hinder.held)
				}
				if sent := l.wire.sent() - writes; sent != 0 {
					t.Errorf("%d writes were sent", sent)
				}
			})
		})
	}
}
