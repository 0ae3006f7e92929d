package endtoend

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/agent/agenttest"
	"linkd/internal/control"
	"linkd/internal/daemon"
	"linkd/internal/desired"
	"linkd/internal/identity"
	"linkd/internal/sim/ground"
	vantages "linkd/internal/watch"
)

// redundant is a daemon that keeps a link of two tunnels and has two agents.
func redundant(t *testing.T, policy string) *watched {
	t.Helper()
	t.Cleanup(func() { time.Sleep(time.Minute) }) // until every connection has ended
	w := &watched{lab: newLab(t, hurried), office: agenttest.NewOffice(t)}
	w.file.Links[0].Redundancy = desired.Tunnels
	w.machines = &machines{sim: w.sim}
	w.mustBuild()
	time.Sleep(time.Hour)
	w.keeper = w.keepOf(agenttest.TwoAgents(withKeys(t, "tunnels", "90d", policy)), w.probing)
	for _, name := range []string{"vm-jpe", "ec2-a"} {
		t.Cleanup(w.agent(name))
	}
	w.until(control.AsDesired, time.Hour)
	time.Sleep(time.Minute)
	return w
}

// probing has a daemon meet the agents.
func (w *watched) probing(o *daemon.Options) {
	own := w.office.Holder("linkd", identity.Daemon)
	o.Probes = &vantages.Options{
		Dial: w.doors.Dial, Listen: w.doors.Listen, NoOutside: true,
		Identity: func(desired.Agents) (*identity.Identity, error) { return own() },
	}
}

// mustDrill orders a drill that must be begun.
func (k *keeper) mustDrill(request control.DrillRequest) {
	k.lab.Helper()
	request.Link = "tokyo"
	told, err := k.Drill(k.lab.Context(), "uid 0 (root)", request)
	if err != nil || told.State != control.DrillRunning {
		k.lab.Fatalf("it is ordered as %+v, %v", told, err)
	}
}

// drill is what the daemon tells of the last drill of the link.
func (k *keeper) drill() control.Drill {
	k.lab.Helper()
	drills := k.status().Drills
	if len(drills) != 1 || drills[0].Link != "tokyo" {
		k.lab.Fatalf("it tells of the drills %+v", drills)
	}
	return drills[0]
}

// untilDrilled waits until the drill has ended, while audits look.
func (k *keeper) untilDrilled(within time.Duration) control.Drill {
	k.lab.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Second) {
		if told := k.drill(); !told.Ended.IsZero() {
			return told
		}
		if time.Since(began) > within {
			k.lab.Fatalf("after %s the drill stands at %+v", within, k.drill())
		}
		if _, err := k.Audit(k.lab.Context(), "the test", false); err != nil {
			k.lab.Fatal(err)
		}
	}
}

