package fabric

import (
	"fmt"
	"net/netip"
	"time"
)

// tunnelKey names a tunnel by its two public ends.
type tunnelKey struct{ outside, instance netip.Addr }

// history is what the fabric remembers of a tunnel.
type history struct {
	agreed time.Time // since when both sides agree; zero: they do not
	Tunnel
}

// Update works everything out anew as of now.
func (f *Fabric) Update(now time.Time, azure Azure, aws AWS) {
	f.now, f.azure, f.aws = now, azure, aws
	f.index = newIndex(azure, aws)
	f.hubRoutes, f.tgwRoutes, f.nicRoutes = map[string][]Route{}, map[string][]TGWRoute{}, map[string][]NICRoute{}
	f.walks = map[flow]walked{}
	f.pairs = nil
	met := map[tunnelKey]agreement{}
	for _, gateway := range azure.Gateways {
		for _, link := range f.linksOf[fold(gateway.ID)] {
			for instance := range gateway.Instances {
				f.pairs = append(f.pairs, f.meet(gateway, instance, link, met))
			}
		}
	}
	for key, agreement := range met {
		f.remember(key, agreement)
	}
	for i := range f.pairs {
		pair := &f.pairs[i]
		if past := f.histories[pair.key()]; pair.Why == "" {
			pair.Tunnel = past.Tunnel
		} else if pair.Why == past.Why {
			pair.Since, pair.BGPSince = past.Since, past.BGPSince
		}
	}
	f.addUndialled()
	f.forget(met)
	f.pairsOf = map[netip.Addr][]Pair{}
	for _, pair := range f.pairs {
		f.pairsOf[pair.Outside] = append(f.pairsOf[pair.Outside], pair)
	}
	f.updateLinks()
}

// meet works out who meets whom in a pair, and what comes of it. Of several
// link connections with the same two ends, one that agrees counts.
func (f *Fabric) meet(gateway Gateway, instance int, link LinkConnection, met map[tunnelKey]agreement) Pair {
	m := meeting{gateway: gateway, instance: instance, link: link}
	pair := Pair{
		LinkConnection: link.ID, Gateway: gateway.ID, Instance: instance,
		Address: m.address(), Outside: link.Remote,
	}
	end, found := f.ends[link.Remote]
	if !found {
		pair.Why = fmt.Sprintf("nothing answers at %s: no AWS tunnel has that outside address", link.Remote)
		return pair
	}
	m.connection, m.tunnel, m.transitGateway = end.connection, end.tunnel, f.transitGateways[end.connection.TransitGateway]
	pair.Connection, pair.TransitGateway, pair.Attachment = m.connection.ID, m.connection.TransitGateway, m.connection.Attachment
	pair.Meant = m.connection.CustomerAddress == pair.Address

	m.cut = f.cut(link.Remote)
	agreement := m.agree()
	pair.Why = agreement.why
	if before, twice := met[pair.key()]; !twice || before.why != "" {
		met[pair.key()] = agreement
	}
	return pair
}

func (p Pair) key() tunnelKey { return tunnelKey{p.Outside, p.Address} }

// remember moves a tunnel's history on to now.
func (f *Fabric) remember(key tunnelKey, a agreement) {
	past := f.histories[key]
	next := history{agreed: past.agreed, Tunnel: Tunnel{Why: a.why, Since: past.Since, BGPSince: past.BGPSince}}
	at := f.now
	switch {
	case a.why != "":
		next.agreed = time.Time{}
	case past.agreed.IsZero():
		next.agreed = f.now
	}
	if a.why == "" {
		up := next.agreed.Add(f.handshake)
		next.Up = !up.After(f.now)
		if next.Up && !past.Up {
			at = up
		}
		next.Why = "both sides agree and are negotiating"
	}
	if next.Up {
		next.Phase1, next.Phase2 = a.phase1, a.phase2
		next.BGPUp, next.Why = a.bgp, a.noBGP
	}
	if next.Up != past.Up {
		next.Since = at
	}
	if next.BGPUp != past.BGPUp {
		next.BGPSince = at
	}
	f.histories[key] = next
}

