// Package survey is the vocabulary of what lies along the way of a packet and
// is not a resource of the link: test machines with their routes and filters,
// what a hub and a transit gateway know beyond what linkd compares, what the
// clouds say of the life of a tunnel. Both adapters report it, the path model
// and verify read it, and it imports the standard library only.
//
// A part that could not be read says why, and is then unknown: never well,
// and never broken.
package survey

import (
	"cmp"
	"maps"
	"net/netip"
	"time"
)

// Survey is what one look along the paths has told. A part that is not in its
// map was not asked for, or not found, and is unknown.
type Survey struct {
	Machines        map[string]Machine        // by the target's name in the file
	Hubs            map[string]Hub            // by the hub's name in the file
	TransitGateways map[string]TransitGateway // by its name in the file
	Tunnels         map[string]Tunnel         // by the expected pair's name, "tokyo-0-1"
	// Defect is the panic of linkd's own that the look met and survived, or "". A
	// part of it was not seen for that.
	Defect string
}

// Merge adds what another cloud has told.
func (s *Survey) Merge(other Survey) {
	s.Machines = merged(s.Machines, other.Machines)
	s.Hubs = merged(s.Hubs, other.Hubs)
	s.TransitGateways = merged(s.TransitGateways, other.TransitGateways)
	s.Tunnels = merged(s.Tunnels, other.Tunnels)
	s.Defect = cmp.Or(s.Defect, other.Defect)
}

func merged[V any](into, from map[string]V) map[string]V {
	if into == nil {
		into = map[string]V{}
	}
	maps.Copy(into, from)
	return into
}

// Seen says when something was read, and why not when it could not be.
type Seen struct {
	At time.Time `json:"at,omitzero"`
	// Why it is not known, as a sentence without its full stop; "" when it is.
	Why string `json:"why,omitempty"`
	// Do says what is to be done about that, as a sentence; "": a permission is
	// missing, or the cloud is to be asked again.
	Do string `json:"do,omitempty"`
}

// Known tells whether it was read.
func (s Seen) Known() bool { return !s.At.IsZero() && s.Why == "" }

// Machine is a test machine: a virtual machine on a VNet, or an EC2 instance.
type Machine struct {
	Seen
	Ref       string // the cloud's own name: an ARM id, "i-0abc…"
	Interface string // ARM id of the NIC, "eni-0abc…"
	Network   string // ARM id of the VNet, "vpc-0abc…"
	Subnet    string // ARM id, "subnet-0abc…"
	Zone      string // of an EC2 instance
	Addresses []netip.Addr

	Power  Power
	Health Health
	// PowerWhy and HealthWhy say why one of the two is not known, as Why does.
	PowerWhy, HealthWhy string

	// Routes are those that its packets follow: the effective routes of the
	// NIC; the route table of the subnet, which is the VPC's main one when it
	// has none of its own.
	Routes Table
	// Filters stand between it and the network, in the order in which a packet
	// that leaves the machine meets them.
	Filters []Filter
}

// Power says whether a machine runs.
type Power string

// The powers of a machine. Unsaid is what no cloud has told.
const (
	PowerUnsaid Power = ""
	Running     Power = "running"
	Stopped     Power = "stopped" // or on its way there, or deallocated, or gone
)

// Health is what the cloud's own checks say of a machine.
type Health string

// The healths of a machine.
const (
	HealthUnsaid Health = ""
	Healthy      Health = "ok"
	Impaired     Health = "impaired"
)

// Table is a table of routes.
type Table struct {
	Seen
	ID     string // of the cloud: "rtb-…", "tgw-rtb-…", an ARM id; "" for what has none
	Routes []Route
	// GatewayRoutesOff says that routes of gateways do not come into it: the
	// subnet's route table disables their propagation.
	GatewayRoutesOff bool
}

// Route is a route of any table. Its prefix may occur in a table several
// times, with different states or sources.
type Route struct {
	Prefix netip.Prefix
	Next   Next
	// Via names the next hop as the cloud does; several are equal (ECMP).
	Via    []string
	Source Source
	State  State
	// Table is the user's route table that it comes from, when that is not the
	// table which it is seen in: user-defined routes among a NIC's.
	Table  string
	ASPath string // "65520-65520"; ""
}

// Next is the class of a route's next hop.
type Next string

// The classes of next hops, of both clouds. A class that linkd does not know
// is the cloud's own word in small letters.
const (
	NextLocal      Next = "local"     // inside the VNet or VPC
	NextGateway    Next = "gateway"   // of a NIC: the hub, by way of the VNet's connection
	NextInternet   Next = "internet"  //
	NextAppliance  Next = "appliance" // a virtual appliance
	NextNowhere    Next = "nowhere"   // None in Azure, a blackhole that somebody wanted
	NextVNet       Next = "vnet"      // of a hub: a VNet connection
	NextVPN        Next = "vpn"       // of a hub: its VPN gateway. Of a transit gateway: a VPN attachment
	NextHub        Next = "hub"       // of a hub: another one
	NextTGW        Next = "tgw"       // of a VPC: a transit gateway
	NextVPC        Next = "vpc"       // of a transit gateway: a VPC attachment
	NextPeering    Next = "peering"   // of a transit gateway: another one
	NextExpress    Next = "expressroute"
	NextFirewall   Next = "firewall"
	NextOther      Next = "other"
	NextConnection Next = "direct-connect"
)

