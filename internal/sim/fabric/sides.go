// Package fabric is the joined truth of both simulated clouds. Neither cloud
// alone decides that a tunnel is up: it is up when addresses, keys, proposals,
// modes and ranges of both sides agree, and an echo crosses when every hop
// has a route and every filter lets it, both ways.
//
// The two halves describe themselves in the plain types of this file and ask
// the fabric what follows. The functions are pure; only the tunnels' history
// is kept, in [Fabric].
package fabric

import "net/netip"

// Azure is what the Azure half contributes, with only what stands and works:
// a hub whose creation runs is not in it.
type Azure struct {
	Hubs     []Hub
	VNets    []VNet
	VMs      []VM
	Gateways []Gateway
	Links    []LinkConnection
}

// Hub is a virtual hub. WAN joins hubs into one network.
type Hub struct {
	ID, WAN, Region string
	Prefix          netip.Prefix
	Routed          bool // routing state Provisioned
	BranchToBranch  bool
	StaticRoutes    []HubRoute // of its default route table
}

// HubRoute is a static route in a hub's default route table.
type HubRoute struct {
	Prefix  netip.Prefix
	NextHop string // resource id
}

// VNet is a virtual network and its connection to a hub, if it has one.
type VNet struct {
	ID, Region string
	Prefixes   []netip.Prefix
	Hub        string // id of the hub it is connected to, or ""
	Connection string // id of that connection
	Connected  bool   // that connection is provisioned
	Associated bool   // with the hub's default route table: it learns the hub's routes
	Propagates bool   // to the default route table: others learn its prefixes
	Subnets    []AzureSubnet
}

// AzureSubnet is a subnet with its filters and its user-defined routes.
type AzureSubnet struct {
	ID             string
	Prefix         netip.Prefix
	Rules          []NSGRule // of its network security group, in any order; nil: no group
	Routes         []UserRoute
	NoGatewayRoute bool // its route table disables propagation of gateway routes
}

// NSGRule is a rule of a network security group.
type NSGRule struct {
	Name         string
	Priority     int
	Inbound      bool
	Allow        bool
	Protocol     string // "*", "Icmp", "Tcp", "Udp"
	Sources      []string
	Destinations []string // prefixes, "*", or service tags such as "VirtualNetwork"
}

// UserRoute is a user-defined route.
type UserRoute struct {
	Prefix  netip.Prefix
	NextHop string // "VirtualAppliance", "None", "VirtualNetworkGateway", "Internet", "VnetLocal"
	Table   string // id of the route table
	Name    string
	Address netip.Addr // of a virtual appliance
}

// VM is a machine with one address.
type VM struct {
	ID, NIC, VNet, Subnet string
	Address               netip.Addr
	Running               bool
	Answers               bool      // its own firewall lets echoes in
	Rules                 []NSGRule // of its NIC's network security group; nil: none
}

// Gateway is a VPN gateway: two instances, each with a public address.
type Gateway struct {
	ID, Hub   string
	ASN       uint32
	Instances []Instance
	Up        []bool // whether each instance serves; nil: all
}

// Instance is one of a gateway's two instances.
type Instance struct {
	Public          netip.Addr
	Default, Custom []netip.Addr // from which it speaks BGP
}

// LinkConnection is one link of an Azure VPN connection: each instance of the
// gateway dials Remote.
type LinkConnection struct {
	ID, Gateway, Connection string
	Site, SiteLink          string // ids of the site and of its link
	Remote                  netip.Addr
	Key                     string
	Proposal                Proposal
	Mode                    string         // "Default", "InitiatorOnly", "ResponderOnly"
	SitePrefixes            []netip.Prefix // the site's address space
	BGP                     bool
	PeerASN                 uint32
	PeerAddress             netip.Addr
	CustomAddresses         map[int]netip.Addr // by instance: the APIPA address it uses
	IKEv1                   bool
	// Unpropagated says that its connection propagates to no table that the hub
	// routes by: neither the site's prefixes nor what BGP brings is in it.
	Unpropagated bool
	// By route maps a link may tell nothing by BGP, and take nothing.
	TellsNothing, TakesNothing bool
}

