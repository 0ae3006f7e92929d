package main

import (
	"time"

	"linkd/internal/path"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// reached fills in which pairs of networks start or stop working by a plan. It
// judges what the audit has seen and asks no cloud.
func reached(engine *reconcile.Engine, plan reconcile.Plan, world resource.World) reconcile.Plan {
	if len(plan.Writes()) == 0 || plan.Refused != "" {
		return plan
	}
	now := time.Now()
	after := path.Settle(engine.File, world, reconcile.After(engine.Graph, engine.File, world, plan), now)
	changes, all := path.Compare(path.New(engine.File, world, survey.Survey{}, now), path.New(engine.File, after, survey.Survey{}, now))
	plan.Pairs = all
	for _, c := range changes {
		plan.Reach = append(plan.Reach, reconcile.Reach{From: c.From, To: c.To, Before: string(c.Before), After: string(c.After)})
	}
	return plan
}
