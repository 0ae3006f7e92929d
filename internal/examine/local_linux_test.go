package examine

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"linkd/internal/probe"
)

// TestLocalSendsRealEchoes has the host of a network namespace, to which all
// machines but one belong, send to them over its sockets.
func TestLocalSendsRealEchoes(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("network namespaces are made as root")
	}
	file := seed(t)
	lines := []string{"link set lo up", "route add blackhole default"}
	for _, target := range file.Probes.Targets[:3] {
		lines = append(lines, "address add "+target.Address.String()+"/32 dev lo")
	}
	open := inNamespace(t, lines)
	all := pings(t.Context(), file, Options{MTU: true, Vantages: []Vantage{Local{At: file.Probes.Targets[0], Open: open, Timeout: 100 * time.Millisecond}}})
	if got, want := names(all), []string{"vm-jpe → ec2-a by local", "vm-jpe → ec2-b by local"}; !slices.Equal(got, want) {
		t.Fatalf("sent are %q, want %q", got, want)
	}
	for _, p := range all {
		switch {
		case p.Vantage == "":
		case p.To == "ec2-a" && (p.Received != 5 || p.Mean <= 0 || p.MTU == nil || p.MTU.Passes < wellSize):
			t.Errorf("ec2-a: %+v", p)
		case p.To == "ec2-b" && (p.Sent != 5 || p.Unsent != 5 || p.Received != 0):
			t.Errorf("ec2-b: %+v", p)
		}
	}
}

// inNamespace makes a network namespace of its own, and opens wires in it.
func inNamespace(t *testing.T, lines []string) func() (probe.Wire, error) {
	t.Helper()
	namespace := -1
	err := onThread(func() (err error) {
		if err = unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		if namespace, err = unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
			return err
		}
		for _, line := range lines {
			if text, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
				return fmt.Errorf("ip %s: %w: %s", line, err, text)
			}
		}
		return os.WriteFile("/proc/sys/net/ipv4/ping_group_range", []byte("0 2147483647"), 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(namespace) })
	return func() (wire probe.Wire, err error) {
		entered := onThread(func() error {
			if err := unix.Setns(namespace, unix.CLONE_NEWNET); err != nil {
				return err
			}
			wire, _, err = probe.Open(probe.Options{})
			return err
		})
		return wire, entered
	}
}

// onThread calls f on a thread that ends thereafter.
func onThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- f()
	}()
	return <-done
}
