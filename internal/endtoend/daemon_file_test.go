package endtoend

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"linkd/internal/control"
)

func seedFile(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../../deploy/examples/seed.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestABadFileKeepsTheOldOne replaces the file by ones that must not be obeyed,
// and checks that nothing is written and that it is said; then by a good one.
func TestABadFileKeepsTheOldOne(t *testing.T) {
	kept(t, nil, func(l *lab, k *keeper) {
		seed := seedFile(t)
		links := seed[strings.Index(seed, "\nlinks:"):strings.Index(seed, "\nprobes:")]
		writes := l.wire.sent()
		for name, content := range map[string]string{
			"empty":              "",
			"cut in the middle":  seed[:len(seed)/2],
			"no YAML":            "{{{",
			"an unknown key":     seed + "\nnonsense: 1\n",
			"nothing left":       "version: 1\nowner: seed\nazure: {subscription: 11111111-2222-3333-4444-555555555555, resource_group: rg-network, virtual_wan: {name: wan-global, location: japaneast}}\naws: {account: \"123456789012\"}\n",
			"another owner":      strings.Replace(seed, "owner: seed", "owner: other", 1),
			"another account":    strings.Replace(seed, "123456789012", "210987654321", 1),
			"a bad schedule":     seed + "\nschedule: {audit: every now and then}\n",
			"one out of reach":   strings.Replace(seed, "- name: tgw-tokyo", "- account: \"210987654321\"\n          name: tgw-tokyo", 1),
			"the link taken out": strings.Replace(seed, links, "", 1),
		} {
			k.write(content)
			time.Sleep(2 * time.Minute)
			status := k.status()
			if status.Config.OK || status.Config.Problem == "" || status.Resources != 24 {
				l.Errorf("%s: %+v, %d resources", name, status.Config, status.Resources)
			}
			if _, err := k.Reload(l.Context(), "uid 0", false); err == nil {
				l.Errorf("%s: a reload took it", name)
			}
		}
		k.write(seed)
		time.Sleep(2 * time.Minute)
		if status := k.audited(); !status.Config.OK || status.Verdict != control.AsDesired {
			l.Errorf("the good file again: %+v, %s", status.Config, status.Verdict)
		}
		if got := l.wire.sent(); got != writes {
			l.Errorf("%d writes were sent", got-writes)
		}
		k.write(strings.Replace(seed, links, "", 1))
		if _, err := k.Reload(l.Context(), "uid 0", true); err != nil {
			l.Errorf("a person cannot force it: %v", err)
		}
		if status := k.audited(); status.Resources == 24 || len(status.Strays) == 0 || l.wire.sent() != writes {
			l.Errorf("without the link: %d resources, %+v, %d writes", status.Resources, status.Strays, l.wire.sent()-writes)
		}
		lines := k.journal()
		if !slices.Contains(lines, "reload-failed") || !slices.Contains(lines, "reloaded") {
			l.Errorf("the journal says %v", lines)
		}
	})
}

func TestAChangedFileIsFollowed(t *testing.T) {
	kept(t, nil, func(l *lab, k *keeper) {
		k.write(strings.Replace(seedFile(t), "device_vendor: AWS", "device_vendor: Amazon", 1))
		time.Sleep(5 * time.Minute)
		status := k.status()
		if !status.Config.OK || status.Verdict != control.AsDesired {
			l.Errorf("%+v, %s: %+v", status.Config, status.Verdict, status.Drifts)
		}
		if lines := k.journal(); !slices.Contains(lines, "proved azure/vpn-site.device_vendor") {
			l.Errorf("the journal says %v", lines)
		}
	})
}
