package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"linkd/internal/desired"
	"linkd/internal/examine"
	"linkd/internal/path"
	"linkd/internal/reconcile"
	"linkd/internal/survey"
)

func (p *program) traceCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "trace FROM TO", Short: "Walk a packet's way hop by hop through both clouds, and back", Args: twoEnds,
		Long: "Read both clouds, and walk the way of a packet from one target of the file to\n" +
			"another, and the way of its answer, hop by hop as each cloud decides. Nothing is\n" +
			"sent and nothing is changed. FROM and TO may also be two networks, a VNet or a VPC;\n" +
			"then no machine and no filter is looked at.\n\n" +
			"✓ lets the packet pass, ✗ is where it is lost, ? could not be read: the walk then\n" +
			"goes on as the file means it.\n\n" +
			"The exit code is 0 when both ways pass, 1 when one is blocked, and 2 when it is not\nknown.",
		Example:           "  linkd trace vm-jpe ec2-a\n  linkd trace vm-jpe ec2-a -v\n  linkd trace vnet-jpe vpc-a -o mermaid",
		ValidArgsFunction: p.completeEnds,
	}
	output := outputFlag(command, "text", "json", "mermaid")
	evidence := command.Flags().BoolP("verbose", "v", false, "also show what each hop is judged by")
	command.RunE = func(command *cobra.Command, args []string) error {
		return p.trace(command.Context(), args[0], args[1], output.value, *evidence)
	}
	return command
}

// twoEnds says what trace takes when it is given something else.
func twoEnds(_ *cobra.Command, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("trace takes two names of the file, FROM and TO, and was given %d: two targets, or two networks", len(args))
	}
	return nil
}

// trace looks at both clouds, walks, and shows.
func (p *program) trace(ctx context.Context, from, to, output string, evidence bool) error {
	file, err := p.load()
	if err != nil {
		return err
	}
	machines, err := endsOf(file, from, to)
	if err != nil {
		return err
	}
	clock, err := p.clock(ctx)
	if err != nil {
		return err
	}
	engine, err := p.open(ctx, file, clock, nil, nil)
	if err != nil {
		return err
	}
	var seen *survey.Survey
	var surveying sync.WaitGroup
	if machines {
		surveying.Go(func() { seen = examine.Survey(ctx, engine.Clouds) })
	}
	world, _ := reconcile.Observe(ctx, engine.Clouds)
	surveying.Wait()
	if seen == nil {
		seen = &survey.Survey{}
	}
	model := path.New(file, world, *seen, time.Now())
	var traces []path.Trace
	if machines {
		one, err := model.Trace(from, to)
		if err != nil {
			return &verdict{code: exitUsage, err: err}
		}
		traces = append(traces, one)
	} else if traces, err = model.Ways(from, to); err != nil {
		return &verdict{code: exitUsage, err: err}
	}
	return p.showTraces(traces, output, evidence)
}

// endsOf tells whether two names are targets of the file; else they are
// networks of it. Anything else is an error that says what there is.
func endsOf(file *desired.File, from, to string) (machines bool, err error) {
	targets, networks := endNames(file)
	for _, name := range []string{from, to} {
		if !slices.Contains(targets, name) && !slices.Contains(networks, name) {
			return false, &verdict{
				code: exitUsage, err: fmt.Errorf("the file has no target and no network called %q", name),
				hint: desired.DidYouMean(name, slices.Concat(targets, networks)),
			}
		}
	}
	both := func(names []string) bool { return slices.Contains(names, from) && slices.Contains(names, to) }
	switch {
	case from == to:
		return false, &verdict{code: exitUsage, err: fmt.Errorf("there is no way from %s to itself", from), hint: "name two targets, or two networks"}
	case both(targets):
		return true, nil
	case both(networks):
		return false, nil
	}
	return false, &verdict{
		code: exitUsage, err: fmt.Errorf("one of %s and %s is a target and the other a network", from, to), hint: "name two targets, or two networks",
	}
}

// endNames lists the targets and the networks of a file.
func endNames(file *desired.File) (targets, networks []string) {
	for _, target := range file.Probes.Targets {
		targets = append(targets, target.Name)
	}
	for _, hub := range file.Azure.Hubs {
		for _, vnet := range hub.VNets {
			networks = append(networks, vnet.Name)
		}
	}
	for _, gateway := range file.TransitGateways() {
		for _, vpc := range gateway.VPCs {
			networks = append(networks, vpc.Name)
		}
	}
	return targets, networks
}

// completeEnds offers the names that go on from those already there.
func (p *program) completeEnds(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	file, err := p.load()
	if err != nil || len(args) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names, networks := endNames(file)
	switch {
	case len(args) == 0:
		names = append(names, networks...)
	case slices.Contains(networks, args[0]) && !slices.Contains(names, args[0]):
		names = networks
	}
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(args, name) }), cobra.ShellCompDirectiveNoFileComp
}

// tracesJSON is the shape of the result for programs. Names are only ever added.
type tracesJSON struct {
	Verdict path.Verdict `json:"verdict"`
	Traces  []path.Trace `json:"traces"`
}

// showTraces writes the traces as the result, and turns them into the exit code.
func (p *program) showTraces(traces []path.Trace, output string, evidence bool) error {
	code, worst := exitWell, path.Pass
	for i, trace := range traces {
		switch trace.Verdict() {
		case path.Block:
			code, worst = exitFinding, path.Block
		case path.Unknown:
			if worst == path.Pass {
				code, worst = exitUnchecked, path.Unknown
			}
		}
		if err := showTrace(p.out, trace, output, evidence, i > 0); err != nil {
			return &verdict{code: exitUnchecked, err: fmt.Errorf("cannot write the trace: %w", err)}
		}
	}
	if output == "json" {
		encoder := json.NewEncoder(p.out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(tracesJSON{worst, traces}); err != nil {
			return &verdict{code: exitUnchecked, err: fmt.Errorf("cannot write the trace: %w", err)}
		}
	}
	if code == exitWell {
		return nil
	}
	return &verdict{code: code}
}

func showTrace(w io.Writer, trace path.Trace, output string, evidence, more bool) error {
	switch output {
	case "json":
		return nil // all at once
	case "mermaid":
		return trace.Mermaid(w)
	}
	if more {
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
	return trace.Text(w, evidence)
}
