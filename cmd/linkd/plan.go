package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
)

func (p *program) planCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "plan", Short: "Show what differs, what it breaks, and what apply would do", Args: cobra.NoArgs,
		Long: "Read both clouds, compare them with the file, and show what differs, what it\n" +
			"breaks, and what apply would do about it. Nothing is changed.\n\n" +
			"The exit code is 0 when nothing differs, 1 when something does, and 2 when a\npart could not be read.",
	}
	output := outputFlag(command, "text", "json")
	command.RunE = func(command *cobra.Command, _ []string) error { return p.plan(command.Context(), output.value) }
	return command
}

// plan observes, diffs, decides, and shows.
func (p *program) plan(ctx context.Context, output string) error {
	file, err := p.load()
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
	engine.At = consent(false)
	plan, world := engine.Plan(ctx)
	plan = reached(engine, plan, world)
	proof := prove(ctx, engine)
	if proof != nil && !unclear(plan) {
		return proof // what it read may be somebody else's
	}
	p.showAdvice(file.Advice())
	if err := p.showPlan(plan, output); err != nil {
		return err
	}
	if proof != nil {
		return proof
	}
	return judged(plan)
}

// showPlan writes the plan as the result.
func (p *program) showPlan(plan reconcile.Plan, output string) error {
	show := plan.Text
	if output == "json" {
		show = plan.JSON
	}
	if err := show(p.out); err != nil {
		return &verdict{code: exitUnchecked, err: fmt.Errorf("cannot write the plan: %w", err)}
	}
	return nil
}

// showAdvice names what the file asks for and what is built cannot carry.
func (p *program) showAdvice(advice []desired.Problem) {
	for _, problem := range advice {
		fmt.Fprintln(p.err, problem)
	}
}

// judged turns what a plan found into the exit code.
func judged(plan reconcile.Plan) error {
	switch {
	case unclear(plan):
		return &verdict{code: exitUnchecked}
	case !plan.Clean():
		return &verdict{code: exitFinding}
	}
	return nil
}
