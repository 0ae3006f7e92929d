package azure

import (
	"context"
	"sync"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// SweepTunnels reads the status of every tunnel of the file, and nothing else:
// each azure/vpn-tunnel as Sweep would answer for it. It makes one GET of the
// connection of each link, and asks for IKE associations where Sweep does. The
// addresses of the gateways' instances, by which associations are judged, are
// those that were read last; only a gateway that was never read is asked.
func (c *Cloud) SweepTunnels(ctx context.Context) resource.World {
	s := &sweep{Cloud: c, slots: make(chan struct{}, atOnce), world: resource.World{}}
	for _, link := range c.file.Links {
		s.ask(func() { s.tunnelsOf(ctx, link) })
	}
	s.calls.Wait()
	s.answerDefect()
	return s.world
}

// tunnelsOf answers for the tunnels of one link.
func (s *sweep) tunnelsOf(ctx context.Context, link desired.Link) {
	note := func(live resource.Live) {
		for _, tunnel := range link.Tunnels() {
			s.note(desired.AzureTunnelID(tunnel), live)
		}
	}
	gateway := s.gateways.of(desired.VPNGatewayID(link.Hub))
	if gateway.Phase == resource.Unknown {
		var err error
		if gateway, err = s.vpnGateway(s.hubNamed(link.Hub)).Read(ctx, nil); err != nil {
			gateway = unknown(err.Error())
		}
		s.gateways.keep(desired.VPNGatewayID(link.Hub), gateway)
	}
	if gateway.Phase == resource.Unknown {
		note(unknown("the VPN gateway of hub " + link.Hub + " could not be read: " + gateway.Why))
		return
	}
	r, got, err := s.vpnConnection(link).get(ctx)
	switch {
	case err != nil:
		note(unknown(err.Error()))
	case got == nil:
		note(absent(s.whyGone(ctx, r.id)))
	default:
		s.tunnels(ctx, r, got, gateway)
	}
}

// gateways remembers how each VPN gateway stood when it was read last, from
// when its instances have their addresses until it goes.
type gateways struct {
	guard sync.Mutex
	last  map[resource.ID]resource.Live
}

// keep notes what was read of a gateway. A read that failed says nothing and
// changes nothing; one that is absent, or on its way out or in, is asked again.
func (g *gateways) keep(id resource.ID, live resource.Live) {
	g.guard.Lock()
	defer g.guard.Unlock()
	if g.last == nil {
		g.last = map[resource.ID]resource.Live{}
	}
	_, addressed := live.Attrs[desired.FactInstanceAddress(0)]
	switch {
	case live.Phase == resource.Unknown:
	case live.Phase != resource.Deleting && addressed:
		g.last[id] = live
	default:
		delete(g.last, id)
	}
}

func (g *gateways) of(id resource.ID) resource.Live {
	g.guard.Lock()
	defer g.guard.Unlock()
	return g.last[id]
}
