package endtoend

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/drill"
	"linkd/internal/probe"
	"linkd/internal/reconcile"
	"linkd/internal/sim/ground"
)

// labMeter sends ten echoes a second each way between a machine of Azure and one
// of AWS.
type labMeter struct {
	*lab
	gaps       drill.Gaps
	stop, done chan struct{}
}

func (m *labMeter) Start() error {
	m.stop, m.done = make(chan struct{}), make(chan struct{})
	azure, aws := m.file.Probes.Targets[0], m.file.Probes.Targets[2]
	go func() {
		defer close(m.done)
		tick := time.NewTicker(time.Second / rate)
		defer tick.Stop()
		for {
			select {
			case now := <-tick.C:
				for _, way := range [][2]desired.Target{{azure, aws}, {aws, azure}} {
					r := probe.Result{At: now, Sent: 1}
					if m.crosses(way[0].Address, way[1].Address) {
						r.Received = 1
					}
					m.gaps.Take(drill.Pair{From: way[0].Name, To: way[1].Name, Vantage: "agent"}, r)
				}
			case <-m.stop:
				return
			}
		}
	}()
	return nil
}

func (m *labMeter) Stop() []drill.Gap {
	close(m.stop)
	<-m.done
	return m.gaps.Tell()
}

// driller is that of a linkd that was started anew, in some circumstances.
func (l *lab) driller(ctx context.Context, at reconcile.Circumstances) *drill.Driller {
	l.Helper()
	engine := l.engine(ctx)
	engine.At = func() reconcile.Circumstances { return at }
	return &drill.Driller{Engine: engine, Meter: &labMeter{lab: l}}
}

// countUp counts the tunnels that are up.
func (l *lab) countUp() int {
	l.Helper()
	up := 0
	for _, pair := range l.sim.Tunnels() {
		if pair.Up {
			up++
		}
	}
	return up
}

// TestADrillTakesOneTunnelDownAndProvesItUp drills each tunnel of a link of two and
// one of a link of four, one after the other, in clouds whose operations take their
// time: one write, one tunnel down meanwhile, and nothing lost.
func TestADrillTakesOneTunnelDownAndProvesItUp(t *testing.T) {
	t.Parallel()
	for shape, tunnels := range map[desired.Redundancy][]string{desired.Tunnels: {"tokyo-0-1", "tokyo-0-2"}, desired.Full: {"", "tokyo-1-2"}} {
		t.Run(string(shape), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, nil)
				l.shaped(shape, "")
				l.mustBuild()
				time.Sleep(time.Hour)
				all := l.countUp()
				for _, tunnel := range tunnels {
					writes, least := l.wire.sent(), l.leastUp()
					report, err := l.driller(t.Context(), reconcile.Circumstances{}).Run(t.Context(), drill.Order{Link: "tokyo", Tunnel: tunnel})
					if err != nil {
						t.Fatal(err)
					}
					if sent := l.wire.sent() - writes; sent != 1 {
						t.Errorf("%s: %d writes were sent, want the one that replaces the end", report.Tunnel, sent)
					}
					if least := least(); least != all-1 || l.countUp() != all {
						t.Errorf("%s: of %d tunnels %d were up at the least and %d are now, want one less and all", report.Tunnel, all, least, l.countUp())
					}
					if report.Out < time.Minute || report.Out > 20*time.Minute || len(report.Gaps) != 2 {
						t.Errorf("%s: out for %s, %d pairs measured", report.Tunnel, report.Out, len(report.Gaps))
					}
					for _, gap := range report.Gaps {
						if gap.Lost != 0 || gap.Silence != 0 || float64(gap.Sent) < report.Out.Seconds()*rate {
							t.Errorf("%s: %+v", report.Tunnel, gap)
						}
						t.Logf("%s of %s: out for %s; %s to %s lost %d of %d", report.Tunnel, shape, report.Out.Round(time.Second), gap.From, gap.To, gap.Lost, gap.Sent)
					}
				}
				l.mustBeClean()
			})
		})
	}
}

// leastUp watches how many tunnels are up, until it is asked how many were at the
// least.
func (l *lab) leastUp() func() int {
	stop, done := make(chan struct{}), make(chan struct{})
	least := l.countUp()
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				least = min(least, l.countUp())
			case <-stop:
				return
			}
		}
	}()
	return func() int {
		close(stop)
		<-done
		return least
	}
}

