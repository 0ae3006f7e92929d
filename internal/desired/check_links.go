package desired

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// azureASN is the ASN of every virtual WAN gateway unless somebody changed it.
const azureASN = 65515

// reservedASNs are those that Azure keeps for itself on the other side of a
// gateway: its own, its public ones, and its internal range.
var reservedASNs = []uint32{8074, 8075, 12076, azureASN, 65517, 65518, 65519, 65520}

// checkASNs checks the ASN of every gateway.
func checkASNs(c *checker) {
	for path, gateway := range c.transitGateways() {
		asn := gateway.ASN
		switch path += ".asn"; {
		case slices.Contains(reservedASNs, asn):
			c.problem(path, "use a private ASN such as 64512", "the ASN %d belongs to Azure", asn)
		case !(asn >= 64512 && asn <= 65534 || asn >= 4200000000 && asn <= 4294967294):
			c.problem(path, "use a private ASN such as 64512", "a transit gateway takes an ASN of 64512 to 65534 or 4200000000 to 4294967294, not %d", asn)
		}
	}
	for path, hub := range c.hubs() {
		if hub.VPNGateway == nil {
			continue
		}
		asn, path := hub.VPNGateway.ASN, path+".vpn_gateway.asn"
		special := asn == 0 || asn == 23456 || asn >= 64496 && asn <= 64511 || asn >= 65535 && asn <= 65551 || asn == 4294967295
		if special || asn != azureASN && slices.Contains(reservedASNs, asn) {
			c.problem(path, "leave it out: 65515 is what every virtual WAN gateway has", "a VPN gateway cannot have the ASN %d", asn)
		}
	}
	for path, link := range c.links() {
		hub, gateway := c.HubNamed(link.Hub), c.TransitGatewayNamed(link.TransitGateway)
		if link.Routing == BGP && hub != nil && hub.VPNGateway != nil && gateway != nil && hub.VPNGateway.ASN == gateway.ASN {
			c.problem(path, "give the transit gateway another ASN", "both ends of the link %s have the ASN %d, and BGP needs two", link.Name, gateway.ASN)
		}
	}
}

// checkReferences checks that what the file refers to stands in it.
func checkReferences(c *checker) {
	var hubs, gateways []string
	for _, hub := range c.hubs() {
		hubs = append(hubs, hub.Name)
	}
	for _, gateway := range c.transitGateways() {
		gateways = append(gateways, gateway.Name)
	}
	for path, link := range c.links() {
		hub := c.HubNamed(link.Hub)
		switch {
		case link.Hub == "":
		case hub == nil:
			c.problem(path+".hub", didYouMean(link.Hub, hubs), "there is no hub %q", shorten(link.Hub))
		case hub.VPNGateway == nil:
			c.problem(path+".hub", "give it one: vpn_gateway: {}", "the hub %s has no VPN gateway", hub.Name)
		}
		c.gateway(path+".transit_gateway", link.TransitGateway, gateways)
	}
	c.peerings(gateways)
	c.twins()
	c.mixed()
}

// peerings checks what peerings join: two that exist, and no two of them twice,
// for a static route has one attachment.
func (c *checker) peerings(gateways []string) {
	joined := map[[2]string]string{}
	for path, peering := range each("aws.peerings", c.AWS.Peerings) {
		for path, name := range each(path+".join", peering.Join) {
			c.gateway(path, *name, gateways)
		}
		switch {
		case len(peering.Join) != 2:
			c.problem(path+".join", "name both, in either order: join: [tgw-a, tgw-b]", "a peering joins two transit gateways, not %d", len(peering.Join))
			continue
		case peering.Join[0] == peering.Join[1]:
			c.problem(path+".join", "name the other one; the VPCs of one transit gateway reach each other without a peering", "a peering joins two different transit gateways, and this one joins %s with itself", shorten(peering.Join[0]))
			continue
		}
		ends := [2]string{min(peering.Join[0], peering.Join[1]), max(peering.Join[0], peering.Join[1])}
		if first, twice := joined[ends]; twice {
			c.problem(path+".join", "take one of the two out", "%s and %s are joined already, by %s", ends[0], ends[1], first)
		}
		joined[ends] = peering.Name
	}
}

func (c *checker) gateway(path, name string, known []string) {
	if name != "" && c.TransitGatewayNamed(name) == nil {
		c.problem(path, didYouMean(name, known), "there is no transit gateway %q", shorten(name))
	}
}

// twins notes static links between the same two gateways: a transit gateway
// has one static route for a prefix, to one attachment.
func (c *checker) twins() {
	for path, link := range c.links() {
		for first, other := range c.links() {
			if first == path {
				break
			}
			static := link.Routing == Static || other.Routing == Static
			if static && link.Hub != "" && link.Hub == other.Hub && link.TransitGateway == other.TransitGateway {
				c.problem(path, "use one link with redundancy: full, or routing: bgp on both",
					"the links %s and %s (%s) join the same two gateways, and a static route can lead to one of them only", link.Name, other.Name, c.line(first))
			}
		}
	}
}

