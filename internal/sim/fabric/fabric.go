package fabric

import (
	"net/netip"
	"time"
)

// Fabric joins both halves. It is not safe for use by several goroutines: the
// simulator calls it under its lock.
type Fabric struct {
	handshake time.Duration
	histories map[tunnelKey]history
	links     map[string]LinkState

	// As of the last update.
	now   time.Time
	azure Azure
	aws   AWS
	index
	pairs   []Pair
	pairsOf map[netip.Addr][]Pair // by outside address

	hubRoutes map[string][]Route    // by hub, worked out when first asked for
	tgwRoutes map[string][]TGWRoute // by table, likewise
	nicRoutes map[string][]NICRoute // by VNet and subnet, likewise
	walks     map[flow]walked       // by flow, likewise

	conditions []Condition
	seed       uint64
	flows      map[flow]uint64    // how many packets each has sent
	traffic    map[string]Traffic // by link connection
}

// New makes a fabric in which a tunnel is up once both sides have agreed for
// as long as handshake.
func New(handshake time.Duration) *Fabric {
	f := &Fabric{handshake: handshake, histories: map[tunnelKey]history{}, flows: map[flow]uint64{}, traffic: map[string]Traffic{}}
	f.Update(time.Time{}, Azure{}, AWS{})
	return f
}

// Tunnel is the state of the tunnel between an outside address of AWS and the
// public address of an instance of an Azure gateway.
type Tunnel struct {
	Up    bool `json:"up"`
	BGPUp bool `json:"bgp_up"`
	// Since is when Up last changed, BGPSince when BGPUp did; zero when they
	// were never up.
	Since    time.Time `json:"since,omitzero"`
	BGPSince time.Time `json:"bgp_since,omitzero"`
	// Why it is not up; when it is up without BGP, why there is none.
	Why    string `json:"why,omitempty"`
	Phase1 Suite  `json:"phase1,omitzero"` // negotiated, when up
	Phase2 Suite  `json:"phase2,omitzero"`
}

// Shown says whether a cloud whose telemetry lags shows the tunnel up at now.
func (t Tunnel) Shown(now time.Time, lag time.Duration) bool {
	return shown(t.Up, t.Since, now, lag)
}

// ShownBGP says the same of the BGP session.
func (t Tunnel) ShownBGP(now time.Time, lag time.Duration) bool {
	return shown(t.BGPUp, t.BGPSince, now, lag)
}

func shown(is bool, since, now time.Time, lag time.Duration) bool {
	if !since.IsZero() && now.Sub(since) < lag {
		return !is
	}
	return is
}

// Suite is what was negotiated: common names as in [Proposal].
type Suite struct {
	Encryption string `json:"encryption"`
	Integrity  string `json:"integrity,omitempty"`
	Group      string `json:"group"`
}

// Pair is an instance of an Azure gateway that dials by a link connection, and
// the AWS tunnel that it dials. A link connection that dials an address where no
// tunnel is has pairs with an empty Connection; an AWS tunnel that nobody dials
// has one pair with an empty LinkConnection.
type Pair struct {
	LinkConnection string     `json:"link_connection,omitempty"`
	Gateway        string     `json:"gateway,omitempty"`
	Instance       int        `json:"instance"`
	Address        netip.Addr `json:"address,omitzero"` // public, of the instance

	Connection     string     `json:"connection,omitempty"` // the AWS VPN connection
	TransitGateway string     `json:"transit_gateway,omitempty"`
	Attachment     string     `json:"attachment,omitempty"`
	Outside        netip.Addr `json:"outside"`

	// Meant is whether the AWS tunnel expects that instance. The others can
	// never be up: an AWS tunnel answers its one customer gateway only.
	Meant bool `json:"meant"`
	Tunnel
}

// LinkState is the state of an Azure link connection, both instances
// together, with what it was before.
type LinkState struct {
	Status, Before string // Connected, Connecting, NotConnected, Unknown
	Since          time.Time
}

// Shown is the status that a cloud whose telemetry lags shows at now.
func (s LinkState) Shown(now time.Time, lag time.Duration) string {
	if now.Sub(s.Since) < lag {
		return s.Before
	}
	return s.Status
}

// Route is an effective route of a hub's default route table: the winner of
// its prefix.
type Route struct {
	Prefix      netip.Prefix
	NextHopType string // "Virtual Network Connection", "VPN_S2S_Gateway", "Remote Hub", "ResourceId"
	NextHop     string // resource id
	Origin      string // resource id of where it was learned
	ASPath      string // "65520-65520" style, or ""
}

// NICRoute is an effective route of a network interface. Routes that lost to
// another of the same prefix are in the list as Invalid.
type NICRoute struct {
	Prefix      netip.Prefix
	Source      string // Default, User, VirtualNetworkGateway
	State       string // Active, Invalid
	NextHopType string // VnetLocal, VirtualNetworkGateway, Internet, None, VirtualAppliance
	Table       string // id of the user's route table
	Name        string // of the user's route
	Address     netip.Addr
	// Closed says that the subnet's route table takes no routes of gateways.
	Closed bool
}

// TGWRoute is a route of a transit gateway route table.
type TGWRoute struct {
	Prefix      netip.Prefix
	Type        string   // static, propagated
	State       string   // active, blackhole
	Attachments []string // several with ECMP; none: a wanted blackhole
}

// Echo is what became of an echo: the hops it took and its answer took, and
// where and why it was dropped.
type Echo struct {
	Crossed   bool   `json:"crossed"`
	Forward   []Hop  `json:"forward,omitempty"`
	Back      []Hop  `json:"back,omitempty"`
	DroppedAt string `json:"dropped_at,omitempty"` // kind and id of the hop
	Why       string `json:"why,omitempty"`
}

// Hop is a place that a packet passed.
type Hop struct {
	Kind string `json:"kind"` // machine, nsg, nic-routes, hub, gateway, tunnel, transit-gateway, attachment, subnet-routes, acl, security-group
	ID   string `json:"id"`
	By   string `json:"by"` // the route, rule or tunnel that let it pass
}

// Machine is a machine of either cloud.
type Machine struct {
	ID      string
	Address netip.Addr
}

// Machines lists the machines of both clouds, Azure's first.
func (f *Fabric) Machines() []Machine {
	var all []Machine
	for _, vm := range f.azure.VMs {
		all = append(all, Machine{vm.ID, vm.Address})
	}
	for _, host := range f.aws.Instances {
		all = append(all, Machine{host.ID, host.Address})
	}
	return all
}
