package rotate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// Plan lists the turns that an order comes to, in both clouds as they are, and
// what holds each: it supposes that those before it have come up, and that what
// the clouds still do has ended. It writes nothing.
func (r *Rotator) Plan(ctx context.Context, order Order) ([]Turn, error) {
	links, err := linksFor(r.Engine.File, order)
	if err != nil {
		return nil, err
	}
	world, _ := reconcile.Observe(ctx, r.Engine.Clouds)
	return r.planned(links, world, order)
}

// PlanIn is Plan in a world that was seen before. It asks no cloud.
func (r *Rotator) PlanIn(world resource.World, order Order) ([]Turn, error) {
	links, err := linksFor(r.Engine.File, order)
	if err != nil {
		return nil, err
	}
	return r.planned(links, world, order)
}

func (r *Rotator) planned(links []desired.Link, world resource.World, order Order) ([]Turn, error) {
	var all []Turn
	world = maps.Clone(world)
	for _, link := range links {
		under := supposeEnded(link, world)
		ages := Ages(link, world)
		for _, turn := range turnsOf(link, world, order) {
			turn.Waits = waitsFor(turn.Tunnel, under)
			if at := slices.IndexFunc(ages, func(age Age) bool { return age.Tunnel == turn.Tunnel }); at >= 0 {
				turn.Age = ages[at]
			}
			if turn.What != Prove {
				engine, err := r.engineOf(turn, desired.NewKey(), desired.KeyNote{})
				if err != nil {
					return nil, err
				}
				turn = held(turn, engine, world, engine.Decide(world, nil))
			}
			for _, id := range []resource.ID{desired.AzureTunnelID(turn.Tunnel), desired.AWSTunnelID(turn.Tunnel)} {
				live := world[id]
				live.Phase, live.Attrs = resource.Ready, maps.Clone(live.Attrs)
				if live.Attrs == nil {
					live.Attrs = resource.Attrs{}
				}
				live.Attrs["status"] = resource.Of("up")
				world[id] = live
			}
			all = append(all, turn)
		}
	}
	return all, nil
}

// engineOf is the engine that wants just what a turn is to bring about.
func (r *Rotator) engineOf(turn Turn, key resource.Secret, after desired.KeyNote) (*reconcile.Engine, error) {
	connection := desired.AWSConnectionID(turn.Link, turn.Instance)
	secrets, facts := resource.Secrets{}, resource.Attrs{}
	if turn.What == Change {
		secrets[desired.FactKey(turn.Number)], facts[desired.FactKeyNote] = key, resource.Of(after.String())
	}
	engine, err := r.Engine.Rekeyed(connection, secrets, facts)
	if err != nil {
		return nil, err
	}
	engine.At = func() reconcile.Circumstances {
		var at reconcile.Circumstances
		if r.Engine.At != nil {
			at = r.Engine.At()
		}
		at.Only = keysOf(turn.Tunnel)
		return at
	}
	return engine, nil
}

// held adds to a turn why it must not be done, by the plan of its engine; what
// Azure will have to follow is asked about beforehand.
func held(turn Turn, engine *reconcile.Engine, world resource.World, plan reconcile.Plan) Turn {
	if text := obstacle(turn.Tunnel, world); text != "" {
		turn.Held, turn.Text = reconcile.HeldUnknown, text
		return turn
	}
	if plan.Refused != "" {
		turn.Held, turn.Text = reconcile.HeldLimits, plan.Refused
		return turn
	}
	only, own := keysOf(turn.Tunnel), connectionsOf(turn.Tunnel)
	for _, step := range plan.Steps {
		for _, d := range step.Drifts {
			whole := d.Attr == "" && slices.Contains(own, step.ID) // not ours, failed, gone
			if (whole || only[reconcile.DifferenceOf(d.Drift)]) && d.Held != reconcile.NotHeld {
				turn.Held, turn.Text = d.Held, d.Reason()
				return turn
			}
		}
	}
	if turn.What == Change {
		turn.Held, turn.Text = followed(turn.Tunnel, engine, world)
	}
	return turn
}

// followed says why Azure would not follow a new key of AWS, if it would not.
func followed(t desired.Tunnel, engine *reconcile.Engine, world resource.World) (reconcile.HoldReason, string) {
	drift := resource.Drift{
		ID: desired.AzureConnectionID(t.Link), Kind: "azure/vpn-connection", Attr: "shared_key", Member: t.Name(),
		Class: resource.Differs, Fix: resource.InPlace, Effect: resource.OneTunnel,
	}
	at := engine.At()
	action, why := engine.File.Policy.Decide(drift, t.Link, time.Now())
	switch {
	case action == desired.Approve && !at.Consent.Approvals:
		return reconcile.HeldApproval, "Azure would have to follow, and " + why
	case action != desired.Repair && action != desired.Approve:
		return reconcile.HeldPolicy, "Azure would not follow: " + why
	case lastOf(t, engine.File, world) && !at.Consent.LastPair && !engine.File.Policy.MayCutLast(drift, t.Link, time.Now()):
		return reconcile.HeldLastPair, fmt.Sprintf("Azure would have to follow, and no other tunnel of %s is up that carries the same: approve it, or let a rule of %s say may_cut_last_tunnel too", t.Link, azureRow)
	}
	return reconcile.NotHeld, ""
}

// lastOf reports whether a pair may be up, and no other of its link is known to be that
// carries the same.
func lastOf(t desired.Tunnel, file *desired.File, world resource.World) bool {
	link := file.LinkNamed(t.Link)
	return reconcile.StatusOf(t, world) != reconcile.PairDown &&
		!slices.ContainsFunc(link.Tunnels(), func(other desired.Tunnel) bool {
			return other != t && reconcile.StatusOf(other, world) == reconcile.PairLive && link.Relieves(other, t, world)
		})
}
