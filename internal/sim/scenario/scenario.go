// Package scenario is the file that says what a user of the simulated clouds
// has beforehand (networks, machines, filters) and how the clouds behave
// (durations, lags, quotas).
package scenario

import (
	"net/netip"
	"time"

	"linkd/internal/sim/fabric"
)

// Scenario is the whole file.
type Scenario struct {
	Behaviour Behaviour `yaml:"behaviour"`
	Azure     Azure     `yaml:"azure"`
	AWS       AWS       `yaml:"aws"`
	// Conditions are how places on the way treat packets: latency, loss, sizes.
	Conditions []fabric.Condition `yaml:"conditions"`
}

// Behaviour says how the clouds behave. Every figure has a default that is
// taken from recorded traffic or from documentation; see [Defaults].
type Behaviour struct {
	// Durations of operations by kind and verb: "azure/virtualHubs/create".
	// A missing row takes the default; Instant makes them all zero.
	Durations map[string]time.Duration `yaml:"durations"`
	Instant   bool                     `yaml:"instant"`
	// Lag is how long EC2 describes may miss what was just made or changed.
	Lag time.Duration `yaml:"lag"`
	// TunnelsKnown says when an AWS VPN connection shows its outside addresses
	// and keys: "at-create" or "when-available".
	TunnelsKnown string `yaml:"tunnels_known"`
	// Handshake is how long IKE takes once both sides agree, and Telemetry how
	// long a cloud takes to show a tunnel's change.
	Handshake time.Duration `yaml:"handshake"`
	Telemetry time.Duration `yaml:"telemetry"`
	// Throttle turns the quotas' token buckets on.
	Throttle bool `yaml:"throttle"`
	// RefuseUnqualified makes EC2 refuse paged describes that name no id, no
	// filter and no page size, as it does in some accounts.
	RefuseUnqualified bool `yaml:"refuse_unqualified"`
	// PageSize of lists, 0 for each API's own default.
	PageSize int `yaml:"page_size"`
	// Latency added to every answer, in simulated time.
	Latency time.Duration `yaml:"latency"`
	// Seed of everything random: ids, addresses, keys, jitter.
	Seed uint64 `yaml:"seed"`
}

// Azure is what exists in Azure beforehand.
type Azure struct {
	Subscriptions []Subscription `yaml:"subscriptions"`
}

// Subscription is an Azure subscription.
type Subscription struct {
	ID             string          `yaml:"id"`
	ResourceGroups []ResourceGroup `yaml:"resource_groups"`
}

// ResourceGroup is a resource group and what is in it.
type ResourceGroup struct {
	Name        string       `yaml:"name"`
	Location    string       `yaml:"location"`
	VNets       []VNet       `yaml:"vnets"`
	NSGs        []NSG        `yaml:"network_security_groups"`
	RouteTables []RouteTable `yaml:"route_tables"`
	VMs         []VM         `yaml:"vms"`
}

// VNet is a virtual network.
type VNet struct {
	Name     string         `yaml:"name"`
	Location string         `yaml:"location"`
	Prefixes []netip.Prefix `yaml:"prefixes"`
	Subnets  []VNetSubnet   `yaml:"subnets"`
}

// VNetSubnet is a subnet of a VNet. Its group and table are names in the
// same resource group.
type VNetSubnet struct {
	Name       string       `yaml:"name"`
	Prefix     netip.Prefix `yaml:"prefix"`
	NSG        string       `yaml:"network_security_group"`
	RouteTable string       `yaml:"route_table"`
}

// NSG is a network security group; the six default rules are implied.
type NSG struct {
	Name  string    `yaml:"name"`
	Rules []NSGRule `yaml:"rules"`
}

// NSGRule is one of its rules.
type NSGRule struct {
	Name        string `yaml:"name"`
	Priority    int    `yaml:"priority"`
	Direction   string `yaml:"direction"` // Inbound, Outbound
	Access      string `yaml:"access"`    // Allow, Deny
	Protocol    string `yaml:"protocol"`  // *, Icmp, Tcp, Udp
	Source      string `yaml:"source"`
	Destination string `yaml:"destination"`
}

// RouteTable is a table of user-defined routes.
type RouteTable struct {
	Name                       string      `yaml:"name"`
	DisableBGPRoutePropagation bool        `yaml:"disable_bgp_route_propagation"`
	Routes                     []UserRoute `yaml:"routes"`
}

// UserRoute is one of its routes.
type UserRoute struct {
	Name    string       `yaml:"name"`
	Prefix  netip.Prefix `yaml:"prefix"`
	NextHop string       `yaml:"next_hop"` // VirtualAppliance, None, …
}

