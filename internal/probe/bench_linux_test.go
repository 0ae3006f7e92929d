package probe

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"linkd/internal/netlab"
)

// What one run of the benchmark lasts, and how often each prober runs: they take
// turns, so that a busy moment of the machine meets all of them.
const (
	runSeconds = 5
	runs       = 3
)

// measured is one run of one prober.
type measured struct {
	peer
	truth
}

// BenchmarkProbersSideBySide lets our engine, fping and pro-bing (a Pinger a
// target) probe the same targets, which answer after 10 ms, one echo a second
// each. It reports the median of several runs.
func BenchmarkProbersSideBySide(b *testing.B) {
	if _, err := exec.LookPath("fping"); err != nil {
		b.Skip("the benchmark needs fping, of Debian's package fping")
	}
	for _, targets := range []int{10, 100, 1000, 5000} {
		b.Run(fmt.Sprint(targets), func(b *testing.B) {
			l := newLab(b, 1500)
			stop := l.child(b, l.middle, "far", targets).begin(b)
			defer stop()
			all := map[string][]measured{}
			for range runs {
				for _, name := range []string{"linkd", "fping", "pro-bing"} {
					all[name] = append(all[name], l.measure(b, name, targets))
				}
			}
			for _, name := range []string{"linkd", "fping", "pro-bing"} {
				report(b, name, all[name])
			}
		})
	}
}

// report reports the medians.
func report(b *testing.B, name string, all []measured) {
	for _, column := range []struct {
		unit  string
		value func(measured) float64
	}{
		{"sent", func(m measured) float64 { return float64(m.Sent) }},
		{"us-CPU/probe", func(m measured) float64 { return float64(m.CPU.Nanoseconds()) / 1000 / float64(max(1, m.Sent)) }},
		{"us-RTT-error", func(m measured) float64 { return float64((m.peer.Mean - m.truth.Mean).Nanoseconds()) / 1000 }},
		{"ms-period-p99", func(m measured) float64 { return m.Deviation.Seconds() * 1000 }},
		{"MB", func(m measured) float64 { return float64(m.Memory) / 1024 }},
	} {
		var values []float64
		for _, m := range all {
			values = append(values, column.value(m))
		}
		slices.Sort(values)
		b.ReportMetric(values[len(values)/2], name+"-"+column.unit)
	}
}

// measure lets one prober run while its interface is watched.
func (l lab) measure(b *testing.B, name string, targets int) measured {
	b.Helper()
	watching := l.child(b, l.near, "capture", targets)
	stop := watching.begin(b)
	var m measured
	if name == "fping" {
		m.peer = l.fping(b, targets)
	} else {
		prober := l.child(b, l.near, name, targets)
		text, err := prober.output()
		if err == nil {
			err = json.Unmarshal(text, &m.peer)
		}
		if err != nil {
			b.Fatalf("%s: %v", name, err)
		}
	}
	time.Sleep(50 * time.Millisecond) // the last answers
	if err := json.Unmarshal(stop(), &m.truth); err != nil {
		b.Fatal(err)
	}
	return m
}

// fping runs it, and reads what it prints for each echo.
func (l lab) fping(b *testing.B, targets int) (result peer) {
	b.Helper()
	var list, printed bytes.Buffer
	for i := range targets {
		fmt.Fprintln(&list, farAddress(i))
	}
	command := exec.Command("fping", "-q", "-C", strconv.Itoa(runSeconds), "-p", "1000", "-t", "1000", "-i", fmt.Sprintf("%g", 1000/float64(targets)))
	command.Stdin, command.Stderr = &list, &printed
	if err := l.near.Do(command.Start); err != nil {
		b.Fatal(err)
	}
	time.Sleep((runSeconds - 1) * time.Second)
	result.Memory = resident(strconv.Itoa(command.Process.Pid))
	_ = command.Wait() // it fails when a single echo was lost
	result.CPU = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	sum := 0.0
	for line := range strings.Lines(printed.String()) {
		_, times, _ := strings.Cut(line, " : ")
		for text := range strings.FieldsSeq(times) {
			if ms, err := strconv.ParseFloat(text, 64); err == nil {
				result.Received++
				sum += ms
			}
		}
	}
	result.Mean = time.Duration(sum / float64(max(1, result.Received)) * float64(time.Millisecond))
	return result
}

// child is this program in another role, in a namespace.
type child struct {
	command   *exec.Cmd
	namespace netlab.Namespace
}

func (l lab) child(b *testing.B, n netlab.Namespace, role string, targets int) child {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	command := exec.Command(self)
	command.Stderr = os.Stderr
	command.Env = append(os.Environ(), roleVariable+"="+role, fmt.Sprint("TARGETS=", targets), fmt.Sprint("SECONDS=", runSeconds))
	return child{command, n}
}

// output runs it to its end.
func (c child) output() ([]byte, error) {
	var text bytes.Buffer
	c.command.Stdout = &text
	if err := c.namespace.Do(c.command.Start); err != nil {
		return nil, err
	}
	err := c.command.Wait()
	return text.Bytes(), err
}

// begin starts it and waits until it is ready. What it returns ends it, and
// returns what it has printed.
func (c child) begin(b *testing.B) (stop func() []byte) {
	b.Helper()
	input, err := c.command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	output, err := c.command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.namespace.Do(c.command.Start); err != nil {
		b.Fatal(err)
	}
	reader := bufio.NewReader(output)
	if line, err := reader.ReadString('\n'); line != "ready\n" {
		b.Fatalf("a part of the benchmark printed %q: %v", line, err)
	}
	return func() []byte {
		_ = input.Close()
		rest, _ := io.ReadAll(reader)
		_ = c.command.Wait()
		return rest
	}
}
