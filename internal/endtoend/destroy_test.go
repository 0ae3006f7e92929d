package endtoend

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// lingers is how long the clouds list what was deleted, and more.
const lingers = 3 * time.Hour

// destroy plans and takes away once with a fresh engine.
func (l *lab) destroy(ctx context.Context) (reconcile.Plan, reconcile.Report, error) {
	engine := l.engine(ctx)
	plan, world := engine.PlanDestroy(ctx)
	report, err := engine.Destroy(ctx, plan, world)
	return plan, report, err
}

// mustDestroy fails the test unless everything that was to go went.
func (l *lab) mustDestroy() (reconcile.Plan, reconcile.Report) {
	l.Helper()
	plan, report, err := l.destroy(l.Context())
	if err != nil {
		l.Fatalf("destroy: %v", err)
	}
	l.complain(report)
	return plan, report
}

// mustStand fails the test unless just that stands, once what was deleted is
// no longer listed.
func (l *lab) mustStand(want map[string]int, when string) {
	l.Helper()
	time.Sleep(lingers)
	if got := l.standing(); !maps.Equal(got, want) {
		l.Errorf("%s: %v stand, want %v", when, got, want)
	}
}

// withStrangers adds a VNet and a VPC that the file does not name.
func withStrangers(s *scenario.Scenario) {
	instant(s)
	group := &s.Azure.Subscriptions[0].ResourceGroups[0]
	group.VNets = append(slices.Clone(group.VNets), scenario.VNet{
		Name: "vnet-theirs", Location: "eastus", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.77.0.0/16")},
	})
	region := &s.AWS.Regions[0]
	region.VPCs = append(slices.Clone(region.VPCs), scenario.VPC{
		ID: "vpc-0c30000000000000c", Name: "vpc-theirs", Prefixes: []netip.Prefix{netip.MustParsePrefix("172.29.0.0/16")},
		Subnets:     []scenario.Subnet{{ID: "subnet-0c3000000000000c1", Zone: "ap-northeast-1a", Prefix: netip.MustParsePrefix("172.29.0.0/24")}},
		RouteTables: []scenario.VPCRouteTable{{ID: "rtb-0c30000000000000c"}},
	})
}

