package path

import (
	"fmt"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/survey"
)

// stray is a route of a transit gateway that has led the packet another way than the
// file means it to go.
type stray struct {
	at    place
	code  failure.Code
	facts []Evidence
	says  string // "the static route 172.22.0.0/24 leads to the peering att-1"
}

// notes remembers a route that leads the packet where the file does not mean it to
// go. Such a route is somebody's own choice, and harms nothing, unless the packet
// comes round again.
func (w *walk) notes(gateway string, at place, facts []Evidence, route survey.Route, by joint) {
	if w.quiet || w.meant(gateway, by) {
		return
	}
	code := failure.TGWRouteMissing
	if _, over := w.overPeering(gateway); over {
		code = failure.TGWPeeringRouteMissing
	}
	joins := by.Type
	if by.id != "" {
		joins = string(by.id)
	}
	w.strays = append(w.strays, stray{at, code, facts, fmt.Sprintf("the %s route %s of %s leads to %s of %s", route.Source, route.Prefix, orUnnamed(at.ref), listed(route.Via), joins)})
}

// meant tells whether the file means the packet to leave a transit gateway by an
// attachment. Of what the file does not tell it may.
func (w *walk) meant(gateway string, by joint) bool {
	home := w.to.network
	if !home.vnet && w.tgwOf[home.name] == gateway {
		return by.vpc == home.name
	}
	if peering, over := w.overPeering(gateway); over {
		return by.id == desired.PeeringID(peering.Name)
	}
	return len(by.pairs) > 0 || !home.vnet
}

// circles tells whether the packet has passed too many routers; then it is lost. A
// route that led it away from where it should have gone is why.
func (w *walk) circles(at place) bool {
	if w.routers++; w.routers <= mostRouters {
		return false
	}
	const round = "%s runs in a circle: it has passed %d routers"
	if len(w.strays) == 0 {
		w.block(at, failure.PathLost, nil, round, w.to.address, mostRouters)
		return true
	}
	why := w.strays[0]
	w.block(why.at, why.code, why.facts, round+", for %s", w.to.address, mostRouters, why.says)
	return true
}
