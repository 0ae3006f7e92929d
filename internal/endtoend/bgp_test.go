package endtoend

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/reconcile"
	"linkd/internal/sim/catalogue"
	"linkd/internal/sim/ground"
	"linkd/internal/verify"
)

// speaking makes the article's link learn its routes.
func (l *lab) speaking(redundancy desired.Redundancy) *lab {
	l.file.Links[0].Routing, l.file.Links[0].Redundancy = desired.BGP, redundancy
	return l
}

func mustLoad(t testing.TB, example string) *desired.File {
	t.Helper()
	file, err := desired.Load("../../deploy/examples/" + example)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestALinkWithBGPIsBuiltAndStaysAsDesired(t *testing.T) {
	t.Parallel()
	for _, redundancy := range []desired.Redundancy{desired.Single, desired.Tunnels, desired.Full} {
		t.Run(string(redundancy), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, nil)
				if l.speaking(redundancy); redundancy == desired.Tunnels { // as the example has it
					l.file = mustLoad(t, "bgp.yaml")
				}
				report := l.mustBuild()
				t.Logf("built in %s of the clouds' time with %d requests", report.Took, l.wire.count)
				l.mustCross()
				l.mustBeClean()
				time.Sleep(time.Hour)
				l.mustBeClean()
				up := 0
				for _, tunnel := range l.sim.Tunnels() {
					if tunnel.BGPUp {
						up++
					}
				}
				if want := len(l.file.Links[0].Tunnels()); up != want {
					t.Errorf("%d BGP sessions are up, want %d: %+v", up, want, l.sim.Tunnels())
				}
			})
		})
	}
}

// lossDuring sends an echo every tenth of a second between two machines of either
// side while something is done, and returns how many were lost, and how long
// the longest gap was.
func (l *lab) lossDuring(do func()) (sent, lost int, gap time.Duration) {
	l.Helper()
	stop, done := make(chan struct{}), make(chan struct{})
	from, to := l.file.Probes.Targets[0].Address, l.file.Probes.Targets[2].Address
	go func() {
		defer close(done)
		run := 0
		for {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
			}
			if sent++; l.crosses(from, to) {
				run = 0
				continue
			}
			lost, run = lost+1, run+1
			gap = max(gap, time.Duration(run)*100*time.Millisecond)
		}
	}()
	do()
	close(stop)
	<-done
	return sent, lost, gap
}

func TestALinkMovesToBGPAndBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil) // with the durations of life, for the figures
		l.file.Links[0].Redundancy = desired.Tunnels
		l.mustBuild()
		time.Sleep(time.Hour)
		for _, routing := range []desired.Routing{desired.BGP, desired.Static} {
			l.file.Links[0].Routing, l.file.Policy = routing, desired.Policy{Default: desired.Repair}
			plan := l.planOf(reconcile.Circumstances{})
			var text strings.Builder
			_ = plan.Text(&text)
			t.Logf("to %s:\n%s", routing, text.String())
			if strings.Contains(text.String(), "hidden") {
				t.Errorf("to %s: the routes that still carry the link are accused", routing)
			}
			if !strings.Contains(text.String(), "routing is ") || plan.Digest() == "" {
				t.Errorf("to %s: the plan does not say that the connection is made anew, or waits for nobody", routing)
			}
			_, lost, _ := l.lossDuring(func() { // by default nothing that interrupts is done
				engine := l.engine(t.Context())
				engine.At = func() reconcile.Circumstances { return reconcile.Circumstances{} }
				held, world := engine.Plan(t.Context())
				if _, err := engine.Apply(t.Context(), held, world); err != nil {
					t.Errorf("to %s, held: %v", routing, err)
				}
			})
			if lost > 0 {
				t.Errorf("to %s: while it is held, %d echoes are lost", routing, lost)
			}
			l.mustCross()
			l.file.Policy = movesRouting
			sent, lost, gap := l.lossDuring(func() {
				l.complain(l.mustBuild())
				time.Sleep(10 * time.Minute)
			})
			t.Logf("to %s, tunnels: %d of %d echoes lost at 10 a second, the longest gap %s", routing, lost, sent, gap)
			l.mustBuild() // what was still in use then goes with the next round
			time.Sleep(10 * time.Minute)
			l.mustBeClean()
			l.mustCross()
		}
	})
}

