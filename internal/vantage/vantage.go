package vantage

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"linkd/internal/probe"
)

// Task is one target and how it is probed. It travels to agents, so its names
// in JSON are stable.
type Task struct {
	Name     string        `json:"name"`
	Address  netip.Addr    `json:"address"`
	Interval time.Duration `json:"interval_ns"` // between two echoes
	Timeout  time.Duration `json:"timeout_ns"`
	Count    int           `json:"count"` // echoes of one result
	Size     int           `json:"size"`  // bytes of the whole IP packet
	// MTUEvery is how often the path MTU is searched; 0: only on request.
	MTUEvery time.Duration `json:"mtu_every_ns,omitempty"`
}

// target is the task as the prober takes it.
func (t Task) target() probe.Target {
	return probe.Target{Name: t.Name, Address: t.Address, Interval: t.Interval, Timeout: t.Timeout, Count: t.Count, Size: t.Size}
}

// Finding is a result and the times of the answers since the one before. A
// search of the path MTU is a Finding of its own, which has counted nothing.
type Finding struct {
	Result probe.Result
	RTTs   Counts
}

// Vantage probes. Its fields are set before Run.
type Vantage struct {
	Name string
	// Open makes a wire. It is called once there are tasks, and again a while
	// after it failed or the wire broke. Searches have a wire of their own.
	Open func() (probe.Wire, error)
	// Tell takes what is found. It is called by several goroutines, and must not
	// block.
	Tell func(Finding)
	// Trouble is told why nothing can be sent, once a reason, and "" when it can
	// be again.
	Trouble func(why string)

	mu      sync.Mutex
	tasks   []Task
	rtts    map[string]Counts
	asked   map[string]bool // targets whose MTU somebody wants to know now
	changed chan struct{}
	once    sync.Once
}

func (v *Vantage) begin() {
	v.once.Do(func() {
		v.changed, v.rtts, v.asked = make(chan struct{}, 1), map[string]Counts{}, map[string]bool{}
	})
}

// Follow replaces the tasks. What stays as it was is not interrupted. It never
// blocks.
func (v *Vantage) Follow(tasks []Task) {
	v.begin()
	v.mu.Lock()
	v.tasks = slices.Clone(tasks)
	v.mu.Unlock()
	v.wake()
}

// Search wants the path MTU to a target searched now. It never blocks; a name
// that no task has is ignored.
func (v *Vantage) Search(name string) {
	v.begin()
	v.mu.Lock()
	if slices.ContainsFunc(v.tasks, func(t Task) bool { return t.Name == name }) {
		v.asked[name] = true
	}
	v.mu.Unlock()
	v.wake()
}

func (v *Vantage) wake() {
	select {
	case v.changed <- struct{}{}:
	default:
	}
}

func (v *Vantage) wanted() []Task {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.tasks
}

// retry is how long after a failure a wire is opened again.
const retry = 30 * time.Second

// Run probes until ctx ends. It is called once.
func (v *Vantage) Run(ctx context.Context) {
	v.begin()
	var running sync.WaitGroup
	defer running.Wait()
	searching, poke := make(chan struct{}), make(chan struct{}, 1)
	running.Go(func() { defer close(searching); v.search(ctx, poke) })
	for ctx.Err() == nil {
		if len(v.wanted()) == 0 {
			v.pause(ctx, time.Hour)
			continue
		}
		wire, err := v.Open()
		if err != nil {
			v.cannot(err)
			v.pause(ctx, retry)
			continue
		}
		v.Trouble("")
		err = v.probe(ctx, wire, poke)
		_ = wire.Close()
		if err != nil && ctx.Err() == nil {
			v.cannot(err)
			v.pause(ctx, retry)
		}
	}
	<-searching
}

// pause waits for a change of the tasks, and no longer than so long.
func (v *Vantage) pause(ctx context.Context, limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-v.changed:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// cannot tells why nothing is sent, once as the vantage's trouble and for each
// target as its result.
func (v *Vantage) cannot(err error) {
	v.Trouble(err.Error())
	for _, task := range v.wanted() {
		v.Tell(Finding{Result: probe.Result{From: v.Name, To: task.Name, At: time.Now(), Err: err.Error()}})
	}
}

// probe keeps a prober at the tasks until ctx ends, the wire breaks, or no task
// is left.
func (v *Vantage) probe(ctx context.Context, wire probe.Wire, poke chan<- struct{}) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	prober := probe.NewProber(wire, v.Name, probe.Events{Seen: v.seen, Ended: v.ended})
	broken := make(chan error, 1)
	go func() { broken <- prober.Run(ctx) }()
	end := func() error {
		stop()
		return <-broken
	}
	now := map[string]Task{}
	for {
		tasks := v.wanted()
		v.adjust(prober, now, tasks)
		select {
		case poke <- struct{}{}:
		default:
		}
		if len(tasks) == 0 {
			return end()
		}
		select {
		case <-v.changed:
		case err := <-broken:
			return err
		case <-ctx.Done():
			return end()
		}
	}
}

// adjust brings the prober from the tasks that it has to those that it shall
// have. What it refuses is told as a result.
func (v *Vantage) adjust(prober *probe.Prober, now map[string]Task, tasks []Task) {
	wanted := map[string]bool{}
	for _, task := range tasks {
		wanted[task.Name] = true
	}
	for name := range now {
		if !wanted[name] {
			prober.Remove(name)
			delete(now, name)
			v.mu.Lock()
			delete(v.rtts, name)
			v.mu.Unlock()
		}
	}
	for _, task := range tasks {
		if old, there := now[task.Name]; there && old == task {
			continue
		}
		now[task.Name] = task
		if err := prober.Add(task.target()); err != nil {
			prober.Remove(task.Name)
			v.Tell(Finding{Result: probe.Result{From: v.Name, To: task.Name, At: time.Now(), Err: err.Error()}})
		}
	}
}

func (v *Vantage) seen(target string, rtt time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.rtts[target] == nil {
		v.rtts[target] = Counts{}
	}
	v.rtts[target].Add(rtt)
}

func (v *Vantage) ended(result probe.Result) {
	v.mu.Lock()
	rtts := v.rtts[result.To]
	delete(v.rtts, result.To)
	v.mu.Unlock()
	v.Tell(Finding{Result: result, RTTs: rtts})
}
