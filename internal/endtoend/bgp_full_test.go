package endtoend

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/journal"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// byOne is a policy by which a link with two connections moves from static routes
// to BGP, and back: nothing lets the last pair be interrupted.
var byOne = desired.Policy{Default: desired.Repair, Rules: []desired.Rule{
	{Drift: "aws/vpn-connection.routing", Do: desired.Repair},
	{Drift: "azure/vpn-site.address_space.extra", Do: desired.Repair},
	{Drift: "azure/vpn-gateway.bgp_addresses.extra", Do: desired.Repair},
}}

// TestAFullLinkMovesToBGPAndBackPairByPair carries out the one plan that a person sees. One
// connection is made anew at a time, and the other carries meanwhile.
func TestAFullLinkMovesToBGPAndBackPairByPair(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil) // with the durations of life, for the figures
		l.file.Links[0].Redundancy = desired.Full
		l.mustBuild()
		time.Sleep(time.Hour)
		l.file.Policy = byOne
		for _, routing := range []desired.Routing{desired.BGP, desired.Static} {
			l.file.Links[0].Routing = routing
			var text strings.Builder
			plan := l.planOf(reconcile.Circumstances{})
			_ = plan.Text(&text)
			if told := plan.Meanwhile; len(told) != 1 || told[0].Link != "tokyo" || !slices.Equal(told[0].Networks, []string{"vnet-use"}) {
				t.Errorf("the plan says of what is lost meanwhile: %+v", told)
			}
			if said := text.String(); !strings.Contains(said, "held: ") || !strings.Contains(said, "aws/vpn-connection/tokyo-1") ||
				!strings.Contains(said, "then: linkd goes on with it by itself, which interrupts: address change") {
				t.Errorf("the plan does not say which goes first, and what follows:\n%s", said)
			}
			began, rounds := time.Now(), 0
			lost := l.lossOfPairs(func() { rounds = l.mustMove() })
			t.Logf("to %s: %d rounds in %s", routing, rounds, time.Since(began).Round(time.Second))
			for pair, gap := range lost {
				t.Logf("to %s: %s lost, the longest gap %s", routing, pair, gap)
				// A VNet of another hub is told to Azure by AWS while a static route to it
				// stands beside BGP, and its own hub is not believed for as long.
				if !strings.Contains(pair, "vm-use") || gap > 2*time.Minute {
					t.Errorf("to %s: %s lost echoes, the longest gap %s", routing, pair, gap)
				}
			}
			l.mustBeClean()
			time.Sleep(desired.HoldDown + time.Minute)
			l.mustBuild() // the routes are led back to the preferred connection
			l.mustBeClean()
			l.mustCross()
		}
	})
}

// mustMove carries out one plan in as many rounds as it takes, as a person does who
// says yes once, and returns how many there were.
func (l *lab) mustMove() (rounds int) {
	l.Helper()
	engine := l.engine(l.Context())
	shown, world := engine.Plan(l.Context())
	plan, all := shown, reconcile.Report{}
	for goes := true; goes; rounds++ {
		if rounds == reconcile.MostRounds {
			l.Fatalf("it does not end: %+v", plan.Steps)
		}
		report, err := engine.Apply(l.Context(), plan, world)
		if err != nil {
			l.Fatal(err)
		}
		all = all.And(plan, report)
		plan, world, goes = engine.Further(l.Context(), shown, plan, report)
	}
	l.complain(all)
	return rounds
}

// lossOfPairs sends an echo every two seconds between any two machines while
// something is done, and returns the longest gap of each pair that lost one.
func (l *lab) lossOfPairs(do func()) map[string]time.Duration {
	l.Helper()
	stop, done, gaps := make(chan struct{}), make(chan struct{}), map[string]time.Duration{}
	targets := slices.Clone(l.file.Probes.Targets)
	go func() {
		defer close(done)
		runs := map[string]int{}
		for {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Second):
			}
			for _, from := range targets {
				for _, to := range targets {
					pair := from.Name + " → " + to.Name
					if from.Name == to.Name || l.crosses(from.Address, to.Address) {
						runs[pair] = 0
						continue
					}
					runs[pair]++
					gaps[pair] = max(gaps[pair], time.Duration(runs[pair])*2*time.Second)
				}
			}
		}
	}()
	do()
	close(stop)
	<-done
	return gaps
}

