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
	listed bool // all gateways were
}

// keep takes what a list of all gateways says in the place of what was seen before.
func (e *ends) keep(of map[string][]end) {
	e.guard.Lock()
	defer e.guard.Unlock()
	e.of, e.listed = of, true
}

// note adds what was seen before all gateways were listed.
func (e *ends) note(link string, seen end) {
	e.guard.Lock()
	defer e.guard.Unlock()
	if e.of == nil {
		e.of = map[string][]end{}
	}
	if !e.listed && !slices.ContainsFunc(e.of[link], func(known end) bool { return known.at == seen.at && known.gateway == seen.gateway }) {
		e.of[link] = append(e.of[link], seen)
	}
}

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
// others where it may stand. It is nil when it is nowhere.
func (v vpnConnection) get(ctx context.Context) (vpnConnection, *armnetwork.VPNConnection, error) {
	const action = "vpnGateways/vpnConnections/read"
	answer, err := v.end.at.connections.Get(ctx, v.end.at.group, v.end.gateway, v.link.Name, nil)
	if err == nil {
		return v, &answer.VPNConnection, nil
	}
	if !isAbsent(err) {
		return v, nil, problem(action, err)
	}
	others, err := v.cloud.otherEnds(ctx, v.link)
	if err != nil {
		return v, nil, err
	}
	for _, other := range others {
		answer, err := other.at.connections.Get(ctx, other.at.group, other.gateway, v.link.Name, nil)
		switch {
		case err == nil:
			v.cloud.ends.note(v.link.Name, other)
			return v.through(other), &answer.VPNConnection, nil
		case !isAbsent(err):
			return v, nil, problem(action, err)
		}
	}
	return v, nil, nil
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
