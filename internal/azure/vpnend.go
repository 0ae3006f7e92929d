package azure

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// A connection is a part of the gateway that dials, so that one of a link whose hub
// is another one in the file stands where the file does not have it. Until it is made
// anew at its own gateway it is the link's all the same: its tunnels may carry traffic.

// end is a gateway at which the connection of a link stands.
type end struct {
	at      *scope
	gateway string        // its name
	hub     string        // that it is on
	live    resource.Live // of the gateway, where the connection is not at its own; else zero
}

// ends are the gateways, beside its own, at which the connection of each link was seen.
type ends struct {
	guard  sync.Mutex
	of     map[string][]end
	listed bool            // all gateways were
	moving map[string]bool // the links whose connection at another gateway counts, though one stands at its own
}

// keep takes what a list of all gateways says in the place of what was seen before.
func (e *ends) keep(of map[string][]end) {
	e.guard.Lock()
	defer e.guard.Unlock()
	e.of, e.listed, e.moving = of, true, nil
}

// note adds what was seen before all gateways were listed.
func (e *ends) note(link string, seen end) {
	e.guard.Lock()
	defer e.guard.Unlock()
	if e.of == nil {
		e.of = map[string][]end{}
	}
	if !e.listed && !slices.ContainsFunc(e.of[link], seen.is) {
		e.of[link] = append(e.of[link], seen)
	}
}

// move notes of a link that its connection at another gateway counts.
func (e *ends) move(link string) {
	e.guard.Lock()
	defer e.guard.Unlock()
	if e.moving == nil {
		e.moving = map[string]bool{}
	}
	e.moving[link] = true
}

// moves tells of a link whether its connection at another gateway counts.
func (e *ends) moves(link string) bool {
	e.guard.Lock()
	defer e.guard.Unlock()
	return e.moving[link]
}

// forget notes that the connection of a link has gone from an end.
func (e *ends) forget(link string, gone end) {
	e.guard.Lock()
	defer e.guard.Unlock()
	if known, seen := e.of[link]; seen {
		e.of[link] = slices.DeleteFunc(slices.Clone(known), gone.is)
	}
}

// is tells whether another end is this one.
func (e end) is(other end) bool { return e.at == other.at && e.gateway == other.gateway }

// last lists where the connection of a link was seen; all there is once all gateways
// were listed.
func (e *ends) last(link string) (_ []end, all bool) {
	e.guard.Lock()
	defer e.guard.Unlock()
	return slices.Clone(e.of[link]), e.listed
}

// ref is the ARM id of the connection at its end.
func (v vpnConnection) ref() string {
	return v.end.at.ref("vpnGateways", v.end.gateway, "vpnConnections", v.link.Name)
}

// through is the connection as it stands at another end.
func (v vpnConnection) through(e end) vpnConnection {
	v.end = e
	return v
}

// standing is the connection at the end that its ARM id names: one of those where it
// was seen, else its own.
func (v vpnConnection) standing(ref string) vpnConnection {
	others, _ := v.cloud.ends.last(v.link.Name)
	for _, other := range others {
		if o := v.through(other); canonicalRef(o.ref()) == canonicalRef(ref) {
			return o
		}
	}
	return v
}

// endName is how the hub of an end is told. A gateway that is on the link's own hub,
// and not the file's, is told by its own name.
func (v vpnConnection) endName() string {
	if v.end.hub == v.hub.Name && v.end.gateway != at(v.hub.VPNGateway).Name {
		return v.end.gateway
	}
	return v.end.hub
}

// Locks implements [resource.Resource]: what stands at another gateway is deleted there.
func (v vpnConnection) Locks() []string {
	locks := slices.Clone(v.locks)
	others, _ := v.cloud.ends.last(v.link.Name)
	for _, other := range others {
		locks = append(locks, string(desired.VPNGatewayID(other.hub)))
	}
	slices.Sort(locks)
	return slices.Compact(locks)
}

// get asks for the connection: at its own gateway, and where it is not there, at those
// others where it may stand. It is nil when it is nowhere. Where it stands at its own and
// at another, it is the other when that one alone is up, and from then on until the other
// has gone, or all gateways are listed anew.
func (v vpnConnection) get(ctx context.Context) (vpnConnection, *armnetwork.VPNConnection, error) {
	own, err := v.ask(ctx)
	if err != nil {
		return v, nil, err
	}
	if own == nil {
		others, err := v.cloud.otherEnds(ctx, v.link)
		if err != nil {
			return v, nil, err
		}
		return v.elsewhere(ctx, others, stands)
	}
	others, _ := v.cloud.ends.last(v.link.Name)
	fits := isUp
	switch {
	case v.cloud.ends.moves(v.link.Name):
		fits = stands
	case len(others) == 0 || isUp(own):
		return v, own, nil
	}
	other, connection, err := v.elsewhere(ctx, others, fits)
	switch {
	case err != nil:
		return v, nil, err
	case connection == nil:
		return v, own, nil
	}
	v.cloud.ends.move(v.link.Name)
	return other, connection, nil
}

