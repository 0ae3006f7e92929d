package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"linkd/internal/clouds"
	"linkd/internal/control"
	"linkd/internal/daemon"
	"linkd/internal/desired"
	"linkd/internal/journal"
	"linkd/internal/metrics"
	"linkd/internal/notify"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// service is what the command run was told.
type service struct {
	state, listen, webConfig, socket string
	auditOnly                        bool
	log, level                       *oneOf
}

func (p *program) runCommand() *cobra.Command {
	s := &service{
		log:   &oneOf{value: "text", words: []string{"text", "json"}},
		level: &oneOf{value: "info", words: []string{"info", "debug"}},
	}
	command := &cobra.Command{
		Use: "run", Short: "Keep the link: audit on a schedule, repair within policy, tell", Args: cobra.NoArgs,
		Long: "Keep the link until stopped: look at both clouds on the file's schedule, report each\n" +
			"difference by name, repair what policy lets be repaired, look again, and serve metrics\n" +
			"and the status. It builds what is missing, as apply does.\n\n" +
			"SIGHUP and a change of the file reload it; a bad file keeps the old one. SIGUSR1 begins\n" +
			"an audit. SIGTERM stops; the clouds go on with what they accepted, and the next start\n" +
			"finds it. Other commands speak with it: status, drift, history, approve, pause, resume,\n" +
			"audit, reload.",
		Example: "  linkd run -f /etc/linkd/linkd.yaml\n  linkd run --audit --log json        look and tell, and never write",
	}
	flags := command.Flags()
	flags.StringVar(&s.state, "state", "", "folder of notes and journal (STATE_DIRECTORY, else ~/.local/state/linkd)")
	flags.StringVar(&s.listen, "listen", "127.0.0.1:9717", "address of metrics, health and status; \"\" serves none")
	flags.StringVar(&s.webConfig, "web-config", "", "file with TLS and passwords for that address, as Prometheus exporters have it")
	flags.StringVar(&s.socket, "socket", "", "unix socket of the commands (RUNTIME_DIRECTORY/linkd.sock, else in the state folder)")
	flags.BoolVar(&s.auditOnly, "audit", false, "only look and tell: nothing is ever written to a cloud")
	flags.Var(s.log, "log", "form of the log")
	flags.Var(s.level, "log-level", "debug tells also when nothing changed")
	command.RunE = func(command *cobra.Command, _ []string) error { return p.run(command.Context(), s) }
	return command
}

// run keeps the link until the context ends or the process is told to stop.
func (p *program) run(ctx context.Context, s *service) error {
	log := p.logger(s)
	g, err := p.prepare(ctx, s.state)
	if err != nil {
		return err
	}
	defer g.release()
	record, err := journal.Open(journalFolder(g.folder), journal.Options{})
	if err != nil {
		log.Error("the journal cannot be opened", "error", err)
	}
	defer record.Close()
	version, revision := built()
	keeper, err := daemon.New(daemon.Options{
		Path: p.file, State: g.folder, Version: version, Revision: revision, AuditOnly: s.auditOnly, Journal: record,
		Notify: notify.FromEnvironment(p.getenv), Log: log, Probes: p.probes(),
		Open: func(ctx context.Context, file *desired.File, tell func(metrics.Call)) (*reconcile.Engine, error) {
			return p.open(ctx, file, g.clock, g.intents, func(c clouds.Call) {
				tell(metrics.Call{Cloud: c.Cloud, Operation: c.Operation, Status: c.Status, Throttled: c.Throttled, Took: c.Took})
			})
		},
	})
	if err != nil {
		return &verdict{code: exitUsage, err: err, hint: resource.HintOf(err)}
	}
	return p.keep(ctx, s, keeper, p.socketPath(s.socket, g.folder), log)
}

// sockets are what a daemon is asked over. They are open before it does
// anything, so that one who cannot be asked does nothing.
type sockets struct{ commands, reading net.Listener }

func (s *service) open(ctx context.Context, socket string) (open sockets, err error) {
	if open.commands, err = control.Listen(ctx, socket); err != nil {
		return open, &verdict{code: exitUsage, err: err, hint: "name another with --socket"}
	}
	if s.listen == "" {
		return open, nil
	}
	if err := metrics.CheckWebConfig(s.webConfig); err != nil {
		_ = open.commands.Close()
		return open, &verdict{code: exitUsage, err: err, hint: "it has the form that all Prometheus exporters share: tls_server_config and basic_auth_users"}
	}
	if open.reading, err = metrics.Listen(ctx, s.listen); err != nil {
		_ = open.commands.Close()
		return open, &verdict{code: exitUnchecked, err: err, hint: "name another address with --listen, or serve none with --listen ''"}
	}
	return open, nil
}

// keep runs the daemon and both of its servers, until the first of them ends.
func (p *program) keep(ctx context.Context, s *service, keeper *daemon.Daemon, socket string, log *slog.Logger) error {
	open, err := s.open(ctx, socket)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer p.obey(ctx, keeper, func() { stop(context.Canceled) }, log)()
	failed := make(chan error, 2)
	go func() { failed <- control.Serve(ctx, open.commands, keeper) }()
	if open.reading != nil {
		go func() { failed <- metrics.Serve(ctx, open.reading, s.webConfig, keeper.Handler(), log) }()
	}
	go func() {
		if err := <-failed; err != nil {
			stop(err)
		}
	}()
	if err := keeper.Run(ctx); err != nil {
		return unchecked(err)
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return unchecked(cause)
	}
	return nil
}

// obey follows signals until it is released.
func (p *program) obey(ctx context.Context, keeper *daemon.Daemon, stop func(), log *slog.Logger) (release func()) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1)
	go func() {
		for {
			select {
			case got := <-signals:
				var err error
				switch got {
				case syscall.SIGHUP:
					_, err = keeper.Reload(ctx, "SIGHUP", false)
				case syscall.SIGUSR1:
					_, err = keeper.Audit(ctx, "SIGUSR1", false)
				default:
					signal.Stop(signals) // a second one has the effect it has on any program
					stop()
				}
				if err != nil {
					log.Debug("a signal was not followed", "signal", got.String(), "error", err)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() { signal.Stop(signals) }
}

// logger writes the story to standard error.
func (p *program) logger(s *service) *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelInfo}
	if s.level.value == "debug" {
		options.Level = slog.LevelDebug
	}
	var handler slog.Handler = slog.NewTextHandler(p.err, options)
	if s.log.value == "json" {
		handler = slog.NewJSONHandler(p.err, options)
	}
	return slog.New(handler)
}

// socketPath is where the commands of one file's daemon are taken.
func (p *program) socketPath(given, folder string) string {
	if given != "" {
		return given
	}
	if folders, ok := p.env("RUNTIME_DIRECTORY"); ok && folders != "" {
		first, _, _ := strings.Cut(folders, ":")
		return filepath.Join(first, "linkd.sock")
	}
	return filepath.Join(folder, "linkd.sock")
}

func (p *program) getenv(name string) string {
	value, _ := p.env(name)
	return value
}
