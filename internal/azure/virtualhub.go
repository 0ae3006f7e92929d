package azure

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// A hub is created with the end of its own operation, which 24 recorded
// creates saw between 215 and 386 seconds. It has settled, with its routing
// provisioned, 720 to 1030 seconds after the call.
var virtualHubKind = resource.Kind{
	Name: "azure/virtual-hub",
	Is:   "A virtual hub: the router of a region, which VNets and the VPN gateway hang on.",
	Takes: resource.Takes{
		Create: resource.Span{Least: 215 * time.Second, Typical: 300 * time.Second},
		Settle: resource.Span{Least: 330 * time.Second, Typical: 580 * time.Second},
		Update: resource.Span{Least: 99 * time.Second, Typical: 139 * time.Second},
		Delete: resource.Span{Least: 60 * time.Second, Typical: 300 * time.Second},
	},
	Attrs: []resource.Attr{
		// A hub keeps its range for life, and Azure deletes none with something on it.
		{Name: "address_prefix", Means: "the range that the hub takes its own addresses from", Fix: resource.ByHand, Effect: resource.AddressChange, Breaks: "the hub stands in a range that the plan gave to something else"},
	},
	Breaks:   "no VNet of the hub and no VPN gateway on it is joined to anything",
	Replaced: resource.AddressChange,
	Deleted:  resource.AllTunnels,
}

// virtualHub is a virtual hub. It may stand in another subscription than its
// virtual WAN, in a resource group of the file's name, with its gateway and
// connections; the WAN and the sites of links stay in the file's. That Azure takes
// such a hub is not documented, nor is that it does not: a hub names its WAN by a
// whole resource id, and the FAQ of Virtual WAN lets hubs be in other resource
// groups than it, though not by the portal. That VNets of other subscriptions
// connect to a hub is documented.
type virtualHub struct {
	node
	hub desired.Hub
}

func (c *Cloud) virtualHub(hub desired.Hub) virtualHub {
	return virtualHub{node{
		cloud: c, at: c.scopeOf(hub), id: desired.HubID(hub.Name), kind: &virtualHubKind,
		needs: []resource.Need{{On: desired.VirtualWANID(c.file.Azure.VirtualWAN.Name), At: resource.Created}},
		locks: []string{string(desired.HubID(hub.Name))},
	}, hub}
}

// Want implements resource.Resource.
func (h virtualHub) Want(resource.World) (resource.Spec, error) {
	return resource.Spec{
		Owner: h.cloud.ownerUnless(h.hub.Adopt),
		Attrs: resource.Attrs{"address_prefix": resource.Of(h.hub.AddressPrefix.Masked().String())},
	}, nil
}

// Read implements resource.Resource.
func (h virtualHub) Read(ctx context.Context, _ resource.World) (resource.Live, error) {
	answer, err := h.at.hubs.Get(ctx, h.at.group, h.hub.Name, nil)
	if err != nil {
		return h.cloud.notFound(ctx, h.id, "virtualHubs/read", err)
	}
	return h.cloud.found(ctx, h.id, liveHub(&answer.VirtualHub)), nil
}

// liveHub is what Azure says of a hub.
func liveHub(hub *armnetwork.VirtualHub) resource.Live {
	properties := at(hub.Properties)
	phase, why := hubPhase(at(properties.ProvisioningState), at(properties.RoutingState))
	live := resource.Live{
		Phase: phase, Why: why, Ref: at(hub.ID), Owner: tag(hub.Tags, desired.OwnerTag),
		Attrs: resource.Attrs{
			"location":      resource.Of(canonicalLocation(at(hub.Location))),
			"routing_state": resource.Of(lower(properties.RoutingState, "None")),
		},
	}
	if prefix := at(properties.AddressPrefix); prefix != "" { // a failed create may show none
		live.Attrs["address_prefix"] = resource.Of(canonicalPrefix(prefix))
	}
	return live
}

// hubPhase joins the two states of a hub. Its own operation ends long before
// its router works: it is Created with the first and Ready with the second.
// While the router is set up, and now and then later, Azure says Updating
// again without a write of ours; the hub is Created then, for it stands but
// would refuse a write.
func hubPhase(state armnetwork.ProvisioningState, routing armnetwork.RoutingState) (resource.Phase, string) {
	phase := phaseOf(&state)
	switch {
	case phase == resource.Deleting:
		return phase, "provisioning state is Deleting"
	case phase == resource.Failed:
		return phase, ""
	case routing == armnetwork.RoutingStateFailed:
		return resource.Failed, "routing state is Failed: its router must be written again, or reset in the portal"
	case phase == resource.Ready && routing == armnetwork.RoutingStateProvisioned:
		return resource.Ready, ""
	case phase == resource.Ready, routing == armnetwork.RoutingStateProvisioning:
		return resource.Created, "routing state is " + string(routing)
	case routing == armnetwork.RoutingStateProvisioned:
		return resource.Created, "provisioning state is " + string(state)
	}
	return resource.Pending, "provisioning state is " + string(state)
}

// Apply implements resource.Resource.
func (h virtualHub) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	hub := armnetwork.VirtualHub{Location: to.Ptr(h.hub.Location), Tags: h.tags(want.Owner), Properties: &armnetwork.VirtualHubProperties{
		VirtualWan: &armnetwork.SubResource{ID: to.Ptr(h.cloud.home().ref("virtualWans", h.cloud.file.Azure.VirtualWAN.Name))},
	}}
	if now.Phase != resource.Absent {
		answer, err := h.at.hubs.Get(ctx, h.at.group, h.hub.Name, nil)
		if err != nil {
			return problem("virtualHubs/read", err)
		}
		hub = answer.VirtualHub
	}
	if hub.Properties == nil {
		hub.Properties = &armnetwork.VirtualHubProperties{}
	}
	if value, named := want.Attrs["address_prefix"]; named && hub.Properties.AddressPrefix == nil {
		hub.Properties.AddressPrefix = to.Ptr(value.One())
	}
	poller, err := h.at.hubs.BeginCreateOrUpdate(ctx, h.at.group, h.hub.Name, hub, nil)
	return follow(h.cloud, h.id, "virtualHubs/write", poller, err)
}

// Delete implements resource.Resource.
func (h virtualHub) Delete(ctx context.Context, _ resource.Live) error {
	poller, err := h.at.hubs.BeginDelete(ctx, h.at.group, h.hub.Name, nil)
	return gone(h.cloud, h.id, "virtualHubs/delete", poller, err)
}
