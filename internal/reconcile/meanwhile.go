package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Meanwhile is what a plan takes from some networks for a while, though a tunnel that
// carries is up all the time.
type Meanwhile struct {
	Link     string   `json:"link"`
	Networks []string `json:"networks"`
	Seconds  float64  `json:"seconds"` // about
	Why      string   `json:"why"`
}

// How long the VNets of other hubs were without a link that moved between static routes
// and BGP, by the benchmarks.
const (
	movingToBGP    = time.Minute
	movingToStatic = 40 * time.Second
)

// meanwhile lists the links of which a plan begins to make one connection after the
// other anew, because they are to exchange routes in another way, and the VNets of other
// hubs that go by them.
func (p Plan) meanwhile(file *desired.File, world resource.World) []Meanwhile {
	var all []Meanwhile
	for _, link := range file.Links {
		if len(link.Instances()) < 2 || !p.begins(link, world) {
			continue
		}
		lasts := movingToStatic
		if link.Routing == desired.BGP {
			lasts = movingToBGP
		}
		m := Meanwhile{
			Link: link.Name, Seconds: lasts.Seconds(),
			Why: fmt.Sprintf("as long as static routes stand beside BGP, AWS tells %s of them, which believes its VPN gateway more than another hub", link.Hub),
		}
		for _, vnet := range file.RoutedVNets(link) {
			if hub := file.HubOfVNet(vnet.Name); hub != nil && hub.Name != link.Hub {
				m.Networks = append(m.Networks, vnet.Name)
			}
		}
		if len(m.Networks) > 0 {
			all = append(all, m)
		}
	}
	return all
}

// begins tells whether a plan moves a link between static routes and BGP, at once or as
// soon as a person says so, and none of its connections has moved yet.
func (p Plan) begins(link desired.Link, world resource.World) bool {
	moves := false
	for _, instance := range link.Instances() {
		id := desired.AWSConnectionID(link.Name, instance)
		if _, shown := world[id].Attrs["routing"]; shown && link.Turned(world, instance) {
			return false
		}
		moves = moves || slices.ContainsFunc(p.Steps, func(step Step) bool {
			return step.ID == id && slices.ContainsFunc(step.Drifts, func(d Decided) bool {
				return d.Attr == "routing" && (mends(d) || d.Then == desired.Repair || d.Then == desired.Approve)
			})
		})
	}
	return moves
}

// text says it in a line.
func (m Meanwhile) text() string {
	names, are := strings.Join(m.Networks, ", "), "are"
	if len(m.Networks) == 1 {
		are = "is"
	}
	if more := len(m.Networks) - mostReach; more > 0 {
		names = fmt.Sprintf("%s and %d more", strings.Join(m.Networks[:mostReach], ", "), more)
	}
	return fmt.Sprintf("meanwhile: %s %s without %s for about %s: %s\n", names, are, m.Link, time.Duration(m.Seconds)*time.Second, m.Why)
}