// movesRouting is the policy with which a link moves from static routes to BGP,
// and back.
var movesRouting = desired.Policy{Default: desired.Repair, Rules: []desired.Rule{
	{Drift: "aws/vpn-connection.routing", Do: desired.Repair, MayCutLastTunnel: true},
	{Drift: "azure/vpn-site.address_space.extra", Do: desired.Repair},
	{Drift: "azure/vpn-gateway.bgp_addresses.extra", Do: desired.Repair},
	{Drift: "*", Do: desired.Repair, MayCutLastTunnel: true},
}}

// planOf looks with a fresh engine, in given circumstances.
func (l *lab) planOf(at reconcile.Circumstances) reconcile.Plan {
	l.Helper()
	engine := l.engine(l.Context())
	engine.At = func() reconcile.Circumstances { return at }
	plan, _ := engine.Plan(l.Context())
	return plan
}

func TestWithBGPTheOtherTunnelCarriesOn(t *testing.T) {
	t.Parallel()
	for _, redundancy := range []desired.Redundancy{desired.Tunnels, desired.Full} {
		t.Run(string(redundancy), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, instant).speaking(redundancy)
				l.mustBuild()
				time.Sleep(time.Hour)
				l.mustBeClean()
				l.mustCross()
				sent, lost, gap := l.lossDuring(func() {
					l.do([]catalogue.Step{breaks("tokyo-0-1")})
					time.Sleep(10 * time.Minute)
				})
				t.Logf("%s: one tunnel down: %d of %d echoes lost at 10 a second, the longest gap %s", redundancy, lost, sent, gap)
				if lost > 0 {
					t.Error("the other tunnels do not carry on")
				}
				report, _ := l.verify()
				if len(report.Findings) == 0 || report.Findings[0].Code != failure.KeyMismatch {
					t.Errorf("verify says %+v", report.Findings)
				}
				l.mustBuild()
				time.Sleep(10 * time.Minute)
				l.mustBeClean()
			})
		})
	}
}

// breaks gives Azure another key of a tunnel.
func breaks(tunnel string) catalogue.Step {
	return func(catalogue.Place) ground.Mutation {
		return ground.Mutation{Cloud: "azure", Op: "set", Kind: "vpnGateways/vpnConnections/vpnLinkConnections", Name: "hub-jpe-vpn/tokyo/" + tunnel, Field: "sharedKey", Value: "another.key.altogether"}
	}
}

func TestVerifyNamesALearnedPrefixThatIsMissing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant).speaking(desired.Tunnels)
		l.mustBuild()
		time.Sleep(time.Hour)
		l.mustHappen("AWS is told of a VNet no more")
		time.Sleep(10 * time.Minute)
		report, _ := l.verify()
		found := slices.ContainsFunc(report.Findings, func(f verify.Finding) bool {
			return f.Code == failure.VNetConnectionRouting || f.Code == failure.NotBuilt
		})
		if !found {
			t.Errorf("verify says %+v", report.Findings)
		}
		if !slices.ContainsFunc(l.plan().Steps, func(s reconcile.Step) bool {
			return s.ID == "aws/learned-routes/tgw-tokyo" && len(s.Drifts) == 1 && len(s.Drifts[0].Want) == 1 && strings.HasPrefix(s.Drifts[0].Want[0], "10.2.0.0/16 ")
		}) {
			t.Error("the prefix that is not learned is not told")
		}
	})
}

// TestKilledAtAnyRequestOfAQuickBuildWithBGP kills linkd at some requests of a
// build with BGP, evenly apart, before it leaves and after it was carried out.
func TestKilledAtAnyRequestOfAQuickBuildWithBGP(t *testing.T) {
	t.Parallel()
	var total int
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, quick).speaking(desired.Tunnels)
		l.mustBuild()
		total = l.wire.count
	})
	step := killStep(t, 7, 41)
	for _, late := range []bool{false, true} {
		for at := 1; at <= total; at += step {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, quick).speaking(desired.Tunnels)
				ctx, kill := context.WithCancelCause(t.Context())
				l.wire.arm(at, late, kill)
				_, _ = l.build(ctx)
				kill(nil)
				l.wire.disarm()
				l.mustBuild()
				l.mustBeClean()
				l.mustBeSingle()
			})
			if t.Failed() {
				t.Fatalf("killed at request %d of %d, late %t", at, total, late)
			}
		}
	}
	t.Logf("killed at %d requests, step %d", total, step)
}
