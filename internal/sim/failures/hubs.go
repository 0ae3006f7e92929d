package failures

import (
	"strings"

	"linkd/internal/sim/fabric"
)

// The fields that most injections change.
const (
	routingState = "properties.routingState"
	provisioning = "properties.provisioningState"
	tableIDs     = "properties.routingConfiguration.propagatedRouteTables.ids"
	tableLabels  = "properties.routingConfiguration.propagatedRouteTables.labels"
)

// ARM's types.
const (
	hubType        = "virtualHubs"
	joinType       = "virtualHubs/hubVirtualNetworkConnections"
	gatewayType    = "vpnGateways"
	connectionType = "vpnGateways/vpnConnections"
	linkType       = "vpnGateways/vpnConnections/vpnLinkConnections"
	siteType       = "vpnSites"
)

// nearRouter are the losses when the gateway's hub routes nothing: its VNet
// learns nothing, and what comes from AWS ends in the hub.
func (v *view) nearRouter() []Loss {
	return append(append(
		lost(only(v.vmNear.Address), append(v.inAWS(), v.vmFar.Address), "nic-routes", v.vmNear.NIC),
		lost(only(v.vmFar.Address), append(v.inAWS(), v.vmNear.Address), "nic-routes", v.vmFar.NIC)...),
		lost(v.inAWS(), v.inAzure(), "hub", v.near.ID)...)
}

// farApart are the losses when the VNet of the other hub neither learns nor
// is known.
func (v *view) farApart() []Loss {
	return append(v.farLearnsNothing(), v.farIsUnknown()...)
}

func (v *view) farLearnsNothing() []Loss {
	return lost(only(v.vmFar.Address), append(v.inAWS(), v.vmNear.Address), "nic-routes", v.vmFar.NIC)
}

func (v *view) farIsUnknown() []Loss {
	return append(
		lost(v.inAWS(), only(v.vmFar.Address), "hub", v.near.ID),
		lost(only(v.vmNear.Address), only(v.vmFar.Address), "nic-routes", v.vmNear.NIC)...)
}

// stranger are the losses when a VNet does not know where a request of
// another one comes from: the tag VirtualNetwork of its security group's last rules
// covers only what it learns.
func stranger(from, at fabric.VM) []Loss {
	return requests(lost(only(from.Address), only(at.Address), "nsg", at.Subnet))
}

func hubs() []Injection {
	failed := func(name, kind string, id func(*view) string) Injection {
		return Injection{
			Code: "AZ_RESOURCE_FAILED", Name: name,
			plan: func(v *view) plan { return plan{steps: []step{azureSet(kind, id(v), provisioning, "Failed")}} },
		}
	}
	return []Injection{
		{
			Code: "AZ_HUB_ROUTER_NOT_READY", Name: "the router of the gateway's hub is being provisioned", ToAWS: "nic-routes", ToAzure: "hub",
			plan: func(v *view) plan {
				return plan{steps: []step{azureSet(hubType, v.near.ID, routingState, "Provisioning")}, losses: v.nearRouter()}
			},
		},
		{
			Code: "AZ_HUB_ROUTER_NOT_READY", Name: "the router of the other hub is being provisioned", ToAWS: "nic-routes", ToAzure: "hub",
			plan: func(v *view) plan {
				return plan{steps: []step{azureSet(hubType, v.far.ID, routingState, "Provisioning")}, losses: v.farApart()}
			},
		},
		failed("an operation on the hub failed", hubType, func(v *view) string { return v.near.ID }),
		failed("an operation on the VPN gateway failed", gatewayType, func(v *view) string { return v.gateway.ID }),
		failed("an operation on the VPN connection failed", connectionType, func(v *view) string { return v.links[0].Connection }),
		failed("an operation on a VNet connection failed", joinType, func(v *view) string { return v.vnet(v.vmFar).Connection }),
		{
			Code: "AZ_RESOURCE_FAILED", Name: "the router of the other hub failed", ToAWS: "nic-routes", ToAzure: "hub",
			plan: func(v *view) plan {
				return plan{steps: []step{azureSet(hubType, v.far.ID, routingState, "Failed")}, losses: v.farApart()}
			},
		},
		{
			Code: "AZ_RESOURCE_FAILED", Name: "a hub is failed by a connection whose VNet is gone", ToAWS: "nic-routes", ToAzure: "hub",
			plan: func(v *view) plan {
				join := v.vnet(v.vmFar).Connection
				gone := strings.TrimSuffix(v.vmFar.VNet, "/") + "-gone"
				return plan{steps: []step{
					azureSet(joinType, join, "properties.remoteVirtualNetwork.id", gone),
					azureSet(joinType, join, provisioning, "Failed"), azureSet(hubType, v.far.ID, provisioning, "Failed"),
				}, losses: v.farApart()}
			},
		},
	}
}
