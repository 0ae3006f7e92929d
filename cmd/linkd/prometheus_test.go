package main

import (
	"context"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"linkd/deploy/examples"
	"linkd/internal/control"
	"linkd/internal/metrics/prometheustest"
	"linkd/internal/sim"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// TestARealPrometheusAlertsOnWhatTheDaemonSees runs linkd and Prometheus as
// processes of their own, takes the link's only tunnel down behind linkd's back
// while policy holds the repair, and lets it be repaired then: the alerts fire
// and clear.
func TestARealPrometheusAlertsOnWhatTheDaemonSees(t *testing.T) {
	prometheustest.Tool(t, "prometheus")
	given, err := scenario.Seed()
	if err != nil {
		t.Fatal(err)
	}
	given.Behaviour.Instant = true
	clouds, err := sim.New(given, sim.Options{Scale: 1000})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(clouds)
	defer server.Close()
	folder := t.TempDir()
	file, repairs := filepath.Join(folder, "linkd.yaml"), string(examples.Seed())
	holds := strings.Replace(repairs, "version: 1\n", "version: 1\npolicy: {rules: [{drift: azure/vpn-connection.shared_key, do: report, why: the test holds it}]}\n", 1)
	if err := os.WriteFile(file, []byte(holds), 0o600); err != nil {
		t.Fatal(err)
	}
	address, socket := freeAddress(t), filepath.Join(folder, "s")
	process := exec.CommandContext(t.Context(), "linkd", "run", "-f", file, "--state", folder, "--listen", address, "--socket", socket, "--simulator", server.URL)
	process.Stderr = os.Stderr
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = process.Process.Signal(os.Interrupt)
		if err := process.Wait(); err != nil {
			t.Errorf("linkd ended with %v", err)
		}
	}()
	client := control.AtSocket(socket)
	until(t, client, control.AsDesired)
	prometheus := prometheustest.Start(t, address, "../../deploy/prometheus/recording.rules.yaml", "../../deploy/prometheus/alerts.rules.yaml")
	prometheus.Await("linkd is scraped", func() bool {
		live, found := prometheus.Value(`linkd_link_pairs_live{link="tokyo"}`)
		return found && live == "1"
	})
	// The first look at the tunnels alone is a minute away, and here no alert
	// waits before it fires.
	prometheus.AwaitNothingBut("LinkdTunnelCheckStale")

	if err := clouds.Mutate(ground.Mutation{
		Cloud: "azure", Op: "set", Kind: "vpnGateways/vpnConnections/vpnLinkConnections",
		Name: "hub-jpe-vpn/tokyo/tokyo-0-1", Field: "sharedKey", Value: "another.key.altogether",
	}); err != nil {
		t.Fatal(err)
	}
	alerts := []string{"LinkdNoLivePair", "LinkdTunnelDown", "LinkdKeyDiffers"}
	prometheus.Await("the alerts fire", func() bool {
		say(t, client, "audit", control.Request{Wait: true}) // telemetry lags behind the tunnel
		firing := prometheus.Firing()
		return len(firing[alerts[0]]) > 0 && len(firing[alerts[1]]) > 0 && len(firing[alerts[2]]) > 0
	})
	if err := os.WriteFile(file, []byte(repairs), 0o600); err != nil {
		t.Fatal(err)
	}
	say(t, client, "reload", control.Request{})
	until(t, client, control.AsDesired)
	prometheus.AwaitQuiet(alerts...)
}

// say gives the daemon a word.
func say(t *testing.T, client *control.Client, word string, request control.Request) {
	t.Helper()
	if _, err := client.Say(t.Context(), word, request); err != nil {
		t.Fatalf("%s: %v", word, err)
	}
}

// until has audits made until the daemon says the verdict.
func until(t *testing.T, client *control.Client, verdict string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	for {
		_, _ = client.Say(ctx, "audit", control.Request{Wait: true}) // it may not listen yet
		status, err := client.Status(ctx)
		if err == nil && status.Verdict == verdict {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("linkd does not say %s: %v %+v", verdict, err, status)
		}
		runtime.Gosched()
	}
}

// freeAddress is a loopback address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
