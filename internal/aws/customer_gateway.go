package aws

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

var customerGatewayKind = resource.Kind{
	Name: "aws/customer-gateway",
	Takes: resource.Takes{
		Create: resource.Span{Typical: 6 * time.Second},
		Delete: resource.Span{Typical: 6 * time.Second},
	},
	Breaks:   "AWS does not know the address of the Azure VPN gateway",
	Replaced: resource.AllTunnels, Deleted: resource.AllTunnels,
	Attrs: []resource.Attr{
		{Name: "address", Fix: resource.Replace, Effect: resource.AllTunnels, Breaks: "AWS answers an address that the Azure VPN gateway does not have: no tunnel comes up"},
		{Name: "asn", Fix: resource.Replace, Effect: resource.AllTunnels, Breaks: "BGP sessions do not come up"},
	},
}

// customerGateway is how AWS knows one instance of the Azure VPN gateway.
type customerGateway struct {
	base
	link     desired.Link
	instance int
	gateway  resource.ID // the Azure VPN gateway
	asn      uint32
}

func newCustomerGateway(c *Cloud, region string, link desired.Link, instance int) *customerGateway {
	gateway := desired.VPNGatewayID(link.Hub)
	r := &customerGateway{
		base: base{
			cloud: c, id: desired.CustomerGatewayID(link.Name, instance), kind: &customerGatewayKind,
			region: c.regions[region], needs: ready(gateway),
		},
		link: link, instance: instance, gateway: gateway,
	}
	for _, hub := range c.file.Azure.Hubs {
		if hub.Name == link.Hub && hub.VPNGateway != nil {
			r.asn = hub.VPNGateway.ASN
		}
	}
	return r
}

// Want implements [resource.Resource].
func (r *customerGateway) Want(world resource.World) (resource.Spec, error) {
	want := resource.Spec{Owner: r.cloud.file.Owner}
	address, err := world.Fact(r.gateway, desired.FactInstanceAddress(r.instance))
	if err != nil {
		return want, err
	}
	want.Attrs = resource.Attrs{"address": address, "asn": resource.Of(strconv.FormatUint(uint64(r.asn), 10))}
	return want, nil
}

// Read implements [resource.Resource].
func (r *customerGateway) Read(ctx context.Context, world resource.World) (resource.Live, error) {
	return read(ctx, r, r.base, world)
}

func (r *customerGateway) look(ctx context.Context, _ resource.World, s *seen) {
	s.askCustomerGateways(ctx, tagged(r.id))
	if items, err := s.customerGateways.list(); err == nil && r.lost(stands(items, reduceCustomerGateway)) {
		s.askCustomerGateways(ctx, ofAnyTag())
	}
}

// like knows a customer gateway by the device name, which nobody else gives.
func (r *customerGateway) like(g types.CustomerGateway) likeness {
	if awssdk.ToString(g.DeviceName) == r.cloud.file.DeviceName(r.link.Name, r.instance) {
		return inPlace
	}
	return elsewhere
}

func (r *customerGateway) live(s *seen, _ resource.World) (resource.Live, error) {
	items, err := s.customerGateways.list()
	if err != nil {
		return resource.Live{}, err
	}
	gateway, t, found := choose(items, r.id, r.cloud.file.Owner, reduceCustomerGateway, r.like)
	if !found {
		return s.absent(), nil
	}
	live := resource.Live{Phase: t.phase, Ref: t.ref, AsOf: s.at, Attrs: resource.Attrs{}}
	r.claim(&live, t.tags)
	put(live.Attrs, "address", awssdk.ToString(gateway.IpAddress))
	put(live.Attrs, "asn", awssdk.ToString(gateway.BgpAsn))
	put(live.Attrs, "asn", awssdk.ToString(gateway.BgpAsnExtended))
	if t.phase != resource.Ready {
		live.Why = "its state is " + awssdk.ToString(gateway.State)
	}
	return live, nil
}

func reduceCustomerGateway(g types.CustomerGateway) thing {
	phases := map[string]resource.Phase{
		"pending": resource.Pending, "available": resource.Ready, "deleting": resource.Deleting, "deleted": resource.Absent,
	}
	return thing{ref: awssdk.ToString(g.CustomerGatewayId), tags: g.Tags, phase: phaseOf(phases, awssdk.ToString(g.State))}
}

// Apply implements [resource.Resource]. A customer gateway cannot be changed,
// so there is only the create. EC2 answers an identical request with the
// gateway that exists, perhaps somebody else's: the device name makes the
// request our own, and the tags of what came back are looked at.
func (r *customerGateway) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	if now.Phase != resource.Absent {
		return nil
	}
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
	return r.accept(out.CustomerGateway)
}

// accept refuses a gateway that came back with the tags of somebody else.
func (r *customerGateway) accept(gateway *types.CustomerGateway) error {
	if gateway == nil {
		return nil
	}
	ref := awssdk.ToString(gateway.CustomerGatewayId)
	if idOf(gateway.Tags) != r.id || ownerOf(gateway.Tags) != r.cloud.file.Owner {
		return &resource.Problem{
			Reason: resource.Refused, Action: "ec2:CreateCustomerGateway",
			Text: fmt.Sprintf("AWS answered with %s, which has the same address, ASN and device name and is not tagged as ours", ref),
			Hint: fmt.Sprintf("delete %s, or give it the tags %s=%s and %s=%s", ref, desired.OwnerTag, r.cloud.file.Owner, desired.IDTag, r.id),
		}
	}
	r.made(ref)
	return nil
}

// Delete implements [resource.Resource].
func (r *customerGateway) Delete(ctx context.Context, now resource.Live) error {
	_, err := r.region.ec2.DeleteCustomerGateway(ctx, &ec2.DeleteCustomerGatewayInput{CustomerGatewayId: awssdk.String(now.Ref)})
	return r.deleted(ctx, err)
}
