package verify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"linkd/internal/failure"
	"linkd/internal/path"
)

// Mark is how a check came out.
type Mark string

// The marks. Unknown is never well.
const (
	OK      Mark = "ok"
	Warned  Mark = "warning"
	Failed  Mark = "failed"
	Skipped Mark = "skipped" // a cause has failed already, or nobody asked for it
	Unknown Mark = "unknown" // it could not be seen
)

// Outcome is one line of the report.
type Outcome struct {
	Check    string    `json:"check"`
	Group    Group     `json:"group"`
	Mark     Mark      `json:"mark"`
	Says     string    `json:"says"`
	Findings []Finding `json:"findings,omitempty"` // roots; their consequences are in them
	Gaps     []Gap     `json:"gaps,omitempty"`
}

// Report is what verify tells.
type Report struct {
	At      time.Time `json:"at"`
	Verdict Verdict   `json:"verdict"`
	First   string    `json:"first"` // the verdict in a line
	// Source says who has judged when that was somebody else, in a sentence.
	Source string `json:"source,omitempty"`
	// Findings are the root causes, the worst first.
	Findings []Finding `json:"findings"`
	Outcomes []Outcome `json:"checks"`
	// Pings are what each pair of machines that was asked for has shown, and
	// from which vantage.
	Pings []Measured `json:"pings,omitempty"`
}

// Verdict is the whole in a word.
type Verdict string

// The verdicts.
const (
	Well        Verdict = "well"
	Degraded    Verdict = "degraded" // warnings
	Broken      Verdict = "broken"   // errors
	CannotCheck Verdict = "unknown"  // no error was found, and something could not be seen
)

// Run judges the evidence: of a link that is to move to another hub, as it stands.
func Run(e *Evidence, selection Selection) Report {
	standing := *e
	standing.File = e.File.Standing(e.World)
	e = &standing
	report := Report{At: e.At, Pings: measured(e.Pings)}
	skipped := func(f Finding) bool { return selection.skips(f.Code) }
	down := e.takenDown()
	modelled := slices.DeleteFunc(e.modelled(), skipped)
	var all []Finding
	var answers []answer
	var checks []Check
	for _, check := range Checks() {
		if !selection.takes(check) || check.Outside && !slices.ContainsFunc(e.Pings, e.outside) || check.Peered && len(e.File.AWS.Peerings) == 0 || check.Sourced && !keysElsewhere(e.File) {
			continue
		}
		a := answer{}
		if why := e.without(check); why == "" {
			a = check.run(e)
			a.findings = slices.DeleteFunc(a.findings, skipped)
			if !check.Packets {
				a.findings, modelled = take(a.findings, modelled, check)
			}
		}
		for i := range a.findings {
			a.findings[i] = selection.weighed(e.spared(e.combined(a.findings[i]), down))
			a.findings[i].check = check.Name
			all = append(all, a.findings[i])
		}
		checks, answers = append(checks, check), append(answers, a)
	}
	roots := arrange(all)
	for i, check := range checks {
		report.Outcomes = append(report.Outcomes, e.outcome(check, answers[i], all, roots))
	}
	report.Findings = roots
	report.Verdict = verdict(report.Outcomes, roots)
	report.First = e.first(report)
	return report
}

// without says why a check cannot be made by this evidence, or "".
func (e *Evidence) without(c Check) string {
	switch {
	case c.Packets && e.PingsOff:
		return "no packets were to be sent"
	case c.Packets && len(e.File.Probes.Targets) == 0:
		return "the file names no machines to send them between (probes.targets)"
	case c.Packets && len(e.Pings) == 0:
		return "no packets were sent"
	case c.Counts && e.Usage == nil:
		return "nobody has counted what stands"
	case c.Surveys && e.Survey == nil:
		return "nobody has looked along the paths"
	}
	return ""
}

// take moves the model's findings that a check may find to those of the check.
// What is left belongs to the model's own.
func take(found, modelled []Finding, check Check) ([]Finding, []Finding) {
	var rest []Finding
	for _, f := range modelled {
		if slices.Contains(check.Codes, f.Code) || check.Group == Paths {
			found = join(found, f)
		} else {
			rest = append(rest, f)
		}
	}
	return found, rest
}

