package reconcile

import (
	"maps"
	"slices"

	"linkd/internal/resource"
)

// Split takes a plan apart into parts that write to different resources, so
// that each can be applied by itself, at once, and a slow one delays no other.
// What is held is in every part; what is waited for is in those that it
// concerns. A plan that writes nothing has no parts.
func (e *Engine) Split(plan Plan) []Plan {
	var parts []map[resource.ID]bool
	for _, step := range plan.Writes() {
		part := e.partOf(plan, step)
		parts = slices.DeleteFunc(parts, func(other map[resource.ID]bool) bool {
			joined := meet(part, other)
			if joined {
				maps.Copy(part, other)
			}
			return joined
		})
		parts = append(parts, part)
	}
	plans := make([]Plan, len(parts))
	for i, part := range parts {
		plans[i] = plan
		plans[i].part, plans[i].Retires = true, nil
		plans[i].Steps = slices.DeleteFunc(slices.Clone(plan.Steps), func(step Step) bool {
			return !part[step.ID] && step.Verb != Hold && step.Verb != Unclear && !e.follows(step, part)
		})
	}
	return plans
}

// partOf holds what a walk of one step may write: its resource, those that it
// waits for because an operation runs on them, and all that follow from any.
func (e *Engine) partOf(plan Plan, step Step) map[resource.ID]bool {
	part := e.written([]resource.ID{step.ID})
	for _, other := range plan.Steps {
		if other.Verb != Await || e.Graph.resources[other.ID].Kind().Given {
			continue
		}
		if waits := e.written([]resource.ID{other.ID}); meet(waits, part) {
			maps.Copy(part, waits)
		}
	}
	return part
}

// follows reports whether a step is of something watched that changes with a
// part.
func (e *Engine) follows(step Step, part map[resource.ID]bool) bool {
	return step.Verb == Await && e.Graph.downstream(slices.Collect(maps.Keys(part)))[step.ID]
}

// Writes holds the resources that a walk of the plan may write.
func (e *Engine) Writes(plan Plan) map[resource.ID]bool {
	var roots []resource.ID
	for _, step := range plan.Steps {
		if step.Verb != Hold && step.Verb != Unclear {
			roots = append(roots, step.ID)
		}
	}
	return e.written(roots)
}

// written holds some resources and all that follow from them, but for those
// that linkd never writes.
func (e *Engine) written(roots []resource.ID) map[resource.ID]bool {
	all := e.Graph.downstream(roots)
	maps.DeleteFunc(all, func(id resource.ID, _ bool) bool { return e.Graph.resources[id].Kind().Given })
	return all
}

func meet(a, b map[resource.ID]bool) bool {
	for id := range a {
		if b[id] {
			return true
		}
	}
	return false
}
