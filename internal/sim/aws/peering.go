package aws

import (
	"slices"
	"time"
)

// peering is what one end of a peering attachment knows of the other. Either
// transit gateway has an end of its own, with its own association and tags. The
// two ends have one id, unless both are in one region.
type peering struct {
	account, region string // of the other end
	attachment      string // the id of the other end
	requester       bool   // this end asked, the other accepts
	dynamic         string // the option DynamicRouting; "" when the request had none
	failure         *fault // why the request failed
}

type peeringItem struct {
	ID         string           `xml:"transitGatewayAttachmentId"`
	AccepterID string           `xml:"accepterTransitGatewayAttachmentId,omitempty"`
	Requester  peeredItem       `xml:"requesterTgwInfo"`
	Accepter   peeredItem       `xml:"accepterTgwInfo"`
	Options    *peeringOptions  `xml:"options"`
	Status     *peeringStanding `xml:"status"`
	State      string           `xml:"state"`
	Created    stamp            `xml:"creationTime"`
	Tags       set[tag]         `xml:"tagSet"`
}

type peeredItem struct {
	Gateway string `xml:"transitGatewayId"`
	Owner   string `xml:"ownerId"`
	Region  string `xml:"region"`
}

type peeringOptions struct {
	Dynamic string `xml:"dynamicRouting"`
}

type peeringStanding struct {
	Code    string `xml:"code"`
	Message string `xml:"message"`
}

type peeringAnswer struct {
	Attachment peeringItem `xml:"transitGatewayPeeringAttachment"`
}

type peeringsAnswer struct {
	Attachments set[peeringItem] `xml:"transitGatewayPeeringAttachments"`
	page
}

// peeringItem shows a peering as the end in the call's region has it.
func (k *call) peeringItem(a attachment) peeringItem {
	own, other := peeredItem{a.gateway, k.account, k.region.name}, peeredItem{a.resource, a.peer.account, a.peer.region}
	item := peeringItem{ID: a.id, Requester: own, Accepter: other, State: a.state, Created: stamp(a.created), Tags: k.tagSet(a.id)}
	accepter := a.peer.attachment
	if !a.peer.requester {
		item.Requester, item.Accepter, accepter = other, own, a.id
	}
	if a.peer.attachment != a.id {
		item.AccepterID = accepter
	}
	if a.peer.dynamic != "" {
		item.Options = &peeringOptions{a.peer.dynamic}
	}
	if a.peer.failure != nil {
		item.Status = &peeringStanding{a.peer.failure.code, a.peer.failure.message}
	}
	return item
}

func describeTransitGatewayPeeringAttachments(k *call) (any, error) {
	rows := slices.DeleteFunc(k.region.attachments.allAt(k.seen), func(a attachment) bool { return a.kind != "peering" })
	rows, page, err := find(k, rows, listing[attachment]{
		parameter: "TransitGatewayAttachmentIds", ids: attachmentIDs, id: func(a attachment) string { return a.id },
		least: 5, most: 1000,
		filters: map[string]func(attachment) []string{
			"transit-gateway-attachment-id": one(func(a attachment) string { return a.id }),
			"transit-gateway-id":            one(func(a attachment) string { return a.gateway }),
			"local-owner-id":                one(func(attachment) string { return k.account }),
			"remote-owner-id":               one(func(a attachment) string { return a.peer.account }),
			"state":                         one(func(a attachment) string { return a.state }),
		},
	})
	if err != nil {
		return nil, err
	}
	return peeringsAnswer{listed(rows, k.peeringItem), page}, nil
}

// attachmentEnd is an attachment's id, and a call in the region where it is.
type attachmentEnd struct {
	*call
	id string
}

// ends are the ends of an attachment: a peering has two, anything else one.
func (k *call) ends(id string) []attachmentEnd {
	ends := []attachmentEnd{{k, id}}
	a, _ := k.region.attachments.get(id)
	if other, open := k.regions[k.place(a.peer.account, a.peer.region)]; open {
		ends = append(ends, attachmentEnd{k.within(other), a.peer.attachment})
	}
	return ends
}

// within is the call as if it had been made in another region, in whatever account.
func (k *call) within(r *region) *call {
	other := *k
	other.account, other.region, other.attached, other.allRules = r.account, r, nil, nil
	return &other
}

// settlePeering brings both ends of a peering into a state.
func (k *call) settlePeering(at time.Time, id, state string) {
	for _, e := range k.ends(id) {
		e.changeAttachment(at, e.id, func(a attachment) attachment { a.state = state; return a })
	}
}

// failPeering ends what was asked for or accepted; the failed attachment is
// listed for a while.
func (k *call) failPeering(at time.Time, id string, why *fault) {
	for _, e := range k.ends(id) {
		e.changeAttachment(at, e.id, func(a attachment) attachment {
			a.state, a.peer.failure = "failed", why
			return a
		})
		e.bury(at, e.id, e.region.attachments.drop)
	}
}

// peeringIn finds the peering attachment that the request names, in one of the
// states. Only the end that was asked may answer: a verb says what for, "" is
// what either end may do.
func (k *call) peeringIn(verb string, states ...string) (attachment, error) {
	a, err := k.attachmentIn("")
	switch {
	case err != nil:
		return a, err
	case a.kind != "peering":
		return a, attachmentIDs.unknown(a.id)
	case verb != "" && a.peer.requester:
		return a, badValue("Cannot %s %s as the source of the peering request.", verb, a.id)
	case !slices.Contains(states, a.state):
		return a, badState("%s is in invalid state", a.id)
	}
	return a, nil
}

// acceptTransitGatewayPeeringAttachment is called in the region and the account of
// the end that was asked, even if both ends are of one account.
func acceptTransitGatewayPeeringAttachment(k *call) (any, error) {
	a, err := k.peeringIn("accept", "pendingAcceptance")
	if err != nil {
		return nil, err
	}
	k.settlePeering(k.now, a.id, "pending")
	a.state = "pending"
	k.later(k.now, "aws/peering-attachment/accept", func(at time.Time) {
		if k.fails != nil {
			k.failPeering(at, a.id, k.fails)
			return
		}
		k.openPeering(at, a.id)
	})
	return peeringAnswer{k.peeringItem(a)}, nil
}

// openPeering makes an accepted peering available at both its ends.
func (k *call) openPeering(at time.Time, id string) {
	for _, e := range k.ends(id) {
		e.openAttachment(at, e.id)
	}
}

func rejectTransitGatewayPeeringAttachment(k *call) (any, error) {
	a, err := k.peeringIn("reject", "pendingAcceptance")
	if err != nil {
		return nil, err
	}
	k.settlePeering(k.now, a.id, "rejecting")
	a.state = "rejecting"
	k.later(k.now, "aws/peering-attachment/reject", func(at time.Time) {
		k.settlePeering(at, a.id, "rejected")
		for _, e := range k.ends(a.id) {
			e.bury(at, e.id, e.region.attachments.drop)
		}
	})
	return peeringAnswer{k.peeringItem(a)}, nil
}

// deleteTransitGatewayPeeringAttachment is for either end, and takes both away.
func deleteTransitGatewayPeeringAttachment(k *call) (any, error) {
	a, err := k.peeringIn("", "available", "pendingAcceptance", "failed")
	if err != nil {
		return nil, err
	}
	k.settlePeering(k.now, a.id, "deleting")
	a.state = "deleting"
	k.later(k.now, "aws/peering-attachment/delete", func(at time.Time) { k.closeAttachment(at, a.id) })
	return peeringAnswer{k.peeringItem(a)}, nil
}
