package reconcile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Comparison is a world held against what its resources should be. It may be
// decided about again and again, in other circumstances.
type Comparison struct {
	World  resource.World
	Strays []resource.Stray
	graph  *Graph
	drifts [][]resource.Drift // of the resources of the graph, in its order
}

// Compare holds a world against what the resources of a graph should be. A panic
// in the comparison of one resource leaves that unseen.
func Compare(g *Graph, world resource.World, strays []resource.Stray) Comparison {
	c := Comparison{World: world, Strays: strays, graph: g, drifts: make([][]resource.Drift, len(g.order))}
	for i, id := range g.order {
		c.drifts[i] = diff(g.resources[id], world)
	}
	return c
}

// On is the comparison with what the resources of a graph should be.
func (c Comparison) On(g *Graph) Comparison {
	if c.graph == g {
		return c
	}
	return Compare(g, c.World, c.Strays)
}

// With is the comparison after news of some resources: they, and those that need
// or heed one of them, are compared anew.
func (c Comparison) With(news resource.World) Comparison {
	world := maps.Clone(c.World)
	maps.Copy(world, news)
	c.World, c.drifts = world, slices.Clone(c.drifts)
	for i, id := range c.graph.order {
		_, told := news[id]
		if told || slices.ContainsFunc(looksAt(c.graph.resources[id]), func(on resource.ID) bool { _, told := news[on]; return told }) {
			c.drifts[i] = diff(c.graph.resources[id], world)
		}
	}
	return c
}

// Drifts lists all that differs, in the order of the graph.
func (c Comparison) Drifts() []resource.Drift { return slices.Concat(c.drifts...) }

// Decide is [Comparison.Decide] of a world that was not compared yet.
func Decide(g *Graph, file *desired.File, world resource.World, strays []resource.Stray, at Circumstances) Plan {
	return Compare(g, world, strays).Decide(file, at)
}

// Decide turns what differs into a plan. It is pure: the same file, world and
// circumstances make the same plan. An approval that names the plan, by the
// digest of what waits for approval in it, becomes the consent under which it
// is decided again.
func (c Comparison) Decide(file *desired.File, at Circumstances) Plan {
	plan := c.decide(file, at)
	digest := plan.Digest()
	approval, approved := at.Approvals[digest]
	if digest == "" || !approved {
		return plan
	}
	waited := plan.Waiting()
	at.Consent.Approvals, at.Consent.LastPair = true, true
	at.Consent.Window = at.Consent.Window || approval.Now
	at.Consent.Of = map[Difference]bool{}
	for _, d := range waited {
		at.Consent.Of[DifferenceOf(d.Drift)] = true
	}
	plan = c.decide(file, at)
	plan.Approved, plan.ApprovedBy, plan.approved = digest, approval.By, waited
	return plan
}

// decide asks policy, circumstances and traffic about every drift, and makes
// steps of the answers.
func (c Comparison) decide(file *desired.File, at Circumstances) Plan {
	g, world := c.graph, c.World
	plan, sparing := Plan{Strays: c.Strays, at: at}, spared{}
	all := make([][]Decided, len(g.order))
	for i, id := range g.order {
		all[i] = await(g.resources[id], world, sparing.decide(g, g.resources[id], world, at.decide(file, c.drifts[i])))
	}
	guard{graph: g, file: file, world: world, at: at}.spareTraffic(all)
	g.spareUsed(world, all)
	for i, id := range g.order {
		if len(all[i]) == 0 {
			plan.AsDesired++
			continue
		}
		plan.Steps = append(plan.Steps, g.newStep(file, g.resources[id], world, all[i]))
	}
	plan.Meanwhile = plan.meanwhile(file, world)
	plan.awaitWatched(g)
	plan.keepApart(g)
	plan.Path, plan.Takes = plan.longestPath(g)
	plan.Refused = refusal(plan, file.Policy.Limits, len(g.order))
	plan.markRefused()
	return plan
}

// markRefused notes at each repair of a plan that is over the limits that it
// is held by them. The verbs stay: they show what the plan would do.
func (p *Plan) markRefused() {
	for i := range p.Steps {
		for j := range p.Steps[i].Drifts {
			if d := &p.Steps[i].Drifts[j]; p.Refused != "" && d.Action == desired.Repair {
				d.Held, d.Because = HeldLimits, p.Refused
			}
		}
	}
}

// keepApart holds the steps whose walk would come to a resource that another
// repair, under way, may write.
func (p *Plan) keepApart(g *Graph) {
	if len(p.at.InFlight) == 0 {
		return
	}
	for i, step := range p.Steps {
		if step.Verb == Hold || step.Verb == Unclear {
			continue
		}
		for id := range g.downstream([]resource.ID{step.ID}) {
			if p.at.InFlight[id] && !g.resources[id].Kind().Given {
				p.Steps[i].hold(HeldInFlight, fmt.Sprintf("a repair of %s is under way", id))
				break
			}
		}
	}
}

// hold leaves a whole step as it is.
func (s *Step) hold(reason HoldReason, because string) {
	s.Verb, s.Effect, s.Takes = Hold, resource.NoInterruption, 0
	for i := range s.Drifts {
		if s.Drifts[i].Action == desired.Repair {
			s.Drifts[i].hold(reason, because)
		}
	}
}

// Digest names what waits for approval in the plan, with its values, for an
// approval to be bound to; "" when nothing does. No secret is part of it,
// only that one differs.
func (p Plan) Digest() string { return digestOf(p.Waiting()) }

// ApprovedRest names what was approved and is not begun yet, as Digest will
// once the rest of it is mended, and lists it; "" when nothing is left.
func (p Plan) ApprovedRest(begun map[Difference]bool) (digest string, rest []Difference) {
	left := slices.DeleteFunc(slices.Clone(p.approved), func(d Decided) bool { return begun[DifferenceOf(d.Drift)] })
	return digestOf(left), DifferencesOf(left)
}

func digestOf(waiting []Decided) string {
	sum := sha256.New()
	for _, d := range waiting {
		_, _ = fmt.Fprintf(sum, "%s %s %s %s %q %q %s\n", d.ID, d.Key(), d.Member, d.Held, []string(d.Want), []string(d.Have), d.Effect)
	}
	if len(waiting) == 0 {
		return ""
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// Waiting lists what waits for a person's approval.
func (p Plan) Waiting() []Decided {
	var waiting []Decided
	for _, step := range p.Steps {
		for _, d := range step.Drifts {
			if d.Action == desired.Approve {
				waiting = append(waiting, d)
			}
		}
	}
	return waiting
}
