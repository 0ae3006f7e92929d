package verify

import (
	"linkd/internal/failure"
	"linkd/internal/resource"
)

// Group is a heading of the report. Groups come in the order of causes.
type Group string

// The groups.
const (
	Credentials Group = "credentials and permissions"
	Owned       Group = "owned"
	Built       Group = "built"
	Addresses   Group = "addresses agree"
	Keys        Group = "keys agree"
	Proposals   Group = "proposals agree"
	Tunnels     Group = "tunnels"
	BGP         Group = "BGP"
	AzureRoutes Group = "routes of Azure"
	AWSRoutes   Group = "routes of AWS"
	Filters     Group = "filters"
	Paths       Group = "path model each way"
	Pings       Group = "ping each way"
	MTU         Group = "MTU each way"
	Redundancy  Group = "redundancy"
)

// Check is a row of the table of checks: one line of the report.
type Check struct {
	Name  string // unique, in small letters: "hubs-route"
	Group Group
	Says  string // what holds when it is well: "every hub's router works"
	// Codes are the failures that it may find.
	Codes []failure.Code
	// Before tells that it can be asked before anything is built.
	Before bool
	// Packets tells that it rests on packets, Surveys on a survey.
	Packets, Surveys bool
	// Counts tells that it rests on counts of what an account has.
	Counts bool
	// Peered tells that it is made only of files that join transit gateways.
	Peered bool
	// Sourced tells that it is made only of files whose keys stand elsewhere.
	Sourced bool
	// Outside tells that it is made only when echoes were sent from where linkd
	// runs, which is none of the machines.
	Outside bool

	run func(*Evidence) answer
}

// answer is what a check has seen.
type answer struct {
	subjects int    // how many things were looked at; 0: the check has no subject here
	of       string // what they are, "tunnels"
	findings []Finding
	gaps     []Gap
	told     string // what is broken here by what was told above, or ""
	by       string // the vantages by which it was looked at, or ""
}

// Gap is something that could not be seen, and why.
type Gap struct {
	About string `json:"about"`
	Why   string `json:"why"`
	// Unasked says that nobody could ask: there is no vantage for it. Only a
	// strict run minds.
	Unasked bool `json:"unasked,omitempty"`

	about tokens
}

// gap notes that what a resource tells is not known.
func (e *Evidence) gap(id resource.ID, why string) Gap {
	return Gap{About: string(id), Why: why, about: e.about(id)}
}

