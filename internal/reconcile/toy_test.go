package reconcile

// The toy is a cloud of boxes in virtual time, so that the engine is tested
// against every order and moment without any wire. The real tests of the
// whole run against the simulator.

import (
	"context"
	"fmt"
	"sync"
	"time"

	"linkd/internal/resource"
)

type toy struct {
	mu        sync.Mutex
	boxes     map[resource.ID]*box
	resources []resource.Resource
	lag       time.Duration
	made      map[resource.ID]int // how many of each were made
	calls     int
	killAt    int // cancel the run at this call
	kill      context.CancelCauseFunc
	busyLocks map[string]time.Time
	clashes   int
}

type box struct {
	attrs   resource.Attrs
	owner   string
	readyAt time.Time
	seenAt  time.Time
	gone    time.Time
}

type toyResource struct {
	*toy
	id    resource.ID
	kind  *resource.Kind
	needs []resource.Need
	locks []string
	want  resource.Attrs
}

func newToy() *toy {
	return &toy{boxes: map[resource.ID]*box{}, made: map[resource.ID]int{}, busyLocks: map[string]time.Time{}}
}

func (t *toy) add(id string, takes time.Duration, needs ...string) *toyResource {
	r := &toyResource{
		toy: t, id: resource.ID(id), want: resource.Attrs{"colour": resource.Of("red")},
		kind: &resource.Kind{
			Name: "toy/box", Takes: resource.Takes{
				Create: resource.Span{Least: takes * 9 / 10, Typical: takes}, Delete: resource.Span{Typical: takes}, Update: resource.Span{Typical: takes},
			},
			Attrs: []resource.Attr{{Name: "colour", Fix: resource.InPlace, Breaks: "the colour"}}, Breaks: "all",
		},
	}
	for _, need := range needs {
		r.needs = append(r.needs, resource.Need{On: resource.ID(need), At: resource.Ready})
	}
	t.resources = append(t.resources, r)
	return r
}

func (t *toy) Name() string                                { return "toy" }
func (t *toy) Resources() []resource.Resource              { return t.resources }
func (t *toy) Check(context.Context, ...resource.ID) error { return nil }

func (t *toy) Sweep(ctx context.Context) (resource.World, []resource.Stray) {
	world := resource.World{}
	for _, r := range t.resources {
		live, err := r.Read(ctx, nil)
		if err != nil {
			live = resource.Live{Why: err.Error()}
		}
		world[r.ID()] = live
	}
	return world, nil
}

func (t *toy) SweepTunnels(context.Context) resource.World { return resource.World{} }

// call counts, and kills the run at the chosen call: before it is answered
// when the number is even, after it was carried out when it is odd.
func (t *toy) call(ctx context.Context, do func() error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls++
	if t.killAt > 0 && t.calls == t.killAt && t.kill != nil {
		if t.killAt%2 == 1 {
			_ = do()
		}
		t.kill(context.Canceled)
		return context.Canceled
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return do()
}

func (r *toyResource) ID() resource.ID        { return r.id }
func (r *toyResource) Kind() *resource.Kind   { return r.kind }
func (r *toyResource) Needs() []resource.Need { return r.needs }
func (r *toyResource) Locks() []string        { return r.locks }

func (r *toyResource) Want(w resource.World) (resource.Spec, error) {
	for _, need := range r.needs {
		if _, err := w.Ref(need.On); err != nil {
			return resource.Spec{Owner: "us"}, err
		}
	}
	return resource.Spec{Attrs: r.want, Owner: "us"}, nil
}

func (r *toyResource) Read(ctx context.Context, _ resource.World) (resource.Live, error) {
	live := resource.Live{Phase: resource.Absent}
	err := r.call(ctx, func() error {
		now := time.Now()
		b := r.boxes[r.id]
		switch {
		case b == nil || now.Before(b.seenAt):
		case !b.gone.IsZero() && now.After(b.gone):
			delete(r.boxes, r.id)
		case !b.gone.IsZero():
			live.Phase = resource.Deleting
		default:
			live = resource.Live{Phase: resource.Ready, Ref: string(r.id), Owner: b.owner, Attrs: b.attrs, AsOf: now}
			if now.Before(b.readyAt) {
				live.Phase = resource.Pending
			}
		}
		return nil
	})
	return live, err
}

func (r *toyResource) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	return r.call(ctx, func() error {
		at := time.Now()
		for _, lock := range r.locks {
			if at.Before(r.busyLocks[lock]) {
				r.clashes++
				return &resource.Problem{Reason: resource.Busy, Action: "toy:Put", Text: "another operation runs"}
			}
			r.busyLocks[lock] = at.Add(r.kind.Takes.Create.Typical)
		}
		if now.Phase == resource.Absent {
			if b := r.boxes[r.id]; b != nil && r.kind.Doubt == 0 && at.Before(b.seenAt) {
				return nil // the same again: refused as there already, by a cloud that can tell
			}
			r.made[r.id]++
		}
		r.boxes[r.id] = &box{attrs: want.Attrs, owner: "us", readyAt: at.Add(r.kind.Takes.Create.Typical), seenAt: at}
		if now.Phase == resource.Absent {
			r.boxes[r.id].seenAt = at.Add(r.lag)
		}
		return nil
	})
}

func (r *toyResource) Delete(ctx context.Context, _ resource.Live) error {
	return r.call(ctx, func() error {
		b := r.boxes[r.id]
		if b == nil {
			return nil
		}
		for _, other := range r.resources {
			if r.boxes[other.ID()] == nil {
				continue
			}
			for _, need := range other.Needs() {
				if need.On == r.id {
					return fmt.Errorf("%s is in use by %s", r.id, other.ID())
				}
			}
		}
		b.gone = time.Now().Add(r.kind.Takes.Delete.Typical)
		return nil
	})
}
