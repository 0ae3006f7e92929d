package path

import (
	"strings"

	"linkd/internal/resource"
	"linkd/internal/survey"
)

// calls names the call that tells of each kind of resource.
var calls = map[string]string{
	"azure/virtual-wan":      "virtualWans/read",
	"azure/virtual-hub":      "virtualHubs/read",
	"azure/vnet":             "virtualNetworks/read",
	"azure/vnet-connection":  "virtualHubs/hubVirtualNetworkConnections/read",
	"azure/vpn-gateway":      "vpnGateways/read",
	"azure/vpn-site":         "vpnSites/read",
	"azure/vpn-connection":   "vpnGateways/vpnConnections/read",
	"azure/hub-routes":       "virtualHubs/effectiveRoutes",
	"azure/vpn-tunnel":       "vpnGateways/vpnConnections/read",
	"aws/transit-gateway":    "ec2:DescribeTransitGateways",
	"aws/vpc":                "ec2:DescribeVpcs",
	"aws/vpc-attachment":     "ec2:DescribeTransitGatewayVpcAttachments",
	"aws/peering-attachment": "ec2:DescribeTransitGatewayAttachments",
	"aws/vpn-connection":     "ec2:DescribeVpnConnections",
	"aws/tgw-routes":         "ec2:SearchTransitGatewayRoutes",
	"aws/learned-routes":     "ec2:SearchTransitGatewayRoutes",
	"aws/vpc-routes":         "ec2:DescribeRouteTables",
	"aws/vpn-tunnel":         "ec2:DescribeVpnConnections",
}

// The calls that a survey makes beyond those.
const (
	callMachine     = "virtualMachines/instanceView"
	callInstance    = "ec2:DescribeInstances"
	callNICRoutes   = "networkInterfaces/effectiveRouteTable"
	callNSG         = "networkInterfaces/effectiveNetworkSecurityGroups"
	callRules       = "ec2:DescribeSecurityGroupRules"
	callACL         = "ec2:DescribeNetworkAcls"
	callAttachments = "ec2:DescribeTransitGatewayAttachments"
	callTGWRoutes   = "ec2:SearchTransitGatewayRoutes"
	callVPCRoutes   = "ec2:DescribeRouteTables"
	callHubRoutes   = "virtualHubs/effectiveRoutes"
)

// fact is the evidence of one attribute that the audit saw; of the phase when
// the attribute is "".
func (w *walk) fact(id resource.ID, attr string) Evidence {
	if w.quiet {
		return Evidence{}
	}
	live := w.world[id]
	parts := strings.SplitN(string(id), "/", 3)
	evidence := Evidence{Call: calls[strings.Join(parts[:min(len(parts), 2)], "/")], Field: attr, Value: live.Attrs[attr].String(), At: live.AsOf}
	if attr == "" {
		evidence.Field, evidence.Value = "state", live.Phase.String()
	}
	return evidence
}

// routeText is a route as evidence.
func (w *walk) routeText(route survey.Route) string {
	if w.quiet {
		return ""
	}
	if !route.Prefix.IsValid() {
		return "no route for " + w.to.address.String()
	}
	parts := []string{route.Prefix.String(), string(route.Source), string(route.State), string(route.Next)}
	return strings.Join(strings.Fields(strings.Join(append(parts, route.Via...), " ")), " ")
}
