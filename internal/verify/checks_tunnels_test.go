package verify

import (
	"fmt"
	"time"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

// tunnel is one end of a tunnel of the scene.
func tunnel(number int, end func(desired.Tunnel) resource.ID) resource.ID {
	return end(desired.Tunnel{Link: "tokyo", Number: number})
}

// down takes tunnels down as AWS sees them.
func down(numbers ...int) func(*scene) {
	return func(s *scene) {
		for _, number := range numbers {
			s.set(tunnel(number, desired.AWSTunnelID), "status", "down")
		}
	}
}

// speaksBGP has the link learn its routes.
func speaksBGP(s *scene) {
	s.File.Links[0].Routing = desired.BGP
	s.set(awsID, "routing", "bgp")
}

// tunnelRows are of the checks from the keys to BGP, and of redundancy.
var tunnelRows = []row{
	{
		check: "keys", looks: "2 tunnels",
		wrong: []wrong{{func(s *scene) {
			s.World[awsID].Secrets[desired.FactKey(2)] = resource.NewSecret("another key")
		}, failure.KeyMismatch, string(connectionID), Warned}},
		blind: func(s *scene) { s.secret(connectionID, nil) }, mark: Unknown,
	},
	{
		check: "proposals", looks: "2 tunnels",
		wrong: []wrong{
			{func(s *scene) { s.set(awsID, "tunnel_1_phase1", "aes256/sha256/group 2/8h0m0s") }, failure.ProposalMismatch, string(awsID), Warned},
			{func(s *scene) { s.set(awsID, "tunnel_2_phase2", "aes128-gcm/group 14/1h0m0s") }, failure.ProposalMismatch, string(awsID), Warned},
			{func(s *scene) { s.set(awsID, "tunnel_1_ike_version", "ikev1") }, failure.ProposalMismatch, string(awsID), Warned},
		},
		blind: func(s *scene) { s.set(awsID, "tunnel_1_phase1") }, mark: Unknown,
	},
	{
		check: "initiator", looks: "2 tunnels",
		wrong: []wrong{
			{func(s *scene) {
				s.set(connectionID, "mode", string(desired.InitiateAWS))
				s.set(awsID, "tunnel_1_startup", "add")
			}, failure.NoInitiator, string(awsID), Warned},
			{func(s *scene) {
				s.set(connectionID, "mode", string(desired.InitiateAWS))
				s.set(awsID, "tunnel_2_dpd", "clear 45s")
				down(2)(s)
			}, failure.NoInitiator, string(awsID), Warned},
		},
		blind: func(s *scene) { s.set(connectionID, "mode") }, mark: Unknown,
	},
	{
		check: "tunnels", looks: "1 link",
		wrong: []wrong{
			{down(1, 2), failure.TunnelDown, string(tunnel(1, desired.AWSTunnelID)), Failed},
			{func(s *scene) {
				down(2)(s)
				s.Survey.Tunnels["tokyo-0-2"] = survey.Tunnel{Changed: noon, LastMaintenance: noon.Add(-time.Minute)}
			}, failure.TunnelMaintenance, string(tunnel(2, desired.AWSTunnelID)), Warned},
			{func(s *scene) {
				s.Survey.Tunnels["tokyo-0-1"] = survey.Tunnel{Pending: "it is pending"}
			}, failure.TunnelMaintenance, string(tunnel(1, desired.AWSTunnelID)), Warned},
		},
		blind: func(s *scene) {
			for number := 1; number <= 2; number++ {
				s.set(tunnel(number, desired.AWSTunnelID), "status")
			}
		}, mark: Unknown,
	},
	{
		check: "bgp-settings", given: speaksBGP, looks: "2 tunnels",
		wrong: []wrong{
			{func(s *scene) { s.set(customerID, "asn", "65000") }, failure.BGPMismatch, string(customerID), Failed},
			{func(s *scene) { s.set(tgwID, "asn", "65515") }, failure.BGPMismatch, string(tgwID), Failed},
			{func(s *scene) { s.set(awsID, "routing", "static") }, failure.BGPMismatch, string(awsID), Failed},
			{func(s *scene) {
				id := tunnel(1, desired.AWSTunnelID)
				live := s.World[id]
				live.Why, live.Attrs = "IPSEC IS UP", resource.Attrs{"status": resource.Of("down")}
				s.World[id] = live
			}, failure.BGPMismatch, string(tunnel(1, desired.AWSTunnelID)), Warned},
			{func(s *scene) {
				s.drift(resource.Drift{ID: awsID, Kind: "aws/vpn-connection", Attr: "tunnel_1_inside", Class: resource.Differs, Have: resource.Of("169.254.9.0/30"), Want: resource.Of("169.254.21.0/30")})
			}, failure.BGPMismatch, string(awsID), Warned},
		},
		blind: func(s *scene) { s.phase(awsID, resource.Unknown) }, mark: OK,
	},
	{
		check: "bgp-routes", given: speaksBGP, looks: "2 sessions",
		wrong: []wrong{
			{func(s *scene) { s.set(tunnel(1, desired.AWSTunnelID), "accepted_routes", "0") }, failure.BGPRoutesZero, string(tunnel(1, desired.AWSTunnelID)), Failed},
			{func(s *scene) { s.set(hubRoutesID, "routes", "10.1.0.0/16 vnet") }, failure.BGPRoutesZero, string(connectionID), Failed},
			{func(s *scene) { s.set(tunnel(1, desired.AWSTunnelID), "accepted_routes", "901") }, failure.BGPRoutesZero, string(tunnel(1, desired.AWSTunnelID)), Warned},
			{func(s *scene) {
				var many []string
				for i := range 4600 {
					many = append(many, fmt.Sprintf("172.%d.%d.0/24 tgw-attach-a", 32+i/256, i%256))
				}
				s.set(tgwRoutesID, "propagated", many...)
			}, failure.BGPRoutesZero, string(connectionID), Warned},
		},
		blind: func(s *scene) { s.set(tunnel(2, desired.AWSTunnelID), "accepted_routes") }, mark: Unknown,
	},
	{
		check: "redundancy", looks: "2 pairs",
		wrong: []wrong{{down(2), failure.RedundancyLost, string(tunnel(2, desired.AWSTunnelID)), Warned}},
		blind: func(s *scene) { s.set(tunnel(2, desired.AWSTunnelID), "status") }, mark: Unknown,
	},
	{
		check: "one-way", looks: "1 link",
		wrong: []wrong{{func(s *scene) {
			s.counts(1, "0", "9000")
			s.counts(2, "9000", "0")
		}, failure.AsymmetricPath, string(awsID), OK}},
		blind: func(s *scene) { s.Earlier = nil }, mark: OK,
	},
}
