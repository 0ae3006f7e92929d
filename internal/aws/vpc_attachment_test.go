package aws

import (
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/resource"
	"linkd/internal/sim/scenario"
)

const (
	attachmentA    = resource.ID("aws/vpc-attachment/vpc-a")
	declaredSubnet = "subnet-0a1000000000000a1"
	sameZone       = "subnet-0a1000000000000a2"
	anotherZone    = "subnet-0a1000000000000a3"
)

// moreSubnets gives vpc-a a second subnet in its zone, and one in another.
func moreSubnets(s *scenario.Scenario) {
	vpc := &s.AWS.Regions[0].VPCs[0]
	vpc.Subnets = append(slices.Clone(vpc.Subnets),
		scenario.Subnet{ID: sameZone, Zone: "ap-northeast-1a", Prefix: netip.MustParsePrefix("172.20.250.0/24")},
		scenario.Subnet{ID: anotherZone, Zone: "ap-northeast-1c", Prefix: netip.MustParsePrefix("172.20.251.0/24")})
}

// only mends the drifts of some keys, as a policy does that holds the rest.
func (b *bench) only(id resource.ID, keys ...string) error {
	b.Helper()
	n := nodeOf[node](b.T, b.cloud, id)
	live, err := n.Read(b.Context(), seenBy(n, b.world))
	if err != nil {
		b.Fatal(err)
	}
	want, err := n.Want(seenBy(n, b.world))
	if err != nil {
		b.Fatal(err)
	}
	drifts := slices.DeleteFunc(resource.Diff(id, n.Kind(), want, live), func(d resource.Drift) bool { return !slices.Contains(keys, d.Key()) })
	return n.Apply(b.Context(), resource.Target(n.Kind(), want, live, drifts), live)
}

func TestSubnetsThatNobodyDeclaredAreDecidedApart(t *testing.T) {
	const missing, extra = "aws/vpc-attachment.subnets", "aws/vpc-attachment.subnets.extra"
	for name, c := range map[string]struct {
		subnets []string
		want    []string
		mend    []string
		refused bool
		left    []string
	}{
		"one more":                            {[]string{declaredSubnet, anotherZone}, []string{extra}, []string{extra}, false, []string{declaredSubnet}},
		"another in its place, which is held": {[]string{anotherZone}, []string{missing, extra}, []string{missing}, false, []string{declaredSubnet, anotherZone}},
		"another in its place, which is to go": {
			[]string{anotherZone}, []string{missing, extra}, []string{missing, extra}, false, []string{declaredSubnet},
		},
		"another of its zone, which is held":  {[]string{sameZone}, []string{missing, extra}, []string{missing}, true, []string{sameZone}},
		"another of its zone, which is to go": {[]string{sameZone}, []string{missing, extra}, []string{missing, extra}, false, []string{declaredSubnet}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, moreSubnets)
				b.mustBuild()
				time.Sleep(time.Hour)
				b.mutate("transit-gateway-attachment", b.ref(attachmentA), "set", "SubnetIds", c.subnets)
				if got := b.drifts(); !slices.Equal(got, c.want) {
					t.Fatalf("a look finds %v, want %v", got, c.want)
				}
				err := b.only(attachmentA, c.mend...)
				if c.refused != (err != nil) || c.refused && (resource.HintOf(err) == "" || resource.ReasonOf(err) != resource.Refused) {
					t.Errorf("the repair says %v, hint %q", err, resource.HintOf(err))
				}
				time.Sleep(5 * time.Minute)
				world, _ := b.cloud.Sweep(t.Context())
				if got := world[attachmentA].Attrs["subnets"]; !got.Equal(resource.Of(c.left...)) {
					t.Errorf("the attachment has %v, want %v", got, c.left)
				}
			})
		})
	}
}

func TestASubnetThatNobodyDeclaredSaysWhatItBreaks(t *testing.T) {
	row, _ := vpcAttachmentKind.Attr("subnets")
	if !row.Members || row.BreaksExtra == "" || row.BreaksExtra == row.Breaks {
		t.Errorf("the row is %+v", row)
	}
}

// TestAnAttachmentThatFailedIsMadeAnewWhateverIsHeldOfIt lets an attachment
// fail while another subnet is in it, and asks for it as a policy does that
// holds some of its rows: those have the values that were read.
func TestAnAttachmentThatFailedIsMadeAnewWhateverIsHeldOfIt(t *testing.T) {
	for name, held := range map[string][]string{
		"nothing": nil, "its subnets": {"subnets"}, "all that was read": {"transit_gateway", "vpc", "subnets"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, moreSubnets)
				b.mustBuild()
				time.Sleep(time.Hour)
				failed := b.ref(attachmentA)
				b.mutate("transit-gateway-attachment", failed, "set", "SubnetIds", []string{anotherZone})
				b.mutate("transit-gateway-attachment", failed, "set", "State", "failed")
				n := nodeOf[node](t, b.cloud, attachmentA)
				live, err := n.Read(t.Context(), seenBy(n, b.world))
				if err != nil || live.Phase != resource.Failed {
					t.Fatalf("it is %s, %v", live.Phase, err)
				}
				want, err := n.Want(seenBy(n, b.world))
				if err != nil {
					t.Fatal(err)
				}
				target := resource.Target(n.Kind(), want, live, resource.Diff(n.ID(), n.Kind(), want, live))
				for _, name := range held {
					target.Attrs[name] = live.Attrs[name]
				}
				b.calls = map[string]int{}
				if err := n.Apply(t.Context(), target, live); err != nil {
					t.Fatal(err)
				}
				if got := b.writes(); got != 1 || b.calls["ec2:DeleteTransitGatewayVpcAttachment"] != 1 {
					t.Errorf("the first write is not a delete: %v", b.calls)
				}
				b.mustBuild()
				time.Sleep(time.Hour)
				if got := b.drifts(); len(got) > 0 {
					t.Errorf("afterwards a look finds %v", got)
				}
				if b.ref(attachmentA) == failed {
					t.Error("the failed attachment is still there")
				}
			})
		})
	}
}
