package path

import (
	"cmp"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/survey"
)

// defaultTable is the hub's route table of which everything of the link is.
const defaultTable = "defaultroutetable"

// sendFromVNet is the way out of a VNet: the machine, its filters, the routes
// of its network interface, the connection to the hub.
func (w *walk) sendFromVNet() {
	vnet := w.from.network
	if !w.leave() || !w.filterOut() {
		return
	}
	if local := covers(vnet.prefixes, w.to.address); w.from.target == nil {
		if local || !w.connected(vnet) {
			return
		}
	} else if goesOn, stays := w.nicRoutes(vnet, local); !goesOn {
		return
	} else if stays {
		w.arrive()
		return
	}
	w.enterHub(w.hubOf[vnet.name])
}

// nicRoutes judges the effective routes of the machine's network interface.
// It reports whether the packet goes on, and whether it stays in the VNet.
func (w *walk) nicRoutes(vnet network, local bool) (goesOn, stays bool) {
	machine := w.from.machine
	here := place{NICRoutes, "", machine.Interface}
	why := w.seen(machine.Seen)
	if why == "" {
		why = w.seen(machine.Routes.Seen)
	}
	if why != "" {
		w.unknown(here, nil, "the effective routes of %s: %s", w.from.name, why)
		return local || w.connected(vnet), local
	}
	routes := w.tableOf("nic "+w.from.name, func() []survey.Route { return machine.Routes.Routes })
	route, found := routes.lookup(w.to.address)
	facts := []Evidence{{Call: callNICRoutes, Field: "value", Value: w.routeText(route), At: machine.Routes.At}}
	switch {
	case !found:
		return w.blockBy(w.whyUntold(vnet), here, facts, "no effective route covers %s", w.to.address), false
	case route.Next == survey.NextLocal && w.to.network.name != vnet.name:
		return w.block(here, failure.PrefixOverlap, facts, "%s is local to %s, though %s is in %s", route.Prefix, vnet.name, w.to.name, w.to.network.name), false
	case route.Next == survey.NextLocal:
		return w.pass(here, facts, "%s is local to the VNet", route.Prefix), true
	case route.Next == survey.NextGateway:
		if !w.led(vnet) {
			return w.blockBy(w.whyUntold(vnet), here, facts, "%s goes to a gateway that the VNet does not have", route.Prefix), false
		}
		return w.pass(here, facts, "%s goes to the hub", route.Prefix) && w.connected(vnet), false
	case route.Source == survey.User:
		return w.block(here, failure.NICRouteOverridden, facts, "the user-defined route %s%s sends it to %s", route.Prefix, ofTable(route), target(route)), false
	}
	because := w.whyUntold(vnet)
	if machine.Routes.GatewayRoutesOff {
		because = cause{code: failure.NICRouteOverridden, says: ": the subnet's route table keeps the routes of gateways out"}
	}
	return w.blockBy(because, here, facts, "the best route is %s to %s", route.Prefix, target(route)), false
}

func ofTable(route survey.Route) string {
	if route.Table == "" {
		return ""
	}
	return " of " + lastPart(route.Table)
}

// target is where a route leads, in words.
func target(route survey.Route) string {
	words := map[survey.Next]string{
		survey.NextNowhere: "nowhere", survey.NextInternet: "the Internet", survey.NextAppliance: "a virtual appliance", survey.NextGateway: "a gateway",
	}
	text, common := words[route.Next]
	if !common {
		text = string(route.Next)
	}
	if len(route.Via) > 0 {
		text += " " + listed(route.Via)
	}
	return text
}

// led tells whether the VNet is joined to its hub as far as is known.
func (w *walk) led(vnet network) bool {
	live, why := w.known(desired.VNetConnectionID(vnet.name))
	return why != "" || stands(live) && live.Attrs["associated_table"].One() == defaultTable
}

// whyUntold looks for the reason why a VNet's machines are told no route to
// where the packet goes: the nearest one that can be seen.
func (w *walk) whyUntold(vnet network) cause {
	hub := w.hubOf[vnet.name]
	trial := &walk{Model: w.Model, from: &end{name: vnet.name, network: vnet}, to: w.to, verdict: Pass}
	if !trial.connected(vnet) || !trial.enterOnly(hub) {
		last := trial.hops[len(trial.hops)-1]
		return cause{last.Code, cmp.Or(last.Root, last.ID), ": " + last.Says}
	}
	return cause{code: failure.NICRouteOverridden}
}

// connected judges the connection of a VNet to its hub, by which the VNet
// learns the hub's routes.
func (w *walk) connected(vnet network) bool {
	id := desired.VNetConnectionID(vnet.name)
	live, why := w.known(id)
	here := place{VNetConnection, id, live.Ref}
	joins := live.Attrs["remote_vnet"].One()
	switch {
	case why != "":
		return w.unknown(here, nil, "the connection of %s to its hub: %s", vnet.name, why)
	case !stands(live):
		return w.block(here, failure.VNetConnectionRouting, []Evidence{w.fact(id, "")}, "%s is not connected to its hub", vnet.name)
	case joins != "" && !strings.EqualFold(joins, vnet.id):
		return w.block(here, failure.VNetConnectionRouting, []Evidence{w.fact(id, "remote_vnet")}, "another VNet is connected in the place of %s", vnet.name)
	case live.Attrs["associated_table"].One() != defaultTable:
		return w.block(here, failure.VNetConnectionRouting, []Evidence{w.fact(id, "associated_table")},
			"the connection of %s is associated with %s, and does not learn the hub's routes", vnet.name, live.Attrs["associated_table"])
	}
	return w.pass(here, []Evidence{w.fact(id, "associated_table")}, "%s is connected to %s and learns its routes", vnet.name, w.hubOf[vnet.name])
}

// enterVNet delivers the packet in a VNet. A hub that has a route to it has its
// connection.
func (w *walk) enterVNet(vnet network) {
	if w.to.network.name != vnet.name {
		code := failure.HubRouteMissing
		if covers(vnet.prefixes, w.to.address) {
			code = failure.PrefixOverlap
		}
		w.block(place{VNetConnection, desired.VNetConnectionID(vnet.name), ""}, code, nil, "the hub sends it to %s, though %s is in %s", vnet.name, w.to.name, w.to.network.name)
		return
	}
	id := desired.VNetConnectionID(vnet.name)
	if w.pass(place{VNetConnection, id, w.world[id].Ref}, nil, "to %s", vnet.name) {
		w.arrive()
	}
}
