package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// change is a command that changes the clouds: apply or destroy.
type change struct {
	yes bool
	// approve says that what policy holds for approval is approved.
	approve bool
	state   string
	output  *oneOf

	question, expected string
	plan               func(*reconcile.Engine, context.Context) (reconcile.Plan, resource.World)
	apply              func(*reconcile.Engine, context.Context, reconcile.Plan, resource.World) (reconcile.Report, error)
	// builds says that the plan shows which networks start or stop working by it.
	builds bool
	// name is the command's, in the record.
	name string
	// ended says in one word what has become of a resource.
	ended string
}

func (p *program) applyCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "apply", Short: "Build or repair the link", Args: cobra.NoArgs,
		Long: "Show the plan, ask, and bring both clouds to what the file wants, within its\n" +
			"policy. What fails stops only what needs it. It can be stopped or killed at any\n" +
			"moment and run again: nothing is made twice.",
		Example: "  linkd apply --yes -o json > report.json",
	}
	c := &change{
		question: "Apply this plan? Only 'yes' goes on: ", expected: "yes", builds: true, name: "apply", ended: "as desired",
		plan: (*reconcile.Engine).Plan, apply: (*reconcile.Engine).Apply,
	}
	c.flags(command)
	command.Flags().BoolVar(&c.approve, "approve", false, "also do what waits for approval; the plan shows it")
	command.RunE = func(command *cobra.Command, _ []string) error { return p.change(command.Context(), c) }
	return command
}

// consent is what a person gives who sees a plan and says yes to it: the plan
// shows what it interrupts. What policy holds for approval needs its own word.
func consent(approve bool) func() reconcile.Circumstances {
	return func() reconcile.Circumstances {
		return reconcile.Circumstances{Consent: reconcile.Consent{LastPair: true, Window: true, Approvals: approve}}
	}
}

func (c *change) flags(command *cobra.Command) {
	command.Flags().BoolVar(&c.yes, "yes", false, "do not ask")
	command.Flags().StringVar(&c.state, "state", "", "folder of notes and journal (STATE_DIRECTORY, else ~/.local/state/linkd)")
	c.output = outputFlag(command, "text", "json")
}

// change plans, shows, asks, walks, and reports.
func (p *program) change(ctx context.Context, c *change) error {
	g, err := p.prepare(ctx, c.state)
	if err != nil {
		return err
	}
	defer g.release()
	engine, err := p.open(ctx, g.file, g.clock, g.intents, nil)
	if err != nil {
		return err
	}
	engine.At = consent(c.approve)
	plan, world := c.plan(engine, ctx)
	proof := prove(ctx, engine)
	if proof != nil && !unclear(plan) {
		return proof
	}
	if c.builds {
		plan = reached(engine, plan, world)
	}
	if err := plan.Text(p.err); err != nil {
		return fmt.Errorf("cannot show the plan: %w", err)
	}
	if proof != nil {
		return proof
	}
	return p.carryOut(ctx, c, engine, plan, world, g.folder)
}

// carryOut asks, walks, records, and reports.
func (p *program) carryOut(ctx context.Context, c *change, engine *reconcile.Engine, plan reconcile.Plan, world resource.World, state string) error {
	switch {
	case plan.Refused != "":
		return &verdict{
			code: exitFinding, err: errors.New("cannot apply the plan: " + plan.Refused),
			hint: "if all of it is meant, raise policy.limits in the file",
		}
	case len(plan.Keyless()) > 0:
		return withoutKeys(plan)
	case slices.ContainsFunc(plan.All(), func(step reconcile.Step) bool { return step.Verb.Writes() }) && !c.yes:
		if err := p.ask(c.question, c.expected); err != nil {
			return err
		}
	}
	recorded := p.newRecord(state, c.name, engine.File, plan.Summary())
	report, plan, err := p.rounds(ctx, c, engine, plan, world, recorded)
	recorded.close(p, ending(report))
	if err != nil && !errors.Is(err, context.Canceled) {
		return unchecked(err)
	}
	if err := p.showReport(report, plan, c); err != nil {
		return err
	}
	return judgedReport(report, plan, err != nil)
}

// withoutKeys refuses a plan before its first write that would build a link whose keys
// are not to be had: everything else of it takes half an hour, and no tunnel would come up.
func withoutKeys(plan reconcile.Plan) error {
	var whys []string
	for _, step := range plan.Keyless() {
		whys = append(whys, step.Fault)
	}
	return &verdict{code: exitFinding, err: errors.New("cannot apply the plan: " + strings.Join(whys, "; ")), hint: plan.Keyless()[0].Hint}
}

// judgedReport turns what became of a plan into the exit code.
func judgedReport(report reconcile.Report, plan reconcile.Plan, stopped bool) error {
	bad := len(report.Failures()) + len(report.Skips()) + len(report.Held()) + len(report.Left) + len(plan.Strays)
	switch {
	case stopped:
		return &verdict{code: exitFinding, err: errors.New("cannot finish: it was stopped"), hint: "run the same command again"}
	case unclear(plan):
		return &verdict{code: exitUnchecked}
	case bad > 0:
		return &verdict{code: exitFinding}
	}
	return nil
}
