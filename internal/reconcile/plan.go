package reconcile

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Plan is what Decide makes of the drifts: a step for each resource that
// differs, needs first, and what is left as it is. It is data: printing a plan
// and applying it read the same steps.
type Plan struct {
	Steps  []Step
	Strays []resource.Stray
	// Retires are the deletions of what the file no longer has, in their order.
	Retires []Retire
	// removable are the strays, by their references, that a rule could let go.
	removable map[string]bool
	// AsDesired counts the resources that agree with the file.
	AsDesired int
	// Path is the chain of steps that takes longest, and Takes its usual length.
	Path  []resource.ID
	Takes time.Duration
	// Refused says why the whole plan must not be applied, or is "".
	Refused string
	// Approved is the digest that a person approved this plan by, or "", and
	// ApprovedBy who it was.
	Approved, ApprovedBy string
	// Reach are the pairs of networks that start or stop working by the plan, of
	// Pairs altogether. Decide leaves them empty: who shows the plan fills them in.
	Reach []Reach
	Pairs int
	// Meanwhile is what some networks are without for a while.
	Meanwhile []Meanwhile

	at       Circumstances
	approved []Decided // what the approval is of
	part     bool      // of a larger plan
}

// Step is what will be done about one resource.
type Step struct {
	ID     resource.ID
	Verb   Verb
	Drifts []Decided
	// After says what must be known first, for a resource whose wanted state
	// cannot be told yet: "public address after azure/vpn-gateway/japaneast".
	After string
	// Fault says why it cannot be told at all what the resource should be, and
	// Hint what a person can do about it: two live networks overlap, a key
	// cannot be read.
	Fault, Hint string
	// Takes is how long the operation usually runs.
	Takes time.Duration
	// Effect is the worst that traffic suffers meanwhile.
	Effect resource.Effect
	// Later is the worst that it suffers by what waits for its turn, and is mended by
	// further rounds.
	Later resource.Effect
}

// Verb is what a step does.
type Verb string

// The verbs of a step.
const (
	Create  Verb = "create"
	Update  Verb = "update"
	Renew   Verb = "replace" // delete, then create
	Remove  Verb = "delete"
	Hold    Verb = "hold"    // differs, and is left as it is
	Await   Verb = "wait"    // an operation runs, or it follows from other steps
	Unclear Verb = "unknown" // could not be read
)

// Writes reports whether the verb changes a cloud.
func (v Verb) Writes() bool {
	return v == Create || v == Update || v == Renew || v == Remove
}

// Decided is a drift with what policy says of it.
type Decided struct {
	resource.Drift
	Action desired.Action
	// Because is the policy's reason, or that of the limit that holds it.
	Because string
	// Held is the reason in one word; NotHeld when it is mended.
	Held HoldReason
	// Then is what policy says of it once its turn has come, where others go first.
	Then desired.Action
}

// Reason is why a drift is left: what policy says, and what the cloud does.
func (d Decided) Reason() string {
	if d.Because == "" || d.Why == "" {
		return d.Because + d.Why
	}
	return d.Because + ": " + d.Why
}

// blocked tells whether the resource, or a part of it, cannot be judged yet.
func (s Step) blocked() bool {
	return slices.ContainsFunc(s.Drifts, func(d Decided) bool { return d.Class == resource.Blocked })
}

// Writes lists the steps that change a cloud.
func (p Plan) Writes() []Step {
	var writes []Step
	for _, step := range p.Steps {
		if step.Verb.Writes() {
			writes = append(writes, step)
		}
	}
	return writes
}

// All lists the steps, and after them the deletions of what the file no longer has.
func (p Plan) All() []Step {
	all := slices.Clone(p.Steps)
	for _, retire := range p.Retires {
		all = append(all, retire.Step)
	}
	return all
}

// Drifts lists all that differs.
func (p Plan) Drifts() []resource.Drift {
	var all []resource.Drift
	for _, step := range p.Steps {
		for _, d := range step.Drifts {
			all = append(all, d.Drift)
		}
	}
	return all
}

// Clean reports whether there is nothing to do, to hold or to wonder about.
func (p Plan) Clean() bool { return len(p.Steps)+len(p.Strays)+len(p.Retires) == 0 }

