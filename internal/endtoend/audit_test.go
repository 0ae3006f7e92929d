package endtoend

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"
)

// The floor of an audit of the article's link, call by call and each with its
// reason. Azure: five lists and one a hub, then what no list says. AWS: seven
// lists and a search a transit gateway route table.
var auditFloor = map[string]int{
	"LIST virtualWans":     1,
	"LIST virtualHubs":     1,
	"LIST vpnGateways":     1, // with their connections and link connections
	"LIST vpnSites":        1, // with their links
	"LIST virtualNetworks": 1, // prefixes of the VNets, live
	"LIST virtualHubs/hubVirtualNetworkConnections": 2, // one a hub: there is no wider list

	"POST virtualHubs/effectiveRoutes": 2, // one a hub: live routes are in no list
	"GET operations":                   2, // and one look at how it went, which holds the answer
	"GET vpnGateways/vpnConnections":   1, // tunnel status is in no list
	"POST vpnGateways/vpnConnections/vpnLinkConnections/sharedKeys/listSharedKey": 1, // keys are in no other answer

	"DescribeTransitGateways":              1,
	"DescribeTransitGatewayAttachments":    1, // associations of every kind of attachment
	"DescribeTransitGatewayVpcAttachments": 1, // subnets, which the list above lacks
	"DescribeVpnConnections":               1, // with options, keys and tunnel status
	"DescribeCustomerGateways":             1,
	"DescribeRouteTables":                  1,
	"DescribeVpcs":                         1,
	"SearchTransitGatewayRoutes":           1, // one a table; the table's id comes with the transit gateway
}

// TestAnAuditMakesNoCallAboveTheFloor counts the calls of a look at the
// article's link that finds nothing.
func TestAnAuditMakesNoCallAboveTheFloor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		engine := l.engine(t.Context())
		l.sim.ForgetCalls()
		if plan, _ := engine.Plan(t.Context()); !plan.Clean() {
			t.Fatalf("the link is not as desired: %+v", plan.Steps)
		}
		calls := l.sim.Calls()
		for _, operation := range slices.Sorted(maps.Keys(calls)) {
			if calls[operation] > auditFloor[operation] {
				t.Errorf("%s was called %d times, the floor is %d", operation, calls[operation], auditFloor[operation])
			}
		}
		for operation, floor := range auditFloor {
			if calls[operation] < floor {
				t.Errorf("%s was called %d times: the floor of %d is wrong", operation, calls[operation], floor)
			}
		}
	})
}

// TestAnAuditOfManyLinksGrowsOnlyWhereTheCloudsHaveNoWiderCall counts the
// calls of an audit of n links in one scope. With n links there are 2n hubs, n
// gateways and as many transit gateway route tables as transit gateways.
func TestAnAuditOfManyLinksGrowsOnlyWhereTheCloudsHaveNoWiderCall(t *testing.T) {
	t.Parallel()
	sizes := []int{2, 10}
	if testing.Short() {
		sizes = sizes[:1]
	}
	for _, n := range sizes {
		synctest.Test(t, func(t *testing.T) {
			l := newLabOfMany(t, n)
			l.mustBuild()
			engine := l.engine(t.Context())
			l.sim.ForgetCalls()
			if plan, _ := engine.Plan(t.Context()); !plan.Clean() {
				t.Fatalf("%d links are not as desired: %s", n, plan.Summary())
			}
			floor := maps.Clone(auditFloor)
			for _, each := range []string{
				"LIST virtualHubs/hubVirtualNetworkConnections", "POST virtualHubs/effectiveRoutes", "GET operations",
				"GET vpnGateways/vpnConnections",
				"POST vpnGateways/vpnConnections/vpnLinkConnections/sharedKeys/listSharedKey",
			} {
				floor[each] *= n
			}
			floor["SearchTransitGatewayRoutes"] = min(n, mostTransitGateways)
			calls, total := l.sim.Calls(), 0
			for operation, count := range calls {
				total += count
				if count > floor[operation] {
					t.Errorf("%d links: %s was called %d times, the floor is %d", n, operation, count, floor[operation])
				}
			}
			t.Logf("%d links: %d calls", n, total)
		})
	}
}
