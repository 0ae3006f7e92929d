package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"linkd/deploy/examples"
	"linkd/internal/clouds"
	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim"
	"linkd/internal/sim/scenario"
)

func (p *program) demoCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "demo", Short: "Watch a link being built, broken and repaired, without any account", Args: cobra.NoArgs,
		Long: "Start both clouds as simulators inside this process, many times as fast as life,\n" +
			"build a link of two Azure regions and two VPCs, break it in both clouds, repair it,\n" +
			"and let verify name three other failures. It needs no account, no root and no network.",
	}
	scale := command.Flags().Float64("scale", 180, "how many times as fast as life the clouds run, 1 to 10000")
	hurry := command.Flags().Bool("no-pause", false, "do not pause between the acts")
	command.RunE = func(command *cobra.Command, _ []string) error {
		if inside := *scale >= 1 && *scale <= 10000; !inside { // nor is NaN
			return &verdict{code: exitUsage, err: fmt.Errorf("cannot run the clouds %v times as fast as life", *scale), hint: "--scale takes 1 to 10000"}
		}
		return p.demo(command.Context(), *scale, *hurry)
	}
	return command
}

// demo is one performance: the stage, and what is shown on it.
type demo struct {
	*program
	file   *desired.File
	clouds *sim.Simulator
	engine *reconcile.Engine
	pause  time.Duration
}

// demo plays all acts. All of it is the result, and goes to standard output.
func (p *program) demo(ctx context.Context, scale float64, hurry bool) error {
	stage := *p
	stage.err = p.out
	d := &demo{program: &stage}
	if onTerminal(p.out) && !hurry {
		d.pause = 1500 * time.Millisecond
	}
	ctx, release := stoppable(ctx, func(string) {})
	defer release()
	strike, err := d.set(ctx, scale)
	if err != nil {
		return unchecked(fmt.Errorf("cannot begin the demo: %w", err))
	}
	defer strike()
	began := time.Now()
	err = d.play(ctx)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return &verdict{code: exitFinding, err: errors.New("cannot finish the demo: it was stopped")}
	case err != nil:
		return err
	}
	d.say("That took %s. The same commands work with real clouds: linkd validate, plan, apply.", time.Since(began).Round(time.Second))
	return nil
}

// set puts up the simulated clouds and an engine that works in them.
func (d *demo) set(ctx context.Context, scale float64) (strike func(), err error) {
	if d.file, err = desired.Parse("seed.yaml", examples.Seed()); err != nil {
		return nil, err
	}
	given, err := scenario.Seed()
	if err != nil {
		return nil, err
	}
	if d.clouds, err = sim.New(given, sim.Options{Scale: scale}); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "linkd-demo-")
	if err != nil {
		return nil, err
	}
	client, hangUp := d.clouds.Client()
	strike = func() {
		hangUp()
		_ = os.RemoveAll(folder)
	}
	defer func() {
		if err != nil {
			strike()
		}
	}()
	intents, err := reconcile.OpenIntentFile(folder, time.Now().Add(-beforeSimulation))
	if err != nil {
		return nil, err
	}
	both, err := clouds.Open(ctx, d.file, clouds.Options{HTTPClient: client, Scale: scale})
	if err != nil {
		return nil, err
	}
	if d.engine, err = reconcile.New(d.file, both, intents); err != nil {
		return nil, err
	}
	d.engine.Scale = scale
	return strike, nil
}

// play shows the acts, each of which must end as it should.
func (d *demo) play(ctx context.Context) error {
	d.say("Two simulated clouds run in this process, %.0f times as fast as life: no account, no network.", d.engine.Scale)
	d.act(ctx, "Two VNets and two VPCs exist, with a machine in each. Nothing joins the clouds")
	d.echoes()

	d.act(ctx, "linkd plan: what the file wants and the clouds do not have")
	plan, world := d.engine.Plan(ctx)
	d.say("%s", plan.Summary())

	d.act(ctx, "linkd apply: everything begins the moment that what it needs has come")
	if err := d.converge(ctx, plan, world); err != nil {
		return err
	}
	if err := d.mustCross(); err != nil {
		return err
	}

	d.act(ctx, "linkd plan, again")
	if err := d.mustBeClean(ctx); err != nil {
		return err
	}

	d.act(ctx, "Somebody changes something in each cloud, by hand")
	if err := d.breakBoth(ctx); err != nil {
		return err
	}
	if d.echoes() == 0 {
		return failed("what was broken breaks nothing")
	}

	d.act(ctx, "linkd plan: what differs, and what it breaks")
	plan, world = d.engine.Plan(ctx)
	plan = reached(d.engine, plan, world)
	if err := plan.Text(d.out); err != nil {
		return err
	}

	d.act(ctx, "linkd apply: the repair")
	if err := d.converge(ctx, plan, world); err != nil {
		return err
	}
	if err := d.mustCross(); err != nil {
		return err
	}
	if err := d.mustBeClean(ctx); err != nil {
		return err
	}
	return d.prove(ctx)
}

// converge applies a plan before the user's eyes; all of it must come.
func (d *demo) converge(ctx context.Context, plan reconcile.Plan, world resource.World) error {
	shown := d.follow(d.engine, plan)
	report, err := d.engine.Apply(ctx, plan, world)
	shown.Stop()
	if err != nil {
		return unchecked(err)
	}
	d.say("%s", reportText(report, plan, "as desired"))
	return judgedReport(report, plan, false)
}

// mustBeClean looks again and finds nothing.
func (d *demo) mustBeClean(ctx context.Context) error {
	plan, _ := d.engine.Plan(ctx)
	if err := plan.Text(d.out); err != nil {
		return err
	}
	if !plan.Clean() {
		return failed("the plan should be empty")
	}
	return nil
}

// mustCross sends all echoes and has all of them back.
func (d *demo) mustCross() error {
	if d.echoes() > 0 {
		return failed("an echo should cross that does not")
	}
	return nil
}

func failed(text string) error {
	return &verdict{code: exitFinding, err: errors.New("the demo failed: " + text)}
}

// act begins the next act, when whoever watches has read the last one.
func (d *demo) act(ctx context.Context, title string) {
	wait(ctx, d.pause)
	fmt.Fprintf(d.out, "\n── %s ──\n", title)
}

func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }

// wait lets a span pass, or what is left of it when the context ends.
func wait(ctx context.Context, span time.Duration) {
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
