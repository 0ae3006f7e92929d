package aws

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

const dublin = "eu-west-1"

// twoRegions adds a VPC with a machine in Dublin.
func twoRegions(s *scenario.Scenario) {
	prefix := netip.MustParsePrefix
	s.AWS.Regions = append(s.AWS.Regions, scenario.Region{Name: dublin, VPCs: []scenario.VPC{{
		ID: "vpc-0c000000000000003", Prefixes: []netip.Prefix{prefix("10.3.0.0/16")},
		Subnets:        []scenario.Subnet{{ID: "subnet-0c00000000000001a", Zone: dublin + "a", Prefix: prefix("10.3.0.0/24")}},
		RouteTables:    []scenario.VPCRouteTable{{ID: "rtb-0c000000000000003"}},
		SecurityGroups: []scenario.SecurityGroup{{ID: "sg-0c000000000000003", Ingress: []scenario.GroupRule{{Protocol: "icmp", Prefix: prefix("10.0.0.0/8")}}}},
		Instances: []scenario.Instance{{
			ID: "i-0c000000000000003", Subnet: "subnet-0c00000000000001a", Address: netip.MustParseAddr("10.3.0.10"), SecurityGroups: []string{"sg-0c000000000000003"},
		}},
	}}})
}

// doIn makes a call in a region, which has to succeed.
func (b *bench) doIn(region, action string, parameters ...string) node {
	b.t.Helper()
	status, body := b.sendWith(ground.Injected{}, strings.ReplaceAll(signature, tokyo, region), action, parameters...)
	if status != http.StatusOK {
		b.t.Fatalf("%s %v in %s: %d %s", action, parameters, region, status, body)
	}
	return b.parse(body)
}

// refusedIn makes a call in a region, which has to fail, and returns the code.
func (b *bench) refusedIn(region, action string, parameters ...string) string {
	b.t.Helper()
	status, body := b.sendWith(ground.Injected{}, strings.ReplaceAll(signature, tokyo, region), action, parameters...)
	if status == http.StatusOK {
		b.t.Fatalf("%s %v in %s succeeded: %s", action, parameters, region, body)
	}
	return b.parse(body).at("Errors/Error/Code")
}

// pair is two transit gateways, and the peering that one asked the other for.
type pair struct {
	b                *bench
	requester        string
	accepter         string
	tables           map[string]string // their default route tables by region
	attachment       string
	regions          [2]string
	accepterPeering  string // its id at the accepter
	peeringParameter string
}

// makePair makes two transit gateways, in the regions, and asks for a peering.
func (b *bench) makePair(regions ...string) pair {
	b.t.Helper()
	p := pair{b: b, regions: [2]string{regions[0], regions[1]}, tables: map[string]string{}}
	gateway := func(region string) string {
		made := b.doIn(region, "CreateTransitGateway")
		p.tables[region] = made.at("transitGateway/options/associationDefaultRouteTableId")
		return made.at("transitGateway/transitGatewayId")
	}
	p.requester, p.accepter = gateway(regions[0]), gateway(regions[1])
	time.Sleep(80 * time.Second)
	asked := b.doIn(regions[0], "CreateTransitGatewayPeeringAttachment", p.asks(
		"TagSpecification.1.ResourceType=transit-gateway-attachment", "TagSpecification.1.Tag.1.Key=Name", "TagSpecification.1.Tag.1.Value=mine")...)
	p.attachment = asked.at("transitGatewayPeeringAttachment/transitGatewayAttachmentId")
	p.accepterPeering = p.attachment
	if own := asked.at("transitGatewayPeeringAttachment/accepterTransitGatewayAttachmentId"); own != "" {
		p.accepterPeering = own
	}
	p.peeringParameter = "TransitGatewayAttachmentId=" + p.accepterPeering
	return p
}

// asks is the parameters of the request.
func (p pair) asks(more ...string) []string {
	return append([]string{
		"TransitGatewayId=" + p.requester, "PeerTransitGatewayId=" + p.accepter, "PeerAccountId=111122223333", "PeerRegion=" + p.regions[1],
	}, more...)
}

