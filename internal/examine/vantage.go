package examine

import (
	"context"
	"sync"
	"time"

	"linkd/internal/desired"
	"linkd/internal/probe"
	"linkd/internal/survey"
	"linkd/internal/verify"
)

// Vantage sends echoes from where it stands.
type Vantage interface {
	// Name is what it is called: local, run-command, agent.
	Name() string
	// From tells whether it can send from a machine, or from outside of all, which
	// is the target called [desired.LocalName] with nothing else.
	From(desired.Target) bool
	// Ping sends a burst from one machine to each of others, and looks for the
	// largest packet that passes when it is asked to. It returns a result for
	// each of them, in their order.
	Ping(ctx context.Context, from desired.Target, to []desired.Target, ask Ask) []probe.Result
}

// Ask says what is sent.
type Ask struct {
	Count int // echoes of a burst
	MTU   bool
	// Within is how long all of it may take.
	Within time.Duration
}

// The usual burst. A machine's own ping sends five in a second.
var usual = Ask{Count: 5, Within: 3 * time.Minute}

// pings has every machine send to those of the other side, and what is outside
// to all, all of them at once.
func pings(ctx context.Context, file *desired.File, options Options) []verify.Ping {
	var froms []desired.Target
	to := map[string][]desired.Target{}
	for _, pair := range ordered(file) {
		if to[pair[0].Name] == nil {
			froms = append(froms, pair[0])
		}
		to[pair[0].Name] = append(to[pair[0].Name], pair[1])
	}
	if options.Outside && len(file.Probes.Targets) > 0 && file.TargetNamed(desired.LocalName) == nil {
		froms, to[desired.LocalName] = append(froms, desired.Target{Name: desired.LocalName}), file.Probes.Targets
	}
	ask := usual
	ask.MTU = options.MTU
	results := make([][]verify.Ping, len(froms))
	var bursts sync.WaitGroup
	for i, from := range froms {
		bursts.Go(func() { results[i] = pingsFrom(ctx, from, to[from.Name], ask, options.Vantages) })
	}
	bursts.Wait()
	var all []verify.Ping
	for _, part := range results {
		all = append(all, part...)
	}
	return all
}

// pingsFrom sends from one machine to each of others by the first vantage that
// can: what one has no result of, the next is asked.
func pingsFrom(ctx context.Context, from desired.Target, to []desired.Target, ask Ask, vantages []Vantage) []verify.Ping {
	all := make([]verify.Ping, len(to))
	for i, target := range to {
		all[i] = verify.Ping{Result: probe.Result{From: from.Name, To: target.Name, At: time.Now(), Err: noVantage(from, vantages)}}
	}
	for _, vantage := range vantages {
		var left []desired.Target
		var places []int
		for i, target := range to {
			if all[i].Err != "" {
				left, places = append(left, target), append(places, i)
			}
		}
		if len(left) == 0 {
			break
		}
		if !vantage.From(from) {
			continue
		}
		for i, result := range vantage.Ping(ctx, from, left, ask) {
			if result.Err == "" || all[places[i]].Vantage == "" {
				all[places[i]] = verify.Ping{Result: result, Vantage: vantage.Name()}
			}
		}
	}
	return all
}

// RunCommand is the vantage of machines on which a cloud runs commands: with
// nothing of linkd's installed, it has their own ping send.
type RunCommand struct {
	// Runners are the clouds: of Azure, for machines of a VNet, and of AWS.
	Azure, AWS survey.Runner
}

// Name implements Vantage.
func (RunCommand) Name() string { return "run-command" }

// runner is the cloud that a machine is in; nil: it runs no commands there.
func (r RunCommand) runner(target desired.Target) survey.Runner {
	if target.VNet != "" {
		return r.Azure
	}
	return r.AWS
}

// From implements Vantage: a machine with an id, in a cloud that runs commands.
func (r RunCommand) From(target desired.Target) bool {
	return target.ID != "" && r.runner(target) != nil
}
