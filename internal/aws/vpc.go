package aws

import (
	"context"
	"net/netip"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

var vpcKind = resource.Kind{
	Name:   "aws/vpc",
	Is:     "A VPC of yours. linkd reads it and never changes it.",
	Given:  true,
	Breaks: "the file attaches a VPC that does not exist",
	Attrs: []resource.Attr{{
		Name: desired.FactPrefixes, Means: "the address blocks of the VPC, where the file names some", Fix: resource.ByHand, Members: true,
		Breaks:      "routes lead to prefixes that the VPC no longer has, and what is sent there is lost",
		BreaksExtra: "no route leads to the prefixes that the file does not know: machines in them reach nothing beyond the VPC",
	}},
}

// vpc is the user's own VPC.
type vpc struct {
	base
	given
	file desired.VPC
}

func newVPC(c *Cloud, place string, file desired.VPC) *vpc {
	return &vpc{base: base{cloud: c, id: desired.VPCID(file.Name), kind: &vpcKind, region: c.regions[place]}, file: file}
}

// Want implements [resource.Resource].
func (r *vpc) Want(resource.World) (resource.Spec, error) {
	want := resource.Spec{Attrs: resource.Attrs{}}
	if len(r.file.Prefixes) > 0 {
		want.Attrs[desired.FactPrefixes] = texts(r.file.Prefixes)
	}
	return want, nil
}

// Read implements [resource.Resource].
func (r *vpc) Read(ctx context.Context, world resource.World) (resource.Live, error) {
	return read(ctx, r, r.base, world)
}

func (r *vpc) look(ctx context.Context, _ resource.World, s *seen) { s.askVPCs(ctx, r.file.ID) }

func (r *vpc) live(s *seen, _ resource.World) (resource.Live, error) {
	items, err := s.vpcs.list()
	if err != nil {
		return resource.Live{}, err
	}
	for _, v := range items {
		if awssdk.ToString(v.VpcId) != r.file.ID {
			continue
		}
		live := resource.Live{Phase: resource.Ready, Ref: r.file.ID, AsOf: s.at, Attrs: resource.Attrs{desired.FactPrefixes: blocks(v)}}
		if v.State == types.VpcStatePending {
			live.Phase, live.Why = resource.Pending, "its state is pending"
		}
		return live, nil
	}
	live := s.absent()
	live.Why = "there is no " + r.file.ID + " in " + r.region.name + " of " + r.cloud.calls(r.region.account)
	return live, nil
}

// blocks lists the address blocks that are associated with a VPC, the first
// one and those that were added later.
func blocks(v types.Vpc) resource.Value {
	var found []string
	for _, block := range v.CidrBlockAssociationSet {
		if block.CidrBlockState == nil || block.CidrBlockState.State == types.VpcCidrBlockStateCodeAssociated {
			found = append(found, canonical(awssdk.ToString(block.CidrBlock)))
		}
	}
	if len(v.CidrBlockAssociationSet) == 0 && v.CidrBlock != nil {
		found = append(found, canonical(*v.CidrBlock))
	}
	return resource.Of(found...)
}

// canonical writes a prefix in its one form; what is none stays as it is.
func canonical(text string) string {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return text
	}
	return prefix.Masked().String()
}

func texts(prefixes []netip.Prefix) resource.Value {
	members := make([]string, len(prefixes))
	for i, p := range prefixes {
		members[i] = p.Masked().String()
	}
	return resource.Of(members...)
}
