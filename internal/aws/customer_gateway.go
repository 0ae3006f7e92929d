package aws

import (
	"context"
	"slices"
	"strconv"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// attrRetired of a customer gateway: those that it has replaced and that stand.
const attrRetired = "retired"

var customerGatewayKind = resource.Kind{
	Name: "aws/customer-gateway",
	Is:   "How AWS knows one instance of the Azure VPN gateway: its public address and BGP number.",
	Takes: resource.Takes{
		Create: resource.Span{Typical: 6 * time.Second},
		Update: resource.Span{Typical: 6 * time.Second},
		Delete: resource.Span{Typical: 6 * time.Second},
	},
	Breaks:   "AWS does not know the address of the Azure VPN gateway",
	Replaced: resource.AllTunnels, Deleted: resource.AllTunnels,
	Attrs: []resource.Attr{
		{Name: "address", Means: "the public address of the instance", Fix: resource.InPlace, Effect: resource.AllTunnels, Breaks: "AWS answers an address that the Azure VPN gateway does not have: no tunnel comes up"},
		{Name: "asn", Means: "the BGP number of the Azure gateway", Fix: resource.InPlace, Effect: resource.AllTunnels, Breaks: "BGP sessions do not come up"},
		{Name: attrRetired, Means: "customer gateways that another has replaced and that are still there", Fix: resource.InPlace, Breaks: "a customer gateway that was replaced is left behind, and counts towards the quota"},
	},
}

// customerGateway is how AWS knows one instance of the Azure VPN gateway.
type customerGateway struct {
	base
	link     desired.Link
	instance int
	gateway  resource.ID // the Azure VPN gateway
	asn      uint32
	given    func() givenKeys // of the connection, which it is made for
}

func newCustomerGateway(c *Cloud, place string, link desired.Link, instance int, given func() givenKeys) *customerGateway {
	gateway := desired.VPNGatewayID(link.Hub)
	r := &customerGateway{
		base: base{
			cloud: c, id: desired.CustomerGatewayID(link.Name, instance), kind: &customerGatewayKind,
			region: c.regions[place], needs: ready(gateway),
		},
		link: link, instance: instance, gateway: gateway, given: given,
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
	if err := free(world[r.id]); err != nil {
		return want, err
	}
	if world[r.id].Phase == resource.Absent {
		if err := keyless(r.link, r.given()); err != nil {
			return want, err
		}
	}
	address, err := world.Fact(r.gateway, desired.FactInstanceAddress(r.instance))
	if err != nil {
		return want, err
	}
	want.Attrs = resource.Attrs{"address": address, "asn": resource.Of(strconv.FormatUint(uint64(r.asn), 10)), attrRetired: resource.Of()}
	return want, nil
}

// Read implements [resource.Resource].
func (r *customerGateway) Read(ctx context.Context, world resource.World) (resource.Live, error) {
	return read(ctx, r, r.base, world)
}

func (r *customerGateway) look(ctx context.Context, world resource.World, s *seen) {
	s.askCustomerGateways(ctx, tagged(r.id, desired.RetiredID(r.id)))
	items, err := s.customerGateways.list()
	named := slices.ContainsFunc(items, func(g types.CustomerGateway) bool {
		return idOf(g.Tags) == r.id && reduceCustomerGateway(g).phase != resource.Absent
	})
	if err == nil && r.lost(named) {
		r.cloud.askTaken(ctx, world, s, r.link)
		s.askCustomerGateways(ctx, ofAnyTag())
	}
}

// like knows a customer gateway by the device name, which nobody else gives.
// One that was replaced has it too.
func (r *customerGateway) like(g types.CustomerGateway) likeness {
	if awssdk.ToString(g.DeviceName) == r.cloud.file.DeviceName(r.link.Name, r.instance) && idOf(g.Tags) != desired.RetiredID(r.id) {
		return inPlace
	}
	return elsewhere
}

// live is the gateway with the id, else one that is replaced by none yet:
// linkd was stopped between taking its id away and making the next.
func (r *customerGateway) live(s *seen, world resource.World) (resource.Live, error) {
	items, err := s.customerGateways.list()
	if err != nil {
		return resource.Live{}, err
	}
	gateway, t, found := choose(items, r.id, r.cloud.file.Owner, reduceCustomerGateway, r.like)
	left := r.retired(items)
	if !found && len(left) > 0 {
		gateway, t, found = choose(items, desired.RetiredID(r.id), r.cloud.file.Owner, reduceCustomerGateway, nil)
	}
	if !found {
		return r.cloud.absent(s, world, r.link, r.instance), nil
	}
	live := resource.Live{Phase: t.phase, Ref: t.ref, AsOf: s.at, Attrs: resource.Attrs{attrRetired: left}}
	r.claim(&live, t.tags)
	if left.Has(t.ref) {
		live.Owner, live.NotOurs = r.cloud.file.Owner, ""
	}
	put(live.Attrs, "address", awssdk.ToString(gateway.IpAddress))
	put(live.Attrs, "asn", awssdk.ToString(gateway.BgpAsn))
	put(live.Attrs, "asn", awssdk.ToString(gateway.BgpAsnExtended))
	if t.phase != resource.Ready {
		live.Why = "its state is " + awssdk.ToString(gateway.State)
	}
	return live, nil
}

// retired lists the gateways of ours that another has replaced and that stand.
func (r *customerGateway) retired(items []types.CustomerGateway) resource.Value {
	var refs []string
	for _, g := range items {
		if idOf(g.Tags) == desired.RetiredID(r.id) && ownerOf(g.Tags) == r.cloud.file.Owner && reduceCustomerGateway(g).phase > resource.Deleting {
			refs = append(refs, awssdk.ToString(g.CustomerGatewayId))
		}
	}
	return resource.Of(refs...)
}

func reduceCustomerGateway(g types.CustomerGateway) thing {
	phases := map[string]resource.Phase{
		"pending": resource.Pending, "available": resource.Ready, "deleting": resource.Deleting, "deleted": resource.Absent,
	}
	return thing{ref: awssdk.ToString(g.CustomerGatewayId), tags: g.Tags, phase: phaseOf(phases, awssdk.ToString(g.State))}
}
