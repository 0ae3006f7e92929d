// Package machine is the inside of a simulated machine, as far as somebody
// sees it who runs a shell script on it by his cloud's own means: the script's
// output, how it ended and how long it took. Its ping sends echoes through the
// fabric and prints what iputils prints.
package machine

import (
	"net/netip"
	"time"

	"linkd/internal/sim/fabric"
)

// Temper is what a machine is like inside. The zero Temper has a ping that
// speaks English.
type Temper struct {
	// Language of ping: "de" and "ja", unless the script asks for LC_ALL=C; with
	// "!" behind it, whatever the script asks for. Others are English.
	Language string `json:"language,omitempty"`
	NoPing   bool   `json:"no_ping,omitempty"` // iputils is not installed
	Hangs    bool   `json:"hangs,omitempty"`   // a script never ends
}

// Machine is a machine that runs a script.
type Machine struct {
	Address netip.Addr
	Temper
	Carry func(fabric.Packet) fabric.Fate
}

// Outcome is what a script left. One that hangs has no end: Hung is true, and
// the rest is what it had printed until then.
type Outcome struct {
	Stdout, Stderr string
	Code           int
	Took           time.Duration
	Hung           bool
}

// Run runs a shell script. Its lines are commands, also joined by ;, &&, ||
// and &, of a few kinds: ping, echo, export, true, false, exit, sleep, wait, set,
// command -v. What it does not know is not found, as in any shell.
func (m Machine) Run(script string) Outcome {
	s := shell{machine: m, env: map[string]string{}}
	if m.Hangs {
		return Outcome{Hung: true}
	}
	for _, c := range parse(script) {
		if s.done {
			break
		}
		s.step(c)
	}
	s.took = max(s.took, s.behind)
	return Outcome{Stdout: s.out.String(), Stderr: s.err.String(), Code: s.code, Took: s.took}
}
