package aws

import (
	"context"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// factPropagated of transit gateway routes: those that attachments propagate.
const factPropagated = "propagated"

var transitGatewayRoutesKind = resource.Kind{
	Name:   "aws/tgw-routes",
	Is:     "The static routes in the transit gateway's route table. What VPCs propagate is not counted.",
	Shared: true,
	Takes: resource.Takes{
		Create: resource.Span{Typical: 5 * time.Second},
		Update: resource.Span{Typical: 5 * time.Second},
		Delete: resource.Span{Typical: 5 * time.Second},
	},
	Breaks:  "the transit gateway knows no way to Azure",
	Deleted: resource.AllTunnels,
	Attrs: []resource.Attr{{
		Name: attrRoutes, Means: "the prefixes of the VNets, and of the VPCs of peers, each with the attachment that it leads to", Fix: resource.InPlace, Members: true, Effect: resource.OneNetwork, // the one that a route led to
		Breaks:      "what is sent to the missing prefix is dropped",
		BreaksExtra: "an undeclared route leads traffic away or hides one that BGP learned",
	}, {
		Name: attrWithdrawn, Means: "static routes of linkd's own to VNets that BGP tells now, which are to be taken away", Fix: resource.InPlace,
		Breaks: "they hide what BGP tells: packets are dropped, or go by one connection only",
	}},
}

// transitGatewayRoutes are the static routes of the table that attachments
// are associated with by default. The whole table is read, so that a route
// that nobody declared is seen.
type transitGatewayRoutes struct {
	base
	shared
	gateway desired.TransitGateway
	links   []desired.Link // static ones, in the order of the file
	heeds   []resource.ID
	speak   []desired.Link // those with BGP
	beyond  []overPeering
}

func newTransitGatewayRoutes(c *Cloud, place string, gateway desired.TransitGateway) *transitGatewayRoutes {
	r := &transitGatewayRoutes{
		base:    base{cloud: c, id: desired.TransitGatewayRoutesID(gateway.Name), kind: &transitGatewayRoutesKind, region: c.regions[place]},
		gateway: gateway,
	}
	r.needs = ready(desired.TransitGatewayID(gateway.Name))
	r.speak = c.speakersOf(gateway.Name)
	for _, link := range r.speak {
		for _, instance := range link.Instances() {
			r.needs = append(r.needs, softly(desired.AWSConnectionID(link.Name, instance))...)
		}
		for _, t := range link.Tunnels() {
			if len(link.Instances()) > 1 {
				r.needs = append(r.needs, softly(desired.AWSTunnelID(t))...)
			}
		}
		r.heeds = append(r.heeds, heeded(link)...)
	}
	for _, link := range c.linksOf(gateway.Name) {
		if link.Routing == desired.Static {
			r.links = append(r.links, link)
			r.needs = append(r.needs, softly(desired.AWSConnectionID(link.Name, desired.Preferred))...)
			r.heeds = append(r.heeds, heeded(link)...)
		}
	}
	if len(r.links)+len(r.speak) > 0 {
		r.needs = append(r.needs, needsOf(c.vnets())...)
	}
	r.beyond = c.overPeerings(gateway.Name)
	for _, p := range r.beyond {
		r.needs = append(r.needs, softly(p.peering, p.from, p.to)...)
		r.needs = append(r.needs, needsOf(p.networks)...)
	}
	return r
}

// Want implements [resource.Resource]. A static route of a prefix has one
// attachment: that of the link to the VNet's own hub, else of the first link; and
// of a link's two connections that of the one that carries.
func (r *transitGatewayRoutes) Want(world resource.World) (resource.Spec, error) {
	want := resource.Spec{Owner: r.owner(r.gateway.Adopt), Attrs: resource.Attrs{}}
	prefixes := map[string][]string{} // by link
	var claimed claims
	for _, vnet := range r.cloud.vnets() {
		links := r.cloud.carriers(r.gateway.Name, vnet.hub)
		if len(links) == 0 || links[0].Routing != desired.Static {
			continue
		}
		link := links[0]
		own, err := vnet.prefixes(world)
		if err != nil {
			return want, err
		}
		if err := claimed.add(vnet.id, own); err != nil {
			return want, err
		}
		for _, prefix := range own {
			prefixes[link.Name] = append(prefixes[link.Name], prefix.String())
		}
	}
	var members []string
	var turns []resource.Turn
	var unknown resource.Partly
	stand := world[r.id].Attrs[attrRoutes]
	for _, link := range r.links {
		if len(prefixes[link.Name]) == 0 {
			continue
		}
		w, err := r.wayOf(link, prefixes[link.Name], world)
		if err != nil { // what stands of its prefixes is left, and those of others go on
			members, unknown = append(members, standing(stand, prefixes[link.Name])...), append(unknown, err)
			continue
		}
		connection := desired.AWSConnectionID(link.Name, w.carrier)
		for _, prefix := range prefixes[link.Name] {
			route := member(prefix, w.attachment)
			switch {
			case stand.Has(route):
				members = append(members, route)
			case r.stays(link, prefix, world) != nil:
				members, unknown = append(members, standing(stand, []string{prefix})...), append(unknown, r.stays(link, prefix, world))
			case world[connection].Owner != r.cloud.file.Owner: // nothing more is led there
				members, unknown = append(members, standing(stand, []string{prefix})...), append(unknown, resource.NotYet{Need: connection, What: desired.FactAttachment})
			case link.Turned(world, w.carrier): // else BGP tells the way until it is made anew, and would tell Azure of what is added
				members = append(members, route)
			}
		}
		if turn, due := w.turn(); due {
			turns = append(turns, turn)
		}
	}
	peered, unmade, err := r.peered(world, claimed)
	if err != nil {
		return want, err
	}
	unknown = append(unknown, unmade...)
	want.Attrs[attrRoutes] = resource.Of(append(members, peered...)...)
	if len(turns) > 0 {
		want.Turns = map[string][]resource.Turn{attrRoutes: turns}
	}
	if len(r.speak) == 0 {
		return want, unknown.OrNil()
	}
	withdrawn, kept, err := r.withdrawn(world)
	if err != nil {
		return want, err
	}
	want.Attrs[attrRoutes], want.Attrs[attrWithdrawn] = want.Attrs[attrRoutes].Union(withdrawn).Union(kept), withdrawn
	return want, unknown.OrNil()
}

// standing are the routes of some prefixes, among those of a table.
func standing(routes resource.Value, prefixes []string) []string {
	var some []string
	for _, route := range routes {
		if prefix, _ := split(route); slices.Contains(prefixes, prefix) {
			some = append(some, route)
		}
	}
	return some
}

// Read implements [resource.Resource].
func (r *transitGatewayRoutes) Read(ctx context.Context, world resource.World) (resource.Live, error) {
	return read(ctx, r, r.base, world)
}

func (r *transitGatewayRoutes) look(ctx context.Context, world resource.World, s *seen) {
	if table := r.table(world); table != "" {
		s.askRoutes(ctx, table)
	}
}

func (r *transitGatewayRoutes) table(world resource.World) string {
	return world[desired.TransitGatewayID(r.gateway.Name)].Attrs[desired.FactRouteTable].One()
}

// tableless is what is known of the routes of a transit gateway that shows no
// default route table, and whether it is so.
func (s *seen) tableless(gateway resource.Live, table string) (live resource.Live, none bool) {
	switch {
	case gateway.Phase == resource.Unknown:
		return resource.Live{Why: "its transit gateway could not be read: " + gateway.Why, AsOf: s.at}, true
	case gateway.Phase <= resource.Pending:
		live = s.absent()
		live.Why = "its transit gateway is " + gateway.Phase.String()
		return live, true
	case table == "":
		return resource.Live{Why: "the transit gateway has no default route table", AsOf: s.at}, true
	}
	return resource.Live{}, false
}

func (r *transitGatewayRoutes) live(s *seen, world resource.World) (resource.Live, error) {
	gateway, table := world[desired.TransitGatewayID(r.gateway.Name)], r.table(world)
	if live, none := s.tableless(gateway, table); none {
		return live, nil
	}
	items, err := s.routes[table].list()
	switch {
	case coded(err, "InvalidRouteTableID.NotFound"): // it goes with the transit gateway, after that was looked at
		live := s.absent()
		live.Why = "its transit gateway has gone"
		return live, nil
	case err != nil:
		return resource.Live{}, err
	}
	var static, propagated, leads []string
	for _, route := range items {
		if !judged(route) {
			continue
		}
		text := member(awssdk.ToString(route.DestinationCidrBlock), targetOf(route))
		if route.Type == types.TransitGatewayRouteTypePropagated {
			propagated = append(propagated, text)
		} else {
			static, leads = append(static, text), append(leads, attachmentsOf(route)...)
		}
	}
	return resource.Live{
		Phase: resource.Ready, Ref: table, Owner: gateway.Owner, NotOurs: gateway.NotOurs, AsOf: s.at,
		Attrs: resource.Attrs{
			attrRoutes: resource.Of(static...), attrWithdrawn: resource.Of(), factPropagated: resource.Of(propagated...),
			desired.FactFormerWay: r.formerWays(items, world), desired.FactLedTo: resource.Of(leads...),
		},
	}, nil
}

// judged leaves out the routes of prefix lists, which are made and taken away
// with the list's reference, and those that are on their way out.
func judged(route types.TransitGatewayRoute) bool {
	return route.PrefixListId == nil && route.DestinationCidrBlock != nil &&
		route.State != types.TransitGatewayRouteStateDeleting && route.State != types.TransitGatewayRouteStateDeleted
}

// targetOf says where a route leads. A blackhole that names no attachment was
// wanted by somebody; one that names one has lost it.
func targetOf(route types.TransitGatewayRoute) string {
	var attachments []string
	for _, a := range route.TransitGatewayAttachments {
		attachments = append(attachments, awssdk.ToString(a.TransitGatewayAttachmentId))
	}
	target := strings.Join(resource.Of(attachments...), "+")
	if route.State == types.TransitGatewayRouteStateBlackhole || target == "" {
		return strings.TrimSpace("blackhole " + target)
	}
	return target
}

// Apply implements [resource.Resource].
func (r *transitGatewayRoutes) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	for _, change := range changes(want.Attrs[attrRoutes].Without(want.Attrs[attrWithdrawn]), now.Attrs[attrRoutes]) {
		if err := r.change(ctx, now.Ref, change); err != nil {
			return r.cloud.problem(ctx, err)
		}
	}
	return nil
}

func (r *transitGatewayRoutes) change(ctx context.Context, table string, change change) error {
	var err error
	switch {
	case change.target == "":
		_, err = r.region.ec2.DeleteTransitGatewayRoute(ctx, &ec2.DeleteTransitGatewayRouteInput{
			TransitGatewayRouteTableId: awssdk.String(table), DestinationCidrBlock: awssdk.String(change.prefix),
		})
		if gone(err) {
			return nil
		}
	case change.replaces:
		_, err = r.region.ec2.ReplaceTransitGatewayRoute(ctx, &ec2.ReplaceTransitGatewayRouteInput{
			TransitGatewayRouteTableId: awssdk.String(table), DestinationCidrBlock: awssdk.String(change.prefix),
			TransitGatewayAttachmentId: awssdk.String(change.target),
		})
	default:
		_, err = r.region.ec2.CreateTransitGatewayRoute(ctx, &ec2.CreateTransitGatewayRouteInput{
			TransitGatewayRouteTableId: awssdk.String(table), DestinationCidrBlock: awssdk.String(change.prefix),
			TransitGatewayAttachmentId: awssdk.String(change.target),
		})
	}
	return err
}
