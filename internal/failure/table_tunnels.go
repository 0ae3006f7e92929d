package failure

import "time"

// dead are the failures that keep a tunnel down, or take it down at its next
// renewal.
func dead() []Cause {
	causes := []Cause{{NotBuilt, Link}, {ResourceFailed, Link}}
	for _, code := range []Code{EndpointStale, KeyMismatch, ProposalMismatch, NoInitiator, TunnelMaintenance} {
		causes = append(causes, Cause{code, Tunnel})
	}
	return causes
}

// tunnels are the failures of the tunnels of a link.
func tunnels() []Failure {
	built := []Cause{{NotBuilt, Link}, {ResourceFailed, Link}}
	// What the settings of both sides show is so whatever else of the link has
	// failed; only of the connection itself a write that failed may be why.
	compared := []Cause{{NotBuilt, Link}, {ResourceFailed, Same}}
	return []Failure{
		{
			Code: EndpointStale, Title: "one side dials an address that the other no longer has", Severity: Error, Connectivity: true, Visible: 3 * time.Minute,
			Causes:  compared,
			Means:   "The customer gateway in AWS does not have the address of the Azure gateway's instance, or a link of the Azure site does not have the outside address of the AWS tunnel. One of the two was made anew.",
			Azure:   "vpnGateway.ipConfigurations[].publicIpAddress; vpnSiteLink.ipAddress",
			AWS:     "CustomerGateway.IpAddress; TunnelOptions[].OutsideIpAddress",
			Packets: "lost both ways",
			Apart:   "The addresses are compared, whatever the tunnel says: a tunnel may be up for minutes after its end has gone.",
			Repair:  "linkd apply follows the address. It interrupts every tunnel of the connection, so that it may wait for approval.",
		},
		{
			Code: KeyMismatch, Title: "the two sides have different pre-shared keys", Severity: Error, Connectivity: true, Visible: 3 * time.Minute,
			Causes:  compared,
			Means:   "The key of a tunnel differs between Azure and AWS. A tunnel that is up carries on until IKE is renewed, and then stays down.",
			Azure:   "listSharedKey of the link connection; connectionStatus is NotConnected or Connecting",
			AWS:     "TunnelOptions[].PreSharedKey; VgwTelemetry.Status is DOWN",
			Packets: "lost both ways, once the tunnel is down",
			Apart:   "The keys are compared in constant time, and neither is shown. Not TUNNEL_DOWN_PROPOSAL_MISMATCH: the proposals agree.",
			Repair:  "linkd apply writes the key of the one side to the other, one tunnel at a time.",
		},
		{
			Code: ProposalMismatch, Title: "the two sides agree on no algorithm", Severity: Error, Connectivity: true, Visible: 3 * time.Minute,
			Causes:  compared,
			Means:   "What Azure proposes and what AWS accepts have nothing in common in one of the phases: the version of IKE, the encryption, the integrity, the group. A tunnel that is up goes down when that phase is renewed.",
			Azure:   "ipsecPolicies[] of the link connection; without any, the default set: AES, SHA1 or SHA256, group 2 in phase 1; no forward secrecy in phase 2",
			AWS:     "Phase1… and Phase2…, IkeVersions in TunnelOptions",
			Packets: "lost both ways, once the tunnel is down",
			Apart:   "The intersection is computed for each phase: it is proved without a packet. Lifetimes may differ.",
			Repair:  "linkd apply sets the file's policy on both sides. It interrupts the tunnels.",
		},
		{
			Code: NoInitiator, Title: "no side may start the tunnel again", Severity: Error, Connectivity: true, Visible: 3 * time.Minute,
			Causes:  compared,
			Means:   "Azure only answers, and AWS does not start: its startup action is add, or it clears a dead peer, or it speaks IKEv1 only, which it never starts. A tunnel that is up carries on until it goes down for the first time.",
			Azure:   "vpnLinkConnectionMode is ResponderOnly",
			AWS:     "StartupAction is add, DPDTimeoutAction is clear, or IkeVersions is ikev1 alone",
			Packets: "pass while the tunnel is still up",
			Apart:   "It follows from the settings: a warning while the tunnel is up, an error once it is down, and no other of the link carries.",
			Repair:  "linkd apply sets who starts as the file says (ike.initiator).",
		},
		{
			Code: TunnelMaintenance, Title: "AWS works on its end of a tunnel", Severity: Warning, Visible: 10 * time.Minute,
			Causes:  built,
			Means:   "AWS replaces its end of a tunnel now and then. The tunnel is down for some minutes, and its address stays. It is told from the day on which AWS announces it, as a warning: when the link has no other tunnel, nothing crosses it meanwhile, and that is an error once it is so.",
			Azure:   "none of its own",
			AWS:     "LastMaintenanceApplied is recent and the status changed with it; or PendingMaintenance, until AWS does it by itself after MaintenanceAutoAppliedAfter",
			Packets: "pass before it, and are lost during it when the link has no other tunnel",
			Apart:   "Not TUNNEL_DOWN: the time of the change is that of the maintenance. The other tunnel of the link is up.",
			Repair:  "Wait, and repair nothing. What is only announced can be had at an hour of your own choice, before AWS does it: by ReplaceVpnTunnel with ApplyPendingMaintenance. Two tunnels (redundancy: tunnels) make it unnoticed.",
		},
		{
			Code: BGPMismatch, Title: "the BGP addresses or numbers of the two sides do not fit", Severity: Error, Connectivity: true, Visible: 3 * time.Minute,
			Causes:  dead(),
			Means:   "BGP does not come up over a tunnel that is up: an autonomous system number is not the one that the other side expects, or the inside addresses are not those of one range.",
			Azure:   "bgpProperties of the site's link; the gateway's ASN and its custom BGP addresses for each instance",
			AWS:     "CustomerGateway.BgpAsn, AmazonSideAsn, TunnelInsideCidr",
			Packets: "lost both ways",
			Apart:   "The settings are compared, for links with routing: bgp alone.",
			Repair:  "linkd apply sets what can be set; a number of a gateway or a transit gateway cannot be changed while it stands.",
		},
		{
			Code: TunnelDown, Title: "a tunnel is down for no reason that the settings show", Severity: Error, Connectivity: true, Visible: 3 * time.Minute,
			Causes:  append(dead(), Cause{BGPMismatch, Tunnel}),
			Means:   "Both sides agree on addresses, keys and algorithms, and the link has no tunnel that is up.",
			Azure:   "connectionStatus is not Connected",
			AWS:     "VgwTelemetry.Status is DOWN; its message may say more",
			Packets: "lost both ways",
			Apart:   "Every other reason was looked for and not found.",
			Repair:  "Look at the diagnostic log of the gateway (IKEDiagnosticLog) and the tunnel's log in AWS. A reset of the connection starts IKE again.",
		},
		{
			Code: RedundancyLost, Title: "a link has fewer tunnels up than it should", Severity: Warning, Visible: 5 * time.Minute,
			Causes:  append(dead(), Cause{BGPMismatch, Tunnel}, Cause{TunnelDown, Tunnel}),
			Means:   "An expected pair is down and another one of the link carries the traffic. Only pairs that can come up are counted: an AWS tunnel answers one instance of the Azure gateway alone. Of a static link with two connections (redundancy: full) the one stands by, and a running linkd leads AWS to it while no tunnel of the other is up.",
			Azure:   "connectionStatus of its link connection; the IKE associations of each instance",
			AWS:     "VgwTelemetry.Status is DOWN on one tunnel of the link",
			Packets: "pass",
			Apart:   "Not TUNNEL_DOWN: another tunnel of the link is up.",
			Repair:  "Look at the diagnostic log of the gateway (IKEDiagnosticLog) and the tunnel's log in AWS. The other tunnel carries on meanwhile, and nothing carries on when that goes down, too.",
		},
		{
			Code: BGPRoutesZero, Title: "a BGP session is up and brings no routes", Severity: Error, Connectivity: true, Visible: 5 * time.Minute,
			Causes:  append(dead(), Cause{BGPMismatch, Tunnel}, Cause{TunnelDown, Tunnel}, Cause{RedundancyLost, Tunnel}, Cause{HubRouterNotReady, Link}, Cause{ResourceFailed, Link}),
			Means:   "AWS accepts no route over a tunnel of a BGP link, though the tunnel is up: the session was lost or its routes went over a limit. As a warning: the session carries nearly as many as AWS takes, 1,000 from Azure and 5,000 to it; over that it takes the session down.",
			Azure:   "routes advertised is 0",
			AWS:     "VgwTelemetry.AcceptedRouteCount is 0 while the status is UP",
			Packets: "lost from AWS to Azure",
			Apart:   "Not BGP_ADDRESS_OR_ASN_MISMATCH: the settings fit.",
			Repair:  "See what Azure advertises; AWS takes 1,000 routes for a connection. linkd cannot mend it.",
		},
	}
}