// TestKilledWhileAFullLinkMovesToBGPAndBack kills the applies that move a link at
// some of their requests. Whoever goes on needs nothing but what stands in the
// clouds, and the machines next to the link never lose each other.
func TestKilledWhileAFullLinkMovesToBGPAndBack(t *testing.T) {
	t.Parallel()
	for _, way := range [][2]desired.Routing{{desired.Static, desired.BGP}, {desired.BGP, desired.Static}} {
		t.Run(string(way[1]), func(t *testing.T) {
			t.Parallel()
			var total int
			synctest.Test(t, func(t *testing.T) { total = movedKilledAt(t, way, 0, false) })
			step := killStep(t, 401, 4001)
			for at := 1 + step/2; at <= total; at += step {
				late := at/step%2 == 1 // before a request leaves, or after it was carried out, by turns
				synctest.Test(t, func(t *testing.T) { movedKilledAt(t, way, at, late) })
				if t.Failed() {
					t.Fatalf("killed at request %d of %d", at, total)
				}
			}
			t.Logf("killed at requests of %d, step %d", total, step)
		})
	}
}

// movedKilledAt moves a link, killed at one request; 0: at none. It returns how
// many there were.
func movedKilledAt(t *testing.T, way [2]desired.Routing, at int, late bool) (requests int) {
	l := newLab(t, hurried)
	l.file.Links[0].Redundancy, l.file.Links[0].Routing = desired.Full, way[0]
	l.mustBuild()
	time.Sleep(time.Hour)
	l.file.Links[0].Routing, l.file.Policy = way[1], byOne
	before := l.wire.count
	ctx, kill := context.WithCancelCause(t.Context())
	if at > 0 {
		l.wire.armIn(at, late, kill)
	}
	lost := l.lossOfPairs(func() {
		for rounds := 0; len(l.plan().Steps) > 0; rounds++ {
			if rounds > 10 {
				t.Fatal("it does not end")
			}
			_, _ = l.build(ctx)
			if ctx.Err() != nil {
				l.wire.disarm()
				l.disk = &disk{since: time.Now().Add(-time.Hour), open: map[resource.ID]time.Time{}} // another machine's
				ctx = t.Context()
			}
			time.Sleep(2 * time.Minute)
		}
	})
	kill(nil)
	l.wire.disarm()
	for pair, gap := range lost {
		if !strings.Contains(pair, "vm-use") {
			t.Errorf("%s lost echoes, the longest gap %s", pair, gap)
		}
	}
	requests = l.wire.count - before
	time.Sleep(desired.HoldDown + time.Minute)
	l.mustBuild()
	l.mustBeClean()
	time.Sleep(2 * time.Hour) // until AWS lists no more what was deleted
	for kind, want := range map[string]int{"Connections": 2, "CustomerGateways": 2, "Attachments": 4, "vpnSites": 1, "vpnGateways/vpnConnections": 1} {
		if stand := l.standing()[kind]; stand != want {
			t.Errorf("%d of %s stand, want %d", stand, kind, want)
		}
	}
	l.mustCross()
	return requests
}

// TestTheDaemonMovesAFullLinkToBGPAndBackByItself gives a daemon a file whose link is to
// speak BGP, with rules that let one connection at a time be made anew, and takes that
// back. Each repair helps.
func TestTheDaemonMovesAFullLinkToBGPAndBackByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFull(t)
		time.Sleep(time.Hour)
		for _, routing := range []desired.Routing{desired.BGP, desired.Static} {
			began := time.Now()
			lost := f.lossOfPairs(func() {
				k := f.keepOf(strings.Replace(fullFile(t), "routing: static", "routing: "+string(routing), 1)+`
policy:
  rules:
    - {drift: aws/vpn-connection.routing, do: repair, why: the link moves}
    - {drift: azure/vpn-site.address_space.extra, do: repair, why: BGP tells the prefixes}
    - {drift: azure/vpn-gateway.bgp_addresses.extra, do: repair, why: for the way back}
`, nil)
				defer k.stop()
				k.until(control.AsDesired, 6*time.Hour)
				for _, line := range k.journal() {
					if event, _, _ := strings.Cut(line, " "); event == string(journal.Persists) || event == string(journal.Failed) {
						t.Errorf("to %s: a repair failed, or did not help: %s", routing, line)
					}
				}
			})
			t.Logf("the daemon has moved the link to %s in %s", routing, time.Since(began).Round(time.Second))
			for pair, gap := range lost {
				if t.Logf("%s lost, the longest gap %s", pair, gap); !strings.Contains(pair, "vm-use") {
					t.Errorf("%s lost echoes, the longest gap %s", pair, gap)
				}
			}
			for _, pair := range f.sim.Tunnels() {
				if pair.Meant && pair.BGPUp != (routing == desired.BGP) {
					t.Errorf("to %s: a session is not as it should be: %+v", routing, pair)
				}
			}
		}
	})
}
