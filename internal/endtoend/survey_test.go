package endtoend

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"

	"linkd/internal/examine"
)

// The calls of a survey of the article's link, each with its reason.
var surveyCalls = map[string]int{
	"LIST networkInterfaces":                                1, // of the subscription: whose machine has which
	"GET virtualMachines":                                   2, // one a machine: its power is in no list
	"LIST virtualHubs":                                      1, // how they prefer routes
	"POST networkInterfaces/effectiveRouteTable":            2, // one a machine
	"POST networkInterfaces/effectiveNetworkSecurityGroups": 2, // one a machine
	"POST virtualHubs/effectiveRoutes":                      2, // one a hub
	"GET operations":                                        6, // one look at how each of the six went

	"DescribeTransitGateways":                 1,
	"DescribeTransitGatewayAttachments":       1, // with their tables
	"DescribeTransitGatewayVpcAttachments":    1, // their subnets
	"DescribeSubnets":                         1, // the zones of those
	"DescribeVpnConnections":                  1, // with the telemetry of their tunnels
	"GetVpnTunnelReplacementStatus":           1, // one a tunnel
	"DescribeInstances":                       1,
	"DescribeInstanceStatus":                  1, // the checks of those
	"DescribeRouteTables":                     1, // all of the VPCs: a main one shows only so
	"DescribeNetworkAcls":                     1,
	"DescribeSecurityGroupRules":              1, // of the groups of the instances
	"SearchTransitGatewayRoutes":              1, // one a table
	"GetTransitGatewayRouteTablePropagations": 1, // one a table
}

// TestASurveyMakesEachCallForAReason counts the calls of a look along the
// paths of the article's link.
func TestASurveyMakesEachCallForAReason(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		both := l.open(t.Context())
		l.sim.ForgetCalls()
		examine.Survey(t.Context(), both)
		calls, total := l.sim.Calls(), 0
		for _, operation := range slices.Sorted(maps.Keys(calls)) {
			total += calls[operation]
			if surveyCalls[operation] != calls[operation] {
				t.Errorf("%s was called %d times, want %d", operation, calls[operation], surveyCalls[operation])
			}
		}
		for operation, want := range surveyCalls {
			if calls[operation] == 0 {
				t.Errorf("%s was never called, want %d", operation, want)
			}
		}
		t.Logf("%d calls", total)
	})
}
