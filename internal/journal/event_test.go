package journal

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestTheDocumentHasTheTableOfEvents compares docs/journal.md with the table.
func TestTheDocumentHasTheTableOfEvents(t *testing.T) {
	text, err := os.ReadFile("../../docs/journal.md")
	if err != nil {
		t.Fatal(err)
	}
	want := "| event | durable | recorded when |\n| --- | --- | --- |\n"
	for _, e := range Events() {
		want += fmt.Sprintf("| `%s` | %s | %s |\n", e, map[bool]string{true: "yes", false: ""}[e.durable()], e.Means())
	}
	if !strings.Contains(string(text), want+"\n") {
		t.Errorf("docs/journal.md does not hold this table:\n%s", want)
	}
}

func TestAnUnknownEventIsDurableAndHasNoMeaning(t *testing.T) {
	if e := Event("of a later version"); !e.durable() || e.Means() != "" {
		t.Errorf("%v %q", e.durable(), e.Means())
	}
	seen := map[Event]bool{}
	for _, e := range Events() {
		if seen[e] {
			t.Errorf("%s stands twice", e)
		}
		seen[e] = true
	}
}

// TestTheScriptOfTheDocumentFindsWhatVerifyFinds runs what docs/journal.md says
// to do by hand, where its tools are installed.
func TestTheScriptOfTheDocumentFindsWhatVerifyFinds(t *testing.T) {
	for _, tool := range []string{"bash", "jq", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Logf("not run: %v", err)
			return
		}
	}
	text, err := os.ReadFile("../../docs/journal.md")
	if err != nil {
		t.Fatal(err)
	}
	_, script, _ := strings.Cut(string(text), "```sh\n")
	script, _, _ = strings.Cut(script, "```")
	run := func(folder string) string {
		command := exec.CommandContext(t.Context(), "bash", "-euc", script)
		command.Dir = folder
		output, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
		return string(output)
	}
	folder := t.TempDir()
	j := mustOpen(t, folder, Options{})
	odd := Entry{At: noon, Event: Appeared, Text: `"hash":"0" \ <&> \u2028 ` + "\u2028\x7f\x01\t山", Want: []string{`,"hash":"00"}`}}
	mustAppend(t, j, append(some(0, 3), odd, odd)...)
	mustClose(t, j)
	if said := run(folder); said != "" {
		t.Errorf("of a whole journal it says: %s", said)
	}
	whole := contents(t, folder)[current]
	mustWrite(t, folder, current, bytes.Replace(whole, []byte("tokyo"), []byte("osaka"), 1))
	if said := run(folder); strings.Count(said, "was changed") != 1 {
		t.Errorf("of a changed line it says: %s", said)
	}
	mustWrite(t, folder, current, slices.Concat(bytes.SplitAfter(whole, []byte("\n"))[1:]...)) // begins with the second
	if said := run(folder); said != "" {
		t.Errorf("of one that begins later it says: %s", said)
	}
}
