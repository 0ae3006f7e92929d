package verify

import (
	"fmt"
	"net/netip"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// claim is a range of addresses and whose it is.
type claim struct {
	prefix  netip.Prefix
	id      resource.ID
	network string // of a VNet or VPC
	hub     string // of a hub's own range
	link    string // of an inside range
}

// apart tells which ranges have addresses in common, by what the file says
// and what the clouds have.
func apart(e *Evidence) answer {
	claims := e.claims()
	a := answer{subjects: len(claims), of: "ranges"}
	told := map[[2]resource.ID]bool{}
	for i, one := range claims {
		for _, other := range claims[:i] {
			pair := [2]resource.ID{other.id, one.id}
			if one.id == other.id || told[pair] || !one.prefix.Overlaps(other.prefix) {
				continue
			}
			told[pair] = true
			f := e.found(failure.PrefixOverlap, one.id, fmt.Sprintf("its %s overlaps %s of %s; %s", one.prefix, other.prefix, other.id, wins(other, one)))
			f = f.seen(e, "prefixes", one.prefix.String())
			f.Evidence = append(f.Evidence, e.found(failure.PrefixOverlap, other.id, "").seen(e, "prefixes", other.prefix.String()).Evidence...)
			for _, c := range []claim{one, other} {
				f = f.on(failure.Same, string(c.id)).on(failure.Network, c.network).on(failure.Hub, c.hub).on(failure.Link, c.link)
			}
			a.findings = append(a.findings, f)
		}
	}
	return a
}

// wins says who gets the packets to the addresses in common. A network keeps
// its own, whatever it hears; a router prefers the narrower prefix.
func wins(a, b claim) string {
	switch {
	case a.prefix.Bits() < b.prefix.Bits():
		return fmt.Sprintf("between them the narrower one of %s wins, and inside %s its own", b.id, a.id)
	case a.prefix.Bits() > b.prefix.Bits():
		return fmt.Sprintf("between them the narrower one of %s wins, and inside %s its own", a.id, b.id)
	}
	return "each keeps what is sent to it from within, a hub takes no route equal to a VNet's own prefix, and a transit gateway propagates an equal prefix of the first VPC only"
}

// claims lists every range: of VNets, VPCs and hubs, and inside tunnels.
func (e *Evidence) claims() []claim {
	var all []claim
	for _, n := range e.networks() {
		for _, prefix := range n.prefixes() {
			all = append(all, claim{prefix: prefix, id: n.id, network: n.name})
		}
	}
	for _, hub := range e.File.Azure.Hubs {
		id := desired.HubID(hub.Name)
		prefix := hub.AddressPrefix
		if live, err := netip.ParsePrefix(e.live(id).Attrs["address_prefix"].One()); err == nil {
			prefix = live
		}
		if prefix.IsValid() {
			all = append(all, claim{prefix: prefix.Masked(), id: id, hub: hub.Name})
		}
	}
	for _, link := range e.File.Links {
		for i, inside := range e.File.InsideRanges(link) {
			all = append(all, claim{prefix: inside.Masked(), id: desired.AWSConnectionID(link.Name, i/2), link: link.Name})
		}
	}
	return all
}
