package aws

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/fabric"
)

var (
	hostTokyo  = netip.MustParseAddr("10.1.0.10")
	hostDublin = netip.MustParseAddr("10.3.0.10")
)

// joinedPair is two peered transit gateways with a VPC at either, and static
// routes from each VPC to the other.
func (b *bench) joinedPair() pair {
	b.t.Helper()
	p := b.makePair(tokyo, dublin)
	p.accept()
	for i, side := range []struct{ vpc, subnet, table, far string }{
		{"vpc-0a000000000000001", "subnet-0a00000000000001a", "rtb-0a000000000000001", "10.3.0.0/16"},
		{"vpc-0c000000000000003", "subnet-0c00000000000001a", "rtb-0c000000000000003", "10.1.0.0/16"},
	} {
		region, gateway := p.regions[i], []string{p.requester, p.accepter}[i]
		b.doIn(region, "CreateTransitGatewayVpcAttachment", "TransitGatewayId="+gateway, "VpcId="+side.vpc, "SubnetIds.1="+side.subnet)
		time.Sleep(3 * time.Minute)
		b.doIn(region, "CreateRoute", "RouteTableId="+side.table, "DestinationCidrBlock="+side.far, "TransitGatewayId="+gateway)
		b.doIn(region, "CreateTransitGatewayRoute", p.route(i, side.far)...)
	}
	time.Sleep(5 * time.Second)
	return p
}

// route is the parameters of a static route to the peering at an end.
func (p pair) route(end int, prefix string) []string {
	return []string{
		"TransitGatewayRouteTableId=" + p.tables[p.regions[end]], "DestinationCidrBlock=" + prefix,
		"TransitGatewayAttachmentId=" + []string{p.attachment, p.accepterPeering}[end],
	}
}

// echoes says whether echoes cross in both directions, and if not why.
func (b *bench) echoes() string {
	b.settle()
	for _, way := range [][2]netip.Addr{{hostTokyo, hostDublin}, {hostDublin, hostTokyo}} {
		if echo := b.fabric.Echo(way[0], way[1]); !echo.Crossed {
			return echo.DroppedAt + ": " + echo.Why
		}
	}
	return ""
}

func TestAPacketCrossesAPeeringInBothDirections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, twoRegions)
		p := b.joinedPair()
		if why := b.echoes(); why != "" {
			t.Fatal(why)
		}
		fate := b.fabric.Carry(fabric.Packet{From: hostTokyo, To: hostDublin})
		if !fate.Answered || fate.RoundTrip < 30*time.Millisecond {
			t.Errorf("between regions an echo takes %s: %+v", fate.RoundTrip, fate)
		}
		found := b.do("SearchTransitGatewayRoutes", "TransitGatewayRouteTableId="+p.tables[tokyo], "Filter.1.Name=attachment.resource-type", "Filter.1.Value.1=peering")
		item := "routeSet/item/"
		for path, want := range map[string]string{
			"destinationCidrBlock": "10.3.0.0/16", "type": "static", "state": "active",
			"transitGatewayAttachments/item/resourceId": p.accepter, "transitGatewayAttachments/item/transitGatewayAttachmentId": p.attachment,
		} {
			if got := found.at(item + path); got != want {
				t.Errorf("%s of the route is %q, want %q", path, got, want)
			}
		}
	})
}

func TestWhatKeepsAPacketFromCrossingAPeering(t *testing.T) {
	for name, row := range map[string]struct {
		change func(b *bench, p pair)
		why    string
	}{
		"the association is gone where it enters": {func(b *bench, p pair) {
			b.doIn(dublin, "DisassociateTransitGatewayRouteTable", "TransitGatewayRouteTableId="+p.tables[dublin], p.peeringParameter)
		}, "associated with no route table"},
		"it is associated with a table that has no routes": {func(b *bench, p pair) {
			b.doIn(dublin, "DisassociateTransitGatewayRouteTable", "TransitGatewayRouteTableId="+p.tables[dublin], p.peeringParameter)
			empty := b.doIn(dublin, "CreateTransitGatewayRouteTable", "TransitGatewayId="+p.accepter).at("transitGatewayRouteTable/transitGatewayRouteTableId")
			time.Sleep(time.Minute)
			b.doIn(dublin, "AssociateTransitGatewayRouteTable", "TransitGatewayRouteTableId="+empty, p.peeringParameter)
		}, "no route for 10.3.0.10"},
		"there is no way back": {func(b *bench, p pair) {
			b.doIn(dublin, "DeleteTransitGatewayRoute", p.route(1, "10.1.0.0/16")[:2]...)
		}, "no route for 10.1.0.10"},
		"the route is a wanted blackhole": {func(b *bench, p pair) {
			b.do("ReplaceTransitGatewayRoute", append(p.route(0, "10.3.0.0/16")[:2], "Blackhole=true")...)
		}, "wanted blackhole"},
		"it is being deleted at the other end": {func(b *bench, p pair) {
			b.doIn(dublin, "DeleteTransitGatewayPeeringAttachment", p.peeringParameter)
		}, "is a blackhole"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, twoRegions)
				p := b.joinedPair()
				row.change(b, p)
				time.Sleep(time.Minute)
				if why := b.echoes(); !strings.Contains(why, row.why) {
					t.Errorf("an echo is lost by %q, want %q", why, row.why)
				}
			})
		})
	}
}

func TestADeletedPeeringLeavesBlackholesAtBothEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, twoRegions)
		p := b.joinedPair()
		b.do("DeleteTransitGatewayPeeringAttachment", p.peeringParameter)
		time.Sleep(3 * time.Minute)
		for _, region := range p.regions {
			found := b.doIn(region, "SearchTransitGatewayRoutes", "TransitGatewayRouteTableId="+p.tables[region], "Filter.1.Name=state", "Filter.1.Value.1=blackhole")
			if got := found.at("routeSet/item/transitGatewayAttachments/item/transitGatewayAttachmentId"); got != p.attachment {
				t.Errorf("in %s the blackhole names %q, want %q", region, got, p.attachment)
			}
			b.doIn(region, "DeleteTransitGatewayRoute", "TransitGatewayRouteTableId="+p.tables[region], "DestinationCidrBlock="+found.at("routeSet/item/destinationCidrBlock"))
		}
	})
}

func TestTheEndsOfAPeeringWithinARegionLeadToEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, twoRegions)
		p := b.makePair(tokyo, tokyo)
		p.accept()
		if p.attachment == p.accepterPeering {
			t.Fatal("both ends have one id")
		}
		if got := b.refused("AcceptTransitGatewayPeeringAttachment", "TransitGatewayAttachmentId="+p.attachment); got != "InvalidParameterValue" {
			t.Errorf("accepting by the requester's id: %s", got)
		}
		ends := map[string]string{}
		for _, g := range b.side().TransitGateways {
			for _, a := range g.Attachments {
				ends[g.ID+" "+a.ID] = a.Peer + " " + a.PeerEnd
			}
		}
		one, other := p.requester+" "+p.attachment, p.accepter+" "+p.accepterPeering
		if ends[one] != other || ends[other] != one {
			t.Errorf("they lead to %v", ends)
		}
	})
}
