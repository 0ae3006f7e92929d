package reconcile

import (
	"errors"
	"fmt"
	"slices"

	"linkd/internal/resource"
)

// withoutKeys holds what would be mended of a resource that cannot be without keys
// which are not to be had.
func withoutKeys(r resource.Resource, world resource.World, decided []Decided) []Decided {
	if !slices.ContainsFunc(decided, mends) {
		return decided
	}
	_, err := Wanted(r, world)
	keyless, is := errors.AsType[resource.Keyless](err)
	for i := range decided {
		if is && mends(decided[i]) {
			decided[i].hold(HeldKeys, keyless.Why)
		}
	}
	return decided
}

// Keyless lists the steps that would be made, were the keys of their link to be had:
// the first of each link.
func (p Plan) Keyless() []Step {
	var steps []Step
	for _, step := range p.Steps {
		lacks := slices.ContainsFunc(step.Drifts, func(d Decided) bool { return d.Held == HeldKeys && d.Because == step.Fault })
		told := slices.ContainsFunc(steps, func(other Step) bool { return other.Fault == step.Fault })
		if lacks && !told {
			steps = append(steps, step)
		}
	}
	return steps
}

// cannotTell is the outcome when it cannot be told what a resource should be. Without
// its keys it is left as it is, and what stands of it goes on carrying.
func (c *converge) cannotTell(live resource.Live, err error) Outcome {
	if keyless, is := errors.AsType[resource.Keyless](err); is {
		c.release()
		c.board.see(c.ID(), live, true)
		return c.end(HeldBy, keyless.Why, nil)
	}
	return c.fail(fmt.Errorf("cannot tell what %s should be: %w", c.ID(), err))
}
