package endtoend

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"linkd/internal/control"
	"linkd/internal/daemon"
	"linkd/internal/desired"
	"linkd/internal/journal"
	"linkd/internal/metrics"
	"linkd/internal/notify"
	"linkd/internal/reconcile"
)

// keeper is a daemon that keeps a lab's link.
type keeper struct {
	*daemon.Daemon
	lab    *lab
	folder string
	path   string
	stop   func()
}

// keep starts a daemon on the lab's file, which may be changed by what is put
// in front of it.
func (l *lab) keep(options func(*daemon.Options)) *keeper {
	l.Helper()
	content, err := os.ReadFile("../../deploy/examples/seed.yaml")
	if err != nil {
		l.Fatal(err)
	}
	return l.keepOf(string(content), options)
}

func (l *lab) keepOf(content string, options func(*daemon.Options)) *keeper {
	l.Helper()
	k := &keeper{lab: l, folder: l.TempDir()}
	k.path = filepath.Join(k.folder, "linkd.yaml")
	k.write(content)
	k.start(options)
	return k
}

func (k *keeper) write(content string) {
	k.lab.Helper()
	if err := os.WriteFile(k.path, []byte(content), 0o600); err != nil {
		k.lab.Fatal(err)
	}
}

// start starts the daemon anew: nothing is in its memory.
func (k *keeper) start(options func(*daemon.Options)) {
	l := k.lab
	l.Helper()
	record, err := journal.Open(filepath.Join(k.folder, "journal"), journal.Options{})
	if err != nil {
		l.Fatal(err)
	}
	o := daemon.Options{
		Path: k.path, State: k.folder, Version: "test", Journal: record, Notify: notify.Notifier{},
		Log:  slog.New(slog.DiscardHandler),
		Poll: time.Minute,
		Open: func(ctx context.Context, file *desired.File, _ func(metrics.Call)) (*reconcile.Engine, error) {
			l.file = file
			engine := l.engine(ctx)
			engine.At = nil
			return engine, nil
		},
	}
	if options != nil {
		options(&o)
	}
	k.Daemon, err = daemon.New(o)
	if err != nil {
		l.Fatal(err)
	}
	ctx, cancel := context.WithCancel(l.Context())
	ended := make(chan error, 1)
	go func() { ended <- k.Run(ctx) }()
	k.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			l.Errorf("the daemon ended: %v", err)
		}
		if err := record.Close(); err != nil {
			l.Errorf("the journal: %v", err)
		}
	}
}

// audited has an audit made, and waits until it and what follows from it has
// ended.
func (k *keeper) audited() control.Status {
	k.lab.Helper()
	before := k.status().Looks[0].Last
	if _, err := k.Audit(k.lab.Context(), "the test", false); err != nil {
		k.lab.Fatal(err)
	}
	for {
		time.Sleep(time.Second)
		status := k.status()
		if status.Looks[0].Last.After(before) && !status.Looks[0].Running && len(status.Repairs) == 0 {
			return status
		}
	}
}

// journal reads what was recorded so far, as "event key" in order.
func (k *keeper) journal() []string {
	k.lab.Helper()
	var lines []string
	err := journal.Read(filepath.Join(k.folder, "journal"), journal.Filter{}, func(e journal.Entry) bool {
		lines = append(lines, strings.TrimSpace(string(e.Event)+" "+e.Drift))
		return true
	})
	if err != nil {
		k.lab.Fatal(err)
	}
	return lines
}

// status asks the daemon how it stands.
func (k *keeper) status() control.Status {
	k.lab.Helper()
	status, err := k.Status(k.lab.Context())
	if err != nil {
		k.lab.Fatal(err)
	}
	return status
}

// until waits, in virtual time, for the daemon to come to a verdict.
func (k *keeper) until(verdict string, within time.Duration) time.Duration {
	k.lab.Helper()
	began := time.Now()
	for time.Since(began) < within {
		if k.status().Verdict == verdict {
			return time.Since(began)
		}
		time.Sleep(time.Second)
	}
	k.lab.Fatalf("after %s the daemon says %s, want %s: %+v", within, k.status().Verdict, verdict, k.status())
	return 0
}
