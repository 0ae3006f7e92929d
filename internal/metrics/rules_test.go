package metrics

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"linkd/internal/metrics/prometheustest"
)

const (
	rulesFolder    = "../../deploy/prometheus/"
	recordingRules = rulesFolder + "recording.rules.yaml"
	alertRules     = rulesFolder + "alerts.rules.yaml"
)

// rule is a recording rule or an alert.
type rule struct {
	Record, Alert, Expr string
	Labels, Annotations map[string]string
}

// ruleCase is one case of a test file of promtool.
type ruleCase struct {
	Asserts []struct {
		Alert    string `yaml:"alertname"`
		Expected []struct {
			Labels map[string]string `yaml:"exp_labels"`
		} `yaml:"exp_alerts"`
	} `yaml:"alert_rule_test"`
}

func parse(t *testing.T, path string, into any) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(content, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func rulesOf(t *testing.T, paths ...string) []rule {
	t.Helper()
	var all []rule
	for _, path := range paths {
		var file struct {
			Groups []struct{ Rules []rule }
		}
		parse(t, path, &file)
		for _, group := range file.Groups {
			all = append(all, group.Rules...)
		}
	}
	if len(all) == 0 {
		t.Fatalf("%v hold no rules", paths)
	}
	return all
}

func ruleTests(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(rulesFolder + "tests/*.test.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are no tests of the rules: %v", err)
	}
	return paths
}

func TestTheRulesHoldBeforePromtool(t *testing.T) {
	promtool := prometheustest.Tool(t, "promtool")
	for _, arguments := range [][]string{
		{"check", "rules", recordingRules, alertRules},
		{"check", "config", rulesFolder + "prometheus.example.yaml"},
		append([]string{"test", "rules"}, ruleTests(t)...),
	} {
		if said, err := exec.CommandContext(t.Context(), promtool, arguments...).CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(arguments, " "), err, said)
		}
	}
}

func TestTheRulesNameOnlySeriesThatThereAre(t *testing.T) {
	known := map[string]bool{}
	for _, r := range rows() {
		known[r.name] = true
		if r.kind == histogram {
			known[r.name+"_bucket"], known[r.name+"_sum"], known[r.name+"_count"] = true, true, true
		}
	}
	rules := rulesOf(t, recordingRules, alertRules)
	for _, r := range rules {
		if r.Record != "" {
			known[r.Record] = true
		}
	}
	named := regexp.MustCompile(`(?:[a-z_]+:)?\blinkd_[a-z0-9_]+(?::[a-z0-9_]+)?`)
	for _, r := range rules {
		for _, name := range named.FindAllString(r.Expr+" "+r.Annotations["description"], -1) {
			if !known[name] {
				t.Errorf("%s%s asks for %s, which does not exist", r.Record, r.Alert, name)
			}
		}
		for _, matcher := range regexp.MustCompile(`(linkd_[a-z0-9_]+)\{([a-z]+)`).FindAllStringSubmatch(r.Expr, -1) {
			if row := rowNamed(matcher[1]); row.name != "" && !slices.Contains(row.labels, matcher[2]) {
				t.Errorf("%s%s asks for a label %s of %s, which has none", r.Record, r.Alert, matcher[2], matcher[1])
			}
		}
	}
}

// anchor is the anchor of an alert's runbook: LinkdTunnelDown has
// linkd-tunnel-down.
func anchor(alert string) string {
	words := regexp.MustCompile(`[A-Z][a-z]*`).FindAllString(alert, -1)
	return strings.ToLower(strings.Join(words, "-"))
}

func TestEveryAlertHasItsEntryInTheRunbook(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	entries := map[string]string{} // heading to severity
	for _, found := range regexp.MustCompile(`(?m)^### (linkd-[a-z-]+)\n(\w+)\.`).FindAllStringSubmatch(string(page), -1) {
		entries[found[1]] = found[2]
	}
	for _, r := range rulesOf(t, alertRules) {
		if got := entries[anchor(r.Alert)]; got != r.Labels["severity"] {
			t.Errorf("the entry of %s says %q, and the rule %q", r.Alert, got, r.Labels["severity"])
		}
		delete(entries, anchor(r.Alert))
	}
	for entry := range entries {
		t.Errorf("the runbook has an entry %s, and there is no such alert", entry)
	}
}

func TestEveryAlertSaysWhatItIsAndWhatToDo(t *testing.T) {
	for _, r := range rulesOf(t, alertRules) {
		if !slices.Contains([]string{"page", "ticket", "info"}, r.Labels["severity"]) {
			t.Errorf("%s has the severity %q", r.Alert, r.Labels["severity"])
		}
		if r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("%s has no summary or no description", r.Alert)
		}
		if want := "docs/operations.md#" + anchor(r.Alert); r.Annotations["runbook"] != want {
			t.Errorf("the runbook of %s is %q, want %q", r.Alert, r.Annotations["runbook"], want)
		}
	}
}

func TestEveryAlertIsTestedToFireAndClearAndToKeepQuiet(t *testing.T) {
	clears, quiet := map[string]bool{}, map[string]bool{}
	for _, path := range ruleTests(t) {
		var file struct{ Tests []ruleCase }
		parse(t, path, &file)
		for _, test := range file.Tests {
			fired, asked := map[string]bool{}, map[string]bool{}
			for _, assert := range test.Asserts {
				asked[assert.Alert] = true
				switch {
				case len(assert.Expected) > 0:
					fired[assert.Alert] = true
				case fired[assert.Alert]:
					clears[assert.Alert] = true
				}
			}
			for alert := range asked {
				quiet[alert] = quiet[alert] || !fired[alert]
			}
		}
	}
	for _, r := range rulesOf(t, alertRules) {
		if !clears[r.Alert] || !quiet[r.Alert] {
			t.Errorf("%s is tested to fire and clear: %t, not to fire: %t", r.Alert, clears[r.Alert], quiet[r.Alert])
		}
	}
}
