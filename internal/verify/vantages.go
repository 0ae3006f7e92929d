package verify

import (
	"cmp"
	"fmt"
	"strings"

	"linkd/internal/failure"
)

// Measured is what the echoes of one pair have shown, or why there were none.
type Measured struct {
	From     string  `json:"from"` // a machine, or "local": where linkd runs, outside of all
	To       string  `json:"to"`
	Vantage  string  `json:"vantage,omitempty"` // local, agent, run-command; absent: none could send
	Sent     int     `json:"sent"`
	Received int     `json:"received"`
	Mean     float64 `json:"mean_seconds"`  // round-trip time of those received
	MTU      int     `json:"mtu,omitempty"` // bytes of the largest packet that passes; absent: it was not found
	Problem  string  `json:"problem,omitempty"`
}

// measured lists what pings have shown, in their order.
func measured(pings []Ping) []Measured {
	var all []Measured
	for _, p := range pings {
		m := Measured{From: p.From, To: p.To, Vantage: p.Vantage, Sent: p.Sent, Received: p.Received, Mean: p.Mean.Seconds(), Problem: p.Err}
		if p.MTU != nil {
			m.MTU = p.MTU.Passes
		}
		all = append(all, m)
	}
	return all
}

// most is how many machines of a vantage are named in a line.
const most = 4

// by says by which vantages some of the pings were sent: ", by run-command", or
// when there are several ", by agent from vm-jpe, by run-command from ec2-a, ec2-b".
// It is "" when none was.
func by(pings []Ping, some func(Ping) bool) string {
	var vantages []string
	from := map[string][]string{}
	for _, p := range pings {
		if some(p) && p.Vantage != "" && p.Err == "" {
			vantages = union(vantages, []string{p.Vantage})
			from[p.Vantage] = union(from[p.Vantage], []string{p.From})
		}
	}
	var text strings.Builder
	for _, vantage := range vantages {
		text.WriteString(", by " + vantage)
		switch names := from[vantage]; {
		case len(vantages) == 1:
		case len(names) > most:
			fmt.Fprintf(&text, " from %d machines", len(names))
		default:
			text.WriteString(" from " + strings.Join(names, ", "))
		}
	}
	return text.String()
}

// pingFromOutside tells which machines do not answer echoes from where linkd
// runs, when that is none of the machines. How that host comes to the networks is
// not known, so that nothing is said of the link but what is known of it
// otherwise: no answer is a warning.
func pingFromOutside(e *Evidence) answer {
	a := answer{of: "machines", by: by(e.Pings, e.outside)}
	for _, p := range e.Pings {
		if !e.outside(p) {
			continue
		}
		if p.Err != "" || p.Sent == 0 {
			a.gaps = append(a.gaps, unsent(p, e.wayTokens(p.From, p.To)))
			continue
		}
		a.subjects++
		if !lossy(p) {
			continue
		}
		f := e.found(failure.PathLost, "", fmt.Sprintf("%s: %s from the host that linkd runs on were answered", p.To, ratio(p))).as(failure.Warning)
		f.Hint = "See whether that host has a way to the machine's network at all: its own routes and filters are not linkd's to read."
		f.Ref, f.subject, f.blind, f.near = e.refOf(p.To), wayName(p.From, p.To), true, e.nearWay(p.From, p.To)
		a.findings = append(a.findings, e.lost(f, p))
	}
	return a
}

// unsent is the gap of a pair of which no echo tells anything.
func unsent(p Ping, about tokens) Gap {
	return Gap{About: wayName(p.From, p.To), Why: "not checked: " + cmp.Or(p.Err, "nothing was sent"), Unasked: p.Vantage == "", about: about}
}
