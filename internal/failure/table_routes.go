package failure

import "time"

// azureRoutes are the failures of routing in Azure.
func azureRoutes() []Failure {
	return []Failure{
		{
			Code: SitePrefixDrift, Title: "the site does not have the prefixes of the VPCs", Severity: Error, Connectivity: true, Visible: 5 * time.Minute,
			Causes:  []Cause{{PrefixOverlap, Network}, {NotBuilt, Link}, {ResourceFailed, Link}},
			Means:   "The address space of the VPN site is what Azure sends to AWS. A prefix that is missing is never sent; one that is too much is sent into a hole.",
			Azure:   "vpnSite.addressSpace.addressPrefixes",
			AWS:     "CidrBlockAssociationSet of each attached VPC, the secondary blocks among them",
			Packets: "lost from Azure to the missing prefix",
			Apart:   "Three are compared: the file, the VPC, the site.",
			Repair:  "linkd apply writes the address space. A VPC that grew must be declared first, unless the file leaves its prefixes to be read.",
		},
		{
			Code: VNetConnectionRouting, Title: "a VNet is not joined to its hub's routing", Severity: Error, Connectivity: true, Visible: 5 * time.Minute,
			Causes:  []Cause{{HubRouterNotReady, Hub}, {ResourceFailed, Hub}, {NotBuilt, Same}, {NotBuilt, Needs}},
			Means:   "A VNet has no connection to its hub, or one that is associated with another route table than the hub's default one, or propagates to none.",
			Azure:   "routingConfiguration of the connection: associatedRouteTable, propagatedRouteTables, labels",
			AWS:     "none",
			Packets: "lost from the VNet when the association is wrong, to the VNet when the propagation is",
			Apart:   "Not AZ_HUB_ROUTE_MISSING_OR_SHADOWED: the connection itself says so.",
			Repair:  "linkd apply sets the routing of the connection.",
		},
		{
			Code: HubRouteMissing, Title: "a hub has no route, or another one than it should", Severity: Error, Connectivity: true, Visible: 5 * time.Minute,
			Causes: []Cause{
				{HubRouterNotReady, Hub}, {HubRouterNotReady, Link}, {ResourceFailed, Hub}, {NotBuilt, Network}, {NotBuilt, Link}, {ResourceFailed, Link}, {PrefixOverlap, Network}, {SitePrefixDrift, Network},
				{VNetConnectionRouting, Network}, {VNetConnectionRouting, Link}, {ResourceFailed, Network}, {EndpointStale, Link}, {KeyMismatch, Link}, {ProposalMismatch, Link}, {NoInitiator, Link}, {TunnelMaintenance, Link}, {TunnelDown, Link},
				{BGPMismatch, Link}, {BGPRoutesZero, Link}, {HubRouteMissing, Needs},
			},
			Means:   "The effective routes of a hub's default table lack a prefix of the link, or something else wins it: another hub, ExpressRoute, a firewall. Or the connection of the link is associated with another table than the default one, or propagates to none.",
			Azure:   "virtualHubs/effectiveRoutes: no route, or another nextHopType; hubRoutingPreference",
			AWS:     "none",
			Packets: "lost from Azure to the prefix, or led elsewhere",
			Apart:   "Not SITE_PREFIX_DRIFT: the site's address space has the prefix. Missing and shadowed are told apart by the route that is there.",
			Repair:  "Routes follow from connections and tables: see what is wrong with the connection that should bring this one. A shadow goes with the route that casts it.",
		},
		{
			Code: NICRouteOverridden, Title: "a machine's own routes lead away from the hub", Severity: Error, Connectivity: true, Visible: 5 * time.Minute,
			Causes:  []Cause{{HubRouterNotReady, Hub}, {VNetConnectionRouting, Network}, {NotBuilt, Network}, {HubRouteMissing, Network}},
			Means:   "At the network interface of a machine a user-defined route wins over the hub's, or the subnet's route table keeps the hub's routes out.",
			Azure:   "effectiveRouteTable of the NIC: the winner's source is User, its next hop a virtual appliance or None; disableBgpRoutePropagation",
			AWS:     "none",
			Packets: "lost from this machine; others of the VNet may pass",
			Apart:   "The hub is well, the machine is not. The table and its route are named.",
			Repair:  "Change the route or the route table. It is the user's own, and linkd does not touch it.",
		},
	}
}

