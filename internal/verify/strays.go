package verify

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/path"
	"linkd/internal/resource"
)

// stray is a static route of a transit gateway's table that the file does not declare,
// and that takes what is for a network of the file another way than the file means: it
// wins over what BGP tells and over what an attachment propagates.
type stray struct {
	table   resource.ID
	gateway string
	route   route
	network network
}

// strays lists them. A blackhole is told as such, what stands in the place of a route of
// the file with that, and a wider route takes nothing away.
func (e *Evidence) strays() []stray {
	var all []stray
	for _, d := range e.Drifts {
		if d.Key() != "aws/tgw-routes.routes.extra" {
			continue
		}
		gateway := gatewayOfRoutes(d.ID)
		for _, r := range routesOf(d.Have) {
			if r.hole || e.lacks(d.ID, r) {
				continue
			}
			for _, n := range e.networks() {
				takes := slices.ContainsFunc(n.prefixes(), func(prefix netip.Prefix) bool { return covers(prefix, r.prefix) })
				if takes && e.wants(gateway, n) && !e.means(gateway, n, r.target) {
					all = append(all, stray{d.ID, gateway, r, n})
				}
			}
		}
	}
	return all
}

// means tells whether a transit gateway may send what is for a network by a target: a
// VNet by any connection of a link, or else by the peering that the file has it go by,
// and a VPC by its own attachment, or by the peering with the transit gateway of it.
func (e *Evidence) means(gateway string, n network, target string) bool {
	peering, over := e.peeringOf(target)
	switch way, by := e.File.PeerTowards(gateway, n.on); {
	case n.azure && by:
		return over && peering == way.Peering.Name
	case n.azure:
		return e.ofLink(target)
	case n.on == gateway:
		return target == e.live(desired.VPCAttachmentID(n.name)).Ref
	}
	return over && slices.ContainsFunc(e.File.Peers(gateway), func(p desired.Peer) bool { return p.Gateway.Name == n.on && p.Peering.Name == peering })
}

// ofLink tells whether what a route names are attachments of links, one of them at least.
func (e *Evidence) ofLink(target string) bool {
	return slices.ContainsFunc(strings.Split(target, "+"), func(attachment string) bool {
		return slices.ContainsFunc(e.File.Links, func(l desired.Link) bool { return e.instanceOf(l, attachment) >= 0 })
	})
}

// joins names an attachment by what of the file it joins, where it is known.
func (e *Evidence) joins(attachment string) string {
	if peering, over := e.peeringOf(attachment); over {
		return attachment + ", the peering " + peering
	}
	for _, n := range e.networks() {
		if !n.azure && e.live(desired.VPCAttachmentID(n.name)).Ref == attachment {
			return attachment + ", the attachment of " + n.name
		}
	}
	return attachment
}

// strayRoutes tells of the strays. Where packets arrive all the same, by the model or by
// echoes, that is a warning.
func (e *Evidence) strayRoutes() []Finding {
	var all []Finding
	for _, s := range e.strays() {
		code := failure.TGWRouteMissing
		says := fmt.Sprintf("its static route %s leads to %s, and the file does not declare it: what is for %s goes there", s.route.prefix, e.joins(s.route.target), s.network.name)
		hop, blocked := e.blockedAt(s)
		switch _, by := e.File.PeerTowards(s.gateway, s.network.on); {
		case blocked:
			code, says = hop.Code, says+"; "+hop.Says
		case s.network.azure && by, !s.network.azure && s.network.on != s.gateway:
			code = failure.TGWPeeringRouteMissing
		}
		f := e.found(code, s.table, says).seen(e, "static route "+s.route.prefix.String(), s.route.target).as(e.weightOf(s))
		f.subject, f.plain = s.route.prefix.String(), true
		for _, link := range e.File.LinksOfTransitGateway(s.gateway) {
			f = f.on(failure.Link, link.Name)
		}
		all = append(all, e.overPeering(e.towardNetwork(f, s.network), s.gateway, s.network))
	}
	return all
}

