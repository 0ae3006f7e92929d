package rotate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// Rotator gives the tunnels of a file new keys. Its fields are set once.
type Rotator struct {
	// Engine observes and walks; its At tells the circumstances, consent among
	// them.
	Engine *reconcile.Engine
	// Begin is told of each turn that is begun, and returns what is told of its
	// end, with the age of the key that the tunnel has then; nil: nobody is. Walk is told of each walk of a turn, before it.
	Begin func(Turn) (end func(Turn, error))
	Walk  func(*reconcile.Engine, reconcile.Plan)
	// Waiting is told what a Run waits for, when it begins to; nil: nobody is.
	Waiting func(text string)
}

// keeper is a resource that keeps a note of its keys in its cloud.
type keeper interface {
	NoteKeys(ctx context.Context, now resource.Live, note string) error
}

// Held is the error of a turn that must not be done now.
type Held struct{ Turn }

// Error implements error.
func (h *Held) Error() string {
	return fmt.Sprintf("cannot give %s a new key: %s", h.Name(), h.Text)
}

// Run does the turns that an order comes to, one after the other. It begins
// nothing on a link of which a turn is held, and returns early when one fails, comes
// to be held, or does not show its tunnel up; what it has begun stands in the
// clouds, and the next Run goes on with that.
func (r *Rotator) Run(ctx context.Context, order Order) error {
	links, err := linksFor(r.Engine.File, order)
	if err != nil {
		return err
	}
	if err := r.check(ctx); err != nil {
		return err
	}
	for _, link := range links {
		if err := r.rotate(ctx, link, order); err != nil {
			return err
		}
	}
	return nil
}

// check makes sure of the accounts, before anything is written or waited for there.
func (r *Rotator) check(ctx context.Context) error {
	for _, cloud := range r.Engine.Clouds {
		if err := cloud.Check(ctx); err != nil {
			return fmt.Errorf("cannot write to %s: %w", cloud.Name(), err)
		}
	}
	return nil
}

// rotation is one Run on one link.
type rotation struct {
	*Rotator
	world resource.World                  // as it was looked at last
	notes map[resource.ID]desired.KeyNote // as they should stand in the cloud
}

func (r *Rotator) rotate(ctx context.Context, link desired.Link, order Order) error {
	world, err := r.settled(ctx, link)
	if err != nil {
		return err
	}
	turns, err := r.planned([]desired.Link{link}, world, order)
	if err != nil {
		return err
	}
	turns = waitedTooLong(turns)
	if at := slices.IndexFunc(turns, func(turn Turn) bool { return turn.Held != reconcile.NotHeld }); at >= 0 {
		return &Held{turns[at]}
	}
	run := rotation{Rotator: r, world: world, notes: map[resource.ID]desired.KeyNote{}}
	for _, instance := range link.Instances() {
		connection := desired.AWSConnectionID(link.Name, instance)
		run.notes[connection] = noteOf(world, connection)
	}
	begun := false
	for _, turn := range turns {
		if turn.What == Change && !begun {
			begun = true
			if err := run.begin(ctx, turns); err != nil {
				return err
			}
		}
		if err := run.told(ctx, turn); err != nil {
			return err
		}
	}
	for connection, note := range run.notes {
		if err := run.note(ctx, connection, note); err != nil {
			return err
		}
	}
	return nil
}

// begin notes whose turn is to come, unless that is noted: at the last connection
// first, as [begun] knows.
func (r *rotation) begin(ctx context.Context, turns []Turn) error {
	connections := slices.Sorted(maps.Keys(r.notes)) // by instance, which has one digit
	slices.Reverse(connections)
	for _, connection := range connections {
		note := r.notes[connection]
		for _, turn := range turns {
			if turn.What == Change && desired.AWSConnectionID(turn.Link, turn.Instance) == connection {
				note = note.Begun(turn.Number)
			}
		}
		if err := r.note(ctx, connection, note); err != nil {
			return err
		}
	}
	return nil
}

// note has a note stand in the cloud.
func (r *rotation) note(ctx context.Context, connection resource.ID, note desired.KeyNote) error {
	r.notes[connection] = note
	self := r.Engine.Graph.Resource(connection)
	live, err := self.Read(ctx, r.world)
	if err != nil {
		return fmt.Errorf("cannot read what is noted at %s: %w", connection, err)
	}
	if live.Attrs[desired.FactKeyNote].One() == note.String() {
		return nil
	}
	kept, is := self.(keeper)
	if !is || live.Ref == "" {
		return fmt.Errorf("cannot note at %s which keys were changed: %s", connection, live.Phase)
	}
	if err := kept.NoteKeys(ctx, live, note.String()); err != nil {
		return fmt.Errorf("cannot note at %s which keys were changed: %w", connection, err)
	}
	return nil
}

func (r *rotation) told(ctx context.Context, turn Turn) error {
	if r.Begin == nil {
		return r.turn(ctx, turn)
	}
	end := r.Begin(turn)
	err := r.turn(ctx, turn)
	if err == nil {
		turn.Age = ageOf(*r.Engine.File.LinkNamed(turn.Link), turn.Tunnel, r.notes[desired.AWSConnectionID(turn.Link, turn.Instance)])
	}
	end(turn, err)
	return err
}

// turn changes the key of one pair, or finishes its change, and waits until
// both clouds show it up.
func (r *rotation) turn(ctx context.Context, turn Turn) error {
	var err error
	if r.world, err = r.settled(ctx, *r.Engine.File.LinkNamed(turn.Link)); err != nil {
		return err
	}
	world, connection := r.world, desired.AWSConnectionID(turn.Link, turn.Instance)
	after := r.notes[connection]
	if turn.What == Change || halfDone(turn.Tunnel, after, world) {
		after = after.Changed(turn.Number, time.Now())
	}
	if turn.What != Change { // when it was interrupted nobody knows
		if err := r.Engine.Doubt(turn.Tunnel, world); err != nil {
			return err
		}
	}
	if turn.What != Prove {
		if err := r.walk(ctx, turn, after, world); err != nil {
			return err
		}
		if err := r.note(ctx, connection, after); err != nil {
			return err
		}
	}
	if err := r.Engine.AwaitUp(ctx, turn.Tunnel); err != nil {
		return err
	}
	r.notes[connection] = after.Proved(turn.Number)
	return nil
}

// walk has both clouds take the key of a turn.
func (r *rotation) walk(ctx context.Context, turn Turn, after desired.KeyNote, world resource.World) error {
	engine, err := r.engineOf(turn, desired.NewKey(), after)
	if err != nil {
		return err
	}
	plan := engine.Decide(world, nil)
	if turn = held(turn, engine, world, plan); turn.Held != reconcile.NotHeld {
		return &Held{turn}
	}
	if r.Walk != nil {
		r.Walk(engine, plan)
	}
	report, err := engine.Apply(ctx, plan, world)
	if err != nil {
		return err
	}
	own := append(connectionsOf(turn.Tunnel), desired.AWSTunnelID(turn.Tunnel), desired.AzureTunnelID(turn.Tunnel))
	if err := report.Ended(own...); err != nil {
		return err
	}
	only := keysOf(turn.Tunnel)
	at := slices.IndexFunc(report.Left, func(d reconcile.Decided) bool { return only[reconcile.DifferenceOf(d.Drift)] })
	if at >= 0 {
		return resource.WithHint(errors.New("the key of "+turn.Name()+" is not the same in both clouds: "+report.Left[at].Reason()), "the same command goes on once that has gone")
	}
	return nil
}
