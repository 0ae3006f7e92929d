package endtoend

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/daemon"
	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// withKeys is the file of the seed with another redundancy and a schedule of keys.
func withKeys(t *testing.T, redundancy, every, policy string) string {
	t.Helper()
	content := seedFile(t)
	for _, change := range [][2]string{
		{"redundancy: single ", "redundancy: " + redundancy + " "}, {"from: aws  ", "rotate_every: " + every + "  "}, {"version: 1\n", "version: 1\n" + policy},
	} {
		if strings.Count(content, change[0]) != 1 {
			t.Fatalf("%q does not stand in the file once", change[0])
		}
		content = strings.Replace(content, change[0], change[1], 1)
	}
	return content
}

// page is what the daemon serves to Prometheus.
func (k *keeper) page() string {
	page := httptest.NewRecorder()
	k.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	return page.Body.String()
}

// TestTheDaemonTellsHowOldTheKeysAre looks at what it tells of keys that it made an
// hour before.
func TestTheDaemonTellsHowOldTheKeysAre(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		time.Sleep(time.Hour)
		k := l.keepOf(withKeys(t, "single", "90d", ""), nil)
		defer func() { k.stop() }()
		status := k.audited()
		set := l.note().Set[1]
		if age := time.Since(set); age < time.Hour || age > 2*time.Hour {
			t.Fatalf("the key is of %s", set)
		}
		if pair := status.Pairs[0]; !pair.KeySet.Equal(set) || !pair.KeyDue.Equal(set.Add(90*24*time.Hour)) {
			t.Errorf("the status tells of a key of %s, due at %s", pair.KeySet, pair.KeyDue)
		}
		for _, line := range []string{
			fmt.Sprintf(`linkd_key_set_timestamp_seconds{link="tokyo",tunnel="tokyo-0-1"} %g`, float64(set.Unix())),
			`linkd_key_rotate_every_seconds{link="tokyo"} 7.776e+06`, `linkd_keys_of_unknown_age{link="tokyo"} 0`,
		} {
			if page := k.page(); !strings.Contains(page, line+"\n") {
				t.Errorf("the page lacks %s", line)
			}
		}
	})
}

// mayCut are rules by which the keys of the last tunnel may be changed.
const mayCut = "policy: {rules: [{drift: aws/vpn-connection.key, do: repair, may_cut_last_tunnel: true}, {drift: azure/vpn-connection.shared_key, do: repair, may_cut_last_tunnel: true}]}\n"

// scheduled is a daemon that keeps a link whose keys are a day old at the most,
// and were just made.
func scheduled(t *testing.T, behave func(*scenario.Scenario), redundancy, policy string, options func(*daemon.Options)) (*lab, *keeper) {
	t.Helper()
	l := newLab(t, behave)
	l.file.Links[0].Redundancy = desired.Redundancy(redundancy)
	l.mustBuild()
	time.Sleep(time.Hour)
	k := l.keepOf(withKeys(t, redundancy, "1d", policy), options)
	k.audited()
	return l, k
}

// requests counts the requests so far.
func (w *wire) requests() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count
}

// age has the keys of the link as old as if they were made so long ago.
func (l *lab) age(ago time.Duration) {
	l.Helper()
	at := time.Now().Add(-ago).UTC().Format(time.RFC3339)
	l.noteKeys("1=" + at + " 2=" + at)
}

func (l *lab) noteKeys(note string) {
	l.Helper()
	l.mustMutate(ground.Mutation{
		Cloud: "aws", Op: "set", Kind: "vpn-connection", Name: l.world()[desired.AWSConnectionID("tokyo", 0)].Ref, Field: "Tags." + desired.KeysTag, Value: note,
	})
	time.Sleep(time.Minute) // until describes show it
}

// rotation is what the daemon tells of the keys of the link.
func (k *keeper) rotation() control.Rotation {
	k.lab.Helper()
	rotations := k.status().Rotations
	if len(rotations) != 1 || rotations[0].Link != "tokyo" {
		k.lab.Fatalf("it tells of %+v", rotations)
	}
	return rotations[0]
}

// untilRotates waits until it changes keys, or does no longer.
func (k *keeper) untilRotates(running bool, within time.Duration) {
	k.lab.Helper()
	for began := time.Now(); k.rotation().Running != running; time.Sleep(2 * time.Second) {
		if time.Since(began) > within {
			k.lab.Fatalf("after %s it says %+v", within, k.rotation())
		}
	}
}

