package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"linkd/internal/desired"
	"linkd/internal/examine"
	"linkd/internal/probe"
	"linkd/internal/sim"
	"linkd/internal/sim/fabric"
	"linkd/internal/sim/failures"
	"linkd/internal/verify"
)

// shownFailures are what the demo breaks one after the other, by the names that
// the simulator has for them: one that the settings of one cloud show, one that a
// comparison of both shows, one that only packets show.
var shownFailures = []string{
	"a VPC propagates to no table",
	"Azure has another key for every tunnel",
	"large packets to AWS are lost without a word",
}

// settles is how long the clouds take to show what a failure has done, in their
// time: telemetry lags behind a tunnel by a minute or two.
const settles = 3 * time.Minute

// prove lets every machine ping those of the other side, breaks the link in
// several ways, and has verify name each.
func (d *demo) prove(ctx context.Context) error {
	d.act(ctx, "linkd verify: from the credentials to the packets")
	if err := d.mustBeWell(ctx); err != nil {
		return err
	}
	for _, name := range shownFailures {
		if err := d.mustName(ctx, name); err != nil {
			return err
		}
	}
	d.act(ctx, "All of it is taken back: linkd verify, again")
	return d.mustBeWell(ctx)
}

// mustName brings about a failure, which verify must name first, and takes it
// back.
func (d *demo) mustName(ctx context.Context, name string) error {
	all := failures.All()
	at := slices.IndexFunc(all, func(i failures.Injection) bool { return i.Name == name })
	if at < 0 {
		return failed("there is no failure called " + name)
	}
	d.act(ctx, "Behind linkd's back: "+name)
	injected, err := all[at].Inject(d.clouds)
	if err != nil {
		return unchecked(err)
	}
	d.letSettle(ctx)
	report := d.examine(ctx)
	if err := report.Worst(d.out); err != nil {
		return err
	}
	if len(report.Findings) == 0 || string(report.Findings[0].Code) != all[at].Code {
		return failed(fmt.Sprintf("verify should name %s first", all[at].Code))
	}
	if err := injected.Undo(); err != nil {
		return unchecked(err)
	}
	d.letSettle(ctx)
	return nil
}

// mustBeWell verifies a link that is well, and shows what its packets met.
func (d *demo) mustBeWell(ctx context.Context) error {
	report := d.examine(ctx)
	if err := report.Short(d.out); err != nil {
		return err
	}
	if len(report.Findings) > 0 {
		return failed("verify accuses what is healthy")
	}
	return nil
}

// examine gathers the evidence and judges it, with probes that cross the
// simulated network packet by packet, and shows what they met.
func (d *demo) examine(ctx context.Context) verify.Report {
	evidence := examine.Gather(ctx, d.engine, examine.Options{MTU: true, Vantages: []examine.Vantage{everywhere{d.clouds}}})
	fmt.Fprintf(d.out, "  %-18s %9s %9s %7s\n", "probes", "answered", "mean", "MTU")
	for _, ping := range evidence.Pings {
		mean, mtu := "-", "-"
		if ping.Received > 0 {
			mean = fmt.Sprintf("%.1f ms", float64(ping.Mean.Microseconds())/1000)
		}
		if ping.MTU != nil && ping.MTU.Passes > 0 {
			mtu = fmt.Sprint(ping.MTU.Passes)
		}
		fmt.Fprintf(d.out, "  %-18s %4d of %d %9s %7s\n", ping.From+" → "+ping.To, ping.Received, ping.Sent, mean, mtu)
	}
	return verify.Run(evidence, verify.Selection{})
}

// letSettle lets the clouds' time go on.
func (d *demo) letSettle(ctx context.Context) {
	wait(ctx, time.Duration(float64(settles)/d.engine.Scale))
}

// everywhere is a vantage on every machine of the simulated clouds.
type everywhere struct{ clouds *sim.Simulator }

// Name implements [examine.Vantage].
func (everywhere) Name() string { return "simulated" }

// From implements [examine.Vantage].
func (everywhere) From(target desired.Target) bool { return target.Address.IsValid() }

// Ping implements [examine.Vantage]: bursts of the probe engine, one target
// after the other.
func (e everywhere) Ping(ctx context.Context, from desired.Target, to []desired.Target, ask examine.Ask) []probe.Result {
	wire := probe.Carried(func(echo probe.Echo) ([]probe.Delivery, error) {
		fate := e.clouds.Carry(fabric.Packet{From: from.Address, To: echo.To, Size: echo.Size, DontFragment: echo.DontFragment, TTL: echo.TTL})[0]
		return carriedOf(fate).deliveries(echo)
	})
	defer wire.Close()
	var results []probe.Result
	for _, far := range to {
		target := probe.Target{Name: far.Name, Address: far.Address, Count: ask.Count, Interval: probe.MinInterval, Timeout: demoTimeout}
		result := probe.Burst(ctx, wire, from.Name, target)
		if ask.MTU && result.Received > 0 {
			if found, err := probe.SearchMTU(ctx, wire, target, 0); err == nil {
				result.MTU = &found
			}
		}
		results = append(results, result)
	}
	return results
}

// demoTimeout is how long the demo waits for an answer: no simulated way takes
// half as long.
const demoTimeout = 100 * time.Millisecond

// carriedOf is what the simulator says became of an echo.
func carriedOf(fate fabric.Fate) carried {
	c := carried{Answered: fate.Answered, RoundTrip: fate.RoundTrip, TTL: fate.TTL, Duplicates: fate.Duplicates}
	if e := fate.Error; e != nil {
		c.Error = &refused{Kind: e.Kind, MTU: e.MTU, By: e.By, Local: e.Local, After: e.After}
	}
	return c
}