// stands fits any connection.
func stands(*armnetwork.VPNConnection) bool { return true }

// ask is one GET of the connection where it stands; nil: it is not there.
func (v vpnConnection) ask(ctx context.Context) (*armnetwork.VPNConnection, error) {
	answer, err := v.end.at.connections.Get(ctx, v.end.at.group, v.end.gateway, v.link.Name, nil)
	switch {
	case err == nil:
		return &answer.VPNConnection, nil
	case isAbsent(err):
		return nil, nil
	}
	return nil, problem("vpnGateways/vpnConnections/read", err)
}

// elsewhere is the first connection at other ends that fits; nil: there is none.
func (v vpnConnection) elsewhere(ctx context.Context, others []end, fits func(*armnetwork.VPNConnection) bool) (vpnConnection, *armnetwork.VPNConnection, error) {
	for _, other := range others {
		switch connection, err := v.through(other).ask(ctx); {
		case err != nil:
			return v, nil, err
		case connection == nil:
			v.cloud.ends.forget(v.link.Name, other)
		case fits(connection):
			v.cloud.ends.note(v.link.Name, other)
			return v.through(other), connection, nil
		}
	}
	return v, nil, nil
}

// isUp tells whether a tunnel of the connection is up, as Azure sees it.
func isUp(connection *armnetwork.VPNConnection) bool {
	return slices.ContainsFunc(present(at(connection.Properties).VPNLinkConnections), func(link *armnetwork.VPNSiteLinkConnection) bool {
		return at(at(link.Properties).ConnectionStatus) == armnetwork.VPNConnectionStatusConnected
	})
}

// otherEnds lists the gateways, beside its own, at which the connection of a link may
// stand: where it was when all gateways were listed, or, before that, those of the file's
// other hubs.
func (c *Cloud) otherEnds(ctx context.Context, link desired.Link) ([]end, error) {
	if others, known := c.ends.last(link.Name); known {
		return others, nil
	}
	var others []end
	for _, hub := range c.file.Azure.Hubs {
		if hub.VPNGateway == nil || hub.Name == link.Hub {
			continue
		}
		live := c.gateways.of(desired.VPNGatewayID(hub.Name))
		if live.Phase == resource.Unknown {
			var err error
			if live, err = c.vpnGateway(hub).Read(ctx, nil); err != nil {
				return nil, err
			}
		}
		e := c.endOf(hub)
		e.live = live
		if hub.VPNGateway.Adopt || live.Owner == c.file.Owner {
			others = append(others, e)
		}
	}
	return others, nil
}

// keepEnds notes what a list of all gateways says of where connections stand. Of a list
// that broke off it notes nothing, and returns why it did.
func (c *Cloud) keepEnds(gateways *listing[armnetwork.VPNGateway]) error {
	for _, err := range gateways.failed {
		return err
	}
	of := map[string][]end{}
	for _, ref := range slices.Sorted(maps.Keys(gateways.items)) {
		gateway := gateways.items[ref]
		e, ours := c.endAt(gateway)
		if !ours {
			continue
		}
		for _, connection := range present(at(gateway.Properties).Connections) {
			for _, link := range c.file.Links {
				v := c.vpnConnection(link)
				away := canonicalRef(v.ref()) != canonicalRef(at(connection.ID)) && equalFold(lastPart(at(connection.ID)), link.Name)
				if away && canonicalRef(at(at(at(connection.Properties).RemoteVPNSite).ID)) == canonicalRef(v.siteRef()) {
					of[link.Name] = append(of[link.Name], e)
				}
			}
		}
	}
	c.ends.keep(of)
	return nil
}

// endAt is a gateway as an end, when it is one of ours: by its tag, or because the
// file adopts it.
func (c *Cloud) endAt(gateway *armnetwork.VPNGateway) (_ end, ours bool) {
	ref := at(gateway.ID)
	scope := c.scopes[strings.ToLower(refPart(ref, "subscriptions"))]
	if scope == nil || !equalFold(scope.group, refPart(ref, "resourceGroups")) {
		return end{}, false
	}
	e := end{at: scope, gateway: lastPart(ref), hub: lastPart(at(at(at(gateway.Properties).VirtualHub).ID)), live: liveGateway(gateway)}
	adopted := slices.ContainsFunc(c.file.Azure.Hubs, func(hub desired.Hub) bool {
		own := c.endOf(hub)
		return at(hub.VPNGateway).Adopt && own.at == e.at && equalFold(own.gateway, e.gateway)
	})
	return e, adopted || e.live.Owner == c.file.Owner
}

// endOf is the gateway that the file has on a hub.
func (c *Cloud) endOf(hub desired.Hub) end {
	return end{at: c.scopeOf(hub), gateway: at(hub.VPNGateway).Name, hub: hub.Name}
}
