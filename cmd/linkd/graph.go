package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"linkd/internal/clouds"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

func (p *program) graphCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "graph", Short: "Draw what needs what, and how each stands", Args: cobra.NoArgs,
		Long:    "Draw the resources of both clouds, what each needs before it, and how it stands.",
		Example: "  linkd graph -o dot | dot -Tsvg > link.svg",
	}
	output := outputFlag(command, "mermaid", "dot")
	offline := command.Flags().Bool("offline", false, "ask no cloud; how things stand is unknown then")
	command.RunE = func(command *cobra.Command, _ []string) error {
		return p.graph(command.Context(), output.value, *offline)
	}
	return command
}

func (p *program) graph(ctx context.Context, output string, offline bool) error {
	file, err := p.load()
	if err != nil {
		return err
	}
	var clock *clouds.Clock
	if !offline {
		if clock, err = p.clock(ctx); err != nil {
			return err
		}
	}
	engine, err := p.open(ctx, file, clock, nil, nil)
	if err != nil {
		return err
	}
	plan := reconcile.Decide(engine.Graph, file, resource.World{}, nil, reconcile.Circumstances{Now: time.Now()})
	var proof error
	if !offline {
		plan, _ = engine.Plan(ctx)
		proof = prove(ctx, engine)
	}
	draw := engine.Graph.Mermaid
	if output == "dot" {
		draw = engine.Graph.DOT
	}
	if err := draw(p.out, plan); err != nil {
		return &verdict{code: exitUnchecked, err: fmt.Errorf("cannot draw the graph: %w", err)}
	}
	return proof
}
