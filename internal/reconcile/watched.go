package reconcile

import (
	"slices"

	"linkd/internal/resource"
)

// awaitWatched says of what comes by itself, such as the status of a tunnel,
// that it is waited for: it follows from the steps that write or run, or from
// what an earlier run wrote. What follows from a difference that is held is
// held with it: nobody makes it come.
func (p *Plan) awaitWatched(g *Graph) {
	var moving, held []resource.ID
	for _, step := range p.Steps {
		switch {
		case g.resources[step.ID].Kind().Given:
		case step.Verb.Writes() || step.Verb == Await:
			moving = append(moving, step.ID)
		default:
			held = append(held, step.ID)
		}
	}
	follows, stays := g.downstream(moving), g.downstream(held)
	for i, step := range p.Steps {
		kind := g.resources[step.ID].Kind()
		byItself := kind.Given && kind.Takes.Create.Typical > 0 && (follows[step.ID] || slices.ContainsFunc(step.Drifts, comes))
		if step.Verb == Hold && byItself && (follows[step.ID] || !stays[step.ID]) {
			p.Steps[i].Verb = Await
			p.Steps[i].Takes = kind.Takes.Create.Typical
		}
	}
}

// comes reports whether a drift of what is only watched must go by itself:
// what is missing comes, but what nobody declared may be somebody's and stay.
func comes(d Decided) bool { return d.Class != resource.Extra }
