package desired

import (
	"net/netip"
	"time"
)

// File is the whole desired-state file, version 1, after defaults were
// filled in: no reader has to know a default.
type File struct {
	Version  int      `yaml:"version"`
	Owner    string   `yaml:"owner"`
	Schedule Schedule `yaml:"schedule"`
	Policy   Policy   `yaml:"policy"`
	Azure    Azure    `yaml:"azure"`
	AWS      AWS      `yaml:"aws"`
	Links    []Link   `yaml:"links"`
	Probes   Probes   `yaml:"probes"`

	origin origin // where each part is written
}

// Schedule says when the daemon looks. The expressions are five-field cron
// or "@every 5m".
type Schedule struct {
	TimeZone string   `yaml:"time_zone"` // IANA name; UTC when empty
	Audit    string   `yaml:"audit"`     // everything; "*/15 * * * *"
	Tunnels  string   `yaml:"tunnels"`   // tunnel status only; "@every 1m"
	Survey   string   `yaml:"survey"`    // what lies along the paths; "*/15 * * * *", "off": never
	Jitter   Duration `yaml:"jitter"`    // 10s
	Budget   Duration `yaml:"budget"`    // the longest a round may take; 10m
}

// Azure is the Azure half.
type Azure struct {
	Subscription  string            `yaml:"subscription"`
	ResourceGroup string            `yaml:"resource_group"`
	Credentials   AzureCredentials  `yaml:"credentials"`
	Endpoint      string            `yaml:"endpoint"` // of Azure Resource Manager; the public cloud's when empty
	Tags          map[string]string `yaml:"tags"`
	VirtualWAN    VirtualWAN        `yaml:"virtual_wan"`
	Hubs          []Hub             `yaml:"hubs"`
}

// AzureCredentials choose how to sign in. All empty: the SDK's own chain
// (environment, workload identity, managed identity, Azure CLI).
type AzureCredentials struct {
	Tenant          string `yaml:"tenant"`
	Client          string `yaml:"client"`
	SecretFrom      string `yaml:"secret_from"`      // file:/path, env:NAME, credential:NAME or awssm:ARN
	ManagedIdentity string `yaml:"managed_identity"` // client id, or "system"
}

// VirtualWAN is the one virtual WAN, of type Standard.
type VirtualWAN struct {
	Name     string `yaml:"name"`
	Location string `yaml:"location"` // the first hub's when empty
	Adopt    bool   `yaml:"adopt"`
}

// Hub is a virtual hub and what hangs on it.
type Hub struct {
	Name          string       `yaml:"name"`
	Location      string       `yaml:"location"` // canonical: "japaneast"
	AddressPrefix netip.Prefix `yaml:"address_prefix"`
	VNets         []VNet       `yaml:"vnets"`
	VPNGateway    *VPNGateway  `yaml:"vpn_gateway"` // none on this hub when absent
	Adopt         bool         `yaml:"adopt"`
	// Subscription of the hub when it is not the file's.
	Subscription string `yaml:"subscription"`
}

// VNet is an existing virtual network, attached to its hub.
type VNet struct {
	Name string `yaml:"name"` // the last part of the id when empty
	ID   string `yaml:"id"`   // ARM resource id
	// Prefixes is its address space; empty: read live.
	Prefixes []netip.Prefix `yaml:"prefixes"`
	Adopt    bool           `yaml:"adopt"`
}

// VPNGateway is the site-to-site gateway on a hub: always two instances,
// active-active.
type VPNGateway struct {
	Name              string            `yaml:"name"`               // "<hub>-vpn" when empty
	ScaleUnits        int               `yaml:"scale_units"`        // 1
	RoutingPreference RoutingPreference `yaml:"routing_preference"` // microsoft
	ASN               uint32            `yaml:"asn"`                // 65515
	Adopt             bool              `yaml:"adopt"`
}

// RoutingPreference says over whose network tunnel packets reach the gateway.
type RoutingPreference string

// The two routing preferences.
const (
	MicrosoftNetwork RoutingPreference = "microsoft"
	InternetRouting  RoutingPreference = "internet"
)

// AWS is the AWS half.
type AWS struct {
	Account     string            `yaml:"account"` // 12 digits
	Credentials AWSCredentials    `yaml:"credentials"`
	Endpoint    string            `yaml:"endpoint"` // of EC2 and STS, in every region; the SDK's when empty
	Tags        map[string]string `yaml:"tags"`
	Regions     []Region          `yaml:"regions"`
	Peerings    []Peering         `yaml:"peerings"`
	// EndpointMaintenance says who chooses when AWS's ends of the tunnels are
	// replaced; aws.
	EndpointMaintenance Maintenance `yaml:"endpoint_maintenance"`
}

// Maintenance says who chooses when AWS replaces an end of a tunnel for which it
// has maintenance.
type Maintenance string

// AWS when it likes, as by default; or linkd, in the maintenance windows and one
// tunnel at a time, before AWS's own last day for it.
const (
	MaintainedByAWS   Maintenance = "aws"
	MaintainedByLinkd Maintenance = "linkd"
)

