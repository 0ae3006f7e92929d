package reconcile

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Engine runs the line over a file's resources. Its fields are set once,
// before the first call.
type Engine struct {
	File    *desired.File
	Graph   *Graph
	Clouds  []Cloud
	Intents Intents
	// Listen is told what happens; nil: nobody is.
	Listen Listener
	// Scale is how many times faster than life the clouds run: 1 for real
	// ones. Waits and the expected durations are divided by it.
	Scale float64
	// At tells the circumstances of a decision; nil: those of an unattended
	// linkd of which nothing is known.
	At func() Circumstances

	locks *locks
	cuts  *cuts
}

// New gathers the resources of the clouds into a graph.
func New(file *desired.File, clouds []Cloud, intents Intents) (*Engine, error) {
	var resources []resource.Resource
	for _, cloud := range clouds {
		resources = append(resources, cloud.Resources()...)
	}
	graph, err := NewGraph(resources)
	if err != nil {
		return nil, err
	}
	return &Engine{File: file, Graph: graph, Clouds: clouds, Intents: intents, Scale: 1, Listen: func(Event) {}, locks: newLocks(), cuts: newCuts(intents)}, nil
}

// Succeed lets an engine remember what the one before it interrupted and made,
// of which the clouds may not tell yet.
func (e *Engine) Succeed(before *Engine) { e.cuts = before.cuts }

// Plan observes both clouds, compares them with the file and decides. It
// writes nothing. The world it returns is what Apply starts from.
func (e *Engine) Plan(ctx context.Context) (Plan, resource.World) {
	world, strays := Observe(ctx, e.Clouds)
	return e.Decide(world, strays), world
}

// Decide makes a plan of what was observed, in the circumstances of now.
func (e *Engine) Decide(world resource.World, strays []resource.Stray) Plan {
	return e.decide(world, strays, e.circumstances())
}

// circumstances are those of now.
func (e *Engine) circumstances() Circumstances {
	at := Circumstances{}
	if e.At != nil {
		at = e.At()
	}
	at.Now, at.Deleted = time.Now(), e.ToMakeAnew()
	return at
}

func (e *Engine) decide(world resource.World, strays []resource.Stray, at Circumstances) Plan {
	plan := Decide(e.Graph, e.File, world, strays, at)
	e.planRetires(&plan, at)
	return plan
}

// ToMakeAnew holds what this engine, or one before it, has deleted to make it
// anew, and has not seen standing since.
func (e *Engine) ToMakeAnew() map[resource.ID]bool { return e.cuts.toMakeAnew() }

// Check proves that each cloud that the plan writes to, or could not read, is
// the one that the file names, before the first write anywhere: half a link in
// the one cloud is of no use when the other is the wrong one. A part of a plan
// answers only for the accounts in which it may write: the rest is kept also while a
// role, a subscription or the other cloud is out of reach.
func (e *Engine) Check(ctx context.Context, plan Plan) error {
	for _, cloud := range e.Clouds {
		touches := slices.ContainsFunc(plan.All(), func(step Step) bool {
			return (step.Verb.Writes() || step.Verb == Unclear && !plan.part) && strings.HasPrefix(string(step.ID), cloud.Name()+"/")
		})
		if !touches {
			continue
		}
		var of []resource.ID
		if plan.part {
			of = slices.DeleteFunc(e.seenOf(plan), func(id resource.ID) bool { return !strings.HasPrefix(string(id), cloud.Name()+"/") })
		}
		if err := cloud.Check(ctx, of...); err != nil {
			return fmt.Errorf("cannot write to %s: %w", cloud.Name(), err)
		}
	}
	return nil
}

// seenOf lists what a walk of a plan may write. It writes nothing that cannot be read.
func (e *Engine) seenOf(plan Plan) []resource.ID {
	may := e.Writes(plan)
	for _, step := range plan.Steps {
		if step.Verb == Unclear {
			delete(may, step.ID)
		}
	}
	return slices.Sorted(maps.Keys(may))
}

// Apply walks the graph: each resource that the plan changes, and all that
// follows from it, starts the moment its last need has come, and is brought
// to what the file wants within policy. What fails stops only what needs it.
// Apply returns early, with what it has, when ctx ends; the clouds finish what
// they accepted and the next call finds it. It can be called again at any time.
func (e *Engine) Apply(ctx context.Context, plan Plan, world resource.World) (Report, error) {
	if plan.Refused != "" {
		return Report{}, fmt.Errorf("cannot apply the plan: %s", plan.Refused)
	}
	if err := e.Check(ctx, plan); err != nil {
		return Report{}, err
	}
	began := time.Now()
	touched := e.touched(plan)
	w := &walk{Engine: e, start: began, board: newBoard(world, touched, e.untouched(plan, touched)), at: plan.at, stopped: func() bool { return ctx.Err() != nil }}
	var nodes sync.WaitGroup
	for _, id := range e.Graph.Order() {
		if touched[id] {
			nodes.Go(func() { w.board.end(w.node(ctx, e.Graph.Resource(id))) })
		}
	}
	nodes.Wait()

	report := Report{Took: w.scaled(time.Since(began))}
	for _, id := range e.Graph.Order() {
		if outcome, ended := w.board.outcomes[id]; ended && touched[id] {
			report.Outcomes = append(report.Outcomes, outcome)
		}
	}
	report.Left = w.left()
	w.retire(ctx, plan, &report)
	return report, context.Cause(ctx)
}

// left is what differs when a walk has come to its end, and why it is left.
func (w *walk) left() []Decided {
	left := make([][]Decided, len(w.Graph.order))
	for i, id := range w.Graph.order {
		r := w.Graph.resources[id]
		decided := w.now().decide(w.File, diff(r, w.board.world))
		left[i] = await(r, w.board.world, w.Graph.spare(r, w.board.world, decided))
	}
	w.Graph.spareUsed(w.board.world, left)
	return slices.Concat(left...)
}

// touched holds the resources that the walk must look at: those that the plan
// writes or waits for, and everything downstream of them.
func (e *Engine) touched(plan Plan) map[resource.ID]bool {
	var roots []resource.ID
	for _, step := range plan.Steps {
		if step.Verb != Hold && step.Verb != Unclear {
			roots = append(roots, step.ID)
		}
	}
	return e.Graph.downstream(roots)
}

// untouched are the outcomes of what the walk leaves alone, for those who
// need it and find that it does not stand.
func (e *Engine) untouched(plan Plan, touched map[resource.ID]bool) map[resource.ID]Outcome {
	outcomes := map[resource.ID]Outcome{}
	for _, id := range e.Graph.Order() {
		if !touched[id] {
			outcomes[id] = Outcome{ID: id, What: Settled}
		}
	}
	for _, step := range plan.Steps {
		if touched[step.ID] {
			continue
		}
		d := step.Drifts[0]
		outcomes[step.ID] = Outcome{
			ID: step.ID, What: HeldBy, Text: d.Key() + ": " + d.Reason(), clause: clause(step, e.Graph.Resource(step.ID).Kind()),
		}
	}
	return outcomes
}
