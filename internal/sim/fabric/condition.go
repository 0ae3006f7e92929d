package fabric

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// LinkMTU is the size in bytes of the largest IP packet that crosses a
// healthy tunnel whole, either way. Azure's advice for its gateways is an MTU of
// 1400 (or an MSS of 1350); AWS allows up to 1446 with its smallest cipher, so
// the smaller one counts. On a healthy link whoever sends more is told so.
const LinkMTU = 1400

// The largest packets that other places take: Azure's interfaces have an MTU
// of 1500, those of EC2 have 9001, and a transit gateway takes 8500.
const (
	azureMTU          = 1500
	ec2MTU            = 9001
	transitGatewayMTU = 8500
)

// The ways of a packet, by the cloud that it goes to. Conditions with an empty
// way hold for both.
const (
	TowardAzure = "azure"
	TowardAWS   = "aws"
)

// Condition is what a place does to the packets that pass it, beside what
// routes and filters do. Several conditions of one place add up.
type Condition struct {
	// Kind and ID name the hop as [Hop] does; an empty ID is every hop of the
	// kind. "tunnel" with an AWS outside address is one tunnel.
	Kind string `json:"kind" yaml:"kind"`
	ID   string `json:"id,omitempty" yaml:"id"`
	// Toward is the cloud that the packets go to, "azure" or "aws"; "": both.
	Toward string `json:"toward,omitempty" yaml:"toward"`

	Latency   time.Duration `json:"latency_ns,omitempty" yaml:"latency"`  // added to the place's own
	Jitter    time.Duration `json:"jitter_ns,omitempty" yaml:"jitter"`    // up to so much more, evenly spread
	Loss      float64       `json:"loss,omitempty" yaml:"loss"`           // 0 to 1
	Duplicate float64       `json:"duplicate,omitempty" yaml:"duplicate"` // 0 to 1

	// MTU is the largest packet in bytes; 0 leaves it as it is. A larger one that
	// may not be fragmented is refused with an ICMP error, unless Silent.
	MTU    int  `json:"mtu,omitempty" yaml:"mtu"`
	Silent bool `json:"silent,omitempty" yaml:"silent"`
	// Packets of SilentFrom to SilentTo bytes that may not be fragmented are
	// lost without a word. Those that may be are cut and pass.
	SilentFrom int `json:"silent_from,omitempty" yaml:"silent_from"`
	SilentTo   int `json:"silent_to,omitempty" yaml:"silent_to"`

	// Refuses answers every packet with an ICMP error: "host-unreachable",
	// "net-unreachable" or "prohibited".
	Refuses string `json:"refuses,omitempty" yaml:"refuses"`

	// Cut, of a tunnel, lets no IKE through between its two public ends, so that
	// it is down though both sides agree.
	Cut bool `json:"cut,omitempty" yaml:"cut"`
}

// hopKinds are the kinds of hops that a packet passes.
var hopKinds = []string{
	"machine", "nsg", "nic-routes", "vnet", "hub", "gateway", "tunnel", "transit-gateway", "attachment", "subnet-routes", "acl", "security-group", "vpc",
}

// Check says what is wrong with a condition, in a sentence.
func (c Condition) Check() error {
	switch {
	case !slices.Contains(hopKinds, c.Kind):
		return fmt.Errorf("a condition is of no kind %q: %s", c.Kind, strings.Join(hopKinds, ", "))
	case c.Toward != "" && c.Toward != TowardAzure && c.Toward != TowardAWS:
		return fmt.Errorf("packets go toward azure or aws, not %q", c.Toward)
	case c.Loss < 0 || c.Loss > 1 || c.Duplicate < 0 || c.Duplicate > 1:
		return fmt.Errorf("a probability is between 0 and 1")
	case c.Latency < 0 || c.Jitter < 0 || c.MTU < 0 || c.SilentFrom < 0:
		return fmt.Errorf("a condition is not less than nothing")
	case c.SilentTo < c.SilentFrom || c.SilentTo > 0 && c.SilentFrom == 0:
		return fmt.Errorf("the silent band %d to %d has no size in it", c.SilentFrom, c.SilentTo)
	case c.Cut && c.Kind != "tunnel":
		return fmt.Errorf("only a tunnel is cut, not a %s", c.Kind)
	case c.Refuses != "" && !slices.Contains([]string{HostUnreachable, NetUnreachable, Prohibited}, c.Refuses):
		return fmt.Errorf("a place refuses with host-unreachable, net-unreachable or prohibited, not %q", c.Refuses)
	}
	return nil
}

func (c Condition) holds(hop Hop, toward string) bool {
	return c.Kind == hop.Kind && (c.ID == "" || strings.EqualFold(c.ID, hop.ID)) && (c.Toward == "" || c.Toward == toward)
}

// SetConditions puts conditions in the place of those that were set before;
// without any, all places are as they are by themselves. A cut shows with the
// next update.
func (f *Fabric) SetConditions(conditions ...Condition) { f.conditions = slices.Clone(conditions) }

// cut says whether IKE is kept from a tunnel.
func (f *Fabric) cut(outside netip.Addr) bool {
	return slices.ContainsFunc(f.conditions, func(c Condition) bool {
		return c.Cut && (c.ID == "" || c.ID == outside.String())
	})
}

// Conditions lists what is set.
func (f *Fabric) Conditions() []Condition { return append([]Condition{}, f.conditions...) }

// ownLatencies are what places take one way by themselves: inside a region an
// echo through a link takes some 5 ms there and back. They are a guess at what
// such links show; nobody publishes figures for the single parts.
var ownLatencies = map[string]time.Duration{
	"machine": 50 * time.Microsecond, "hub": 300 * time.Microsecond, "gateway": 500 * time.Microsecond,
	"tunnel": 1200 * time.Microsecond, "transit-gateway": 300 * time.Microsecond,
}

// betweenRegions is added one way between two hubs, or two transit gateways,
// of different regions.
const betweenRegions = 15 * time.Millisecond

// own is what a place does by itself.
func (f *Fabric) own(hop Hop) Condition {
	own := Condition{Latency: ownLatencies[hop.Kind]}
	switch hop.Kind {
	case "tunnel":
		own.MTU = LinkMTU
	case "transit-gateway":
		own.MTU = transitGatewayMTU
	case "hub", "gateway":
		own.MTU = azureMTU
	case "machine":
		own.MTU = ec2MTU
		if !strings.HasPrefix(hop.ID, "i-") {
			own.MTU = azureMTU
		}
	}
	return own
}
