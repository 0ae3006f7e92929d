package endtoend

import (
	"fmt"
	"strings"
	"testing"

	"linkd/internal/desired"
	"linkd/internal/sim/scenario"
)

// mostTransitGateways is AWS's quota for an account in a region.
const mostTransitGateways = 5

// newLabOfMany starts clouds with the networks of n links, instant, and a
// file with as many links of the article's shape in one scope: 2n hubs in one
// virtual WAN, and as many transit gateways as an account may have. The quota
// of VPN connections is raised, as a support case does.
func newLabOfMany(t testing.TB, n int) *lab {
	t.Helper()
	given, networks := scenario.Many(n)
	file, err := desired.Parse("many.yaml", []byte(fileOfMany(networks)))
	if err != nil {
		t.Fatal(err)
	}
	given.AWS.Quotas = map[string]int{"vpn-connections": 500, "customer-gateways": 500}
	return newLabOf(t, file, given, instant)
}

// mostPaired are the links that each have two hubs and two VPCs of their own.
// More would be more hubs than a virtual WAN sensibly has: beyond, each VPN gateway
// is linked to every transit gateway.
const mostPaired = 100

// networksOf is how many networks n links need, and how many links each VPN
// gateway has.
func networksOf(n int) (networks, each int) {
	if n <= mostPaired {
		return n, 1
	}
	return n / mostTransitGateways, mostTransitGateways
}

// fileOfMany writes the desired-state file of those networks, with one link a
// VPN gateway.
func fileOfMany(networks []scenario.Networks) string { return fileOfMesh(networks, 1) }

// fileOfMesh writes the desired-state file of those networks, with so many links
// a VPN gateway, each to another transit gateway.
func fileOfMesh(networks []scenario.Networks, each int) string {
	return strings.Replace(fileWithout(networks), "links:\n", "links:\n"+linksOf(networks, each), 1)
}

// linksOf writes the links.
func linksOf(networks []scenario.Networks, each int) string {
	var links strings.Builder
	for i := range networks {
		for k := range each {
			gateway := (i + k) % min(len(networks), mostTransitGateways)
			fmt.Fprintf(&links, "  - {name: link-%d, hub: hub-%d-0, transit_gateway: tgw-%d, routing: static, redundancy: single}\n", i*each+k, i, gateway)
		}
	}
	return links.String()
}

// fileWithout writes the desired-state file of those networks without links.
func fileWithout(networks []scenario.Networks) string {
	var hubs, gateways strings.Builder
	vpcs := make([]strings.Builder, min(len(networks), mostTransitGateways))
	for i, n := range networks {
		for side := range 2 {
			fmt.Fprintf(&hubs, "    - name: hub-%d-%d\n      location: %s\n      address_prefix: %s\n      vnets:\n", i, side, n.VNets[side].Location, n.HubPrefixes[side])
			fmt.Fprintf(&hubs, "        - {name: %s, prefixes: [%s], id: %s}\n", n.VNets[side].Name, n.VNets[side].Prefixes[0],
				"/subscriptions/"+scenario.ManySubscription+"/resourceGroups/"+scenario.ManyResourceGroup+"/providers/Microsoft.Network/virtualNetworks/"+n.VNets[side].Name)
			if side == 0 {
				hubs.WriteString("      vpn_gateway: {scale_units: 1}\n")
			}
		}
		gateway := i % len(vpcs)
		for _, vpc := range n.VPCs {
			fmt.Fprintf(&vpcs[gateway], "            - {name: %s, id: %s, subnets: [{id: %s, zone: %s}], route_tables: [%s], prefixes: [%s]}\n",
				vpc.Name, vpc.ID, vpc.Subnets[0].ID, vpc.Subnets[0].Zone, vpc.RouteTables[0].ID, vpc.Prefixes[0])
		}
	}
	for i := range vpcs {
		fmt.Fprintf(&gateways, "        - name: tgw-%d\n          vpcs:\n%s", i, vpcs[i].String())
	}
	return "version: 1\nowner: many\nazure:\n  subscription: " + scenario.ManySubscription + "\n  resource_group: " + scenario.ManyResourceGroup +
		"\n  virtual_wan: {name: wan}\n  hubs:\n" + hubs.String() +
		"aws:\n  account: \"" + scenario.ManyAccount + "\"\n  regions:\n    - name: " + scenario.ManyRegion + "\n      transit_gateways:\n" + gateways.String() +
		"links:\n"
}