// TestADrillIsRefusedUnlessNothingCanBeLost is of all that keeps a tunnel from being
// taken down, and of what lets it.
func TestADrillIsRefusedUnlessNothingCanBeLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, quick)
		l.file.Links[0].Redundancy = desired.Tunnels
		l.mustBuild()
		time.Sleep(time.Hour)
		file, connection := *l.file, l.world()[desired.AWSConnectionID("tokyo", 0)].Ref
		tunnel := func(field string, value any) ground.Mutation {
			return ground.Mutation{Cloud: "aws", Op: "set", Kind: "vpn-tunnel", Name: connection + "/1", Field: field, Value: value}
		}
		for name, c := range map[string]struct {
			change, undo []ground.Mutation
			edit         func(*desired.File)
			at           reconcile.Circumstances
			want         reconcile.HoldReason
		}{
			"one tunnel alone": {edit: func(f *desired.File) { f.Links[0].Redundancy = desired.Single }, want: reconcile.HeldLastPair},
			"the other is down": {
				change: []ground.Mutation{tunnel("InService", "false")}, undo: []ground.Mutation{tunnel("InService", "true")}, want: reconcile.HeldLastPair,
			},
			"it is paused":  {at: reconcile.Circumstances{Paused: "a person paused"}, want: reconcile.HeldPaused},
			"it only looks": {at: reconcile.Circumstances{AuditOnly: true}, want: reconcile.HeldAudit},
			"no window is open": {
				edit: func(f *desired.File) {
					f.Policy.Windows = []desired.Window{{Start: "0 0 29 2 *", Duration: desired.Duration(time.Hour)}}
				},
				want: reconcile.HeldWindow,
			},
			"the policy says report": {
				edit: func(f *desired.File) {
					f.Policy.Rules = []desired.Rule{{Drift: "aws/vpn-connection.*_drill", Do: desired.Report, Why: "not this week"}}
				},
				want: reconcile.HeldPolicy,
			},
			"it is not ours": {edit: func(f *desired.File) { f.Owner = "somebody-else" }, want: reconcile.HeldUnowned},
		} {
			edited := file
			edited.Links = append([]desired.Link(nil), file.Links...)
			l.file = &edited
			if c.edit != nil {
				c.edit(l.file)
			}
			for _, m := range c.change {
				l.mustMutate(m)
			}
			time.Sleep(10 * time.Minute)
			writes := l.wire.sent()
			_, refused, err := l.driller(t.Context(), c.at).Plan(t.Context(), drill.Order{Link: "tokyo"})
			if err != nil || refused == nil || refused.Held != c.want {
				t.Errorf("%s: planned %+v, %v, want %s", name, refused, err, c.want)
			}
			_, err = l.driller(t.Context(), c.at).Run(t.Context(), drill.Order{Link: "tokyo"})
			if held, is := errors.AsType[*drill.Refused](err); !is || held.Held != c.want {
				t.Errorf("%s: run ends with %v, want %s", name, err, c.want)
			}
			if sent := l.wire.sent() - writes; sent != 0 {
				t.Errorf("%s: %d writes were sent", name, sent)
			}
			for _, m := range c.undo {
				l.mustMutate(m)
			}
			time.Sleep(10 * time.Minute)
		}
		l.file = &file
		l.file.Policy.Windows = []desired.Window{{Start: "0 0 29 2 *", Duration: desired.Duration(time.Hour)}}
		now := reconcile.Circumstances{Consent: reconcile.Consent{Window: true}}
		if _, err := l.driller(t.Context(), now).Run(t.Context(), drill.Order{Link: "tokyo"}); err != nil {
			t.Errorf("outside of the windows, with a person's word: %v", err)
		}
	})
}

// TestKilledAtAnyRequestADrillLeavesTheLinkAsItWas kills a drill at some of its
// requests, evenly apart, before it leaves or after it was carried out. AWS brings the tunnel back by
// itself: a look afterwards finds nothing to mend, and nobody has written.
func TestKilledAtAnyRequestADrillLeavesTheLinkAsItWas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, hurried)
		l.file.Links[0].Redundancy = desired.Tunnels
		l.mustBuild()
		time.Sleep(time.Hour)
		before := l.wire.count
		if _, err := l.driller(t.Context(), reconcile.Circumstances{}).Run(t.Context(), drill.Order{Link: "tokyo"}); err != nil {
			t.Fatal(err)
		}
		total := l.wire.count - before
		least, writes, killed := l.leastUp(), l.wire.sent(), 0
		for at := 1; at <= total; at += killStep(t, 41, 97) {
			for _, late := range []bool{false, true} {
				ctx, kill := context.WithCancelCause(t.Context())
				l.wire.armIn(at, late, kill)
				driller := l.driller(ctx, reconcile.Circumstances{})
				driller.Meter = nil
				_, err := driller.Run(ctx, drill.Order{Link: "tokyo"})
				kill(nil)
				l.wire.disarm()
				if err != nil {
					killed++
				}
				time.Sleep(20 * time.Minute)
				if up := l.countUp(); up != 2 {
					t.Fatalf("killed at request %d of %d, late %v: %d tunnels are up", at, total, late, up)
				}
				l.mustBeClean()
			}
		}
		if least := least(); least != 1 {
			t.Errorf("%d tunnels were up at the least, want one", least)
		}
		if sent := l.wire.sent() - writes; killed == 0 || sent == 0 || sent > 2*total {
			t.Errorf("%d drills of %d requests were killed, %d writes were sent", killed, total, sent)
		}
	})
}
