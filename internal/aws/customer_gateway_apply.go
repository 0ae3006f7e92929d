package aws

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Apply implements [resource.Resource]. EC2 changes nothing of a customer
// gateway and deletes none that a connection uses. So one with another address
// is made beside it, the connection moves, and what was replaced goes last. It
// loses the id before the next has it: at no moment have two the same, and
// from any moment the next look goes on.
func (r *customerGateway) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	differs := func(name string) bool { return !want.Attrs[name].Equal(now.Attrs[name]) }
	switch left := now.Attrs[attrRetired]; {
	case now.Phase == resource.Absent:
		return r.create(ctx, want)
	case differs("address") || differs("asn"):
		if !left.Has(now.Ref) {
			if err := r.rename(ctx, now.Ref, desired.RetiredID(r.id)); err != nil {
				return err
			}
		}
		return r.create(ctx, want)
	case left.Has(now.Ref): // it was to be replaced, and is what is wanted after all
		return r.rename(ctx, now.Ref, r.id)
	default:
		return r.clear(ctx, left.Without(want.Attrs[attrRetired]))
	}
}

// rename writes another id tag.
func (r *customerGateway) rename(ctx context.Context, ref string, id resource.ID) error {
	_, err := r.region.ec2.CreateTags(ctx, &ec2.CreateTagsInput{
		Resources: []string{ref}, Tags: []types.Tag{{Key: awssdk.String(desired.IDTag), Value: awssdk.String(string(id))}},
	})
	return r.cloud.problem(ctx, err)
}

// clear deletes gateways that were replaced. One that a connection still uses
// goes when that has moved to the new one.
func (r *customerGateway) clear(ctx context.Context, refs resource.Value) error {
	for _, ref := range refs {
		if err := r.remove(ctx, ref); err != nil {
			return r.inUse(ctx, ref, err)
		}
	}
	return nil
}

func (r *customerGateway) remove(ctx context.Context, ref string) error {
	_, err := r.region.ec2.DeleteCustomerGateway(ctx, &ec2.DeleteCustomerGatewayInput{CustomerGatewayId: awssdk.String(ref)})
	if gone(err) {
		return nil
	}
	return r.cloud.problem(ctx, err)
}

// inUse tells a gateway that a connection uses from one that must only wait a
// moment: EC2 has one code for both.
func (r *customerGateway) inUse(ctx context.Context, ref string, err error) error {
	problem, is := errors.AsType[*resource.Problem](err)
	if !is || problem.Reason != resource.Busy {
		return err
	}
	s := newSeen(r.cloud, r.region)
	s.askConnections(ctx, filter("customer-gateway-id", ref))
	items, unread := s.connections.list()
	if unread != nil || !stands(items, reduceConnection) {
		return err
	}
	used := *problem
	used.Reason, used.Hint = resource.InUse, "move the VPN connection that uses it to the new customer gateway, or let a rule repair aws/vpn-connection.customer_gateway"
	return &used
}

// create makes the gateway. EC2 answers an identical request with the gateway
// that exists, perhaps somebody else's: the device name makes the request our
// own, and the tags of what came back are looked at.
func (r *customerGateway) create(ctx context.Context, want resource.Spec) error {
	asn, err := strconv.ParseInt(want.Attrs["asn"].One(), 10, 64)
	if err != nil {
		return err
	}
	input := &ec2.CreateCustomerGatewayInput{
		Type: types.GatewayTypeIpsec1, IpAddress: awssdk.String(want.Attrs["address"].One()),
		DeviceName:        awssdk.String(r.cloud.file.DeviceName(r.link.Name, r.instance)),
		TagSpecifications: r.cloud.atCreation(types.ResourceTypeCustomerGateway, r.id, r.cloud.file.AWSName(r.link.Name, r.instance)),
	}
	if asn <= math.MaxInt32 {
		input.BgpAsn = awssdk.Int32(int32(asn))
	} else {
		input.BgpAsnExtended = awssdk.Int64(asn)
	}
	out, err := r.region.ec2.CreateCustomerGateway(ctx, input)
	if err != nil {
		return r.cloud.problem(ctx, err)
	}
	return r.accept(ctx, out.CustomerGateway)
}

// accept refuses a gateway that came back with the tags of somebody else. One
// of ours that was replaced, by one whose address is not wanted any more, gets
// its id back.
func (r *customerGateway) accept(ctx context.Context, gateway *types.CustomerGateway) error {
	if gateway == nil {
		return nil
	}
	ref, ours := awssdk.ToString(gateway.CustomerGatewayId), ownerOf(gateway.Tags) == r.cloud.file.Owner
	switch id := idOf(gateway.Tags); {
	case ours && id == desired.RetiredID(r.id):
		if err := r.rename(ctx, ref, r.id); err != nil {
			return err
		}
	case !ours || id != r.id:
		return &resource.Problem{
			Reason: resource.Refused, Action: "ec2:CreateCustomerGateway",
			Text: fmt.Sprintf("AWS answered with %s, which has the same address, ASN and device name and is not tagged as ours", ref),
			Hint: fmt.Sprintf("delete %s, or give it the tags %s=%s and %s=%s", ref, desired.OwnerTag, r.cloud.file.Owner, desired.IDTag, r.id),
		}
	}
	r.made(ref)
	return nil
}

// Delete implements [resource.Resource]. What it has replaced goes with it.
func (r *customerGateway) Delete(ctx context.Context, now resource.Live) error {
	for _, ref := range now.Attrs[attrRetired].Without(resource.Of(now.Ref)) {
		if err := r.remove(ctx, ref); err != nil {
			return err
		}
	}
	_, err := r.region.ec2.DeleteCustomerGateway(ctx, &ec2.DeleteCustomerGatewayInput{CustomerGatewayId: awssdk.String(now.Ref)})
	return r.deleted(ctx, err)
}
