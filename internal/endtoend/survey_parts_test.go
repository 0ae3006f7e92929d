package endtoend

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	difference "github.com/google/go-cmp/cmp"

	"linkd/internal/examine"
	"linkd/internal/sim/ground"
	"linkd/internal/survey"
)

// whyOf says of each part of a survey why it is not known; "" when it is.
func whyOf(s *survey.Survey) map[string]string {
	why := map[string]string{}
	for name, m := range s.Machines {
		why[name], why[name+" power"], why[name+" health"], why[name+" routes"] = m.Why, m.PowerWhy, m.HealthWhy, m.Routes.Why
		for _, filter := range m.Filters {
			why[name+" "+string(filter.Layer)] = filter.Why
		}
	}
	for name, hub := range s.Hubs {
		why[name], why[name+" routes"] = hub.Why, hub.Routes.Why
	}
	for name, gateway := range s.TransitGateways {
		why[name], why[name+" attachments"] = gateway.Why, gateway.AttachmentsWhy
		for id, table := range gateway.Tables {
			why[name+" table"], why[name+" propagations"] = table.Why, gateway.Propagations[id].Why
		}
		for _, attachment := range gateway.Attachments {
			why[name+" zones"] += attachment.ZonesWhy
		}
	}
	for name, tunnel := range s.Tunnels {
		why[name], why[name+" maintenance"] = tunnel.Why, tunnel.MaintenanceWhy
	}
	return why
}

// newlyUnknown lists the parts that are unknown now, or for another reason.
func newlyUnknown(before, now map[string]string) []string {
	var parts []string
	for part, why := range now {
		if why != "" && why != before[part] {
			parts = append(parts, part)
		}
	}
	slices.Sort(parts)
	return parts
}

// of are parts of each of two things.
func of(one, other string, parts ...string) []string {
	var all []string
	for _, name := range []string{one, other} {
		for _, part := range parts {
			all = append(all, strings.TrimSpace(name+" "+part))
		}
	}
	return slices.Sorted(slices.Values(all))
}

// hiddenBy are the parts that a survey cannot tell without a call.
var hiddenBy = map[string][]string{
	"LIST networkInterfaces":                                of("vm-jpe", "vm-use", "", "nic-nsg", "routes", "subnet-nsg"),
	"GET virtualMachines":                                   of("vm-jpe", "vm-use", "health", "power"),
	"LIST virtualHubs":                                      of("hub-jpe", "hub-use", ""),
	"POST networkInterfaces/effectiveRouteTable":            of("vm-jpe", "vm-use", "routes"),
	"POST networkInterfaces/effectiveNetworkSecurityGroups": of("vm-jpe", "vm-use", "nic-nsg", "subnet-nsg"),
	"POST virtualHubs/effectiveRoutes":                      of("hub-jpe", "hub-use", "routes"),

	"DescribeTransitGateways":                 {"tgw-tokyo"},
	"DescribeTransitGatewayAttachments":       {"tgw-tokyo attachments"},
	"DescribeTransitGatewayVpcAttachments":    {"tgw-tokyo zones"},
	"DescribeSubnets":                         {"tgw-tokyo zones"},
	"DescribeVpnConnections":                  {"tokyo-0-1", "tokyo-0-1 maintenance"},
	"GetVpnTunnelReplacementStatus":           {"tokyo-0-1 maintenance"},
	"DescribeInstances":                       of("ec2-a", "ec2-b", "", "health", "power", "security-group"),
	"DescribeInstanceStatus":                  of("ec2-a", "ec2-b", "health"),
	"DescribeRouteTables":                     of("ec2-a", "ec2-b", "routes"),
	"DescribeNetworkAcls":                     of("ec2-a", "ec2-b", "network-acl"),
	"DescribeSecurityGroupRules":              of("ec2-a", "ec2-b", "security-group"),
	"SearchTransitGatewayRoutes":              {"tgw-tokyo table"},
	"GetTransitGatewayRouteTablePropagations": {"tgw-tokyo propagations"},
}

// TestEachPermissionThatASurveyLacksHidesItsPartAlone denies one call after the
// other: only what the call would have told is unknown, and why names the
// action that is missing.
func TestEachPermissionThatASurveyLacksHidesItsPartAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		before := whyOf(examine.Survey(t.Context(), l.open(t.Context())))
		for part, why := range before {
			if why != "" && part != "vm-jpe health" && part != "vm-use health" {
				t.Errorf("with every permission, %s is unknown: %s", part, why)
			}
		}
		for operation := range surveyCalls {
			if operation != "GET operations" && hiddenBy[operation] == nil {
				t.Errorf("nobody says what is hidden without %s", operation)
			}
		}
		for operation, want := range hiddenBy {
			l.sim.Inject(ground.Fault{Operation: operation, Effect: ground.EffectDeny})
			now := whyOf(examine.Survey(t.Context(), l.open(t.Context())))
			l.sim.Heal()
			parts := newlyUnknown(before, now)
			if diff := difference.Diff(want, parts); diff != "" {
				t.Errorf("without %s (-want +got):\n%s", operation, diff)
			}
			for _, part := range parts {
				if !strings.Contains(now[part], actionOf(operation)) || !strings.Contains(now[part], "denied") {
					t.Errorf("without %s, %s is unknown because %q", operation, part, now[part])
				}
			}
		}
	})
}

// ofOperations are the parts that come by way of an operation.
var ofOperations = slices.Sorted(slices.Values(append(
	of("hub-jpe", "hub-use", "routes"), of("vm-jpe", "vm-use", "nic-nsg", "routes", "subnet-nsg")...)))

// TestACallThatIsLostHidesItsPartAlone breaks each call in other ways than by a
// permission: the part is unknown, never empty. A POST that began an operation
// tells all that matters by its headers.
func TestACallThatIsLostHidesItsPartAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, instant)
		l.mustBuild()
		before := whyOf(examine.Survey(t.Context(), l.open(t.Context())))
		for _, fault := range []ground.Fault{
			{Effect: ground.EffectDrop}, {Effect: ground.EffectNonsense, Nonsense: "garbage"}, {Effect: ground.EffectNonsense, Nonsense: "empty"},
		} {
			hidden := maps.Clone(hiddenBy)
			hidden["GET operations"] = ofOperations
			for operation, want := range hidden {
				if fault.Operation = operation; fault.Nonsense != "" && strings.HasPrefix(operation, "POST ") {
					continue
				}
				l.sim.Inject(fault)
				now := whyOf(examine.Survey(t.Context(), l.open(t.Context())))
				l.sim.Heal()
				if diff := difference.Diff(want, newlyUnknown(before, now)); diff != "" {
					t.Errorf("%s, %s %s (-want +got):\n%s", operation, fault.Effect, fault.Nonsense, diff)
				}
			}
		}
	})
}
