package failure

import "time"

// blocking lists the failures that make the model of a way block, for those
// that are only seen by packets.
func blocking() []Cause {
	var causes []Cause
	for _, code := range []Code{
		HubRouterNotReady, ResourceFailed, NotBuilt, PrefixOverlap, EndpointStale, KeyMismatch, ProposalMismatch, NoInitiator, TunnelMaintenance, BGPMismatch, BGPRoutesZero, TunnelDown,
		SitePrefixDrift, VNetConnectionRouting, HubRouteMissing, NICRouteOverridden, TGWAssociationMissing, TGWPropagationOff, TGWRouteBlackhole, TGWRouteMissing, TGWPeeringRouteMissing, VPCRouteMissing, TGWZoneUnattached,
	} {
		causes = append(causes, Cause{code, Way})
	}
	return causes
}

// machines are the failures at the machines, and those that only packets show.
func machines() []Failure {
	return []Failure{
		{
			Code: ICMPBlocked, Title: "a filter does not let echoes through", Severity: Error, Connectivity: true, Visible: 5 * time.Minute,
			Means:   "A security group or a network ACL between a machine and the network denies ICMP from the other side, or towards it.",
			Azure:   "effectiveNetworkSecurityGroups of the NIC: the rule that decides denies",
			AWS:     "no rule of the security groups allows icmp from the prefix; a rule of the network ACL denies it, in either direction, for ACLs do not remember a flow",
			Packets: "echoes are lost; TCP may pass",
			Apart:   "The side, the layer, the rule and the direction are named.",
			Repair:  "Let icmp pass from and to the prefixes of the other side, in the direction that is named. Filters are the user's own, and linkd does not touch them.",
		},
		{
			Code: TargetDown, Title: "a machine does not answer, and the network is not why", Severity: Error, Visible: 5 * time.Minute,
			Causes:  append(blocking(), Cause{ICMPBlocked, Way}),
			Means:   "The machine is stopped or impaired, or its own firewall drops echoes.",
			Azure:   "the power state of the VM",
			AWS:     "the state of the instance and its status checks",
			Packets: "nothing is answered by this machine; others of its network answer",
			Apart:   "The model passes both ways.",
			Repair:  "Start the machine, or let its own firewall answer echoes.",
		},
		{
			Code: PathLost, Title: "packets are lost, and the model of the path does not say why", Severity: Error, Connectivity: true, Visible: 5 * time.Minute,
			Causes:  append(blocking(), Cause{ICMPBlocked, Way}, Cause{TargetDown, Way}),
			Means:   "Every hop that can be looked at passes, in both directions, and echoes are lost all the same: in the provider's network, in an instance of a gateway, at a device that the file does not know.",
			Packets: "some or all echoes are lost",
			Apart:   "Not TARGET_DOWN_OR_HOST_FIREWALL: no other machine of that network answers either.",
			Repair:  "See by the pings of each pair and direction where it is lost, and for how long. Resetting the connection, or the gateway, moves it to other instances.",
		},
		{
			Code: MTUBlackhole, Title: "large packets are lost without a word", Severity: Error, Connectivity: true, Visible: 15 * time.Minute,
			Causes:  append(blocking(), Cause{ICMPBlocked, Way}, Cause{TargetDown, Way}, Cause{PathLost, Way}),
			Means:   "Small packets pass, those above a size are lost, and nobody says that they are too big. Connections open and then hang.",
			Packets: "a search with packets that may not be fragmented: the largest that passes is below what the tunnel's cipher leaves room for, and a band above it is silent",
			Apart:   "Small echoes are answered.",
			Repair:  "Clamp the TCP MSS to 1,350 at the machines or in between, or set their MTU to 1,400; look for a filter that drops the ICMP message \"fragmentation needed\".",
		},
		{
			Code: AsymmetricPath, Title: "the two directions go by different paths", Severity: Info, Visible: 15 * time.Minute,
			Causes:  []Cause{{NotBuilt, Link}, {TGWPropagationOff, Tunnel}, {TGWRouteMissing, Network}, {TGWRouteBlackhole, Network}},
			Means:   "Packets from AWS to Azure leave the transit gateway by another attachment than the link's, or by another tunnel than the one by which nearly all come. A stateful device on one of the paths drops what it has not seen begin.",
			Azure:   "the winner among the hub's effective routes; egressBytesTransferred of one link connection grows, and ingressBytesTransferred of another",
			AWS:     "the winner in the transit gateway's route table is not the link's attachment; VpnEcmpSupport",
			Packets: "pass, or one direction is lost at a stateful device",
			Apart:   "Both directions have a way. Azure spreads packets over all tunnels that are up, so a tunnel that only sends is nothing strange; one that only receives, while all leave by another, is.",
			Repair:  "Take away the route that leads elsewhere, or leave it when it is meant. Where a stateful device stands on the path, say so in the file (links[].stateful): then it is an error. Which of two static tunnels AWS sends by, AWS alone decides: it changes when that tunnel goes down, and with BGP the gateway decides.",
		},
	}
}
