package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"linkd/internal/agent"
	"linkd/internal/desired"
	"linkd/internal/identity"
	"linkd/internal/probe"
	"linkd/internal/resource"
)

// agentService is what the command agent was told.
type agentService struct {
	connect, listen             string
	certificate, key, authority string
	allow                       []string
	limits                      agent.Limits
	log, level                  *oneOf
}

func (p *program) agentCommand() *cobra.Command {
	s := &agentService{
		limits: agent.DefaultLimits(),
		log:    &oneOf{value: "text", words: []string{"text", "json"}},
		level:  &oneOf{value: "info", words: []string{"info", "debug"}},
	}
	command := &cobra.Command{
		Use: "agent", Short: "Probe from this machine for a linkd elsewhere", Args: cobra.NoArgs,
		Long: "Probe from this machine, a test VM or an EC2 instance, what a running linkd tells it to,\n" +
			"and tell what was found. It dials linkd, so that nothing need come in here, or it listens.\n" +
			"Both ends show certificates of one authority: linkd agent certificate makes them. Its name\n" +
			"is that of its certificate, and of a target in linkd's file.\n\n" +
			"It keeps to limits of its own, whatever it is told, and sends to private addresses only,\n" +
			"or to those of --allow, and to what its certificate allows. Without linkd it sends nothing.",
		Example: "  linkd agent --connect linkd.example.com:9718 --certificate vm-jpe.crt --key vm-jpe.key --authority authority.crt\n  linkd agent --listen :9718",
	}
	flags := command.Flags()
	flags.StringVar(&s.connect, "connect", "", "dial linkd at HOST:PORT, its probes.agents.listen")
	flags.StringVar(&s.listen, "listen", "", "listen for linkd at this address")
	flags.StringVar(&s.certificate, "certificate", "", "file of this agent's certificate (agent.crt in CREDENTIALS_DIRECTORY)")
	flags.StringVar(&s.key, "key", "", "file of its key (agent.key in CREDENTIALS_DIRECTORY)")
	flags.StringVar(&s.authority, "authority", "", "file of the authority's certificate (authority.crt in CREDENTIALS_DIRECTORY)")
	flags.StringSliceVar(&s.allow, "allow", nil, "prefixes that it may send to, in place of the private ones")
	flags.IntVar(&s.limits.Targets, "most-targets", s.limits.Targets, "the most targets at once")
	flags.Float64Var(&s.limits.PerTarget, "most-per-target", s.limits.PerTarget, "the most echoes a second to one address")
	flags.Float64Var(&s.limits.Total, "most-per-second", s.limits.Total, "the most echoes a second to all")
	flags.Var(s.log, "log", "form of the log")
	flags.Var(s.level, "log-level", "debug tells also when nothing changed")
	command.RunE = func(command *cobra.Command, _ []string) error { return p.runAgent(command.Context(), s) }
	command.AddCommand(p.certificateCommand())
	return command
}

// check refuses what no agent can work with, before anything is dialled or sent.
func (s *agentService) check(p *program) error {
	refuse := func(hint, format string, args ...any) error {
		return &verdict{code: exitUsage, err: fmt.Errorf(format, args...), hint: hint}
	}
	switch {
	case (s.connect == "") == (s.listen == ""):
		return refuse("say --connect HOST:PORT or --listen ADDRESS", "an agent dials linkd, or it listens")
	case s.connect != "" && desired.NoMeeting(s.connect, true) != "":
		return refuse(desired.MeetingHint+": what linkd's probes.agents.listen says, on its machine", "--connect: %s", desired.NoMeeting(s.connect, true))
	case s.listen != "" && desired.NoMeeting(s.listen, false) != "":
		return refuse("write a port, such as :9718, or one of this machine's addresses and a port", "--listen: %s", desired.NoMeeting(s.listen, false))
	}
	if err := s.limits.Check(); err != nil {
		return refuse("linkd agent --help says what each limit is when it is not given", "%w", err)
	}
	if len(s.allow) > 0 {
		s.limits.Allow = nil
	}
	for _, text := range s.allow {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return refuse("such as --allow 10.0.0.0/8", "--allow: %q is no prefix", text)
		}
		s.limits.Allow = append(s.limits.Allow, prefix.Masked())
	}
	if _, err := p.agentIdentity(s); err != nil {
		return refuse(cmp.Or(agent.HintOf(err), "linkd agent certificate for NAME makes a certificate and its key"), "%w", err)
	}
	return nil
}

// runAgent probes until the context ends or the process is told to stop.
func (p *program) runAgent(ctx context.Context, s *agentService) error {
	if err := s.check(p); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	version, _ := built()
	log := p.logger(&service{log: s.log, level: s.level})
	a := &agent.Agent{
		Identity: func() (*identity.Identity, error) { return p.agentIdentity(s) }, Software: version, Limits: s.limits,
		Open: openWire, Watch: probe.WatchRequests, Log: log,
	}
	if s.connect != "" {
		a.Connect(ctx, s.connect, func(ctx context.Context) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", s.connect)
		})
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return &verdict{code: exitUnchecked, err: fmt.Errorf("cannot listen: %w", err), hint: "name another address with --listen"}
	}
	log.Info("listening", "address", listener.Addr().String())
	if err := a.Listen(ctx, listener); err != nil {
		return unchecked(err)
	}
	return nil
}

// openWire opens the sockets of this host.
func openWire() (probe.Wire, error) {
	wire, _, err := probe.Open(probe.Options{})
	return wire, err
}

// agentIdentity reads who this agent is.
func (p *program) agentIdentity(s *agentService) (*identity.Identity, error) {
	folder, _ := p.env("CREDENTIALS_DIRECTORY")
	var texts [3][]byte
	for i, path := range []string{
		cmp.Or(s.certificate, filepath.Join(folder, "agent.crt")), cmp.Or(s.key, filepath.Join(folder, "agent.key")), cmp.Or(s.authority, filepath.Join(folder, "authority.crt")),
	} {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, resource.WithHint(fmt.Errorf("cannot read who this agent is: %w", err), "linkd agent certificate for NAME makes a certificate and its key: name them by --certificate, --key and --authority")
		}
		texts[i] = text
	}
	own, err := identity.Load(texts[0], texts[1], texts[2])
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot show linkd who this is: %w", err)
	case own.Role != identity.Agent:
		return nil, resource.WithHint(fmt.Errorf("the certificate of %s is one of a daemon", own.Name), "linkd agent certificate for NAME makes one of an agent, NAME being that of its target in linkd's file")
	}
	return own, nil
}
