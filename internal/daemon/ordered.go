package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/rotate"
)

// ordered is an order of new keys that a person gave, and how far it is. Its links
// have their turn one after the other, each as one by the schedule has.
type ordered struct {
	told    control.Ordered
	tunnels []int // by their number; none: all
	consent reconcile.Consent
	left    []string // the links that are not done
}

// open reports whether there is an order that has not ended.
func (o *ordered) open() bool { return o != nil && o.told.Ended.IsZero() }

// RotateKeys implements [control.Daemon]: what is held is told, and then nothing
// is begun; else an audit begins now, and new keys are given after it.
func (d *Daemon) RotateKeys(ctx context.Context, by string, request control.RotateRequest) (turns []control.Turn, err error) {
	posted := d.post(ctx, func() { turns, err = d.order(by, request, time.Now()) })
	return turns, errors.Join(posted, err)
}

func (d *Daemon) order(by string, request control.RotateRequest, now time.Time) ([]control.Turn, error) {
	before := d.keys.ordered
	switch {
	case !d.judged:
		return nil, &control.Refusal{Text: "cannot give new keys: linkd has not seen the link yet", Hint: "its first audit runs; linkd status tells when it has ended"}
	case before != nil && request.ID != "" && before.told.ID == request.ID:
		return slices.Clone(before.told.Turns), nil
	case !request.DryRun && before.open():
		return nil, &control.Refusal{Text: "cannot give new keys: " + before.told.By + " has ordered some, and they are not all given", Hint: "linkd status shows how far it is"}
	}
	o := &ordered{
		told:    control.Ordered{ID: request.ID, By: by, Since: now},
		tunnels: request.Tunnels, consent: reconcile.Consent{LastPair: request.Approve, Approvals: request.Approve, Window: request.Now},
	}
	turns, err := d.planKeys(d.rotator(o.consent, now), rotate.Order{Links: request.Links, Tunnels: request.Tunnels}, now)
	if err != nil {
		return nil, &control.Refusal{Text: err.Error(), Hint: resource.HintOf(err)}
	}
	for i := range turns {
		if d.waitsForRepair(turns[i]) { // the order waits, and is not refused
			turns[i].Held, turns[i].Text, turns[i].Waits = reconcile.NotHeld, "", repairFirst
		}
	}
	for _, turn := range turns {
		o.told.Turns, o.told.Waits = append(o.told.Turns, turnOf(turn)), cmp.Or(o.told.Waits, turn.Waits)
		if !slices.Contains(o.left, turn.Link) {
			o.left = append(o.left, turn.Link)
		}
	}
	if !request.DryRun && len(turns) > 0 && firstHeld(turns) < 0 {
		d.keys.ordered, d.again = o, true
		d.Log.Info("new keys were ordered", "by", by, "turns", len(turns))
	}
	return slices.Clone(o.told.Turns), nil
}

// planKeys plans an order in the world as it was seen last. Where nothing may be
// written at all, the first turn says so.
func (d *Daemon) planKeys(rotator *rotate.Rotator, order rotate.Order, now time.Time) ([]rotate.Turn, error) {
	turns, err := rotator.PlanIn(d.saw.World, order)
	switch running := d.drills.running; {
	case len(turns) == 0:
	case running != nil:
		turns[0].Held, turns[0].Text = reconcile.HeldInFlight, "a drill of "+running.told.Tunnel+" is under way"
	case d.keys.rotation != nil:
		turns[0].Held, turns[0].Text = reconcile.HeldInFlight, "tunnels of "+d.keys.rotation.link+" are being given new keys"
	case turns[0].Held == reconcile.NotHeld:
		switch {
		case d.AuditOnly:
			turns[0].Held, turns[0].Text = reconcile.HeldAudit, "this linkd only audits"
		case d.said.paused(now) != "":
			turns[0].Held, turns[0].Text = reconcile.HeldPaused, d.said.paused(now)
		}
	}
	return turns, err
}

// repairFirst is what an order waits for while something else of linkd's writes, or has since
// the last audit began, what holds the keys.
const repairFirst = "a repair of its connections comes first"

// waitsForRepair tells of a turn whether a repair alone is in its way: that ends by itself, and
// an audit follows it.
func (d *Daemon) waitsForRepair(turn rotate.Turn) bool {
	return turn.Held == reconcile.HeldInFlight && d.drills.running == nil && d.keys.rotation == nil
}

func firstHeld(turns []rotate.Turn) int {
	return slices.IndexFunc(turns, func(turn rotate.Turn) bool { return turn.Held != reconcile.NotHeld })
}

