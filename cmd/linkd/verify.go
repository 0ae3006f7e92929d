package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"linkd/internal/examine"
	"linkd/internal/failure"
	"linkd/internal/verify"
)

// verifying is what the flags of verify ask for.
type verifying struct {
	only, skip           string
	before, strict       bool
	noPing, noRunCommand bool
	from                 *someOf
	wait, every          time.Duration
	output, threshold    *oneOf
	asking
	selection verify.Selection
}

const aboutVerify = `Check a link from the credentials to the packets, and name what is wrong, where, and what
to do. Checks come in the order of causes; what is only the effect of a failure is listed
under it. Each failure has a code that never changes and a page in docs/failures.md.

It only reads. Echoes are sent from several vantages, and --from names those to use:
  local        this host: as the machine of the file whose address it has, else from outside
               of all to each of them, which is done only when --from names it
  agent        the linkd agents on test machines: what the linkd that runs has of them, not
               older than two minutes
  run-command  test machines run ping, by Azure VM Run Command and AWS Systems Manager, where
               the file names their ids and the role may. No configuration changes by that
Without --from each pair of machines is taken from the first that has a result. --no-ping sends
nothing at all, and nor does a --only or --skip that leaves no check of packets.

Exit codes:
  0  well
  1  a finding of --threshold or worse; with --strict any, and anything that was not checked
  2  something could not be seen, so that nobody can say
  3  the arguments or the file are wrong`

func (p *program) verifyCommand() *cobra.Command {
	v := &verifying{}
	command := &cobra.Command{
		Use: "verify", Short: "Check a link from the credentials to the packets, and name what is wrong", Long: aboutVerify, Args: cobra.NoArgs,
		Example: "  linkd verify                              all checks\n  linkd verify --wait 10m                   until it is well, ten minutes at the most\n" +
			"  linkd verify --only 'tunnels|TGW'         some checks, by group, name or code\n  linkd verify --pre                        what can be checked before anything is built\n  linkd verify --from local,run-command     echoes from these vantages alone\n  linkd verify --strict -o junit > out.xml  for continuous integration",
	}
	flags := command.Flags()
	flags.StringVar(&v.only, "only", "", "only checks whose group, name or a code matches this regular expression")
	flags.StringVar(&v.skip, "skip", "", "leave out checks whose group or name, and failures whose code, matches this regular expression")
	flags.BoolVar(&v.before, "pre", false, "only what can be checked before anything is built")
	flags.BoolVar(&v.strict, "strict", false, "fail for any finding, and for what was not checked")
	flags.BoolVar(&v.noPing, "no-ping", false, "send no packets")
	flags.BoolVar(&v.noRunCommand, "no-run-command", false, "run no command on test machines")
	flags.DurationVar(&v.wait, "wait", 0, "check again until it is well, for so long at the most")
	flags.DurationVar(&v.every, "every", 0, "check again and again, with so long between, until it is stopped")
	v.from = &someOf{words: vantageWords}
	flags.Var(v.from, "from", "send echoes from these vantages alone: "+strings.Join(vantageWords, ", ")+"; several are apart by commas")
	v.asking.flags(command)
	v.threshold = &oneOf{value: string(failure.Warning), words: []string{string(failure.Error), string(failure.Warning), string(failure.Info)}}
	flags.Var(v.threshold, "threshold", "fail from this severity on: error, warning or info")
	v.output = outputFlag(command, "text", "short", "json", "junit")
	command.RunE = func(command *cobra.Command, _ []string) error { return p.verify(command.Context(), v) }
	return command
}

