package path

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// scene is a healthy link as an audit and a survey see it: one hub with a VNet
// and another hub with one, and two VPCs on a transit gateway.
type scene struct {
	file   *desired.File
	world  resource.World
	survey survey.Survey
}

func newScene(t testing.TB) *scene {
	t.Helper()
	file, err := desired.Load("../../deploy/examples/redundant-tunnels.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{file: file, world: resource.World{}}
	ready := func(id resource.ID, ref string, attrs resource.Attrs) {
		s.world[id] = resource.Live{Phase: resource.Ready, Ref: ref, Attrs: attrs, AsOf: noon}
	}
	of := resource.Of
	for i, hub := range file.Azure.Hubs {
		ready(desired.HubID(hub.Name), "/hubs/"+hub.Name, resource.Attrs{"routing_state": of("provisioned")})
		vnet := hub.VNets[0]
		ready(desired.VNetID(vnet.Name), vnet.ID, resource.Attrs{"prefixes": of(vnet.Prefixes[0].String())})
		ready(desired.VNetConnectionID(vnet.Name), "/hubs/"+hub.Name+"/connections/"+vnet.Name, resource.Attrs{
			"associated_table": of(defaultTable), "propagated_tables": of(defaultTable), "propagated_labels": of("default"),
		})
		near, far := []string{"vnet", "hub", "vpn"}, []string{"hub", "vnet", "hub"}
		classes := [][]string{near, far}[i]
		ready(desired.HubRoutesID(hub.Name), "", resource.Attrs{"routes": of(
			"10.1.0.0/16 "+classes[0], "10.2.0.0/16 "+classes[1], "172.20.0.0/16 "+classes[2], "172.21.0.0/16 "+classes[2],
		)})
	}
	ready(desired.VirtualWANID("wan-global"), "", resource.Attrs{"branch_to_branch": of("true")})
	ready(desired.VPNGatewayID("hub-jpe"), "/gateway", resource.Attrs{})
	ready(desired.VPNSiteID("tokyo"), "/site", resource.Attrs{"address_space": of("172.20.0.0/16", "172.21.0.0/16")})
	ready(desired.AzureConnectionID("tokyo"), "/connection", resource.Attrs{"site": of("/vpnsites/tokyo")})
	for _, tunnel := range file.Tunnels() {
		ready(desired.AzureTunnelID(tunnel), "", resource.Attrs{"status": of("up")})
		ready(desired.AWSTunnelID(tunnel), "", resource.Attrs{"status": of("up")})
	}
	ready(desired.TransitGatewayID("tgw-tokyo"), "tgw-1", resource.Attrs{"route_table": of("tgw-rtb-1"), "propagates_to": of("tgw-rtb-1")})
	ready(desired.AWSConnectionID("tokyo", 0), "vpn-1", resource.Attrs{
		"transit_gateway": of("tgw-1"), "attachment": of("att-vpn"), "association": of("tgw-rtb-1"), "routing": of("static"),
	})
	for i, vpc := range file.TransitGateways()[0].VPCs {
		ready(desired.VPCID(vpc.Name), vpc.ID, resource.Attrs{"prefixes": of(vpc.Prefixes[0].String())})
		ready(desired.VPCAttachmentID(vpc.Name), "att-"+vpc.Name, resource.Attrs{
			"transit_gateway": of("tgw-1"), "vpc": of(vpc.ID), "subnets": of(vpc.Subnets[0].ID), "association": of("tgw-rtb-1"), "propagation": of("tgw-rtb-1"),
		})
		other := []string{"172.21.0.0/16", "172.20.0.0/16"}[i]
		ready(desired.VPCRoutesID(vpc.RouteTables[0]), vpc.RouteTables[0], resource.Attrs{"routes": of("10.1.0.0/16 tgw-1", "10.2.0.0/16 tgw-1", other+" tgw-1")})
	}
	ready(desired.TransitGatewayRoutesID("tgw-tokyo"), "tgw-rtb-1", resource.Attrs{
		"routes": of("10.1.0.0/16 att-vpn", "10.2.0.0/16 att-vpn"), "propagated": of("172.20.0.0/16 att-vpc-a", "172.21.0.0/16 att-vpc-b"),
	})
	s.machines()
	return s
}

// machines adds what a survey tells of the targets.
func (s *scene) machines() {
	seen := survey.Seen{At: noon}
	s.survey.Machines = map[string]survey.Machine{}
	for _, target := range s.file.Probes.Targets {
		m := survey.Machine{Seen: seen, Ref: target.Name, Interface: "nic-" + target.Name, Subnet: "subnet-" + target.Name, Addresses: []netip.Addr{target.Address}, Power: survey.Running}
		m.Routes.Seen = seen
		if target.VNet != "" {
			own := s.file.VNetNamed(target.VNet).Prefixes[0]
			m.Routes.Routes = []survey.Route{route(own.String(), survey.NextLocal, survey.Default), route("0.0.0.0/0", survey.NextInternet, survey.Default), route("10.0.0.0/8", survey.NextNowhere, survey.Default)}
			for _, prefix := range []string{"10.1.0.0/16", "10.2.0.0/16", "172.20.0.0/16", "172.21.0.0/16"} {
				if prefix != own.String() {
					m.Routes.Routes = append(m.Routes.Routes, route(prefix, survey.NextGateway, survey.Propagated))
				}
			}
			m.Filters = []survey.Filter{{Seen: seen, ID: "nsg-" + target.Name, Layer: survey.SubnetGroup, Rules: []survey.Rule{
				{Name: "echo", Number: 100, In: true, Allow: true, Protocol: "icmp", Sources: []string{"172.16.0.0/12"}, Destinations: []string{"*"}},
			}}}
			s.survey.Machines[target.Name] = m
			continue
		}
		m.Zone = target.Zone
		m.Routes.ID = "rtb-" + target.Name
		m.Routes.Routes = []survey.Route{route(s.file.VPCNamed(target.VPC).Prefixes[0].String(), survey.NextLocal, survey.Default)}
		for _, prefix := range []string{"10.1.0.0/16", "10.2.0.0/16", "172.16.0.0/12"} {
			to := route(prefix, survey.NextTGW, survey.User)
			to.Via = []string{"tgw-1"}
			m.Routes.Routes = append(m.Routes.Routes, to)
		}
		anywhere := []string{"0.0.0.0/0"}
		m.Filters = []survey.Filter{
			{Seen: seen, ID: "sg-1", Layer: survey.SecurityGroup, Rules: []survey.Rule{
				{Name: "in", In: true, Allow: true, Protocol: "icmp", Sources: []string{"10.0.0.0/8", "172.16.0.0/12"}}, {Name: "out", Allow: true, Protocol: "*", Destinations: anywhere},
			}},
			{Seen: seen, ID: "acl-1", Layer: survey.NetworkACL, Rules: []survey.Rule{
				{Number: 100, In: true, Allow: true, Protocol: "*", Sources: anywhere}, {Number: 100, Allow: true, Protocol: "*", Destinations: anywhere},
			}},
		}
		s.survey.Machines[target.Name] = m
	}
}

func route(prefix string, next survey.Next, source survey.Source) survey.Route {
	return survey.Route{Prefix: netip.MustParsePrefix(prefix), Next: next, Source: source, State: survey.Active}
}

// set changes an attribute of a resource.
func (s *scene) set(id resource.ID, attr string, members ...string) {
	s.world[id] = with(s.world[id], attr, resource.Of(members...))
}

// machine changes a machine.
func (s *scene) machine(name string, change func(*survey.Machine)) {
	m := s.survey.Machines[name]
	m.Routes.Routes, m.Filters = slices.Clone(m.Routes.Routes), slices.Clone(m.Filters)
	for i := range m.Filters {
		m.Filters[i].Rules = slices.Clone(m.Filters[i].Rules)
	}
	change(&m)
	s.survey.Machines[name] = m
}

func (s *scene) trace(t testing.TB, from, to string) Trace {
	t.Helper()
	trace, err := New(s.file, s.world, s.survey, noon).Trace(from, to)
	if err != nil {
		t.Fatal(err)
	}
	return trace
}
