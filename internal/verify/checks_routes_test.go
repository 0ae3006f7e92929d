package verify

import (
	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// differs is an attribute that is not what the file wants.
func differs(id resource.ID, kind, attr string, have, want resource.Value) func(*scene) {
	return func(s *scene) {
		s.drift(resource.Drift{ID: id, Kind: kind, Attr: attr, Class: resource.Differs, Have: have, Want: want})
	}
}

// routeRows are of the checks of the routes of both clouds, of filters and of
// machines.
var routeRows = []row{
	{
		check: "site", looks: "2 prefixes",
		wrong: []wrong{
			{func(s *scene) { s.set(siteID, "address_space", "172.20.0.0/16") }, failure.SitePrefixDrift, string(siteID), Failed},
			{func(s *scene) { s.set(siteID, "address_space", "172.20.0.0/16", "172.21.0.0/16", "172.31.0.0/16") }, failure.SitePrefixDrift, string(siteID), Warned},
			{func(s *scene) { s.set(desired.VPCID("vpc-a"), "prefixes", "172.20.0.0/16", "172.30.0.0/16") }, failure.SitePrefixDrift, string(siteID), Warned},
		},
		blind: func(s *scene) { s.set(siteID, "address_space") }, mark: OK,
	},
	{
		check: "vnet-connections", looks: "2 connections",
		wrong: []wrong{
			{func(s *scene) {
				s.drift(resource.Drift{ID: desired.VNetConnectionID("vnet-use"), Kind: "azure/vnet-connection", Class: resource.Missing})
			}, failure.VNetConnectionRouting, "azure/vnet-connection/vnet-use", Failed},
			{differs(desired.VNetConnectionID("vnet-jpe"), "azure/vnet-connection", "propagated_labels", resource.Of("none"), resource.Of("default")), failure.VNetConnectionRouting, "azure/vnet-connection/vnet-jpe", Failed},
		},
		blind: nothing, mark: OK,
	},
	{
		check: "hub-routes", looks: "8 routes",
		wrong: []wrong{
			{differs(hubRoutesID, "azure/hub-routes", "routes", nil, resource.Of("172.20.0.0/16 vpn")), failure.HubRouteMissing, string(hubRoutesID), Failed},
			{differs(connectionID, "azure/vpn-connection", "associated_table", nil, resource.Of(defaultTable)), failure.HubRouteMissing, string(connectionID), Failed},
		},
		blind: nothing, mark: OK,
	},
	{
		check: "associations", looks: "3 attachments",
		wrong: []wrong{
			{differs(attachmentID, "aws/vpc-attachment", "association", nil, resource.Of("tgw-rtb-1")), failure.TGWAssociationMissing, string(attachmentID), Failed},
			{differs(awsID, "aws/vpn-connection", "association", resource.Of("tgw-rtb-2"), resource.Of("tgw-rtb-1")), failure.TGWAssociationMissing, string(awsID), Failed},
		},
		blind: nothing, mark: OK,
	},
	{
		check: "propagations", looks: "2 attachments",
		wrong: []wrong{
			{differs(attachmentID, "aws/vpc-attachment", "propagation", nil, resource.Of("tgw-rtb-1")), failure.TGWPropagationOff, string(attachmentID), Failed},
			{func(s *scene) {
				speaksBGP(s)
				propagatesNot(awsID)(s)
			}, failure.TGWPropagationOff, string(awsID), Failed},
			{func(s *scene) {
				s.both()
				propagatesNot(awsID)(s)
			}, failure.TGWPropagationOff, string(awsID), Warned},
		},
		blind: nothing, mark: OK,
	},
	{
		check: "blackholes", looks: "4 routes",
		wrong: []wrong{
			{func(s *scene) { s.set(tgwRoutesID, "routes", "10.1.0.0/16 blackhole att-gone", "10.2.0.0/16 att-vpn") }, failure.TGWRouteBlackhole, string(tgwRoutesID), Failed},
			{func(s *scene) {
				s.set(tgwRoutesID, "routes", "10.1.0.0/16 att-vpn", "10.2.0.0/16 att-vpn", "172.20.4.0/24 blackhole")
			}, failure.TGWRouteBlackhole, string(tgwRoutesID), Failed},
		},
		blind: nothing, mark: OK,
	},
	{
		check: "tgw-routes", looks: "2 routes",
		wrong: []wrong{
			{func(s *scene) {
				s.set(tgwRoutesID, "routes", "10.1.0.0/16 att-vpn")
				differs(tgwRoutesID, "aws/tgw-routes", "routes", nil, resource.Of("10.2.0.0/16 att-vpn"))(s)
			}, failure.TGWRouteMissing, string(tgwRoutesID), Failed},
			{func(s *scene) {
				s.set(tgwRoutesID, "routes", "10.1.0.0/16 att-vpn", "10.2.0.0/16 att-peer")
				differs(tgwRoutesID, "aws/tgw-routes", "routes", nil, resource.Of("10.2.0.0/16 att-vpn"))(s)
			}, failure.TGWRouteMissing, string(tgwRoutesID), Failed},
			{func(s *scene) {
				s.peer()
				differs(tgwRoutesID, "aws/tgw-routes", "routes", nil, resource.Of("172.22.0.0/16 att-pacific"))(s)
			}, failure.TGWPeeringRouteMissing, string(tgwRoutesID), Failed},
		},
		blind: nothing, mark: OK,
	},
	{
		check: "vpc-routes", looks: "2 route tables",
		wrong: []wrong{
			{func(s *scene) {
				s.set(vpcRoutesID, "routes", "10.1.0.0/16 tgw-1")
				differs(vpcRoutesID, "aws/vpc-routes", "routes", nil, resource.Of("10.2.0.0/16 tgw-1"))(s)
			}, failure.VPCRouteMissing, string(vpcRoutesID), Failed},
			{func(s *scene) { s.set(vpcRoutesID, "routes", "10.1.0.0/16 tgw-1", "10.2.0.0/16 blackhole tgw-0") }, failure.VPCRouteMissing, string(vpcRoutesID), Failed},
			{func(s *scene) {
				s.set(vpcRoutesID, "routes", "10.1.0.0/16 tgw-1", "10.2.0.0/16 tgw-1", "10.2.0.0/24 pcx-1")
			}, failure.VPCRouteMissing, string(vpcRoutesID), Failed},
			{func(s *scene) {
				s.peer()
				differs(vpcRoutesID, "aws/vpc-routes", "routes", nil, resource.Of("172.22.0.0/16 tgw-1"))(s)
			}, failure.VPCRouteMissing, string(vpcRoutesID), Failed},
		},
		blind: nothing, mark: OK,
	},
	{
		check: "zones", looks: "2 machines",
		wrong: []wrong{{func(s *scene) {
			s.machine("ec2-a", func(m *survey.Machine) { m.Zone = "ap-northeast-1d" })
		}, failure.TGWZoneUnattached, string(attachmentID), Failed}},
		blind: func(s *scene) { s.set(attachmentID, "subnets", "subnet-of-somebody") }, mark: Unknown,
	},
	{
		check: "nic-routes", looks: "2 machines",
		wrong: []wrong{{func(s *scene) {
			s.machine("vm-jpe", func(m *survey.Machine) {
				m.Routes.Routes = append(m.Routes.Routes, follow("172.20.0.0/16", survey.NextNowhere, survey.User))
			})
		}, failure.NICRouteOverridden, "nic-vm-jpe", Failed}},
		blind: func(s *scene) { s.Survey = nil }, mark: Unknown,
	},
	{
		check: "filters", looks: "6 filters",
		wrong: []wrong{
			{func(s *scene) {
				s.machine("ec2-b", func(m *survey.Machine) { m.Filters[0].Rules = m.Filters[0].Rules[1:] })
			}, failure.ICMPBlocked, "sg-ec2-b", Failed},
			{func(s *scene) {
				s.machine("vm-use", func(m *survey.Machine) {
					m.Filters[0].Rules = append(m.Filters[0].Rules, survey.Rule{Name: "no", Number: 90, In: true, Protocol: "*", Sources: []string{"*"}, Destinations: []string{"*"}})
				})
			}, failure.ICMPBlocked, "nsg-vm-use", Failed},
		},
		blind: func(s *scene) { s.Survey = nil }, mark: Unknown,
	},
	{
		check: "machines", looks: "4 machines",
		wrong: []wrong{
			{func(s *scene) { s.machine("ec2-a", func(m *survey.Machine) { m.Power = survey.Stopped }) }, failure.TargetDown, "i-0a1000000000000aa", Failed},
			{func(s *scene) { s.machine("ec2-b", func(m *survey.Machine) { m.Health = survey.Impaired }) }, failure.TargetDown, "i-0b2000000000000bb", Failed},
		},
		blind: func(s *scene) { s.Survey = nil }, mark: Unknown,
	},
}
