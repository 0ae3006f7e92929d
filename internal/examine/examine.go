// Package examine gathers the evidence for a judgement of a link: it signs in,
// sweeps both clouds, looks along the paths, asks the model of the paths, and
// has echoes sent. It only reads; the one thing that it has done is what a
// vantage needs to send echoes, which no cloud counts as a change of anything.
package examine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/survey"
	"linkd/internal/verify"
)

// Options say what is gathered beyond an audit.
type Options struct {
	// Surveyless leaves out the look along the paths, and with it the model.
	Surveyless bool
	// Vantages send the echoes; the first that reaches from a machine is
	// taken. None: no packets are sent.
	Vantages []Vantage
	// Outside has echoes sent to every machine from where linkd runs, too, which
	// is none of the machines.
	Outside bool
	// MTU has the largest packet searched for, too.
	MTU bool
	// PingsOff says that nobody wants packets to be sent, which is no gap.
	PingsOff bool
	// Tell is told what is being done, from one goroutine at a time; nil: nobody is.
	Tell func(string)
}

func (o Options) tell(what string) {
	if o.Tell != nil {
		o.Tell(what)
	}
}

// Gather makes the evidence of a file from its clouds.
func Gather(ctx context.Context, engine *reconcile.Engine, options Options) *verify.Evidence {
	e := &verify.Evidence{File: engine.File, Needs: needs(engine.Graph), PingsOff: options.PingsOff}
	options.tell("signing in")
	e.Access = access(ctx, engine.Clouds)
	options.tell("reading both clouds")
	var looks sync.WaitGroup
	var seen *survey.Survey
	if !options.Surveyless {
		looks.Go(func() { seen = Survey(ctx, engine.Clouds) })
	}
	plan, world := engine.Plan(ctx)
	looks.Wait()
	e.Sources = sources(engine.Clouds)
	Judge(e, plan.Drifts(), world, seen)
	e.Usage = usage(ctx, engine.Clouds, e)
	if len(options.Vantages) > 0 {
		options.tell("sending echoes")
		e.Pings = pings(ctx, engine.File, options)
		if slices.ContainsFunc(engine.File.Links, func(l desired.Link) bool { return len(l.Tunnels()) > 1 }) {
			e.Earlier, e.Later = world, reconcile.ObserveTunnels(ctx, engine.Clouds)
		}
	}
	e.At = time.Now()
	return e
}

// Judge fills in what an audit and a survey have seen, and what the model says
// of it; seen is nil when nobody has looked along the paths.
func Judge(e *verify.Evidence, drifts []resource.Drift, world resource.World, seen *survey.Survey) {
	e.At, e.Drifts, e.World, e.Survey = time.Now(), drifts, world, seen
	if seen != nil {
		e.Traces = traces(e)
	}
}

// needs are what each resource of a graph needs directly.
func needs(graph *reconcile.Graph) map[resource.ID][]resource.ID {
	all := map[resource.ID][]resource.ID{}
	for _, id := range graph.Order() {
		for _, need := range graph.Resource(id).Needs() {
			all[id] = append(all[id], need.On)
		}
	}
	return all
}

// access tries to sign in to each cloud, all at once.
func access(ctx context.Context, clouds []reconcile.Cloud) []verify.Access {
	all := make([]verify.Access, len(clouds))
	var checks sync.WaitGroup
	for i, cloud := range clouds {
		checks.Go(func() {
			all[i] = verify.Access{Cloud: cloud.Name()}
			if err := cloud.Check(ctx); err != nil {
				all[i].Problem, all[i].Hint = clause(err), resource.HintOf(err)
			}
		})
	}
	checks.Wait()
	return all
}

// usage asks each cloud that counts what stands, all at once, when the file wants
// more of what has a limit.
func usage(ctx context.Context, clouds []reconcile.Cloud, e *verify.Evidence) []survey.Usage {
	if !e.Adds() {
		return []survey.Usage{}
	}
	parts := make([][]survey.Usage, len(clouds))
	var counts []func()
	for i, cloud := range clouds {
		if counter, can := cloud.(survey.Counter); can {
			counts = append(counts, func() { parts[i] = counter.Usage(ctx) })
		}
	}
	survey.Together(counts...)
	return slices.Concat(parts...)
}

// sources asks who reads keys where they stand, after a look at the clouds.
func sources(clouds []reconcile.Cloud) []survey.KeySource {
	var all []survey.KeySource
	for _, cloud := range clouds {
		if holder, is := cloud.(survey.Keyholder); is {
			all = append(all, holder.KeySources()...)
		}
	}
	return all
}

// clause is an error as the rest of a sentence.
func clause(err error) string { return strings.TrimSuffix(err.Error(), ".") }

// withHint is an error as the rest of a sentence, and what to do about it.
func withHint(err error) string {
	if hint := resource.HintOf(err); hint != "" {
		return clause(err) + ": " + hint
	}
	return clause(err)
}

// Survey asks each cloud that can to look along the paths, all at once. It is
// nil when none can.
func Survey(ctx context.Context, clouds []reconcile.Cloud) *survey.Survey {
	parts := make([]survey.Survey, len(clouds))
	asked := false
	var looks sync.WaitGroup
	for i, cloud := range clouds {
		if look, can := cloud.(survey.Look); can {
			asked = true
			looks.Go(func() {
				defer func() {
					if cause := recover(); cause != nil { // what is not in the survey is unknown
						parts[i] = survey.Survey{Defect: survey.DefectOf(cause)}
					}
				}()
				parts[i] = look.Survey(ctx)
			})
		}
	}
	looks.Wait()
	if !asked {
		return nil
	}
	all := survey.Survey{}
	for _, part := range parts {
		all.Merge(part)
	}
	return &all
}

// ordered lists the pairs of machines between which the link must carry, both
// ways: each in Azure with each in AWS, and those in AWS that a peering joins. What
// the file does not mean to reach each other is not among them.
func ordered(file *desired.File) [][2]desired.Target {
	var there, back, over [][2]desired.Target
	for _, one := range file.Probes.Targets {
		for _, other := range file.Probes.Targets {
			switch {
			case file.Unjoined(one.VNet+one.VPC, other.VNet+other.VPC) != "":
			case one.VNet != "" && other.VPC != "":
				there = append(there, [2]desired.Target{one, other})
				back = append(back, [2]desired.Target{other, one})
			case file.Peered(one.VPC, other.VPC):
				over = append(over, [2]desired.Target{one, other})
			}
		}
	}
	return slices.Concat(there, back, over)
}

// noVantage says that none of some vantages sends from a machine.
func noVantage(from desired.Target, asked []Vantage) string {
	names := make([]string, len(asked))
	for i, vantage := range asked {
		names[i] = vantage.Name()
	}
	slices.Sort(names)
	return fmt.Sprintf("nothing sends from %s (asked: %s)", from.Name, strings.Join(slices.Compact(names), ", "))
}

// Findings judges what an audit has seen after an earlier one, and a survey
// unless that is nil, without asking a cloud.
func Findings(engine *reconcile.Engine, earlier resource.World, saw reconcile.Comparison, seen *survey.Survey) []verify.Finding {
	e := &verify.Evidence{File: engine.File, Needs: needs(engine.Graph), PingsOff: true, Earlier: earlier, Later: saw.World, Sources: sources(engine.Clouds)}
	Judge(e, saw.Drifts(), saw.World, seen)
	return verify.Run(e, verify.Selection{}).Findings
}
