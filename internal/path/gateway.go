package path

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// leaveGateway chooses the link by the prefixes of the VPN sites and by those that
// BGP told, the longest one, and a tunnel of it that is up.
func (w *walk) leaveGateway(hub string) {
	id := desired.VPNGatewayID(hub)
	live, why := w.known(id)
	here := place{Gateway, id, live.Ref}
	switch {
	case why != "":
		w.unknown(here, nil, "the VPN gateway of %s: %s", hub, why)
	case !stands(live):
		w.block(here, failure.NotBuilt, []Evidence{w.fact(id, "")}, "there is no VPN gateway on %s", hub)
		return
	default:
		w.pass(here, []Evidence{w.fact(id, "")}, "the VPN gateway of %s stands", hub)
	}
	links, goesOn := w.sites(hub)
	if !goesOn {
		return
	}
	tunnel, goesOn := w.tunnelOf(links)
	if !goesOn {
		return
	}
	w.crossed = append(w.crossed, tunnel.Link)
	w.enterFromVPN(tunnel)
}

// sites finds the links of a gateway whose site has the longest prefix for the
// packet, or over which BGP has told it.
func (w *walk) sites(hub string) ([]desired.Link, bool) {
	var chosen []desired.Link
	var unsure desired.Link
	bits, unsureWhy := -1, ""
	for _, link := range w.linksAt[hub] {
		site, why := w.known(desired.VPNSiteID(link.Name))
		if connection, unread := w.known(desired.AzureConnectionID(link.Name)); why == "" && unread == "" {
			joins := lastPart(connection.Attrs["site"].One())
			if !stands(connection) || joins != "" && !strings.EqualFold(joins, link.Name) {
				continue // its site serves nothing
			}
		}
		if why == "" && stands(site) && !told(site, "address_space") {
			why = "its prefixes were not read"
		}
		learned, unheard := w.learnedOver(link)
		why = cmp.Or(why, unheard)
		if why != "" {
			if slices.ContainsFunc(w.linksTo[w.to.network.name], func(l desired.Link) bool { return l.Name == link.Name }) || unsureWhy == "" {
				unsure, unsureWhy = link, why
			}
			continue
		}
		length := longest(w.prefixesOf(desired.VPNSiteID(link.Name), site), w.to.address)
		if learned > length {
			length = learned
			w.learned = append(w.learned, link.Name)
		}
		if length > bits {
			bits, chosen = length, nil
		}
		if length >= 0 && length == bits {
			chosen = append(chosen, link)
		}
	}
	if unsureWhy != "" && len(chosen) == 0 {
		id := desired.VPNSiteID(unsure.Name)
		return []desired.Link{unsure}, w.unknown(place{Site, id, w.world[id].Ref}, nil, "the prefixes behind the link %s: %s", unsure.Name, unsureWhy)
	}
	if len(chosen) == 0 {
		return nil, w.noSite(hub)
	}
	id := desired.VPNSiteID(chosen[0].Name)
	if slices.Contains(w.learned, chosen[0].Name) {
		return chosen, w.pass(place{Site, id, w.world[id].Ref}, nil, "AWS has told %s by BGP over %s", w.to.address, chosen[0].Name)
	}
	return chosen, w.pass(place{Site, id, w.world[id].Ref}, []Evidence{w.fact(id, "address_space")}, "the VPN site %s has %s among its prefixes", chosen[0].Name, w.to.address)
}

// noSite tells why no link of a gateway carries the packet.
func (w *walk) noSite(hub string) bool {
	var facts []Evidence
	for _, link := range w.linksAt[hub] {
		id, connection := desired.VPNSiteID(link.Name), desired.AzureConnectionID(link.Name)
		for _, needed := range []resource.ID{id, connection} {
			if live, why := w.known(needed); why == "" && !stands(live) {
				return w.block(place{Site, needed, live.Ref}, failure.NotBuilt, []Evidence{w.fact(needed, "")}, "there is no %s", needed)
			}
		}
		facts = append(facts, w.fact(id, "address_space"))
	}
	here := place{kind: Site}
	if links := w.linksAt[hub]; len(links) == 1 {
		here.id = desired.VPNSiteID(links[0].Name)
		here.ref = w.world[here.id].Ref
	}
	if links := w.linksAt[hub]; len(links) == 1 && w.speaksBGP(links[0]) {
		return w.block(here, failure.HubRouteMissing, facts, "AWS has not told %s by BGP over %s", w.to.address, links[0].Name)
	}
	if len(w.linksAt[hub]) == 0 {
		return w.block(here, failure.HubRouteMissing, facts, "%s leads %s to its own VPN gateway, where no link stands", hub, w.to.address)
	}
	return w.block(here, failure.SitePrefixDrift, facts, "no VPN site of %s has %s among its prefixes", hub, w.to.address)
}

