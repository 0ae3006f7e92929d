package fabric

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// many is n copies of the article's link on one WAN and one transit gateway.
func many(n int) *world {
	all := &world{}
	for link := range n {
		w := article()
		rename := func(name string) string { return fmt.Sprintf("%s-%d", name, link) }
		shift := func(p netip.Prefix) netip.Prefix {
			a := p.Addr().As4()
			a[1], a[2] = byte(link), a[1]
			return netip.PrefixFrom(netip.AddrFrom4(a), 24)
		}
		for i := range w.Hubs {
			w.Hubs[i].ID = rename(w.Hubs[i].ID)
		}
		for i := range w.VNets {
			v := &w.VNets[i]
			v.ID, v.Hub, v.Connection, v.Prefixes[0] = rename(v.ID), rename(v.Hub), rename(v.Connection), shift(v.Prefixes[0])
		}
		public := netip.AddrFrom4([4]byte{20, 1, byte(link), 1})
		w.Gateways[0] = Gateway{ID: rename("gateway"), Hub: rename("hubJ"), ASN: 65515, Instances: []Instance{{Public: public}, {Public: public.Next()}}}
		connection := &w.Connections[0]
		connection.ID, connection.Attachment, connection.CustomerAddress = rename("vpn"), rename("att-V"), public
		for i := range w.Links {
			outside := netip.AddrFrom4([4]byte{3, byte(i), byte(link), 1})
			l := &w.Links[i]
			l.ID, l.Gateway, l.Remote = rename(l.ID), rename(l.Gateway), outside
			l.SitePrefixes = []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{172, 20, byte(link), 0}), 24)}
			connection.Tunnels[i].Outside = outside
		}
		gateway := &w.TransitGateways[0]
		for i := range gateway.Attachments {
			gateway.Attachments[i].ID, gateway.Attachments[i].Resource = rename(gateway.Attachments[i].ID), rename(gateway.Attachments[i].Resource)
		}
		if link == 0 {
			all.TransitGateways = w.TransitGateways
			all.TransitGateways[0].Tables[0].Static = nil
		} else {
			all.TransitGateways[0].Attachments = append(all.TransitGateways[0].Attachments, gateway.Attachments...)
		}
		table := &all.TransitGateways[0].Tables[0]
		for _, vnet := range w.VNets {
			table.Static = append(table.Static, TableRoute{vnet.Prefixes[0], connection.Attachment})
		}
		all.Hubs, all.VNets, all.Gateways, all.Links = slices.Concat(all.Hubs, w.Hubs), slices.Concat(all.VNets, w.VNets), slices.Concat(all.Gateways, w.Gateways), slices.Concat(all.Links, w.Links)
		all.Connections = append(all.Connections, w.Connections...)
	}
	return all
}

func TestTheTunnelsOfManyLinksComeUp(t *testing.T) {
	f := settled(t, many(50))
	up := 0
	for _, pair := range f.Pairs() {
		if pair.Up {
			up++
		}
	}
	if up != 100 {
		t.Errorf("%d tunnels are up, want 100", up)
	}
	if routes := f.HubRoutes("hubJ-7"); len(routes) != 150 {
		t.Errorf("a hub has %d routes, want 150: its WAN's 100 VNets and 50 sites", len(routes))
	}
}

func BenchmarkUpdate(b *testing.B) {
	w := many(100)
	f := New(handshake)
	for b.Loop() {
		f.Update(noon.Add(time.Hour), w.Azure, w.AWS)
	}
}

func BenchmarkHubRoutesOfAllHubs(b *testing.B) {
	w := many(100)
	f := New(handshake)
	for b.Loop() {
		f.Update(noon.Add(time.Hour), w.Azure, w.AWS)
		for _, hub := range w.Hubs {
			f.HubRoutes(hub.ID)
		}
	}
}
