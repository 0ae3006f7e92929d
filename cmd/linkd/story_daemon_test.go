package main

import (
	"context"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"linkd/internal/control"
	"linkd/internal/journal"
)

// soon is how long a story waits for the daemon: far longer than it takes.
const soon = 2 * time.Minute

// verdictOf WORD waits until the running linkd says that word.
func verdictOf(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	for {
		status, err := control.AtSocket(socketOf(ts)).Status(ctx)
		if err == nil && status.Verdict == args[0] && len(status.Repairs) == 0 && !status.Looks[0].Running {
			return
		}
		if ctx.Err() != nil {
			ts.Fatalf("linkd does not say %s: %v %+v", args[0], err, status)
		}
		runtime.Gosched()
	}
}

// socketOf is the socket of the linkd that runs: that of systemd's folder, or
// where there is none that of the state folder.
func socketOf(ts *testscript.TestScript) string {
	if folder := ts.Getenv("RUNTIME_DIRECTORY"); folder != "" {
		return filepath.Join(folder, "linkd.sock")
	}
	found, err := filepath.Glob(filepath.Join(ts.Getenv("STATE"), "*", "linkd.sock"))
	ts.Check(err)
	return strings.Join(found, " ")
}

// waitrecorded EVENT DRIFT waits until the journal has such an entry.
func waitRecorded(ts *testscript.TestScript, _ bool, args []string) {
	folders, err := filepath.Glob(filepath.Join(ts.Getenv("XDG_STATE_HOME"), "linkd", "*", "journal"))
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	for {
		var seen []string
		for _, folder := range folders {
			ts.Check(journal.Read(folder, journal.Filter{}, func(e journal.Entry) bool {
				seen = append(seen, string(e.Event)+" "+e.Drift)
				return true
			}))
		}
		if slices.Contains(seen, args[0]+" "+args[1]) {
			return
		}
		if ctx.Err() != nil {
			ts.Fatalf("%s %s is not recorded:\n%s", args[0], args[1], strings.Join(seen, "\n"))
		}
		runtime.Gosched()
	}
}
