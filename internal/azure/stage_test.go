package azure

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/sim"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// token is a credential that any simulated cloud takes.
type token struct{}

func (token) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "simulated", ExpiresOn: time.Now().Add(24 * time.Hour)}, nil
}

// stage is one simulated world with the Azure side of a file upon it.
type stage struct {
	*testing.T
	cloud     *Cloud
	file      *desired.File
	sim       *sim.Simulator
	world     resource.World
	transport policy.Transporter

	guard sync.Mutex
	calls map[string]int
}

// onStage runs a test inside a bubble of virtual time, upon the article's
// networks and the example file.
func onStage(t *testing.T, faults []ground.Fault, test func(*stage)) {
	synctest.Test(t, func(t *testing.T) {
		given, err := scenario.Seed()
		if err != nil {
			t.Fatal(err)
		}
		simulator, err := sim.New(given, sim.Options{Faults: faults})
		if err != nil {
			t.Fatal(err)
		}
		client, done := simulator.Client()
		defer done()
		file, err := desired.Load("../../deploy/examples/seed.yaml")
		if err != nil {
			t.Fatal(err)
		}
		s := &stage{T: t, file: file, sim: simulator, world: awsFacts(), transport: client, calls: map[string]int{}}
		s.cloud, err = New(file, Options{Credential: token{}, Transport: client, OnCall: func(call Call) {
			s.guard.Lock()
			defer s.guard.Unlock()
			s.calls[call.Operation]++
		}})
		if err != nil {
			t.Fatal(err)
		}
		test(s)
	})
}

// awsFacts is the AWS half as far as Azure needs it: it stands, and says its
// addresses and keys.
func awsFacts() resource.World {
	return resource.World{
		"aws/vpn-connection/tokyo-0": {
			Phase:   resource.Ready,
			Attrs:   resource.Attrs{desired.FactOutsideAddress(1): resource.Of("203.0.113.1"), desired.FactOutsideAddress(2): resource.Of("203.0.113.2")},
			Secrets: resource.Secrets{desired.FactKey(1): resource.NewSecret("an_example_key_1"), desired.FactKey(2): resource.NewSecret("an_example_key_2")},
		},
		"aws/vpc/vpc-a": {Phase: resource.Ready, Attrs: resource.Attrs{desired.FactPrefixes: resource.Of("172.20.0.0/16")}},
		"aws/vpc/vpc-b": {Phase: resource.Ready, Attrs: resource.Attrs{desired.FactPrefixes: resource.Of("172.21.0.0/16")}},
	}
}

// see is the world that r may see.
func (s *stage) see(r resource.Resource) resource.World {
	ids := []resource.ID{r.ID()}
	for _, need := range r.Needs() {
		ids = append(ids, need.On)
	}
	return s.world.Only(ids...)
}

// build makes everything in the order of the needs, one after the other, and
// leaves out what fails.
func (s *stage) build() {
	s.Helper()
	for range 20 {
		left := 0
		for _, r := range s.cloud.Resources() {
			phase := s.world[r.ID()].Phase
			if phase == resource.Ready || phase == resource.Failed || !s.standing(r) {
				continue
			}
			left++
			s.make(r)
		}
		if left == 0 {
			return
		}
	}
	s.Fatal("the build does not end")
}

func (s *stage) standing(r resource.Resource) bool {
	for _, need := range r.Needs() {
		if s.world[need.On].Phase < need.At {
			return false
		}
	}
	return true
}

// make applies one resource when it is absent, and waits until it is ready.
func (s *stage) make(r resource.Resource) {
	s.Helper()
	for range 2000 {
		live, err := r.Read(s.Context(), s.see(r))
		if err != nil {
			s.Fatalf("reading %s: %v", r.ID(), err)
		}
		s.world[r.ID()] = live
		switch live.Phase {
		case resource.Ready:
			return
		case resource.Absent:
			want, err := r.Want(s.see(r))
			if err != nil {
				s.Fatalf("wanting %s: %v", r.ID(), err)
			}
			if err := r.Apply(s.Context(), want, live); err != nil && resource.ReasonOf(err) != resource.Busy {
				s.Fatalf("applying %s: %v", r.ID(), err)
			}
		case resource.Failed:
			return
		}
		time.Sleep(5 * time.Second)
	}
	s.Fatalf("%s never becomes ready: %s", r.ID(), s.world[r.ID()].Why)
}

// forgetCalls begins the count of calls anew.
func (s *stage) forgetCalls() {
	s.guard.Lock()
	defer s.guard.Unlock()
	s.calls = map[string]int{}
}

// sweep looks at everything and keeps what it saw.
func (s *stage) sweep() []resource.Stray {
	s.Helper()
	s.forgetCalls()
	world, strays := s.cloud.Sweep(s.Context())
	for _, r := range s.cloud.Resources() {
		if _, told := world[r.ID()]; !told {
			s.Errorf("the sweep says nothing of %s", r.ID())
		}
	}
	s.world.Merge(world)
	return strays
}

// drifts are the keys of all drifts of the world.
func (s *stage) drifts() []string {
	s.Helper()
	var keys []string
	for _, r := range s.cloud.Resources() {
		want, err := r.Want(s.see(r))
		if err != nil {
			s.Errorf("wanting %s: %v", r.ID(), err)
			continue
		}
		for _, drift := range resource.Diff(r.ID(), r.Kind(), want, s.world[r.ID()]) {
			keys = append(keys, drift.Key())
			s.Logf("%s %s: want %v, have %v (%s)", drift.ID, drift.Key(), drift.Want, drift.Have, drift.Why)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func (s *stage) resource(id resource.ID) resource.Resource { return s.cloud.declared[id] }
