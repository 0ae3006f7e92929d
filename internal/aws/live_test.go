package aws

import (
	"testing"
	"testing/synctest"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

func TestWhatStandsUnderAnIDIsChosenByOwnerThenByPhase(t *testing.T) {
	gateway := func(ref, owner string, state types.TransitGatewayState) types.TransitGateway {
		return types.TransitGateway{TransitGatewayId: awssdk.String(ref), State: state, Tags: tagsFor(owner, "aws/transit-gateway/tgw-tokyo")}
	}
	for name, c := range map[string]struct {
		listed []types.TransitGateway
		ref    string
		phase  resource.Phase
		owner  string
	}{
		"none":                          {nil, "", resource.Absent, ""},
		"a deleted one is still listed": {[]types.TransitGateway{gateway("tgw-1", "seed", "deleted")}, "", resource.Absent, ""},
		"one on its way out":            {[]types.TransitGateway{gateway("tgw-1", "seed", "deleting")}, "tgw-1", resource.Deleting, "seed"},
		"a new one beside it":           {[]types.TransitGateway{gateway("tgw-1", "seed", "deleting"), gateway("tgw-2", "seed", "pending")}, "tgw-2", resource.Pending, "seed"},
		"another owner's":               {[]types.TransitGateway{gateway("tgw-1", "someone", "available")}, "tgw-1", resource.Ready, "someone"},
		"ours beside another owner's":   {[]types.TransitGateway{gateway("tgw-1", "someone", "available"), gateway("tgw-2", "seed", "pending")}, "tgw-2", resource.Pending, "seed"},
		"two of ours":                   {[]types.TransitGateway{gateway("tgw-2", "seed", "available"), gateway("tgw-1", "seed", "available")}, "tgw-1", resource.Ready, "seed"},
		"a state that nobody knows":     {[]types.TransitGateway{gateway("tgw-1", "seed", "hibernating")}, "tgw-1", resource.Pending, "seed"},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := cloudOf(t, seedFile(t))
			s := newSeen(cloud, cloud.regions["ap-northeast-1"])
			s.transitGateways = known(c.listed...)
			s.vpcAttachments, s.connections, s.customerGateways = known[types.TransitGatewayVpcAttachment](), known[types.VpnConnection](), known[types.CustomerGateway]()
			live, err := nodeOf[*transitGateway](t, cloud, "aws/transit-gateway/tgw-tokyo").live(s, nil)
			if err != nil || live.Ref != c.ref || live.Phase != c.phase || live.Owner != c.owner {
				t.Errorf("got %s %s of %q, %v; want %s %s of %q", live.Phase, live.Ref, live.Owner, err, c.phase, c.ref, c.owner)
			}
		})
	}
}

// attachmentSeen is what a sweep sees of the attachment of vpc-a.
func attachmentSeen(c *Cloud, created time.Time, tags []types.Tag, association *types.TransitGatewayAttachmentAssociation, propagating ...string) *seen {
	s := newSeen(c, c.regions["ap-northeast-1"])
	s.vpcAttachments = known(types.TransitGatewayVpcAttachment{
		TransitGatewayAttachmentId: awssdk.String("tgw-attach-a"), TransitGatewayId: awssdk.String("tgw-1"), VpcId: awssdk.String("vpc-0a10000000000000a"),
		SubnetIds: []string{"subnet-0a1000000000000a1"}, State: types.TransitGatewayAttachmentStateAvailable, CreationTime: &created, Tags: tags,
	})
	s.attachments = known(types.TransitGatewayAttachment{TransitGatewayAttachmentId: awssdk.String("tgw-attach-a"), Association: association})
	s.propagating["tgw-rtb-1"] = known(propagating...)
	return s
}

