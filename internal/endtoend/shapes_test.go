package endtoend

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// shrinks lets linkd take back what a link with more tunnels had.
const shrinks = `
policy:
  rules:
    - {drift: azure/vpn-connection.links.extra, do: repair, why: the link shrinks}
    - {drift: azure/vpn-site.other_links.extra, do: repair, why: the link shrinks}
    - {drift: aws/vpn-connection.orphan, do: repair, why: the link shrinks}
    - {drift: aws/customer-gateway.orphan, do: repair, why: the link shrinks}
`

// shaped has the link take a shape in the file.
func (l *lab) shaped(redundancy desired.Redundancy, more string) {
	l.Helper()
	text := strings.Replace(fullFile(l), "redundancy: full ", "redundancy: "+string(redundancy)+" ", 1)
	file, err := desired.Parse("linkd.yaml", []byte(strings.Replace(text, "    inside: [169.254.21.0/30, 169.254.21.4/30, 169.254.21.8/30, 169.254.21.12/30]\n", "", 1)+more))
	if err != nil {
		l.Fatal(err)
	}
	l.file = file
}

// mustHaveShape fails the test unless what stands is that of a shape, and no more.
func (l *lab) mustHaveShape(redundancy desired.Redundancy) {
	l.Helper()
	l.mustBeClean()
	l.mustCross()
	connections := map[desired.Redundancy]int{desired.Single: 1, desired.Tunnels: 1, desired.Full: 2}[redundancy]
	standing := l.standing()
	for _, kind := range []string{"CustomerGateways", "Connections"} {
		if standing[kind] != connections {
			l.Errorf("%s: %d of %s stand, want %d", redundancy, standing[kind], kind, connections)
		}
	}
	up := 0
	for _, pair := range l.sim.Tunnels() {
		if pair.Up {
			up++
		}
	}
	if want := len(l.file.Links[0].Tunnels()); up != want {
		l.Errorf("%s: %d tunnels are up, want %d", redundancy, up, want)
	}
}

// TestALinkGrowsAndShrinksWithoutBeingDown takes a live link through all shapes and
// back, in clouds whose operations last. Nobody consents to anything.
func TestALinkGrowsAndShrinksWithoutBeingDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil)
		l.shaped(desired.Single, shrinks)
		l.mustBuild()
		time.Sleep(time.Hour)
		for _, shape := range []desired.Redundancy{desired.Tunnels, desired.Full, desired.Tunnels, desired.Single, desired.Full, desired.Single} {
			l.shaped(shape, shrinks)
			lost := l.watchLosses()
			began := time.Now()
			plan, report := l.unattended()
			l.complain(report)
			for _, step := range plan.All() {
				if step.Effect != resource.NoInterruption && step.Effect != resource.OneNetwork {
					l.Errorf("to %s: %s would interrupt %s", shape, step.ID, step.Effect)
				}
			}
			took := time.Since(began)
			time.Sleep(time.Minute)
			gone := lost()
			t.Logf("to %s: %s, and nothing came back for %.1f s", shape, took.Round(time.Second), gone.seconds())
			if gone != (losses{}) {
				t.Errorf("to %s: lost %+v", shape, gone)
			}
			time.Sleep(2 * time.Hour) // until AWS does not list any more what was deleted
			l.mustHaveShape(shape)
		}
	})
}

// TestWhatALinkNoLongerHasIsKeptUnlessARuleNamesIt shrinks a link without a rule.
func TestWhatALinkNoLongerHasIsKeptUnlessARuleNamesIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLab(t, quick)
		f.shaped(desired.Full, "")
		f.mustBuild()
		time.Sleep(time.Hour)
		f.shaped(desired.Tunnels, "")
		writes := f.wire.sent()
		plan, _ := f.unattended()
		var text strings.Builder
		if err := plan.Text(&text); err != nil {
			t.Fatal(err)
		}
		if sent := f.wire.sent() - writes; sent != 0 {
			t.Errorf("it wrote %d times", sent)
			t.Log(text.String())
		}
		for _, key := range []string{"azure/vpn-connection.links.extra", "azure/vpn-site.other_links.extra", "aws/vpn-connection.orphan", "aws/customer-gateway.orphan"} {
			if !strings.Contains(text.String(), key) {
				t.Errorf("it does not say that a rule may name %s:\n%s", key, text.String())
			}
		}
		f.mustCross()
	})
}

// TestWhatMayCarryTheLinkIsNotTakenAway shrinks a link unattended while the
// connection that is to stay is down.
func TestWhatMayCarryTheLinkIsNotTakenAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newLab(t, quick)
		f.shaped(desired.Full, "")
		f.mustBuild()
		all := f.full()
		time.Sleep(time.Hour)
		all.cut(all.of(desired.Preferred)...)
		time.Sleep(10 * time.Minute)
		f.shaped(desired.Tunnels, shrinks)
		plan, report := f.unattended()
		for id, key := range map[resource.ID]string{desired.AzureConnectionID("tokyo"): "links", desired.VPNSiteID("tokyo"): "other_links"} {
			if step := stepOf(plan, id); step.Verb != reconcile.Hold || step.Drifts[0].Attr != key || step.Drifts[0].Held != reconcile.HeldLastPair {
				t.Errorf("%s: %s %+v", id, step.Verb, step.Drifts)
			}
		}
		for _, id := range []resource.ID{desired.AWSConnectionID("tokyo", 1), desired.CustomerGatewayID("tokyo", 1)} {
			for _, outcome := range report.Outcomes {
				if outcome.ID == id && outcome.What != reconcile.HeldBy {
					t.Errorf("%s %s: %s", id, outcome.What, outcome.Text)
				}
			}
		}
		up := 0
		for _, pair := range f.sim.Tunnels() {
			if pair.Up {
				up++
			}
		}
		if up != 2 {
			t.Errorf("%d tunnels are up, want the two that may carry it", up)
		}
		all.cut()
		time.Sleep(10 * time.Minute)
		_, report = f.unattended()
		f.complain(report)
		time.Sleep(2 * time.Hour)
		f.mustHaveShape(desired.Tunnels)
	})
}

