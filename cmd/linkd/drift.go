package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"linkd/internal/control"
	"linkd/internal/daemon"
)

func (p *program) driftCommand() *cobra.Command {
	a := &asking{}
	command := &cobra.Command{
		Use: "drift", Short: "List what stands now that is not as the file says", Args: cobra.NoArgs,
		Long: "List each difference that stands now, with its name, what it breaks, since when, and what\n" +
			"is done about it or why not. The running linkd is asked; without one the clouds are.\n\n" +
			"The exit code is 0 when there is none, 1 when there is, and 2 when a part is unknown.",
	}
	a.flags(command)
	output := outputFlag(command, "text", "json")
	command.RunE = func(command *cobra.Command, _ []string) error {
		status, err := p.standing(command.Context(), a)
		if err != nil {
			return err
		}
		shown := struct {
			Drifts  []control.Drift  `json:"drifts"`
			Strays  []control.Stray  `json:"undeclared"`
			Pending *control.Pending `json:"pending,omitempty"`
		}{status.Drifts, status.Strays, status.Pending}
		if err := p.show(output.value, shown, func(w io.Writer) {
			driftsText(w, status, time.Now())
			if len(status.Drifts)+len(status.Strays) == 0 {
				fmt.Fprintf(w, "Nothing differs: %d of %d resources as desired.\n", status.AsDesired, status.Resources)
			}
		}); err != nil {
			return err
		}
		return judgedStatus(status)
	}
	return command
}

// standing asks the running linkd, or looks when there is none.
func (p *program) standing(ctx context.Context, a *asking) (control.Status, error) {
	client, err := p.client(ctx, a)
	if err != nil {
		return control.Status{}, err
	}
	status, err := client.Status(ctx)
	if _, absent := errors.AsType[*control.Absent](err); absent {
		fmt.Fprintln(p.err, "No linkd runs on this file here: the clouds are asked.")
		return p.lookOnce(ctx)
	}
	if err != nil {
		return status, asked(err)
	}
	return status, nil
}

// lookOnce looks at the clouds and tells what an unattended linkd would do.
func (p *program) lookOnce(ctx context.Context) (control.Status, error) {
	status := control.Status{Verdict: control.AsDesired, Drifts: []control.Drift{}, Strays: []control.Stray{}}
	file, err := p.load()
	if err != nil {
		return status, err
	}
	clock, err := p.clock(ctx)
	if err != nil {
		return status, err
	}
	engine, err := p.open(ctx, file, clock, nil, nil)
	if err != nil {
		return status, err
	}
	plan, _ := engine.Plan(ctx)
	if err := prove(ctx, engine); err != nil {
		return status, err
	}
	status.Resources, status.AsDesired = len(engine.Graph.Order()), plan.AsDesired
	for _, step := range plan.Steps {
		for _, d := range step.Drifts {
			status.Drifts = append(status.Drifts, daemon.DriftOf(file, d, time.Time{}))
		}
	}
	for _, stray := range plan.Strays {
		status.Strays = append(status.Strays, control.Stray{Kind: stray.Kind, Ref: stray.Ref, Class: string(stray.Class)})
	}
	switch {
	case unclear(plan):
		status.Verdict = control.Unknown
	case !plan.Clean():
		status.Verdict = control.Differs
	}
	return status, nil
}
