package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"linkd/internal/sim"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// The exit codes.
const (
	well        = 0
	cannotServe = 2
	badUsage    = 3
)

// The bounds of --scale.
const (
	slowest = 1
	fastest = 10000
)

// usageError is a mistake of whoever started linksim.
type usageError struct{ error }

// Unwrap returns what is wrong.
func (u usageError) Unwrap() error { return u.error }

// settings are the flags.
type settings struct {
	listen, scenario  string
	scale             float64
	instant, throttle bool
	verbose           bool
	faults            []string
}

// Run serves until the context ends. The first line on stdout is the
// endpoint; how to use it is told on stderr.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := command(ctx, stdout, stderr, args).Execute()
	var usage usageError
	switch {
	case err == nil:
		return well
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "linksim: %v\nhint: linksim --help lists the flags\n", err)
		return badUsage
	}
	fmt.Fprintf(stderr, "linksim: %v\n", err)
	return cannotServe
}

func command(ctx context.Context, stdout, stderr io.Writer, args []string) *cobra.Command {
	var s settings
	root := &cobra.Command{
		Use:   "linksim",
		Short: "Serve a simulated Azure and a simulated AWS on a loopback port",
		Long: `Serve a simulated Azure (Resource Manager) and a simulated AWS (EC2 and STS) on one
loopback port. The two are joined: a tunnel comes up only if what both sides say
of it agrees, and an echo crosses only if every route and filter lets it.
Without --scenario there are two VNets and two VPCs with a machine each.`,
		Example: `  linksim --scale 1000
  linksim --listen 127.0.0.1:0 --scenario deploy/examples/seed.scenario.yaml
  linksim --fault 'operation=PUT vpnGateways,effect=fail,code=InternalServerError,count=1'`,
		Args: func(c *cobra.Command, args []string) error {
			if err := cobra.NoArgs(c, args); err != nil {
				return usageError{err}
			}
			return nil
		},
		SilenceErrors: true, SilenceUsage: true,
		RunE: func(*cobra.Command, []string) error { return s.serve(ctx, stdout, stderr) },
	}
	flags := root.Flags()
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8787", "loopback address and port; port 0 takes a free one")
	flags.StringVar(&s.scenario, "scenario", "", "file that says what exists beforehand and how the clouds behave")
	flags.Float64Var(&s.scale, "scale", slowest, "how many simulated seconds pass in a real one, 1 to 10000")
	flags.BoolVar(&s.instant, "instant", false, "let every operation be done at once")
	flags.BoolVar(&s.throttle, "throttle", false, "enforce both clouds' quotas of requests")
	flags.BoolVar(&s.verbose, "verbose", false, "tell each request on stderr")
	flags.StringArrayVar(&s.faults, "fault", nil, "a fault to inject, as name=value,…; may be given several times")
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.DisableDefaultCmd = true
	return root
}

// serve opens the port and answers until the context ends.
func (s settings) serve(ctx context.Context, stdout, stderr io.Writer) error {
	given, options, err := s.read()
	if err != nil {
		return usageError{err}
	}
	if s.verbose {
		options.Answered = func(call sim.Call) {
			fmt.Fprintf(stderr, "%s %-5s %-45s %d\n", call.At.Format(time.TimeOnly), call.Cloud, call.Operation, call.Status)
		}
	}
	simulator, err := sim.New(given, options)
	if err != nil {
		return usageError{err}
	}
	listener, err := listen(ctx, s.listen)
	if err != nil {
		return err
	}
	endpoint := "http://" + listener.Addr().String()
	fmt.Fprintln(stdout, endpoint)
	fmt.Fprint(stderr, strings.ReplaceAll(directions, "ENDPOINT", endpoint))
	return simulator.Serve(ctx, listener)
}

// read reads the scenario and the flags that change how the clouds behave.
func (s settings) read() (scenario.Scenario, sim.Options, error) {
	options := sim.Options{Scale: s.scale}
	if inside := s.scale >= slowest && s.scale <= fastest; !inside { // nor is NaN
		return scenario.Scenario{}, options, fmt.Errorf("cannot run at %v times the speed: --scale goes from %d to %d", s.scale, slowest, fastest)
	}
	for _, text := range s.faults {
		fault, err := ground.ParseFault(text)
		if err != nil {
			return scenario.Scenario{}, options, fmt.Errorf("cannot take the fault %q: %w", text, err)
		}
		options.Faults = append(options.Faults, fault)
	}
	load := scenario.Seed
	if s.scenario != "" {
		load = func() (scenario.Scenario, error) { return scenario.Load(s.scenario) }
	}
	given, err := load()
	if err != nil {
		return scenario.Scenario{}, options, fmt.Errorf("cannot use the scenario:\n%w", err)
	}
	given.Behaviour.Instant = given.Behaviour.Instant || s.instant
	given.Behaviour.Throttle = given.Behaviour.Throttle || s.throttle
	return given, options, nil
}

// listen opens a port that only this machine can reach: whoever reaches the
// simulator may do anything in it.
func listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, usageError{fmt.Errorf("cannot listen on %q: %w", address, err)}
	}
	if parsed, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !parsed.IsLoopback()) {
		return nil, usageError{fmt.Errorf("cannot listen on %s: it is not a loopback address, and linksim asks nobody who they are", address)}
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", address, err)
	}
	return listener, nil
}