// TestAShrinkTakesNoTunnelThatCarries shrinks links whose tunnel that is to stay cannot
// carry: it is down, or its connection does not exchange routes as the file says yet.
func TestAShrinkTakesNoTunnelThatCarries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from, to desired.Link
		down     []desired.Tunnel
		says     string
	}{
		"the tunnel that stays is down": {
			desired.Link{Redundancy: desired.Tunnels, Routing: desired.Static},
			desired.Link{Redundancy: desired.Single, Routing: desired.Static},
			[]desired.Tunnel{{Link: "tokyo", Number: 1}},
			"no other tunnel of tokyo is up",
		},
		"it is down and is to be made anew": {
			desired.Link{Redundancy: desired.Tunnels, Routing: desired.Static},
			desired.Link{Redundancy: desired.Single, Routing: desired.BGP},
			[]desired.Tunnel{{Link: "tokyo", Number: 1}},
			"no other tunnel of tokyo is up",
		},
		"one connection alone has moved to BGP": {
			desired.Link{Redundancy: desired.Full, Routing: desired.Static},
			desired.Link{Redundancy: desired.Single, Routing: desired.BGP},
			nil, "tokyo-0-1 does not exchange routes by bgp yet",
		},
		"one connection alone has moved to static routes": {
			desired.Link{Redundancy: desired.Full, Routing: desired.BGP},
			desired.Link{Redundancy: desired.Tunnels, Routing: desired.Static},
			nil, "tokyo-0-2 does not exchange routes by static yet",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, quick)
				link := &l.file.Links[0]
				l.file.Policy = anyShape
				link.Redundancy, link.Routing = c.from.Redundancy, c.from.Routing
				l.mustBuild()
				time.Sleep(time.Hour)
				lost := l.watchLossesEvery(time.Second)
				if link.Routing = c.to.Routing; c.from.Redundancy == desired.Full {
					l.unattended() // makes one connection anew
				}
				l.cutTunnels(c.down)
				time.Sleep(10 * time.Minute)
				link.Redundancy = c.to.Redundancy
				var text strings.Builder
				plan, _ := l.unattended()
				_ = plan.Text(&text)
				if !strings.Contains(text.String(), c.says) {
					t.Errorf("the plan does not say %q:\n%s", c.says, text.String())
				}
				time.Sleep(10 * time.Minute)
				l.unattended()
				if gone := lost(); gone != (losses{}) {
					t.Errorf("of an echo each second %d from Azure and %d from AWS were lost", gone.fromAzure, gone.fromAWS)
				}
			})
		})
	}
}

// TestALinkShrinksOnceWhatStaysCarries shrinks a link while the connection that goes carries:
// for the other one is down, and for half of a move to static routes is taken back. What AWS
// sends is led over first, and nothing that goes through is lost on the way.
func TestALinkShrinksOnceWhatStaysCarries(t *testing.T) {
	t.Parallel()
	shrunk := func(l *lab, lost func() losses) {
		l.Helper()
		for range 5 {
			l.unattended()
			time.Sleep(3 * time.Minute)
		}
		if gone := lost(); gone != (losses{}) {
			l.Errorf("of an echo each second %d from Azure and %d from AWS were lost", gone.fromAzure, gone.fromAWS)
		}
		time.Sleep(2 * time.Hour) // until AWS does not list any more what was deleted
		l.mustHaveShape(desired.Tunnels)
	}
	t.Run("the other is down", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, quick)
			l.file.Policy, l.file.Links[0].Redundancy = anyShape, desired.Full
			l.mustBuild()
			time.Sleep(time.Hour)
			l.cutTunnels(l.file.Links[0].Tunnels()[:2])
			time.Sleep(10 * time.Minute)
			l.unattended() // leads what AWS sends to the other connection
			l.file.Links[0].Redundancy = desired.Tunnels
			time.Sleep(time.Minute)
			lost := l.watchLossesEvery(time.Second)
			var text strings.Builder
			for range 2 {
				plan, _ := l.unattended()
				_ = plan.Text(&text)
				time.Sleep(10 * time.Minute)
			}
			if says := "no tunnel of aws/vpn-connection/tokyo-0 is known to be up to take it over"; !strings.Contains(text.String(), says) {
				t.Errorf("the plan does not say %q:\n%s", says, text.String())
			}
			l.cutTunnels(nil)
			time.Sleep(2 * time.Minute)
			shrunk(l, lost)
		})
	})
	t.Run("a move is taken back", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, quick)
			link := &l.file.Links[0]
			l.file.Policy, link.Redundancy, link.Routing = anyShape, desired.Full, desired.BGP
			l.mustBuild()
			time.Sleep(time.Hour)
			lost := l.watchLossesEvery(time.Second)
			link.Routing = desired.Static
			l.unattended() // makes one connection anew, and leads what AWS sends there
			time.Sleep(3 * time.Minute)
			link.Redundancy, link.Routing = desired.Tunnels, desired.BGP
			shrunk(l, lost)
		})
	})
}