// states is the state of the peering at the requester and at the accepter, in
// the list of peerings and in the list of all attachments.
func (p pair) states() string {
	p.b.t.Helper()
	var states []string
	for i, id := range []string{p.attachment, p.accepterPeering} {
		filter := []string{"Filter.1.Name=transit-gateway-attachment-id", "Filter.1.Value.1=" + id}
		own := p.b.doIn(p.regions[i], "DescribeTransitGatewayPeeringAttachments", filter...).at("transitGatewayPeeringAttachments/item/state")
		listed := p.b.doIn(p.regions[i], "DescribeTransitGatewayAttachments", filter...).at("transitGatewayAttachments/item/state")
		if own != listed {
			p.b.t.Errorf("%s is %q among the peerings and %q among the attachments", id, own, listed)
		}
		states = append(states, own)
	}
	return strings.Join(states, " ")
}

// association is the state of the association at an end.
func (p pair) association(end int) string {
	id := []string{p.attachment, p.accepterPeering}[end]
	item := p.b.doIn(p.regions[end], "DescribeTransitGatewayAttachments", "TransitGatewayAttachmentIds.1="+id)
	return item.at("transitGatewayAttachments/item/association/state")
}

// accept accepts the peering and waits until it stands.
func (p pair) accept() {
	p.b.t.Helper()
	time.Sleep(12 * time.Second)
	p.b.doIn(p.regions[1], "AcceptTransitGatewayPeeringAttachment", p.peeringParameter)
	time.Sleep(5 * time.Minute)
	if got := p.states(); got != "available available" {
		p.b.t.Fatalf("after its time: %s", got)
	}
}

func TestAPeeringGoesThroughItsStatesAtBothEnds(t *testing.T) {
	accept, reject, remove := "AcceptTransitGatewayPeeringAttachment", "RejectTransitGatewayPeeringAttachment", "DeleteTransitGatewayPeeringAttachment"
	type step struct {
		end          int // who calls
		action       string
		then, answer string // the states right after the call, and that of its answer
		wait         time.Duration
		after        string
	}
	accepts := step{1, accept, "pending pending", "pending", 280 * time.Second, "available available"}
	rows := map[string]struct {
		regions []string
		steps   []step
	}{
		"accepted and deleted by the requester": {[]string{tokyo, dublin}, []step{
			accepts, {0, remove, "deleting deleting", "deleting", 130 * time.Second, "deleted deleted"},
		}},
		"accepted and deleted by the accepter": {[]string{dublin, tokyo}, []step{
			accepts, {1, remove, "deleting deleting", "deleting", 130 * time.Second, "deleted deleted"},
		}},
		"rejected": {[]string{tokyo, dublin}, []step{
			{1, reject, "rejecting rejecting", "rejecting", 15 * time.Second, "rejected rejected"},
		}},
		"withdrawn": {[]string{tokyo, dublin}, []step{
			{0, remove, "deleting deleting", "deleting", 130 * time.Second, "deleted deleted"},
		}},
		"in one region, with an id at either end": {[]string{tokyo, tokyo}, []step{
			accepts, {1, remove, "deleting deleting", "deleting", 130 * time.Second, "deleted deleted"},
		}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, twoRegions)
				p := b.makePair(row.regions...)
				if got := p.states(); got != "initiatingRequest " {
					t.Fatalf("right after the request: %s", got)
				}
				time.Sleep(12 * time.Second)
				if got := p.states(); got != "pendingAcceptance pendingAcceptance" {
					t.Fatalf("once it has arrived: %s", got)
				}
				time.Sleep(30 * 24 * time.Hour)
				if got := p.states(); got != "pendingAcceptance pendingAcceptance" {
					t.Fatalf("after a month it still waits, and is %s", got)
				}
				for _, s := range row.steps {
					id := []string{p.attachment, p.accepterPeering}[s.end]
					answer := b.doIn(p.regions[s.end], s.action, "TransitGatewayAttachmentId="+id).at("transitGatewayPeeringAttachment/state")
					if got := p.states(); got != s.then || answer != s.answer {
						t.Fatalf("after %s: %s, and the answer says %s", s.action, got, answer)
					}
					time.Sleep(s.wait)
					if got := p.states(); got != s.after {
						t.Fatalf("some time after %s: %s", s.action, got)
					}
				}
				time.Sleep(time.Hour)
				if got := p.states(); got != " " {
					t.Errorf("after an hour it is still listed: %s", got)
				}
			})
		})
	}
}

