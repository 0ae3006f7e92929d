package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/drill"
	"linkd/internal/journal"
	"linkd/internal/metrics"
	"linkd/internal/notify"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/watch"
)

// Options say what a daemon works with. All are needed but for Probes and Poll.
type Options struct {
	Path      string // of the desired-state file
	State     string // the folder of what outlives the process
	Version   string
	Revision  string // of the sources, or ""
	AuditOnly bool
	// Open makes the engine of a file. It tells of each request to a cloud.
	Open func(ctx context.Context, file *desired.File, tell func(metrics.Call)) (*reconcile.Engine, error)
	// Journal takes the record.
	Journal *journal.Journal
	Notify  notify.Notifier
	Log     *slog.Logger
	// Probes say how linkd probes; Software, Log, Answered and Gone are filled in.
	// nil: it does not.
	Probes *watch.Options
	// Poll is how often the file is looked at for a change; 0: every 10 seconds.
	Poll time.Duration
}

// Daemon keeps the links of one file. Run owns all of it: whatever else
// happens is posted to Run's goroutine and done there, one after the other.
type Daemon struct {
	Options
	Metrics *metrics.Metrics

	posted  chan func()
	ended   chan struct{}  // closed when the loop has ended
	running sync.WaitGroup // looks and repairs

	started time.Time
	current inForce
	config  control.Config
	said    *said
	book    *book
	audit   look
	tunnels look
	survey  surveying
	again   bool            // an audit is wanted as soon as none runs
	wanted  []chan struct{} // of those who wait for it
	waiting []chan struct{} // of those who wait for the one that runs; closed when it has ended
	polled  time.Time
	renew   bool      // the file, unchanged, is to be read anew once nothing runs
	renewBy string    // who asked for it
	judged  bool      // an audit of the file in force has ended
	tried   string    // the hash of the file that was refused last
	wakes   time.Time // when something that is held may be tried again
	fed     time.Time // the watchdog

	// What the last audit saw and what was made of it.
	seen             bool
	saw              reconcile.Comparison
	plan             reconcile.Plan
	counted, earlier resource.World // the tunnels, as the last audit and the one before saw them
	// findings are the failures that the audits have seen.
	findings findings
	round    uint64
	refused  string

	repairs map[uint64]*repair
	keys    keys
	drills  drills
	// landed are the resources whose repair has ended since the audit that runs
	// began: it may have seen them as they were before.
	landed   map[resource.ID]bool
	snapshot snapshots
	watch    atomic.Pointer[watch.Watch]
	gaps     atomic.Pointer[drill.Gaps] // of the drill that is measured now
}

// inForce is the file that is obeyed, and what was made of it.
type inForce struct {
	generation uint64
	file       *desired.File
	engine     *reconcile.Engine
	cancel     context.CancelCauseFunc // of its looks and repairs
	ctx        context.Context         //nolint:containedctx // it ends with the generation and not with a call
}

// New prepares a daemon. Nothing runs, and nothing is sent, before Run.
func New(options Options) (*Daemon, error) {
	if options.Poll == 0 {
		options.Poll = 10 * time.Second
	}
	said, err := openSaid(options.State)
	if err != nil {
		return nil, resource.WithHint(err, "a pause may stand in it: look, and delete the file if it is of no use")
	}
	d := &Daemon{
		Options: options, said: said, book: newBook(),
		posted: make(chan func()), ended: make(chan struct{}), repairs: map[uint64]*repair{}, findings: findings{}, keys: keys{of: map[string]*schedule{}},
	}
	d.Metrics = metrics.New(metrics.Build{Version: options.Version, Revision: options.Revision, GoVersion: runtime.Version()}, func() metrics.Snapshot { return d.withProbes(d.snapshot.last()) })
	return d, nil
}

// errStopped ends the looks and repairs of a daemon that stops.
var errStopped = errors.New("linkd was stopped")

// Run keeps the links until the context ends. It fails at once when the file
// cannot be used; later a bad file only keeps the old one in force. It returns
// when all that it began has ended, or ten seconds later; the clouds go on with
// what they accepted, and the next start finds it. It is called once.
func (d *Daemon) Run(ctx context.Context) error {
	d.started = time.Now()
	defer close(d.ended)
	d.startProbes()
	defer d.stopProbes()
	if err := d.begin(ctx); err != nil {
		return err
	}
	d.record(journal.Entry{Event: journal.Started, Text: d.describe()})
	d.openDrills()
	d.told(d.Notify.Ready("looking for the first time"))
	d.again = true
	for {
		now := time.Now()
		d.turn(ctx, now)
		timer := time.NewTimer(d.wait(now))
		select {
		case do := <-d.posted:
			do()
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return d.stop()
		}
		timer.Stop()
	}
}

