package verify

import (
	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/probe"
	"linkd/internal/survey"
)

// lost loses the echoes from some machines to others: "vm-jpe ec2-a".
func lost(ways ...[2]string) func(*scene) {
	return func(s *scene) {
		for _, way := range ways {
			s.ping(way[0], way[1], func(p *Ping) { p.Received, p.MTU = 0, nil })
		}
	}
}

// unsentFrom has a vantage fail on a way.
func unsentFrom(from, to string) func(*scene) {
	return func(s *scene) {
		s.ping(from, to, func(p *Ping) { p.Result = probe.Result{From: from, To: to, Err: "no socket may be opened"} })
	}
}

// narrow loses large packets on a way without a word.
func narrow(from, to string) func(*scene) {
	return func(s *scene) {
		s.ping(from, to, func(p *Ping) { p.MTU = &probe.MTU{Passes: 1300, SilentFrom: 1301, SilentTo: 1500} })
	}
}

// unread has nobody have read a machine.
func unread(name string) func(*scene) {
	return func(s *scene) {
		s.machine(name, func(m *survey.Machine) { *m = survey.Machine{Seen: survey.Seen{Why: "it was refused"}} })
	}
}

// narrowSite takes a prefix from the site.
func narrowSite(s *scene) { s.set(siteID, "address_space", "172.20.0.0/16") }

var (
	everyWayToAWS   = [][2]string{{"vm-jpe", "ec2-a"}, {"vm-jpe", "ec2-b"}, {"vm-use", "ec2-a"}, {"vm-use", "ec2-b"}, {"ec2-a", "vm-jpe"}, {"ec2-b", "vm-jpe"}, {"ec2-a", "vm-use"}, {"ec2-b", "vm-use"}}
	everyWayOver    = [][2]string{{"ec2-a", "ec2-c"}, {"ec2-a", "ec2-d"}, {"ec2-b", "ec2-c"}, {"ec2-b", "ec2-d"}, {"ec2-c", "ec2-a"}, {"ec2-c", "ec2-b"}, {"ec2-d", "ec2-a"}, {"ec2-d", "ec2-b"}}
	machineA        = "i-0a1000000000000aa"
	machineJapan    = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-network/providers/Microsoft.Compute/virtualMachines/vm-jpe"
	everyOfTheModel = "4 ways"
)

// packetRows are of the checks of the model of the paths, and of packets.
var packetRows = []row{
	{
		check: "model-azure-aws", looks: everyOfTheModel,
		wrong: []wrong{{narrowSite, failure.SitePrefixDrift, string(siteID), Failed}},
		blind: unread("vm-jpe"), mark: Unknown,
	},
	{
		check: "model-aws-azure", looks: everyOfTheModel,
		wrong: []wrong{{narrowSite, failure.SitePrefixDrift, string(siteID), Failed}},
		blind: unread("ec2-a"), mark: Unknown,
	},
	{
		check: "model-aws-aws", given: (*scene).joined, looks: "8 ways",
		wrong: []wrong{{func(s *scene) {
			s.set(tgwRoutesID, "routes", "10.1.0.0/16 att-vpn", "10.2.0.0/16 att-vpn")
		}, failure.TGWPeeringRouteMissing, string(tgwRoutesID), Failed}},
		blind: unread("ec2-a"), mark: Unknown,
	},
	{
		check: "ping-aws-aws", given: (*scene).joined, looks: "8 pairs, by agent",
		wrong: []wrong{
			{lost(everyWayOver...), failure.PathLost, string(desired.PeeringID("pacific")), Failed},
			{lost([2]string{"ec2-a", "ec2-c"}), failure.TargetDown, "i-ec2-c", Failed},
		},
		blind: unsentFrom("ec2-a", "ec2-c"), mark: Unknown,
	},
	{
		check: "ping-azure-aws", looks: "4 pairs, by agent",
		wrong: []wrong{
			{lost([2]string{"vm-jpe", "ec2-a"}), failure.TargetDown, machineA, Failed},
			{lost(everyWayToAWS...), failure.PathLost, string(connectionID), Failed},
			{func(s *scene) { s.ping("vm-jpe", "ec2-a", func(p *Ping) { p.Received = 3 }) }, failure.PathLost, string(connectionID), Warned},
		},
		blind: unsentFrom("vm-jpe", "ec2-a"), mark: Unknown,
	},
	{
		check: "ping-aws-azure", looks: "4 pairs, by agent",
		wrong: []wrong{
			{lost([2]string{"ec2-a", "vm-jpe"}), failure.TargetDown, machineJapan, Failed},
			{lost(everyWayToAWS...), failure.PathLost, string(connectionID), Failed},
		},
		blind: unsentFrom("ec2-a", "vm-jpe"), mark: Unknown,
	},
	{
		check: "ping-outside", looks: "4 machines, by agent",
		wrong: []wrong{{lost([2]string{desired.LocalName, "ec2-a"}), failure.PathLost, machineA, Warned}},
		blind: unsentFrom(desired.LocalName, "ec2-a"), mark: Unknown,
	},
	{
		check: "mtu-azure-aws", looks: "4 pairs, by agent",
		wrong: []wrong{{narrow("vm-jpe", "ec2-a"), failure.MTUBlackhole, string(connectionID), Failed}},
		blind: func(s *scene) { s.ping("vm-jpe", "ec2-a", func(p *Ping) { p.MTU = nil }) }, mark: Unknown,
	},
	{
		check: "mtu-aws-azure", looks: "4 pairs, by agent",
		wrong: []wrong{{narrow("ec2-b", "vm-use"), failure.MTUBlackhole, string(connectionID), Failed}},
		blind: unsentFrom("ec2-b", "vm-use"), mark: Unknown,
	},
}