// Proposal is what one side offers or takes: the sets of algorithms by their
// common names (aes256, aes256-gcm, sha256, group 14 is "14", no PFS is "0").
type Proposal struct {
	Phase1Encryption, Phase1Integrity, Phase1Groups []string
	Phase2Encryption, Phase2Integrity, Phase2Groups []string
	// Children are whole phase 2 combinations, "aes256/sha256/0"; when set,
	// they are used in place of the three Phase2 sets.
	Children []string
}

// AWS is what the AWS half contributes, with only what stands and works.
type AWS struct {
	TransitGateways []TransitGateway
	VPCs            []VPC
	Instances       []EC2
	Connections     []VPNConnection
}

// TransitGateway is a transit gateway with its attachments and tables.
type TransitGateway struct {
	ID, Region  string
	ASN         uint32
	ECMP        bool
	Attachments []Attachment
	Tables      []Table
}

// Attachment joins a VPC, a VPN connection or a peer to a transit gateway.
type Attachment struct {
	ID, Type, Resource string // Type "vpc", "vpn", "peering"
	Table              string // the associated route table, or ""
	Propagates         []string
	Zones              []string // of a VPC attachment: zones that have a subnet in it
	Peer               string   // of a peering: the other transit gateway
	PeerEnd            string   // and the id of the peering there; "" is the same id
}

// Table is a transit gateway route table. Propagated routes are not in it:
// they follow from the attachments that propagate.
type Table struct {
	ID     string
	Static []TableRoute
}

// TableRoute is a static route; an empty Attachment is a wanted blackhole.
type TableRoute struct {
	Prefix     netip.Prefix
	Attachment string
}

// VPC is a VPC with its subnets.
type VPC struct {
	ID, Region string
	Prefixes   []netip.Prefix
	Subnets    []EC2Subnet
}

// EC2Subnet is a subnet with its effective route table and its network ACL.
type EC2Subnet struct {
	ID, Zone string
	Prefix   netip.Prefix
	Table    string // id of its route table, explicit or main
	Routes   []EC2Route
	ACL      []ACLEntry // in any order; nil: everything passes
}

// EC2Route is a route of a VPC route table.
type EC2Route struct {
	Prefix    netip.Prefix
	Target    string // "local", "tgw-…", "igw-…", …
	Blackhole bool
}

// ACLEntry is an entry of a network ACL.
type ACLEntry struct {
	Number   int
	Egress   bool
	Allow    bool
	Protocol string // "-1", "1", "6", "17"
	Prefix   netip.Prefix
	ICMPType *int // of an entry about ICMP; nil: every type
}

// EC2 is an instance with one address.
type EC2 struct {
	ID, VPC, Subnet string
	Address         netip.Addr
	Running         bool
	Answers         bool
	Rules           []GroupRule // of all its security groups together
}

// GroupRule is a rule of a security group; security groups remember flows.
type GroupRule struct {
	Group    string
	Egress   bool
	Protocol string // "-1", "icmp", "tcp", "udp"
	Prefix   netip.Prefix
}

// VPNConnection is an AWS VPN connection with its tunnels.
type VPNConnection struct {
	ID, TransitGateway, Attachment string
	CustomerGateway                string
	CustomerAddress                netip.Addr
	CustomerASN                    uint32
	Static                         bool
	Tunnels                        []AWSTunnel
	// Prefers is the number of the tunnel that AWS sends by while it is up.
	// AWS picks one, and nobody can say which.
	Prefers int
}

// AWSTunnel is one tunnel of an AWS VPN connection: it answers its
// connection's customer address only.
type AWSTunnel struct {
	Outside      netip.Addr
	Inside       netip.Prefix // /30: AWS has the first host, the customer gateway the second
	Key          string
	Proposal     Proposal
	IKEv1, IKEv2 bool
	Initiates    bool // startup action start
	InService    bool // false while it is modified or replaced
}
