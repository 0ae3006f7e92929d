package aws

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

var vpnConnectionKind = resource.Kind{
	Name: "aws/vpn-connection",
	Is:   "AWS's end of a link to one instance of the Azure gateway. It always has two tunnels, of which a link may use one.",
	Takes: resource.Takes{
		// Addresses and keys may come with the create's answer, which is looked
		// at; else they come when the connection is available.
		Create: resource.Span{Least: 150 * time.Second, Typical: 390 * time.Second},
		Update: resource.Span{Least: 120 * time.Second, Typical: 300 * time.Second},
		Delete: resource.Span{Least: 120 * time.Second, Typical: 300 * time.Second},
	},
	Breaks:   "no tunnel of this link stands",
	Replaced: resource.AddressChange, Deleted: resource.AllTunnels,
	Doubt: time.Minute,
	Attrs: slices.Concat(
		[]resource.Attr{
			{Name: "customer_gateway", Means: "the customer gateway that it dials", Fix: resource.InPlace, Effect: resource.AllTunnels, Breaks: "AWS answers another address than that of the Azure VPN gateway"},
			{Name: "transit_gateway", Means: "the transit gateway that it ends at", Fix: resource.ByHand, Effect: resource.AllTunnels, Breaks: "the link ends at another transit gateway"},
			{Name: "routing", Means: "static, or bgp", Fix: resource.Replace, Effect: resource.AddressChange, Breaks: "one side waits for routes that the other never sends"},
			{Name: "association", Means: "the route table that decides where packets from Azure go", Fix: resource.InPlace, Effect: resource.AllTunnels, Breaks: "what comes from Azure is dropped, or routed by another table"},
			{Name: "propagation", Means: "the route tables that learn what Azure tells by BGP; not compared of a static link", Fix: resource.InPlace, Breaks: "the transit gateway learns nothing of what Azure tells it"},
			{Name: "attachment_owner", Means: "the owner tag of the attachment that AWS made for it", Fix: resource.InPlace, Breaks: "nobody can tell whose the attachment is"},
		},
		tunnelRows(1), tunnelRows(2), endRows(1), endRows(2),
		[]resource.Attr{{Name: "key", Means: "the pre-shared keys, where the file gives them; else AWS makes them, and Azure follows", Fix: resource.InPlace, Secret: true, Effect: resource.OneTunnel, Breaks: "the two sides have different keys: the tunnel is down, or goes down when IKE is renewed"}},
	),
}

// tunnelRows are the rows of one tunnel. EC2 changes one tunnel a call, and
// that tunnel is down for minutes.
func tunnelRows(number int) []resource.Attr {
	rows := make([]resource.Attr, len(options))
	for i, o := range options {
		rows[i] = resource.Attr{Name: optionAttr(number, o), Means: fmt.Sprintf("of tunnel %d: %s", number, o.means), Fix: resource.InPlace, Effect: resource.OneTunnel, Breaks: o.breaks}
	}
	return rows
}

func optionAttr(number int, o option) string { return "tunnel_" + strconv.Itoa(number) + "_" + o.name }

// factStatus of a VPN connection: whether a tunnel is up.
func factStatus(number int) string { return "tunnel_" + strconv.Itoa(number) + "_status" }

type vpnConnection struct {
	base
	link     desired.Link
	instance int
	inside   [2]netip.Prefix
	given    func() givenKeys
}

func newVPNConnection(c *Cloud, place string, link desired.Link, instance int, given func() givenKeys) *vpnConnection {
	return &vpnConnection{
		base: base{
			cloud: c, id: desired.AWSConnectionID(link.Name, instance), kind: &vpnConnectionKind, region: c.regions[place],
			needs: ready(desired.TransitGatewayID(link.TransitGateway), desired.CustomerGatewayID(link.Name, instance)),
		},
		link: link, instance: instance, inside: c.insideOf(link, instance), given: given,
	}
}

// insideOf are the inside ranges of the two tunnels of a connection.
func (c *Cloud) insideOf(link desired.Link, instance int) [2]netip.Prefix {
	var inside [2]netip.Prefix
	if ranges := c.ranges[link.Name]; len(ranges) >= 2*instance+2 {
		copy(inside[:], ranges[2*instance:])
	}
	return inside
}

