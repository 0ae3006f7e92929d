package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// showReport writes what became of a plan as the result.
func (p *program) showReport(report reconcile.Report, plan reconcile.Plan, c *change) error {
	var err error
	if c.output.value == "json" {
		err = report.JSON(p.out)
	} else {
		_, err = io.WriteString(p.out, reportText(report, plan, c.ended))
	}
	if err != nil {
		return &verdict{code: exitUnchecked, err: fmt.Errorf("cannot write the report: %w", err)}
	}
	return nil
}

// reportText says what failed and what to do about it, what was skipped and
// why, what is held, what differs still, and counts.
func reportText(report reconcile.Report, plan reconcile.Plan, ended string) string {
	var text strings.Builder
	told := map[resource.ID]bool{}
	tell := func(glyph string, o reconcile.Outcome, what string) {
		told[o.ID] = true
		fmt.Fprintf(&text, "%s %s  %s\n", glyph, o.ID, what)
	}
	for _, o := range report.Failures() {
		tell("✗", o, o.Text)
		if hint := resource.HintOf(o.Err); hint != "" {
			fmt.Fprintf(&text, "    hint: %s\n", hint)
		}
	}
	skips := report.Skips()
	stopped := slices.ContainsFunc(skips, func(o reconcile.Outcome) bool { return o.Err != nil })
	for _, o := range skips {
		if !stopped { // which is said once, and true of all of them
			tell("·", o, "skipped: "+o.Text)
		}
		told[o.ID] = true
	}
	for _, o := range report.Held() {
		tell("=", o, "held: "+o.Text)
	}
	held := map[resource.ID]bool{}
	for _, o := range report.Held() {
		held[o.ID] = true
	}
	for _, d := range report.Left {
		if !told[d.ID] {
			text.WriteString(leftLine(d))
			held[d.ID] = held[d.ID] || d.Class != resource.Unseen
		}
	}
	if text.Len() > 0 {
		text.WriteString("\n")
	}
	writes := 0
	for _, o := range report.Outcomes {
		writes += o.Wrote
	}
	well := len(report.Outcomes) - len(report.Failures()) - len(report.Skips()) - len(report.Held())
	fmt.Fprintf(&text, "%d %s, %d failed, %d skipped, %d held. %d writes in %s.\n",
		well, ended, len(report.Failures()), len(report.Skips()), count(held), writes, report.Took.Round(time.Second))
	if len(plan.Strays) > 0 {
		fmt.Fprintf(&text, "%d undeclared; linkd plan names them.\n", len(plan.Strays))
	}
	return text.String()
}

// count returns how many are marked.
func count(marked map[resource.ID]bool) int {
	total := 0
	for _, mark := range marked {
		if mark {
			total++
		}
	}
	return total
}

// leftLine says what differs still, though nothing was tried: policy holds it,
// or it cannot be read.
func leftLine(d reconcile.Decided) string {
	line := fmt.Sprintf("= %s  %s", d.ID, d.Key())
	if d.Member != "" {
		line += " of " + d.Member
	}
	if why := d.Reason(); why != "" {
		line += ": " + why
	}
	if d.Breaks != "" {
		line += "\n    breaks: " + d.Breaks
	}
	return line + "\n"
}
