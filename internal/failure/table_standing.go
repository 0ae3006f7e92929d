package failure

import "time"

// standing are the failures of what stands, or does not.
func standing() []Failure {
	return []Failure{
		{
			Code: NotOwned, Title: "what stands there is not linkd's", Severity: Warning, Visible: 5 * time.Minute,
			Means: "Something stands under the name of a resource of the file, or in its place, and does not carry linkd's tags. linkd touches nothing that is not its own: it neither builds on it nor repairs it. Before a build it is an error.",
			Azure: "the tags linkd-owner and linkd-id are absent, or name another owner", AWS: "the tags linkd-owner and linkd-id are absent, or name another owner",
			Apart:  "Not NOT_BUILT: something does stand there.",
			Repair: "Give it its tags back, adopt it in the file (adopt: true), or take it away.",
		},
		{
			Code: LimitReached, Title: "a limit of a cloud leaves no room for what the file wants", Severity: Warning, Visible: 30 * time.Minute,
			Means:  "What stands in a region, on a VPC or in a route table, whoever made it, and what the file wants beside it, are together more than AWS allows by default. An account may have been given more, which no call that linkd makes tells: that is why it is a warning.",
			AWS:    "50 VPN connections, 50 customer gateways and 5 transit gateways of a region, 5 transit gateways on a VPC, 500 routes of a VPC's route table; the create would end in an error such as VpnConnectionLimitExceeded",
			Apart:  "Only counts are compared: it shows before anything is built, and only of what is still to be built. linkd verify counts; a running linkd does not.",
			Repair: "Have the quota raised in Service Quotas, or take away what is no longer used. When it has been raised, leave it out: linkd verify --skip LIMIT_REACHED.",
		},
		{
			Code: ResourceFailed, Title: "an operation on a resource failed and left it so", Severity: Error, Connectivity: true, Visible: 5 * time.Minute,
			Causes:  []Cause{{ResourceFailed, Needs}},
			Means:   "A resource is in the state Failed. It often forwards as before and refuses every change; a hub in this state refuses the changes of all that hangs on it. A VNet that was deleted before its connection leaves a hub so.",
			Azure:   "provisioningState is Failed on the hub, the gateway, a connection or a site, or routingState on the hub; a VNet connection whose VNet is gone",
			AWS:     "the state of an attachment is failed or rejected",
			Packets: "may still pass",
			Apart:   "Not AZ_HUB_ROUTER_NOT_READY: there the operation succeeded, and the router alone is not done.",
			Repair:  "Mend what blocks it first, such as a connection whose VNet is gone: take that away. linkd apply then writes the resource again; a hub that stays so needs the Reset of the portal, for which there is no API.",
		},
		{
			Code: NotBuilt, Title: "a resource of the file is not there", Severity: Error, Connectivity: true, Visible: 5 * time.Minute,
			Causes: []Cause{{NotBuilt, Needs}, {ResourceFailed, Needs}},
			Means:  "The file wants it, and the cloud has none, or is just taking it away. As a warning: a VPN connection goes on as it was, at both ends, and is yet to be made anew, because the file wants it to exchange routes in the other way.",
			Azure:  "a GET answers 404", AWS: "no describe lists it, or its state is deleted; Options.StaticRoutesOnly is not what the file says",
			Apart:  "Not AZ_RESOURCE_FAILED: that one is there.",
			Repair: "linkd apply makes it. When it was there before, the record (linkd history) and the clouds' own logs tell who took it away.",
		},
		{
			Code: HubRouterNotReady, Title: "the router of a hub does not work yet", Severity: Error, Connectivity: true, Visible: 20 * time.Minute,
			Causes:  []Cause{{ResourceFailed, Same}, {ResourceFailed, Hub}, {NotBuilt, Same}},
			Means:   "The hub was created, and its router is still being set up, or was lost. Until it works, nothing is routed by the hub and most writes are refused.",
			Azure:   "routingState is not Provisioned while provisioningState is Succeeded; writes end in AnotherOperationInProgress or HubBgpConnectionParentHubMustHaveProvisionedRoutingState",
			AWS:     "none; tunnels may be up",
			Packets: "lost both ways",
			Apart:   "Not AZ_RESOURCE_FAILED: neither provisioningState nor routingState is Failed.",
			Repair:  "Wait: it takes 10 minutes after a create, and now and then 40. Never write to the hub meanwhile.",
		},
		{
			Code: PrefixOverlap, Title: "two networks of the link overlap", Severity: Error, Connectivity: true, Visible: 5 * time.Minute,
			Means:   "Two of the address ranges that the link joins have addresses in common: VNets, VPCs, hubs, the transit gateway's own ranges, the inside ranges of tunnels. Each router picks one of them, and not all the same one.",
			Azure:   "the address spaces of VNets, the hub's prefix, the site's address space; a hub takes no route equal to or inside a VNet's own prefix",
			AWS:     "the blocks of VPCs and of the transit gateway; a transit gateway does not propagate a block that it has from another VPC",
			Packets: "answers come from the wrong machine, or none do",
			Apart:   "Only address ranges are compared: it shows before anything is built.",
			Repair:  "Give one of them another range. linkd cannot: networks are the user's own, and no routing mends two machines with one address.",
		},
		{
			Code: ObservationGap, Title: "something could not be seen", Severity: Warning, Visible: 30 * time.Minute,
			Causes: []Cause{{NotBuilt, Same}, {NotBuilt, Needs}, {ResourceFailed, Same}, {HubRouterNotReady, Same}, {HubRouterNotReady, Hub}},
			Means:  "A cloud refused, throttled or did not answer a call, so that a part of the link is unknown; or the keys of a link cannot be read where the file says that they are. What is unknown is never taken for well, nor for broken.",
			Azure:  "AuthorizationFailed, 429, or no answer", AWS: "UnauthorizedOperation, RequestLimitExceeded, or no answer",
			Apart:  "Nothing is said of the thing itself: only that it was not seen.",
			Repair: "Give the role the permission that is named (deploy/policies has the whole list), or look again when the cloud answers.",
		},
	}
}
