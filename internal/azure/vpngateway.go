package azure

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

var vpnGatewayKind = resource.Kind{
	Name: "azure/vpn-gateway",
	Is:   "The VPN gateway of a hub, which has two instances with a public address each.",
	Takes: resource.Takes{
		Create: resource.Span{Least: 1190 * time.Second, Typical: 1440 * time.Second},
		Update: resource.Span{Least: 141 * time.Second, Typical: 210 * time.Second},
		Delete: resource.Span{Least: 737 * time.Second, Typical: 800 * time.Second},
	},
	Attrs: []resource.Attr{
		// Its instances are set up anew one after the other, and every tunnel of a
		// link that is not "full" ends at the same one.
		{Name: "scale_units", Means: "how much it carries: 500 Mbps a unit for each instance", Fix: resource.InPlace, Effect: resource.AllTunnels, Breaks: "the gateway carries less than the file wants, or costs more"},
		{Name: "routing_preference", Means: "whether tunnel packets go by Microsoft's network or by the Internet", Fix: resource.Replace, Effect: resource.AddressChange, Breaks: "tunnel packets take the other network to the gateway"},
		{
			Name: rowGatewayBGP, Means: "the addresses from which its instances speak BGP with AWS: those of all its links together", Fix: resource.InPlace, Members: true,
			Effect: resource.OneNetwork, // whatever is learned by a session that loses its address
			Breaks: "the BGP session of that address does not come up, and its tunnel brings no routes", BreaksExtra: "nothing; an address that no link uses may be taken by none",
		},
		{Name: "asn", Means: "its BGP number", Fix: resource.ByHand, Effect: resource.AllTunnels, Breaks: "BGP peers that expect the file's number refuse the session"},
	},
	Breaks:   "no tunnel of the hub's links can stand",
	Replaced: resource.AddressChange,
	Deleted:  resource.AllTunnels,
}

// defaultASN is the number of every Virtual WAN gateway unless told otherwise.
const defaultASN = 65515

// vpnGateway is the site-to-site gateway on a hub.
type vpnGateway struct {
	node
	hub     desired.Hub
	gateway desired.VPNGateway
}

func (c *Cloud) vpnGateway(hub desired.Hub) vpnGateway {
	id := desired.VPNGatewayID(hub.Name)
	return vpnGateway{node{
		cloud: c, at: c.scopeOf(hub), id: id, kind: &vpnGatewayKind,
		needs: []resource.Need{{On: desired.HubID(hub.Name), At: resource.Created}},
		locks: []string{string(id)},
	}, hub, at(hub.VPNGateway)}
}

// Want implements resource.Resource. A BGP address that a connection uses which
// is not the file's, or not any more, is wanted as long as it is used.
func (g vpnGateway) Want(world resource.World) (resource.Spec, error) {
	has := world[g.id].Attrs[rowGatewayBGP]
	used := has.Without(has.Without(world[g.id].Attrs[factSpokenFor]))
	return resource.Spec{
		Owner: g.cloud.ownerUnless(g.gateway.Adopt),
		Attrs: resource.Attrs{
			"scale_units":        numberValue(g.gateway.ScaleUnits),
			"routing_preference": resource.Of(string(g.gateway.RoutingPreference)),
			"asn":                numberValue(g.gateway.ASN),
			rowGatewayBGP:        g.cloud.speakers(g.hub.Name).Union(used),
		},
	}, nil
}

// Waits implements [resource.Waiter]: while an AWS connection of the hub is yet to be made
// anew, so that it exchanges routes in another way, its addresses are still used. All
// go together after that, in one write of the gateway, for which the connection
// would have to wait.
func (g vpnGateway) Waits(world resource.World) map[string]string {
	for _, link := range g.cloud.file.Links {
		for _, instance := range link.Instances() {
			if link.Hub == g.hub.Name && !link.Turned(world, instance) {
				why := fmt.Sprintf("%s is made anew first, and the addresses that it lets go are taken away together with these", desired.AWSConnectionID(link.Name, instance))
				return map[string]string{rowGatewayBGP + ".extra": why}
			}
		}
	}
	return nil
}

// Read implements resource.Resource.
func (g vpnGateway) Read(ctx context.Context, _ resource.World) (resource.Live, error) {
	answer, err := g.at.gateways.Get(ctx, g.at.group, g.gateway.Name, nil)
	if err != nil {
		return g.cloud.notFound(ctx, g.id, "vpnGateways/read", err)
	}
	return g.cloud.found(ctx, g.id, liveGateway(&answer.VPNGateway)), nil
}

// liveGateway is what Azure says of a gateway. Its two public addresses are
// there once it was created and stay through every update, so a gateway that
// updates is Created, not Pending.
func liveGateway(gateway *armnetwork.VPNGateway) resource.Live {
	properties := at(gateway.Properties)
	settings := at(properties.BgpSettings)
	preference := desired.MicrosoftNetwork
	if at(properties.IsRoutingPreferenceInternet) {
		preference = desired.InternetRouting
	}
	live := resource.Live{
		Phase: phaseOf(properties.ProvisioningState), Ref: at(gateway.ID), Owner: tag(gateway.Tags, desired.OwnerTag),
		Attrs: resource.Attrs{
			"scale_units":        numberValue(max(at(properties.VPNGatewayScaleUnit), 1)),
			"routing_preference": resource.Of(string(preference)),
			"asn":                numberValue(orDefault(settings.Asn, defaultASN)),
		},
	}
	live.Why = waitingFor(live.Phase, properties.ProvisioningState)
	live.Attrs[rowGatewayBGP], live.Attrs[factSpokenFor] = speakersOf(properties), spokenFor(properties)
	addInstanceFacts(live.Attrs, properties)
	if _, known := live.Attrs[desired.FactInstanceAddress(0)]; known && live.Phase == resource.Pending {
		live.Phase = resource.Created
	}
	return live
}

