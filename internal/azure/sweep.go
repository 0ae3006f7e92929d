package azure

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// atOnce is how many questions a sweep has under way: enough to hide the way
// to the cloud, few beside the 250 reads that Azure lets pass in a burst.
const atOnce = 16

// sweep is one look at the whole scope.
type sweep struct {
	*Cloud
	lists *lists
	slots chan struct{}
	calls sync.WaitGroup

	guard  sync.Mutex
	world  resource.World
	strays []resource.Stray
	defect any // of linkd's, that a question met
}

// Sweep reads everything in few calls: five lists, and for each further
// subscription one or two of hubs and gateways, or one of VNets; for each hub that stands
// its VNet connections and its effective routes; for each connection one GET,
// since only that tells its status, and its keys. It asks for nothing below a
// parent that is not there. What could not be read is Unknown and says why.
func (c *Cloud) Sweep(ctx context.Context) (resource.World, []resource.Stray) {
	s := &sweep{Cloud: c, lists: c.list(ctx), slots: make(chan struct{}, atOnce), world: resource.World{}}
	for _, r := range c.resources {
		s.fromLists(ctx, r)
	}
	unread := c.keepEnds(&s.lists.gateways)
	for _, hub := range c.file.Azure.Hubs {
		s.beneathHub(ctx, hub)
	}
	for _, link := range c.file.Links {
		s.beneathGateway(ctx, link, unread)
	}
	s.calls.Wait()
	s.answerDefect()
	s.taggedStrays()
	return s.world, s.strays
}

func unknown(why string) resource.Live {
	return resource.Live{Phase: resource.Unknown, Why: why, AsOf: time.Now()}
}

func absent(why string) resource.Live {
	return resource.Live{Phase: resource.Absent, Why: why, AsOf: time.Now()}
}

// note records what was learned of a resource.
func (s *sweep) note(id resource.ID, live resource.Live) {
	s.guard.Lock()
	defer s.guard.Unlock()
	s.world[id] = live
}

func (s *sweep) seen(id resource.ID) resource.Live {
	s.guard.Lock()
	defer s.guard.Unlock()
	return s.world[id]
}

func (s *sweep) stray(stray resource.Stray) {
	s.guard.Lock()
	defer s.guard.Unlock()
	s.strays = append(s.strays, stray)
}

// ask runs a question when a slot is free.
func (s *sweep) ask(question func()) {
	s.calls.Go(func() {
		s.slots <- struct{}{}
		defer func() { <-s.slots }()
		defer func() {
			if cause := recover(); cause != nil {
				s.guard.Lock()
				defer s.guard.Unlock()
				s.defect = cause
			}
		}()
		question()
	})
}

// answerDefect answers for what nobody answered for because a question
// met a defect of linkd's: it is unknown.
func (s *sweep) answerDefect() {
	if s.defect == nil {
		return
	}
	for _, r := range s.resources {
		if _, answered := s.world[r.ID()]; !answered {
			s.world[r.ID()] = resource.DefectOf(s.defect, time.Now())
		}
	}
}

// fromLists answers for a resource that the lists tell.
func (s *sweep) fromLists(ctx context.Context, r resource.Resource) {
	switch r := r.(type) {
	case virtualWAN:
		s.note(r.id, answer(ctx, &s.lists.wans, r.node, r.at.ref("virtualWans", r.wan.Name), liveWAN))
	case virtualHub:
		s.note(r.id, answer(ctx, &s.lists.hubs, r.node, r.at.ref("virtualHubs", r.hub.Name), liveHub))
	case vnet:
		s.note(r.id, r.explain(answer(ctx, &s.lists.vnets, r.node, r.vnet.ID, liveVNet)))
	case vpnGateway:
		live := answer(ctx, &s.lists.gateways, r.node, r.at.ref("vpnGateways", r.gateway.Name), liveGateway)
		s.gateways.keep(r.id, live)
		s.note(r.id, live)
	case vpnSite:
		s.note(r.id, answer(ctx, &s.lists.sites, r.node, r.at.ref("vpnSites", r.link.Name), r.live))
	}
}

// missingParent says what is known of a child from its parent alone, when
// that is all there is to know.
func missingParent(parent resource.Live, name string) (resource.Live, bool) {
	switch parent.Phase {
	case resource.Unknown:
		return unknown(name + " could not be read: " + parent.Why), true
	case resource.Absent, resource.Deleting:
		return absent(""), true
	}
	return resource.Live{}, false
}

// beneathHub asks for the VNet connections of a hub and for its routes.
func (s *sweep) beneathHub(ctx context.Context, hub desired.Hub) {
	parent := s.seen(desired.HubID(hub.Name))
	if live, missing := missingParent(parent, "hub "+hub.Name); missing {
		for _, vnet := range hub.VNets {
			s.note(desired.VNetConnectionID(vnet.Name), live)
		}
		s.noteRoutes(hub, live)
		return
	}
	s.ask(func() { s.vnetConnections(ctx, hub, parent) })
	if routes, declared := s.declared[desired.HubRoutesID(hub.Name)].(hubRoutes); declared {
		s.ask(func() {
			live, err := routes.beneath(ctx, parent)
			if err != nil {
				live = unknown(err.Error())
			}
			s.noteRoutes(hub, live)
		})
	}
}