// turnOf tells of a turn that is to come.
func turnOf(turn rotate.Turn) control.Turn {
	told := control.Turn{
		Link: turn.Link, Instance: turn.Instance, Number: turn.Number, What: string(turn.What), State: control.TurnPlanned,
		Held: string(turn.Held), Text: turn.Text, Waits: turn.Waits, KeySet: turn.Age.Set, KeyDue: turn.Age.Due,
	}
	if turn.Held != reconcile.NotHeld {
		told.State = control.TurnHeld
	}
	return told
}

// mostOrdered is how long an order waits for repairs to end.
const mostOrdered = time.Hour

// rotateOrdered begins new keys for the next link of an order, while nothing is
// to be mended, and reports whether it has.
func (d *Daemon) rotateOrdered(o *ordered, quiet bool, now time.Time) bool {
	for o.open() {
		link := d.current.file.LinkNamed(o.left[0])
		switch {
		case link == nil:
			o.end(errors.New("cannot give new keys to "+o.left[0]+": the file in force has no such link"), now)
			return false
		case !quiet && !rotate.HalfDone(*link, d.saw.World):
			o.wait(now)
			return false
		}
		rotator, order := d.rotator(o.consent, now), rotate.Order{Links: []string{link.Name}, Tunnels: o.tunnels}
		turns, err := d.planKeys(rotator, order, now)
		at := firstHeld(turns)
		switch {
		case err != nil:
			o.end(err, now)
		case at >= 0 && d.waitsForRepair(turns[at]):
			o.wait(now)
			return false
		case at >= 0:
			held := &rotate.Held{Turn: turns[at]}
			o.note(held.Turn, control.TurnHeld, held.Text, 0)
			o.end(held, now)
		case len(turns) == 0:
			o.linkDone(now)
		default:
			d.startRotation(*link, rotator, order, now).ordered = o
			return true
		}
	}
	return false
}

// wait has an order wait for repairs, or ends it when they take too long.
func (o *ordered) wait(now time.Time) {
	o.told.Waits = repairFirst
	if now.Sub(o.told.Since) > mostOrdered {
		o.end(resource.WithHint(fmt.Errorf("cannot give new keys: for %s something had to be mended", mostOrdered), "linkd drift shows what"), now)
	}
}

// note writes down how far a turn is.
func (o *ordered) note(turn rotate.Turn, state, text string, took time.Duration) {
	at := slices.IndexFunc(o.told.Turns, func(told control.Turn) bool {
		return desired.Tunnel{Link: told.Link, Instance: told.Instance, Number: told.Number} == turn.Tunnel && told.What == string(turn.What)
	})
	if at < 0 { // it was planned before it showed what is left to be done
		at = slices.IndexFunc(o.told.Turns, func(told control.Turn) bool {
			return desired.Tunnel{Link: told.Link, Instance: told.Instance, Number: told.Number} == turn.Tunnel && told.State == control.TurnPlanned && told.Waits != ""
		})
		if at >= 0 {
			o.told.Turns[at].What = string(turn.What)
		}
	}
	if at < 0 { // the clouds have changed since it was planned
		o.told.Turns = append(o.told.Turns, turnOf(turn))
		at = len(o.told.Turns) - 1
	}
	told := &o.told.Turns[at]
	o.told.Waits, told.Waits = "", ""
	told.State, told.Held, told.Text, told.Took = state, string(turn.Held), text, took.Round(time.Second).Seconds()
	told.KeySet, told.KeyDue = turn.Age.Set, turn.Age.Due
}

// linkDone notes that a link has had its turns.
func (o *ordered) linkDone(now time.Time) {
	if o.left = o.left[1:]; len(o.left) == 0 {
		o.told.Ended = now
	}
}

// end ends an order early.
func (o *ordered) end(err error, now time.Time) {
	o.told.Ended, o.told.Problem, o.told.Hint, o.told.Waits = now, err.Error(), resource.HintOf(err), ""
	o.told.Unchecked = slices.Contains([]resource.Reason{resource.SignIn, resource.Unreachable, resource.Denied}, resource.ReasonOf(err))
	if stoppedBy(err) {
		o.told.Hint = "run the same command again: it goes on"
	}
}

// tell is the order for the status, or nil.
func (o *ordered) tell() *control.Ordered {
	if o == nil {
		return nil
	}
	told := o.told
	told.Turns = slices.Clone(told.Turns)
	return &told
}
