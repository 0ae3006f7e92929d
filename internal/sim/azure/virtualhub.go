package azure

import (
	"fmt"
	"net/http"
	"net/netip"
	"time"
)

// The states of a hub's router. Failed is reached only by injection.
const (
	routingNone         = "None"
	routingProvisioning = "Provisioning"
	routingProvisioned  = "Provisioned"
)

func virtualHubKind() *kind {
	return &kind{
		path:    []string{"virtualHubs"},
		located: true,
		names:   [][]string{{"virtualWan"}},
		check:   checkHub,
		fill:    fillHub,
		finish:  finishHub,
		view: func(c *Cloud, n *node, properties object, _ bool) {
			if gateway := c.gatewayOn(n); gateway != nil {
				properties["vpnGateway"] = reference(gateway.id)
			}
		},
		inUse: func(c *Cloud, n *node) *failure {
			gateway, connections := c.gatewayOn(n), c.below(n, "hubVirtualNetworkConnections")
			if gateway == nil && len(connections) == 0 {
				return nil
			}
			return inUse("VirtualHub", n.id, "it has a gateway or virtual network connections")
		},
		actions: map[string]action{
			"effectiveRoutes": {output: hubEffectiveRoutes},
			"inboundRoutes":   {output: hubExchangedRoutes},
			"outboundRoutes":  {output: hubExchangedRoutes},
		},
	}
}

// inUse refuses the deletion of a hub, a site, a link. The WAN's code is
// reported by users; that the others are built the same way is a guess.
func inUse(what, id, why string) *failure {
	return &failure{
		status: http.StatusBadRequest, code: "InUse" + what + "CannotBeDeleted",
		message: fmt.Sprintf("%s is in use and cannot be deleted: %s.", id, why),
	}
}

func (c *Cloud) gatewayOn(hub *node) *node {
	for _, n := range c.all("vpnGateways") {
		if same(text(n.properties(), "virtualHub", "id"), hub.id) {
			return n
		}
	}
	return nil
}

// checkHub wants a prefix of /24 or wider, which the documentation names as
// the smallest, that does not change.
func checkHub(c *Cloud, d draft) *failure {
	prefix := text(d.properties(), "addressPrefix")
	parsed, err := netip.ParsePrefix(prefix)
	if prefix != "" && (err != nil || parsed != parsed.Masked() || parsed.Bits() > 24) {
		return badPrefix(prefix, d.id)
	}
	if d.old != nil && prefix != "" && prefix != text(d.old.properties(), "addressPrefix") {
		return badRequest("VirtualHubAddressPrefixCannotBeUpdated", "The address prefix of virtual hub %s cannot be changed.", d.id) // a guess
	}
	return nil
}

func fillHub(c *Cloud, n *node, old object) {
	was := child(old, "properties")
	kept := object{"virtualRouterAsn": 65515, "virtualRouterIps": []any{}, "routingState": routingNone}
	for name := range kept {
		delete(n.properties(), name) // read-only: what the client sends does not count
		if value, had := was[name]; had {
			kept[name] = value
		}
	}
	defaults := merge(object{
		"virtualHubRouteTableV2s":             []any{},
		"routeTable":                          object{"routes": []any{}},
		"virtualRouterAutoScaleConfiguration": object{"minCapacity": 2},
		"networkVirtualAppliances":            []any{},
		"allowBranchToBranchTraffic":          false,
		"hubRoutingPreference":                "ExpressRoute",
	}, kept)
	n.body = merge(object{"properties": defaults}, n.body)
	for _, computed := range []string{"vpnGateway", "bgpConnections", "ipConfigurations"} {
		delete(n.properties(), computed)
	}
	if old == nil {
		c.makeBuiltInTables(n)
	}
	if n.works == nil {
		n.made = c.ground.Now() // also after a creation that failed
	}
}

// finishHub starts the router: its state leaves None when the hub's first
// write has succeeded, and the hub is usable for a gateway from then on.
func finishHub(c *Cloud, n *node) {
	if text(n.properties(), "routingState") == routingNone {
		n.properties()["routingState"] = routingProvisioning
		c.ground.Agenda.At(n.made.Add(c.ground.Takes("azure/virtualHubs/routing")), func(at time.Time) { c.route(n, at) })
	}
}

// route makes a hub's router Provisioned. While a write runs on the hub it
// waits, for the service does one thing at a time.
func (c *Cloud) route(n *node, at time.Time) {
	switch {
	case !c.there(n) || text(n.properties(), "routingState") != routingProvisioning:
		return
	case n.writing != nil:
		c.ground.Agenda.At(at.Add(5*time.Second), func(at time.Time) { c.route(n, at) })
		return
	}
	c.setRouting(n, routingProvisioned)
	c.flap(n, at, c.ground.Takes("azure/virtualHubs/flap"))
}

// flap makes a hub read Updating once more, without any write of the
// client's. That it does when its router becomes Provisioned was recorded in
// 2024; how long was not.
func (c *Cloud) flap(n *node, at time.Time, span time.Duration) {
	if span == 0 {
		return
	}
	o := &operation{
		id: c.newGUID(), base: "https://management.azure.com", sub: n.group.subscription.id,
		location: c.location(n), version: "2025-05-01", began: at, method: http.MethodPut, result: n,
	}
	c.operations[o.id] = o
	n.state, n.writing, n.etag = "Updating", o, c.newETag()
	c.ground.Agenda.At(at.Add(span), func(end time.Time) {
		c.end(o, end)
		c.unlock(o)
		if c.there(n) && n.state == "Updating" {
			n.state, n.etag = "Succeeded", c.newETag()
			c.changed()
		}
	})
}

// setRouting sets the state of a hub's router, with its two addresses when it
// is Provisioned.
func (c *Cloud) setRouting(n *node, state string) {
	for _, body := range []object{n.body, n.works} {
		if body == nil {
			continue
		}
		properties := child(body, "properties")
		properties["routingState"] = state
		if prefix, err := netip.ParsePrefix(text(properties, "addressPrefix")); err == nil && state == routingProvisioned {
			properties["virtualRouterIps"] = anys(hostOf(prefix, 69).String(), hostOf(prefix, 68).String())
		}
	}
	c.changed()
}

// hostOf is the nth address of a prefix.
func hostOf(prefix netip.Prefix, n int) netip.Addr {
	address := prefix.Masked().Addr()
	for range n {
		address = address.Next()
	}
	return address
}
