package failures

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"linkd/internal/sim"
	"linkd/internal/sim/fabric"
	"linkd/internal/sim/ground"
)

// Injection is one way in which a failure comes to be.
type Injection struct {
	Code string // "AWS_VPC_ROUTE_MISSING"
	Name string // what has happened, as a sentence without its full stop; no two share one
	// Tunnels is how many expected tunnels the link must have, 0 for any number.
	Tunnels int
	// BGP and Static tell that it is of a link that speaks BGP ([SpeakBGP]), or that
	// has static routes.
	BGP, Static bool
	// ToAWS and ToAzure are the kinds of hops at which packets to either cloud
	// are dropped, "" when they pass.
	ToAWS, ToAzure string

	plan func(*view) plan
}

// plan is what an injection does to the clouds as they are, and what comes of it.
type plan struct {
	steps  []step
	losses []Loss
	after  func(*view) []Loss // losses whose hops are known only when they are there
	limits []Limit
	adds   []Machine
}

// step is one change. It sees the clouds as the step before left them.
type step func(*view) (change, error)

// change is a change with its way back.
type change struct {
	do, undo   []ground.Mutation
	conditions []fabric.Condition // added
}

// Loss says that packets from one address to another are dropped at a hop:
// requests, and answers too unless RequestsOnly.
type Loss struct {
	From, To     netip.Addr
	At           string // kind and id of the hop, as [fabric.Leg.DroppedAt] has it
	RequestsOnly bool
}

// Limit is the size of packets that pass one way, when it is not the usual
// one ([fabric.LinkMTU]).
type Limit struct {
	Toward               string // "azure" or "aws"
	Passes               int    // bytes of the largest packet that is answered
	SilentFrom, SilentTo int    // sizes lost without a word; 0, 0: none
	Told                 int    // the MTU that an ICMP error names beyond; 0: none does
}

// Machine is one that an injection adds, so that a failure can be seen.
type Machine struct {
	ID, VPC, Subnet, Zone string
	Address               netip.Addr
}

// Injected is a failure that exists.
type Injected struct {
	Losses []Loss
	Limits []Limit
	Added  []Machine

	into       *sim.Simulator
	place      Place
	undo       []ground.Mutation // in the order in which they were done
	conditions []fabric.Condition
}

// Place says where among several links and connections a failure is brought about;
// both are counted round.
type Place struct {
	Link       int // in the order of the ids of Azure's gateways
	Connection int // of the link, in the order of the instances
}

// Inject makes the failure. The losses hold at once, on the one link with one VPN
// connection that the clouds have. When it fails half-way, what was done is undone.
func (i Injection) Inject(into *sim.Simulator) (*Injected, error) { return i.InjectAt(into, Place{}) }

// InjectAt makes the failure at a place. The losses are those of a link that has
// nothing beside it: where there is another connection, or another link, packets
// may find another way.
func (i Injection) InjectAt(into *sim.Simulator, place Place) (*Injected, error) {
	v, err := lookAt(into, place)
	if err != nil {
		return nil, err
	}
	if err := i.fits(v); err != nil {
		return nil, err
	}
	p := i.plan(v)
	injected := &Injected{Losses: p.losses, Limits: p.limits, Added: p.adds, into: into, place: place, conditions: into.Conditions()}
	for _, step := range p.steps {
		if err := injected.take(step); err != nil {
			return nil, fmt.Errorf("cannot inject %q: %w", i.Name, errors.Join(err, injected.Undo()))
		}
	}
	if p.after != nil {
		if v, err = lookAt(into, place); err != nil {
			return nil, errors.Join(err, injected.Undo())
		}
		injected.Losses = append(injected.Losses, p.after(v)...)
	}
	return injected, nil
}

// fits says why an injection cannot be made on a link.
func (i Injection) fits(v *view) error {
	switch {
	case v.problem != nil:
		return fmt.Errorf("cannot inject %q: %w", i.Name, v.problem)
	case len(v.meant) < i.Tunnels:
		return fmt.Errorf("cannot inject %q: the link has %d expected tunnels, and it needs %d", i.Name, len(v.meant), i.Tunnels)
	case i.BGP && v.connection.Static, i.Static && !v.connection.Static:
		return fmt.Errorf("cannot inject %q: whether the link speaks BGP must be %v", i.Name, i.BGP)
	}
	return nil
}

// Fits says whether an injection can be made on a link with so many expected
// tunnels that speaks BGP or does not.
func (i Injection) Fits(tunnels int, bgp bool) bool {
	return tunnels >= i.Tunnels && (bgp || !i.BGP) && (!bgp || !i.Static)
}

// Stops says whether small packets between the clouds are lost.
func (i Injection) Stops() bool { return i.ToAWS != "" || i.ToAzure != "" }

func (i *Injected) take(next step) error {
	v, err := lookAt(i.into, i.place)
	if err != nil {
		return err
	}
	c, err := next(v)
	if err != nil {
		return err
	}
	for _, mutation := range c.do {
		if err := i.into.Mutate(mutation); err != nil {
			return err
		}
	}
	i.undo = append(i.undo, c.undo...)
	if len(c.conditions) == 0 {
		return nil
	}
	return i.into.SetConditions(append(i.into.Conditions(), c.conditions...)...)
}

// Undo takes the failure back. Tunnels that went down come up a handshake
// later. It may be called again.
func (i *Injected) Undo() error {
	var problems []error
	for _, mutation := range slices.Backward(i.undo) {
		problems = append(problems, i.into.Mutate(mutation))
	}
	i.undo = nil
	problems = append(problems, i.into.SetConditions(i.conditions...))
	return errors.Join(problems...)
}

// All lists every injection, in the order of the failures.
func All() []Injection {
	return slices.Concat(hubs(), keys(), awsRoutes(), azureRoutes(), filters(), machines(), tunnels(), overlaps(), sizes(), bgp(), zones())
}
