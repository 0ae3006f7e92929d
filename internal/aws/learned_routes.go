package aws

import (
	"context"
	"net/netip"
	"slices"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// attrHidden of learned routes: the static routes that are followed in the
// place of what BGP tells.
const attrHidden = "hidden"

// factKept of learned routes: static routes that are the way until a connection is
// made anew, and hide for as long what another of the link tells.
const factKept = "kept"

var learnedRoutesKind = resource.Kind{
	Name:  "aws/learned-routes",
	Is:    "The routes that a transit gateway learns by BGP from Azure, in its route table. They follow from everything else.",
	Given: true,
	// A session comes up some seconds after its tunnel, and the telemetry and the
	// table follow within minutes.
	Takes:  resource.Takes{Create: resource.Span{Typical: 3 * time.Minute}},
	Breaks: "the transit gateway learns no way to Azure",
	Attrs: []resource.Attr{
		{
			Name: attrRoutes, Means: "the prefixes of the VNets, each with every attachment of a link that should tell it", Fix: resource.ByHand, Members: true,
			Breaks: "what is sent to the missing prefix is dropped, or goes by fewer connections", BreaksExtra: "Azure, or another VPN, tells a prefix that nobody declared, and packets to it go there",
		},
		{
			Name: attrHidden, Means: "the static routes to the VNets, or to a part of them, which are followed in the place of what BGP tells", Fix: resource.ByHand, Members: true,
			Breaks: "nothing: no static route is ever missing here", BreaksExtra: "packets follow the static route, wherever it leads and whether or not its link is up; what BGP tells is not used",
		},
	},
}

// learnedRoutes are what a transit gateway learns by BGP.
type learnedRoutes struct {
	base
	given
	gateway desired.TransitGateway
	links   []desired.Link // that have BGP
}

func newLearnedRoutes(c *Cloud, place string, gateway desired.TransitGateway) *learnedRoutes {
	r := &learnedRoutes{
		base:    base{cloud: c, id: desired.LearnedRoutesID(gateway.Name), kind: &learnedRoutesKind, region: c.regions[place]},
		gateway: gateway, links: c.speakersOf(gateway.Name),
	}
	r.needs = ready(desired.TransitGatewayID(gateway.Name), desired.TransitGatewayRoutesID(gateway.Name))
	for _, link := range r.links {
		for _, instance := range link.Instances() {
			r.needs = append(r.needs, ready(desired.AWSConnectionID(link.Name, instance))...)
		}
		r.needs = append(r.needs, ready(desired.AzureConnectionID(link.Name))...)
	}
	for _, hub := range c.file.Azure.Hubs {
		for _, vnet := range hub.VNets {
			r.needs = append(r.needs, ready(desired.VNetConnectionID(vnet.Name))...)
		}
	}
	r.needs = append(r.needs, needsOf(c.vnets())...)
	return r
}

// speakersOf are the links of a transit gateway that have BGP.
func (c *Cloud) speakersOf(gateway string) []desired.Link {
	return slices.DeleteFunc(c.linksOf(gateway), func(link desired.Link) bool { return link.Routing != desired.BGP })
}

// carriers are the links by which a transit gateway should know the way to the
// VNets of a hub: those that end at the hub, else all of them, for a hub tells also
// what it knows of the others. A static one alone makes the way a static one.
func (c *Cloud) carriers(gateway, hub string) []desired.Link {
	links := c.linksOf(gateway)
	own := slices.DeleteFunc(slices.Clone(links), func(link desired.Link) bool { return link.Hub != hub })
	if len(own) > 0 {
		links = own
	}
	if len(links) > 0 && links[0].Routing == desired.Static {
		return links[:1]
	}
	return slices.DeleteFunc(links, func(link desired.Link) bool { return link.Routing != desired.BGP })
}

// Want implements [resource.Resource]. A prefix that a static route hides is told
// as such, and cannot be seen learned.
func (r *learnedRoutes) Want(world resource.World) (resource.Spec, error) {
	want := resource.Spec{Attrs: resource.Attrs{attrHidden: resource.Of()}}
	hidden, seen := prefixesOf(world[r.id].Attrs[attrHidden].Union(world[r.id].Attrs[factKept])), world[r.id].Attrs[attrRoutes]
	apart := world[desired.TransitGatewayID(r.gateway.Name)].Attrs["ecmp"].One() == off
	var members []string
	for _, vnet := range r.cloud.vnets() {
		attachments, err := r.attachments(world, vnet.hub)
		if err != nil {
			return want, err
		}
		prefixes, err := vnet.prefixes(world)
		if err != nil {
			return want, err
		}
		for _, prefix := range prefixes {
			var tellers []string
			for _, attachment := range attachments {
				tellers = append(tellers, member(prefix.String(), attachment))
			}
			if apart && len(tellers) > 1 { // AWS takes one of them, and nobody can say which
				tellers = []string{tellers[max(slices.IndexFunc(tellers, seen.Has), 0)]}
			}
			if !hidden[prefix.Masked().String()] {
				members = append(append(members, tellers...), r.besides(world, prefix.String(), attachments)...)
			}
		}
	}
	want.Attrs[attrRoutes] = resource.Of(members...)
	return want, nil
}

// besides are the routes of a VNet that other links of the transit gateway tell: hubs
// tell of each other's VNets, by a longer path. Nothing is wanted of them, and what
// stands is right. Beside a static way to the VNet, or where the transit gateway
// takes one of several, there are none.
func (r *learnedRoutes) besides(world resource.World, prefix string, attachments []string) []string {
	if len(attachments) == 0 || world[desired.TransitGatewayID(r.gateway.Name)].Attrs["ecmp"].One() == off {
		return nil
	}
	var all []string
	for _, link := range r.links {
		for _, instance := range link.Instances() {
			attachment := world[desired.AWSConnectionID(link.Name, instance)].Attrs[desired.FactAttachment].One()
			route := member(prefix, attachment)
			if attachment != "" && !slices.Contains(attachments, attachment) && world[r.id].Attrs[attrRoutes].Has(route) {
				all = append(all, route)
			}
		}
	}
	return all
}

// attachments are those of the connections that should tell of the VNets of a hub,
// as far as they speak BGP.
func (r *learnedRoutes) attachments(world resource.World, hub string) ([]string, error) {
	var all []string
	for _, link := range r.cloud.carriers(r.gateway.Name, hub) {
		if link.Routing != desired.BGP {
			continue
		}
		for _, instance := range link.Instances() {
			if stillStatic(world[desired.AWSConnectionID(link.Name, instance)]) {
				continue // nothing comes before it is made anew
			}
			attachment, err := world.Fact(desired.AWSConnectionID(link.Name, instance), desired.FactAttachment)
			if err != nil {
				return nil, err
			}
			all = append(all, attachment.One())
		}
	}
	return all, nil
}

// Read implements [resource.Resource].
func (r *learnedRoutes) Read(ctx context.Context, world resource.World) (resource.Live, error) {
	for _, vnet := range r.cloud.vnets() {
		vnet.remember(r.cloud, world)
	}
	return read(ctx, r, r.base, world)
}

func (r *learnedRoutes) look(ctx context.Context, world resource.World, s *seen) {
	if table := world[desired.TransitGatewayID(r.gateway.Name)].Attrs[desired.FactRouteTable].One(); table != "" {
		s.askRoutes(ctx, table)
	}
}

func (r *learnedRoutes) live(s *seen, world resource.World) (resource.Live, error) {
	gateway := world[desired.TransitGatewayID(r.gateway.Name)]
	table := gateway.Attrs[desired.FactRouteTable].One()
	if live, none := s.tableless(gateway, table); none {
		return live, nil
	}
	items, err := s.routes[table].list()
	if err != nil {
		return resource.Live{}, err
	}
	var learned, hidden, kept []string
	for _, route := range items {
		prefix := awssdk.ToString(route.DestinationCidrBlock)
		switch static := route.Type != types.TransitGatewayRouteTypePropagated; {
		case !judged(route):
		case static && r.hides(prefix, world) && r.keeps(targetOf(route), world):
			kept = append(kept, member(prefix, targetOf(route)))
		case static && r.hides(prefix, world):
			hidden = append(hidden, member(prefix, targetOf(route)))
		case route.Type == types.TransitGatewayRouteTypePropagated:
			for _, attachment := range route.TransitGatewayAttachments {
				if attachment.ResourceType == types.TransitGatewayAttachmentResourceTypeVpn {
					learned = append(learned, member(prefix, awssdk.ToString(attachment.TransitGatewayAttachmentId)))
				}
			}
		}
	}
	return resource.Live{
		Phase: resource.Ready, Ref: table, AsOf: s.at,
		Attrs: resource.Attrs{attrRoutes: resource.Of(learned...), attrHidden: resource.Of(hidden...), factKept: resource.Of(kept...)},
	}, nil
}

// keeps tells whether a static route leads to a connection of a link that does not
// speak BGP yet: it is the way for as long.
func (r *learnedRoutes) keeps(target string, world resource.World) bool {
	return slices.ContainsFunc(r.links, func(link desired.Link) bool {
		return slices.ContainsFunc(link.Instances(), func(instance int) bool {
			live := world[desired.AWSConnectionID(link.Name, instance)]
			return stillStatic(live) && live.Attrs[desired.FactAttachment].One() == target
		})
	})
}

// hides tells whether a static route takes packets to a VNet that BGP tells of,
// or to a part of it.
func (r *learnedRoutes) hides(text string, world resource.World) bool {
	route, err := netip.ParsePrefix(text)
	if err != nil {
		return false
	}
	for _, vnet := range r.cloud.vnets() {
		links := r.cloud.carriers(r.gateway.Name, vnet.hub)
		if len(links) == 0 || links[0].Routing != desired.BGP {
			continue
		}
		for _, prefix := range vnet.seenPrefixes(r.cloud, world) {
			if prefix.Bits() <= route.Bits() && prefix.Contains(route.Addr()) {
				return true
			}
		}
	}
	return false
}
