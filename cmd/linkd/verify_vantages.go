package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/examine"
	"linkd/internal/probe"
	"linkd/internal/reconcile"
	"linkd/internal/survey"
	"linkd/internal/verify"
)

// The words of --from.
const (
	fromLocal      = string(desired.LocalVantage)
	fromAgent      = string(desired.AgentVantage)
	fromRunCommand = "run-command"
)

var vantageWords = []string{fromLocal, fromAgent, fromRunCommand}

// named tells whether --from names a vantage.
func (v *verifying) named(word string) bool { return slices.Contains(v.from.values, word) }

// uses tells whether a vantage is to be used: all are when --from names none.
func (v *verifying) uses(word string) bool {
	return (len(v.from.values) == 0 || v.named(word)) && (word != fromRunCommand || !v.noRunCommand)
}

// vantagesFit refuses a --from that the other flags contradict.
func (v *verifying) vantagesFit() error {
	var clash string
	switch {
	case len(v.from.values) == 0:
		return nil
	case v.noPing:
		clash = "--no-ping sends nothing"
	case v.before:
		clash = "--pre sends nothing"
	case v.named(fromRunCommand) && v.noRunCommand:
		clash = "--no-run-command leaves run-command out"
	default:
		return nil
	}
	return &verdict{code: exitUsage, err: fmt.Errorf("cannot send echoes from %s: %s", v.from, clash), hint: "give one of the two flags"}
}

// sendFrom adds the vantages in the order in which they are asked: what a running
// linkd has of late costs nothing, this host answers in seconds, and a command on
// a machine takes the longest. What is not of late in all of it comes last.
func (p *program) sendFrom(options *examine.Options, v *verifying, engine *reconcile.Engine, status *control.Status) error {
	var aged []examine.Vantage
	for _, kind := range []desired.VantageKind{desired.AgentVantage, desired.LocalVantage} {
		if status == nil || !v.uses(string(kind)) || kind == desired.LocalVantage && v.named(fromLocal) {
			continue // whoever names local wants this host's own echoes
		}
		now := time.Now()
		told := probedBy(status, kind, now)
		options.Vantages, aged = append(options.Vantages, told.whole(now)), append(aged, told.aged(now))
	}
	if v.uses(fromLocal) {
		here, err := p.here(engine.File, v.named(fromLocal))
		if err != nil {
			return err
		}
		if here != nil {
			options.Vantages, options.Outside = append(options.Vantages, *here), here.Outside()
		}
	}
	if v.uses(fromRunCommand) {
		options.Vantages = append(options.Vantages, commanded(engine.Clouds))
	}
	options.Vantages = append(options.Vantages, aged...)
	return nil
}

// here is the vantage of this host, or nil when it is none. On real networks the
// host is the machine whose address it has, and outside of all it sends only
// when that is asked for by name: few hosts have a way to the machines. In a
// simulated network it is the machine that the file says, and nothing stands
// outside.
func (p *program) here(file *desired.File, named bool) (*examine.Local, error) {
	local := &examine.Local{Timeout: file.Probes.Wait(), Open: openWire}
	if p.simulator == "" {
		addresses, err := hostAddresses()
		if err != nil && named {
			return nil, &verdict{code: exitUnchecked, err: fmt.Errorf("cannot send echoes from local: %w", err)}
		}
		if local.At = examine.Standing(file, addresses); local.Outside() && !named {
			return nil, nil //nolint:nilnil // nobody has asked for echoes from outside
		}
		return local, nil
	}
	at := file.TargetNamed(file.Probes.Local)
	switch {
	case at == nil && named:
		return nil, &verdict{
			code: exitUsage, err: errors.New("cannot send echoes from local: nothing stands outside of the machines of a simulated network"),
			hint: "name the machine that linkd is to stand on in the file, as probes.local",
		}
	case at == nil:
		return nil, nil //nolint:nilnil // nothing stands outside
	}
	local.At = *at
	local.Open = func() (probe.Wire, error) { return p.simulatedWire(local.At) }
	return local, nil
}

// hostAddresses are the addresses of this host.
func hostAddresses() ([]netip.Addr, error) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("cannot read the addresses of this host: %w", err)
	}
	var addresses []netip.Addr
	for _, address := range all {
		if prefix, err := netip.ParsePrefix(address.String()); err == nil {
			addresses = append(addresses, prefix.Addr().Unmap())
		}
	}
	return addresses, nil
}

// commanded is the vantage of machines on which a cloud runs commands, with
// nothing installed.
func commanded(both []reconcile.Cloud) examine.RunCommand {
	var by examine.RunCommand
	for _, cloud := range both {
		runner, runs := cloud.(survey.Runner)
		switch {
		case !runs:
		case cloud.Name() == "azure":
			by.Azure = runner
		default:
			by.AWS = runner
		}
	}
	return by
}

// sent refuses to judge without a single echo when --from has named vantages:
// whoever names them does not want the pings skipped.
func (v *verifying) sent(file *desired.File, pings []verify.Ping, daemon bool) error {
	some := slices.ContainsFunc(pings, func(p verify.Ping) bool { return p.Vantage != "" })
	if len(v.from.values) == 0 || len(file.Probes.Targets) == 0 || some {
		return nil
	}
	var why []string
	for _, word := range v.from.values {
		switch {
		case word == fromRunCommand:
			why = append(why, "the file names no machine by an id")
		case word == fromAgent && !daemon:
			why = append(why, "no linkd that has agents answers here")
		case word == fromAgent:
			why = append(why, "the linkd that runs has no result of an agent of the last two minutes")
		default:
			why = append(why, "this host sends to no machine of the other cloud")
		}
	}
	return &verdict{
		code: exitUnchecked, err: fmt.Errorf("cannot send echoes from %s: %s", v.from, strings.Join(why, ", and ")),
		hint: "name another vantage with --from, or send nothing with --no-ping",
	}
}