// VM is a virtual machine with one NIC, "<name>-nic".
type VM struct {
	Name    string     `yaml:"name"`
	VNet    string     `yaml:"vnet"`
	Subnet  string     `yaml:"subnet"`
	Address netip.Addr `yaml:"address"`
	NSG     string     `yaml:"network_security_group"` // of its NIC
	Stopped bool       `yaml:"stopped"`
	Silent  bool       `yaml:"silent"` // its own firewall drops echoes
}

// AWS is what exists in AWS beforehand.
type AWS struct {
	Account string   `yaml:"account"`
	Regions []Region `yaml:"regions"`
	Roles   []Role   `yaml:"roles"` // of that account
	// Accounts are further ones, whose roles let others in.
	Accounts []Account `yaml:"accounts"`
	// Quotas of the account in each region, where they differ from AWS's
	// defaults: "vpn-connections", "customer-gateways", "transit-gateways", …
	Quotas map[string]int `yaml:"quotas"`
}

// Account is an AWS account.
type Account struct {
	Account string   `yaml:"account"`
	Regions []Region `yaml:"regions"`
	Roles   []Role   `yaml:"roles"`
}

// Role is a role that whoever knows its external id may assume, and that may do
// everything in its account.
type Role struct {
	Name       string `yaml:"name"` // with its path, if it has one
	ExternalID string `yaml:"external_id"`
}

// All lists all accounts, the first one first.
func (a AWS) All() []Account {
	return append([]Account{{a.Account, a.Regions, a.Roles}}, a.Accounts...)
}

// Region is an AWS region.
type Region struct {
	Name string `yaml:"name"`
	VPCs []VPC  `yaml:"vpcs"`
}

// VPC is a VPC and what is in it. The main route table is the first.
type VPC struct {
	ID             string          `yaml:"id"`
	Name           string          `yaml:"name"`
	Prefixes       []netip.Prefix  `yaml:"prefixes"`
	Subnets        []Subnet        `yaml:"subnets"`
	RouteTables    []VPCRouteTable `yaml:"route_tables"`
	SecurityGroups []SecurityGroup `yaml:"security_groups"`
	NetworkACLs    []NetworkACL    `yaml:"network_acls"`
	Instances      []Instance      `yaml:"instances"`
}

// Subnet is a subnet of a VPC.
type Subnet struct {
	ID     string       `yaml:"id"`
	Zone   string       `yaml:"zone"`
	Prefix netip.Prefix `yaml:"prefix"`
}

// VPCRouteTable is a route table; the local routes are implied.
type VPCRouteTable struct {
	ID      string     `yaml:"id"`
	Subnets []string   `yaml:"subnets"` // explicit associations
	Routes  []VPCRoute `yaml:"routes"`
}

// VPCRoute is a route of it.
type VPCRoute struct {
	Prefix netip.Prefix `yaml:"prefix"`
	Target string       `yaml:"target"` // igw-…, nat-…, …
}

// SecurityGroup is a security group; all egress is allowed unless it says so.
type SecurityGroup struct {
	ID      string      `yaml:"id"`
	Name    string      `yaml:"name"`
	Ingress []GroupRule `yaml:"ingress"`
	Egress  []GroupRule `yaml:"egress"`
}

// GroupRule is a rule of it.
type GroupRule struct {
	Protocol string       `yaml:"protocol"` // -1, icmp, tcp, udp
	Prefix   netip.Prefix `yaml:"prefix"`
}

// NetworkACL is a network ACL; a VPC without one lets everything pass.
type NetworkACL struct {
	ID      string     `yaml:"id"`
	Subnets []string   `yaml:"subnets"`
	Entries []ACLEntry `yaml:"entries"`
}

// ACLEntry is an entry of it.
type ACLEntry struct {
	Number   int          `yaml:"number"`
	Egress   bool         `yaml:"egress"`
	Allow    bool         `yaml:"allow"`
	Protocol string       `yaml:"protocol"`
	Prefix   netip.Prefix `yaml:"prefix"`
}

// Instance is an EC2 instance with one address.
type Instance struct {
	ID             string     `yaml:"id"`
	Name           string     `yaml:"name"`
	Subnet         string     `yaml:"subnet"`
	Address        netip.Addr `yaml:"address"`
	SecurityGroups []string   `yaml:"security_groups"`
	Stopped        bool       `yaml:"stopped"`
	Silent         bool       `yaml:"silent"`
}