// Want implements [resource.Resource].
func (r *vpnConnection) Want(world resource.World) (resource.Spec, error) {
	want := resource.Spec{Owner: r.cloud.file.Owner, Secrets: resource.Secrets{}}
	if err := free(world[r.id]); err != nil {
		return want, err
	}
	given := r.given()
	if err := keyless(r.link, given); err != nil {
		return want, err
	}
	gateway, err := world.Ref(desired.TransitGatewayID(r.link.TransitGateway))
	if err != nil {
		return want, err
	}
	customer, err := world.Ref(desired.CustomerGatewayID(r.link.Name, r.instance))
	if err != nil {
		return want, err
	}
	table, err := world.Fact(desired.TransitGatewayID(r.link.TransitGateway), desired.FactRouteTable)
	if err != nil {
		return want, err
	}
	want.Attrs = resource.Attrs{
		"customer_gateway": resource.Of(customer), "transit_gateway": resource.Of(gateway),
		"routing": resource.Of(string(r.link.Routing)), "association": table,
		"attachment_owner": resource.Of(r.cloud.file.Owner),
	}
	if r.link.Routing == desired.BGP {
		propagation, err := world.Fact(desired.TransitGatewayID(r.link.TransitGateway), factPropagatesTo)
		if err != nil {
			return want, err
		}
		want.Attrs["propagation"] = propagation
	}
	if moved(world[r.id], gateway) {
		delete(want.Attrs, "association")
		delete(want.Attrs, "propagation")
	}
	r.wantEnds(want.Attrs)
	for n := range r.inside {
		for _, o := range options {
			if o.name != "inside" || r.inside[n].IsValid() && r.link.Turned(world, r.instance) { // the one made anew gets them
				want.Attrs[optionAttr(n+1, o)] = resource.Of(o.wanted(r.link.IKE, r.inside[n]))
			}
		}
		if !given.keys[n].IsZero() {
			want.Secrets[desired.FactKey(n+1)] = given.keys[n]
		}
	}
	return want, nil
}

// Read implements [resource.Resource].
func (r *vpnConnection) Read(ctx context.Context, world resource.World) (resource.Live, error) {
	return read(ctx, r, r.base, world)
}

func (r *vpnConnection) look(ctx context.Context, world resource.World, s *seen) {
	s.askConnections(ctx, tagged(r.id))
	items, err := s.connections.list()
	if err == nil && r.lost(stands(items, reduceConnection)) {
		s.askConnections(ctx, ofAnyTag())
		items, err = s.connections.list()
	}
	connection, _, found := choose(items, r.id, r.cloud.file.Owner, reduceConnection, r.like(world))
	if err != nil || !found || connection.State == types.VpnStatePending {
		s.attachments.asked = true
		return
	}
	s.askAttachments(ctx, filter("resource-id", awssdk.ToString(connection.VpnConnectionId)))
	r.askEnds(ctx, s, connection)
	if table := world[desired.TransitGatewayID(r.link.TransitGateway)].Attrs[factPropagatesTo].One(); table != "" && r.link.Routing == desired.BGP {
		s.askPropagations(ctx, table)
	}
}

// like knows a connection by what it joins: our transit gateway and our
// customer gateway, or one that this has replaced.
func (r *vpnConnection) like(world resource.World) func(types.VpnConnection) likeness {
	gateway := world[desired.TransitGatewayID(r.link.TransitGateway)].Ref
	customer := world[desired.CustomerGatewayID(r.link.Name, r.instance)]
	customers := customer.Attrs[attrRetired].Union(resource.Of(customer.Ref)).Without(resource.Of(""))
	return func(connection types.VpnConnection) likeness {
		if customers.Has(awssdk.ToString(connection.CustomerGatewayId)) &&
			gateway != "" && awssdk.ToString(connection.TransitGatewayId) == gateway {
			return inPlace
		}
		return elsewhere
	}
}

func (r *vpnConnection) live(s *seen, world resource.World) (resource.Live, error) {
	items, err := s.connections.list()
	if err != nil {
		return resource.Live{}, err
	}
	connection, t, found := choose(items, r.id, r.cloud.file.Owner, reduceConnection, r.like(world))
	if !found {
		return r.cloud.absent(s, world, r.link, r.instance), nil
	}
	live := r.show(connection, t)
	live.AsOf = s.at
	if live.Phase != resource.Ready && connection.State != modifying {
		return live, nil
	}
	r.showEnds(s, pair(connection, r.inside), &live)
	err = r.attachment(s, &live, world[desired.TransitGatewayID(r.link.TransitGateway)])
	return live, err
}

