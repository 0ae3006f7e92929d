package endtoend

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/daemon"
	"linkd/internal/sim/scenario"
)

// TestTheDaemonComesThroughWhateverHappens keeps the article's link by a
// daemon while people change both clouds at random, the clouds fail at random,
// and linkd is killed, paused and started again. Whatever happens:
//
//   - nothing of the link ever stands twice,
//   - nothing that is not linkd's is ever deleted,
//   - no write of linkd takes the last live tunnel of a link without approval,
//   - no key is in the log, the journal or the status,
//   - and once the faults end, the link is as desired.
//
// LINKD_DAEMON_SEEDS says how many stories are played, as LINKD_SEEDS does.
func TestTheDaemonComesThroughWhateverHappens(t *testing.T) {
	t.Parallel()
	from, to := seedsOf(t, "LINKD_DAEMON_SEEDS", 6, 30)
	total := &tally{}
	t.Run("stories", func(t *testing.T) {
		for seed := from; seed < to; seed++ {
			t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { oneWatch(t, seed, total) })
			})
		}
	})
	t.Logf("%d stories: %d audits, %d faults injected, %d changes by others, %d kills, %d writes by linkd", to-from, total.audits, total.faults, total.changes, total.kills, total.writes)
}

// TestTheStoriesThatWentWrong plays the seeds that found a defect.
func TestTheStoriesThatWentWrong(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{
		8564, // options of a connection made seconds before were changed: the tunnel was up, and no telemetry showed it
	} {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { oneWatch(t, seed, &tally{}) })
		})
	}
}

// tally counts what happened in all stories.
type tally struct {
	mu                                     sync.Mutex
	audits, faults, changes, kills, writes int
}

func (t *tally) add(count *int, more int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	*count += more
}

// watch is one story.
type watch struct {
	*lab
	*keeper
	random *rand.Rand
	ring   *keyring
	log    *safeBuffer

	changes  atomic.Int64 // by others
	approved atomic.Bool  // a person has let the last pair go
}

func oneWatch(t *testing.T, seed uint64, total *tally) {
	random := rand.New(rand.NewPCG(seed, 0xdae))
	l := newLab(t, func(s *scenario.Scenario) {
		s.Behaviour = anyBehaviour(random, s.Behaviour)
		s.Behaviour.Instant = random.IntN(3) > 0 // a build that lasts is most of a story's cost
	})
	content := anyFile(t, random)
	ring := &keyring{next: l.wire.client.Transport}
	l.wire.client = &http.Client{Transport: ring}
	w := &watch{lab: l, random: random, ring: ring, log: &safeBuffer{}}
	var story []string
	tell := func(format string, args ...any) { story = append(story, fmt.Sprintf(format, args...)) }
	defer func() {
		if t.Failed() {
			t.Logf("seed %d: %+v\n%s\n%s", seed, l.behaviour, strings.Join(story, "\n"), w.log.String())
		}
	}()
	w.keeper = l.keepOf(content, w.logged)
	foreign := w.settleIn()
	l.wire.tell(w.around)
	for range 3 + random.IntN(6) {
		w.event(total, tell)
		time.Sleep(time.Duration(random.IntN(1200)) * time.Second)
	}
	w.sim.Heal()
	l.wire.tell(nil)
	if l.wire.killAt != 0 || w.status().Pause != nil {
		w.restart()
	}
	w.converge()
	w.mustCross()
	w.mustLiveOnce("in the end", "vpnSites", "CustomerGateways")
	for _, name := range foreign {
		if !strings.Contains(w.dump(), name) {
			t.Errorf("%s, which is not linkd's, is gone", name)
		}
	}
	total.add(&total.audits, l.sim.Calls()["DescribeTransitGateways"])
	total.add(&total.writes, l.wire.sent())
	w.stop()
	w.mustHideKeys()
}

// anyFile is the article's file, in one of its shapes.
func anyFile(t *testing.T, random *rand.Rand) string {
	content := seedFile(t)
	if random.IntN(2) == 0 {
		content = strings.Replace(content, "redundancy: single", "redundancy: tunnels", 1)
	}
	return content + "\nschedule: {audit: \"*/20 * * * *\", tunnels: \"@every 5m\"}\n"
}

func (w *watch) logged(o *daemon.Options) { o.Log = slog.New(slog.NewTextHandler(w.log, nil)) }

