package fabric

import (
	"net/netip"
	"testing"
	"time"
)

var (
	noon      = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	handshake = 5 * time.Second

	vmA   = netip.MustParseAddr("10.1.0.4")
	vmB   = netip.MustParseAddr("10.2.0.4")
	hostA = netip.MustParseAddr("172.20.0.10")
	hostB = netip.MustParseAddr("172.21.0.10")

	instance0 = netip.MustParseAddr("20.0.0.10")
	instance1 = netip.MustParseAddr("20.0.0.11")
	outside1  = netip.MustParseAddr("3.0.0.1")
	outside2  = netip.MustParseAddr("3.0.0.2")
)

func prefixes(texts ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

func strong() Proposal {
	return Proposal{
		Phase1Encryption: []string{"aes256"}, Phase1Integrity: []string{"sha256"}, Phase1Groups: []string{"14"},
		Phase2Encryption: []string{"aes256-gcm"}, Phase2Integrity: []string{"aes256-gcm"}, Phase2Groups: []string{"14"},
	}
}

// azureDefault and awsDefault are what each cloud takes when nobody says
// anything: they meet at Diffie-Hellman group 2 and without PFS.
func azureDefault() Proposal {
	return Proposal{
		Phase1Encryption: []string{"aes256", "aes128"}, Phase1Integrity: []string{"sha1", "sha256"}, Phase1Groups: []string{"2"},
		Children: []string{"aes256-gcm//0", "aes256/sha1/0", "aes256/sha256/0", "aes128/sha1/0"},
	}
}

func awsDefault() Proposal {
	groups := []string{"2", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23", "24"}
	encryption := []string{"AES128", "AES256", "AES128-GCM-16", "AES256-GCM-16"}
	integrity := []string{"SHA1", "SHA2-256", "SHA2-384", "SHA2-512"}
	return Proposal{
		Phase1Encryption: encryption, Phase1Integrity: integrity, Phase1Groups: groups,
		Phase2Encryption: encryption, Phase2Integrity: integrity, Phase2Groups: append([]string{"5"}, groups...),
	}
}

// world is both sides of the article's link: two hubs, a VNet on each, a
// gateway on the first; a transit gateway with two VPCs; one VPN connection with
// both tunnels to instance 0.
type world struct {
	Azure
	AWS
}

func article() *world {
	w := &world{}
	w.Hubs = []Hub{
		{ID: "hubJ", WAN: "wan", Region: "japaneast", Prefix: netip.MustParsePrefix("192.168.0.0/24"), Routed: true},
		{ID: "hubU", WAN: "wan", Region: "eastus", Prefix: netip.MustParsePrefix("192.168.1.0/24"), Routed: true},
	}
	w.VNets = []VNet{vnet("A", "hubJ", "10.1.0.0/16"), vnet("B", "hubU", "10.2.0.0/16")}
	w.VMs = []VM{vm("A", vmA), vm("B", vmB)}
	w.Gateways = []Gateway{{ID: "gateway", Hub: "hubJ", ASN: 65515, Instances: []Instance{{Public: instance0}, {Public: instance1}}}}
	sites := prefixes("172.20.0.0/16", "172.21.0.0/16")
	w.Links = []LinkConnection{
		{ID: "link1", Gateway: "gateway", Connection: "connection", Remote: outside1, Key: "k1", Proposal: strong(), Mode: "Default", SitePrefixes: sites},
		{ID: "link2", Gateway: "gateway", Connection: "connection", Remote: outside2, Key: "k2", Proposal: strong(), Mode: "Default", SitePrefixes: sites},
	}
	w.TransitGateways = []TransitGateway{{
		ID: "tgw-1", ASN: 64512, ECMP: true,
		Attachments: []Attachment{
			{ID: "att-A", Type: "vpc", Resource: "vpc-A", Table: "rt", Propagates: []string{"rt"}, Zones: []string{"a"}},
			{ID: "att-B", Type: "vpc", Resource: "vpc-B", Table: "rt", Propagates: []string{"rt"}, Zones: []string{"a"}},
			{ID: "att-V", Type: "vpn", Resource: "vpn-1", Table: "rt", Propagates: []string{"rt"}},
		},
		Tables: []Table{{ID: "rt", Static: []TableRoute{
			{netip.MustParsePrefix("10.1.0.0/16"), "att-V"}, {netip.MustParsePrefix("10.2.0.0/16"), "att-V"},
		}}},
	}}
	w.VPCs = []VPC{vpc("A", "172.20.0.0/16", "172.20.0.0/24"), vpc("B", "172.21.0.0/16", "172.21.0.0/24")}
	w.AWS.Instances = []EC2{host("A", hostA), host("B", hostB)}
	w.Connections = []VPNConnection{{
		ID: "vpn-1", TransitGateway: "tgw-1", Attachment: "att-V", CustomerAddress: instance0, CustomerASN: 65515, Static: true,
		Tunnels: []AWSTunnel{
			{Outside: outside1, Inside: netip.MustParsePrefix("169.254.21.0/30"), Key: "k1", Proposal: strong(), IKEv2: true, InService: true},
			{Outside: outside2, Inside: netip.MustParsePrefix("169.254.21.4/30"), Key: "k2", Proposal: strong(), IKEv2: true, InService: true},
		},
	}}
	return w
}

func vnet(name, hub, prefix string) VNet {
	return VNet{
		ID: "vnet" + name, Prefixes: prefixes(prefix), Hub: hub, Connection: "connection" + name,
		Connected: true, Associated: true, Propagates: true,
		Subnets: []AzureSubnet{{ID: "subnet" + name, Prefix: netip.MustParsePrefix(prefix), Rules: []NSGRule{}}},
	}
}

func vm(name string, address netip.Addr) VM {
	return VM{ID: "vm" + name, NIC: "nic" + name, VNet: "vnet" + name, Subnet: "subnet" + name, Address: address, Running: true, Answers: true}
}

func vpc(name, prefix, subnet string) VPC {
	routes := []EC2Route{{Prefix: netip.MustParsePrefix(prefix), Target: "local"}}
	for _, far := range prefixes("10.1.0.0/16", "10.2.0.0/16", "172.20.0.0/16", "172.21.0.0/16") {
		if far != routes[0].Prefix {
			routes = append(routes, EC2Route{Prefix: far, Target: "tgw-1"})
		}
	}
	return VPC{ID: "vpc-" + name, Prefixes: prefixes(prefix), Subnets: []EC2Subnet{{
		ID: "subnet-" + name, Zone: "a", Prefix: netip.MustParsePrefix(subnet), Table: "rtb-" + name, Routes: routes,
	}}}
}

func host(name string, address netip.Addr) EC2 {
	return EC2{
		ID: "i-" + name, VPC: "vpc-" + name, Subnet: "subnet-" + name, Address: address, Running: true, Answers: true,
		Rules: []GroupRule{
			{Group: "sg-" + name, Egress: true, Protocol: "-1", Prefix: anywhere},
			{Group: "sg-" + name, Protocol: "icmp", Prefix: netip.MustParsePrefix("10.0.0.0/8")},
			{Group: "sg-" + name, Protocol: "icmp", Prefix: netip.MustParsePrefix("172.16.0.0/12")},
		},
	}
}

// settled is a fabric in which the world has stood for a minute.
func settled(t *testing.T, w *world) *Fabric {
	t.Helper()
	f := New(handshake)
	f.Update(noon, w.Azure, w.AWS)
	f.Update(noon.Add(time.Minute), w.Azure, w.AWS)
	return f
}