// post has something done by the loop, and waits until it was. It is how
// everybody else speaks with the daemon.
func (d *Daemon) post(ctx context.Context, do func()) error {
	done := make(chan struct{})
	select {
	case d.posted <- func() { defer close(done); do() }:
	case <-ctx.Done():
		return fmt.Errorf("cannot reach the daemon's loop: %w", context.Cause(ctx))
	case <-d.ended:
		return errStopped
	}
	<-done
	return nil
}

// report has something done by the loop once a look or a repair has ended. It
// is never lost while stop waits for it.
func (d *Daemon) report(do func()) {
	select {
	case d.posted <- do:
	case <-d.ended:
	}
}

// turn starts what is due.
//
//nolint:contextcheck // looks and repairs end with the file in force, not with the turn
func (d *Daemon) turn(ctx context.Context, now time.Time) {
	if d.said.expire(now) {
		d.keepSaid()
		d.record(journal.Entry{Event: journal.Resumed, Text: "the pause has ended"})
		d.again = true
	}
	if d.audit.clock.due(now) {
		d.tick(&d.audit)
	}
	if d.tunnels.clock.due(now) && !d.audit.runs() {
		d.tick(&d.tunnels)
	}
	if d.renew && !d.busy() {
		_, _ = d.reload(ctx, d.renewBy, false) // it tells by itself
	}
	if d.survey.clock.due(now) {
		d.tick(&d.survey.look)
	}
	d.wakeUp(now)
	if d.again && !d.audit.runs() {
		d.again = false
		d.startAudit(now)
	}
	if d.wantsSurvey(now) {
		d.startSurvey(now)
	}
	if now.Sub(d.polled) >= d.Poll || now.Before(d.polled) {
		d.polled = now
		d.followFile(ctx)
	}
	d.feed(now)
}

// tick starts a look, or counts that it was missed.
func (d *Daemon) tick(l *look) {
	switch {
	case l.runs():
		l.clock.missed++
		d.Metrics.Missed(l.name)
		if !l.late { // once a look
			l.late = true
			d.record(journal.Entry{Event: journal.Missed, Text: "the last " + l.name + " look still runs"})
		}
	case l == &d.audit:
		d.again = true
	case l == &d.survey.look:
		d.survey.wanted = true
	default:
		d.startTunnels(time.Now())
	}
}

// wakeUp wants an audit when something that was held may be tried again.
func (d *Daemon) wakeUp(now time.Time) {
	if !d.seen {
		return
	}
	if at := d.wakes; !at.IsZero() && !now.Before(at) {
		d.wakes, d.again = time.Time{}, true
	}
}

// wait is how long nothing is due.
func (d *Daemon) wait(now time.Time) time.Duration {
	wait := min(d.audit.clock.wait(now), d.tunnels.clock.wait(now), d.survey.clock.wait(now), d.Poll)
	if every, watched := d.Notify.WatchdogInterval(); watched {
		wait = min(wait, every)
	}
	for _, at := range []time.Time{d.wakes, d.said.ends()} {
		if !at.IsZero() {
			wait = min(wait, max(at.Sub(now), 0))
		}
	}
	return wait
}

// feed tells the watchdog that the loop goes on, unless a look or a repair
// has outlived its budget by far: then something hangs that cannot be ended.
func (d *Daemon) feed(now time.Time) {
	every, watched := d.Notify.WatchdogInterval()
	if !watched || now.Sub(d.fed) < every/2 && !now.Before(d.fed) {
		return
	}
	limit := d.budget() + graceful
	hangs := d.audit.overdue(now, limit) || d.tunnels.overdue(now, limit) || d.survey.overdue(now, limit)
	for _, r := range d.repairs {
		hangs = hangs || now.Sub(r.since) > limit
	}
	if !hangs {
		d.fed = now
		d.told(d.Notify.Watchdog())
	}
}

func (d *Daemon) budget() time.Duration { return time.Duration(d.current.file.Schedule.Budget) }
