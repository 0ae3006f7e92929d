package aws

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
)

// taggedKinds are the resources of the article that carry tags, with EC2's
// noun for each.
var taggedKinds = map[resource.ID]string{
	"aws/transit-gateway/tgw-tokyo": "transit-gateway",
	"aws/customer-gateway/tokyo-0":  "customer-gateway",
	"aws/vpn-connection/tokyo-0":    "vpn-connection",
	"aws/vpc-attachment/vpc-a":      "transit-gateway-attachment",
}

func TestWhatHasLostItsTagsIsSeenAndNotTakenForMissing(t *testing.T) {
	for id, noun := range taggedKinds {
		for name, fields := range map[string][]string{
			"all tags":         {"Tags"},
			"the owner tag":    {"Tags." + desired.OwnerTag},
			"the id tag":       {"Tags." + desired.IDTag},
			"all but the name": {"Tags." + desired.OwnerTag, "Tags." + desired.IDTag},
		} {
			t.Run(noun+" without "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newBench(t, nil)
					b.mustBuild()
					time.Sleep(time.Hour)
					for _, field := range fields {
						b.mutate(noun, b.ref(id), "unset", field, nil)
					}
					want := []string{kindOf(id) + ".unowned"}
					if noun == "transit-gateway" {
						want = []string{"aws/tgw-routes.unowned", "aws/transit-gateway.unowned"}
					}
					if got := b.drifts(); !slices.Equal(got, want) {
						t.Fatalf("a look finds %v, want %v", got, want)
					}
					b.agree(id)
					for key, value := range map[string]string{desired.OwnerTag: "seed", desired.IDTag: string(id)} {
						b.mutate(noun, b.ref(id), "set", "Tags."+key, value)
					}
					if noun == "transit-gateway" {
						b.mutate(noun, b.ref(id), "set", "Tags."+desired.RouteTableTag, b.table())
					}
					if got := b.drifts(); len(got) > 0 {
						t.Errorf("with its tags back a look finds %v", got)
					}
				})
			})
		}
	}
}

// agree fails the test unless a fresh sweep and a fresh single read both find
// the one that the build made, not ours, and say how to mend it.
func (b *bench) agree(id resource.ID) {
	b.Helper()
	b.restart()
	world, _ := b.cloud.Sweep(b.Context())
	b.restart()
	n := nodeOf[node](b.T, b.cloud, id)
	live, err := n.Read(b.Context(), seenBy(n, merged(world, b.world)))
	if err != nil {
		b.Fatal(err)
	}
	live.AsOf = world[id].AsOf
	if diff := cmp.Diff(live, world[id], cmp.Comparer(resource.Secret.Equal)); diff != "" {
		b.Errorf("%s: a read and the sweep differ:\n%s", id, diff)
	}
	if live.Ref != b.ref(id) || live.Owner != "" {
		b.Errorf("%s is %s of %q, want %s of nobody", id, live.Ref, live.Owner, b.ref(id))
	}
	for _, part := range []string{live.Ref, desired.OwnerTag + "=seed", desired.IDTag + "=" + string(id)} {
		if !strings.Contains(live.NotOurs, part) {
			b.Errorf("%s: %q does not name %s", id, live.NotOurs, part)
		}
	}
}

func TestATransitGatewayIsKnownByWhatStandsOnItWhenEveryTagOfAWSIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.mustBuild()
		time.Sleep(time.Hour)
		for id, noun := range taggedKinds {
			b.mutate(noun, b.ref(id), "unset", "Tags", nil)
		}
		b.mutate("transit-gateway-attachment", b.ref("aws/vpc-attachment/vpc-b"), "unset", "Tags", nil)
		want := []string{
			"aws/customer-gateway.unowned", "aws/tgw-routes.unowned", "aws/transit-gateway.unowned",
			"aws/vpc-attachment.unowned", "aws/vpc-attachment.unowned", "aws/vpn-connection.unowned",
		}
		if got := b.drifts(); !slices.Equal(got, want) {
			t.Errorf("a look finds %v, want %v", got, want)
		}
		for id := range taggedKinds {
			b.agree(id)
		}
	})
}

func TestWithoutProofATransitGatewayIsNotKnownToBeMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		b.mustBuild()
		b.mutate("transit-gateway", b.ref("aws/transit-gateway/tgw-tokyo"), "unset", "Tags", nil)
		for _, operation := range []string{"DescribeVpnConnections", "DescribeTransitGatewayVpcAttachments"} {
			b.sim.Inject(ground.Fault{Cloud: "aws", Operation: operation, Effect: ground.EffectDeny})
		}
		b.restart()
		world, _ := b.cloud.Sweep(t.Context())
		if live := world["aws/transit-gateway/tgw-tokyo"]; live.Phase != resource.Unknown || live.Why == "" {
			t.Errorf("it is %s: %s", live.Phase, live.Why)
		}
		if live, err := nodeOf[node](t, b.cloud, "aws/transit-gateway/tgw-tokyo").Read(t.Context(), nil); err == nil {
			t.Errorf("a read says that it is %s", live.Phase)
		}
	})
}