// TestTheDaemonMakesTheDrillThatAPersonOrders drills a tunnel under a daemon whose two
// agents measure it, while audits look every twenty seconds: one write is sent, nothing
// is mended, nothing is news but the drill, and afterwards the agents probe as
// the file says.
func TestTheDaemonMakesTheDrillThatAPersonOrders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := redundant(t, "")
		defer func() { w.stop() }()
		writes, least, all := w.wire.sent(), w.leastUp(), len(w.journal())
		if told, err := w.Drill(t.Context(), "uid 0", control.DrillRequest{Link: "tokyo", DryRun: true}); err != nil || told.State != control.DrillPlanned || told.Tunnel != "tokyo-0-1" {
			t.Errorf("a dry run tells %+v, %v", told, err)
		}
		w.mustDrill(control.DrillRequest{ID: "one", Tunnel: "tokyo-0-2"})
		w.mustDrill(control.DrillRequest{ID: "one", Tunnel: "tokyo-0-2"})
		if told, err := w.Drill(t.Context(), "uid 0", control.DrillRequest{ID: "two", Link: "tokyo"}); err != nil || told.Held != "in-flight" || told.Problem == "" {
			t.Errorf("a second one meanwhile: %+v, %v", told, err)
		}
		if status := w.status(); status.Verdict != control.Repairing || !strings.Contains(w.page(), `linkd_drill_running{link="tokyo",tunnel="tokyo-0-2"} 1`) {
			t.Errorf("meanwhile it says %s, and the page does not tell of the drill", status.Verdict)
		}
		if turns := w.mustOrder(control.RotateRequest{ID: "keys"}); turns[0].Held != "in-flight" || turns[0].Text != "a drill of tokyo-0-2 is under way" {
			t.Errorf("new keys meanwhile: %+v", turns[0])
		}
		told := w.untilDrilled(time.Hour)
		if least := least(); w.countUp() != 2 || least != 1 {
			t.Errorf("%d tunnels were up at the least, %d are", least, w.countUp())
		}
		if sent := w.wire.sent() - writes; sent != 1 {
			t.Errorf("%d writes were sent, want the one that replaces the end", sent)
		}
		if told.ID != "one" || told.By != "uid 0 (root)" || told.State != control.DrillDone || told.Problem != "" || told.OutSeconds < 10 || len(told.Steps) != 4 || len(told.Pairs) != 4 {
			t.Errorf("it ended as %+v", told)
		}
		for _, pair := range told.Pairs {
			if pair.Vantage != "agent" || pair.Lost != 0 || pair.SilenceSeconds != 0 || float64(pair.Sent) < 10*told.OutSeconds {
				t.Errorf("of a tunnel that was out for %gs it tells %+v", told.OutSeconds, pair)
			}
		}
		news := slices.DeleteFunc(w.journal()[all:], func(line string) bool { return strings.HasSuffix(line, ".blocked") }) // while AWS modifies the connection
		if !slices.Equal(news, []string{"drilling", "drilled"}) {
			t.Errorf("it recorded %q", news)
		}
		w.until(control.AsDesired, time.Hour)
		before := w.pair("vm-jpe", "ec2-a")
		time.Sleep(time.Minute)
		first, _ := before.scraped("sent_total")
		second, _ := w.pair("vm-jpe", "ec2-a").scraped("sent_total")
		if rate := (second - first) / 60; rate <= 0 || rate > 2 {
			t.Errorf("afterwards the agents send %g echoes a second", rate)
		}
		if page := w.page(); !strings.Contains(page, `linkd_drills_total{result="done"} 1`) || strings.Contains(page, "\nlinkd_drill_running") {
			t.Error("the drill is not counted, or still runs")
		}
		w.stop()
		w.start(w.probing)
		if after := w.drill(); after.ID != told.ID || after.OutSeconds != told.OutSeconds || !after.LastDone.Equal(told.Began) || len(after.Pairs) != 4 {
			t.Errorf("after a restart it tells %+v", after)
		}
		w.audited()
		page, sent := w.page(), 0
		for _, pair := range told.Pairs {
			sent += pair.Sent
		}
		for _, line := range []string{
			fmt.Sprintf(`linkd_drill_last_timestamp_seconds{link="tokyo"} %v`, float64(told.Began.UnixMilli())/1000),
			fmt.Sprintf(`linkd_drill_last_success_timestamp_seconds{link="tokyo"} %v`, float64(told.Began.UnixMilli())/1000),
			`linkd_drill_last_result{link="tokyo",result="done"} 1`, `linkd_drill_last_result{link="tokyo",result="failed"} 0`,
			fmt.Sprintf(`linkd_drill_last_out_seconds{link="tokyo"} %v`, told.OutSeconds),
			`linkd_drill_last_gap_seconds{link="tokyo"} 0`, `linkd_drill_last_lost_packets{link="tokyo"} 0`,
			fmt.Sprintf(`linkd_drill_last_sent_packets{link="tokyo"} %v`, sent),
		} {
			if !strings.Contains(page, line+"\n") {
				t.Errorf("the page lacks %s", line)
			}
		}
	})
}

// TestTheDaemonKeepsItsRulesWhenADrillIsOrdered is of all that keeps it from being made,
// and no write is sent for it.
func TestTheDaemonKeepsItsRulesWhenADrillIsOrdered(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		redundancy, policy string
		options            func(*daemon.Options)
		by                 func(*lab, *keeper)
		held               string
	}{
		"one tunnel alone": {redundancy: "single", held: "last-pair"},
		"no window":        {redundancy: "tunnels", policy: "policy: {windows: [{start: \"0 3 29 2 *\", duration: 1h}]}\n", held: "window"},
		"only audits":      {redundancy: "tunnels", options: func(o *daemon.Options) { o.AuditOnly = true }, held: "audit"},
		"paused": {redundancy: "tunnels", held: "paused", by: func(l *lab, k *keeper) {
			if _, err := k.Pause(l.Context(), "uid 0 (root)", 24*time.Hour, "the provider works on its router"); err != nil {
				l.Fatal(err)
			}
		}},
		"new keys are being given": {redundancy: "tunnels", held: "in-flight", by: func(_ *lab, k *keeper) {
			k.mustOrder(control.RotateRequest{ID: "keys"})
		}},
	} {
		if testing.Short() && name != "paused" && name != "new keys are being given" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l, k := scheduled(t, hurried, test.redundancy, test.policy, test.options)
				defer func() { k.stop() }()
				if test.by != nil {
					test.by(l, k)
				}
				told, err := k.Drill(t.Context(), "uid 0", control.DrillRequest{ID: "one", Link: "tokyo"})
				if err != nil || told.State != control.DrillHeld || told.Held != test.held || told.Problem == "" {
					t.Errorf("it says %+v, %v", told, err)
				}
				_, err = k.Drill(t.Context(), "uid 0", control.DrillRequest{Link: "osaka"})
				if refusal, is := errors.AsType[*control.Refusal](err); !is || refusal.Text != "cannot drill osaka: the file has no such link" {
					t.Errorf("of another link it says %v", err)
				}
				time.Sleep(time.Minute)
				if sent := l.sim.Calls()["ReplaceVpnTunnel"]; sent != 0 || len(k.status().Drills) != 0 {
					t.Errorf("%d ends were replaced, and it tells of %+v", sent, k.status().Drills)
				}
			})
		})
	}
}