// newStep gathers the drifts of one resource under the verb they come to.
func (g *Graph) newStep(file *desired.File, r resource.Resource, world resource.World, drifts []Decided) Step {
	kind := r.Kind()
	step := Step{ID: r.ID(), Verb: verbOf(kind, drifts), Drifts: drifts}
	if _, err := Wanted(r, world); err != nil {
		if _, early := errors.AsType[resource.NotYet](err); early {
			step.After = err.Error()
		} else {
			step.Fault, step.Hint = err.Error(), resource.HintOf(err)
		}
	}
	for _, d := range drifts {
		if d.Then == desired.Repair {
			step.Later = worse(step.Later, g.effect(d.Drift))
		}
	}
	switch step.Verb {
	case Create:
		step.Takes = kind.Takes.Create.Typical
	case Update:
		step.Takes = kind.Takes.Update.Typical
		for _, d := range drifts {
			if d.Action == desired.Repair {
				step.Effect = worse(step.Effect, g.effectOn(file, world, d.Drift))
			}
		}
	case Await:
		if drifts[0].Class == resource.BusyNow {
			step.Takes = kind.Takes.Create.Typical // how much of it has passed is not known
		}
	case Renew:
		step.Takes = kind.Takes.Delete.Typical + kind.Takes.Create.Typical
		step.Effect = kind.Replaced
	}
	return step
}

// effectOn is what mending a drift costs the traffic of its link: one tunnel
// is all there is where the link has no more, and a tunnel that is down, or does not
// stand yet, costs nothing.
func (g *Graph) effectOn(file *desired.File, world resource.World, drift resource.Drift) resource.Effect {
	if drift.Effect != resource.OneTunnel && drift.Effect != resource.AllTunnels {
		return drift.Effect
	}
	pairs := g.concerned(file, world, drift)
	mayCarry := func(t desired.Tunnel) bool { return StatusOf(t, world) != PairDown }
	if len(pairs) > 0 && !slices.ContainsFunc(pairs, mayCarry) {
		return resource.NoInterruption
	}
	if drift.Effect == resource.AllTunnels {
		return drift.Effect
	}
	name := file.LinkOf(drift.ID)
	alone := func(link desired.Link) bool { return link.Name == name && len(link.Tunnels()) == 1 }
	if slices.ContainsFunc(file.Links, alone) {
		return resource.AllTunnels
	}
	return resource.OneTunnel
}

// verbOf names what the allowed drifts of a resource come to. What is held
// beside an allowed one does not change the verb.
func verbOf(kind *resource.Kind, drifts []Decided) Verb {
	verb, otherwise := Hold, Hold
	for _, d := range drifts {
		switch {
		case d.Class == resource.BusyNow:
			return Await
		case d.Class == resource.Unseen && d.Attr == "":
			return Unclear
		case d.Class == resource.Blocked: // of a part alone, the rest goes on
			otherwise = Await
		case d.Action != desired.Repair || kind.Given:
		case d.Class == resource.Missing && !kind.Shared:
			return Create
		case d.Fix.Anew():
			return Renew
		default:
			verb = Update
		}
	}
	if verb == Hold {
		return otherwise
	}
	return verb
}

// longestPath plays the steps through along the graph, each as long as it
// usually takes, and returns the chain that ends last.
func (p *Plan) longestPath(g *Graph) ([]resource.ID, time.Duration) {
	type times struct{ created, ready time.Duration }
	steps := make(map[resource.ID]Step, len(p.Steps))
	for _, step := range p.Steps {
		steps[step.ID] = step
	}
	at := make(map[resource.ID]times, len(steps))
	before := map[resource.ID]resource.ID{}
	var last resource.ID
	for _, id := range g.order {
		step, planned := steps[id]
		if !planned || step.Verb == Hold || step.Verb == Unclear {
			continue
		}
		var start time.Duration
		for _, need := range g.resources[id].Needs() {
			ends := at[need.On].ready
			if need.At <= resource.Created {
				ends = at[need.On].created
			}
			if ends > start {
				start, before[id] = ends, need.On
			}
		}
		created := start + step.Takes
		at[id] = times{created: created, ready: created}
		if step.Verb == Create {
			at[id] = times{created: created, ready: created + g.resources[id].Kind().Takes.Settle.Typical}
		}
		if last == "" || at[id].ready > at[last].ready {
			last = id
		}
	}
	var path []resource.ID
	for id := last; id != ""; id = before[id] {
		path = append([]resource.ID{id}, path...)
	}
	return path, at[last].ready
}

// worse returns the worse of two effects.
func worse(a, b resource.Effect) resource.Effect {
	rank := map[resource.Effect]int{resource.OneNetwork: 1, resource.OneTunnel: 2, resource.AllTunnels: 3, resource.AddressChange: 4}
	if cmp.Compare(rank[b], rank[a]) > 0 {
		return b
	}
	return a
}
