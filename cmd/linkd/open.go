package main

import (
	"context"
	"errors"
	"fmt"

	"linkd/internal/clouds"
	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// open makes the engine of a file, on the real clouds or on those that the
// clock is of. Only what writes needs intents.
func (p *program) open(ctx context.Context, file *desired.File, clock *clouds.Clock, intents reconcile.Intents, tell func(clouds.Call)) (*reconcile.Engine, error) {
	options := clouds.Options{Env: p.env, OnCall: tell}
	if clock != nil {
		options.Simulator, options.Scale = p.simulator, clock.Scale
	}
	both, err := clouds.Open(ctx, file, options)
	if err != nil {
		return nil, unchecked(err)
	}
	engine, err := reconcile.New(file, both, intents)
	if err != nil {
		return nil, &verdict{code: exitUsage, err: err}
	}
	if clock != nil {
		engine.Scale = clock.Scale
	}
	return engine, nil
}

// clock asks the simulator for its time, when there is one.
func (p *program) clock(ctx context.Context) (*clouds.Clock, error) {
	if p.simulator == "" {
		return nil, nil //nolint:nilnil // real clouds run at the speed of life
	}
	clock, err := clouds.AskClock(ctx, p.simulator)
	if err != nil {
		return nil, &verdict{code: exitUnchecked, err: err, hint: "start one with: linksim"}
	}
	return &clock, nil
}

// prove makes sure of the account of each cloud before anything that was read is
// believed: what is missing, or as desired, may be so elsewhere only.
func prove(ctx context.Context, engine *reconcile.Engine) error {
	var wrong []error
	for _, cloud := range engine.Clouds {
		if err := cloud.Check(ctx); err != nil {
			wrong = append(wrong, fmt.Errorf("cannot work with %s: %w", cloud.Name(), err))
		}
	}
	if len(wrong) > 0 {
		return unchecked(errors.Join(wrong...))
	}
	return nil
}

// unchecked is the verdict when a cloud cannot be asked.
func unchecked(err error) error {
	return &verdict{code: exitUnchecked, err: err, hint: resource.HintOf(err)}
}

// unclear reports whether a part of the plan is unknown.
func unclear(plan reconcile.Plan) bool {
	for _, step := range plan.Steps {
		if step.Verb == reconcile.Unclear {
			return true
		}
	}
	return false
}