// AWSCredentials choose how to sign in. All empty: the SDK's own chain.
type AWSCredentials struct {
	Profile    string `yaml:"profile"`
	AssumeRole string `yaml:"assume_role"` // ARN
	ExternalID string `yaml:"external_id"`
}

// Region is one AWS region and its transit gateways.
type Region struct {
	Name            string           `yaml:"name"` // "ap-northeast-1"
	TransitGateways []TransitGateway `yaml:"transit_gateways"`
}

// TransitGateway is a transit gateway and its VPC attachments.
type TransitGateway struct {
	Name  string `yaml:"name"`
	ASN   uint32 `yaml:"asn"`  // 64512
	ECMP  *bool  `yaml:"ecmp"` // true
	VPCs  []VPC  `yaml:"vpcs"`
	Adopt bool   `yaml:"adopt"`
	// Region it stands in, filled in from where it is written.
	Region string `yaml:"-"`
	// Account of the transit gateway and of all that hangs on it, when not the
	// file's: its VPCs, attachments, route tables, VPN connections.
	Account string `yaml:"account"`
	// AssumeRole is the ARN of the role of that account by which linkd works there.
	AssumeRole string `yaml:"assume_role"`
	ExternalID string `yaml:"external_id"` // that the role asks for
}

// VPC is an existing VPC, attached to its transit gateway.
type VPC struct {
	Name    string   `yaml:"name"`
	ID      string   `yaml:"id"`
	Subnets []Subnet `yaml:"subnets"` // to attach in: one a zone
	// RouteTables whose routes towards the transit gateway linkd maintains.
	RouteTables []string       `yaml:"route_tables"`
	Prefixes    []netip.Prefix `yaml:"prefixes"` // empty: read live
	Adopt       bool           `yaml:"adopt"`
}

// Subnet is a subnet of a VPC and its availability zone.
type Subnet struct {
	ID   string `yaml:"id"`
	Zone string `yaml:"zone"` // "ap-northeast-1a"; empty: read live
}

// Peering joins two transit gateways.
type Peering struct {
	Name string   `yaml:"name"`
	Join []string `yaml:"join"` // two names, in either order: the first by name requests it, the other accepts
}

// Link joins a hub's VPN gateway and a transit gateway.
type Link struct {
	Name           string     `yaml:"name"`
	Hub            string     `yaml:"hub"`
	TransitGateway string     `yaml:"transit_gateway"`
	Routing        Routing    `yaml:"routing"`    // static
	Redundancy     Redundancy `yaml:"redundancy"` // tunnels
	IKE            IKE        `yaml:"ike"`
	Keys           Keys       `yaml:"keys"`
	Site           Site       `yaml:"site"`
	// Inside are the /30s of the tunnels, in order; the address plan's when empty.
	Inside []netip.Prefix `yaml:"inside"`
	// BandwidthMbps is what it should carry; 0: nothing said.
	BandwidthMbps int `yaml:"bandwidth_mbps"`
	// Stateful says that a device along the link drops what it has not seen begin,
	// so that both directions must go by the same tunnel.
	Stateful bool `yaml:"stateful"`
}

// Routing says how the two sides learn each other's prefixes.
type Routing string

// The two ways of routing.
const (
	Static Routing = "static"
	BGP    Routing = "bgp"
)

// Redundancy says how many tunnels a link has.
type Redundancy string

// The shapes of redundancy.
const (
	Single  Redundancy = "single"  // instance 0, tunnel 1: the article's
	Tunnels Redundancy = "tunnels" // one connection, both tunnels, to instance 0
	Full    Redundancy = "full"    // two customer gateways, two connections, four tunnels
)

// IKE is the IKE and IPsec policy, set explicitly on both sides.
type IKE struct {
	Version    int       `yaml:"version"`     // 2
	Phase1     Phase1    `yaml:"phase1"`      // aes256, sha256, group 14, 8h
	Phase2     Phase2    `yaml:"phase2"`      // aes256-gcm, group 14, 1h
	Initiator  Initiator `yaml:"initiator"`   // both
	DPDTimeout Duration  `yaml:"dpd_timeout"` // 45s
}

// Phase1 protects the negotiation itself.
type Phase1 struct {
	Encryption string   `yaml:"encryption"` // aes128, aes256, aes128-gcm, aes256-gcm
	Integrity  string   `yaml:"integrity"`  // sha1, sha256, sha384
	DHGroup    int      `yaml:"dh_group"`   // 2, 14, 19, 20, 24
	Lifetime   Duration `yaml:"lifetime"`
}

// Phase2 protects the packets.
type Phase2 struct {
	Encryption string   `yaml:"encryption"`
	Integrity  string   `yaml:"integrity"` // with a GCM encryption: empty
	PFSGroup   int      `yaml:"pfs_group"` // 0: none
	Lifetime   Duration `yaml:"lifetime"`
}

// Initiator says which side starts a tunnel.
type Initiator string

