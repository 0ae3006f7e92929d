package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"linkd/internal/control"
	"linkd/internal/failure"
	"linkd/internal/resource"
	"linkd/internal/verify"
)

func (p *program) statusCommand() *cobra.Command {
	a, address := &asking{}, ""
	command := &cobra.Command{
		Use: "status", Short: "Ask the running linkd how it stands", Args: cobra.NoArgs,
		Long: "Ask the running linkd how it stands: by its control socket, or by --address over HTTP.\n\n" +
			"The exit code is 0 when all is as desired, 1 when something differs or is being repaired,\n" +
			"and 2 when linkd cannot be asked or could not see everything.",
	}
	a.flags(command)
	command.Flags().StringVar(&address, "address", "", "ask over HTTP, at the address of linkd run --listen: http://127.0.0.1:9717")
	output := outputFlag(command, "text", "json")
	command.RunE = func(command *cobra.Command, _ []string) error {
		client := control.AtAddress(address)
		if address == "" {
			var err error
			if client, err = p.client(command.Context(), a); err != nil {
				return err
			}
		}
		status, err := client.Status(command.Context())
		if err != nil && address != "" {
			return &verdict{code: exitUnchecked, err: err, hint: "is it what linkd run --listen says? one behind a web configuration answers its users only: ask by its socket"}
		}
		if err != nil {
			return asked(err)
		}
		if err := p.show(output.value, status, func(w io.Writer) { statusText(w, status, time.Now()) }); err != nil {
			return err
		}
		return judgedStatus(status)
	}
	return command
}

// show writes a result as text or as JSON.
func (p *program) show(output string, value any, text func(io.Writer)) error {
	if output == "json" {
		encoder := json.NewEncoder(p.out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(value)
	}
	var said strings.Builder
	text(&said)
	_, err := io.WriteString(p.out, said.String())
	return err
}

// judgedStatus turns how linkd stands into the exit code.
func judgedStatus(status control.Status) error {
	switch status.Verdict {
	case control.AsDesired:
		return nil
	case control.Starting, control.Unknown:
		return &verdict{code: exitUnchecked}
	}
	return &verdict{code: exitFinding}
}

// statusText writes how linkd stands as a person reads it.
func statusText(w io.Writer, s control.Status, now time.Time) {
	line := liner(w)
	line("%s: %d of %d resources as desired", s.Verdict, s.AsDesired, s.Resources)
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(cells ...string) {
		for i := range cells {
			cells[i] = oneLine(cells[i])
		}
		for len(cells) > 0 && cells[len(cells)-1] == "" { // a cell of nothing leaves spaces behind
			cells = cells[:len(cells)-1]
		}
		_, _ = fmt.Fprintln(columns, "  "+strings.Join(cells, "\t"))
	}
	for _, pair := range s.Pairs {
		row("tunnel "+pair.Tunnel, "azure "+pair.Azure, "aws "+pair.AWS, keyText(pair, now))
	}
	for _, look := range s.Looks {
		row(look.Name, lookText(look, now))
	}
	for _, cells := range probeCells(s.Probes, now) {
		row(cells...)
	}
	row("file", fileText(s, now))
	_ = columns.Flush()
	for _, r := range s.Repairs {
		line("  repairing for %s: %s", age(r.Since, now), strings.Join(r.Resources, ", "))
	}
	rotationsText(w, s, now)
	drillsText(w, s, now)
	if s.AuditOnly {
		line("  only audits: nothing is ever written")
	}
	if s.Pause != nil {
		line("  paused by %s until %s: %s", s.Pause.By, s.Pause.Until.Format(time.RFC3339), s.Pause.Why)
	}
	if s.Refused != "" {
		line("  nothing is repaired: %s", s.Refused)
	}
	if !s.Journal.OK {
		line("  the journal cannot be written: %s", s.Journal.Problem)
	}
	for _, f := range s.Findings {
		line("  %s: %s, for %s: %s", f.Severity, findingLine(f), age(f.Since, now), f.Text)
	}
	if len(s.Drifts)+len(s.Strays) > 0 {
		line("")
	}
	driftsText(w, s, now)
}

// findingLine is a finding as verify and the record name it: code, place, and
// direction.
func findingLine(f control.Finding) string {
	return verify.Finding{
		Code: failure.Code(f.Code), ID: resource.ID(f.Resource), Ref: f.Ref, Direction: verify.Direction(f.Direction),
	}.Line()
}

// liner writes lines that what clouds and people said cannot break.
func liner(w io.Writer) func(format string, args ...any) {
	return func(format string, args ...any) { _, _ = fmt.Fprintln(w, oneLine(fmt.Sprintf(format, args...))) }
}

func lookText(look control.Look, now time.Time) string {
	text := "none yet"
	if !look.Last.IsZero() {
		text = fmt.Sprintf("%s, %s ago, in %s", look.Result, age(look.Last, now), time.Duration(look.Took*float64(time.Second)).Round(time.Millisecond))
	}
	if look.Running {
		text += "; one runs"
	}
	if look.Missed > 0 {
		text += fmt.Sprintf("; %d missed", look.Missed)
	}
	if !look.Next.IsZero() {
		text += "; next in " + age(now, look.Next)
	}
	return text
}

func fileText(s control.Status, now time.Time) string {
	text := fmt.Sprintf("%s, in force for %s", s.File, age(s.Config.Loaded, now))
	if !s.Config.OK {
		text += "; what is on the disk is refused: " + inOneLine(s.Config.Problem)
	}
	return text
}

// inOneLine joins the lines of a problem of a file, and their hints.
func inOneLine(problem string) string {
	var parts []string
	for part := range strings.Lines(problem) {
		parts = append(parts, strings.TrimSpace(part))
	}
	return strings.Join(parts, "; ")
}

// age is a span as a person says it.
func age(from, to time.Time) string {
	return max(to.Sub(from), 0).Round(time.Second).String()
}

// driftsText lists what stands, with since when, what it breaks and why it is
// left.
func driftsText(w io.Writer, s control.Status, now time.Time) {
	line := liner(w)
	for _, d := range s.Drifts {
		since := ""
		if !d.Since.IsZero() {
			since = ", for " + age(d.Since, now)
		}
		line("%s %s  %s (%s%s)", mark(d), d.Resource, d.Text, d.Key, since)
		if d.Breaks != "" {
			line("    breaks: %s", d.Breaks)
		}
		if d.Held != "" {
			line("    held (%s): %s", d.Held, cmp.Or(d.Because, d.Held))
		}
	}
	for _, stray := range s.Strays {
		line("! %s %s  %s", stray.Kind, stray.Ref, stray.Class)
	}
	if s.Pending != nil {
		line("")
		line("%s for approval: linkd approve %s", waits(s.Pending.Count), s.Pending.Digest)
		if s.Pending.ApprovedBy != "" {
			line("    approved by %s", s.Pending.ApprovedBy)
		}
	}
}

func waits(number int) string {
	if number == 1 {
		return "1 difference waits"
	}
	return fmt.Sprintf("%d differences wait", number)
}

// mark begins the line of a drift, by what is done about it.
func mark(d control.Drift) string {
	switch {
	case d.Decision == "approve":
		return "?"
	case d.Held != "":
		return "="
	}
	return "~"
}
