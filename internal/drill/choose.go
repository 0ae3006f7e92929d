package drill

import (
	"fmt"
	"slices"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
)

// Order is what was asked for.
type Order struct {
	Link   string // by name
	Tunnel string // of it, by name, such as "tokyo-0-1"; "" for the first
}

// Refused is the error of a drill that must not be made now.
type Refused struct {
	Tunnel string // by name
	Held   reconcile.HoldReason
	Text   string
}

// Error implements error.
func (r *Refused) Error() string {
	return fmt.Sprintf("cannot take %s down for a drill: %s", r.Tunnel, r.Text)
}

// choose finds the tunnel that an order names.
func choose(file *desired.File, order Order) (desired.Tunnel, error) {
	at := slices.IndexFunc(file.Links, func(link desired.Link) bool { return link.Name == order.Link })
	if at < 0 {
		return desired.Tunnel{}, fmt.Errorf("cannot drill %s: the file has no such link", order.Link)
	}
	for _, t := range file.Links[at].Tunnels() {
		if order.Tunnel == "" || t.Name() == order.Tunnel {
			return t, nil
		}
	}
	return desired.Tunnel{}, fmt.Errorf("cannot drill %s: %s has no such tunnel", order.Tunnel, order.Link)
}

// difference is what a drill makes, so that the ordinary walk mends it: the tunnel
// was not taken down by this drill yet.
func difference(t desired.Tunnel) reconcile.Difference {
	return reconcile.Difference{ID: desired.AWSConnectionID(t.Link, t.Instance), Key: "aws/vpn-connection." + desired.FactDrill(t.Number)}
}

// refusal says why a link must not be drilled in a world, or nil: linkd must not
// write, the link is not redundant, something of it is not ours or not ready, or
// any of its tunnels is not known to be up. A repair asks for one other tunnel that is
// up; a drill is nothing that anybody needs, and asks for all.
func refusal(file *desired.File, t desired.Tunnel, world resource.World, at reconcile.Circumstances) *Refused {
	no := func(held reconcile.HoldReason, format string, arguments ...any) *Refused {
		return &Refused{Tunnel: t.Name(), Held: held, Text: fmt.Sprintf(format, arguments...)}
	}
	link := file.LinkNamed(t.Link)
	switch {
	case at.AuditOnly:
		return no(reconcile.HeldAudit, "this linkd only audits")
	case at.Paused != "":
		return no(reconcile.HeldPaused, "%s", at.Paused)
	case len(link.Tunnels()) < 2:
		return no(reconcile.HeldLastPair, "%s is not redundant: it has one tunnel (redundancy: %s)", t.Link, link.Redundancy)
	}
	ids := []resource.ID{desired.AzureConnectionID(t.Link)}
	for _, instance := range link.Instances() {
		ids = append(ids, desired.AWSConnectionID(t.Link, instance))
	}
	for _, id := range ids {
		switch live := world[id]; {
		case live.Phase == resource.Unknown:
			return no(reconcile.HeldUnknown, "%s cannot be read: %s", id, live.Why)
		case live.Phase != resource.Ready:
			return no(reconcile.HeldUnknown, "%s is %s", id, doing(live))
		case id.Cloud() == "aws" && live.Owner != file.Owner:
			return no(reconcile.HeldUnowned, "%s carries no owner tag of ours", id)
		}
	}
	for _, other := range link.Tunnels() {
		switch reconcile.StatusOf(other, world) {
		case reconcile.PairLive:
		case reconcile.PairDown:
			return no(reconcile.HeldLastPair, "%s is down, and a drill wants all tunnels of the link up", other.Name())
		default:
			return no(reconcile.HeldUnknown, "it is not known whether %s is up", other.Name())
		}
	}
	return nil
}

// doing says of what is not ready what is done to it, or its phase: what AWS changes is as
// if it were just being made.
func doing(live resource.Live) string {
	if live.Phase == resource.Pending || live.Phase == resource.Created {
		return "being changed or made: " + live.Why
	}
	return live.Phase.String()
}

// heldIn says why a plan that is to make a drill does not, or nil.
func heldIn(plan reconcile.Plan, t desired.Tunnel) *Refused {
	if plan.Refused != "" {
		return &Refused{Tunnel: t.Name(), Held: reconcile.HeldLimits, Text: plan.Refused}
	}
	wanted := difference(t)
	for _, step := range plan.Steps {
		for _, d := range step.Drifts {
			whole := d.Attr == "" && step.ID == wanted.ID // not ours, failed, gone
			if (whole || reconcile.DifferenceOf(d.Drift) == wanted) && d.Held != reconcile.NotHeld {
				return &Refused{Tunnel: t.Name(), Held: d.Held, Text: d.Reason()}
			}
		}
	}
	return nil
}
