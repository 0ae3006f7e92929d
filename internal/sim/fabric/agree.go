package fabric

import (
	"fmt"
	"net/netip"
	"slices"
)

// meeting is an instance of a gateway that dials by a link connection, and
// the AWS tunnel that has the address it dials.
type meeting struct {
	gateway        Gateway
	instance       int
	link           LinkConnection
	connection     VPNConnection
	tunnel         AWSTunnel
	transitGateway TransitGateway
	cut            bool // something between the two lets no IKE through
}

func (m meeting) address() netip.Addr { return m.gateway.Instances[m.instance].Public }

func (m meeting) serves() bool {
	return len(m.gateway.Up) <= m.instance || m.gateway.Up[m.instance]
}

// agreement is what came of a meeting.
type agreement struct {
	why            string // why there is no tunnel; "" when both sides agree
	bgp            bool
	noBGP          string // why there is no BGP session though a side wants one
	phase1, phase2 Suite
}

// agree goes through what two sides of a tunnel must agree on, in the order
// in which IKE would find out.
func (m meeting) agree() agreement {
	for _, objection := range objections {
		if why := objection(m); why != "" {
			return agreement{why: why}
		}
	}
	phase1, why := negotiate1(m.link.Proposal, m.tunnel.Proposal)
	if why != "" {
		return agreement{why: why}
	}
	if m.link.Key != m.tunnel.Key {
		return agreement{why: "the pre-shared keys differ"}
	}
	phase2, why := negotiate2(m.link.Proposal, m.tunnel.Proposal, m.link.IKEv1)
	if why != "" {
		return agreement{why: why}
	}
	noBGP := m.agreeBGP()
	bgp := m.link.BGP && !m.connection.Static && noBGP == ""
	return agreement{phase1: phase1, phase2: phase2, bgp: bgp, noBGP: noBGP}
}

// objections are the ways in which IKE does not even begin.
var objections = []func(meeting) string{
	func(m meeting) string { // the gateway's instance
		if m.serves() {
			return ""
		}
		return fmt.Sprintf("instance %d of the Azure gateway is not in service", m.instance)
	},
	func(m meeting) string { // the AWS endpoint
		if m.tunnel.InService {
			return ""
		}
		return fmt.Sprintf("the AWS tunnel %s is not in service: it is being modified or replaced", m.tunnel.Outside)
	},
	func(m meeting) string { // an AWS tunnel knows one peer, its customer gateway
		if m.connection.CustomerAddress == m.address() {
			return ""
		}
		return fmt.Sprintf("the AWS tunnel %s answers its customer gateway %s only, not %s",
			m.tunnel.Outside, m.connection.CustomerAddress, m.address())
	},
	func(m meeting) string {
		if !m.cut {
			return ""
		}
		return fmt.Sprintf("nothing comes through between %s and %s", m.address(), m.tunnel.Outside)
	},
	func(m meeting) string { // AWS initiates with IKEv2 only
		azure := m.link.Mode != "ResponderOnly"
		aws := m.tunnel.Initiates && m.tunnel.IKEv2
		if azure || aws {
			return ""
		}
		return "both sides wait to be called: Azure only responds, and AWS does not start"
	},
	func(m meeting) string {
		switch {
		case m.link.IKEv1 && !m.tunnel.IKEv1:
			return "no IKE version in common: Azure speaks IKEv1, AWS does not take it"
		case !m.link.IKEv1 && !m.tunnel.IKEv2:
			return "no IKE version in common: Azure speaks IKEv2, AWS does not take it"
		}
		return ""
	},
}

// agreeBGP says why there is no BGP session over the tunnel though a side wants
// one. AWS speaks BGP
// from the first host of the inside range to the second, and from nowhere
// else; an Azure instance speaks from the address it was given for the link.
func (m meeting) agreeBGP() string {
	ours, theirs := insideHosts(m.tunnel.Inside)
	switch {
	case !m.link.BGP && m.connection.Static:
		return "" // nobody wants one
	case !m.link.BGP:
		return "BGP is off on the Azure link and on in the AWS connection"
	case m.connection.Static:
		return "BGP is on for the Azure link and the AWS connection is static"
	case m.link.PeerASN != m.transitGateway.ASN:
		return fmt.Sprintf("Azure expects AS %d, the transit gateway is AS %d", m.link.PeerASN, m.transitGateway.ASN)
	case m.connection.CustomerASN != m.gateway.ASN:
		return fmt.Sprintf("AWS expects AS %d, the Azure gateway is AS %d", m.connection.CustomerASN, m.gateway.ASN)
	case m.link.PeerAddress != ours:
		return fmt.Sprintf("Azure's BGP peer is %s, AWS speaks from %s", m.link.PeerAddress, ours)
	case !m.speaksFrom(theirs):
		return fmt.Sprintf("AWS's BGP peer is %s, which is not the address that instance %d uses for this link", theirs, m.instance)
	}
	return ""
}

// speaksFrom says whether an instance uses an address for the link: the custom one
// that is chosen for it, if it was given that, else one of its own.
func (m meeting) speaksFrom(address netip.Addr) bool {
	instance := m.gateway.Instances[m.instance]
	if custom, chosen := m.link.CustomAddresses[m.instance]; chosen {
		return custom == address && slices.Contains(instance.Custom, address)
	}
	return slices.Contains(instance.Default, address)
}

// insideHosts are the two hosts of a tunnel's inside range: AWS has the
// first, the customer gateway the second.
func insideHosts(inside netip.Prefix) (aws, customer netip.Addr) {
	if !inside.IsValid() {
		return netip.Addr{}, netip.Addr{}
	}
	aws = inside.Masked().Addr().Next()
	return aws, aws.Next()
}
