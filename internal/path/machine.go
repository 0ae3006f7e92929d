package path

import (
	"cmp"
	"slices"

	"linkd/internal/failure"
	"linkd/internal/survey"
)

// leave is the machine that sends the packet. Of a network there is none.
func (w *walk) leave() bool { return w.from.target == nil || w.alive(w.from) }

// arrive ends the way at the machine, behind the filters of its network.
func (w *walk) arrive() {
	if w.to.target != nil && w.filterIn() {
		w.alive(w.to)
	}
}

// alive judges a machine: that it has the address, and that it runs.
func (w *walk) alive(at *end) bool {
	machine := at.machine
	here := place{Machine, "", machine.Ref}
	call := callInstance
	if at.network.vnet {
		call = callMachine
	}
	facts := []Evidence{{Call: call, Field: "power state", Value: string(machine.Power), At: machine.At}}
	switch why := w.seen(machine.Seen); {
	case why != "":
		return w.unknown(here, nil, "%s: %s", at.name, why)
	case len(machine.Addresses) > 0 && !slices.Contains(machine.Addresses, at.address):
		facts[0].Field, facts[0].Value = "addresses", machine.Addresses[0].String()
		return w.block(here, failure.TargetDown, facts, "%s has the address %s, and not %s", at.name, machine.Addresses[0], at.address)
	case machine.Power == survey.Stopped:
		return w.block(here, failure.TargetDown, facts, "%s does not run", at.name)
	case machine.Power == survey.PowerUnsaid:
		return w.unknown(here, facts, "%s: %s", at.name, cmp.Or(machine.PowerWhy, "the cloud does not say whether it runs"))
	case machine.Health == survey.Impaired:
		return w.pass(here, facts, "%s runs as %s, but its cloud's own checks find it impaired", at.name, at.address)
	}
	return w.pass(here, facts, "%s runs as %s", at.name, at.address)
}

// sameSubnet tells whether both machines are known to stand in one subnet.
func (w *walk) sameSubnet() bool {
	return w.from.machine.Subnet != "" && w.from.machine.Subnet == w.to.machine.Subnet
}
