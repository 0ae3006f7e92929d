package path

import (
	"slices"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// overPeering is the peering by which the file means a transit gateway to send
// the packet, and whether it means it to go by one.
func (w *walk) overPeering(gateway string) (desired.Peering, bool) {
	home := w.to.network
	if home.vnet {
		way, has := w.file.PeerTowards(gateway, w.hubOf[home.name])
		return way.Peering, has
	}
	for _, peer := range w.file.Peers(gateway) {
		if peer.Gateway.Name == w.tgwOf[home.name] {
			return peer.Peering, true
		}
	}
	return desired.Peering{}, false
}

// whyNoRouteOver tells a route that nobody made from one that waits for its
// peering.
func (w *walk) whyNoRouteOver(peering desired.Peering) cause {
	if why, lost := w.unbuilt(peering); lost {
		return why
	}
	return cause{code: failure.TGWPeeringRouteMissing, says: ": it is behind the peering " + peering.Name}
}

// unbuilt tells whether a peering of the file is known not to stand, or not to be
// accepted.
func (w *walk) unbuilt(peering desired.Peering) (cause, bool) {
	id := desired.PeeringID(peering.Name)
	switch live, why := w.known(id); {
	case why != "":
		return cause{}, false
	case !stands(live):
		return cause{failure.NotBuilt, id, ": there is no peering " + peering.Name}, true
	case live.Attrs["accepted"].One() == "no":
		return cause{failure.NotBuilt, id, ": the peering " + peering.Name + " was not accepted"}, true
	}
	return cause{}, false
}

// whyBlackhole looks for the reason why a route has lost its attachment: a peering
// that does not stand.
func (w *walk) whyBlackhole(gateway string, route survey.Route) cause {
	if peering, over := w.overPeering(gateway); over && !w.leadsElsewhere(gateway, peering, route) {
		if why, lost := w.unbuilt(peering); lost {
			return why
		}
	}
	return cause{code: failure.TGWRouteBlackhole}
}

// leadsElsewhere tells whether a route names an attachment that stands and is not
// that of a peering.
func (w *walk) leadsElsewhere(gateway string, peering desired.Peering, route survey.Route) bool {
	all, _ := w.joints(gateway)
	return slices.ContainsFunc(route.Via, func(via string) bool {
		j, found := all[via]
		return found && j.id != desired.PeeringID(peering.Name)
	})
}

// enterPeer goes on to the transit gateway at the other end of a peering.
func (w *walk) enterPeer(gateway string, by joint, here place) {
	if !available(by.State) {
		w.block(here, failure.NotBuilt, by.facts(), "the peering is %s", by.State)
		return
	}
	for _, other := range w.file.TransitGateways() {
		if ref := w.refOfGateway(other.Name); ref == "" || ref != by.Resource || other.Name == gateway {
			continue
		}
		w.pass(here, by.facts(), "over the peering to %s", other.Name)
		w.arriveByPeering(other.Name, w.otherEnd(gateway, other.Name, by.ID), by.id)
		return
	}
	if slices.ContainsFunc(w.file.TransitGateways(), func(g desired.TransitGateway) bool { return w.refOfGateway(g.Name) == "" }) {
		w.unknown(here, by.facts(), "it leads to %s, and not every transit gateway of the file is known", by.Resource)
		return
	}
	w.unknown(here, by.facts(), "it leads to %s, which is no transit gateway of the file", by.Resource)
}

// arriveByPeering takes the packet out of a peering at its far end. The attachment
// is "" when nobody knows which it is.
func (w *walk) arriveByPeering(gateway, attachment string, id resource.ID) {
	all, complete := w.joints(gateway)
	switch j, found := all[attachment]; {
	case found:
		w.enterGateway(gateway, j, "")
	case complete && attachment != "":
		w.block(place{Association, id, attachment}, failure.TGWAssociationMissing, nil, "%s does not have the other end of the peering", gateway)
	default:
		w.enterGateway(gateway, joint{id: id}, "it was not read")
	}
}

// leaveByPeering goes on over a peering of the file of which is not known whether
// a route leads there.
func (w *walk) leaveByPeering(gateway string, peering desired.Peering) {
	id := desired.PeeringID(peering.Name)
	far := peering.Accepter()
	if far == gateway {
		far = peering.Requester()
	}
	w.arriveByPeering(far, endOf(w.world[id], peering, far), id)
}

// endOf is the id that one of its two transit gateways has of a peering.
func endOf(live resource.Live, peering desired.Peering, gateway string) string {
	if end := live.Attrs[desired.FactFarEnd].One(); end != "" && peering.Accepter() == gateway {
		return end
	}
	return live.Ref
}

// otherEnd is the id that the transit gateway at the other end has of a peering.
// Between regions both have one.
func (w *walk) otherEnd(gateway, other, attachment string) string {
	for _, peer := range w.file.Peers(gateway) {
		live := w.world[desired.PeeringID(peer.Peering.Name)]
		if peer.Gateway.Name == other && endOf(live, peer.Peering, gateway) == attachment {
			return endOf(live, peer.Peering, other)
		}
	}
	return attachment
}

// peerings adds those of a transit gateway as the audit saw them, which sees both
// ends.
func (m *Model) peerings(gateway string, all map[string]joint) {
	for _, peer := range m.file.Peers(gateway) {
		id := desired.PeeringID(peer.Peering.Name)
		live, why := m.known(id)
		if why != "" || !stands(live) || live.Ref == "" {
			continue
		}
		far, association := "peer", "association"
		if peer.Peering.Accepter() == gateway {
			far, association = "transit_gateway", "peer_association"
		}
		j := joint{id: id, call: callAttachments, at: live.AsOf}
		j.Attachment = survey.Attachment{ID: endOf(live, peer.Peering, gateway), Type: "peering", Resource: live.Attrs[far].One(), State: "available"}
		if live.Attrs["accepted"].One() == "no" {
			j.State = "pendingAcceptance"
		}
		j.Table, j.tableKnown = live.Attrs[association].One(), told(live, association)
		all[j.ID] = j
	}
}

// overPeerings are the prefixes of the static routes of a transit gateway that lead
// over peerings: BGP tells them to Azure, too.
func (s settling) overPeerings(world resource.World, gateway desired.TransitGateway) resource.Value {
	var prefixes []string
	for _, peer := range s.file.Peers(gateway.Name) {
		live := world[desired.PeeringID(peer.Peering.Name)]
		if !stands(live) || live.Ref == "" || live.Attrs["accepted"].One() == "no" {
			continue
		}
		for _, route := range world[desired.TransitGatewayRoutesID(gateway.Name)].Attrs["routes"] {
			if prefix, target, _ := strings.Cut(route, " "); target == endOf(live, peer.Peering, gateway.Name) {
				prefixes = append(prefixes, prefix)
			}
		}
	}
	return resource.Of(prefixes...)
}
