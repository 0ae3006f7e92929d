package path

import (
	"slices"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// enterHub routes the packet in a hub, by the effective routes of its default
// route table.
func (w *walk) enterHub(hub string) {
	w.onward(router{hub, "", w.branch}, func() { w.routeInHub(hub) })
}

func (w *walk) routeInHub(hub string) {
	route, goesOn := w.hubRoute(hub)
	if !goesOn {
		return
	}
	switch route.Next {
	case survey.NextVNet, survey.NextOther, "resourceid":
		w.leaveHubTo(hub, route)
	case survey.NextHub:
		w.toOtherHub(hub, route)
	case survey.NextVPN:
		w.leaveHubByVPN(hub)
	}
}

// enterOnly judges a hub without going on from it.
func (w *walk) enterOnly(hub string) bool {
	_, goesOn := w.hubRoute(hub)
	return goesOn
}

// hubRoute judges a hub: that its router works, and where it sends the packet.
func (w *walk) hubRoute(hub string) (survey.Route, bool) {
	id := desired.HubID(hub)
	live, why := w.known(id)
	here := place{Hub, id, live.Ref}
	if w.circles(here) {
		return survey.Route{}, false
	}
	switch {
	case why != "":
		w.unknown(here, nil, "%s: %s", hub, why)
	case !stands(live):
		return survey.Route{}, w.block(here, failure.NotBuilt, []Evidence{w.fact(id, "")}, "there is no %s", hub)
	case !routed(live):
		code, says := unrouted(hub, live)
		return survey.Route{}, w.block(here, code, []Evidence{w.fact(id, "routing_state")}, "%s", says)
	}
	routes, facts, why := w.routesOfHub(hub)
	if why != "" {
		w.unknown(here, nil, "the routes of %s: %s", hub, why)
		return w.declared(hub), true
	}
	route, found := routes.lookup(w.to.address)
	facts = evidenceOf(facts, w.routeText(route))
	switch {
	case !found:
		return route, w.blockBy(w.whyNoHubRoute(), here, facts, "no effective route of %s covers %s", hub, w.to.address)
	case !slices.Contains([]survey.Next{survey.NextVNet, survey.NextVPN, survey.NextHub, survey.NextOther, "resourceid"}, route.Next):
		return route, w.block(here, failure.HubRouteMissing, facts, "%s sends %s to %s%s", hub, route.Prefix, target(route), w.preferring(hub))
	}
	return route, w.pass(here, facts, "%s sends %s to %s", hub, route.Prefix, hopWords[route.Next])
}

var hopWords = map[survey.Next]string{
	survey.NextVNet: "its VNet", survey.NextVPN: "the VPN gateway", survey.NextHub: "another hub", survey.NextOther: "a resource", "resourceid": "a resource",
}

// hubsTo are the hubs with a link to a VPC.
func (m *Model) hubsTo(vpc string) []string {
	var hubs []string
	for _, link := range m.linksTo[vpc] {
		hubs = append(hubs, link.Hub)
	}
	return hubs
}

// unrouted names a hub whose router does not work.
func unrouted(hub string, live resource.Live) (failure.Code, string) {
	state := live.Attrs["routing_state"].One()
	if state == "failed" {
		return failure.ResourceFailed, "the router of " + hub + " has failed"
	}
	return failure.HubRouterNotReady, "the router of " + hub + " is not ready: its routing state is " + state
}

// evidenceOf fills in a value.
func evidenceOf(facts []Evidence, value string) []Evidence {
	for i := range facts {
		facts[i].Value = value
	}
	return facts
}

// preferring names the hub's routing preference, where it may have decided.
func (w *walk) preferring(hub string) string {
	if seen := w.survey.Hubs[hub]; w.seen(seen.Seen) == "" && seen.Preference != "" {
		return ", its routing preference being " + seen.Preference
	}
	return ""
}

// routesOfHub are the effective routes of a hub as they were surveyed, else as
// the audit saw them.
func (w *walk) routesOfHub(hub string) (*table, []Evidence, string) {
	if seen := w.survey.Hubs[hub]; w.seen(seen.Seen) == "" && w.seen(seen.Routes.Seen) == "" {
		t := w.tableOf("hub "+hub, func() []survey.Route { return seen.Routes.Routes })
		return t, []Evidence{{Call: callHubRoutes, Field: "value", At: seen.Routes.At}}, ""
	}
	id := desired.HubRoutesID(hub)
	live, why := w.known(id)
	if why != "" || !told(live, "routes") {
		return nil, nil, "they were not read"
	}
	t := w.tableOf("hub "+hub, func() []survey.Route { return hubRoutes(live.Attrs["routes"]) })
	return t, []Evidence{{Call: callHubRoutes, Field: "value", At: live.AsOf}}, ""
}

// declared is the route that the file means a hub to have for the packet.
func (w *walk) declared(hub string) survey.Route {
	home := w.to.network
	switch {
	case home.vnet && w.hubOf[home.name] == hub:
		return survey.Route{Next: survey.NextVNet}
	case home.vnet:
		return survey.Route{Next: survey.NextHub}
	case slices.Contains(w.hubsTo(home.name), hub):
		return survey.Route{Next: survey.NextVPN}
	}
	return survey.Route{Next: survey.NextHub}
}

// whyNoHubRoute looks for the reason why hubs know no way to where the packet
// goes: a VNet whose connection tells them nothing, or a site without the prefix.
func (w *walk) whyNoHubRoute() cause {
	home := w.to.network
	if why := w.whyUnrouted(home); why.code != "" {
		return why
	}
	if home.vnet {
		id := desired.VNetConnectionID(home.name)
		live, why := w.known(id)
		switch {
		case why != "":
		case live.Phase == resource.Failed:
			return cause{failure.ResourceFailed, id, ": the connection of " + home.name + " to its hub has failed"}
		case !stands(live):
			return cause{failure.VNetConnectionRouting, id, ": " + home.name + " is not connected to its hub"}
		case !tells(live):
			return cause{failure.VNetConnectionRouting, id, ": the connection of " + home.name + " does not propagate to the default route table"}
		}
		return cause{code: failure.HubRouteMissing}
	}
	for _, link := range w.linksTo[home.name] {
		site, why := w.known(desired.VPNSiteID(link.Name))
		if w.speaksBGP(link) { // its site has no prefixes
			site = resource.Live{}
		}
		if why == "" && stands(site) && !covers(parsePrefixes(site.Attrs["address_space"]), w.to.address) {
			return cause{failure.SitePrefixDrift, desired.VPNSiteID(link.Name), ": the VPN site " + link.Name + " does not have it"}
		}
		for _, id := range []resource.ID{desired.VPNGatewayID(link.Hub), desired.VPNSiteID(link.Name), desired.AzureConnectionID(link.Name)} {
			if live, why := w.known(id); why == "" && !stands(live) {
				return cause{failure.NotBuilt, id, ": there is no " + string(id)}
			}
		}
	}
	return cause{code: failure.HubRouteMissing}
}

// whyUnrouted looks at the hubs that a network is reached by: the VNet's own,
// those of the links to the VPC.
func (w *walk) whyUnrouted(home network) cause {
	hubs := []string{w.hubOf[home.name]}
	if !home.vnet {
		hubs = w.hubsTo(home.name)
	}
	for _, hub := range hubs {
		if live, why := w.known(desired.HubID(hub)); why == "" && stands(live) && !routed(live) {
			code, says := unrouted(hub, live)
			return cause{code, desired.HubID(hub), ": " + says}
		}
	}
	return cause{}
}

// tells tells whether a connection's prefixes come into its hub's default table.
func tells(live resource.Live) bool {
	return live.Attrs["propagated_tables"].Has(defaultTable) || live.Attrs["propagated_labels"].Has("default")
}

// leaveHubTo goes on to the VNet that a route leads to.
func (w *walk) leaveHubTo(hub string, route survey.Route) {
	for _, via := range route.Via {
		for _, vnet := range w.vnetsAt[hub] {
			if strings.EqualFold(w.world[desired.VNetConnectionID(vnet)].Ref, via) {
				w.enterVNet(w.networks[vnet])
				return
			}
		}
	}
	home, known := w.home(w.to.address)
	switch {
	case route.Next == survey.NextVNet && known && w.hubOf[home.name] == hub:
		w.enterVNet(home)
	case len(route.Via) > 0:
		w.block(place{Hub, desired.HubID(hub), ""}, failure.HubRouteMissing, nil, "%s leads to %s, which is no VNet of the file on this hub", route.Prefix, lastPart(route.Via[0]))
	default:
		w.unknown(place{Hub, desired.HubID(hub), ""}, nil, "%s leads to a VNet that the file does not have", route.Prefix)
	}
}

// toOtherHub goes on to the hub that a route names, else to the one that knows
// the way by itself, among those that the file means to.
func (w *walk) toOtherHub(hub string, route survey.Route) {
	for _, via := range route.Via {
		if other, known := w.hubRefs[strings.ToLower(via)]; known {
			w.enterHub(other)
			return
		}
	}
	meant := w.hubsTo(w.to.network.name)
	if w.to.network.vnet {
		meant = []string{w.hubOf[w.to.network.name]}
	}
	next, knowing := "", []string(nil)
	for _, other := range meant {
		if other == hub {
			continue
		}
		if next == "" {
			next = other
		}
		if routes, _, why := w.routesOfHub(other); why == "" {
			if own, found := routes.lookup(w.to.address); found && own.Next != survey.NextHub {
				knowing = append(knowing, other)
			}
		}
	}
	if len(knowing) > 0 {
		next = knowing[0]
	}
	switch here := (place{Hub, desired.HubID(hub), ""}); {
	case next == "":
		w.unknown(here, nil, "no other hub of the file is meant to have %s", w.to.address)
		return
	case w.differ(knowing):
		w.unknown(here, nil, "%s may lead to %s, and which of them is not told", route.Prefix, listed(knowing))
	}
	w.enterHub(next)
}

// differ tells whether it matters by which of some hubs the packet goes on.
func (w *walk) differ(hubs []string) bool {
	var verdicts []Verdict
	for _, hub := range hubs {
		ahead := *w
		ahead.quiet, ahead.hops, ahead.routed, ahead.verdict = true, nil, nil, Pass
		ahead.crossed, ahead.learned = nil, nil
		ahead.enterHub(hub)
		verdicts = append(verdicts, ahead.verdict)
	}
	slices.Sort(verdicts)
	return len(slices.Compact(verdicts)) > 1
}

// leaveHubByVPN goes on to the gateway. From a branch to a branch only where
// the virtual WAN allows it.
func (w *walk) leaveHubByVPN(hub string) {
	id := desired.VirtualWANID(w.file.Azure.VirtualWAN.Name)
	if w.branch {
		live, why := w.known(id)
		here := place{Hub, desired.HubID(hub), live.Ref}
		switch {
		case why != "":
			w.unknown(here, nil, "whether branches reach each other: %s", why)
		case live.Attrs["branch_to_branch"].One() == "false":
			w.block(here, failure.HubRouteMissing, []Evidence{w.fact(id, "branch_to_branch")}, "the virtual WAN does not let branches talk to branches")
			return
		}
	}
	w.leaveGateway(hub)
}