// Checks lists the table, in the order of causes.
func Checks() []Check {
	return []Check{
		{Name: "sign-in", Group: Credentials, Says: "both clouds let linkd in, and are those of the file", Codes: []failure.Code{failure.ObservationGap}, Before: true, run: signIn},
		{Name: "seen", Group: Credentials, Says: "everything could be read", Codes: []failure.Code{failure.ObservationGap}, run: seenAll},
		{Name: "surveyed", Group: Credentials, Says: "what lies along the paths could be read", Codes: []failure.Code{failure.ObservationGap}, Surveys: true, run: surveyedAll},
		{Name: "key-sources", Group: Credentials, Says: "the keys that the file names can be read", Codes: []failure.Code{failure.ObservationGap}, Before: true, Sourced: true, run: keySources},
		{Name: "owned", Group: Owned, Says: "what stands under our names is ours", Codes: []failure.Code{failure.NotOwned}, Before: true, run: owned},
		{Name: "limits", Group: Built, Says: "the limits of AWS have room for what is to be built", Codes: []failure.Code{failure.LimitReached}, Before: true, Counts: true, run: room},
		{Name: "built", Group: Built, Says: "every resource of the file is there", Codes: []failure.Code{failure.NotBuilt}, run: built},
		{Name: "whole", Group: Built, Says: "no operation has failed", Codes: []failure.Code{failure.ResourceFailed}, run: whole},
		{Name: "hubs-route", Group: Built, Says: "the router of every hub works", Codes: []failure.Code{failure.HubRouterNotReady}, run: hubsRoute},
		{Name: "apart", Group: Addresses, Says: "no two networks overlap", Codes: []failure.Code{failure.PrefixOverlap}, Before: true, run: apart},
		{Name: "endpoints", Group: Addresses, Says: "each side dials the address that the other has", Codes: []failure.Code{failure.EndpointStale}, run: endpoints},
		{Name: "keys", Group: Keys, Says: "both sides have the same key", Codes: []failure.Code{failure.KeyMismatch}, run: keys},
		{Name: "proposals", Group: Proposals, Says: "both sides have a proposal in common in each phase", Codes: []failure.Code{failure.ProposalMismatch}, run: proposals},
		{Name: "initiator", Group: Proposals, Says: "one side at least may start each tunnel", Codes: []failure.Code{failure.NoInitiator}, run: initiator},
		{Name: "tunnels", Group: Tunnels, Says: "every link has a tunnel that is up", Codes: []failure.Code{failure.TunnelDown, failure.TunnelMaintenance}, run: tunnelsUp},
		{Name: "bgp-settings", Group: BGP, Says: "addresses and numbers fit", Codes: []failure.Code{failure.BGPMismatch}, run: bgpSettings},
		{Name: "bgp-routes", Group: BGP, Says: "every session brings routes", Codes: []failure.Code{failure.BGPRoutesZero}, run: bgpRoutes},
		{Name: "site", Group: AzureRoutes, Says: "the sites have the prefixes of the VPCs", Codes: []failure.Code{failure.SitePrefixDrift}, run: sites},
		{Name: "vnet-connections", Group: AzureRoutes, Says: "every VNet is joined to its hub's routing", Codes: []failure.Code{failure.VNetConnectionRouting}, run: vnetConnections},
		{Name: "hub-routes", Group: AzureRoutes, Says: "every hub has every route", Codes: []failure.Code{failure.HubRouteMissing}, run: hubRoutes},
		{Name: "associations", Group: AWSRoutes, Says: "every attachment is associated with the transit gateway's table", Codes: []failure.Code{failure.TGWAssociationMissing}, run: associations},
		{Name: "propagations", Group: AWSRoutes, Says: "every VPC propagates to it, and every connection with BGP", Codes: []failure.Code{failure.TGWPropagationOff}, run: propagations},
		{Name: "blackholes", Group: AWSRoutes, Says: "no route of a transit gateway leads into a hole", Codes: []failure.Code{failure.TGWRouteBlackhole}, run: blackholes},
		{Name: "tgw-routes", Group: AWSRoutes, Says: "every transit gateway has a route to every VNet, and over its peerings", Codes: []failure.Code{failure.TGWRouteMissing, failure.TGWPeeringRouteMissing}, run: gatewayRoutes},
		{Name: "vpc-routes", Group: AWSRoutes, Says: "every route table leads to the transit gateway", Codes: []failure.Code{failure.VPCRouteMissing}, run: vpcRoutes},
		{Name: "zones", Group: AWSRoutes, Says: "every machine's zone is attached", Codes: []failure.Code{failure.TGWZoneUnattached}, run: zones},
		{Name: "nic-routes", Group: Filters, Says: "no machine's own routes lead away", Codes: []failure.Code{failure.NICRouteOverridden}, Surveys: true, run: nicRoutes},
		{Name: "filters", Group: Filters, Says: "every filter lets echoes through", Codes: []failure.Code{failure.ICMPBlocked}, Surveys: true, run: filters},
		{Name: "machines", Group: Filters, Says: "every machine runs", Codes: []failure.Code{failure.TargetDown}, Surveys: true, run: machines},
		{Name: "model-azure-aws", Group: Paths, Says: "every way from Azure to AWS passes, and its answers", Surveys: true, run: modelFromAzure},
		{Name: "model-aws-azure", Group: Paths, Says: "every way from AWS to Azure passes, and its answers", Surveys: true, run: modelFromAWS},
		{Name: "model-aws-aws", Group: Paths, Says: "every way over a peering passes, and its answers", Surveys: true, Peered: true, run: modelOver},
		{Name: "ping-azure-aws", Group: Pings, Says: "machines in AWS answer Azure", Codes: []failure.Code{failure.TargetDown, failure.PathLost}, Packets: true, run: pingFromAzure},
		{Name: "ping-aws-azure", Group: Pings, Says: "machines in Azure answer AWS", Codes: []failure.Code{failure.TargetDown, failure.PathLost}, Packets: true, run: pingFromAWS},
		{Name: "ping-aws-aws", Group: Pings, Says: "machines in AWS answer those of a peer", Codes: []failure.Code{failure.TargetDown, failure.PathLost}, Packets: true, Peered: true, run: pingOver},
		{Name: "one-way", Group: Pings, Says: "no tunnel carries one direction only", Codes: []failure.Code{failure.AsymmetricPath}, run: oneWay},
		{Name: "ping-outside", Group: Pings, Says: "machines answer the host that linkd runs on", Codes: []failure.Code{failure.PathLost}, Packets: true, Outside: true, run: pingFromOutside},
		{Name: "mtu-azure-aws", Group: MTU, Says: "large packets pass from Azure to AWS", Codes: []failure.Code{failure.MTUBlackhole}, Packets: true, run: mtuFromAzure},
		{Name: "mtu-aws-azure", Group: MTU, Says: "large packets pass from AWS to Azure", Codes: []failure.Code{failure.MTUBlackhole}, Packets: true, run: mtuFromAWS},
		{Name: "redundancy", Group: Redundancy, Says: "every expected pair is up", Codes: []failure.Code{failure.RedundancyLost}, run: redundancy},
	}
}
