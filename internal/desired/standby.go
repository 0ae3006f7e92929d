package desired

import (
	"time"

	"linkd/internal/resource"
)

// PairStatus is what both clouds together say of an expected pair.
type PairStatus string

// The statuses of a pair.
const (
	PairLive    PairStatus = "live"    // both clouds say that it is up
	PairDown    PairStatus = "down"    // one of them says that it is not
	PairUnknown PairStatus = "unknown" // one of them does not tell
)

// Status tells how a pair stands in a world. What is not known may be live.
func (t Tunnel) Status(world resource.World) PairStatus {
	status := PairLive
	for _, id := range []resource.ID{AzureTunnelID(t), AWSTunnelID(t)} {
		live := world[id]
		switch value, shown := live.Attrs["status"]; {
		case shown && value.One() != "up":
			return PairDown
		case live.Phase == resource.Absent || live.Phase == resource.Deleting:
			return PairDown
		case !shown:
			status = PairUnknown
		}
	}
	return status
}

// A static route of a transit gateway leads to one attachment. Of the two AWS
// connections of a link with static routing and redundancy full the first
// carries what AWS sends, and the second stands by.

// The instances whose connection carries by itself, and stands by.
const (
	Preferred = 0
	Standby   = 1
)

// HoldDown is for how long the preferred connection must have been up, by the
// time that AWS gives for the last change of a tunnel, before what was moved
// away from it is moved back: one that comes and goes is not followed.
const HoldDown = 10 * time.Minute

// FactSteady of a tunnel as AWS sees it: "yes" when its status is as it was for
// as long as [HoldDown].
const FactSteady = "steady"

// StandsBy tells whether one of the link's AWS connections stands by, so that
// somebody must choose which one carries.
func (l Link) StandsBy() bool { return l.Routing == Static && len(l.Instances()) > 1 }

// Carrier is the instance whose AWS connection is to carry what AWS sends to
// Azure, of a link of which one stands by. Leads is the one to which the routes
// lead now.
//
//	preferred                         standby   carries
//	all its pairs are down            one live  the standby
//	one live                          all down  the preferred
//	one live and steady               anything  the preferred
//	exchanges routes in another way   one live  the standby, until it is made anew
//	anything else                     anything  the one that does
//
// So what is not known moves nothing. It is pure.
func (l Link) Carrier(world resource.World, leads int) int {
	preferred, standby := l.ConnectionStatus(world, Preferred), l.ConnectionStatus(world, Standby)
	switch {
	case preferred == PairDown && standby == PairLive,
		!l.Turned(world, Preferred) && l.Turned(world, Standby) && standby == PairLive:
		return Standby
	case preferred == PairLive && standby == PairDown, l.steady(world, Preferred):
		return Preferred
	}
	return leads
}

// Relieves tells of a pair that it carries what another of its link does, also when that
// is cut.
//
//	its connection does not exchange routes as the file says, and the other's does   no
//	it is of the same connection, or none of the link's stands by                    yes
//	AWS leads static routes to the connection of the other, or that is not known     no
//	anything else                                                                    yes
//
// It is pure.
func (l Link) Relieves(t, other Tunnel, world resource.World) bool {
	switch {
	case !l.Turned(world, t.Instance) && l.Turned(world, other.Instance):
		return false
	case t.Instance == other.Instance, !l.StandsBy():
		return true
	}
	routes, attachment := world[TransitGatewayRoutesID(l.TransitGateway)], world[AWSConnectionID(l.Name, other.Instance)].Attrs[FactAttachment]
	leads, known := routes.Attrs[FactLedTo]
	return routes.Phase == resource.Ready && known && len(attachment) > 0 && !leads.Has(attachment.One())
}

// Turned tells of one of the link's AWS connections that it exchanges routes as the
// file says. One that shows nothing of it does not say otherwise.
func (l Link) Turned(world resource.World, instance int) bool {
	routing, shown := world[AWSConnectionID(l.Name, instance)].Attrs["routing"]
	return !shown || routing.One() == string(l.Routing)
}

// ConnectionStatus tells how the pairs of one AWS connection stand together: live
// when one is, down when all are.
func (l Link) ConnectionStatus(world resource.World, instance int) PairStatus {
	status := PairDown
	for _, t := range l.Tunnels() {
		switch s := t.Status(world); {
		case t.Instance != instance:
		case s == PairLive:
			return PairLive
		case s == PairUnknown:
			status = PairUnknown
		}
	}
	return status
}

// steady tells whether a pair of a connection has been live for the hold-down.
func (l Link) steady(world resource.World, instance int) bool {
	for _, t := range l.Tunnels() {
		if t.Instance == instance && t.Status(world) == PairLive && world[AWSTunnelID(t)].Attrs[FactSteady].One() == "yes" {
			return true
		}
	}
	return false
}