// settleIn waits until the link is built, and furnishes the clouds with things
// of somebody else, whose names it returns.
func (w *watch) settleIn() []string {
	w.converge()
	return w.furnish()
}

// restart starts linkd anew, without faults on its way.
func (w *watch) restart() {
	w.wire.disarm()
	w.stop()
	w.start(w.logged)
	if w.status().Pause != nil {
		if _, err := w.Resume(w.lab.Context(), "uid 0"); err != nil {
			w.Errorf("resume: %v", err)
		}
	}
}

// event lets one thing happen.
func (w *watch) event(total *tally, tell func(string, ...any)) {
	switch w.random.IntN(10) {
	case 0, 1, 2, 3, 4:
		change := w.anyChange()
		w.changes.Add(1)
		if err := w.sim.Mutate(change); err == nil { // what is gone cannot be changed
			total.add(&total.changes, 1)
			tell("%s: %+v", time.Now().Format(time.TimeOnly), change)
		}
	case 5, 6:
		faults := anyFaults(w.random)
		total.add(&total.faults, len(faults))
		w.sim.Inject(faults...)
		tell("%s: %+v", time.Now().Format(time.TimeOnly), faults)
	case 7:
		w.sim.Heal()
		tell("%s: healed", time.Now().Format(time.TimeOnly))
	case 8:
		total.add(&total.kills, 1)
		w.wire.armIn(1+w.random.IntN(60), w.random.IntN(2) == 0, func(error) {})
		time.Sleep(time.Duration(w.random.IntN(900)) * time.Second)
		tell("%s: killed", time.Now().Format(time.TimeOnly))
		w.restart()
	case 9:
		if _, err := w.Pause(w.lab.Context(), "uid 0", 20*time.Minute, "a test"); err != nil {
			w.Errorf("pause: %v", err)
		}
		tell("%s: paused", time.Now().Format(time.TimeOnly))
	}
}

// converge waits until all is as desired, approving what waits for approval.
func (w *watch) converge() {
	w.Helper()
	time.Sleep(time.Minute) // until describes show what was done last
	began := time.Now()
	if _, err := w.Audit(w.lab.Context(), "the test", false); err != nil {
		w.Fatal(err)
	}
	for ; time.Since(began) < 8*time.Hour; time.Sleep(time.Minute) {
		status := w.status()
		switch {
		case status.Verdict == control.AsDesired && status.Looks[0].Last.Add(-time.Duration(status.Looks[0].Took*float64(time.Second))).After(began):
			w.approved.Store(false)
			return
		case status.Pending != nil && status.Pending.ApprovedBy == "":
			w.approved.Store(true)
			if _, err := w.Approve(w.lab.Context(), "uid 0", status.Pending.Digest, true); err != nil {
				w.Logf("approve: %v", err)
			}
		}
	}
	status := w.status()
	w.Fatalf("it says %s: %+v", status.Verdict, status.Drifts)
}

// live counts the pairs that are up.
func (w *watch) live() int {
	up := 0
	for _, pair := range w.sim.Tunnels() {
		if pair.Up {
			up++
		}
	}
	return up
}

// around compares how many pairs are live before and after each write of linkd.
// What somebody else changed meanwhile is not linkd's doing.
func (w *watch) around(what string, carryOut func()) {
	changes, before := w.changes.Load(), w.live()
	carryOut()
	if before > 0 && w.live() == 0 && w.changes.Load() == changes && !w.approved.Load() {
		w.Errorf("%s took the last live tunnel", what)
	}
}

func (w *watch) dump() string {
	w.Helper()
	text, err := json.Marshal(w.sim.Dump())
	if err != nil {
		w.Fatal(err)
	}
	return string(text)
}

// mustHideKeys fails when a key that went over the wire is in what linkd wrote.
func (w *watch) mustHideKeys() {
	status, err := os.ReadFile(filepath.Join(w.folder, "journal", "journal.jsonl"))
	if err != nil {
		w.Fatal(err)
	}
	keys := w.ring.keys()
	if len(keys) == 0 {
		w.Error("no key went over the wire: the test proves nothing")
	}
	for _, key := range keys {
		if strings.Contains(w.log.String(), key) || bytes.Contains(status, []byte(key)) {
			w.Errorf("the key %q is in the log or in the journal", key)
		}
	}
}