// awsRoutes are the failures of routing in AWS.
func awsRoutes() []Failure {
	return []Failure{
		{
			Code: TGWAssociationMissing, Title: "an attachment is associated with no route table, or a wrong one", Severity: Error, Connectivity: true, Visible: 5 * time.Minute,
			Causes:  []Cause{{NotBuilt, Same}, {ResourceFailed, Same}},
			Means:   "The route table of an attachment decides where what enters by it goes. Without one, everything is dropped.",
			Azure:   "none",
			AWS:     "Association of the attachment is absent, or not associated, or of another table",
			Packets: "lost from the network behind the attachment",
			Apart:   "Not AWS_TGW_ROUTE_MISSING: no table is asked at all, or another.",
			Repair:  "linkd apply associates it.",
		},
		{
			Code: TGWPropagationOff, Title: "an attachment does not propagate to the route table that the others use", Severity: Error, Connectivity: true, Visible: 5 * time.Minute,
			Causes:  []Cause{{NotBuilt, Same}, {ResourceFailed, Same}, {PrefixOverlap, Network}},
			Means:   "The prefixes of a VPC come into the transit gateway's route table by propagation. Without it, what Azure sends to the VPC is dropped.",
			Azure:   "none",
			AWS:     "GetTransitGatewayRouteTablePropagations lacks the attachment",
			Packets: "what the VPC sends arrives, and answers are lost",
			Apart:   "Not AWS_TGW_ROUTE_MISSING: the lookup of Azure's prefixes passes.",
			Repair:  "linkd apply propagates it.",
		},
		{
			Code: TGWRouteBlackhole, Title: "a route of the transit gateway leads into a hole", Severity: Error, Connectivity: true, Visible: 5 * time.Minute,
			Causes:  []Cause{{NotBuilt, Network}, {NotBuilt, Link}, {ResourceFailed, Network}, {ResourceFailed, Link}},
			Means:   "A route matches and drops: what it led to was deleted or failed, or somebody made it so.",
			Azure:   "none",
			AWS:     "TransitGatewayRoute.State is blackhole",
			Packets: "lost towards the prefix",
			Apart:   "Not AWS_TGW_ROUTE_MISSING: there is a route. What became of the attachment is told.",
			Repair:  "linkd apply replaces a route of ours. A blackhole that somebody made, and that the file does not want, is taken away by a rule or by hand.",
		},
		{
			Code: TGWRouteMissing, Title: "the transit gateway has no route to a prefix", Severity: Error, Connectivity: true, Visible: 5 * time.Minute,
			Causes:  []Cause{{NotBuilt, Link}, {NotBuilt, Network}, {TGWPropagationOff, Network}, {TGWAssociationMissing, Network}, {TGWRouteBlackhole, Network}, {BGPMismatch, Link}, {BGPRoutesZero, Link}},
			Means:   "The route table that the VPC's attachment is associated with has no route that covers an Azure prefix, or one that leads to another attachment than the link's.",
			Azure:   "none",
			AWS:     "SearchTransitGatewayRoutes finds no match",
			Packets: "lost from AWS to Azure, so that no echo is answered",
			Apart:   "Static links need static routes here; of a BGP link see BGP_ROUTES_ZERO_OR_LIMIT.",
			Repair:  "linkd apply adds the route. It interrupts nothing.",
		},
		{
			Code: VPCRouteMissing, Title: "a subnet's route table does not lead to the transit gateway", Severity: Error, Connectivity: true, Visible: 5 * time.Minute,
			Causes:  []Cause{{NotBuilt, Network}, {ResourceFailed, Network}},
			Means:   "The route table of a machine's subnet (the VPC's main one when it has none of its own) has no route to the transit gateway that covers an Azure prefix, or it leads elsewhere, or into a hole.",
			Azure:   "none",
			AWS:     "DescribeRouteTables: no route to the transit gateway covers the prefix, or its state is blackhole",
			Packets: "lost from this subnet to Azure, so that no echo is answered",
			Apart:   "Each machine's own subnet is looked at: a table that the file does not name counts, too.",
			Repair:  "linkd apply adds the route to the tables that the file names (route_tables). Name the table of this subnet there.",
		},
		{
			Code: TGWZoneUnattached, Title: "the attachment has no subnet in a machine's zone", Severity: Error, Connectivity: true, Visible: 5 * time.Minute,
			Causes:  []Cause{{NotBuilt, Network}, {ResourceFailed, Network}},
			Means:   "A transit gateway reaches machines of a zone by a subnet of the attachment in that zone, and by no other.",
			Azure:   "none",
			AWS:     "the zone of the machine's subnet is not among those of the attachment's subnets",
			Packets: "lost to and from machines of this zone; others of the VPC pass",
			Apart:   "The route tables are right.",
			Repair:  "Name a subnet of that zone under subnets of the VPC; linkd apply adds it.",
		},
	}
}
