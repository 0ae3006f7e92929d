package aws

import (
	"fmt"
	"maps"

	"linkd/internal/sim/ground"
)

func attachmentEdits() edits[attachment] {
	fields := edits[attachment]{
		"State":     editState,
		"SubnetIds": joined(several(func(a *attachment) *[]string { return &a.subnets })),
		// No call moves an attachment: these stand for one that was made elsewhere
		// in its place, and was given its tags.
		"TransitGatewayId": joined(textual(func(a *attachment) *string { return &a.gateway })),
		"VpcId":            joined(textual(func(a *attachment) *string { return &a.resource })),
		"Association": func(_ *call, a *attachment, m ground.Mutation) error {
			a.association = association{}
			if m.Op == "set" {
				a.association = association{word(m.Value), "associated"}
			}
			return only(m, "set", "unset")
		},
		"Propagations": joined(func(_ *call, a *attachment, m ground.Mutation) error {
			state := map[string]string{"add": "enabled"}[m.Op]
			for _, table := range words(m.Value) {
				*a = a.with(table, state)
			}
			return only(m, "add", "remove")
		}),
	}
	for _, s := range vpcAttachmentSwitches {
		fields[s.name] = joined(func(_ *call, a *attachment, m ground.Mutation) error {
			a.switches = maps.Clone(a.switches)
			a.switches[s.name] = word(m.Value)
			return only(m, "set")
		})
	}
	return fields
}

// editState brings an attachment into a state, a peering at both its ends.
func editState(k *call, a *attachment, m ground.Mutation) error {
	a.state = word(m.Value)
	if a.kind == "peering" {
		k.settlePeering(k.now, a.id, a.state)
	}
	return only(m, "set", "unset")
}

// joined is an edit of what joins a network, which no peering has.
func joined(edit func(*call, *attachment, ground.Mutation) error) func(*call, *attachment, ground.Mutation) error {
	return func(k *call, a *attachment, m ground.Mutation) error {
		if a.kind == "peering" {
			return fmt.Errorf("a peering has no such field")
		}
		return edit(k, a, m)
	}
}

// peerings are those attachments of a kind that are peerings.
func peerings(kind mutable) mutable {
	find := kind.find
	kind.find = func(r *region, name string) (string, bool) {
		id, there := find(r, name)
		a, _ := r.attachments.get(id)
		return id, there && a.kind == "peering"
	}
	return kind
}

// makePeering makes a peering as CreateTransitGatewayPeeringAttachment does, so
// that it waits at once, or with Accepted is there at once.
func makePeering(k *call) error {
	accepted, err := k.truth("Accepted")
	if err != nil {
		return err
	}
	k.values.Del("Accepted")
	if err := k.recognize(actions()["CreateTransitGatewayPeeringAttachment"]); err != nil {
		return err
	}
	a, err := k.askForPeering()
	if err != nil {
		return err
	}
	if a, _ = k.region.attachments.get(a.id); a.peer.failure != nil {
		return a.peer.failure
	}
	if accepted {
		k.settlePeering(k.now, a.id, "pending")
		k.openPeering(k.now, a.id)
	}
	return nil
}
