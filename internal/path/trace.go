// Package path is the model of the way of a packet through both clouds, hop by
// hop and back by its own lookup. It is pure: it judges what was seen, and
// fetches nothing.
package path

import (
	"time"

	"linkd/internal/failure"
	"linkd/internal/resource"
)

// Verdict says what a hop does with the packet.
type Verdict string

// The verdicts. A way blocks when any of its hops does; else it is unknown
// when any of them is; else it passes.
const (
	Pass    Verdict = "pass"
	Block   Verdict = "block"
	Unknown Verdict = "unknown" // not allowed to read, not read, or stale
)

// Kind says what a hop is.
type Kind string

// The kinds of hops, from a virtual machine to an EC2 instance. The other way
// meets them in reverse.
const (
	Machine        Kind = "machine"
	NSG            Kind = "nsg"
	NICRoutes      Kind = "nic-routes"
	VNetConnection Kind = "vnet-connection"
	Hub            Kind = "hub"
	Gateway        Kind = "gateway"
	Site           Kind = "site"
	Tunnel         Kind = "tunnel"
	Association    Kind = "tgw-association"
	TGWRoutes      Kind = "tgw-routes"
	Attachment     Kind = "attachment"
	Zone           Kind = "zone"
	SubnetRoutes   Kind = "subnet-routes"
	NetworkACL     Kind = "network-acl"
	SecurityGroup  Kind = "security-group"
)

// Hop is one place on the way and what it does with the packet.
type Hop struct {
	Kind Kind `json:"kind"`
	// ID is linkd's name of the resource, when it has one, and Ref the cloud's.
	ID  resource.ID `json:"id,omitempty"`
	Ref string      `json:"ref,omitempty"`

	Verdict Verdict `json:"verdict"`
	// Code names the failure of a hop that blocks; "" otherwise.
	Code failure.Code `json:"code,omitempty"`
	// Root is what is to be mended when the packet is lost at another place than
	// the one where something is wrong: the site that lacks the prefix which a
	// network interface has no route to. "" when it is this place.
	Root resource.ID `json:"root,omitempty"`
	// Says is what decides, as a sentence without its full stop: "172.20.0.0/16
	// goes to the hub", "no route covers 10.2.0.4".
	Says     string     `json:"says"`
	Evidence []Evidence `json:"evidence,omitempty"`
}

// Evidence is where a verdict comes from: the call, the field and the value
// that decided, and when it was read.
type Evidence struct {
	Call  string    `json:"call"` // "ec2:SearchTransitGatewayRoutes", "virtualHubs/effectiveRoutes"
	Field string    `json:"field"`
	Value string    `json:"value"`
	At    time.Time `json:"at,omitzero"`
}

// Way is one direction, as far as the packet comes.
type Way struct {
	From    string  `json:"from"` // names of targets, or prefixes
	To      string  `json:"to"`
	Verdict Verdict `json:"verdict"`
	Hops    []Hop   `json:"hops"`
}

// Broken returns the hop that blocks the way, if one does.
func (w Way) Broken() (Hop, bool) {
	for _, hop := range w.Hops {
		if hop.Verdict == Block {
			return hop, true
		}
	}
	return Hop{}, false
}

// Trace is a packet's way and the way of its answer. Both are walked: the
// answer's as if the packet had arrived.
type Trace struct {
	Forward Way `json:"forward"`
	Back    Way `json:"back"`
	// Asymmetric says in what the answer goes another way, by another link or
	// attachment, as a sentence without its full stop; "" when it does not.
	Asymmetric string `json:"asymmetric,omitempty"`
	// Unmeant says why the file does not mean the two ends to reach each other,
	// where they do not: then no failure is named. "" when it does.
	Unmeant string `json:"unmeant,omitempty"`
}

// Verdict joins both ways: an echo comes back when both pass.
func (t Trace) Verdict() Verdict { return worse(t.Forward.Verdict, t.Back.Verdict) }

// Broken returns the hop at which the echo is lost, on its way or on that of
// its answer, if one is.
func (t Trace) Broken() (Hop, bool) {
	if hop, broken := t.Forward.Broken(); broken {
		return hop, true
	}
	return t.Back.Broken()
}

// worse is the verdict of two in a row: what is blocked stays so, whatever is
// not known beside it.
func worse(a, b Verdict) Verdict {
	switch {
	case a == Block || b == Block:
		return Block
	case a == Unknown || b == Unknown:
		return Unknown
	}
	return Pass
}
