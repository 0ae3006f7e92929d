package desired

import (
	"fmt"
	"strings"
)

// tooSlow lists the links that are to carry more than AWS sends by them, and the gateways
// that are to carry more than their scale units do.
func (f *File) tooSlow() []Problem {
	var all []Problem
	wanted := map[string]int{} // by hub
	for path, link := range f.links() {
		wanted[link.Hub] += link.BandwidthMbps
		if tunnels, why, hint := f.carrying(*link); link.BandwidthMbps > tunnels*mbpsOfTunnel {
			all = append(all, f.origin.problem(path+".bandwidth_mbps", hint+"; one flow is never faster than one tunnel",
				fmt.Sprintf("the link %s is to carry %d Mbps, and AWS sends %d at most: %s", link.Name, link.BandwidthMbps, tunnels*mbpsOfTunnel, why)))
		}
	}
	for path, hub := range f.hubs() {
		if hub.VPNGateway == nil || wanted[hub.Name] <= hub.VPNGateway.ScaleUnits*mbpsOfScaleUnit {
			continue
		}
		hint := fmt.Sprintf("give it scale_units: %d", (wanted[hub.Name]+mbpsOfScaleUnit-1)/mbpsOfScaleUnit)
		if wanted[hub.Name] > mostScaleUnits*mbpsOfScaleUnit {
			hint = fmt.Sprintf("a gateway has %d scale units at most: give another hub a gateway, and links of its own", mostScaleUnits)
		}
		all = append(all, f.origin.problem(path+".vpn_gateway.scale_units", hint,
			fmt.Sprintf("the links of %s are to carry %d Mbps together, and its gateway carries %d", hub.Name, wanted[hub.Name], hub.VPNGateway.ScaleUnits*mbpsOfScaleUnit)))
	}
	return all
}

// carrying is by how many tunnels of a link AWS sends at once, why, and what of the file
// would make it more. With static routes it sends by one; with BGP by all whose routes are
// equal, when the transit gateway spreads over them.
func (f *File) carrying(link Link) (tunnels int, why, hint string) {
	gateway := f.TransitGatewayNamed(link.TransitGateway)
	ecmp := gateway == nil || gateway.ECMP == nil || *gateway.ECMP
	var steps []string
	if link.Routing != BGP {
		steps = append(steps, "routing: bgp")
	}
	if !ecmp {
		steps = append(steps, "ecmp: true of "+gateway.Name)
	}
	could := len(link.Tunnels()) * mbpsOfTunnel
	if link.Redundancy != Full && link.BandwidthMbps > could {
		steps, could = append(steps, "redundancy: full"), mostTunnels*mbpsOfTunnel
	}
	if len(steps) > 0 {
		hint = fmt.Sprintf("set %s: AWS then sends %d", strings.Join(steps, " and "), could)
	}
	if link.BandwidthMbps > could {
		hint = strings.TrimPrefix(hint+"; spread networks over several links", "; ")
	}
	switch {
	case link.Routing == Static:
		return 1, "with static routes it uses one tunnel", hint
	case !ecmp:
		return 1, "without ecmp it uses one tunnel", hint
	}
	return len(link.Tunnels()), fmt.Sprintf("redundancy: %s has %d tunnels", link.Redundancy, len(link.Tunnels())), hint
}

// twoWays lists the static links with two connections along which something keeps state:
// Azure sends by any tunnel that is up, AWS by those of one connection.
func (f *File) twoWays() []Problem {
	var all []Problem
	for path, link := range f.links() {
		if link.Stateful && link.StandsBy() {
			all = append(all, f.origin.problem(path+".stateful", "use redundancy: tunnels, whose tunnels end at one instance of the gateway, or routing: bgp; linkd verify tells flows that it sees go two ways as ASYMMETRIC_PATH",
				fmt.Sprintf("Azure sends over the link %s by both instances of the gateway, and AWS by one of its two connections: what keeps state along the link drops what comes back by the other", link.Name)))
		}
	}
	return all
}

// otherNumbers lists the VPN gateways whose number is not that of every virtual WAN
// gateway. Azure takes another one when a gateway is made, and changes none of one that
// stands; its documents know 65515 only, which the hub's router keeps.
func (f *File) otherNumbers() []Problem {
	var all []Problem
	for path, hub := range f.hubs() {
		if hub.VPNGateway != nil && !hub.VPNGateway.Adopt && hub.VPNGateway.ASN != azureASN {
			all = append(all, f.origin.problem(path+".vpn_gateway.asn", "leave it out, for 65515, unless you know that it works; it cannot be changed of a gateway that stands",
				fmt.Sprintf("Azure documents the ASN 65515 of every VPN gateway of a virtual WAN, and that of %s is to be made with %d", hub.Name, hub.VPNGateway.ASN)))
		}
	}
	return all
}