func TestAnAttachmentSettlesByItselfOrIsDrift(t *testing.T) {
	associated := func(state types.TransitGatewayAssociationState) *types.TransitGatewayAttachmentAssociation {
		return &types.TransitGatewayAttachmentAssociation{State: state, TransitGatewayRouteTableId: awssdk.String("tgw-rtb-1")}
	}
	for name, c := range map[string]struct {
		age         time.Duration
		association *types.TransitGatewayAttachmentAssociation
		propagating []string
		byDefault   string
		want        resource.Phase
	}{
		"all is there":                               {time.Hour, associated("associated"), []string{"tgw-attach-a"}, "enable", resource.Ready},
		"just made, and not associated yet":          {2 * time.Minute, nil, []string{"tgw-attach-a"}, "enable", resource.Created},
		"just made, and not propagating yet":         {2 * time.Minute, associated("associated"), nil, "enable", resource.Created},
		"associating, however old":                   {time.Hour, associated("associating"), []string{"tgw-attach-a"}, "enable", resource.Created},
		"old, and somebody switched propagation off": {time.Hour, associated("associated"), nil, "enable", resource.Ready},
		"old, and somebody took the association":     {time.Hour, nil, []string{"tgw-attach-a"}, "enable", resource.Ready},
		"just made, and the default is off":          {2 * time.Minute, nil, nil, "disable", resource.Ready},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud := cloudOf(t, seedFile(t))
				world := builtWorld()
				world["aws/transit-gateway/tgw-tokyo"].Attrs["default_association"] = resource.Of(c.byDefault)
				world["aws/transit-gateway/tgw-tokyo"].Attrs["default_propagation"] = resource.Of(c.byDefault)
				r := nodeOf[*vpcAttachment](t, cloud, "aws/vpc-attachment/vpc-a")
				s := attachmentSeen(cloud, time.Now().Add(-c.age), ourTags("aws/vpc-attachment/vpc-a"), c.association, c.propagating...)
				live, err := r.live(s, world)
				if err != nil || live.Phase != c.want {
					t.Fatalf("it is %s (%s), %v; want %s", live.Phase, live.Why, err, c.want)
				}
				want, err := r.Want(world)
				if err != nil {
					t.Fatal(err)
				}
				complete := c.association != nil && len(c.propagating) > 0
				if drifts := resource.Diff(r.ID(), r.Kind(), want, live); c.want == resource.Ready && complete != (len(drifts) == 0) {
					t.Errorf("the drifts are %v", drifts)
				}
			})
		})
	}
}

func TestAWaitForADefaultEndsEvenWhenTheCloudsClockIsAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := cloudOf(t, seedFile(t))
		r := nodeOf[*vpcAttachment](t, cloud, "aws/vpc-attachment/vpc-a")
		s := attachmentSeen(cloud, time.Now().Add(24*time.Hour), ourTags("aws/vpc-attachment/vpc-a"), nil)
		for _, want := range []resource.Phase{resource.Created, resource.Ready} {
			live, err := r.live(s, builtWorld())
			if err != nil || live.Phase != want {
				t.Errorf("it is %s, %v; want %s", live.Phase, err, want)
			}
			time.Sleep(vpcSettles)
		}
	})
}

func TestAnAttachmentThatSomebodyElseMadeIsNotOurs(t *testing.T) {
	cloud := cloudOf(t, seedFile(t))
	r := nodeOf[*vpcAttachment](t, cloud, "aws/vpc-attachment/vpc-a")
	live, err := r.live(attachmentSeen(cloud, time.Now(), nil, nil), builtWorld())
	if err != nil {
		t.Fatal(err)
	}
	want, err := r.Want(builtWorld())
	if err != nil {
		t.Fatal(err)
	}
	drifts := resource.Diff(r.ID(), r.Kind(), want, live)
	if len(drifts) != 1 || drifts[0].Class != resource.Unowned {
		t.Errorf("the drifts are %v", drifts)
	}
}

