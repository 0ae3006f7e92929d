package verify

import (
	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// nothing takes away all that an audit has seen.
func nothing(s *scene) { s.World = resource.World{} }

// toBuild takes away the AWS connection, for which there is room.
func toBuild(s *scene) {
	s.phase(awsID, resource.Absent)
	s.Usage = []survey.Usage{{Seen: survey.Seen{At: noon}, Kind: "aws/vpn-connection", Place: "ap-northeast-1", Count: 49}}
}

// settingsRows are of the checks from the credentials to the addresses.
var settingsRows = []row{
	{
		check: "sign-in", looks: "2 clouds",
		wrong: []wrong{{func(s *scene) { s.Access[1].Problem = "there are no credentials" }, failure.ObservationGap, "aws", Unknown}},
		blind: func(s *scene) { s.Access = nil }, mark: OK,
	},
	{
		check: "seen", looks: "26 resources",
		wrong: []wrong{{func(s *scene) { s.drift(resource.Drift{ID: awsID, Class: resource.Unseen, Why: "it was refused"}) }, failure.ObservationGap, string(awsID), Unknown}},
		blind: nothing, mark: OK,
	},
	{
		check: "surveyed", looks: "24 parts",
		wrong: []wrong{{func(s *scene) { s.Survey.Hubs["hub-jpe"] = survey.Hub{Seen: survey.Seen{Why: "it was refused"}} }, failure.ObservationGap, "azure/virtual-hub/hub-jpe", Unknown}},
		blind: func(s *scene) { s.Survey = nil }, mark: Unknown,
	},
	{
		check: "key-sources", given: func(s *scene) {
			s.File.Links[0].Keys.From = "env:TOKYO_KEY"
			s.Sources = []survey.KeySource{{Link: "tokyo", Source: "env:TOKYO_KEY"}}
		}, looks: "1 source",
		wrong: []wrong{{func(s *scene) {
			s.Sources[0].Why = "cannot read env:TOKYO_KEY: the environment variable TOKYO_KEY is not set"
		}, failure.ObservationGap, "tokyo", Unknown}},
		blind: func(s *scene) { s.Sources = nil }, mark: Unknown,
	},
	{
		check: "owned", looks: "26 resources",
		wrong: []wrong{{func(s *scene) {
			s.drift(resource.Drift{ID: tgwID, Class: resource.Unowned, Why: "it has no owner tag of ours"})
		}, failure.NotOwned, string(tgwID), Warned}},
		blind: nothing, mark: OK,
	},
	{
		check: "limits", given: toBuild, looks: "1 limit",
		wrong: []wrong{{func(s *scene) { s.Usage[0].Count = 50 }, failure.LimitReached, "ap-northeast-1", Warned}},
		blind: func(s *scene) { s.Usage[0].Seen = survey.Seen{Why: "it was refused"} }, mark: Unknown,
	},
	{
		check: "built", looks: "26 resources",
		wrong: []wrong{
			{func(s *scene) { s.drift(resource.Drift{ID: awsID, Class: resource.Missing}) }, failure.NotBuilt, string(awsID), Failed},
			{func(s *scene) { s.phase(tgwID, resource.Deleting) }, failure.NotBuilt, string(tgwID), Failed},
			{func(s *scene) {
				s.drift(resource.Drift{ID: attachmentID, Kind: "aws/vpc-attachment", Attr: "transit_gateway", Class: resource.Differs, Have: resource.Of("tgw-2"), Want: resource.Of("tgw-1")})
			}, failure.NotBuilt, string(attachmentID), Failed},
			{func(s *scene) {
				s.drift(resource.Drift{ID: connectionID, Kind: "azure/vpn-connection", Attr: "links", Class: resource.Differs, Want: resource.Of("tokyo-0-2")})
			}, failure.NotBuilt, string(connectionID), Failed},
		},
		blind: func(s *scene) {
			s.drift(resource.Drift{ID: awsID, Class: resource.BusyNow, Why: "it is being changed"})
		}, mark: Unknown,
	},
	{
		check: "whole", looks: "26 resources",
		wrong: []wrong{
			{func(s *scene) { s.phase(gatewayID, resource.Failed) }, failure.ResourceFailed, string(gatewayID), Failed},
			{func(s *scene) { s.phase(desired.HubID("hub-use"), resource.Failed) }, failure.ResourceFailed, "azure/virtual-hub/hub-use", Failed},
		},
		blind: nothing, mark: OK,
	},
	{
		check: "hubs-route", looks: "2 hubs",
		wrong: []wrong{{func(s *scene) { s.set(desired.HubID("hub-jpe"), "routing_state", "provisioning") }, failure.HubRouterNotReady, "azure/virtual-hub/hub-jpe", Failed}},
		blind: func(s *scene) { s.set(desired.HubID("hub-jpe"), "routing_state") }, mark: Unknown,
	},
	{
		check: "apart", looks: "8 ranges",
		wrong: []wrong{{func(s *scene) { s.set(desired.VPCID("vpc-b"), "prefixes", "172.21.0.0/16", "10.2.64.0/20") }, failure.PrefixOverlap, "aws/vpc/vpc-b", Failed}},
		never: "the file has ranges of every network, whatever the clouds tell",
	},
	{
		check: "endpoints", looks: "3 addresses",
		wrong: []wrong{
			{func(s *scene) { s.set(customerID, "address", "20.0.0.9") }, failure.EndpointStale, string(customerID), Failed},
			{func(s *scene) { s.set(awsID, "customer_gateway", "cgw-2") }, failure.EndpointStale, string(awsID), Failed},
			{func(s *scene) { s.set(siteID, "link_addresses", "tokyo-0-1=13.112.0.1", "tokyo-0-2=13.112.0.9") }, failure.EndpointStale, string(siteID), Warned},
			{func(s *scene) { s.set(siteID, "link_addresses", "tokyo-0-1=13.112.0.1") }, failure.EndpointStale, string(siteID), Warned},
			{func(s *scene) { s.set(connectionID, "site_links", "tokyo-0-1=tokyo-0-2") }, failure.EndpointStale, string(connectionID), Warned},
		},
		blind: func(s *scene) { s.set(gatewayID, desired.FactInstanceAddress(0)) }, mark: Unknown,
	},
}
