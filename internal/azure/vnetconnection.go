package azure

import (
	"context"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

var vnetConnectionKind = resource.Kind{
	Name: "azure/vnet-connection",
	Is:   "What joins a VNet to its hub. It carries no tags: its hub's count.",
	Takes: resource.Takes{
		Create: resource.Span{Least: 10 * time.Second, Typical: 60 * time.Second},
		Update: resource.Span{Least: 10 * time.Second, Typical: 60 * time.Second},
		Delete: resource.Span{Least: 72 * time.Second, Typical: 150 * time.Second},
	},
	// Whatever is done to it concerns its VNet alone: the tunnels carry on.
	Attrs: []resource.Attr{
		{Name: "remote_vnet", Means: "the VNet that it joins", Fix: resource.Replace, Effect: resource.OneNetwork, Breaks: "another VNet hangs on the hub in the place of this one"},
		{Name: "associated_table", Means: "the hub's route table that the VNet learns its routes from", Fix: resource.InPlace, Effect: resource.OneNetwork, Breaks: "the VNet does not learn the hub's routes, so its machines send nothing towards AWS"},
		{Name: "propagated_tables", Means: "the hub's route tables that learn the VNet's prefixes", Fix: resource.InPlace, Effect: resource.OneNetwork, Breaks: "the hub does not learn the VNet's prefixes, so answers to it are lost"},
		{Name: "propagated_labels", Means: "the labels of route tables, on all hubs, that learn the VNet's prefixes", Fix: resource.InPlace, Effect: resource.OneNetwork, Breaks: "the other hubs do not learn the VNet's prefixes"},
		{Name: "internet_security", Means: "whether the hub hands a default route to the VNet", Fix: resource.InPlace, Effect: resource.OneNetwork, Breaks: "a default route of the hub is, or is not, handed to the VNet"},
	},
	Breaks:   "the VNet is not joined to the hub",
	Replaced: resource.OneNetwork,
	Deleted:  resource.OneNetwork,
}

// vnetConnection joins a VNet to its hub, associated with the default route
// table and propagating to it.
type vnetConnection struct {
	node
	hub  desired.Hub
	vnet desired.VNet
}

func (c *Cloud) vnetConnection(hub desired.Hub, v desired.VNet) vnetConnection {
	hubID, vnetID := desired.HubID(hub.Name), desired.VNetID(v.Name)
	return vnetConnection{node{
		cloud: c, at: c.scopeOf(hub), id: desired.VNetConnectionID(v.Name), kind: &vnetConnectionKind,
		needs: []resource.Need{{On: hubID, At: resource.Ready}, {On: vnetID, At: resource.Ready}},
		locks: []string{string(hubID), string(vnetID)},
	}, hub, v}
}

// Want implements resource.Resource. A connection carries no tags; its hub's
// owner stands for it.
func (v vnetConnection) Want(world resource.World) (resource.Spec, error) {
	want := resource.Spec{Owner: v.cloud.ownerUnless(v.hub.Adopt || v.vnet.Adopt)}
	if err := v.cloud.clash(world); err != nil {
		return want, err
	}
	want.Attrs = resource.Attrs{
		"remote_vnet":       resource.Of(canonicalRef(v.vnet.ID)),
		"associated_table":  resource.Of(defaultTable),
		"propagated_tables": resource.Of(defaultTable),
		"propagated_labels": resource.Of("default"),
		"internet_security": boolValue(false),
	}
	return want, nil
}

// Read implements resource.Resource.
func (v vnetConnection) Read(ctx context.Context, world resource.World) (resource.Live, error) {
	answer, err := v.at.vnetConnections.Get(ctx, v.at.group, v.hub.Name, v.vnet.Name, nil)
	if err != nil {
		return v.cloud.notFound(ctx, v.id, "virtualHubs/hubVirtualNetworkConnections/read", err)
	}
	live := liveVNetConnection(&answer.HubVirtualNetworkConnection, world[desired.HubID(v.hub.Name)].Owner)
	return v.cloud.found(ctx, v.id, live), nil
}

// liveVNetConnection is what Azure says of a connection.
func liveVNetConnection(connection *armnetwork.HubVirtualNetworkConnection, owner string) resource.Live {
	properties := at(connection.Properties)
	phase := phaseOf(properties.ProvisioningState)
	routing := routingOf(properties.RoutingConfiguration, at(connection.ID))
	live := resource.Live{
		Phase: phase, Ref: at(connection.ID), Owner: owner, Why: waitingFor(phase, properties.ProvisioningState),
		Attrs: resource.Attrs{
			"associated_table":  resource.Of(routing.associated),
			"propagated_tables": routing.tables,
			"propagated_labels": routing.labels,
			"internet_security": boolValue(at(properties.EnableInternetSecurity)),
		},
	}
	if remote := at(at(properties.RemoteVirtualNetwork).ID); remote != "" { // a failed create may show none
		live.Attrs["remote_vnet"] = resource.Of(canonicalRef(remote))
	}
	return live
}

// Apply implements resource.Resource.
func (v vnetConnection) Apply(ctx context.Context, want resource.Spec, now resource.Live) error {
	connection := armnetwork.HubVirtualNetworkConnection{}
	if now.Phase != resource.Absent {
		answer, err := v.at.vnetConnections.Get(ctx, v.at.group, v.hub.Name, v.vnet.Name, nil)
		if err != nil {
			return problem("virtualHubs/hubVirtualNetworkConnections/read", err)
		}
		connection = answer.HubVirtualNetworkConnection
	}
	if connection.Properties == nil {
		connection.Properties = &armnetwork.HubVirtualNetworkConnectionProperties{}
	}
	properties := connection.Properties
	if at(at(properties.RemoteVirtualNetwork).ID) == "" {
		properties.RemoteVirtualNetwork = &armnetwork.SubResource{ID: to.Ptr(v.vnet.ID)}
	}
	if value, named := want.Attrs["internet_security"]; named {
		properties.EnableInternetSecurity = to.Ptr(asBool(value))
	}
	properties.RoutingConfiguration = routed(properties.RoutingConfiguration, want.Attrs, v.at.ref("virtualHubs", v.hub.Name))
	poller, err := v.at.vnetConnections.BeginCreateOrUpdate(ctx, v.at.group, v.hub.Name, v.vnet.Name, connection, nil)
	return follow(v.cloud, v.id, "virtualHubs/hubVirtualNetworkConnections/write", poller, err)
}

// Delete implements resource.Resource.
func (v vnetConnection) Delete(ctx context.Context, _ resource.Live) error {
	poller, err := v.at.vnetConnections.BeginDelete(ctx, v.at.group, v.hub.Name, v.vnet.Name, nil)
	return gone(v.cloud, v.id, "virtualHubs/hubVirtualNetworkConnections/delete", poller, err)
}