func TestEachEndOfAPeeringHasItsOwnAssociationAndTags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, twoRegions)
		p := b.makePair(tokyo, dublin)
		p.accept()
		for end, region := range p.regions {
			if got := p.association(end); got != "associated" {
				t.Errorf("in %s the default association is %q", region, got)
			}
			if got := b.doIn(region, "GetTransitGatewayAttachmentPropagations", p.peeringParameter).all("transitGatewayAttachmentPropagations", "state"); len(got) != 0 {
				t.Errorf("in %s a peering propagates: %v", region, got)
			}
		}
		table := "TransitGatewayRouteTableId=" + p.tables[dublin]
		b.doIn(dublin, "DisassociateTransitGatewayRouteTable", table, p.peeringParameter)
		b.doIn(dublin, "CreateTags", "ResourceId.1="+p.attachment, "Tag.1.Key=Name", "Tag.1.Value=theirs")
		time.Sleep(30 * time.Second)
		if got := p.association(0) + "/" + p.association(1); got != "associated/" {
			t.Errorf("one end is disassociated: %s", got)
		}
		for region, want := range map[string]string{tokyo: "mine", dublin: "theirs"} {
			item := b.doIn(region, "DescribeTransitGatewayPeeringAttachments", "Filter.1.Name=tag:Name", "Filter.1.Value.1="+want)
			if got := item.all("transitGatewayPeeringAttachments", "tagSet/item/value"); !slices.Equal(got, []string{want}) {
				t.Errorf("tags in %s: %v, want %s", region, got, want)
			}
		}
		b.doIn(dublin, "AssociateTransitGatewayRouteTable", table, p.peeringParameter)
		time.Sleep(30 * time.Second)
		if got := p.association(1); got != "associated" {
			t.Errorf("associated again: %s", got)
		}
	})
}

func TestAPeeringIsDescribedTheSameFromBothEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, twoRegions)
		p := b.makePair(tokyo, dublin)
		time.Sleep(12 * time.Second)
		for i, region := range p.regions {
			own, other := []string{p.requester, p.accepter}[i], []string{p.accepter, p.requester}[i]
			found := b.doIn(region, "DescribeTransitGatewayPeeringAttachments", "Filter.1.Name=transit-gateway-id", "Filter.1.Value.1="+own, "MaxResults=5")
			item := "transitGatewayPeeringAttachments/item/"
			for path, want := range map[string]string{
				"requesterTgwInfo/transitGatewayId": p.requester, "requesterTgwInfo/region": tokyo, "requesterTgwInfo/ownerId": "111122223333",
				"accepterTgwInfo/transitGatewayId": p.accepter, "accepterTgwInfo/region": dublin, "accepterTgwInfo/ownerId": "111122223333",
				"transitGatewayAttachmentId": p.attachment, "accepterTransitGatewayAttachmentId": "",
			} {
				if got := found.at(item + path); got != want {
					t.Errorf("in %s %s is %q, want %q", region, path, got, want)
				}
			}
			listed := b.doIn(region, "DescribeTransitGatewayAttachments", "Filter.1.Name=resource-type", "Filter.1.Value.1=peering")
			for path, want := range map[string]string{"transitGatewayId": own, "resourceId": other, "resourceOwnerId": "111122223333", "transitGatewayAttachmentId": p.attachment} {
				if got := listed.at("transitGatewayAttachments/item/" + path); got != want {
					t.Errorf("in %s %s of the attachment is %q, want %q", region, path, got, want)
				}
			}
			if got := b.doIn(region, "DescribeTransitGatewayVpcAttachments").all("transitGatewayVpcAttachments", "state"); len(got) != 0 {
				t.Errorf("a peering is among the VPC attachments: %v", got)
			}
		}
	})
}