// show is what a connection says of itself. It counts as created as soon as
// the other cloud can be told the addresses and keys of both tunnels, also
// while it is pending.
func (r *vpnConnection) show(connection types.VpnConnection, t thing) resource.Live {
	live := resource.Live{Phase: t.phase, Ref: t.ref, Attrs: resource.Attrs{}, Secrets: resource.Secrets{}}
	r.claim(&live, t.tags)
	put(live.Attrs, desired.FactKeyNote, tag(t.tags, desired.KeysTag))
	put(live.Attrs, "customer_gateway", awssdk.ToString(connection.CustomerGatewayId))
	put(live.Attrs, "transit_gateway", awssdk.ToString(connection.TransitGatewayId))
	if connection.Options != nil && connection.Options.StaticRoutesOnly != nil {
		live.Attrs["routing"] = resource.Of(string(routingOf(*connection.Options.StaticRoutesOnly)))
	}
	tunnels := pair(connection, r.inside)
	for n, t := range tunnels {
		t.show(n+1, &live)
	}
	if live.Phase != resource.Ready {
		live.Why = "its state is " + string(connection.State)
	}
	if live.Phase == resource.Pending && tunnels[0].known() && tunnels[1].known() {
		live.Phase = resource.Created
	}
	return live
}

// show fills in what is known of one tunnel.
func (t tunnel) show(number int, live *resource.Live) {
	put(live.Attrs, desired.FactOutsideAddress(number), t.outside)
	put(live.Attrs, factStatus(number), t.status())
	if !t.key.IsZero() {
		live.Secrets[desired.FactKey(number)] = t.key
	}
	if t.options == nil {
		return
	}
	for _, o := range options {
		put(live.Attrs, optionAttr(number, o), o.shown(*t.options))
	}
}

// attachment fills in what hangs on the connection's attachment, which EC2
// makes by itself and does not give the connection's tags.
func (r *vpnConnection) attachment(s *seen, live *resource.Live, gateway resource.Live) error {
	items, err := s.attachments.list()
	if err != nil {
		return err
	}
	at := slices.IndexFunc(items, func(a types.TransitGatewayAttachment) bool {
		return awssdk.ToString(a.ResourceId) == live.Ref && attachmentPhases[a.State] != resource.Absent
	})
	if at < 0 {
		unsettled(live, "its attachment to the transit gateway is not listed yet")
		return nil
	}
	found := items[at]
	ref := awssdk.ToString(found.TransitGatewayAttachmentId)
	live.Attrs[desired.FactAttachment] = resource.Of(ref)
	live.Attrs["attachment_owner"] = resource.Of()
	put(live.Attrs, "attachment_owner", ownerOf(found.Tags))
	if found.State != types.TransitGatewayAttachmentStateAvailable {
		unsettled(live, "its attachment is "+string(found.State))
		return nil
	}
	attached := joined{ref: ref, created: found.CreationTime, settles: vpnSettles}
	if err := s.association(live, attrAssociation, gateway, attached); err != nil || r.link.Routing != desired.BGP {
		return err
	}
	return s.propagation(live, gateway, attached)
}

func routingOf(static bool) desired.Routing {
	if static {
		return desired.Static
	}
	return desired.BGP
}

// modifying is the state of a connection of which AWS changes something. It hangs on its
// attachment meanwhile, and the tunnel that is not changed carries. The state is not in the
// API's own list, and is answered.
const modifying types.VpnState = "modifying"

func reduceConnection(connection types.VpnConnection) thing {
	phases := map[types.VpnState]resource.Phase{
		types.VpnStatePending: resource.Pending, types.VpnStateAvailable: resource.Ready,
		types.VpnStateDeleting: resource.Deleting, types.VpnStateDeleted: resource.Absent,
		modifying: resource.Created,
	}
	return thing{
		ref: awssdk.ToString(connection.VpnConnectionId), tags: connection.Tags, phase: phaseOf(phases, connection.State),
		on: []string{awssdk.ToString(connection.TransitGatewayId), awssdk.ToString(connection.CustomerGatewayId)},
	}
}
