// Package prometheustest runs a real Prometheus on loopback for tests, with
// the rules that linkd ships, hurried, and asks it for alerts. It is for tests
// only.
package prometheustest

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	patience = time.Minute            // the longest that a state is waited for
	pause    = 100 * time.Millisecond // between two questions
)

// Tool returns the path of a program of Debian's package prometheus,
// "prometheus" or "promtool". Without it the test is skipped, unless the
// environment says that it has to be there.
func Tool(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join("/usr/bin", name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	message := "not installed: " + path + " (apt-get install prometheus)"
	if os.Getenv("LINKD_REQUIRE_CLIENTS") == "1" {
		t.Fatal(message)
	}
	t.Skip(message)
	return ""
}

// Server is a Prometheus that runs until the test ends.
type Server struct {
	testing.TB
	address string
}

// Start runs a Prometheus that scrapes the target, "127.0.0.1:1234", several
// times a second under the job linkd, and evaluates copies of the rule files
// as often, in which every alert fires at once.
func Start(t testing.TB, target string, rules ...string) *Server {
	t.Helper()
	return start(t, target, nil, rules)
}

// StartNative runs one that takes native histograms, for which it asks the
// target for protobuf. Of those that have native buckets it keeps no classic
// ones, as Prometheus does unless it is told otherwise.
func StartNative(t testing.TB, target string) *Server {
	t.Helper()
	return start(t, target, []string{"--enable-feature=native-histograms"}, nil)
}

func start(t testing.TB, target string, flags, rules []string) *Server {
	t.Helper()
	program, folder := Tool(t, "prometheus"), t.TempDir()
	config := "global: {scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms}\nrule_files: [hurried.*.yaml]\n" +
		"scrape_configs:\n  - {job_name: linkd, static_configs: [{targets: [\"" + target + "\"]}]}\n"
	write(t, filepath.Join(folder, "prometheus.yaml"), config)
	for _, rule := range rules {
		content, err := os.ReadFile(rule)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, "hurried."+filepath.Base(rule)), hurried(string(content)))
	}
	s := &Server{TB: t, address: freePort(t)}
	command := exec.CommandContext(t.Context(), program, append(flags, "--config.file="+filepath.Join(folder, "prometheus.yaml"),
		"--storage.tsdb.path="+filepath.Join(folder, "data"), "--web.listen-address="+s.address, "--log.level=warn")...)
	var said strings.Builder
	command.Stdout, command.Stderr = &said, &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("Prometheus said:\n%s", said.String())
		}
	})
	s.Await("Prometheus scrapes "+target, func() bool {
		value, found := s.Value(`up{job="linkd"}`)
		return found && value == "1"
	})
	return s
}

// hurried is a rule file in which no alert waits before it fires.
func hurried(rules string) string {
	var kept strings.Builder
	for line := range strings.Lines(rules) {
		if !strings.HasPrefix(strings.TrimSpace(line), "for:") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// freePort returns an address of loopback that nobody listened on just now.
func freePort(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// Await asks until something is so, and fails the test when that takes too
// long.
func (s *Server) Await(what string, is func() bool) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for !is() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			s.Fatalf("waited %s for this: %s; firing are %v", patience, what, s.Firing())
		}
	}
}

// AwaitFiring waits until all of the alerts fire.
func (s *Server) AwaitFiring(alerts ...string) {
	s.Helper()
	s.Await(fmt.Sprintf("%v fire", alerts), func() bool { return s.counts(alerts, true) })
}

// AwaitQuiet waits until none of the alerts fires.
func (s *Server) AwaitQuiet(alerts ...string) {
	s.Helper()
	s.Await(fmt.Sprintf("%v are quiet", alerts), func() bool { return s.counts(alerts, false) })
}

// AwaitNothingBut waits until every rule has been evaluated once more and no
// alert fires but, perhaps, the given ones.
func (s *Server) AwaitNothingBut(alerts ...string) {
	s.Helper()
	since := time.Now()
	s.Await(fmt.Sprintf("nothing fires but %v", alerts), func() bool {
		if !s.evaluatedSince(since) {
			return false
		}
		firing := s.Firing()
		for _, alert := range alerts {
			delete(firing, alert)
		}
		return firing != nil && len(firing) == 0
	})
}

// evaluatedSince reports whether every group of rules was evaluated later than
// a moment.
func (s *Server) evaluatedSince(since time.Time) bool {
	var answer struct {
		Data struct {
			Groups []struct{ LastEvaluation time.Time }
		}
	}
	if !s.ask("/api/v1/rules", &answer) {
		return false
	}
	for _, group := range answer.Data.Groups {
		if !group.LastEvaluation.After(since) {
			return false
		}
	}
	return len(answer.Data.Groups) > 0
}

// counts reports whether every one of the alerts fires, or none does.
func (s *Server) counts(alerts []string, fires bool) bool {
	firing := s.Firing()
	for _, alert := range alerts {
		if (len(firing[alert]) > 0) != fires {
			return false
		}
	}
	return firing != nil
}

// Firing returns the alerts that fire now by name, each with the labels of its
// instances; nil while Prometheus does not answer.
func (s *Server) Firing() map[string][]map[string]string {
	s.Helper()
	var answer struct {
		Data struct {
			Alerts []struct {
				Labels map[string]string
				State  string
			}
		}
	}
	if !s.ask("/api/v1/alerts", &answer) {
		return nil
	}
	firing := map[string][]map[string]string{}
	for _, alert := range answer.Data.Alerts {
		if name := alert.Labels["alertname"]; alert.State == "firing" {
			firing[name] = append(firing[name], alert.Labels)
		}
	}
	return firing
}

// Value returns the first value of an expression, and whether it has one.
func (s *Server) Value(expression string) (value string, found bool) {
	s.Helper()
	var answer struct {
		Data struct{ Result []struct{ Value [2]any } }
	}
	if !s.ask("/api/v1/query?query="+url.QueryEscape(expression), &answer) || len(answer.Data.Result) == 0 {
		return "", false
	}
	value, found = answer.Data.Result[0].Value[1].(string)
	return value, found
}

// ask decodes an answer, and reports whether there was one.
func (s *Server) ask(path string, into any) bool {
	request, err := http.NewRequestWithContext(s.Context(), http.MethodGet, "http://"+s.address+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK && json.NewDecoder(answer.Body).Decode(into) == nil
}
