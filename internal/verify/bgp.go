package verify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// bgpRoutes tells over which tunnels of BGP links no route comes.
func bgpRoutes(e *Evidence) answer {
	a := answer{of: "sessions"}
	for _, tunnel := range e.File.Tunnels() {
		link := e.File.LinkNamed(tunnel.Link)
		if link == nil || link.Routing != desired.BGP || e.pair(tunnel) != pairUp || e.stillAsItWas(*link, tunnel.Instance) {
			continue
		}
		a.subjects++
		id := desired.AWSTunnelID(tunnel)
		switch count, known := e.live(id).Attrs["accepted_routes"]; {
		case !known:
			a.gaps = append(a.gaps, e.gap(id, "AWS does not tell how many routes it accepts over "+tunnel.Name()))
		case count.One() == "0":
			f := e.found(failure.BGPRoutesZero, id, tunnel.Name()+" is up, and AWS accepts no route over it").seen(e, "VgwTelemetry.AcceptedRouteCount", "0")
			a.findings = append(a.findings, f.toward(AWSToAzure))
		}
	}
	for _, link := range e.File.Links {
		if link.Routing == desired.BGP && len(e.standing(link)[pairUp]) > 0 {
			a.findings = append(a.findings, e.learned(link)...)
			a.findings = append(a.findings, e.crowdedSessions(link)...)
		}
	}
	return a
}

// How many routes a BGP session of a transit gateway's VPN connection takes in
// either direction ("Site-to-Site VPN quotas" of AWS's user guide); over that, AWS
// takes the session down. Nearly so many are worth a word.
const (
	mostToAWS   = 1000
	mostToAzure = 5000
	nearly      = 9 // tenths
)

// crowdedSessions tells of a link whose sessions carry nearly as many routes as
// AWS takes.
func (e *Evidence) crowdedSessions(link desired.Link) []Finding {
	var all []Finding
	add := func(id resource.ID, toward Direction, count, most int, says string) {
		if count*10 < most*nearly {
			return
		}
		f := e.found(failure.BGPRoutesZero, id, fmt.Sprintf("%s %d routes, and AWS takes the session down over %d", says, count, most)).as(failure.Warning)
		f.subject = "limit"
		all = append(all, f.seen(e, "routes of the session", strconv.Itoa(count)).toward(toward))
	}
	for _, tunnel := range link.Tunnels() {
		id := desired.AWSTunnelID(tunnel)
		count, err := strconv.Atoi(e.live(id).Attrs["accepted_routes"].One())
		if err == nil && e.pair(tunnel) == pairUp {
			add(id, AWSToAzure, count, mostToAWS, "Azure tells "+tunnel.Name())
		}
	}
	table := e.live(desired.TransitGatewayRoutesID(link.TransitGateway)).Attrs
	told := len(table["routes"]) + len(table["propagated"]) - len(e.live(desired.LearnedRoutesID(link.TransitGateway)).Attrs["routes"])
	add(desired.AzureConnectionID(link.Name), AzureToAWS, told, mostToAzure, "AWS tells Azure over "+link.Name)
	return all
}

// learned tells whether the hub of a BGP link has learned nothing by it, of what
// the transit gateway's table has to tell. A prefix that something else of the hub
// wins says nothing, nor does a connection that is not joined to the hub's routing.
func (e *Evidence) learned(link desired.Link) []Finding {
	routes, known := e.live(desired.HubRoutesID(link.Hub)).Attrs["routes"]
	table := routesOf(e.live(desired.TransitGatewayRoutesID(link.TransitGateway)).Attrs["propagated"])
	connection := desired.AzureConnectionID(link.Name)
	apart := func(d resource.Drift) bool { return d.ID == connection && strings.HasPrefix(d.Attr, "propagated_") }
	if !known || slices.ContainsFunc(e.Drifts, apart) {
		return nil
	}
	none := false
	for _, n := range e.networks() {
		for _, prefix := range n.prefixes() {
			if route, told := lookup(table, prefix); n.azure || n.on != link.TransitGateway || !told || route.hole {
				continue
			}
			for _, member := range routes {
				if class, is := strings.CutPrefix(member, prefix.String()+" "); is && class != "hub" {
					return nil
				}
			}
			none = true
		}
	}
	if !none {
		return nil
	}
	f := e.found(failure.BGPRoutesZero, connection, "a tunnel is up, and Azure has learned none of the prefixes behind the link")
	return []Finding{f.seen(e, "effective routes by the VPN gateway", "none").toward(AzureToAWS)}
}
