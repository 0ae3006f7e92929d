package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/examine"
	"linkd/internal/failure"
	"linkd/internal/probe"
	"linkd/internal/resource"
	"linkd/internal/verify"
)

// running is what the linkd that runs on the file tells, or nil when none
// answers. One whose socket was named must.
func (p *program) running(ctx context.Context, a *asking) (*control.Status, error) {
	client, err := p.client(ctx, a)
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // none needs to run
	}
	status, err := client.Status(ctx)
	switch {
	case err == nil:
		return &status, nil
	case a.socket != "":
		return nil, asked(err)
	}
	return nil, nil //nolint:nilnil // none needs to run
}

// shutOut tells whether no cloud lets this user in.
func shutOut(access []verify.Access) bool {
	return len(access) > 0 && !slices.ContainsFunc(access, func(a verify.Access) bool { return a.Problem == "" })
}

// heard is the report of what the linkd that runs has found, of what was asked for.
func heard(file *desired.File, status *control.Status, selection verify.Selection, problem string) verify.Report {
	var all []verify.Heard
	for _, f := range status.Findings {
		all = append(all, verify.Heard{
			Code: failure.Code(f.Code), Severity: failure.Severity(f.Severity), ID: resource.ID(f.Resource), Ref: f.Ref,
			Link: f.Link, Direction: verify.Direction(f.Direction), Says: f.Text,
		})
	}
	gap := ""
	if status.Verdict == control.Unknown || status.Verdict == control.Starting {
		gap = "its own verdict is " + status.Verdict
	}
	at := status.Looks[0].Last
	source := fmt.Sprintf("No cloud lets this user in (%s): this is what the linkd that runs has found, at %s.", problem, at.UTC().Format(time.RFC3339))
	return verify.Hear(file, all, selection, source, gap, at)
}

// probed is a vantage of the linkd that runs: the last results of its own probes,
// or of its agents'.
type probed struct {
	kind  desired.VantageKind
	pairs map[[2]string]control.Probe
}

// recently is for how long the result of a probe counts.
const recently = 2 * time.Minute

// whole are those results that leave nothing to ask: the path MTU is of late,
// too. A search is rarer than a burst, and what has become of large packets since
// is just what a check must tell.
func (p probed) whole(now time.Time) probed {
	all := probed{p.kind, maps.Clone(p.pairs)}
	maps.DeleteFunc(all.pairs, func(_ [2]string, pair control.Probe) bool { return now.Sub(pair.MTUAt) > recently })
	return all
}

// aged drops the path MTUs that are not of late.
func (p probed) aged(now time.Time) probed {
	all := probed{p.kind, map[[2]string]control.Probe{}}
	for ends, pair := range p.pairs {
		if now.Sub(pair.MTUAt) > recently {
			pair.MTU = nil
		}
		all.pairs[ends] = pair
	}
	return all
}

// probedBy takes the results that count from a status, those of one kind of
// vantage.
func probedBy(status *control.Status, kind desired.VantageKind, now time.Time) probed {
	p := probed{kind, map[[2]string]control.Probe{}}
	if status.Probes == nil {
		return p
	}
	for _, pair := range status.Probes.Pairs {
		if pair.Vantage == string(kind) && pair.State != "unknown" && pair.Sent > 0 && now.Sub(pair.At) <= recently {
			p.pairs[[2]string{pair.From, pair.To}] = pair
		}
	}
	return p
}

// Name implements [examine.Vantage].
func (p probed) Name() string { return string(p.kind) }

// From implements [examine.Vantage]: there is a result from there.
func (p probed) From(target desired.Target) bool {
	for pair := range p.pairs {
		if pair[0] == target.Name {
			return true
		}
	}
	return false
}

// Ping implements [examine.Vantage]. It sends nothing.
func (p probed) Ping(_ context.Context, from desired.Target, to []desired.Target, _ examine.Ask) []probe.Result {
	results := make([]probe.Result, len(to))
	for i, target := range to {
		pair, known := p.pairs[[2]string{from.Name, target.Name}]
		if !known {
			results[i] = probe.Result{From: from.Name, To: target.Name, Err: "the linkd that runs has no result of late"}
			continue
		}
		results[i] = probe.Result{
			From: pair.From, To: pair.To, At: pair.At, Sent: pair.Sent, Received: pair.Received,
			Min: seconds(pair.Min), Mean: seconds(pair.Mean), Max: seconds(pair.Max), Jitter: seconds(pair.Jitter),
		}
		if m := pair.MTU; m != nil {
			results[i].MTU = &probe.MTU{Passes: m.Passes, SilentFrom: m.SilentFrom, SilentTo: m.SilentTo, Told: m.Told, By: m.By}
		}
	}
	return results
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
