package aws

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

func TestWhatIsWrongWithAPeeringIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, twoRegions)
		create, accept := "CreateTransitGatewayPeeringAttachment", "AcceptTransitGatewayPeeringAttachment"
		p := b.makePair(tokyo, dublin)
		if got := b.refusedIn(dublin, accept, p.peeringParameter); got != "InvalidTransitGatewayAttachmentID.NotFound" {
			t.Errorf("accepting before the request has arrived: %s", got)
		}
		if got := b.refused("DeleteTransitGatewayPeeringAttachment", p.peeringParameter); got != "IncorrectState" {
			t.Errorf("deleting before the request has arrived: %s", got)
		}
		time.Sleep(12 * time.Second)
		route := []string{"TransitGatewayRouteTableId=" + p.tables[tokyo], "DestinationCidrBlock=10.3.0.0/16", p.peeringParameter}
		other := b.do("CreateTransitGateway").at("transitGateway/transitGatewayId")
		time.Sleep(80 * time.Second)
		vpc := b.do("CreateTransitGatewayVpcAttachment", "TransitGatewayId="+p.requester, "VpcId=vpc-0a000000000000001", "SubnetIds.1=subnet-0a00000000000001a").
			at("transitGatewayVpcAttachment/transitGatewayAttachmentId")
		with := func(name, value string) []string { return p.asks(name + "=" + value) }
		for name, row := range map[string]struct {
			region, action string
			parameters     []string
			code           string
		}{
			"a second peering of the two":         {tokyo, create, p.asks(), "DuplicateTransitGatewayAttachment"},
			"a second one, asked from the other":  {dublin, create, []string{"TransitGatewayId=" + p.accepter, "PeerTransitGatewayId=" + p.requester, "PeerAccountId=111122223333", "PeerRegion=" + tokyo}, "DuplicateTransitGatewayAttachment"},
			"itself":                              {tokyo, create, with("PeerTransitGatewayId", p.requester), "InvalidParameterValue"},
			"another account":                     {tokyo, create, with("PeerAccountId", "444455556666"), "InvalidParameterValue"},
			"an unknown transit gateway":          {tokyo, create, with("TransitGatewayId", p.accepter), "InvalidTransitGatewayID.NotFound"},
			"a malformed peer":                    {tokyo, create, with("PeerTransitGatewayId", "tgw-x"), "InvalidTransitGatewayID.Malformed"},
			"no peer":                             {tokyo, create, p.asks()[:1], "MissingParameter"},
			"no region":                           {tokyo, create, p.asks()[:3], "MissingParameter"},
			"an unknown peer in the same region":  {tokyo, create, []string{"TransitGatewayId=" + other, "PeerTransitGatewayId=tgw-00000000000000000", "PeerAccountId=111122223333", "PeerRegion=" + tokyo}, "InvalidTransitGatewayID.NotFound"},
			"dynamic routing":                     {tokyo, create, p.asks("Options.DynamicRouting=enable"), "IncorrectState"},
			"tags of another kind":                {tokyo, create, p.asks("TagSpecification.1.ResourceType=vpc", "TagSpecification.1.Tag.1.Key=a"), "InvalidParameterValue"},
			"the tags under another name":         {tokyo, create, p.asks("TagSpecifications.1.ResourceType=transit-gateway-attachment"), "UnknownParameter"},
			"accepting at the requester":          {tokyo, accept, []string{p.peeringParameter}, "InvalidParameterValue"},
			"rejecting at the requester":          {tokyo, "RejectTransitGatewayPeeringAttachment", []string{p.peeringParameter}, "InvalidParameterValue"},
			"accepting a VPC attachment":          {tokyo, accept, []string{"TransitGatewayAttachmentId=" + vpc}, "InvalidTransitGatewayAttachmentID.NotFound"},
			"deleting it as a VPC attachment":     {tokyo, "DeleteTransitGatewayVpcAttachment", []string{p.peeringParameter}, "InvalidTransitGatewayAttachmentID.NotFound"},
			"a route before it is accepted":       {tokyo, "CreateTransitGatewayRoute", route, "IncorrectState"},
			"associating before it is accepted":   {tokyo, "AssociateTransitGatewayRouteTable", []string{route[0], p.peeringParameter}, "IncorrectState"},
			"deleting the transit gateway":        {dublin, "DeleteTransitGateway", []string{"TransitGatewayId=" + p.accepter}, "IncorrectState"},
			"describing it where no end of it is": {"us-east-1", "DescribeTransitGatewayPeeringAttachments", []string{"TransitGatewayAttachmentIds.1=" + p.attachment}, "InvalidTransitGatewayAttachmentID.NotFound"},
		} {
			if got := b.refusedIn(row.region, row.action, row.parameters...); got != row.code {
				t.Errorf("%s: %s, want %s", name, got, row.code)
			}
		}
		p.accept()
		if got := b.refusedIn(dublin, accept, p.peeringParameter); got != "IncorrectState" {
			t.Errorf("accepting twice: %s", got)
		}
		if got := b.refused("EnableTransitGatewayRouteTablePropagation", route[0], p.peeringParameter); got != "UnsupportedOperation" {
			t.Errorf("propagating a peering: %s", got)
		}
	})
}