// prefixesOf reads the address space of a site.
func (w *walk) prefixesOf(id resource.ID, live resource.Live) []netip.Prefix {
	read, done := w.spaces[id]
	if !done {
		read = parsePrefixes(live.Attrs["address_space"])
		w.spaces[id] = read
	}
	return read
}

// tunnelOf judges the expected pairs of links: the packet takes one that is up.
func (w *walk) tunnelOf(links []desired.Link) (desired.Tunnel, bool) {
	var pairs []desired.Tunnel
	for _, link := range links {
		pairs = append(pairs, link.Tunnels()...)
	}
	return w.tunnels(pairs, true)
}

// tunnels judges expected pairs, for a packet that Azure or AWS sends: it
// passes when any is up.
func (w *walk) tunnels(pairs []desired.Tunnel, byAzure bool) (desired.Tunnel, bool) {
	var up, unsure *desired.Tunnel
	var facts []Evidence
	var says []string
	live := 0
	for i := range pairs {
		state, why := w.tunnelState(pairs[i], byAzure && !slices.Contains(w.learned, pairs[i].Link))
		switch {
		case state == Pass:
			live++
			if up == nil {
				up = &pairs[i]
			}
		case state == Unknown && unsure == nil:
			unsure = &pairs[i]
		}
		if !w.quiet {
			says = append(says, pairs[i].Name()+" "+why)
			facts = append(facts, w.fact(desired.AzureTunnelID(pairs[i]), "status"), w.fact(desired.AWSTunnelID(pairs[i]), "status"))
		}
	}
	switch {
	case len(pairs) == 0:
		return desired.Tunnel{}, w.block(place{Tunnel, "", ""}, failure.TunnelDown, nil, "the file expects no tunnel here")
	case up != nil:
		return *up, w.pass(w.atTunnel(*up), facts, "%s%s", strings.Join(says, ", "), some(live, len(pairs)))
	case unsure != nil:
		return *unsure, w.unknown(w.atTunnel(*unsure), facts, "%s", strings.Join(says, ", "))
	}
	code := failure.TunnelDown
	if w.waitsForBGP(pairs[0]) {
		code = failure.BGPMismatch
	}
	return desired.Tunnel{}, w.block(w.atTunnel(pairs[0]), code, facts, "no tunnel is up: %s", strings.Join(says, ", "))
}

func (w *walk) atTunnel(t desired.Tunnel) place {
	id := desired.AWSTunnelID(t)
	return place{Tunnel, id, w.world[id].Ref}
}

func some(live, all int) string {
	if live == all {
		return ""
	}
	return fmt.Sprintf(": %d of %d", live, all)
}

// tunnelState joins what both clouds say of an expected pair. One that only
// one of them sees is in doubt, for their telemetry lags by minutes, unless AWS
// waits for BGP: it then shows a tunnel down that carries packets from Azure.
func (w *walk) tunnelState(t desired.Tunnel, byAzure bool) (Verdict, string) {
	azure, aws := w.side(desired.AzureTunnelID(t)), w.side(desired.AWSTunnelID(t))
	switch {
	case w.waitsForBGP(t) && byAzure:
		return Pass, "is up for Azure"
	case w.waitsForBGP(t):
		return Block, "is up for Azure, and AWS waits for BGP"
	case azure == Pass && aws == Pass:
		return Pass, "is up"
	case azure == Block && aws == Block:
		return Block, "is down"
	case azure == Unknown && aws == Unknown:
		return Unknown, "is not known"
	}
	return Unknown, fmt.Sprintf("is %s for Azure and %s for AWS", sideWords[azure], sideWords[aws])
}

// waitsForBGP tells whether a tunnel is up without the BGP that AWS expects.
func (w *walk) waitsForBGP(t desired.Tunnel) bool {
	live, why := w.known(desired.AWSConnectionID(t.Link, t.Instance))
	return why == "" && live.Attrs["routing"].One() == string(desired.BGP) &&
		w.side(desired.AzureTunnelID(t)) == Pass && w.side(desired.AWSTunnelID(t)) == Block
}

var sideWords = map[Verdict]string{Pass: "up", Block: "down", Unknown: "unknown"}

// side is a tunnel as one cloud sees it.
func (w *walk) side(id resource.ID) Verdict {
	live, why := w.known(id)
	switch {
	case why != "":
		return Unknown
	case live.Phase <= resource.Deleting, live.Attrs["status"].One() == "down":
		return Block
	case live.Attrs["status"].One() == "up":
		return Pass
	}
	return Unknown
}
