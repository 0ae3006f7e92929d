package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"linkd/internal/control"
	"linkd/internal/daemon"
	"linkd/internal/desired"
	"linkd/internal/drill"
	"linkd/internal/journal"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// drilling is what the command drill was told.
type drilling struct {
	order            drill.Order
	yes, now, dryRun bool
	approve          bool
	asking           asking
	output           *oneOf
}

func (p *program) drillCommand() *cobra.Command {
	d := &drilling{}
	command := &cobra.Command{
		Use: "drill LINK", Short: "Take one tunnel of a link down on purpose, and measure what is lost",
		Long: "Have AWS replace its end of one tunnel, which takes that down for minutes, send ten echoes a\n" +
			"second along the link meanwhile, wait until both clouds show the tunnel up, and tell what was\n" +
			"lost. No setting is changed: stopped or killed at any moment, AWS brings the tunnel back.\n\n" +
			"Where linkd run keeps the link, it does this at the word of the command.\n\n" +
			"It is refused unless every tunnel of the link is up and there are two at least, while repairs\n" +
			"are paused, of what carries no tag of ours, and outside of the maintenance windows.",
		Example: "  linkd drill tokyo --dry-run\n  linkd drill tokyo --tunnel tokyo-0-2 --yes -o json",
	}
	flags := command.Flags()
	flags.StringVar(&d.order.Tunnel, "tunnel", "", "the tunnel, by its name (else the first of the link)")
	flags.BoolVar(&d.dryRun, "dry-run", false, "only say whether it may be done, and what keeps it from that")
	flags.BoolVar(&d.approve, "approve", false, "also where a rule of the policy wants approval")
	flags.BoolVar(&d.now, "now", false, "outside of the maintenance windows, too")
	flags.BoolVar(&d.yes, "yes", false, "do not ask")
	d.asking.flags(command)
	d.output = outputFlag(command, "text", "json")
	command.Args = func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return errors.New("drill takes the name of one link of the file")
		}
		d.order.Link = args[0]
		return nil
	}
	command.RunE = func(command *cobra.Command, _ []string) error { return p.drill(command.Context(), d) }
	return command
}

// drill plans, asks, drills, and reports.
func (p *program) drill(ctx context.Context, d *drilling) error {
	g, err := p.prepare(ctx, d.asking.state)
	if errors.Is(err, errLocked) {
		if client := p.answering(ctx, &d.asking); client != nil {
			return p.drillByDaemon(ctx, d, client)
		}
	}
	if err != nil {
		return err
	}
	defer g.release()
	paused, err := daemon.Paused(g.folder, time.Now())
	if err != nil {
		return &verdict{code: exitUsage, err: err, hint: "a pause may stand in it: look, and delete the file if it is of no use"}
	}
	engine, err := p.open(ctx, g.file, g.clock, g.intents, nil)
	if err != nil {
		return err
	}
	engine.At = func() reconcile.Circumstances {
		return reconcile.Circumstances{Paused: paused, Consent: reconcile.Consent{Approvals: d.approve, Window: d.now}}
	}
	driller := &drill.Driller{Engine: engine, Say: func(text string) { fmt.Fprintln(p.err, text) }}
	tunnel, refused, err := driller.Plan(ctx, d.order)
	switch {
	case err != nil:
		return &verdict{code: exitUsage, err: err}
	case refused != nil:
		if err := p.proveAll(ctx, engine, true); err != nil {
			return err
		}
		return refusedDrill(refused)
	case d.dryRun:
		return p.mayDrill(tunnel.Name())
	case !d.yes:
		if err := p.ask("Take "+tunnel.Name()+" down for some minutes? Only 'yes' goes on: ", "yes"); err != nil {
			return err
		}
	}
	if meter := p.meter(g.file); meter != nil {
		driller.Meter = meter
	}
	report, err := p.recordDrill(ctx, driller, tunnel, g.folder)
	return p.drillEnded(report, err, d.output.value)
}

// drillEnded reports, and turns how a drill ended into the exit code.
func (p *program) drillEnded(report drill.Report, err error, output string) error {
	if showErr := p.showDrill(report, err, output); showErr != nil {
		return showErr
	}
	held, is := errors.AsType[*drill.Refused](err)
	switch {
	case is:
		return refusedDrill(held)
	case errors.Is(err, context.Canceled):
		return &verdict{code: exitFinding, err: errors.New("cannot finish: it was stopped"), hint: daemon.ComesBack}
	case err != nil:
		return &verdict{code: exitFinding, err: err, hint: resource.HintOf(err)}
	}
	return nil
}