func (s *sweep) noteRoutes(hub desired.Hub, live resource.Live) {
	if id := desired.HubRoutesID(hub.Name); s.declared[id] != nil {
		s.note(id, live)
	}
}

// vnetConnections lists the VNet connections of a hub. One in a hub of ours
// that the file does not name is extra.
func (s *sweep) vnetConnections(ctx context.Context, hub desired.Hub, parent resource.Live) {
	at := s.scopeOf(hub)
	var list listing[armnetwork.HubVirtualNetworkConnection]
	list.add(at, "virtualHubs/hubVirtualNetworkConnections/read",
		pages(ctx, at.vnetConnections.NewListPager(at.group, hub.Name, nil),
			func(p armnetwork.HubVirtualNetworkConnectionsClientListResponse) []*armnetwork.HubVirtualNetworkConnection {
				return p.Value
			}),
		func(v *armnetwork.HubVirtualNetworkConnection) *string { return v.ID })
	for _, v := range hub.VNets {
		r := s.vnetConnection(hub, v)
		ref := at.ref("virtualHubs", hub.Name, "hubVirtualNetworkConnections", v.Name)
		s.note(r.id, answer(ctx, &list, r.node, ref, func(connection *armnetwork.HubVirtualNetworkConnection) resource.Live {
			return liveVNetConnection(connection, parent.Owner)
		}))
		delete(list.items, canonicalRef(ref))
	}
	if parent.Owner != s.file.Owner {
		return
	}
	for _, connection := range list.items {
		s.stray(resource.Stray{Class: resource.Extra, Kind: vnetConnectionKind.Name, Ref: *connection.ID})
	}
}

// beneathGateway asks for the connection of a link, when the list of gateways
// shows that there is one, and answers for its tunnels from it. Unread is why that
// list broke off: then nobody knows whether it stands at another gateway.
func (s *sweep) beneathGateway(ctx context.Context, link desired.Link, unread error) {
	r := s.vpnConnection(link)
	gateway := s.seen(desired.VPNGatewayID(link.Hub))
	own, missing := missingParent(gateway, "the VPN gateway of hub "+link.Hub)
	others, _ := s.ends.last(link.Name)
	switch {
	case gateway.Phase == resource.Unknown:
		s.noteConnection(link, own)
	case !missing && s.listed(r):
		s.ask(func() { s.connection(ctx, r, gateway) })
	case unread != nil:
		s.noteConnection(link, unknown("it could not be read whether another gateway has it: "+unread.Error()))
	case len(others) > 0:
		s.ask(func() { s.connection(ctx, r.through(others[0]), gateway) })
	case missing:
		s.noteConnection(link, own)
	default:
		s.noteConnection(link, absent(s.whyGone(ctx, r.id)))
	}
}

// listed tells whether the list of gateways has a connection at its own one.
func (s *sweep) listed(r vpnConnection) bool {
	gateway := at(s.lists.gateways.items[canonicalRef(r.end.at.ref("vpnGateways", r.end.gateway))])
	return slices.ContainsFunc(present(at(gateway.Properties).Connections), func(connection *armnetwork.VPNConnection) bool {
		return canonicalRef(at(connection.ID)) == canonicalRef(r.ref())
	})
}

// connection reads one connection with its keys, and its tunnels.
func (s *sweep) connection(ctx context.Context, r vpnConnection, own resource.Live) {
	r, got, err := r.get(ctx)
	switch {
	case err != nil:
		s.noteConnection(r.link, unknown(err.Error()))
		return
	case got == nil:
		s.noteConnection(r.link, absent(s.whyGone(ctx, r.id)))
		return
	}
	live, err := r.live(ctx, got, r.ownerAt(own))
	if err != nil {
		live = unknown(err.Error())
	}
	s.note(r.id, live)
	s.tunnels(ctx, r, got, own)
}

// tunnels answers for the tunnels of a connection, by the gateway where it stands.
func (s *sweep) tunnels(ctx context.Context, r vpnConnection, got *armnetwork.VPNConnection, gateway resource.Live) {
	if r.end.live.Ref != "" {
		gateway = r.end.live
	}
	for _, tunnel := range r.link.Tunnels() {
		t := s.vpnTunnel(r.link, tunnel)
		t.end = r.end
		s.note(t.id, t.look(ctx, t.live(got), gateway))
	}
}

// noteConnection records the same of a connection and all its tunnels.
func (s *sweep) noteConnection(link desired.Link, live resource.Live) {
	s.note(desired.AzureConnectionID(link.Name), live)
	for _, tunnel := range link.Tunnels() {
		s.note(desired.AzureTunnelID(tunnel), live)
	}
}