func TestOfTwoWithOurTagsTheOneInItsPlaceIsOurs(t *testing.T) {
	id := resource.ID("aws/transit-gateway/tgw-tokyo")
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, nil)
		// The stranger is there first, and is named by an id that sorts before.
		b.mutate("transit-gateway", "ap-northeast-1", "create", "", map[string]any{
			"TagSpecification": []any{map[string]any{"ResourceType": "transit-gateway", "Tag": []any{map[string]any{"Key": "Name", "Value": "stranger"}}}},
		})
		b.mustBuild()
		time.Sleep(time.Hour)
		ours := b.ref(id)
		for key, value := range map[string]string{desired.OwnerTag: "seed", desired.IDTag: string(id)} {
			b.mutate("transit-gateway", "stranger", "set", "Tags."+key, value)
		}
		if got := b.drifts(); !slices.Equal(got, []string{"aws/transit-gateway.duplicate"}) {
			t.Errorf("a look finds %v", got)
		}
		if world, _ := b.cloud.Sweep(context.Background()); world[id].Ref != ours {
			t.Errorf("%s is taken for %s", world[id].Ref, ours)
		}
	})
}

func TestTheTagsOfAnotherOneDoNotMakeATransitGatewayMissing(t *testing.T) {
	file := seedFile(t)
	gateways := file.AWS.Regions[0].TransitGateways
	first := gateways[0]
	second := first
	first.VPCs, second.VPCs = gateways[0].VPCs[:1], gateways[0].VPCs[1:]
	second.Name = "tgw-second"
	file.AWS.Regions[0].TransitGateways = []desired.TransitGateway{first, second}
	cloud := cloudOf(t, file)
	s := newSeen(cloud, cloud.regions["ap-northeast-1"])
	of := func(ref string) types.TransitGateway {
		return types.TransitGateway{TransitGatewayId: awssdk.String(ref), State: "available", Tags: ourTags("aws/transit-gateway/tgw-tokyo")}
	}
	on := func(ref, gateway, id string) types.TransitGatewayVpcAttachment {
		return types.TransitGatewayVpcAttachment{
			TransitGatewayAttachmentId: awssdk.String(ref), TransitGatewayId: awssdk.String(gateway), State: "available", Tags: ourTags(id),
		}
	}
	s.connections, s.customerGateways = known[types.VpnConnection](), known[types.CustomerGateway]()
	for name, c := range map[string]struct {
		attachments   []types.TransitGatewayVpcAttachment
		first, second string // what they are taken for
	}{
		"each bears its own":                           {[]types.TransitGatewayVpcAttachment{on("a", "tgw-2", "aws/vpc-attachment/vpc-a"), on("b", "tgw-1", "aws/vpc-attachment/vpc-b")}, "tgw-2", "tgw-1"},
		"the VPC of the second was moved to the first": {[]types.TransitGatewayVpcAttachment{on("a", "tgw-1", "aws/vpc-attachment/vpc-a"), on("b", "tgw-1", "aws/vpc-attachment/vpc-b")}, "tgw-1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s.transitGateways, s.vpcAttachments = known(of("tgw-1"), of("tgw-2")), known(c.attachments...)
			for id, want := range map[resource.ID]string{"aws/transit-gateway/tgw-tokyo": c.first, "aws/transit-gateway/tgw-second": c.second} {
				live, err := nodeOf[*transitGateway](t, cloud, id).live(s, nil)
				if err != nil || live.Ref != want {
					t.Errorf("%s is taken for %q, %v; want %q", id, live.Ref, err, want)
				}
			}
		})
	}
}

func TestWhatThisProcessMadeIsOursBeforeItsTagsShow(t *testing.T) {
	cloud := cloudOf(t, seedFile(t))
	r := nodeOf[*customerGateway](t, cloud, "aws/customer-gateway/tokyo-0")
	s := newSeen(cloud, r.region)
	s.customerGateways = known(types.CustomerGateway{
		CustomerGatewayId: awssdk.String("cgw-1"), State: awssdk.String("available"), DeviceName: awssdk.String("linkd-seed-tokyo-0"),
	})
	r.made("cgw-1")
	live, err := r.live(s, nil)
	if err != nil || live.NotOurs == "" {
		t.Fatalf("without tags it is of %q: %s, %v", live.Owner, live.NotOurs, err)
	}
	if live = cloud.memory.settle(r.id, live); live.Owner != "seed" || live.NotOurs != "" || live.Phase != resource.Ready {
		t.Errorf("just made it is %s of %q: %s", live.Phase, live.Owner, live.NotOurs)
	}
}