// combined weighs the model against packets: where the packets of all ways
// that it is said to block pass, the failure is latent.
func (e *Evidence) combined(f Finding) Finding {
	passes := 0
	for _, p := range e.Pings {
		if p.Err != "" || p.Sent == 0 || !slices.Contains(f.Ways, wayName(p.From, p.To)) {
			continue
		}
		if lossy(p) {
			return f
		}
		passes++
	}
	if passes > 0 && f.Hop != "" && f.Hop != path.Machine && f.Code != failure.MTUBlackhole {
		f.Latent = true
		f.Says += "; packets still pass"
		f.Severity = failure.Warning
	}
	return f
}

// outcome makes the line of a check.
func (e *Evidence) outcome(c Check, a answer, all, roots []Finding) Outcome {
	o := Outcome{Check: c.Name, Group: c.Group, Mark: OK, Says: c.Says}
	if why := e.without(c); why != "" {
		o.Mark, o.Says = Skipped, c.Says+": not checked, "+why
		if c.Surveys || c.Counts || c.Packets && !e.PingsOff {
			o.Mark, o.Gaps = Unknown, []Gap{{About: c.Name, Why: why, Unasked: true}}
		}
		return o
	}
	effects := 0
	for _, f := range a.findings {
		root, is := rootOf(roots, f)
		if is {
			if !slices.ContainsFunc(o.Findings, func(g Finding) bool { return g.Code == root.Code && g.At() == root.At() }) {
				o.Findings = append(o.Findings, root)
			}
			o.Mark = worse(o.Mark, markOf(root))
		} else {
			effects++
		}
	}
	for _, gap := range a.gaps {
		if cause, explained := explains(all, gap); explained {
			effects++
			gap.Why += " (" + cause.Line() + ")"
			continue
		}
		o.Gaps = append(o.Gaps, gap)
		o.Mark = worse(o.Mark, Unknown)
	}
	switch {
	case a.told != "" && (o.Mark == OK || o.Mark == Unknown):
		if o.Says = c.Says + ": " + a.told + a.by; o.Mark == OK {
			o.Mark = Skipped
		}
	case o.Mark == OK && effects > 0:
		o.Mark, o.Says = Skipped, c.Says+": not so, by what is told above"
	case a.subjects > 0 && (o.Mark == OK || o.Mark == Unknown && a.by != ""):
		o.Says += " (" + counted(a.subjects, a.of) + a.by + ")"
	case o.Mark == OK:
		o.Says += " (there is none to look at)"
		if len(all) > 0 && slices.ContainsFunc(all, func(f Finding) bool { return f.Code == failure.NotBuilt }) {
			o.Mark = Skipped
		}
	}
	return o
}

// counted is a number of things: "1 tunnel", "2 tunnels".
func counted(count int, of string) string {
	if count == 1 {
		of = strings.TrimSuffix(of, "s")
		if of == "addresse" {
			of = "address"
		}
	}
	return fmt.Sprintf("%d %s", count, of)
}

func markOf(f Finding) Mark {
	switch {
	case f.Code == failure.ObservationGap:
		return Unknown
	case f.Severity == failure.Error:
		return Failed
	case f.Severity == failure.Warning:
		return Warned
	}
	return OK
}

// worse is the worse of two marks.
func worse(a, b Mark) Mark {
	rank := map[Mark]int{Failed: 3, Unknown: 2, Warned: 1}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// explains finds what makes a gap no news: what it needs is not there, or has
// failed.
func explains(all []Finding, gap Gap) (Finding, bool) {
	row, _ := failure.Of(failure.ObservationGap)
	for _, cause := range row.Causes {
		for _, f := range all {
			if f.Code == cause.On && meet(gap.about, f.about, cause.At) {
				return f, true
			}
		}
	}
	for _, f := range all { // a way that is blocked needs no packets to say so
		if len(f.Ways) > 0 && meet(gap.about, f.about, failure.Way) || f.Code == failure.TargetDown && meet(gap.about, f.about, failure.Machine) {
			return f, true
		}
	}
	return Finding{}, false
}

// verdict is the whole in a word.
func verdict(outcomes []Outcome, roots []Finding) Verdict {
	worst := Well
	for _, o := range outcomes {
		for _, gap := range o.Gaps {
			if !gap.Unasked {
				worst = CannotCheck
			}
		}
	}
	for _, f := range roots {
		switch {
		case f.Code == failure.ObservationGap:
			worst = CannotCheck
		case f.Severity == failure.Error:
			return Broken
		}
	}
	if worst == Well && slices.ContainsFunc(roots, func(f Finding) bool { return f.Severity == failure.Warning }) {
		return Degraded
	}
	return worst
}