// TestTheDaemonGivesNewKeysWhenTheyAreDue has the keys of a link of two tunnels
// come to their age, in clouds whose operations take their time (and in a short run
// less), while ten echoes
// a second cross. None is lost, and no key is in anything that the daemon tells.
func TestTheDaemonGivesNewKeysWhenTheyAreDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &strings.Builder{}
		var wire *tap
		var behave func(*scenario.Scenario)
		if testing.Short() {
			behave = hurried
		}
		l, k := scheduled(t, behave, "tunnels", "", func(o *daemon.Options) {
			o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		wire = &tap{next: l.wire.client.Transport}
		l.wire.replace(&http.Client{Transport: wire})
		l.age(23*time.Hour + 50*time.Minute)
		before, due := l.keys(), l.note().Set[1].Add(24*time.Hour)
		if told := k.audited().Rotations[0]; told.Due || told.Running || !told.Next.Equal(due) {
			t.Errorf("before its time it says %+v", told)
		}
		began := time.Now()
		k.untilRotates(true, time.Hour)
		if late := time.Since(due); late < 0 || late > time.Minute {
			t.Errorf("it begins %s after its time", late)
		}
		if status := k.status(); status.Verdict != control.Repairing {
			t.Errorf("meanwhile it says %s", status.Verdict)
		}
		ended, begins := l.echoes(), time.Now()
		for k.rotation().Running && time.Since(begins) < time.Hour { // audits see keys that differ
			if _, err := k.Audit(t.Context(), "the test", false); err != nil {
				t.Fatal(err)
			}
			time.Sleep(30 * time.Second)
		}
		took, lost := time.Since(begins), ended()
		t.Logf("by the schedule, after %s: %d of %d echoes lost in %s, none for %s at most", begins.Sub(began), lost.lost, lost.sent, took.Round(time.Second), lost.longest)
		if lost.lost != 0 || lost.sent < 1000 {
			t.Errorf("%d of %d echoes were lost", lost.lost, lost.sent)
		}
		time.Sleep(16 * time.Minute)
		if told := k.rotation(); told.Due || time.Until(told.Next) < 22*time.Hour || told.Unfinished {
			t.Errorf("afterwards it says %+v", told)
		}
		l.mustBeRotated(before, 1, 2)
		for _, line := range k.journal() {
			if strings.HasPrefix(line, "repairing") || strings.HasSuffix(line, "key") {
				t.Errorf("beside the rotation it records %s", line)
			}
		}
		said := log.String() + k.page()
		if status, err := json.Marshal(k.status()); err == nil {
			said += string(status)
		}
		k.stop()
		record, err := filepath.Glob(filepath.Join(k.folder, "journal", "*"))
		if err != nil || len(record) == 0 {
			t.Fatalf("there is no record: %v", err)
		}
		for _, path := range record {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			said += string(text)
		}
		for _, want := range []string{`linkd_key_turns_total{result="done"} 2`, `linkd_key_rotation_running 0`, `"event":"rotated","`, "a tunnel is up with its new key"} {
			if !strings.Contains(said, want) {
				t.Errorf("it does not tell %s", want)
			}
		}
		keys := wire.keys()
		if len(keys) < 4 {
			t.Fatalf("%d keys went over the wire: the test proves nothing", len(keys))
		}
		for key := range keys {
			if strings.Contains(said, key) {
				t.Error("a key is told")
			}
		}
	})
}

