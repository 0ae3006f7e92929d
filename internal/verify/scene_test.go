package verify

import (
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"

	"linkd/internal/desired"
	"linkd/internal/path"
	"linkd/internal/probe"
	"linkd/internal/resource"
	"linkd/internal/survey"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// scene is the evidence of a healthy link: that of seed.yaml, with both tunnels
// of its connection. A row of the table of checks changes it.
type scene struct {
	*Evidence
	link desired.Link
	vpcs []desired.VPC
}

// The ids that rows speak of.
var (
	gatewayID    = desired.VPNGatewayID("hub-jpe")
	siteID       = desired.VPNSiteID("tokyo")
	connectionID = desired.AzureConnectionID("tokyo")
	customerID   = desired.CustomerGatewayID("tokyo", 0)
	awsID        = desired.AWSConnectionID("tokyo", 0)
	tgwID        = desired.TransitGatewayID("tgw-tokyo")
	tgwRoutesID  = desired.TransitGatewayRoutesID("tgw-tokyo")
	hubRoutesID  = desired.HubRoutesID("hub-jpe")
	attachmentID = desired.VPCAttachmentID("vpc-a")
	vpcRoutesID  = desired.VPCRoutesID("rtb-0a10000000000000a")
)

const defaultTable = "defaultroutetable"

func newScene(t *testing.T) *scene {
	t.Helper()
	file := seed(t)
	file.Links[0].Redundancy = desired.Tunnels
	file.Links[0].Inside = []netip.Prefix{netip.MustParsePrefix("169.254.21.0/30"), netip.MustParsePrefix("169.254.21.4/30")}
	s := &scene{Evidence: &Evidence{File: file, At: noon, World: resource.World{}, Usage: []survey.Usage{}}, link: file.Links[0], vpcs: file.TransitGateways()[0].VPCs}
	s.Access = []Access{{Cloud: "azure"}, {Cloud: "aws"}}
	s.azure()
	s.aws()
	s.tunnels()
	s.looked()
	for _, from := range file.Probes.Targets {
		s.Pings = append(s.Pings, s.echo(desired.LocalName, from.Name))
		for _, to := range file.Probes.Targets {
			if (from.VNet == "") != (to.VNet == "") {
				s.Pings = append(s.Pings, s.echo(from.Name, to.Name))
			}
		}
	}
	return s
}

// echo is a burst that was answered, with a path MTU that is wide enough.
func (s *scene) echo(from, to string) Ping {
	p := burst(from, to, "agent", 5)
	p.MTU = &probe.MTU{Passes: 1400, Told: 1400}
	return p
}

func (s *scene) ready(id resource.ID, ref string, attrs resource.Attrs) {
	s.World[id] = resource.Live{Phase: resource.Ready, Ref: ref, Owner: "seed", Attrs: attrs, AsOf: noon}
}

func (s *scene) azure() {
	of := resource.Of
	for i, hub := range s.File.Azure.Hubs {
		vnet := hub.VNets[0]
		s.ready(desired.HubID(hub.Name), "/hubs/"+hub.Name, resource.Attrs{"routing_state": of("provisioned"), "address_prefix": of(hub.AddressPrefix.String())})
		s.ready(desired.VNetID(vnet.Name), vnet.ID, resource.Attrs{"prefixes": of(vnet.Prefixes[0].String())})
		s.ready(desired.VNetConnectionID(vnet.Name), "/connections/"+vnet.Name, resource.Attrs{"associated_table": of(defaultTable), "propagated_tables": of(defaultTable), "propagated_labels": of("default")})
		classes := [][]string{{"vnet", "hub", "vpn"}, {"hub", "vnet", "hub"}}[i]
		s.ready(desired.HubRoutesID(hub.Name), "", resource.Attrs{"routes": of(
			"10.1.0.0/16 "+classes[0], "10.2.0.0/16 "+classes[1], "172.20.0.0/16 "+classes[2], "172.21.0.0/16 "+classes[2],
		)})
	}
	s.ready(desired.VirtualWANID("wan-global"), "", resource.Attrs{"branch_to_branch": of("true")})
	s.ready(gatewayID, "/gateway", resource.Attrs{"asn": of("65515"), desired.FactInstanceAddress(0): of("20.0.0.1")})
	s.ready(siteID, "/site", resource.Attrs{
		"address_space": of("172.20.0.0/16", "172.21.0.0/16"), "link_addresses": of("tokyo-0-1=13.112.0.1", "tokyo-0-2=13.112.0.2"),
	})
}

func (s *scene) aws() {
	of := resource.Of
	s.ready(tgwID, "tgw-1", resource.Attrs{"route_table": of("tgw-rtb-1"), "propagates_to": of("tgw-rtb-1"), "asn": of("64512")})
	s.ready(customerID, "cgw-1", resource.Attrs{"address": of("20.0.0.1"), "asn": of("65515")})
	for i, vpc := range s.vpcs {
		s.ready(desired.VPCID(vpc.Name), vpc.ID, resource.Attrs{"prefixes": of(vpc.Prefixes[0].String())})
		s.ready(desired.VPCAttachmentID(vpc.Name), "att-"+vpc.Name, resource.Attrs{
			"transit_gateway": of("tgw-1"), "vpc": of(vpc.ID), "subnets": of(vpc.Subnets[0].ID), "association": of("tgw-rtb-1"), "propagation": of("tgw-rtb-1"),
		})
		other := s.vpcs[1-i].Prefixes[0].String()
		s.ready(desired.VPCRoutesID(vpc.RouteTables[0]), vpc.RouteTables[0], resource.Attrs{"routes": of("10.1.0.0/16 tgw-1", "10.2.0.0/16 tgw-1", other+" tgw-1")})
	}
	s.ready(tgwRoutesID, "tgw-rtb-1", resource.Attrs{
		"routes": of("10.1.0.0/16 att-vpn", "10.2.0.0/16 att-vpn"), "propagated": of("172.20.0.0/16 att-vpc-a", "172.21.0.0/16 att-vpc-b"),
	})
}

// tunnels adds both ends of the connection, and the counters of two looks.
func (s *scene) tunnels() {
	of := resource.Of
	azure := resource.Attrs{"site": of("/vpnsites/tokyo"), "mode": of(string(desired.InitiateBoth))}
	aws := resource.Attrs{
		"transit_gateway": of("tgw-1"), "attachment": of("att-vpn"), "association": of("tgw-rtb-1"), "routing": of("static"), "customer_gateway": of("cgw-1"),
	}
	azureKeys, awsKeys := resource.Secrets{}, resource.Secrets{}
	s.Earlier, s.Later = resource.World{}, resource.World{}
	for _, tunnel := range s.link.Tunnels() {
		name, option := tunnel.Name(), "tunnel_"+strconv.Itoa(tunnel.Number)+"_"
		azure["links"] = of(append(azure["links"], name)...)
		azure["site_links"] = of(append(azure["site_links"], name+"="+name)...)
		azure["ike_policy"] = of(append(azure["ike_policy"], name+" ikev2 aes256/sha256/dhgroup14 gcmaes256/gcmaes256/pfs14 3600s 102400000KB")...)
		azureKeys["shared_key/"+name] = resource.NewSecret("a key of " + name)
		awsKeys[desired.FactKey(tunnel.Number)] = resource.NewSecret("a key of " + name)
		aws[desired.FactOutsideAddress(tunnel.Number)] = of("13.112.0." + strconv.Itoa(tunnel.Number))
		for field, value := range map[string]string{
			"phase1": "aes256/sha256/group 14/8h0m0s", "phase2": "aes256-gcm/group 14/1h0m0s", "ike_version": "ikev2", "startup": "start", "dpd": "restart 45s",
		} {
			aws[option+field] = of(value)
		}
		s.ready(desired.AzureTunnelID(tunnel), "", resource.Attrs{"status": of("up")})
		s.ready(desired.AWSTunnelID(tunnel), "", resource.Attrs{"status": of("up"), "accepted_routes": of("2")})
		s.counts(tunnel.Number, "5000", "5000")
	}
	s.ready(connectionID, "/connection", azure)
	s.ready(awsID, "vpn-1", aws)
	s.secret(connectionID, azureKeys)
	s.secret(awsID, awsKeys)
}

// counts sets what a tunnel has carried between the two looks, in bytes.
func (s *scene) counts(number int, in, out string) {
	id := desired.AzureTunnelID(s.link.Tunnels()[number-1])
	zero := resource.Of("0")
	s.Earlier[id] = resource.Live{Attrs: resource.Attrs{desired.FactIngress: zero, desired.FactEgress: zero}}
	s.Later[id] = resource.Live{Attrs: resource.Attrs{desired.FactIngress: resource.Of(in), desired.FactEgress: resource.Of(out)}}
}

func (s *scene) secret(id resource.ID, secrets resource.Secrets) {
	live := s.World[id]
	live.Secrets = secrets
	s.World[id] = live
}

// set changes an attribute of a resource; without members it is not read.
func (s *scene) set(id resource.ID, attr string, members ...string) {
	if len(members) == 0 {
		delete(s.World[id].Attrs, attr)
		return
	}
	s.World[id].Attrs[attr] = resource.Of(members...)
}

// phase changes how far a resource is.
func (s *scene) phase(id resource.ID, phase resource.Phase) {
	live := s.World[id]
	live.Phase = phase
	s.World[id] = live
}

// drift adds a difference from the file.
func (s *scene) drift(d resource.Drift) { s.Drifts = append(s.Drifts, d) }

// machine changes what a survey has seen of a machine.
func (s *scene) machine(name string, change func(*survey.Machine)) {
	m := s.Survey.Machines[name]
	change(&m)
	s.Survey.Machines[name] = m
}

// ping changes what echoes from one machine to another have shown.
func (s *scene) ping(from, to string, change func(*Ping)) {
	i := slices.IndexFunc(s.Pings, func(p Ping) bool { return p.From == from && p.To == to })
	change(&s.Pings[i])
}

// judge has the model walk, and the checks that an expression names judge.
func (s *scene) judge(t *testing.T, only string) Report {
	t.Helper()
	s.Traces = nil
	for _, from := range s.File.Probes.Targets {
		for _, to := range s.File.Probes.Targets {
			if s.Survey == nil || (from.VNet == "") == (to.VNet == "") && !s.File.Peered(from.VPC, to.VPC) {
				continue
			}
			trace, err := path.New(s.File, s.World, *s.Survey, noon).Trace(from.Name, to.Name)
			if err != nil {
				t.Fatal(err)
			}
			s.Traces = append(s.Traces, trace)
		}
	}
	return Run(s.Evidence, Selection{Only: regexpOf(only)})
}