// verify checks once, or until it is well, or again and again.
func (p *program) verify(ctx context.Context, v *verifying) error {
	if err := v.understand(); err != nil {
		return err
	}
	ctx, stop := stoppable(ctx, func(string) { fmt.Fprintln(p.err, "Stopping.") })
	defer stop()
	deadline := time.Now().Add(v.wait)
	for {
		report, err := p.examine(ctx, v)
		if err != nil {
			return err
		}
		code := report.Exit(v.bar())
		if code != exitWell && time.Now().Before(deadline) && v.every == 0 {
			fmt.Fprintf(p.err, "%s; checking again\n", report.First)
			if !pause(ctx, min(again, time.Until(deadline))) {
				return &verdict{code: exitUnchecked, err: errors.New("stopped while waiting")}
			}
			continue
		}
		if err := p.showJudgement(report, v); err != nil {
			return err
		}
		if v.every > 0 && pause(ctx, v.every) {
			continue
		}
		if code == exitWell {
			return nil
		}
		return &verdict{code: code}
	}
}

// again is how long verify waits between two looks.
const again = 15 * time.Second

// pause waits, and tells whether it was left alone.
func pause(ctx context.Context, span time.Duration) bool {
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// bar is what fails a run.
func (v *verifying) bar() verify.Bar {
	return verify.Bar{Threshold: failure.Severity(v.threshold.value), Strict: v.strict}
}

// understand reads the expressions of the flags.
func (v *verifying) understand() error {
	v.selection.Before = v.before
	for name, span := range map[string]time.Duration{"wait": v.wait, "every": v.every} {
		if span < 0 {
			return &verdict{code: exitUsage, err: fmt.Errorf("cannot read --%s %s: it is less than nothing", name, span), hint: "give a time such as 90s or 10m"}
		}
	}
	if err := v.vantagesFit(); err != nil {
		return err
	}
	for _, flag := range []struct {
		name, text string
		into       **regexp.Regexp
	}{{"only", v.only, &v.selection.Only}, {"skip", v.skip, &v.selection.Skip}} {
		if flag.text == "" {
			continue
		}
		expression, err := regexp.Compile("(?i)" + flag.text)
		if err != nil {
			return &verdict{code: exitUsage, err: fmt.Errorf("cannot read --%s: %w", flag.name, err)}
		}
		*flag.into = expression
	}
	if v.selection.Empty() {
		return &verdict{code: exitUsage, err: errors.New("no check matches --only and --skip"), hint: "they match groups such as \"tunnels\", names such as \"tgw-routes\", and codes such as AWS_TGW_ROUTE_MISSING; several are apart by |"}
	}
	return nil
}

// examine gathers the evidence and judges it.
func (p *program) examine(ctx context.Context, v *verifying) (verify.Report, error) {
	file, err := p.load()
	if err != nil {
		return verify.Report{}, err
	}
	clock, err := p.clock(ctx)
	if err != nil {
		return verify.Report{}, err
	}
	engine, err := p.open(ctx, file, clock, nil, nil)
	if err != nil {
		return verify.Report{}, err
	}
	spin := p.spinner()
	defer spin.stop()
	silent := v.noPing || v.before || len(v.from.values) == 0 && !v.selection.TakesPackets()
	options := examine.Options{Surveyless: v.before, MTU: true, PingsOff: silent, Tell: spin.tell}
	status, err := p.running(ctx, &v.asking)
	if err != nil {
		return verify.Report{}, err
	}
	if !options.PingsOff {
		if err := p.sendFrom(&options, v, engine, status); err != nil {
			return verify.Report{}, err
		}
	}
	evidence := examine.Gather(ctx, engine, options)
	if status != nil && len(status.Looks) > 0 && shutOut(evidence.Access) {
		return heard(file, status, v.selection, evidence.Access[0].Problem), nil
	}
	if err := v.sent(file, evidence.Pings, status != nil); err != nil {
		return verify.Report{}, err
	}
	return verify.Run(evidence, v.selection), nil
}

// showJudgement writes the report in the form that was asked for.
func (p *program) showJudgement(report verify.Report, v *verifying) error {
	show := map[string]func(io.Writer) error{
		"text": report.Text, "short": report.Short, "json": report.JSON,
		"junit": func(w io.Writer) error { return report.JUnit(w, v.bar()) },
	}[v.output.value]
	if err := show(p.out); err != nil {
		return &verdict{code: exitUnchecked, err: fmt.Errorf("cannot write the report: %w", err)}
	}
	return nil
}