// vpcRoutes are the routes of the VPCs' tables.
func (l *lab) vpcRoutes() string {
	l.Helper()
	text, err := json.Marshal(l.sim.Dump())
	if err != nil {
		l.Fatal(err)
	}
	var state struct {
		AWS map[string]struct{ VPCRouteTables json.RawMessage } `json:"aws"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		l.Fatal(err)
	}
	return string(state.AWS["ap-northeast-1"].VPCRouteTables)
}

func TestADestroyTakesAwayAllThatIsOursAndNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, nil)
		foreign := map[string]any{"DestinationCidrBlock": "192.0.2.0/24", "GatewayId": "igw-0123456789abcdef0"}
		l.mutate(ground.Mutation{Cloud: "aws", Op: "add", Kind: "route-table", Name: "rtb-0a10000000000000a", Field: "Routes", Value: foreign})
		before, routes := l.standing(), l.vpcRoutes()
		l.mustBuild()
		_, report := l.mustDestroy()
		t.Logf("destroyed in %s of the clouds' time", report.Took)
		l.mustStand(before, "destroyed")
		if got := l.vpcRoutes(); got != routes {
			t.Errorf("the VPC routes are\n%s\nand were\n%s", got, routes)
		}
	})
}

func TestADestroyOfNothingIsClean(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, lagging)
		plan, report := l.mustDestroy()
		if !plan.Clean() || len(report.Outcomes) > 0 || l.wire.sent() > 0 {
			t.Errorf("%d steps, %d outcomes, %d writes: %+v", len(plan.Steps), len(report.Outcomes), l.wire.sent(), plan.Steps)
		}
		l.mustBuild()
		l.mustDestroy()
		writes := l.wire.sent()
		if plan, _ := l.mustDestroy(); l.wire.sent() > writes {
			t.Errorf("a second destroy writes: %+v", plan.Steps)
		}
	})
}

// TestADestroyKilledAnywhereIsFinishedByTheNext kills linkd at every 15th
// request of a destroy, before and after it was carried out by turns, and at
// each of its writes both, while EC2's describes lag.
func TestADestroyKilledAnywhereIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	points := map[int][]bool{} // whether late
	var built, total int
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, lagging)
		l.mustBuild()
		time.Sleep(time.Hour)
		built = l.wire.count
		l.mustDestroy()
		total = l.wire.count
		every := 15
		if testing.Short() {
			every = 301
		}
		for at := 1; at <= total-built; at += every {
			points[at] = []bool{at%2 == 0}
		}
		for i, at := range l.wire.writes {
			if at > built && (!testing.Short() || i%12 == 0) {
				points[at-built] = []bool{false, true}
			}
		}
	})
	for _, at := range slices.Sorted(maps.Keys(points)) {
		for _, late := range points[at] {
			if t.Failed() {
				return
			}
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, lagging)
				before := l.standing()
				l.mustBuild()
				time.Sleep(time.Hour)
				ctx, kill := context.WithCancelCause(t.Context())
				l.wire.armIn(at, late, kill)
				_, _, _ = l.destroy(ctx)
				kill(nil)

				l.wire.disarm()
				l.mustDestroy()
				l.mustStand(before, fmt.Sprintf("killed at request %d of %d, late: %t", at, total-built, late))
			})
		}
	}
	t.Logf("killed at %d of %d requests", len(points), total-built)
}

// TestADestroyOfWhatWasHalfBuiltLeavesNothing kills linkd at every 40th
// request of a build, at half of them after it was carried out, and destroys
// at once, while EC2 does not list what was made last: a second destroy a
// little later has taken everything away.
func TestADestroyOfWhatWasHalfBuiltLeavesNothing(t *testing.T) {
	t.Parallel()
	var total int
	var points []int
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, lagging)
		l.mustBuild()
		total = l.wire.count
		for i, at := range l.wire.writes {
			if !testing.Short() || i%6 == 0 {
				points = append(points, at)
			}
		}
	})
	every := 40
	if testing.Short() {
		every = 801
	}
	for at := 1; at <= total; at += every {
		points = append(points, at)
	}
	for i, at := range points {
		if t.Failed() {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, lagging)
			before := l.standing()
			ctx, kill := context.WithCancelCause(t.Context())
			l.wire.arm(at, i%2 == 0, kill)
			_, _ = l.build(ctx)
			kill(nil)

			l.wire.disarm()
			if _, _, err := l.destroy(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Minute)
			plan, report := l.mustDestroy()
			if len(plan.Steps) != len(report.Outcomes) {
				t.Errorf("something is held: %+v", plan.Steps)
			}
			l.mustStand(before, fmt.Sprintf("built until request %d of %d, late: %t", at, total, i%2 == 0))
		})
	}
}

// TestADestroyLeavesWhatIsNotOursAndWhatThatNeeds puts something of somebody
// else's among ours: it stays, and so does what it needs; each outcome that is
// not well names it.
func TestADestroyLeavesWhatIsNotOursAndWhatThatNeeds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*lab)
		stays  []resource.ID
		says   []string // a part of what is said of each, in that order
	}{
		"a VPC attachment has lost its tags": {
			func(l *lab) {
				l.strip(bearer{cloud: "aws", kind: "transit-gateway-attachment", name: l.world()[desired.VPCAttachmentID("vpc-a")].Ref})
			},
			[]resource.ID{desired.VPCAttachmentID("vpc-a"), desired.TransitGatewayID("tgw-tokyo")},
			[]string{"without the tags of linkd", "aws/vpc-attachment/vpc-a"},
		},
		"a hub has lost its tags": {
			func(l *lab) { l.strip(bearer{cloud: "azure", kind: "virtualHubs", name: "hub-use"}) },
			[]resource.ID{desired.VNetConnectionID("vnet-use"), desired.HubID("hub-use"), desired.VirtualWANID("wan-global")},
			[]string{"no owner tag of ours", "no owner tag of ours", "azure/virtual-hub/hub-use"},
		},
		"the VPN connection has lost its tags": {
			func(l *lab) { l.strip(bearers(l)[desired.AWSConnectionID("tokyo", 0)]) },
			[]resource.ID{
				desired.AWSConnectionID("tokyo", 0), desired.CustomerGatewayID("tokyo", 0), desired.TransitGatewayID("tgw-tokyo"),
				desired.VPNGatewayID("hub-jpe"), desired.HubID("hub-jpe"), desired.VirtualWANID("wan-global"),
			},
			[]string{
				"without the tags of linkd", "aws/vpn-connection/tokyo-0", "aws/vpn-connection/tokyo-0",
				"aws/customer-gateway/tokyo-0", "azure/vpn-gateway/hub-jpe", "azure/virtual-hub/hub-jpe",
			},
		},
		"somebody's VPC is attached to our transit gateway": {
			func(l *lab) {
				l.mutate(ground.Mutation{Cloud: "aws", Op: "create", Kind: "transit-gateway-attachment", Name: "ap-northeast-1", Value: map[string]any{
					"TransitGatewayId": l.world()[desired.TransitGatewayID("tgw-tokyo")].Ref, "VpcId": "vpc-0c30000000000000c", "SubnetIds": []any{"subnet-0c3000000000000c1"},
				}})
			},
			[]resource.ID{desired.TransitGatewayID("tgw-tokyo")},
			[]string{"vpc-0c30000000000000c"},
		},
		"somebody's VNet is in our hub": {
			func(l *lab) {
				const group = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-network/providers/Microsoft.Network/"
				l.mutate(ground.Mutation{
					Cloud: "azure", Op: "create", Kind: "virtualHubs/hubVirtualNetworkConnections", Name: group + "virtualHubs/hub-use/hubVirtualNetworkConnections/theirs",
					Value: map[string]any{"properties": map[string]any{"remoteVirtualNetwork": map[string]any{"id": group + "virtualNetworks/vnet-theirs"}}},
				})
			},
			[]resource.ID{desired.HubID("hub-use"), desired.VirtualWANID("wan-global")},
			[]string{"theirs", "azure/virtual-hub/hub-use"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, withStrangers)
				l.mustBuild()
				time.Sleep(time.Hour)
				c.change(l)
				before := l.world()
				plan, report, err := l.destroy(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				said := map[resource.ID]string{}
				for _, step := range plan.Steps {
					if step.Verb != reconcile.Remove {
						said[step.ID] = step.Drifts[0].Reason()
					}
				}
				for _, outcome := range report.Outcomes {
					if outcome.What != reconcile.Settled {
						said[outcome.ID] = outcome.Text
					}
				}
				if report.Took > 2*time.Hour {
					t.Errorf("it took %s", report.Took)
				}
				time.Sleep(lingers)
				after := l.world()
				for id, live := range before {
					kind := l.engine(t.Context()).Graph.Resource(id).Kind()
					if stays := slices.Contains(c.stays, id); !kind.Given && !kind.Shared && live.Phase == resource.Ready && stays != (after[id].Ref == live.Ref) {
						t.Errorf("%s is %s, should stay: %t; it is said of it: %q", id, after[id].Phase, stays, said[id])
					}
				}
				for i, id := range c.stays {
					if !strings.Contains(said[id], c.says[i]) {
						t.Errorf("of %s it says %q, and not %q", id, said[id], c.says[i])
					}
				}
			})
		})
	}
}
