package endtoend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"linkd/internal/clouds"
	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim"
	"linkd/internal/sim/scenario"
)

// lab is one simulated pair of clouds and the engines that are pointed at it.
type lab struct {
	testing.TB
	sim  *sim.Simulator
	file *desired.File
	wire *wire
	disk *disk
	env  map[string]string // that the file's key sources name
	// behaviour is how these clouds behave.
	behaviour scenario.Behaviour
	events    []reconcile.Event
	mu        sync.Mutex
}

// newLab starts the article's clouds and reads the article's file; change may
// alter how the clouds behave. It must run inside a synctest bubble.
func newLab(t testing.TB, change func(*scenario.Scenario)) *lab {
	t.Helper()
	file, err := desired.Load("../../deploy/examples/seed.yaml")
	if err != nil {
		t.Fatal(err)
	}
	given, err := scenario.Seed()
	if err != nil {
		t.Fatal(err)
	}
	return newLabOf(t, file, given, change)
}

func newLabOf(t testing.TB, file *desired.File, given scenario.Scenario, change func(*scenario.Scenario)) *lab {
	t.Helper()
	if change != nil {
		change(&given)
	}
	simulator, err := sim.New(given, sim.Options{Scale: 1})
	if err != nil {
		t.Fatal(err)
	}
	client, stop := simulator.Client()
	t.Cleanup(stop)
	l := &lab{TB: t, sim: simulator, file: file, wire: &wire{client: client}, behaviour: given.Behaviour}
	l.disk = &disk{since: time.Now().Add(-time.Hour), open: map[resource.ID]time.Time{}}
	return l
}

// open opens both clouds with nothing in memory.
func (l *lab) open(ctx context.Context) []reconcile.Cloud {
	l.Helper()
	both, err := clouds.Open(ctx, l.file, clouds.Options{HTTPClient: &http.Client{Transport: l.wire}, Env: func(name string) (string, bool) {
		value, set := l.env[name]
		return value, set
	}})
	if err != nil {
		l.Fatal(err)
	}
	return both
}

// engine starts linkd anew: nothing is in its memory.
func (l *lab) engine(ctx context.Context) *reconcile.Engine {
	l.Helper()
	engine, err := reconcile.New(l.file, l.open(ctx), l.disk)
	if err != nil {
		l.Fatal(err)
	}
	// As at a terminal: a person has seen the plan and said yes.
	engine.At = func() reconcile.Circumstances {
		return reconcile.Circumstances{Consent: reconcile.Consent{LastPair: true, Window: true}}
	}
	engine.Listen = func(e reconcile.Event) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.events = append(l.events, e)
	}
	return engine
}

// build plans and applies once with a fresh engine.
func (l *lab) build(ctx context.Context) (reconcile.Report, error) {
	engine := l.engine(ctx)
	plan, world := engine.Plan(ctx)
	return engine.Apply(ctx, plan, world)
}

// mustBuild fails the test unless everything came.
func (l *lab) mustBuild() reconcile.Report {
	l.Helper()
	report, err := l.build(l.Context())
	if err != nil {
		l.Fatalf("apply: %v", err)
	}
	l.complain(report)
	return report
}

func (l *lab) complain(report reconcile.Report) {
	l.Helper()
	for _, outcome := range report.Outcomes {
		if outcome.What != reconcile.Settled {
			l.Errorf("%s %s: %s", outcome.ID, outcome.What, outcome.Text)
		}
	}
}

// plan looks with a fresh engine.
func (l *lab) plan() reconcile.Plan {
	l.Helper()
	plan, _ := l.engine(l.Context()).Plan(l.Context())
	return plan
}

// mustBeClean fails the test unless a fresh look finds nothing.
func (l *lab) mustBeClean() {
	l.Helper()
	if plan := l.plan(); !plan.Clean() {
		var text strings.Builder
		_ = plan.Text(&text)
		l.Errorf("the plan is not empty:\n%s", text.String())
	}
}

// mustCross fails the test unless every echo between the four machines of the
// article crosses, both ways.
func (l *lab) mustCross() {
	l.Helper()
	for _, from := range l.file.Probes.Targets {
		for _, to := range l.file.Probes.Targets {
			if from.Name == to.Name {
				continue
			}
			if echo := l.sim.Echo(from.Address, to.Address); !echo.Crossed {
				l.Errorf("%s → %s: dropped at %s: %s", from.Name, to.Name, echo.DroppedAt, echo.Why)
			}
		}
	}
}

