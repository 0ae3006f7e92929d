package azure

import (
	"context"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

var vpnConnectionKind = resource.Kind{
	Name: "azure/vpn-connection",
	Is:   "Azure's end of a link: the gateway joined to the site. It carries no tags: its gateway's count.",
	Takes: resource.Takes{
		Create: resource.Span{Least: 10 * time.Second, Typical: 70 * time.Second},
		Update: resource.Span{Least: 10 * time.Second, Typical: 60 * time.Second},
		Delete: resource.Span{Least: 36 * time.Second, Typical: 70 * time.Second},
	},
	Attrs: []resource.Attr{
		{Name: desired.FactHub, Means: "the hub whose gateway it belongs to", Fix: resource.Move, Effect: resource.AddressChange, Breaks: "the gateway of another hub than the file's dials the link"},
		{Name: "site", Means: "the site that it joins", Fix: resource.Replace, Effect: resource.AllTunnels, Breaks: "the gateway is joined to another site than the link's"},
		{
			Name: "links", Means: "the tunnels that Azure dials", Fix: resource.InPlace, Members: true,
			Effect: resource.OneNetwork, // whatever is behind one that goes
			Breaks: "a tunnel of the link is not dialled", BreaksExtra: "Azure dials a tunnel that nobody declared, and may send traffic through it",
		},
		{Name: "site_links", Means: "the link of the site that each tunnel is dialled by", Fix: resource.InPlace, Effect: resource.OneTunnel, Breaks: "a tunnel of the link is dialled at the address of another"},
		{Name: "ike_policy", Means: "the IKE version and algorithms of each tunnel", Fix: resource.InPlace, Effect: resource.AllTunnels, Breaks: "the two sides may agree on no algorithm, at once or at the next rekey"},
		{Name: "mode", Means: "who may start a tunnel: Azure, AWS or both", Fix: resource.InPlace, Effect: resource.AllTunnels, Breaks: "no side may start a tunnel that went down"},
		{Name: "dpd_timeout", Means: "after how long a silent peer counts as dead", Fix: resource.InPlace, Effect: resource.AllTunnels, Breaks: "a dead tunnel is noticed earlier or later than the file wants"},
		{Name: rowBGP, Means: "the tunnels in which Azure speaks BGP", Fix: resource.InPlace, Effect: resource.AllTunnels, Breaks: "one side waits for a BGP session that the other does not open, and learns nothing"},
		{Name: rowBGPAddresses, Means: "the address from which the gateway's instance speaks BGP in each tunnel", Fix: resource.InPlace, Effect: resource.AllTunnels, Breaks: "AWS waits for BGP from another address, and the session does not come up"},
		// The tunnels stand while routes move from table to table; whoever found
		// the way by the table that is left loses it.
		{Name: "associated_table", Means: "the hub's route table that decides where packets from AWS go", Fix: resource.InPlace, Effect: resource.OneNetwork, Breaks: "AWS does not reach what the hub knows"},
		{Name: "propagated_tables", Means: "the hub's route tables that learn the prefixes behind the link", Fix: resource.InPlace, Effect: resource.OneNetwork, Breaks: "the hub does not learn the prefixes behind the link"},
		{Name: "propagated_labels", Means: "the labels of route tables, on all hubs, that learn the prefixes behind the link", Fix: resource.InPlace, Effect: resource.OneNetwork, Breaks: "the other hubs do not learn the prefixes behind the link"},
		{Name: rowSharedKey, Means: "the pre-shared key of each tunnel", Fix: resource.InPlace, Secret: true, Effect: resource.OneTunnel, Breaks: "the two sides have different keys, so the tunnel does not come up again"},
	},
	Breaks:   "no tunnel of the link is dialled",
	Replaced: resource.AllTunnels,
	Deleted:  resource.AllTunnels,
}

// rowSharedKey is the row of the keys; each is "shared_key/<tunnel>".
const rowSharedKey = "shared_key"

func keyName(tunnel string) string { return rowSharedKey + "/" + tunnel }

// vpnConnection joins the gateway of a hub to the site of a link, with a link
// connection and a key for each tunnel.
type vpnConnection struct {
	node
	link desired.Link
	hub  desired.Hub
	end  end // where it stands
}

func (c *Cloud) vpnConnection(link desired.Link) vpnConnection {
	hub := c.hubNamed(link.Hub)
	gateway := desired.VPNGatewayID(hub.Name)
	needs := []resource.Need{{On: desired.VPNSiteID(link.Name), At: resource.Ready}, {On: gateway, At: resource.Ready}}
	for _, instance := range link.Instances() {
		needs = append(needs, resource.Need{On: desired.AWSConnectionID(link.Name, instance), At: resource.Created})
	}
	return vpnConnection{node{
		cloud: c, at: c.scopeOf(hub), id: desired.AzureConnectionID(link.Name), kind: &vpnConnectionKind,
		needs: needs, locks: []string{string(gateway)},
	}, link, hub, c.endOf(hub)}
}

// owner stands for that of the connection, which carries no tags: its gateway's.
func (v vpnConnection) owner() string { return v.cloud.ownerUnless(at(v.hub.VPNGateway).Adopt) }

// Want implements resource.Resource.
func (v vpnConnection) Want(world resource.World) (resource.Spec, error) {
	want := resource.Spec{Owner: v.owner()}
	policy, err := ikePolicyOf(v.link.IKE)
	if err != nil {
		return want, err
	}
	text := ikePolicyText(nil, []*armnetwork.IPSecPolicy{policy})
	secrets := resource.Secrets{}
	var names, siteLinks, policies []string
	for _, tunnel := range v.link.Tunnels() {
		key, err := world.Secret(desired.AWSConnectionID(tunnel.Link, tunnel.Instance), desired.FactKey(tunnel.Number))
		if err != nil {
			return want, err
		}
		secrets[keyName(tunnel.Name())] = key
		names = append(names, tunnel.Name())
		siteLinks = append(siteLinks, tunnel.Name()+"="+tunnel.Name())
		policies = append(policies, tunnel.Name()+" "+text)
	}
	speaks, addresses := v.cloud.ownAddresses(v.link)
	want.Attrs = resource.Attrs{
		rowBGP:              staged(v.link, world, speaks, world[v.id].Attrs[rowBGP]),
		rowBGPAddresses:     staged(v.link, world, addresses, world[v.id].Attrs[rowBGPAddresses]),
		desired.FactHub:     resource.Of(v.hub.Name),
		"site":              resource.Of(canonicalRef(v.siteRef())),
		"links":             resource.Of(names...),
		"site_links":        resource.Of(siteLinks...),
		"ike_policy":        resource.Of(policies...),
		"mode":              resource.Of(string(v.link.IKE.Initiator)),
		"dpd_timeout":       resource.Of(time.Duration(v.link.IKE.DPDTimeout).String()),
		"associated_table":  resource.Of(defaultTable),
		"propagated_tables": resource.Of(defaultTable),
		"propagated_labels": resource.Of("default"),
	}
	want.Secrets = secrets
	return want, nil
}

// Waits implements [resource.Waiter]: Azure goes on dialling a connection that the file no
// longer has for as long as AWS sends by it.
func (v vpnConnection) Waits(world resource.World) map[string]string {
	if ways := world[desired.TransitGatewayRoutesID(v.link.TransitGateway)].Attrs[desired.FactFormerWay]; len(ways) > 0 {
		return map[string]string{"links.extra": "AWS sends by a connection that the file does not have: " + strings.Join(ways, ", ")}
	}
	return nil
}

func (v vpnConnection) siteRef() string { return v.cloud.home().ref("vpnSites", v.link.Name) }

// Read implements resource.Resource. The keys are asked for only once the
// connection is ready or has failed: while it is on its way, nobody compares
// them.
func (v vpnConnection) Read(ctx context.Context, world resource.World) (resource.Live, error) {
	v, connection, err := v.get(ctx)
	switch {
	case err != nil:
		return resource.Live{}, err
	case connection == nil:
		return absent(v.cloud.whyGone(ctx, v.id)), nil
	}
	return v.live(ctx, connection, v.ownerAt(world[desired.VPNGatewayID(v.hub.Name)]))
}

// ownerAt is the owner that stands for the connection where it stands: that of its own
// gateway, or ours at another of ours.
func (v vpnConnection) ownerAt(own resource.Live) string {
	if v.end.live.Ref != "" {
		return v.owner()
	}
	return own.Owner
}

// live is what Azure says of the connection, with its keys. Keys that a failed
// one does not give are unseen, and that it failed is known all the same.
func (v vpnConnection) live(ctx context.Context, connection *armnetwork.VPNConnection, owner string) (resource.Live, error) {
	live := v.described(connection, owner)
	if live.Phase == resource.Ready || live.Phase == resource.Failed {
		keys, err := v.end.at.keys(ctx, v.end.gateway, connection)
		switch {
		case err == nil:
			live.Secrets = v.without(keys, live.Attrs["links"])
		case live.Phase == resource.Ready:
			return resource.Live{}, err
		}
	}
	return v.cloud.found(ctx, v.id, live), nil
}

// without adds the zero key for each tunnel that has no link yet: it is known
// that there is none, which is not the same as a key that nobody may see.
func (v vpnConnection) without(keys resource.Secrets, links resource.Value) resource.Secrets {
	for _, tunnel := range v.link.Tunnels() {
		if !links.Has(tunnel.Name()) {
			keys[keyName(tunnel.Name())] = resource.Secret{}
		}
	}
	return keys
}

// modes are Azure's names for who starts a tunnel, in lower case.
var modes = map[string]desired.Initiator{
	"default": desired.InitiateBoth, "initiatoronly": desired.InitiateAzure, "responderonly": desired.InitiateAWS,
}

// defaultDPD is the time that Azure documents for a timeout of 0.
const defaultDPD = 45

// described is what Azure says of the connection, without its keys. A link
// connection that the file does not have is told by its name alone; what it is
// set to is nobody's wish. One of the file's that is not there is missing among
// the links, and leads to no wrong place.
func (v vpnConnection) described(connection *armnetwork.VPNConnection, owner string) resource.Live {
	properties := at(connection.Properties)
	routing := routingOf(properties.RoutingConfiguration, at(connection.ID))
	phase := phaseOf(properties.ProvisioningState)
	leads := map[string]string{}
	for _, tunnel := range v.link.Tunnels() {
		leads[tunnel.Name()] = tunnel.Name()
	}
	var names, siteLinks, policies, starts, timeouts, speaks, addresses []string
	for _, link := range present(properties.VPNLinkConnections) {
		settings := at(link.Properties)
		name, declared := tunnelNamed(v.link, at(link.Name))
		names = append(names, name)
		if !declared {
			continue
		}
		leads[name] = siteLinkOf(link, properties.RemoteVPNSite)
		policies = append(policies, name+" "+ikePolicyText(settings.VPNConnectionProtocolType, settings.IPSecPolicies))
		if at(settings.EnableBgp) {
			speaks = append(speaks, name)
		}
		addresses = append(addresses, addressRows(name, settings)...)
		starts = append(starts, string(modes[lower(settings.VPNLinkConnectionMode, "Default")]))
		timeouts = append(timeouts, (time.Duration(orDefault(settings.DpdTimeoutSeconds, defaultDPD)) * time.Second).String())
	}
	for name, siteLink := range leads {
		siteLinks = append(siteLinks, name+"="+siteLink)
	}
	live := resource.Live{
		Phase: phase, Ref: at(connection.ID), Owner: owner, Why: waitingFor(phase, properties.ProvisioningState),
		Attrs: resource.Attrs{
			desired.FactHub:     resource.Of(v.endName()),
			"links":             resource.Of(names...),
			"site_links":        resource.Of(siteLinks...),
			"ike_policy":        resource.Of(policies...),
			"mode":              resource.Of(starts...),
			"dpd_timeout":       resource.Of(timeouts...),
			rowBGP:              resource.Of(speaks...),
			rowBGPAddresses:     resource.Of(addresses...),
			"associated_table":  resource.Of(routing.associated),
			"propagated_tables": routing.tables,
			"propagated_labels": routing.labels,
		},
	}
	if site := at(at(properties.RemoteVPNSite).ID); site != "" { // a failed create may show none
		live.Attrs["site"] = resource.Of(canonicalRef(site))
	}
	return live
}

// siteLinkOf is the link of a site that a link connection dials: its name, or
// the whole id of a link of another site. One that has the name of the link
// connection is spelled as that is.
func siteLinkOf(link *armnetwork.VPNSiteLinkConnection, site *armnetwork.SubResource) string {
	ref := canonicalRef(at(at(at(link.Properties).VPNSiteLink).ID))
	name, own := strings.CutPrefix(ref, canonicalRef(at(at(site).ID))+"/vpnsitelinks/")
	switch {
	case !own:
		return ref
	case equalFold(name, at(link.Name)):
		return at(link.Name)
	}
	return name
}

// Delete implements resource.Resource.
func (v vpnConnection) Delete(ctx context.Context, now resource.Live) error {
	v = v.standing(now.Ref)
	poller, err := v.end.at.connections.BeginDelete(ctx, v.end.at.group, v.end.gateway, v.link.Name, nil)
	return gone(v.cloud, v.id, "vpnGateways/vpnConnections/delete", poller, err)
}
