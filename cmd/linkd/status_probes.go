package main

import (
	"fmt"
	"time"

	"linkd/internal/control"
)

// probeCells are the lines about probes: how many pairs answer, and each pair and
// agent that is not well.
func probeCells(p *control.Probes, now time.Time) [][]string {
	if p == nil {
		return nil
	}
	answer, away := 0, map[string]bool{}
	var more [][]string
	for _, a := range p.Agents {
		if !a.Connected {
			away[a.Name] = true
			more = append(more, []string{"agent " + a.Name, "not connected" + ago(a.Since, now), withHint(a.Why, a.Hint)})
			continue
		}
		if a.Trouble != "" {
			more = append(more, []string{"agent " + a.Name, "cannot send", a.Trouble})
		}
		if clock := clockText(a); clock != "" {
			more = append(more, []string{"agent " + a.Name, clock, "results are not touched by it, certificates are; hint: set the clock that is wrong by NTP: date -u here and on " + a.Name})
		}
		if left := a.CertificateUntil.Sub(now); !a.CertificateUntil.IsZero() && left < soonEnded {
			more = append(more, []string{"agent " + a.Name, "its certificate ends in " + age(now, a.CertificateUntil), "hint: put a new one in place there, by linkd agent certificate for " + a.Name + " --force"})
		}
	}
	if p.LocalProblem != "" {
		away[p.Local] = true
		more = append(more, []string{"probes of linkd itself", "cannot be sent", p.LocalProblem})
	}
	if p.ListeningProblem != "" {
		more = append(more, []string{"agents", "cannot dial in", p.ListeningProblem})
	}
	for _, one := range p.Pairs {
		switch {
		case one.State == "answers" && one.Loss == 0:
			answer++
		case one.State == "unknown" && away[one.From]: // told by the line of the vantage
		default:
			more = append(more, []string{"probe " + one.From + " → " + one.To, probeText(one, now), one.Lately.Text + one.Why})
		}
	}
	return append([][]string{{"probes", fmt.Sprintf("%d of %d pairs answer without loss", answer, len(p.Pairs))}}, more...)
}

const (
	wrongClock = 5 * time.Second     // by which two clocks differ that NTP does not keep, as in the alerts
	soonEnded  = 14 * 24 * time.Hour // as in the alerts
)

// clockText says how far an agent's clock and this one are apart, or is "".
func clockText(a control.Agent) string {
	ahead := time.Duration(a.ClockAhead * float64(time.Second))
	switch {
	case ahead > wrongClock:
		return "its clock is " + ahead.Round(time.Second).String() + " ahead"
	case ahead < -wrongClock:
		return "its clock is " + (-ahead).Round(time.Second).String() + " behind"
	}
	return ""
}

// withHint adds what to do to a reason, where that is known.
func withHint(why, hint string) string {
	if hint == "" {
		return why
	}
	return why + "; hint: " + hint
}

func probeText(p control.Probe, now time.Time) string {
	switch p.State {
	case "lost":
		return "no answer" + ago(p.Since, now)
	case "answers":
		return fmt.Sprintf("%.0f%% lost", 100*p.Loss)
	}
	return p.State
}

func ago(since, now time.Time) string {
	if since.IsZero() {
		return ""
	}
	return " for " + age(since, now)
}