func (l *lab) crosses(from, to netip.Addr) bool { return l.sim.Echo(from, to).Crossed }

// wire carries requests to the simulator, numbers them, and can kill linkd at
// one of them: the request is lost on its way out, or it is carried out and
// answered into the void.
type wire struct {
	client *http.Client
	mu     sync.Mutex
	count  int
	writes []int // the numbers of the requests that change something
	killAt int
	late   bool // kill after the request was carried out
	spare  int  // kill before the write after so many; 0 or less: no such limit
	kill   context.CancelCauseFunc
	// around is told of each write with what carries it out; nil: nobody is.
	around func(what string, carryOut func())
}

var errKilled = errors.New("killed")

// arm has linkd killed at a request, armIn at one so many after the last.
func (w *wire) arm(at int, late bool, kill context.CancelCauseFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.killAt, w.late, w.kill = at, late, kill
}

func (w *wire) armIn(more int, late bool, kill context.CancelCauseFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.killAt, w.late, w.kill = w.count+more, late, kill
}

// disarm lets linkd live.
func (w *wire) disarm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.killAt, w.spare = 0, 0
}

// tell has somebody told of each write; nil: nobody is.
func (w *wire) tell(around func(what string, carryOut func())) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.around = around
}

// sent counts the requests so far that change something.
func (w *wire) sent() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.writes)
}

// replace has all later requests carried by another client.
func (w *wire) replace(client *http.Client) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.client = client
}

func (w *wire) RoundTrip(request *http.Request) (*http.Response, error) {
	writes, err := changes(request)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.count++
	now := w.count
	killAt, late, kill, around, client := w.killAt, w.late, w.kill, w.around, w.client
	if writes {
		w.writes = append(w.writes, now)
		if w.spare > 0 && len(w.writes) > w.spare {
			w.killAt, killAt = now, now
		}
	}
	w.mu.Unlock()
	if killAt == 0 || now < killAt {
		if !writes || around == nil {
			return client.Transport.RoundTrip(request)
		}
		var response *http.Response
		around(request.Method+" "+request.URL.Path, func() { response, err = client.Transport.RoundTrip(request) })
		return response, err
	}
	if now == killAt && late {
		if response, err := client.Do(request.Clone(context.WithoutCancel(request.Context()))); err == nil {
			_ = response.Body.Close()
		}
	}
	kill(errKilled)
	return nil, fmt.Errorf("request %d: %w", now, errKilled)
}

// changes reports whether a request of either cloud changes something there.
func changes(request *http.Request) (bool, error) {
	switch request.Method {
	case http.MethodPut, http.MethodDelete, http.MethodPatch:
		return true, nil
	case http.MethodGet:
		return false, nil
	}
	if _, action, json := strings.Cut(request.Header.Get("X-Amz-Target"), "."); json {
		return !strings.HasPrefix(action, "Get"), nil
	}
	if request.Body == nil || request.URL.Path != "/" {
		return false, nil
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return false, err
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return false, err
	}
	for _, verb := range []string{"Describe", "Get", "Search", "AssumeRole"} {
		if strings.HasPrefix(form.Get("Action"), verb) {
			return false, nil
		}
	}
	return true, nil
}

// disk keeps intents over restarts.
type disk struct {
	mu    sync.Mutex
	since time.Time
	open  map[resource.ID]time.Time

	recent reconcile.Recent
}

func (d *disk) Recent() reconcile.Recent {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.recent
}

func (d *disk) KeepRecent(recent reconcile.Recent) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.recent = recent
	return nil
}

func (d *disk) Sent(id resource.ID) (time.Time, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if at, open := d.open[id]; open {
		return at, true
	}
	return d.since, false
}

func (d *disk) Open(id resource.ID, at time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open[id] = at
	return nil
}

func (d *disk) Close(id resource.ID) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.open, id)
	return nil
}

// instant makes every operation end at once.
func instant(s *scenario.Scenario) { s.Behaviour.Instant = true }
