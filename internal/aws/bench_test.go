package aws

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/sim"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// bench is the article's simulated AWS half and what drives this package
// against it. There is no Azure half: its facts are made up, and so no tunnel
// comes up.
type bench struct {
	*testing.T
	sim    *sim.Simulator
	client *http.Client
	file   *desired.File
	cloud  *Cloud
	world  resource.World

	mu    sync.Mutex
	calls map[string]int
}

// newBench must run inside a synctest bubble.
func newBench(t *testing.T, change func(*scenario.Scenario), faults ...ground.Fault) *bench {
	t.Helper()
	given, err := scenario.Seed()
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&given)
	}
	simulator, err := sim.New(given, sim.Options{Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	client, done := simulator.Client()
	t.Cleanup(done)
	b := &bench{T: t, sim: simulator, client: client, file: seedFile(t), world: resource.World{}}
	for id, live := range builtWorld() {
		if kindOf(id)[:5] == "azure" {
			b.world[id] = live
		}
	}
	b.restart()
	return b
}

// restart begins with an empty memory.
func (b *bench) restart() {
	b.Helper()
	cloud, err := New(b.Context(), b.file, Options{
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "not-a-secret", ""),
		HTTPClient:  b.client, Endpoint: "https://clouds.test",
		OnCall: func(call Call) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.calls[call.Action]++
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.cloud, b.calls = cloud, map[string]int{}
}

// built are the resources that this half can bring about alone.
func (b *bench) built() []node {
	return slices.DeleteFunc(slices.Clone(b.cloud.nodes), func(n node) bool { return n.Kind() == &vpnTunnelKind })
}

// build converges every resource in the order of the table of contents, with
// a new look every few seconds, and returns the first error that patience
// does not mend.
func (b *bench) build() error {
	for _, n := range b.built() {
		if err := b.converge(n); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) mustBuild() {
	b.Helper()
	if err := b.build(); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) converge(n node) error {
	for range 1000 {
		done, err := b.look(b.Context(), n)
		switch resource.ReasonOf(err) {
		case resource.Unreachable:
			time.Sleep(n.Kind().Doubt)
		case resource.Busy, resource.Throttled, "":
			if err != nil && resource.ReasonOf(err) == "" || done {
				return err
			}
		default:
			return err
		}
		time.Sleep(5 * time.Second)
	}
	b.Fatalf("%s does not come to rest: %+v", n.ID(), b.world[n.ID()])
	return nil
}

// look reads a resource once and writes what differs.
func (b *bench) look(ctx context.Context, n node) (done bool, err error) {
	live, err := n.Read(ctx, seenBy(n, b.world))
	if err != nil {
		return false, err
	}
	b.world[n.ID()] = live
	if slices.Contains([]resource.Phase{resource.Pending, resource.Created, resource.Deleting}, live.Phase) {
		return false, nil
	}
	want, err := n.Want(seenBy(n, b.world))
	if err != nil {
		return false, err
	}
	drifts := resource.Diff(n.ID(), n.Kind(), want, live)
	if len(drifts) == 0 || n.Kind().Given {
		return true, nil
	}
	if slices.ContainsFunc(drifts, func(d resource.Drift) bool { return d.Fix == resource.Replace }) {
		return false, n.Delete(ctx, live)
	}
	return false, n.Apply(ctx, resource.Target(n.Kind(), want, live, drifts), live)
}

// drifts are what a fresh sweep finds, by key, beside the tunnels.
func (b *bench) drifts() []string {
	b.Helper()
	b.restart()
	world, strays := b.cloud.Sweep(b.Context())
	for id, live := range b.world {
		if kindOf(id)[:5] == "azure" {
			world[id] = live
		}
	}
	var keys []string
	for _, n := range b.built() {
		want, err := n.Want(seenBy(n, world))
		if err != nil {
			b.Fatal(err)
		}
		for _, drift := range resource.Diff(n.ID(), n.Kind(), want, world[n.ID()]) {
			keys = append(keys, drift.Key())
			if drift.Class == resource.Unseen {
				b.Logf("%s is unseen: %s", drift.ID, drift.Why)
			}
		}
	}
	for _, stray := range strays {
		keys = append(keys, stray.Kind+"."+string(stray.Class))
	}
	slices.Sort(keys)
	return keys
}

// writes counts the calls that change something.
func (b *bench) writes() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	total := 0
	for action, n := range b.calls {
		if !reads(action) {
			total += n
		}
	}
	return total
}

func reads(action string) bool {
	for _, prefix := range []string{"ec2:Describe", "ec2:Search", "ec2:Get", "sts:Get"} {
		if len(action) > len(prefix) && action[:len(prefix)] == prefix {
			return true
		}
	}
	return false
}

// mutate changes the cloud behind linkd's back.
func (b *bench) mutate(kind, name, op, field string, value any) {
	b.Helper()
	if err := b.sim.Mutate(ground.Mutation{Cloud: "aws", Kind: kind, Name: name, Op: op, Field: field, Value: value}); err != nil {
		b.Fatal(err)
	}
	time.Sleep(time.Minute) // until describes show it
}

func (b *bench) ref(id resource.ID) string { return b.world[id].Ref }
