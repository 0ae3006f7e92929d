package endtoend

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"linkd/internal/clouds"
	"linkd/internal/control"
	"linkd/internal/daemon"
	"linkd/internal/desired"
	"linkd/internal/journal"
	"linkd/internal/metrics"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// simulateEnv turns this test binary into the simulated clouds of that many
// links, in a process of its own, so that a benchmark counts linkd's work only.
const simulateEnv, latencyEnv = "LINKD_SIMULATE_LINKS", "LINKD_SIMULATE_LATENCY"

func TestMain(m *testing.M) {
	if links := os.Getenv(simulateEnv); links != "" {
		if err := simulate(links, os.Getenv(latencyEnv)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// simulate serves clouds for some links on loopback until standard input ends.
func simulate(links, latency string) error {
	n, err := strconv.Atoi(links)
	if err != nil {
		return err
	}
	networks, _ := networksOf(n)
	given, _ := scenario.Many(networks)
	given.AWS.Quotas = map[string]int{"vpn-connections": 500, "customer-gateways": 500}
	given.Behaviour.Instant = true
	simulator, err := sim.New(given, sim.Options{Scale: 1})
	if err != nil {
		return err
	}
	wait, err := time.ParseDuration(latency)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String())
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() { // "slow": from now on every answer takes its time
			simulator.Inject(ground.Fault{Operation: "*", Effect: ground.EffectStall, Stall: wait.Seconds()})
		}
		stop()
	}()
	return simulator.Serve(ctx, listener)
}

// farLab is a built scope of links on clouds in another process.
type farLab struct {
	engine  *reconcile.Engine
	content string // of the file
	slow    func() // from now on every answer takes its time
}

func newFarLab(b *testing.B, links int, latency time.Duration) *farLab {
	b.Helper()
	n, each := networksOf(links)
	_, networks := scenario.Many(n)
	content := fileOfMesh(networks, each)
	file, err := desired.Parse("many.yaml", []byte(content))
	if err != nil {
		b.Fatal(err)
	}
	process := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^$")
	process.Env = append(os.Environ(), fmt.Sprintf("%s=%d", simulateEnv, links), fmt.Sprintf("%s=%s", latencyEnv, latency))
	process.Stderr = os.Stderr
	input, err := process.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	output, err := process.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := process.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = input.Close(); _ = process.Wait() })
	address, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	lab := &farLab{content: content, slow: func() { _, _ = fmt.Fprintln(input, "slow") }}
	both, err := clouds.Open(b.Context(), file, clouds.Options{Simulator: strings.TrimSpace(address)})
	if err != nil {
		b.Fatal(err)
	}
	past := &disk{since: time.Now().Add(-time.Hour), open: map[resource.ID]time.Time{}}
	if lab.engine, err = reconcile.New(file, both, past); err != nil {
		b.Fatal(err)
	}
	plan, world := lab.engine.Plan(b.Context())
	report, err := lab.engine.Apply(b.Context(), plan, world)
	if err != nil || len(report.Failures()) > 0 {
		b.Fatalf("cannot build %d links: %v %v", links, err, report.Failures())
	}
	return lab
}

// BenchmarkAudit looks at links that are as desired: everything is read and
// compared, nothing is changed. The simulated clouds run in another process.
func BenchmarkAudit(b *testing.B) {
	for _, links := range []int{1, 10, 100} {
		for _, latency := range []time.Duration{0, 50 * time.Millisecond} {
			b.Run(fmt.Sprintf("links=%d/latency=%s", links, latency), func(b *testing.B) {
				lab := newFarLab(b, links, latency)
				if latency > 0 {
					lab.slow()
				}
				if plan, _ := lab.engine.Plan(b.Context()); !plan.Clean() {
					b.Fatalf("the links are not as desired: %s", plan.Summary())
				}
				before := cpuTime(b)
				for b.Loop() {
					if plan, _ := lab.engine.Plan(b.Context()); !plan.Clean() {
						b.Fatalf("the links are not as desired: %s", plan.Summary())
					}
				}
				b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/audit")
				b.ReportMetric(peakMemory(b), "peak-MB")
			})
		}
	}
}

// BenchmarkInstantApply builds the article's link on clouds that finish every
// operation at once.
func BenchmarkInstantApply(b *testing.B) {
	for b.Loop() {
		l := newLab(b, instant)
		report, err := l.build(b.Context())
		if err != nil || len(report.Failures())+len(report.Skips()) > 0 {
			b.Fatalf("apply: %v %v %v", err, report.Failures(), report.Skips())
		}
	}
}

// cpuTime is the user and system time of this process so far.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// peakMemory is the largest resident size of this process so far, in MB.
func peakMemory(b *testing.B) float64 {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return float64(usage.Maxrss) / 1024
}

// BenchmarkRounds lets the daemon make audits of links that are as desired, one
// after the other: everything is read, compared, noted and published. The
// simulated clouds run in another process. Growth is what the process has
// grown by since the first tenth of the rounds.
func BenchmarkRounds(b *testing.B) {
	for _, links := range []int{1, 10, 100, 500} {
		b.Run(fmt.Sprintf("links=%d", links), func(b *testing.B) {
			lab := newFarLab(b, links, 0)
			k := lab.keep(b)
			round := func() {
				if _, err := k.Audit(b.Context(), "the benchmark", true); err != nil {
					b.Fatal(err)
				}
			}
			round()
			if status, err := k.Status(b.Context()); err != nil || status.Verdict != control.AsDesired {
				b.Fatalf("the links are not as desired: %v, %s", err, status.Verdict)
			}
			before, rounds, early := cpuTime(b), 0, 0.0
			for b.Loop() {
				round()
				if rounds++; rounds == max(b.N/10, 1) {
					early = residentMemory(b)
				}
			}
			b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/round")
			b.ReportMetric(peakMemory(b), "peak-MB")
			b.ReportMetric(residentMemory(b)-early, "growth-MB")
		})
	}
}

// keep starts a daemon on the links of a far lab.
func (f *farLab) keep(b *testing.B) *daemon.Daemon {
	b.Helper()
	folder := b.TempDir()
	path := filepath.Join(folder, "linkd.yaml")
	if err := os.WriteFile(path, []byte(f.content), 0o600); err != nil {
		b.Fatal(err)
	}
	record, err := journal.Open(filepath.Join(folder, "journal"), journal.Options{})
	if err != nil {
		b.Fatal(err)
	}
	k, err := daemon.New(daemon.Options{
		Path: path, State: folder, Version: "bench", Journal: record, Log: slog.New(slog.DiscardHandler),
		Open: func(context.Context, *desired.File, func(metrics.Call)) (*reconcile.Engine, error) {
			return f.engine, nil
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- k.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
		_ = record.Close()
	})
	return k
}

// residentMemory is the resident size of this process now, in MB.
func residentMemory(b *testing.B) float64 {
	b.Helper()
	runtime.GC()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Fatal(err)
	}
	var size, resident int
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		b.Fatal(err)
	}
	return float64(resident*os.Getpagesize()) / (1 << 20)
}
