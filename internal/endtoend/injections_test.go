package endtoend

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/sim/fabric"
	"linkd/internal/sim/failures"
	"linkd/internal/sim/scenario"
)

// What the injections say of themselves holds on links that linkd has built,
// as it does on one that was built by hand.
func TestEveryInjectionHoldsOnALinkThatLinkdHasBuilt(t *testing.T) {
	for name, tunnels := range map[string]int{"seed.yaml": 1, "redundant-tunnels.yaml": 2} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				file, err := desired.Load("../../deploy/examples/" + name)
				if err != nil {
					t.Fatal(err)
				}
				given, err := scenario.Seed()
				if err != nil {
					t.Fatal(err)
				}
				l := newLabOf(t, file, given, nil)
				l.mustBuild()
				time.Sleep(10 * time.Minute)
				l.mustLose("nothing", nil)
				for _, injection := range failures.All() {
					if injection.Fits(tunnels, false) {
						l.injectAndUndo(injection)
					}
				}
				undo, err := failures.SpeakBGP(l.sim)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Minute)
				for _, injection := range failures.All() {
					if injection.BGP && injection.Fits(tunnels, true) {
						l.injectAndUndo(injection)
					}
				}
				if err := undo.Undo(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Minute)
				l.mustLose("all undone", nil)
				l.mustBeClean()
			})
		})
	}
}

func (l *lab) injectAndUndo(injection failures.Injection) {
	l.Helper()
	injected, err := injection.Inject(l.sim)
	if err != nil {
		l.Error(err)
		return
	}
	l.mustLose(injection.Name, injected.Losses)
	if err := injected.Undo(); err != nil {
		l.Error(err)
	}
	time.Sleep(10 * time.Minute)
	l.mustLose(injection.Name+", undone", nil)
}

// mustLose sends an echo between every two machines and compares what becomes of
// it with the losses that must be.
func (l *lab) mustLose(when string, losses []failures.Loss) {
	l.Helper()
	at := map[[2]netip.Addr]failures.Loss{}
	for _, loss := range losses {
		at[[2]netip.Addr{loss.From, loss.To}] = loss
	}
	for _, crossing := range l.sim.Echoes() {
		fate := l.sim.Carry(fabric.Packet{From: crossing.From, To: crossing.To})[0]
		there, lost := at[[2]netip.Addr{crossing.From, crossing.To}]
		back, lostBack := at[[2]netip.Addr{crossing.To, crossing.From}]
		want, have := "", fate.Request.DroppedAt+fate.Answer.DroppedAt
		switch {
		case lost:
			want = there.At
		case lostBack && !back.RequestsOnly:
			want = back.At
		}
		if have != want {
			l.Errorf("%s: %s to %s is dropped at %q, want %q", when, crossing.From, crossing.To, have, want)
		}
	}
}