// TestKeysThatAreDueAreHeld looks at each reason for which keys that are due are
// not changed: it is told, nothing is written, and an audit asks no more of the
// clouds than one while nothing is due.
func TestKeysThatAreDueAreHeld(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		redundancy, policy string
		options            func(*daemon.Options)
		by                 func(*lab, *keeper)
		held               string
	}{
		"the only tunnel": {redundancy: "single", held: "last-pair"},
		"the only tunnel, and Azure must not follow": {
			redundancy: "single", held: "last-pair",
			policy: "policy: {rules: [{drift: aws/vpn-connection.key, do: repair, may_cut_last_tunnel: true}]}\n",
		},
		"no window":   {redundancy: "tunnels", policy: "policy: {windows: [{start: \"0 3 29 2 *\", duration: 1h}]}\n", held: "window"},
		"a rule":      {redundancy: "tunnels", policy: "policy: {rules: [{drift: aws/vpn-connection.key, do: report, why: the keys are ours}]}\n", held: "policy"},
		"only audits": {redundancy: "tunnels", options: func(o *daemon.Options) { o.AuditOnly = true }, held: "audit"},
		"paused": {redundancy: "tunnels", held: "paused", by: func(l *lab, k *keeper) {
			if _, err := k.Pause(l.Context(), "uid 0 (root)", 24*time.Hour, "the provider works on its router"); err != nil {
				l.Fatal(err)
			}
		}},
	} {
		if testing.Short() && !slices.Contains([]string{"the only tunnel", "paused"}, name) {
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
				cost := func() int {
					time.Sleep(time.Second)
					before := l.wire.requests()
					k.audited()
					return l.wire.requests() - before
				}
				k.audited()
				young := cost()
				l.age(25 * time.Hour)
				writes := l.wire.sent()
				k.audited()
				if due := cost(); due > young {
					t.Errorf("an audit asks %d times, and %d times when keys are due", young, due)
				}
				time.Sleep(20 * time.Minute)
				if told := k.rotation(); !told.Due || told.Held != test.held || told.Because == "" || told.Tunnel != "tokyo-0-1" {
					t.Errorf("it says %+v, want it held: %s", told, test.held)
				}
				if sent := l.wire.sent() - writes; sent != 0 {
					t.Errorf("%d writes were sent", sent)
				}
				if lines := k.journal(); len(slices.DeleteFunc(lines, func(line string) bool { return line != "held" })) != 1 {
					t.Errorf("it is recorded so often: %d", len(lines))
				}
			})
		})
	}
}

// TestARuleLetsTheOnlyTunnelHaveANewKey gives that by a rule of each cloud's row.
func TestARuleLetsTheOnlyTunnelHaveANewKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, k := scheduled(t, hurried, "single", mayCut, nil)
		defer func() { k.stop() }()
		before := l.keys()
		l.age(25 * time.Hour)
		k.audited()
		k.untilRotates(true, time.Minute)
		k.untilRotates(false, time.Hour)
		k.until(control.AsDesired, time.Hour)
		l.mustBeRotated(before, 1)
	})
}

// TestKeysWaitForTheirWindow has keys come to their age before a window: they are
// changed as soon as it opens, and not with the next audit.
func TestKeysWaitForTheirWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, k := scheduled(t, hurried, "tunnels", "schedule: {audit: \"0 0 * * *\"}\npolicy: {windows: [{start: \"30 2 * * *\", duration: 2h}]}\n", nil)
		defer func() { k.stop() }()
		before := l.keys()
		l.age(25 * time.Hour)
		k.audited()
		opens := time.Date(2000, 1, 1, 2, 30, 0, 0, time.UTC)
		if told := k.rotation(); told.Held != "window" || time.Now().After(opens) {
			t.Fatalf("before it opens: %+v", told)
		}
		time.Sleep(time.Until(opens) - time.Second)
		if k.rotation().Running {
			t.Error("it begins before")
		}
		k.untilRotates(true, time.Minute)
		k.untilRotates(false, time.Hour)
		k.until(control.AsDesired, time.Hour)
		l.mustBeRotated(before, 1, 2)
	})
}

// TestARotationThatIsEndedGoesOn ends a rotation of two tunnels in several ways, at
// several moments. It goes on, no tunnel has two turns, and one is always up.
func TestARotationThatIsEndedGoesOn(t *testing.T) {
	t.Parallel()
	restart := func(_ *lab, k *keeper) { k.stop(); k.start(nil) }
	pause := func(l *lab, k *keeper) {
		if _, err := k.Pause(l.Context(), "uid 0", time.Hour, "somebody works there"); err != nil {
			l.Fatal(err)
		}
		for began := time.Now(); k.rotation().Running; time.Sleep(time.Second) {
			if time.Since(began) > time.Minute {
				l.Fatal("a pause does not end it")
			}
		}
		if _, err := k.Resume(l.Context(), "uid 0"); err != nil {
			l.Fatal(err)
		}
	}
	reload := func(_ *lab, k *keeper) {
		content, err := os.ReadFile(k.path)
		if err != nil {
			t.Fatal(err)
		}
		k.write(string(content) + "# anew\n")
		time.Sleep(2 * time.Minute)
	}
	for name, test := range map[string]struct {
		after time.Duration
		end   func(*lab, *keeper)
		long  bool
	}{
		"a restart at once": {time.Second, restart, true}, "a restart while AWS works": {20 * time.Second, restart, true}, "a restart while Azure works": {50 * time.Second, restart, true},
		"a restart at the second": {6 * time.Minute, restart, true}, "a pause": {40 * time.Second, pause, false}, "a pause later": {2 * time.Minute, pause, true},
		"another file": {30 * time.Second, reload, true}, "another file later": {7 * time.Minute, reload, true},
	} {
		if test.long && testing.Short() {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l, k := scheduled(t, hurried, "tunnels", "", nil)
				defer func() { k.stop() }()
				before := l.keys()
				l.age(25 * time.Hour)
				ended := l.watchPairs()
				k.audited()
				k.untilRotates(true, time.Minute)
				time.Sleep(test.after)
				note := l.note().String()
				if !k.rotation().Running {
					t.Fatalf("it has ended before: %q", note)
				}
				test.end(l, k)
				time.Sleep(30 * time.Second)
				for began := time.Now(); k.rotation().Due || k.rotation().Running || k.rotation().Unfinished; time.Sleep(10 * time.Second) {
					if time.Since(began) > 2*time.Hour {
						t.Fatalf("it does not go on: %+v", k.status())
					}
				}
				k.until(control.AsDesired, time.Hour)
				if down := ended(); down != 0 {
					t.Errorf("no pair was up for %s", down)
				}
				l.mustBeRotated(before, 1, 2)
				if turns := l.sim.Calls()["ModifyVpnTunnelOptions"]; turns != 2 {
					t.Errorf("the keys of two tunnels were changed in %d calls; when it was ended, the note said %q", turns, note)
				}
			})
		})
	}
}

