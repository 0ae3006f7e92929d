package verify

import (
	"cmp"
	"slices"
	"strings"

	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/path"
	"linkd/internal/resource"
)

// Direction says which packets a finding concerns.
type Direction string

// The directions.
const (
	BothWays   Direction = ""
	AzureToAWS Direction = "azure-to-aws"
	AWSToAzure Direction = "aws-to-azure"
	AWSToAWS   Direction = "aws-to-aws" // over a peering
)

// String is the direction as a person reads it: "azure → aws".
func (d Direction) String() string {
	return strings.ReplaceAll(string(d), "-to-", " → ")
}

// Finding is one failure, where it is, and why it is told.
type Finding struct {
	Code      failure.Code     `json:"code"`
	Severity  failure.Severity `json:"severity"`
	ID        resource.ID      `json:"resource,omitempty"` // linkd's name of it
	Ref       string           `json:"ref,omitempty"`      // the cloud's
	Link      string           `json:"link,omitempty"`
	Direction Direction        `json:"direction,omitempty"`
	// Says is what was found, as a sentence without its full stop.
	Says     string          `json:"says"`
	Evidence []path.Evidence `json:"evidence,omitempty"`
	// Ways are the directions between machines that it blocks, "vm-jpe → ec2-a".
	Ways []string  `json:"ways,omitempty"`
	Hop  path.Kind `json:"hop,omitempty"`
	// Latent says that packets pass although the model is broken.
	Latent bool   `json:"latent,omitempty"`
	Hint   string `json:"hint,omitempty"`
	Doc    string `json:"doc"`
	// Consequences are findings that this one explains.
	Consequences []Finding `json:"consequences,omitempty"`

	about    tokens
	near     tokens // of a hop of the model: what lies about its way
	check    string // that found it
	blind    bool   // the model does not know its way
	plain    bool   // its cloud says so outright: no other failure is why
	told     bool   // it is of what BGP should tell
	turned   bool   // it is of a change of linkd's mind about which connection carries
	foretold bool   // it has not come yet, and is the cause of nothing
	subject  string // tells apart findings of one code at one place
	machine  string // the name of the machine that Ref is
	alone    string // what it said before others were joined to it
}

// At is where it is, in one word: linkd's name, else the cloud's.
func (f Finding) At() string {
	if f.ID != "" {
		return string(f.ID)
	}
	return f.Ref
}

// Line is the finding in one line: code, place, direction. Of an ARM id it has
// the name at its end, and of a machine the name that the file gives it.
func (f Finding) Line() string {
	line := string(f.Code)
	at := f.At()
	if f.ID == "" {
		at = cmp.Or(f.machine, lastPart(at))
	}
	if at != "" {
		line += " at " + at
	}
	if f.Direction != BothWays {
		line += " (" + f.Direction.String() + ")"
	}
	return line
}

// tokens are the words that a finding is about, each "share/name".
type tokens []string

func (t *tokens) add(share failure.Share, names ...string) {
	for _, name := range names {
		if word := string(share) + "/" + name; name != "" && !slices.Contains(*t, word) {
			*t = append(*t, word)
		}
	}
}

// meet tells whether two findings have a word of a class in common. What an
// effect needs is what its cause is.
func meet(effect, cause tokens, at failure.Share) bool {
	want, have := string(at)+"/", string(at)+"/"
	if at == failure.Needs {
		have = string(failure.Same) + "/"
	}
	for _, word := range effect {
		if name, ours := strings.CutPrefix(word, want); ours && slices.Contains(cause, have+name) {
			return true
		}
	}
	return false
}

// found starts a finding about a resource.
func (e *Evidence) found(code failure.Code, id resource.ID, says string) Finding {
	row, _ := failure.Of(code)
	f := Finding{
		Code: code, Severity: row.Severity, ID: id, Ref: e.World[id].Ref, Link: e.File.LinkOf(id),
		Says: says, Hint: row.Repair, Doc: row.Anchor(),
	}
	f.about = e.about(id)
	return f
}

// seen adds where a finding comes from: the field and its value, as the
// resource's own read gave it.
func (f Finding) seen(e *Evidence, field, value string) Finding {
	f.Evidence = append(f.Evidence, path.Evidence{Call: callOf(f.ID), Field: field, Value: value, At: e.World[f.ID].AsOf})
	return f
}