// Who starts a tunnel.
const (
	InitiateBoth  Initiator = "both"
	InitiateAzure Initiator = "azure"
	InitiateAWS   Initiator = "aws"
)

// Keys says where pre-shared keys come from. From is "aws" (AWS makes one a
// tunnel; linkd carries it to Azure) or a [Source]; a source's key serves
// every tunnel of the link unless it holds one line a tunnel.
type Keys struct {
	From string `yaml:"from"`
	// RotateEvery is the age at which the linkd that runs gives a tunnel a new key,
	// one tunnel after the other, from 1d to 1825d; absent: never by itself. Only where AWS makes the keys.
	RotateEvery Duration `yaml:"rotate_every,omitempty"`
}

// Source names where a secret is read from: "file:/path", "env:NAME",
// "credential:NAME" (a systemd credential); keys of links also "awssm:ARN" (AWS
// Secrets Manager) and "azkv:URL" (Azure Key Vault).
type Source string

// Site holds what the Azure VPN site says of the far side; it does not
// affect traffic.
type Site struct {
	DeviceVendor string `yaml:"device_vendor"` // AWS
	Provider     string `yaml:"provider"`      // AWS
	SpeedMbps    int    `yaml:"speed_mbps"`    // 500
}

// Probes are the test machines on both sides, and how they are probed.
type Probes struct {
	Interval Duration `yaml:"interval"` // between two echoes from one machine to another; 1s
	Timeout  Duration `yaml:"timeout"`  // an answer that takes longer is lost; 1s, and never more than 10s
	// Burst is how many echoes make one result: 10.
	Burst int `yaml:"burst"`
	// Size of the whole IP packet in bytes: 84, as ping sends.
	Size int `yaml:"size"`
	// MTUInterval is how often the largest packet that passes is searched; 0: never. 1h.
	MTUInterval Duration `yaml:"mtu_interval"`
	// MostPerSecond is the most echoes a second of all vantages together; 1000.
	MostPerSecond int `yaml:"most_per_second"`
	// Local says where linkd itself stands: on the machine of a target, by its
	// name; "outside" of all of them, as by default; or "none": it sends nothing.
	Local   string   `yaml:"local"`
	Agents  Agents   `yaml:"agents"`
	Targets []Target `yaml:"targets"`
}

// Agents are how linkd and its agents know each other. The three are sources, as
// linkd agent certificate makes them: "file:/path" or "credential:NAME".
type Agents struct {
	Listen      string `yaml:"listen"`      // address at which agents dial in, such as ":9718"
	Certificate Source `yaml:"certificate"` // of the daemon
	Key         Source `yaml:"key"`         // to that certificate
	Authority   Source `yaml:"authority"`   // the certificate of who signs all of them
}

// Target is one test machine: an Azure VM in a VNet or an EC2 instance in a
// VPC.
type Target struct {
	Name    string     `yaml:"name"`
	Address netip.Addr `yaml:"address"`
	VNet    string     `yaml:"vnet"`   // name, or
	VPC     string     `yaml:"vpc"`    // name
	ID      string     `yaml:"id"`     // ARM id of the VM, or "i-…"
	Subnet  string     `yaml:"subnet"` // of an EC2 instance, "subnet-…"
	Zone    string     `yaml:"zone"`   // of an EC2 instance
	// Agent says how the linkd agent on it is met: "dials-in", or the address at
	// which it listens, such as 10.1.0.4:9718. Empty: there is none.
	Agent string `yaml:"agent"`
}

// Policy decides what is done about each drift: the first rule that matches
// wins, and Default when none does. Limits hold for a whole plan.
type Policy struct {
	Default Action   `yaml:"default"` // repair
	Rules   []Rule   `yaml:"rules"`
	Limits  Limits   `yaml:"limits"`
	Windows []Window `yaml:"windows"`
}

// Rule is one line of the policy.
type Rule struct {
	Drift string    `yaml:"drift"` // glob over drift keys: "aws/vpn-connection.*"
	Link  string    `yaml:"link"`  // only of this link; empty: any
	Do    Action    `yaml:"do"`
	Why   string    `yaml:"why"`
	Until time.Time `yaml:"until"` // the rule ends then; zero: never
	// MayCutLastTunnel lets a repair interrupt the last live tunnel of a link,
	// which otherwise waits for a person's approval.
	MayCutLastTunnel bool `yaml:"may_cut_last_tunnel"`
}

// Action is what policy says of a drift.
type Action string

// The actions.
const (
	Repair  Action = "repair"
	Report  Action = "report"
	Approve Action = "approve" // repair once a person approves the plan
	Ignore  Action = "ignore"
)

// Limits refuse a whole plan that would change too much. 0: no limit.
type Limits struct {
	Changes  int `yaml:"changes"`
	Deletes  int `yaml:"deletes"`
	Replaces int `yaml:"replaces"`
	Percent  int `yaml:"percent"` // of the resources in the file
}

// Window is when repairs that interrupt traffic may run.
type Window struct {
	Start    string   `yaml:"start"` // cron expression of its beginning
	Duration Duration `yaml:"duration"`
}