// TestADrillOfTheDaemonThatIsEndedLeavesTheLinkAsItWas ends a drill in several ways, at
// several moments: AWS brings the tunnel back, nobody has written anything but the one
// request, and what became of the drill is told, also after a restart.
func TestADrillOfTheDaemonThatIsEndedLeavesTheLinkAsItWas(t *testing.T) {
	t.Parallel()
	stop := func(_ *lab, k *keeper) { k.stop(); k.start(nil) }
	killed := func(_ *lab, k *keeper) { // a process that is killed writes nothing down
		path := filepath.Join(k.folder, "drills.json")
		note, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		k.stop()
		if err := os.WriteFile(path, note, 0o600); err != nil {
			t.Fatal(err)
		}
		k.start(nil)
	}
	pause := func(l *lab, k *keeper) {
		text, err := k.Pause(l.Context(), "uid 0", time.Minute, "somebody works there")
		if err != nil || !strings.Contains(text, "tokyo-0-1 is down by a drill, and AWS brings it back") && !strings.Contains(text, "The drill of tokyo-0-1 ends before it has taken that down") {
			l.Fatalf("the pause says %q, %v", text, err)
		}
	}
	reload := func(_ *lab, k *keeper) {
		k.write(withKeys(t, "tunnels", "1d", "") + "# anew\n")
		time.Sleep(2 * time.Minute)
	}
	for name, test := range map[string]struct {
		after time.Duration
		end   func(*lab, *keeper)
		state string
	}{
		"stopped at once": {time.Second, stop, control.DrillStopped},
		"stopped later":   {40 * time.Second, stop, control.DrillStopped},
		"killed later":    {40 * time.Second, killed, control.DrillStopped},
		"paused at once":  {time.Millisecond, pause, control.DrillStopped},
		"paused later":    {40 * time.Second, pause, control.DrillDone},
		"another file":    {40 * time.Second, reload, control.DrillStopped},
	} {
		if testing.Short() && name != "killed later" && name != "paused later" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l, k := scheduled(t, nil, "tunnels", "", nil)
				defer func() { k.stop() }()
				writes := l.wire.sent()
				k.mustDrill(control.DrillRequest{ID: "one"})
				time.Sleep(test.after)
				test.end(l, k)
				for began := time.Now(); k.drill().Ended.IsZero() && time.Since(began) < time.Hour; {
					time.Sleep(5 * time.Second)
				}
				time.Sleep(20 * time.Minute)
				if told := k.drill(); told.State != test.state || told.Tunnel != "tokyo-0-1" || (told.Problem == "") != (test.state == control.DrillDone) {
					t.Errorf("it tells %+v, want it %s", told, test.state)
				}
				k.until(control.AsDesired, time.Hour)
				if up, sent := l.countUp(), l.wire.sent()-writes; up != 2 || sent > 1 || test.after > time.Second && sent != 1 {
					t.Errorf("%d tunnels are up, %d writes were sent", up, sent)
				}
			})
		})
	}
}

// TestADrillOfTheDaemonTellsWhatIsLost takes the other tunnel down for half a minute while
// one is drilled: the agents measure that, and report, metrics and status agree.
func TestADrillOfTheDaemonTellsWhatIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := redundant(t, "")
		defer func() { w.stop() }()
		other := func(inService string) {
			w.mustMutate(ground.Mutation{Cloud: "aws", Op: "set", Kind: "vpn-tunnel", Name: w.world()[desired.AWSConnectionID("tokyo", 0)].Ref + "/1", Field: "InService", Value: inService})
		}
		w.mustDrill(control.DrillRequest{ID: "one", Tunnel: "tokyo-0-1"})
		for began := time.Now(); w.countUp() == 2 && time.Since(began) < 5*time.Minute; {
			time.Sleep(time.Second)
		}
		other("false")
		time.Sleep(30 * time.Second)
		other("true")
		told := w.untilDrilled(time.Hour)
		lost, gap := 0, 0.0
		for _, pair := range told.Pairs {
			lost, gap = lost+pair.Lost, max(gap, pair.SilenceSeconds)
			if pair.From == "vm-jpe" && (pair.Lost < 290 || pair.SilenceSeconds < 29) {
				t.Errorf("in half a minute without a tunnel %s lost %d of %d to %s, and was silent for %gs", pair.From, pair.Lost, pair.Sent, pair.To, pair.SilenceSeconds)
			}
		}
		if told.State != control.DrillDone || lost == 0 {
			t.Fatalf("it ended as %+v", told)
		}
		t.Logf("%d echoes lost, none for %gs at most", lost, gap)
		for _, line := range []string{fmt.Sprintf(`linkd_drill_last_lost_packets{link="tokyo"} %v`, lost), fmt.Sprintf(`linkd_drill_last_gap_seconds{link="tokyo"} %v`, gap)} {
			if !strings.Contains(w.page(), line+"\n") {
				t.Errorf("the page lacks %s", line)
			}
		}
	})
}