// on adds words that the finding is about.
func (f Finding) on(share failure.Share, names ...string) Finding {
	f.about = slices.Clone(f.about)
	f.about.add(share, names...)
	return f
}

// toward says which packets it concerns.
func (f Finding) toward(d Direction) Finding {
	f.Direction = d
	return f
}

// as gives it another severity than its row's.
func (f Finding) as(s failure.Severity) Finding {
	f.Severity = s
	return f
}

// about is what a resource belongs to, by its id alone.
func (e *Evidence) about(id resource.ID) tokens {
	var words tokens
	words.add(failure.Same, string(id))
	for _, need := range e.Needs[id] {
		words.add(failure.Needs, string(need))
	}
	for _, hub := range e.File.Azure.Hubs {
		if id == desired.HubID(hub.Name) {
			words.add(failure.Hub, hub.Name)
		}
		if id == desired.VPNGatewayID(hub.Name) {
			for _, link := range e.File.LinksOfHub(hub.Name) {
				words.add(failure.Link, link.Name)
			}
		}
		for _, vnet := range hub.VNets {
			if id == desired.VNetID(vnet.Name) || id == desired.VNetConnectionID(vnet.Name) {
				words.add(failure.Network, vnet.Name)
			}
		}
	}
	for _, gateway := range e.File.TransitGateways() {
		for _, vpc := range gateway.VPCs {
			mine := id == desired.VPCID(vpc.Name) || id == desired.VPCAttachmentID(vpc.Name) ||
				slices.ContainsFunc(vpc.RouteTables, func(table string) bool { return id == desired.VPCRoutesID(table) })
			if mine {
				words.add(failure.Network, vpc.Name)
			}
		}
		if id == desired.TransitGatewayID(gateway.Name) {
			for _, link := range e.File.LinksOfTransitGateway(gateway.Name) {
				words.add(failure.Link, link.Name)
			}
		}
	}
	words.add(failure.Link, e.File.LinkOf(id))
	for _, peering := range e.File.AWS.Peerings {
		if id == desired.PeeringID(peering.Name) {
			words.add(failure.Peering, peering.Name)
		}
	}
	for _, tunnel := range e.File.Tunnels() {
		if id == desired.AzureTunnelID(tunnel) || id == desired.AWSTunnelID(tunnel) {
			words.add(failure.Tunnel, tunnel.Name())
		}
	}
	return words
}

// calls are the reads by which each kind is seen.
var calls = []struct{ kind, call string }{
	{"azure/virtual-wan/", "virtualWans/read"},
	{"azure/virtual-hub/", "virtualHubs/read"},
	{"azure/vnet/", "virtualNetworks/read"},
	{"azure/vnet-connection/", "virtualHubs/hubVirtualNetworkConnections/read"},
	{"azure/vpn-gateway/", "vpnGateways/read"},
	{"azure/vpn-site/", "vpnSites/read"},
	{"azure/vpn-connection/", "vpnGateways/vpnConnections/read"},
	{"azure/vpn-tunnel/", "vpnGateways/vpnConnections/read"},
	{"azure/hub-routes/", "virtualHubs/effectiveRoutes/action"},
	{"aws/transit-gateway/", "ec2:DescribeTransitGateways"},
	{"aws/vpc/", "ec2:DescribeVpcs"},
	{"aws/vpc-attachment/", "ec2:DescribeTransitGatewayVpcAttachments"},
	{"aws/peering-attachment/", "ec2:DescribeTransitGatewayPeeringAttachments"},
	{"aws/customer-gateway/", "ec2:DescribeCustomerGateways"},
	{"aws/vpn-connection/", "ec2:DescribeVpnConnections"},
	{"aws/vpn-tunnel/", "ec2:DescribeVpnConnections"},
	{"aws/tgw-routes/", "ec2:SearchTransitGatewayRoutes"},
	{"aws/learned-routes/", "ec2:SearchTransitGatewayRoutes"},
	{"aws/vpc-routes/", "ec2:DescribeRouteTables"},
}

// callOf is the read by which a resource is seen.
func callOf(id resource.ID) string {
	for _, row := range calls {
		if strings.HasPrefix(string(id), row.kind) {
			return row.call
		}
	}
	return ""
}
