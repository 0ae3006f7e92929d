// Package failure is the table of the failures that linkd names: their codes,
// which never change, what each means, how bad it is, and which of them is only
// the effect of another.
package failure

// Code names a failure. Codes are part of the interface: scripts, alerts and
// pages of the manual refer to them.
type Code string

// The codes, in the order of the table.
const (
	HubRouterNotReady      Code = "AZ_HUB_ROUTER_NOT_READY"
	ResourceFailed         Code = "AZ_RESOURCE_FAILED"
	KeyMismatch            Code = "TUNNEL_DOWN_PSK_MISMATCH"
	ProposalMismatch       Code = "TUNNEL_DOWN_PROPOSAL_MISMATCH"
	VPCRouteMissing        Code = "AWS_VPC_ROUTE_MISSING"
	TGWRouteMissing        Code = "AWS_TGW_ROUTE_MISSING"
	TGWPropagationOff      Code = "AWS_TGW_PROPAGATION_OFF"
	TGWAssociationMissing  Code = "AWS_TGW_ASSOCIATION_MISSING"
	TGWRouteBlackhole      Code = "AWS_TGW_ROUTE_BLACKHOLE"
	SitePrefixDrift        Code = "SITE_PREFIX_DRIFT"
	VNetConnectionRouting  Code = "AZ_VNET_CONNECTION_ROUTING"
	HubRouteMissing        Code = "AZ_HUB_ROUTE_MISSING_OR_SHADOWED"
	NICRouteOverridden     Code = "AZ_NIC_ROUTE_OVERRIDDEN"
	ICMPBlocked            Code = "ICMP_BLOCKED"
	TargetDown             Code = "TARGET_DOWN_OR_HOST_FIREWALL"
	RedundancyLost         Code = "REDUNDANCY_LOST"
	PrefixOverlap          Code = "PREFIX_OVERLAP"
	MTUBlackhole           Code = "MTU_BLACKHOLE"
	BGPMismatch            Code = "BGP_ADDRESS_OR_ASN_MISMATCH"
	BGPRoutesZero          Code = "BGP_ROUTES_ZERO_OR_LIMIT"
	AsymmetricPath         Code = "ASYMMETRIC_PATH"
	EndpointStale          Code = "ENDPOINT_STALE"
	TunnelMaintenance      Code = "TUNNEL_MAINTENANCE"
	NoInitiator            Code = "NO_INITIATOR"
	TGWPeeringRouteMissing Code = "TGW_PEERING_ROUTE_MISSING"
	TGWZoneUnattached      Code = "AWS_TGW_AZ_UNATTACHED"
	TunnelDown             Code = "TUNNEL_DOWN"     // for no reason that the clouds' settings show
	ObservationGap         Code = "OBSERVATION_GAP" // could not be seen; never well
	NotBuilt               Code = "NOT_BUILT"       // a resource of the file is not there
	NotOwned               Code = "NOT_OWNED"       // what stands there is not linkd's
	LimitReached           Code = "LIMIT_REACHED"   // a limit of a cloud leaves no room for what the file wants
	PathLost               Code = "PATH_LOST"       // the model passes, packets do not, and nothing says why
)
