package aws

import (
	"slices"
	"time"
)

func createTransitGatewayPeeringAttachment(k *call) (any, error) {
	a, err := k.askForPeering()
	if err != nil {
		return nil, err
	}
	return peeringAnswer{k.peeringItem(a)}, nil
}

// askForPeering asks another transit gateway for a peering. In another region it
// is not known beforehand whether there is such a one: the request fails some
// seconds later if there is not.
func (k *call) askForPeering() (attachment, error) {
	g, err := k.availableGateway()
	if err != nil {
		return attachment{}, err
	}
	a := attachment{gateway: g.id, kind: "peering", state: "initiatingRequest", created: k.now, peer: peering{requester: true}}
	if a.resource, a.peer.account, a.peer.region, err = k.peerAsked(g.id); err != nil {
		return attachment{}, err
	}
	if a.peer.dynamic, err = k.dynamicRouting(); err != nil {
		return attachment{}, err
	}
	tags, err := k.specified("TagSpecification", "transit-gateway-attachment")
	if err != nil {
		return attachment{}, err
	}
	if a.peer.region == k.region.name {
		if err := k.checkPeer(a); err != nil {
			return attachment{}, err
		}
	}
	if err := k.checkPeerable(a); err != nil {
		return attachment{}, err
	}
	a.id = k.newID(attachmentIDs)
	a.peer.attachment = a.id
	if a.peer.region == k.region.name {
		a.peer.attachment = k.newID(attachmentIDs)
	}
	k.region.retag(k.now, a.id, tags)
	k.region.attachments.put(k.now, a.id, a)
	k.later(k.now, "aws/peering-attachment/create", func(at time.Time) { k.convey(at, a.id) })
	return a, nil
}

// peerAsked is the transit gateway that the request asks, its account and its
// region.
func (k *call) peerAsked(own string) (gatewayID, account, region string, err error) {
	for _, given := range []struct {
		name string
		into *string
	}{{"PeerTransitGatewayId", &gatewayID}, {"PeerAccountId", &account}, {"PeerRegion", &region}} {
		if *given.into, err = k.need(given.name); err != nil {
			return "", "", "", err
		}
	}
	switch {
	case !gatewayIDs.shaped(gatewayID):
		err = gatewayIDs.unknown(gatewayID)
	case !k.accounts.known[account]:
		err = badValue("Value (%s) for parameter PeerAccountId is invalid. The simulator has no such account.", account)
	case gatewayID == own:
		err = badValue("Value (%s) for parameter PeerTransitGatewayId is invalid. A transit gateway cannot be peered with itself.", gatewayID)
	}
	return gatewayID, account, region, err
}

// dynamicRouting is the option of that name. Between two transit gateways there
// is none, and EC2 refuses it in these words (reported for terraform in 2025).
func (k *call) dynamicRouting() (string, error) {
	options := k.inside("Options")
	if !options.has("DynamicRouting") {
		return "", nil
	}
	switch value := options.text("DynamicRouting"); value {
	case "disable":
		return value, nil
	case "enable":
		return "", badState("You cannot create a dynamic peering attachment.")
	default:
		return "", badValue("Value (%s) for parameter DynamicRouting is invalid. Expected enable or disable.", value)
	}
}

// lives tells whether an attachment is, or may become, one that joins
// something: what has failed or was rejected makes room for another.
func (a attachment) lives() bool {
	return !slices.Contains([]string{"deleted", "failed", "rejected"}, a.state)
}

// checkPeerable refuses a second peering of two transit gateways, whoever asked
// for the first, and more peerings than the quotas allow.
func (k *call) checkPeerable(a attachment) error {
	attachments, peerings, pending := 0, 0, 0
	for _, other := range k.region.attachments.all() {
		if other.gateway != a.gateway || !other.lives() {
			continue
		}
		attachments++
		if other.kind != "peering" {
			continue
		}
		if other.resource == a.resource {
			return refuse("DuplicateTransitGatewayAttachment", "%s has non-deleted Transit Gateway Attachments with same peer transit gateway ID.", a.gateway)
		}
		peerings++
		if other.state == "initiatingRequest" || other.state == "pendingAcceptance" {
			pending++
		}
	}
	if err := k.quota("transit-gateway-attachments", attachments); err != nil {
		return err
	}
	if err := k.quota("peering-attachments-per-transit-gateway", peerings); err != nil {
		return err
	}
	return k.quota("pending-peering-attachments-per-transit-gateway", pending)
}

// checkPeer tells whether the transit gateway that was asked is there, in the
// region where it is asked.
func (k *call) checkPeer(a attachment) error {
	r, open := k.regions[k.place(a.peer.account, a.peer.region)]
	if !open {
		return gatewayIDs.unknown(a.resource)
	}
	g, known := r.gateways.get(a.resource)
	switch {
	case !known || g.state == "deleted":
		return gatewayIDs.unknown(a.resource)
	case g.state != "available" && g.state != "modifying":
		return badState("%s is in invalid state", g.id)
	}
	return nil
}

// convey brings a request to the transit gateway that is asked, where it then
// waits for as long as nobody accepts or rejects it.
func (k *call) convey(at time.Time, id string) {
	a, known := k.region.attachments.get(id)
	if !known || a.state != "initiatingRequest" {
		return
	}
	if k.fails != nil {
		k.failPeering(at, id, k.fails)
		return
	}
	if err := k.checkPeer(a); err != nil {
		k.failPeering(at, id, asFault(err))
		return
	}
	asked := attachment{
		id: a.peer.attachment, gateway: a.resource, kind: "peering", resource: a.gateway, state: "pendingAcceptance", created: a.created,
		peer: peering{account: k.account, region: k.region.name, attachment: a.id, dynamic: a.peer.dynamic},
	}
	there := k.within(k.regions[k.place(a.peer.account, a.peer.region)])
	if err := there.checkPeerable(asked); err != nil {
		k.failPeering(at, id, asFault(err))
		return
	}
	there.region.attachments.put(at, asked.id, asked)
	a.state = "pendingAcceptance"
	k.region.attachments.put(at, id, a)
}