func TestAConnectionIsCreatedOnceAddressesAndKeysAreKnown(t *testing.T) {
	file := seedFile(t)
	cloud := cloudOf(t, file)
	r := nodeOf[*vpnConnection](t, cloud, "aws/vpn-connection/tokyo-0")
	one := tunnelOption("3.0.0.1", r.inside[0].String(), "key.of.one")
	two := tunnelOption("3.0.0.2", r.inside[1].String(), "key.of.two")
	attachment := types.TransitGatewayAttachment{
		TransitGatewayAttachmentId: awssdk.String("tgw-attach-vpn"), ResourceId: awssdk.String("vpn-1"), State: types.TransitGatewayAttachmentStateAvailable,
		Association: &types.TransitGatewayAttachmentAssociation{State: types.TransitGatewayAssociationStateAssociated, TransitGatewayRouteTableId: awssdk.String("tgw-rtb-1")},
	}
	for name, c := range map[string]struct {
		state       types.VpnState
		options     []types.TunnelOption
		attachments []types.TransitGatewayAttachment
		want        resource.Phase
	}{
		"nothing shown yet":               {"pending", []types.TunnelOption{{}, {}}, nil, resource.Pending},
		"one key is missing":              {"pending", []types.TunnelOption{one, tunnelOption("3.0.0.2", r.inside[1].String(), "")}, nil, resource.Pending},
		"both are known while it settles": {"pending", []types.TunnelOption{two, one}, nil, resource.Created},
		"a state the SDK does not know":   {"modifying", []types.TunnelOption{one, two}, nil, resource.Created},
		"without its attachment":          {"available", []types.TunnelOption{one, two}, nil, resource.Created},
		"all is there":                    {"available", []types.TunnelOption{one, two}, []types.TransitGatewayAttachment{attachment}, resource.Ready},
		"keys in Secrets Manager":         {"available", []types.TunnelOption{tunnelOption("3.0.0.1", r.inside[0].String(), "REDACTED"), two}, []types.TransitGatewayAttachment{attachment}, resource.Ready},
		"deleted and still listed":        {"deleted", nil, nil, resource.Absent},
	} {
		t.Run(name, func(t *testing.T) {
			connection := connectionWith(c.options...)
			connection.VpnConnectionId, connection.State, connection.Tags = awssdk.String("vpn-1"), c.state, ourTags("aws/vpn-connection/tokyo-0")
			s := newSeen(cloud, r.region)
			s.connections, s.attachments = known(connection), known(c.attachments...)
			live, err := r.live(s, builtWorld())
			if err != nil || live.Phase != c.want {
				t.Fatalf("it is %s (%s), %v; want %s", live.Phase, live.Why, err, c.want)
			}
			if c.want < resource.Created {
				return
			}
			if got := live.Attrs[desired.FactOutsideAddress(2)]; got.One() != "3.0.0.2" {
				t.Errorf("tunnel 2 is at %s", got)
			}
			if live.Phase == resource.Ready && live.Attrs[desired.FactAttachment].One() != "tgw-attach-vpn" {
				t.Errorf("its attachment is %s", live.Attrs[desired.FactAttachment])
			}
		})
	}
}

func TestACustomerGatewayThatCameBackWithoutOurTagsIsRefused(t *testing.T) {
	r := nodeOf[*customerGateway](t, cloudOf(t, seedFile(t)), "aws/customer-gateway/tokyo-0")
	for name, c := range map[string]struct {
		tags []types.Tag
		well bool
	}{
		"ours":           {ourTags("aws/customer-gateway/tokyo-0"), true},
		"untagged":       {nil, false},
		"another link's": {ourTags("aws/customer-gateway/osaka-0"), false},
		"another owner":  {tagsFor("someone", "aws/customer-gateway/tokyo-0"), false},
	} {
		t.Run(name, func(t *testing.T) {
			err := r.accept(t.Context(), &types.CustomerGateway{CustomerGatewayId: awssdk.String("cgw-1"), Tags: c.tags})
			if c.well != (err == nil) || !c.well && resource.HintOf(err) == "" {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestWhatWasJustMadeIsPendingUntilItIsListed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := cloudOf(t, seedFile(t))
		absent := resource.Live{Phase: resource.Absent}
		id := resource.ID("aws/transit-gateway/tgw-tokyo")
		if got := cloud.memory.settle(id, absent); got.Phase != resource.Absent {
			t.Errorf("what nobody made is %s", got.Phase)
		}
		nodeOf[*transitGateway](t, cloud, id).made("tgw-1")
		if got := cloud.memory.settle(id, absent); got.Phase != resource.Pending || got.Ref != "tgw-1" {
			t.Errorf("what was just made is %s", got.Phase)
		}
		time.Sleep(describesLag)
		if got := cloud.memory.settle(id, absent); got.Phase != resource.Absent {
			t.Errorf("what was made five minutes ago and is not listed is %s", got.Phase)
		}
	})
}