// TestAKeyThatIsHalfChangedCostsNoSecondTurn kills the daemon between AWS's change of
// a key and the note of it. The one that comes next sees keys that differ and a
// note that does not say why: it goes on with the rotation, and does not repair.
func TestAKeyThatIsHalfChangedCostsNoSecondTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, k := scheduled(t, hurried, "tunnels", "", nil)
		defer func() { k.stop() }()
		before, tags := l.keys(), 0
		l.age(25 * time.Hour)
		killed := make(chan struct{})
		l.wire.tell(func(what string, carryOut func()) {
			if what != "POST /" {
				carryOut()
				return
			}
			changed := l.sim.Calls()["ModifyVpnTunnelOptions"]
			if tags++; changed == 0 || killed == nil {
				carryOut()
				return
			}
			close(killed)
			killed = nil // the note is not written
		})
		stop := killed
		k.audited()
		<-stop
		k.stop()
		time.Sleep(time.Minute)
		if note := l.note(); !slices.Equal(note.Todo, []int{1, 2}) && !slices.Equal(note.Todo, []int{2, 1}) {
			t.Fatalf("the note says %q", note)
		}
		half := l.keys()
		var changed resource.Secret
		for number, key := range half {
			if !key.Equal(before[number]) {
				changed = key
			}
		}
		k.start(nil)
		k.untilRotates(true, 10*time.Minute)
		k.untilRotates(false, time.Hour)
		k.until(control.AsDesired, time.Hour)
		l.mustBeRotated(before, 1, 2)
		if turns := l.sim.Calls()["ModifyVpnTunnelOptions"]; turns != 2 || changed.IsZero() {
			t.Errorf("the keys of two tunnels were changed in %d calls", turns)
		}
	})
}

// TestAKeyThatComesToItsAgeJustAfterARotationWaitsForNoAudit gives one tunnel a new key,
// and has that of the other come to its age a minute later: the daemon, whose next audit
// is at midnight, changes it as soon as what AWS shows can be believed.
func TestAKeyThatComesToItsAgeJustAfterARotationWaitsForNoAudit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, k := scheduled(t, hurried, "tunnels", "schedule: {audit: \"0 0 * * *\"}\n", nil)
		defer func() { k.stop() }()
		k.mustOrder(control.RotateRequest{ID: "two", Tunnels: []int{2}})
		k.untilOrdered(time.Hour)
		before, ended := l.keys(), time.Now()
		l.noteKeys(fmt.Sprintf("1=%s 2=%s", ended.Add(2*time.Minute-24*time.Hour).UTC().Format(time.RFC3339), ended.Add(-2*time.Hour).UTC().Format(time.RFC3339)))
		if told := k.audited().Rotations[0]; told.Due || !told.Scheduled || time.Until(told.Next) > 2*time.Minute {
			t.Fatalf("just after a rotation it says %+v", told)
		}
		k.untilRotates(true, time.Hour)
		if late := time.Since(ended); late > 7*time.Minute {
			t.Errorf("the key that is due waits for %s", late)
		}
		k.untilRotates(false, time.Hour)
		k.until(control.AsDesired, time.Hour)
		l.mustBeRotated(before, 1)
	})
}