// mayDrill says that nothing keeps a tunnel from being drilled.
func (p *program) mayDrill(tunnel string) error {
	if _, err := fmt.Fprintf(p.out, "%s may be taken down for a drill.\n", tunnel); err != nil {
		return &verdict{code: exitUnchecked, err: fmt.Errorf("cannot write the result: %w", err)}
	}
	return nil
}

// refusedDrill turns a refusal into the exit code.
func refusedDrill(held *drill.Refused) error {
	hints := map[reconcile.HoldReason]string{
		reconcile.HeldApproval: "approve it with --approve", reconcile.HeldWindow: "wait for the window, or say --now",
		reconcile.HeldPaused: "linkd resume ends the pause", reconcile.HeldUnknown: "linkd verify says how the link stands",
		reconcile.HeldLastPair: "linkd verify says which tunnels are up, and why the others are not",
		reconcile.HeldAudit:    "start linkd run without --audit", reconcile.HeldInFlight: "wait until it has ended: linkd status tells",
	}
	code := exitFinding
	if held.Held == reconcile.HeldUnknown {
		code = exitUnchecked
	}
	return &verdict{code: code, err: held, hint: hints[held.Held]}
}

// recordDrill makes the drill, and records it.
func (p *program) recordDrill(ctx context.Context, driller *drill.Driller, tunnel desired.Tunnel, state string) (drill.Report, error) {
	order := drill.Order{Link: tunnel.Link, Tunnel: tunnel.Name()}
	recorded := p.newRecord(state, "drill", driller.Engine.File, order.Link)
	ctx, release := stoppable(ctx, func(text string) { fmt.Fprintln(p.err, text) })
	defer release()
	note := func(event journal.Event, text string) {
		recorded.add(journal.Entry{At: time.Now(), Event: event, Link: order.Link, Resource: "link/" + order.Link, Text: text})
	}
	driller.Walk = func(engine *reconcile.Engine, plan reconcile.Plan) {
		note(journal.Drilling, "")
		recorded.walk(plan)
		engine.Listen = recorded.Listen
	}
	keep := func(told control.Drill) {
		if err := daemon.KeepDrill(state, told); err != nil {
			p.tellUnrecorded(err)
		}
	}
	begun := control.Drill{By: control.Whoami(), Link: order.Link, Tunnel: tunnel.Name(), State: control.DrillRunning, Began: time.Now(), Pairs: []control.DrillPair{}}
	keep(begun)
	report, err := driller.Run(ctx, order)
	keep(daemon.EndedDrill(begun, report, err, time.Now()))
	if err == nil {
		note(journal.Drilled, report.Line())
	} else {
		note(journal.Failed, err.Error())
	}
	recorded.close(p, order.Link)
	return report, err
}

// toldDrill is a drill as JSON shows it.
type toldDrill struct {
	Link       string    `json:"link"`
	Tunnel     string    `json:"tunnel"`
	Began      time.Time `json:"began"`
	State      string    `json:"state"` // done, or failed
	Text       string    `json:"text,omitempty"`
	OutSeconds float64   `json:"out_seconds"`
	Pairs      []toldGap `json:"pairs"`
}

type toldGap struct {
	From           string  `json:"from"`
	To             string  `json:"to"`
	Vantage        string  `json:"vantage"`
	Sent           int     `json:"sent"`
	Lost           int     `json:"lost"`
	SilenceSeconds float64 `json:"longest_silence_seconds"`
	Why            string  `json:"why,omitempty"`
}

func (p *program) showDrill(report drill.Report, failed error, output string) error {
	var err error
	if output != "json" {
		_, err = fmt.Fprint(p.out, report.Text(failed))
	} else {
		told := toldDrill{Link: report.Link, Tunnel: report.Tunnel, Began: report.Began, State: "done", OutSeconds: report.Out.Round(time.Second).Seconds(), Pairs: []toldGap{}}
		if failed != nil {
			told.State, told.Text = "failed", failed.Error()
		}
		for _, g := range report.Gaps {
			told.Pairs = append(told.Pairs, toldGap{g.From, g.To, g.Vantage, g.Sent, g.Lost, g.Silence.Seconds(), g.Why})
		}
		encoder := json.NewEncoder(p.out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(told)
	}
	if err != nil {
		return &verdict{code: exitUnchecked, err: fmt.Errorf("cannot write the result: %w", err)}
	}
	return nil
}
