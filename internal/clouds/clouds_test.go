package clouds

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim"
	"linkd/internal/sim/scenario"
)

func seed(t *testing.T) *desired.File {
	t.Helper()
	file, err := desired.Load("../../deploy/examples/seed.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestBothCloudsAreOpenedOnASimulatorOfTheSameSpeed(t *testing.T) {
	given, err := scenario.Seed()
	if err != nil {
		t.Fatal(err)
	}
	simulator, err := sim.New(given, sim.Options{Scale: 250})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(simulator)
	defer server.Close()

	clock, err := AskClock(t.Context(), server.URL)
	if err != nil || clock.Scale != 250 {
		t.Fatalf("the clock is %v, %v; want a scale of 250", clock, err)
	}
	seen := make(chan Call, 100)
	both, err := Open(t.Context(), seed(t), Options{Simulator: server.URL, OnCall: func(c Call) { seen <- c }})
	if err != nil {
		t.Fatal(err)
	}
	world, _ := reconcile.Observe(t.Context(), both)
	for _, id := range []resource.ID{desired.VNetID("vnet-jpe"), desired.VPCID("vpc-a")} {
		if world[id].Phase != resource.Ready {
			t.Errorf("%s is %s: %s", id, world[id].Phase, world[id].Why)
		}
	}
	close(seen)
	counts := map[string]int{}
	for call := range seen {
		counts[call.Cloud]++
	}
	if counts["azure"] == 0 || counts["aws"] == 0 {
		t.Errorf("calls by cloud: %v, want some of each", counts)
	}
}

func TestASimulatorElsewhereIsRefused(t *testing.T) {
	for _, address := range []string{
		"http://192.0.2.1:4566", "http://simulator.example", "https://127.0.0.1:1", "127.0.0.1:4566", "http://127.0.0.1.example",
	} {
		if _, err := Open(t.Context(), seed(t), Options{Simulator: address, Scale: 1}); err == nil || !strings.Contains(err.Error(), "cannot use the simulator") {
			t.Errorf("%s: %v, want a refusal", address, err)
		}
		if _, err := AskClock(t.Context(), address); err == nil || !strings.Contains(err.Error(), "cannot use the simulator") {
			t.Errorf("the clock of %s: %v, want a refusal", address, err)
		}
	}
}

func TestWhatIsNoSimulatorIsNamed(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	if _, err := AskClock(t.Context(), server.URL); err == nil || !strings.Contains(err.Error(), "does not answer as linksim does (404") {
		t.Errorf("a server that is no simulator: %v", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	if _, err := AskClock(t.Context(), "http://"+listener.Addr().String()); err == nil || !strings.Contains(err.Error(), "cannot reach the simulator") {
		t.Errorf("nobody at all: %v", err)
	}
}
