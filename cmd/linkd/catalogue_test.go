package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"linkd/deploy/examples"
	"linkd/internal/control"
	"linkd/internal/journal"
	"linkd/internal/sim/catalogue"
	"linkd/internal/sim/ground"
)

// TestLinkdMendsTheCatalogueOfLinksim runs linksim and linkd as processes of
// their own and lets everything of the catalogue of drift happen, one thing
// after the other: linkd, to whom nobody says more than "look now", mends each.
func TestLinkdMendsTheCatalogueOfLinksim(t *testing.T) {
	program := filepath.Join(t.TempDir(), "linksim")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "linkd/cmd/linksim").CombinedOutput(); err != nil {
		t.Fatalf("cannot build linksim: %v\n%s", err, output)
	}
	address := startLinksim(t, program)
	folder := t.TempDir()
	var rules strings.Builder
	for _, key := range catalogue.Keys() {
		if key != "" {
			fmt.Fprintf(&rules, "    - {drift: %s, do: repair, may_cut_last_tunnel: true}\n", key)
		}
	}
	file := filepath.Join(folder, "linkd.yaml")
	content := strings.Replace(string(examples.Seed()), "version: 1\n", "version: 1\npolicy:\n  rules:\n"+rules.String(), 1)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(folder, "s")
	client, played := control.AtSocket(socket), 0
	for _, entry := range catalogue.Entries() {
		if entry.Key == "" || entry.Lasts != "" || entry.File != catalogue.AsItIs {
			continue
		}
		if played++; testing.Short() && played%8 != 1 {
			continue
		}
		t.Run(entry.Name, func(t *testing.T) {
			// A new one each time: real time passes too quickly for the same
			// difference not to look like a rival's.
			process := exec.CommandContext(t.Context(), "linkd", "run", "-f", file, "--state", folder, "--listen", "", "--socket", socket, "--simulator", address)
			var said bytes.Buffer
			process.Stderr = &said
			if err := process.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() {
				_ = process.Process.Signal(os.Interrupt)
				if err := process.Wait(); err != nil {
					t.Errorf("linkd ended with %v", err)
				}
				if t.Failed() {
					t.Log(said.String())
				}
			}()
			until(t, client, control.AsDesired)
			untilForgotten(t, address)
			happen(t, address, entry.Do)
			untilMended(t, client, folder, entry.Key)
			if len(entry.Then) > 0 {
				happen(t, address, entry.Then)
				until(t, client, control.AsDesired)
			}
		})
	}
	t.Logf("%d entries of the catalogue", played)
}

// startLinksim starts simulated clouds in which operations end at once, at a
// thousand times the speed of life, and returns their address.
func startLinksim(t *testing.T, program string) string {
	t.Helper()
	process := exec.CommandContext(t.Context(), program, "--listen", "127.0.0.1:0", "--scale", "1000", "--instant", "--scenario", "../../deploy/examples/seed.scenario.yaml")
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = process.Process.Signal(os.Interrupt)
		_ = process.Wait()
	})
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if at := strings.Index(lines.Text(), "http://127.0.0.1:"); at >= 0 {
			go func() { _, _ = io.Copy(io.Discard, output) }()
			return strings.TrimSuffix(strings.Fields(lines.Text()[at:])[0], "/")
		}
	}
	t.Fatal("linksim does not tell its address")
	return ""
}

// untilForgotten waits until EC2 lists nothing any more that was deleted, as it
// does for an hour: the catalogue finds things by their names.
func untilForgotten(t *testing.T, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	for {
		state, err := stateOf(address)
		if err != nil {
			t.Fatal(err)
		}
		if !deleted.Match(state) {
			return
		}
		if ctx.Err() != nil {
			t.Fatal("EC2 lists what was deleted for ever")
		}
		runtime.Gosched()
	}
}

var deleted = regexp.MustCompile(`"State":\s*"deleted"`)

// stateOf reads everything that exists in the clouds at an address.
func stateOf(address string) ([]byte, error) {
	response, err := http.Get(address + "/_sim/state")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}

// happen plays steps of the catalogue on the clouds at an address.
func happen(t *testing.T, address string, steps []catalogue.Step) {
	t.Helper()
	state := func() ([]byte, error) { return stateOf(address) }
	mutate := func(m ground.Mutation) error {
		body, err := json.Marshal(m)
		if err != nil {
			return err
		}
		response, err := http.Post(address+"/_sim/mutate", "application/json", bytes.NewReader(body))
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode/100 != 2 {
			text, _ := io.ReadAll(response.Body)
			return errors.New(string(text))
		}
		return nil
	}
	if err := catalogue.Play(steps, state, mutate); err != nil {
		t.Fatal(err)
	}
}

// untilMended has audits made until the journal tells that a difference was
// seen, and then until all is as desired.
func untilMended(t *testing.T, client *control.Client, state, key string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	for {
		say(t, client, "audit", control.Request{Wait: true})
		if slices.ContainsFunc(journalOf(t, state), func(e journal.Entry) bool { return e.Drift == key }) {
			break
		}
		if ctx.Err() != nil {
			t.Fatalf("%s was not seen", key)
		}
	}
	until(t, client, control.AsDesired)
}

// journalOf reads what the last linkd of a state folder has recorded.
func journalOf(t *testing.T, state string) []journal.Entry {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(state, "*", "journal"))
	if err != nil || len(folders) != 1 {
		t.Fatalf("there is no journal: %v %v", folders, err)
	}
	var entries []journal.Entry
	if err := journal.Read(folders[0], journal.Filter{}, func(e journal.Entry) bool {
		if e.Event == journal.Started {
			entries = nil
		}
		entries = append(entries, e)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	return entries
}