// addInstanceFacts notes the addresses of both instances. The instance is told
// by its name, never by its place in the list, and its addresses are read,
// never computed: Azure was seen to give instance 0 the higher one.
func addInstanceFacts(attrs resource.Attrs, properties armnetwork.VPNGatewayProperties) {
	for _, peer := range present(at(properties.BgpSettings).BgpPeeringAddresses) {
		instance, known := instances[lower(peer.IPConfigurationID, "")]
		if !known {
			continue
		}
		if addresses := texts(peer.TunnelIPAddresses); len(addresses) > 0 {
			attrs[desired.FactInstanceAddress(instance)] = resource.Of(addresses[0]) // public, then private
		}
		attrs[factBGPAddress(instance)] = resource.Of(append(texts(peer.DefaultBgpIPAddresses), texts(peer.CustomBgpIPAddresses)...)...)
	}
	for _, configuration := range present(properties.IPConfigurations) {
		instance, known := instances[lower(configuration.ID, "")]
		if known && at(configuration.PublicIPAddress) != "" {
			attrs[desired.FactInstanceAddress(instance)] = resource.Of(*configuration.PublicIPAddress)
		}
	}
}

// factBGPAddress is the fact with the addresses from which an instance speaks BGP.
func factBGPAddress(instance int) string {
	return [...]string{"instance_0_bgp_addresses", "instance_1_bgp_addresses"}[instance]
}

// Apply implements resource.Resource. Azure takes no BGP addresses with a
// create: the next look finds them missing, and a second write adds them.
func (g vpnGateway) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	gateway := armnetwork.VPNGateway{Location: to.Ptr(g.hub.Location), Tags: g.tags(want.Owner), Properties: &armnetwork.VPNGatewayProperties{
		VirtualHub: &armnetwork.SubResource{ID: to.Ptr(g.at.ref("virtualHubs", g.hub.Name))},
	}}
	keys := resource.Secrets{}
	if now.Phase != resource.Absent {
		answer, err := g.at.gateways.Get(ctx, g.at.group, g.gateway.Name, nil)
		if err != nil {
			return problem("vpnGateways/read", err)
		}
		gateway = answer.VPNGateway
		keepForPut(&gateway)
		if value, named := want.Attrs[rowGatewayBGP]; named {
			letSpeak(gateway.Properties.BgpSettings, value)
		}
		for _, connection := range present(gateway.Properties.Connections) {
			used, err := g.at.fillKeys(ctx, g.gateway.Name, connection, nil)
			if err != nil {
				return err
			}
			maps.Copy(keys, used)
		}
	} else if value, named := want.Attrs["asn"]; named && value.One() != numberValue(defaultASN).One() {
		gateway.Properties.BgpSettings = &armnetwork.BgpSettings{Asn: to.Ptr(asNumber[int64](value))}
	}
	if value, named := want.Attrs["scale_units"]; named {
		gateway.Properties.VPNGatewayScaleUnit = to.Ptr(asNumber[int32](value))
	}
	if value, named := want.Attrs["routing_preference"]; named && now.Phase == resource.Absent {
		gateway.Properties.IsRoutingPreferenceInternet = to.Ptr(value.One() == string(desired.InternetRouting))
	}
	poller, err := g.at.gateways.BeginCreateOrUpdate(ctx, g.at.group, g.gateway.Name, gateway, nil)
	return follow(g.cloud, g.id, "vpnGateways/write", poller, err, keys)
}

// keepForPut makes what a GET gave fit for a PUT: Azure refuses its own BGP
// addresses when they are sent back, only the custom ones are a caller's.
func keepForPut(gateway *armnetwork.VPNGateway) {
	if gateway.Properties == nil {
		gateway.Properties = &armnetwork.VPNGatewayProperties{}
	}
	settings := gateway.Properties.BgpSettings
	if settings == nil {
		return
	}
	settings.BgpPeeringAddress = nil
	settings.BgpPeeringAddresses = present(settings.BgpPeeringAddresses)
	for i, peer := range settings.BgpPeeringAddresses {
		settings.BgpPeeringAddresses[i] = &armnetwork.IPConfigurationBgpPeeringAddress{
			IPConfigurationID: peer.IPConfigurationID, CustomBgpIPAddresses: peer.CustomBgpIPAddresses,
		}
	}
}

// Delete implements resource.Resource.
func (g vpnGateway) Delete(ctx context.Context, _ resource.Live) error {
	poller, err := g.at.gateways.BeginDelete(ctx, g.at.group, g.gateway.Name, nil)
	return gone(g.cloud, g.id, "vpnGateways/delete", poller, err)
}