// mixed notes links with BGP whose transit gateway has static routes, by another link, to
// VNets of other hubs: AWS tells by BGP also the static routes of its table, and a hub
// believes its own VPN connection more than another hub.
func (c *checker) mixed() {
	for path, link := range c.links() {
		for first, other := range c.links() {
			away := c.awayFrom(link.Hub, *other)
			if link.Routing != BGP || other.Routing != Static || link.TransitGateway != other.TransitGateway || len(away) == 0 {
				continue
			}
			c.problem(path+".routing", "let all links of a transit gateway be either static or BGP ones; of those that stand change all at once: rules that name a link say which is moved first",
				"AWS tells %s by BGP of the static routes to %s, which are there for the link %s (%s), and %s believes them: it sends packets for other hubs to AWS, and its routes never come to be as the file has them",
				link.Hub, strings.Join(away, ", "), other.Name, c.line(first), link.Hub)
			break
		}
	}
}

// awayFrom lists the VNets that a transit gateway routes to a link and that are on another
// hub than the one named.
func (c *checker) awayFrom(hub string, link Link) []string {
	var names []string
	for _, vnet := range c.RoutedVNets(link) {
		if home := c.HubOfVNet(vnet.Name); home != nil && home.Name != hub {
			names = append(names, vnet.Name)
		}
	}
	return names
}

// checkChoices checks the words that choose.
func checkChoices(c *checker) {
	for path, hub := range c.hubs() {
		if hub.VPNGateway != nil {
			c.oneOf(path+".vpn_gateway.routing_preference", string(hub.VPNGateway.RoutingPreference), string(MicrosoftNetwork), string(InternetRouting))
		}
	}
	c.oneOf("aws.endpoint_maintenance", string(c.AWS.EndpointMaintenance), string(MaintainedByAWS), string(MaintainedByLinkd))
	for path, link := range c.links() {
		c.oneOf(path+".routing", string(link.Routing), string(Static), string(BGP))
		c.oneOf(path+".redundancy", string(link.Redundancy), string(Single), string(Tunnels), string(Full))
		c.oneOf(path+".ike.initiator", string(link.IKE.Initiator), string(InitiateBoth), string(InitiateAzure), string(InitiateAWS))
		for _, choice := range [][2]string{
			{".routing", string(link.Routing)},
			{".redundancy", string(link.Redundancy)},
			{".keys.from", link.Keys.From},
			{".ike.phase1.encryption", link.IKE.Phase1.Encryption},
			{".ike.phase1.integrity", link.IKE.Phase1.Integrity},
			{".ike.phase2.encryption", link.IKE.Phase2.Encryption},
		} {
			if choice[1] == "" {
				c.problem(path+choice[0], "remove the key to take the default", "%s is empty", last(path+choice[0]))
			}
		}
	}
}

// bounds is a row of a number and where it may lie.
type bounds struct {
	path        string
	n, from, to int
}

// checkNumbers checks the sizes, speeds, limits and spans of the file.
func checkNumbers(c *checker) {
	const most = 1_000_000
	rows := []bounds{
		{"policy.limits.changes", c.Policy.Limits.Changes, 0, most},
		{"policy.limits.deletes", c.Policy.Limits.Deletes, 0, most},
		{"policy.limits.replaces", c.Policy.Limits.Replaces, 0, most},
		{"policy.limits.percent", c.Policy.Limits.Percent, 0, 100},
	}
	for path, hub := range c.hubs() {
		if hub.VPNGateway != nil {
			rows = append(rows, bounds{path + ".vpn_gateway.scale_units", hub.VPNGateway.ScaleUnits, 1, 20})
		}
	}
	for path, link := range c.links() {
		rows = append(rows, bounds{path + ".bandwidth_mbps", link.BandwidthMbps, 0, most}, bounds{path + ".site.speed_mbps", link.Site.SpeedMbps, 1, most})
	}
	for _, row := range rows {
		if row.n < row.from || row.n > row.to {
			c.problem(row.path, fmt.Sprintf("give %d to %d", row.from, row.to), "%s cannot be %d", last(row.path), row.n)
		}
	}
	c.span("schedule.jitter", c.Schedule.Jitter, 0, time.Hour)
	c.span("schedule.budget", c.Schedule.Budget, time.Minute, 24*time.Hour)
}

// span checks that a duration lies within bounds.
func (c *checker) span(path string, d Duration, from, to time.Duration) {
	if time.Duration(d) < from || time.Duration(d) > to {
		c.problem(path, fmt.Sprintf("give %s to %s", brief(from), brief(to)), "%s cannot be %s", last(path), brief(time.Duration(d)))
	}
}
