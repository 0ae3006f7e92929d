package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"linkd/internal/journal"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/rotate"
)

// rotating is what the command rotate-keys was told.
type rotating struct {
	order                     rotate.Order
	yes, approve, now, dryRun bool
	asking                    asking
	output                    *oneOf
}

func (p *program) rotateCommand() *cobra.Command {
	r := &rotating{}
	command := &cobra.Command{
		Use: "rotate-keys [LINK…]", Short: "Give tunnels new pre-shared keys, one after the other",
		Long: "Make new pre-shared keys for the tunnels of the links that are named, or of all whose keys\n" +
			"AWS makes, and set them in both clouds: one tunnel at a time, each seen up in both clouds\n" +
			"before the next is begun. Of a link with two tunnels one is always up. No key is kept\n" +
			"or shown. It can be stopped or killed at any moment and run again: what is half done stands\n" +
			"in the clouds, and is finished first.\n\n" +
			"Where linkd run keeps the link, it does this at the word of the command.\n\n" +
			"Where the file names a source of keys, change the keys there: linkd apply, or the linkd that\n" +
			"runs, brings them to both clouds in the same way.",
		Example: "  linkd rotate-keys --dry-run\n  linkd rotate-keys tokyo --tunnel 2\n  linkd rotate-keys tokyo --approve --yes    a link of one tunnel: it is down for minutes",
	}
	flags := command.Flags()
	flags.IntSliceVar(&r.order.Tunnels, "tunnel", nil, "only the tunnel of this number in its AWS connection: 1 or 2")
	flags.BoolVar(&r.dryRun, "dry-run", false, "only show what would be done, and what holds it")
	flags.BoolVar(&r.approve, "approve", false, "also what waits for approval, such as to interrupt the last tunnel of a link")
	flags.BoolVar(&r.now, "now", false, "outside of the maintenance windows, too")
	flags.BoolVar(&r.yes, "yes", false, "do not ask")
	r.asking.flags(command)
	r.output = outputFlag(command, "text", "json")
	command.RunE = func(command *cobra.Command, args []string) error {
		r.order.Links = args
		return p.rotateKeys(command.Context(), r)
	}
	return command
}

// rotateKeys plans, shows, asks, does one turn after the other, and reports.
func (p *program) rotateKeys(ctx context.Context, r *rotating) error {
	g, err := p.prepare(ctx, r.asking.state)
	if errors.Is(err, errLocked) {
		if client := p.answering(ctx, &r.asking); client != nil {
			return p.rotateByDaemon(ctx, r, client)
		}
	}
	if err != nil {
		return err
	}
	defer g.release()
	engine, err := p.open(ctx, g.file, g.clock, g.intents, nil)
	if err != nil {
		return err
	}
	engine.At = func() reconcile.Circumstances {
		return reconcile.Circumstances{Consent: reconcile.Consent{LastPair: r.approve, Approvals: r.approve, Window: r.now}}
	}
	rotator := &rotate.Rotator{Engine: engine}
	turns, err := rotator.Plan(ctx, r.order)
	if err != nil {
		return &verdict{code: exitUsage, err: err, hint: resource.HintOf(err)}
	}
	told := newTold(turns)
	if waits := told.waits(); waits != "" && !told.held() && !r.dryRun {
		turns, err = p.afterWaiting(ctx, rotator, r.order, waits)
		told = newTold(turns)
		if err != nil {
			return told.verdict(err)
		}
	}
	held := told.held()
	switch {
	case r.dryRun || held || len(turns) == 0:
		if err := p.proveAll(ctx, engine, held); err != nil {
			return err
		}
		if err := told.show(p, r.output.value); err != nil {
			return err
		}
		return told.verdict(nil)
	case !r.yes:
		fmt.Fprint(p.err, told.text())
		if err := p.ask("Change these keys? Only 'yes' goes on: ", "yes"); err != nil {
			return err
		}
	}
	err = p.carryOutTurns(ctx, rotator, r.order, told, g.folder)
	if err := told.show(p, r.output.value); err != nil {
		return err
	}
	return told.verdict(err)
}

// afterWaiting says what the clouds are still at, waits until that has ended, and plans anew:
// what is left to be done shows only then.
func (p *program) afterWaiting(ctx context.Context, rotator *rotate.Rotator, order rotate.Order, waits string) ([]rotate.Turn, error) {
	ctx, release := stoppable(ctx, func(text string) { fmt.Fprintln(p.err, text) })
	defer release()
	began := time.Now()
	fmt.Fprintf(p.err, "%s: waiting until that has ended\n", waits)
	turns, err := rotator.PlanSettled(ctx, order)
	if err == nil {
		fmt.Fprintf(p.err, "waited for %s\n", time.Duration(float64(time.Since(began))*rotator.Engine.Scale).Round(time.Second))
	}
	return turns, err
}

// proveAll makes sure of the accounts where something is held: what cannot be
// seen may only be somewhere else.
func (p *program) proveAll(ctx context.Context, engine *reconcile.Engine, held bool) error {
	if !held {
		return nil
	}
	var wrong []error
	for _, cloud := range engine.Clouds {
		if err := cloud.Check(ctx); err != nil {
			wrong = append(wrong, fmt.Errorf("cannot work with %s: %w", cloud.Name(), err))
		}
	}
	if len(wrong) > 0 {
		return unchecked(errors.Join(wrong...))
	}
	return nil
}

// carryOutTurns does the turns, shows each, and records them.
func (p *program) carryOutTurns(ctx context.Context, rotator *rotate.Rotator, order rotate.Order, told *toldTurns, state string) error {
	recorded := p.newRecord(state, "rotate-keys", rotator.Engine.File, told.summary())
	ctx, release := stoppable(ctx, func(text string) { fmt.Fprintln(p.err, text) })
	defer release()
	stop := func() {}
	rotator.Begin = func(turn rotate.Turn) func(rotate.Turn, error) {
		began := time.Now()
		fmt.Fprintf(p.err, "%s: %s\n", turn.Name(), turn.What.Text())
		recorded.turn(journal.Rotating, turn, turn.What.Text())
		return func(turn rotate.Turn, err error) {
			stop()
			stop = func() {}
			told.ended(turn, time.Duration(float64(time.Since(began))*rotator.Engine.Scale), err)
			if err != nil {
				recorded.turn(journal.Failed, turn, err.Error())
				return
			}
			recorded.turn(journal.Rotated, turn, "")
			fmt.Fprintf(p.err, "%s: up in both clouds with its new key\n", turn.Name())
		}
	}
	rotator.Walk = func(engine *reconcile.Engine, plan reconcile.Plan) {
		shown := p.follow(engine, plan)
		stop = shown.Stop
		recorded.walk(plan)
		show := engine.Listen
		engine.Listen = func(e reconcile.Event) {
			recorded.Listen(e)
			show(e)
		}
	}
	rotator.Waiting = func(text string) { fmt.Fprintf(p.err, "%s: waiting until that has ended\n", text) }
	err := rotator.Run(ctx, order)
	recorded.close(p, told.summary())
	return err
}

// turn records something of one turn.
func (r *record) turn(event journal.Event, turn rotate.Turn, text string) {
	r.add(journal.Entry{At: time.Now(), Event: event, Link: turn.Link, Resource: "tunnel/" + turn.Name(), Text: text})
}
