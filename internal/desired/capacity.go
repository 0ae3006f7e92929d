package desired

import "fmt"

// What a link can carry, in Mbps. Of AWS: Site-to-Site VPN user guide, "Site-to-Site
// VPN quotas"; of Azure: "Virtual WAN FAQ", scale units of a VPN gateway.
const (
	mbpsOfTunnel    = 1250 // of a standard tunnel, and so of any one flow
	mbpsOfScaleUnit = 500  // of a gateway, by the scale unit
	mostScaleUnits  = 20
)

// Advice lists what the file wants carried and what it describes cannot carry, each
// with its place. Such a file is right, and loads: it is built as it says.
func (f *File) Advice() []Problem {
	var all []Problem
	wanted := map[string]int{} // by hub
	for path, link := range f.links() {
		wanted[link.Hub] += link.BandwidthMbps
		if tunnels, why := f.carrying(*link); link.BandwidthMbps > tunnels*mbpsOfTunnel {
			all = append(all, f.origin.problem(path+".bandwidth_mbps",
				"let both sides speak BGP, with ecmp on the transit gateway and redundancy: full, or spread networks over several links; one flow is never faster than one tunnel",
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

// carrying is by how many tunnels of a link AWS sends at once, and why. With
// static routes it sends by one; with BGP by all whose routes are equal, when the
// transit gateway spreads over them.
func (f *File) carrying(link Link) (tunnels int, why string) {
	gateway := f.TransitGatewayNamed(link.TransitGateway)
	switch {
	case link.Routing == Static:
		return 1, "with static routes it uses one tunnel"
	case gateway != nil && gateway.ECMP != nil && !*gateway.ECMP:
		return 1, "without ecmp it uses one tunnel"
	}
	return len(link.Tunnels()), fmt.Sprintf("redundancy: %s has %d tunnels", link.Redundancy, len(link.Tunnels()))
}
