package fabric

import (
	"net/netip"
	"strings"
	"testing"
)

// dynamic is the article's link over BGP, with nothing static left.
func dynamic() *world {
	w := article()
	w.TransitGateways[0].Tables[0].Static = nil
	w.Connections[0].Static = false
	for i, peer := range []string{"169.254.21.1", "169.254.21.5"} {
		link := &w.Links[i]
		link.BGP, link.PeerASN, link.PeerAddress, link.SitePrefixes = true, 64512, netip.MustParseAddr(peer), nil
		link.CustomAddresses = map[int]netip.Addr{0: link.PeerAddress.Next()}
		w.Gateways[0].Instances[0].Custom = append(w.Gateways[0].Instances[0].Custom, link.PeerAddress.Next())
	}
	return w
}

func TestRoutesAreLearnedOverBGP(t *testing.T) {
	f := settled(t, dynamic())
	for _, to := range []netip.Addr{hostA, hostB} {
		for _, from := range []netip.Addr{vmA, vmB} {
			if echo := f.Echo(from, to); !echo.Crossed {
				t.Errorf("%s to %s: %s: %s", from, to, echo.DroppedAt, echo.Why)
			}
		}
	}
	route, found := f.LookupTGW("rt", vmB)
	if !found || route.Type != "propagated" || len(route.Attachments) != 1 || route.Attachments[0] != "att-V" {
		t.Errorf("route to %s: %+v", vmB, route)
	}
	if learned := f.LearnedPrefixes(outside1); len(learned) != 2 {
		t.Errorf("AWS learned %v, want both VNets", learned)
	}
	var path string
	for _, route := range f.HubRoutes("hubJ") {
		if route.Prefix.Contains(hostA) {
			path = route.ASPath
		}
	}
	if path != "64512" {
		t.Errorf("AS path %q", path)
	}
}

func TestAStaticRouteHidesALearnedOne(t *testing.T) {
	w := dynamic()
	w.TransitGateways[0].Tables[0].Static = []TableRoute{{netip.MustParsePrefix("10.1.0.0/16"), ""}}
	f := settled(t, w)
	if route, _ := f.LookupTGW("rt", vmA); route.Type != "static" || route.State != "blackhole" {
		t.Errorf("%+v", route)
	}
	if all := f.PropagatedRoutes("rt"); len(all) != 4 {
		t.Errorf("propagated %v, want two VPCs and two VNets", all)
	}
	if all := f.TGWRoutes("rt"); len(all) != 4 {
		t.Errorf("all %v, want four prefixes", all)
	}
}

func TestWaysInWhichThereIsNoBGPSession(t *testing.T) {
	for name, c := range map[string]struct {
		change func(w *world)
		why    string
	}{
		"Azure expects another AS":              {func(w *world) { w.Links[0].PeerASN = 64999 }, "Azure expects AS 64999, the transit gateway is AS 64512"},
		"AWS expects another AS":                {func(w *world) { w.Connections[0].CustomerASN = 65000 }, "AWS expects AS 65000, the Azure gateway is AS 65515"},
		"Azure dials another address":           {func(w *world) { w.Links[0].PeerAddress = netip.MustParseAddr("169.254.21.9") }, "BGP peer is 169.254.21.9, AWS speaks from 169.254.21.1"},
		"the instance has no inside address":    {func(w *world) { w.Links[0].CustomAddresses = nil }, "not the address that instance 0 uses"},
		"the gateway does not have the address": {func(w *world) { w.Gateways[0].Instances[0].Custom = nil }, "not the address that instance 0 uses"},
		"BGP is off in Azure":                   {func(w *world) { w.Links[0].BGP = false }, "off on the Azure link"},
		"the AWS connection is static":          {func(w *world) { w.Connections[0].Static = true }, "the AWS connection is static"},
	} {
		t.Run(name, func(t *testing.T) {
			w := dynamic()
			c.change(w)
			tunnel := settled(t, w).Tunnel(outside1, instance0)
			if !tunnel.Up || tunnel.BGPUp || !strings.Contains(tunnel.Why, c.why) {
				t.Errorf("up %v, BGP %v, why %q, want %q", tunnel.Up, tunnel.BGPUp, tunnel.Why, c.why)
			}
		})
	}
}

// TestTheCountOfRoutesIsAsLateAsTheStatus: who shows a session up that is down shows its
// routes, too.
func TestTheCountOfRoutesIsAsLateAsTheStatus(t *testing.T) {
	w := dynamic()
	f := settled(t, w)
	if counted := f.CountedPrefixes(outside1); counted != 2 {
		t.Errorf("of a session that is up %d routes are counted", counted)
	}
	w.Links[0].Key = "other"
	f = settled(t, w)
	if learned, counted := len(f.LearnedPrefixes(outside1)), f.CountedPrefixes(outside1); learned != 0 || counted != 2 {
		t.Errorf("of a session that is down AWS learns %d routes, and counted %d while it showed it up", learned, counted)
	}
}
