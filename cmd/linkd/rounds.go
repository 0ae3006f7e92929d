package main

import (
	"context"
	"fmt"
	"sync"

	"linkd/internal/progress"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// rounds carries out a plan that was agreed to, and goes on by itself with what that has
// made possible of it. It returns what became of all, and the plan of the last walk.
func (p *program) rounds(ctx context.Context, c *change, engine *reconcile.Engine, plan reconcile.Plan, world resource.World, recorded *record) (reconcile.Report, reconcile.Plan, error) {
	var said voice
	ctx, release := stoppable(ctx, said.say)
	defer release()
	shown := plan
	report, err := p.walk(ctx, c, engine, plan, world, recorded, &said)
	for round := 2; c.builds && err == nil && round <= reconcile.MostRounds; round++ {
		next, world, goes := engine.Further(ctx, shown, plan, report)
		if !goes {
			break
		}
		fmt.Fprintf(p.err, "\nRound %d, of what waited for its turn and what follows:\n", round)
		plan = reached(engine, next, world)
		if err := plan.Text(p.err); err != nil {
			return report, plan, fmt.Errorf("cannot show the plan: %w", err)
		}
		var walked reconcile.Report
		walked, err = p.walk(ctx, c, engine, plan, world, recorded, &said)
		report = report.And(plan, walked)
	}
	if err == nil {
		err = context.Cause(ctx) // stopped between two rounds
	}
	return report, plan, err
}

// walk carries out one plan, with its progress shown and recorded.
func (p *program) walk(ctx context.Context, c *change, engine *reconcile.Engine, plan reconcile.Plan, world resource.World, recorded *record, said *voice) (reconcile.Report, error) {
	shown := p.follow(engine, plan)
	said.is(shown)
	recorded.walk(plan)
	show := engine.Listen
	engine.Listen = func(e reconcile.Event) {
		recorded.Listen(e)
		show(e)
	}
	report, err := c.apply(engine, ctx, plan, world)
	said.is(nil)
	shown.Stop()
	return report, err
}

// voice says a sentence beside the progress that is shown at the time. Between two rounds
// it says nothing: the command ends at once, and says why.
type voice struct {
	mu    sync.Mutex
	shown progress.Progress
}

func (v *voice) is(shown progress.Progress) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.shown = shown
}

func (v *voice) say(sentence string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.shown != nil {
		v.shown.Note(sentence)
	}
}