func TestARequestThatReachesNobodyFails(t *testing.T) {
	for name, peer := range map[string][2]string{
		"an unknown transit gateway in the other region": {"tgw-00000000000000000", dublin},
		"a region that nobody uses":                      {"tgw-00000000000000000", "us-east-1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, twoRegions)
				p := b.makePair(tokyo, dublin)
				item := "transitGatewayPeeringAttachments/item/"
				id := b.do("CreateTransitGatewayPeeringAttachment", "TransitGatewayId="+p.requester, "PeerTransitGatewayId="+peer[0],
					"PeerAccountId=111122223333", "PeerRegion="+peer[1]).at("transitGatewayPeeringAttachment/transitGatewayAttachmentId")
				time.Sleep(12 * time.Second)
				got := b.do("DescribeTransitGatewayPeeringAttachments", "TransitGatewayAttachmentIds.1="+id)
				if got.at(item+"state") != "failed" || got.at(item+"status/code") != "InvalidTransitGatewayID.NotFound" {
					t.Errorf("it is %s, %s", got.at(item+"state"), got.at(item+"status/code"))
				}
				if regions := b.do("DescribeRegions").all("regionInfo", "regionName"); slices.Contains(regions, "us-east-1") {
					t.Errorf("the request opened a region: %v", regions)
				}
				b.do("DeleteTransitGatewayPeeringAttachment", "TransitGatewayAttachmentId="+id)
				time.Sleep(130 * time.Second)
				if got := b.do("DescribeTransitGatewayPeeringAttachments", "TransitGatewayAttachmentIds.1="+id).at(item + "state"); got != "deleted" {
					t.Errorf("after the delete it is %s", got)
				}
			})
		})
	}
}

func TestTwoRequestsThatCrossLeaveOnePeering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, twoRegions)
		p := b.makePair(tokyo, dublin)
		time.Sleep(time.Second)
		b.doIn(dublin, "CreateTransitGatewayPeeringAttachment", "TransitGatewayId="+p.accepter, "PeerTransitGatewayId="+p.requester, "PeerAccountId=111122223333", "PeerRegion="+tokyo)
		time.Sleep(15 * time.Second)
		for _, region := range p.regions {
			states := b.doIn(region, "DescribeTransitGatewayPeeringAttachments").all("transitGatewayPeeringAttachments", "state")
			alive := slices.DeleteFunc(states, func(s string) bool { return s == "failed" })
			if !slices.Equal(alive, []string{"pendingAcceptance"}) {
				t.Errorf("in %s: %v", region, alive)
			}
		}
	})
}

func TestAnInjectedFailureOfAPeeringShowsInItsStateAtBothEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, twoRegions)
		p := b.makePair(dublin, tokyo)
		time.Sleep(12 * time.Second)
		status, body := b.sendWith(ground.Injected{Fail: true, FailCode: "InternalError", FailText: "no"}, signature, "AcceptTransitGatewayPeeringAttachment", p.peeringParameter)
		if status != http.StatusOK {
			t.Fatal(body)
		}
		time.Sleep(5 * time.Minute)
		if got := p.states(); got != "failed failed" {
			t.Errorf("it is %s", got)
		}
	})
}

func TestPeeringsHaveQuotas(t *testing.T) {
	for name, row := range map[string]struct {
		quota   string
		accepts bool
	}{
		"peerings": {"peering-attachments-per-transit-gateway", true},
		"requests": {"pending-peering-attachments-per-transit-gateway", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, func(s *scenario.Scenario) {
					twoRegions(s)
					s.AWS.Quotas = map[string]int{row.quota: 1, "transit-gateways": 9}
				})
				p := b.makePair(tokyo, dublin)
				third := b.doIn(dublin, "CreateTransitGateway").at("transitGateway/transitGatewayId")
				time.Sleep(80 * time.Second)
				ask := []string{"TransitGatewayId=" + p.requester, "PeerTransitGatewayId=" + third, "PeerAccountId=111122223333", "PeerRegion=" + dublin}
				if got := b.refused("CreateTransitGatewayPeeringAttachment", ask...); got != "TransitGatewayAttachmentLimitExceeded" {
					t.Errorf("one more while the first waits: %s", got)
				}
				p.accept()
				status, body := b.send("CreateTransitGatewayPeeringAttachment", ask...)
				if refused := status != http.StatusOK; refused != row.accepts {
					t.Errorf("one more when the first is accepted: %d %s", status, body)
				}
			})
		})
	}
	if got := fmt.Sprint(quotas["peering-attachments-per-transit-gateway"].most, quotas["pending-peering-attachments-per-transit-gateway"].most); got != "50 10" {
		t.Errorf("by default %s", got)
	}
}