// lacks tells whether a table lacks a route of the file in whose place another one stands.
func (e *Evidence) lacks(table resource.ID, r route) bool {
	return slices.ContainsFunc(e.Drifts, func(d resource.Drift) bool {
		return d.ID == table && d.Key() == "aws/tgw-routes.routes" && slices.ContainsFunc(routesOf(d.Want), func(wanted route) bool { return wanted.prefix == r.prefix })
	})
}

// by tells of a trace which of its ways take a stray.
func (s stray) by(e *Evidence, trace path.Trace) []path.Way {
	return slices.DeleteFunc([]path.Way{trace.Forward, trace.Back}, func(way path.Way) bool {
		target, known := e.target(way.To)
		inside := known && s.route.prefix.Contains(target.Address) && s.network.holds(netip.PrefixFrom(target.Address, target.Address.BitLen()))
		return !inside || !slices.ContainsFunc(way.Hops, func(hop path.Hop) bool { return hop.ID == s.table || hop.Root == s.table })
	})
}

// blockedAt is the hop at which the model has a packet lost by a stray.
func (e *Evidence) blockedAt(s stray) (path.Hop, bool) {
	for _, trace := range e.Traces {
		for _, way := range s.by(e, trace) {
			if hop, broken := way.Broken(); broken && (hop.ID == s.table || hop.Root == s.table) {
				return hop, true
			}
		}
	}
	return path.Hop{}, false
}

// weightOf weighs a stray by what becomes of the packets that take it, and of their
// answers: a warning where all arrive, by the model or by echoes. Where no machine's do,
// the next table says whether it leads on.
func (e *Evidence) weightOf(s stray) failure.Severity {
	looked, modelled, echoed := false, true, true
	for _, trace := range e.Traces {
		if len(s.by(e, trace)) > 0 {
			looked, modelled, echoed = true, modelled && e.arrives(trace), echoed && e.answered(trace)
		}
	}
	if looked && (modelled || echoed) || !looked && e.ledOn(s) {
		return failure.Warning
	}
	return failure.Error
}

// ledOn tells of a stray over a peering whether the other end leads on as the file means,
// and not back.
func (e *Evidence) ledOn(s stray) bool {
	peering, over := e.peeringOf(s.route.target)
	return over && slices.ContainsFunc(e.File.Peers(s.gateway), func(p desired.Peer) bool {
		table := e.live(desired.TransitGatewayRoutesID(p.Gateway.Name)).Attrs
		next, found := lookup(routesOf(slices.Concat(table["routes"], table["propagated"])), s.route.prefix)
		back, peered := e.peeringOf(next.target)
		return p.Peering.Name == peering && found && !next.hole && !(peered && back == peering) && e.means(p.Gateway.Name, s.network, next.target)
	})
}

// arrives tells whether the model has the packets of a trace arrive both ways: what is
// lost at a machine has come as far.
func (e *Evidence) arrives(trace path.Trace) bool {
	for _, way := range []path.Way{trace.Forward, trace.Back} {
		hop, broken := way.Broken()
		if _, filter := ends[hop.Kind]; way.Verdict != path.Pass && !(broken && (filter || hop.Kind == path.Machine)) {
			return false
		}
	}
	return true
}

// answered tells whether echoes between the machines of a trace were all answered.
func (e *Evidence) answered(trace path.Trace) bool {
	return slices.ContainsFunc(e.Pings, func(p Ping) bool {
		return p.From == trace.Forward.From && p.To == trace.Forward.To && p.Err == "" && p.Sent > 0 && !lossy(p)
	})
}

// ledAstray gives a finding that a hub takes the VPN gateway's way to a network of another
// hub the weight of the stray of which AWS tells it by BGP, if there is one: that is why.
func (e *Evidence) ledAstray(f Finding, hub string, n network) Finding {
	for _, s := range e.strays() {
		told := slices.ContainsFunc(e.File.LinksOfHub(hub), func(l desired.Link) bool { return l.Routing == desired.BGP && l.TransitGateway == s.gateway })
		if told && s.network.name == n.name && s.route.prefix.String() == f.subject {
			f.told = true
			return f.as(e.weightOf(s))
		}
	}
	return f
}