// addUndialled adds the AWS tunnels that no link connection dials.
func (f *Fabric) addUndialled() {
	dialled := map[netip.Addr]bool{}
	for _, pair := range f.pairs {
		dialled[pair.Outside] = true
	}
	for _, connection := range f.aws.Connections {
		for _, tunnel := range connection.Tunnels {
			if dialled[tunnel.Outside] {
				continue
			}
			f.pairs = append(f.pairs, Pair{
				Connection: connection.ID, TransitGateway: connection.TransitGateway, Attachment: connection.Attachment,
				Outside: tunnel.Outside, Tunnel: Tunnel{Why: undialled(tunnel.Outside)},
			})
		}
	}
}

func undialled(outside netip.Addr) string {
	return fmt.Sprintf("nobody dials %s: no Azure link connection has it as its remote address", outside)
}

// forget takes down the tunnels that have lost one end, and drops those that
// have lost both.
func (f *Fabric) forget(met map[tunnelKey]agreement) {
	for key, past := range f.histories {
		if _, stands := met[key]; stands {
			continue
		}
		if _, stands := f.ends[key.outside]; !stands {
			delete(f.histories, key)
			continue
		}
		if past.Up || !past.agreed.IsZero() {
			f.remember(key, agreement{why: undialled(key.outside)})
		}
	}
}

// NextChange is when a tunnel will come up by itself, if one will.
func (f *Fabric) NextChange() (time.Time, bool) {
	var next time.Time
	for _, past := range f.histories {
		if past.agreed.IsZero() || past.Up {
			continue
		}
		if up := past.agreed.Add(f.handshake); next.IsZero() || up.Before(next) {
			next = up
		}
	}
	return next, !next.IsZero()
}

// Pairs lists every pair, in a stable order.
func (f *Fabric) Pairs() []Pair { return f.pairs }

// Tunnel is the state of the tunnel between an outside address of AWS and the
// public address of an instance.
func (f *Fabric) Tunnel(outside, instance netip.Addr) Tunnel {
	if past, known := f.histories[tunnelKey{outside, instance}]; known {
		return past.Tunnel
	}
	for _, pair := range f.pairsOf[outside] {
		if pair.LinkConnection == "" || pair.Address == instance {
			return pair.Tunnel
		}
	}
	return Tunnel{Why: fmt.Sprintf("no Azure gateway dials %s from %s", outside, instance)}
}

// Link is the state of an Azure link connection, with its history.
func (f *Fabric) Link(linkConnection string) LinkState {
	if state, known := f.links[fold(linkConnection)]; known {
		return state
	}
	return LinkState{Status: "Unknown", Before: "Unknown"}
}

// LinkStatus is the status of an Azure link connection: Connected when the
// tunnel of any instance is up.
func (f *Fabric) LinkStatus(linkConnection string) string { return f.Link(linkConnection).Status }

func (f *Fabric) updateLinks() {
	status := map[string]string{}
	since := map[string]time.Time{}
	for _, pair := range f.pairs {
		if pair.LinkConnection == "" {
			continue
		}
		link := fold(pair.LinkConnection)
		status[link] = better(status[link], f.statusOf(pair))
		if pair.Up && (since[link].IsZero() || pair.Since.Before(since[link])) {
			since[link] = pair.Since
		}
	}
	links := map[string]LinkState{}
	for link, is := range status {
		was, known := f.links[link]
		switch {
		case !known:
			was = LinkState{Status: is, Before: "Unknown", Since: f.now}
		case was.Status != is:
			was = LinkState{Status: is, Before: was.Status, Since: f.now}
			if is == "Connected" {
				was.Since = since[link]
			}
		}
		links[link] = was
	}
	f.links = links
}

// statusOf is what a pair alone would make of its link's status. That a link
// which dials somebody is Connecting, and one which dials nobody or only waits
// is NotConnected, is a guess: no recording shows the difference.
func (f *Fabric) statusOf(pair Pair) string {
	switch {
	case pair.Up:
		return "Connected"
	case pair.Connection != "" && f.initiators[fold(pair.LinkConnection)]:
		return "Connecting"
	}
	return "NotConnected"
}

func better(a, b string) string {
	for _, status := range []string{"Connected", "Connecting", "NotConnected"} {
		if a == status || b == status {
			return status
		}
	}
	return b
}