// Source says how a route came into its table.
type Source string

// The sources of routes.
const (
	Default    Source = "default"    // the network's own
	User       Source = "user"       // user-defined in Azure, or a route that somebody made in a VPC's table
	Static     Source = "static"     // of a transit gateway or a hub
	Propagated Source = "propagated" // by an attachment, a connection, a gateway
)

// State says whether a route is followed.
type State string

// The states of routes.
const (
	Active    State = "active"
	Blackhole State = "blackhole" // matches, and drops
	Invalid   State = "invalid"   // lost to another one, and does not match
)

// Filter is a list of rules between a machine and the network.
type Filter struct {
	Seen
	ID    string // of the group or the ACL
	Layer Layer
	Rules []Rule
}

// Layer says what sort of filter it is, and so how its rules are to be read.
type Layer string

// The layers of filters. Security groups of both clouds remember a flow, so
// that the answer needs no rule; a network ACL does not.
const (
	NICGroup      Layer = "nic-nsg"        // network security group of the NIC: lowest number first
	SubnetGroup   Layer = "subnet-nsg"     // network security group of the subnet: lowest number first
	SecurityGroup Layer = "security-group" // of AWS: any rule that allows will do
	NetworkACL    Layer = "network-acl"    // of AWS: lowest number first, and stateless
)

// Rule is a rule of a filter.
type Rule struct {
	Name     string // of an NSG rule; "sgr-…"; ""
	Number   int    // priority; of a security group 0
	In       bool   // for packets that come to the machine
	Allow    bool
	Protocol string // "*", "icmp", "tcp", "udp", or a protocol's number
	// ICMP is what a rule of AWS about ICMP is about of it; nil: all of it.
	ICMP *ICMP
	// Sources and Destinations are prefixes, addresses, "*", service tags of
	// Azure ("VirtualNetwork", "Internet", "AzureLoadBalancer"), or ids of
	// security groups and prefix lists. Empty stands for any.
	Sources, Destinations []string
	// Expanded are the prefixes that Azure says stand behind the service tags of
	// Sources and of Destinations; nil when it does not say.
	ExpandedSources, ExpandedDestinations []netip.Prefix
}

// ICMP is a type of ICMP messages and a code of it; -1 stands for any.
type ICMP struct{ Type, Code int }

// Takes tells whether messages of a type and a code are of it.
func (i *ICMP) Takes(kind, code int) bool {
	return i == nil || (i.Type == -1 || i.Type == kind) && (i.Type == -1 || i.Code == -1 || i.Code == code)
}

// Hub is what a virtual hub knows beyond what linkd compares.
type Hub struct {
	Seen
	Ref        string
	Routes     Table  // effective ones of the default route table, winners only
	Preference string // "ExpressRoute", "VpnGateway", "ASPath"; unknown when the hub is
}

// TransitGateway is a transit gateway with all its attachments and tables.
type TransitGateway struct {
	Seen
	Ref         string
	ECMP        bool
	Attachments []Attachment
	Tables      map[string]Table // by id: each that an attachment is associated with
	// Propagations says of each of the tables whether it could be read which
	// attachments propagate to it.
	Propagations map[string]Seen
	// AttachmentsWhy says why Attachments, and with them Tables, are not known.
	AttachmentsWhy string
}

// Attachment joins a VPC, a VPN connection or a peer to a transit gateway.
type Attachment struct {
	ID       string
	Type     string // vpc, vpn, peering, direct-connect-gateway, …
	Resource string // "vpc-…", "vpn-…", "tgw-…"
	State    string // available, …
	// Table is the route table that it is associated with, "" for none, and
	// TableState how far that is: associated, associating, …
	Table, TableState string
	Zones             []string // of a VPC attachment: those in which it has a subnet
	ZonesWhy          string   // why Zones are not known, as Why does
	Propagates        []string // tables; of a table whose propagations were read
}

// Tunnel is what the clouds say of the life of an expected pair beyond its
// status.
type Tunnel struct {
	Seen
	Changed time.Time // when AWS last saw its status change
	Says    string    // AWS's message beside the status: "IPSEC IS UP", "3 BGP ROUTES"
	Routes  int       // that AWS accepted by BGP
	// Maintenance of the AWS end.
	Pending         string // what is pending, "" for nothing
	AppliedAfter    time.Time
	LastMaintenance time.Time
	MaintenanceWhy  string // why its maintenance is not known, as Why does
}
