package reconcile

import (
	"slices"

	"linkd/internal/resource"
)

// Split takes a plan apart into parts that write to different resources, so
// that each can be applied by itself, at once, and a slow one delays no other.
// What is only waited for or held is in every part that it concerns. A plan
// that writes nothing has no parts.
func (e *Engine) Split(plan Plan) []Plan {
	var parts []map[resource.ID]bool
	for _, step := range plan.Writes() {
		part := e.Writes(Plan{Steps: []Step{step}})
		parts = slices.DeleteFunc(parts, func(other map[resource.ID]bool) bool {
			if !meet(part, other) {
				return false
			}
			for id := range other {
				part[id] = true
			}
			return true
		})
		parts = append(parts, part)
	}
	plans := make([]Plan, len(parts))
	for i, part := range parts {
		plans[i] = plan
		plans[i].Steps = e.stepsOf(plan, part)
	}
	return plans
}

// Writes holds the resources that a walk of the plan may write: those of its
// steps and all that follow from them.
func (e *Engine) Writes(plan Plan) map[resource.ID]bool {
	var roots []resource.ID
	for _, step := range plan.Writes() {
		roots = append(roots, step.ID)
	}
	writes := e.Graph.downstream(roots)
	for id := range writes {
		if e.Graph.resources[id].Kind().Given {
			delete(writes, id)
		}
	}
	return writes
}

// stepsOf lists the steps of a part: its own, those that are held, and what is
// waited for because of it.
func (e *Engine) stepsOf(plan Plan, part map[resource.ID]bool) []Step {
	var roots []resource.ID
	for id := range part {
		roots = append(roots, id)
	}
	follows := e.Graph.downstream(roots)
	return slices.DeleteFunc(slices.Clone(plan.Steps), func(step Step) bool {
		return !part[step.ID] && step.Verb != Hold && step.Verb != Unclear && !(step.Verb == Await && follows[step.ID])
	})
}

func meet(a, b map[resource.ID]bool) bool {
	for id := range a {
		if b[id] {
			return true
		}
	}
	return false
}
