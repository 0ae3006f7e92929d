package azure_test

import (
	"net/netip"

	"linkd/internal/sim/scenario"
)

// seeded is a subscription that has two VNets, a filter, a table and a
// machine beforehand.
func seeded() scenario.Scenario {
	return scenario.Scenario{Azure: scenario.Azure{Subscriptions: []scenario.Subscription{{
		ID: subscription,
		ResourceGroups: []scenario.ResourceGroup{{
			Name: "rg", Location: "West US",
			NSGs: []scenario.NSG{{Name: "nsg", Rules: []scenario.NSGRule{{
				Name: "ping", Priority: 100, Direction: "Inbound", Access: "Allow",
				Protocol: "Icmp", Source: "172.16.0.0/12", Destination: "*",
			}}}},
			RouteTables: []scenario.RouteTable{{
				Name: "rt", DisableBGPRoutePropagation: true,
				Routes: []scenario.UserRoute{{Name: "hole", Prefix: netip.MustParsePrefix("10.66.0.0/16"), NextHop: "None"}},
			}},
			VNets: []scenario.VNet{
				{
					Name: "vnet-a", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.2.0.0/16")},
					Subnets: []scenario.VNetSubnet{{Name: "default", Prefix: netip.MustParsePrefix("10.2.0.0/24"), NSG: "nsg", RouteTable: "rt"}},
				},
				{Name: "vnet-b", Location: "East US", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.2.128.0/17")}},
			},
			VMs: []scenario.VM{{Name: "vm", VNet: "vnet-a", Subnet: "default", Address: netip.MustParseAddr("10.2.0.4")}},
		}},
	}}}}
}
