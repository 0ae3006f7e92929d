package main

import (
	"context"

	"github.com/spf13/cobra"

	"linkd/internal/reconcile"
)

func (p *program) destroyCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "destroy", Short: "Remove what linkd made", Args: cobra.NoArgs,
		Long: "Show what would go, ask, and remove it, dependents first. Only what carries the\n" +
			"file's owner tag goes; networks, machines and other routes stay as they are.",
	}
	c := &change{
		name: "destroy", ended: "gone", plan: (*reconcile.Engine).PlanDestroy, apply: (*reconcile.Engine).Destroy,
		question: "Delete all of this? Type the owner's name to go on: ",
	}
	c.flags(command)
	command.RunE = func(command *cobra.Command, _ []string) error { return p.destroy(command.Context(), c) }
	return command
}

func (p *program) destroy(ctx context.Context, c *change) error {
	file, err := p.load()
	if err != nil {
		return err
	}
	c.expected = file.Owner
	return p.change(ctx, c)
}
