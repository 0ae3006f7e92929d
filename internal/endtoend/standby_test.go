package endtoend

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/control"
	"linkd/internal/desired"
	"linkd/internal/failure"
	"linkd/internal/journal"
	"linkd/internal/sim/fabric"
	"linkd/internal/sim/ground"
)

// TestALinkOfTwoConnectionsIsBuiltInOneGo builds the example and looks again.
func TestALinkOfTwoConnectionsIsBuiltInOneGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFull(t)
		f.mustBeClean()
		f.mustCross()
		if up := slices.DeleteFunc(f.sim.Tunnels(), func(p fabric.Pair) bool { return !p.Up }); len(up) != 4 {
			t.Errorf("%d tunnels are up, want 4: %+v", len(up), up)
		}
		standing := f.standing()
		for kind, want := range map[string]int{"vpnGateways": 1, "vpnSites": 1, "vpnGateways/vpnConnections": 1, "CustomerGateways": 2, "Connections": 2, "Attachments": 4} {
			if standing[kind] != want {
				t.Errorf("%d of %s stand, want %d", standing[kind], kind, want)
			}
		}
		if f.leads() != desired.Preferred {
			t.Errorf("the routes lead to %d", f.leads())
		}
	})
}

// TestTheStandbyCarriesWhileTheFirstConnectionIsDown cuts both tunnels of the
// first connection for half an hour. The routes are replaced in place, there and
// back, and nothing else is written.
func TestTheStandbyCarriesWhileTheFirstConnectionIsDown(t *testing.T) {
	keptFull(t, "", func(f *full, k *keeper) {
		f.sim.ForgetCalls()
		f.cut(f.of(desired.Preferred)...)
		f.Logf("the routes lead to the standby after %s", f.untilLeads(desired.Standby, 5*time.Minute))
		f.mustCross()

		lost := f.watchLosses()
		time.Sleep(30 * time.Minute)
		if f.leads() != desired.Standby {
			t.Error("they do not lead there any more")
		}
		f.cut()
		back := f.untilLeads(desired.Preferred, time.Hour)
		f.Logf("they lead back after %s", back)
		if back < desired.HoldDown {
			t.Errorf("they lead back after %s, which is less than the hold-down", back)
		}
		k.until(control.AsDesired, time.Hour)
		if again := lost(); again != (losses{}) {
			t.Errorf("while the standby carried, and on the way back, %+v were lost", again)
		}
		for operation, count := range f.sim.Calls() {
			switch changes := writes(operation); {
			case operation == "ReplaceTransitGatewayRoute" && count != 4:
				t.Errorf("%d routes were replaced, want two prefixes there and back", count)
			case operation != "ReplaceTransitGatewayRoute" && changes:
				t.Errorf("%s was called %d times", operation, count)
			}
		}
		time.Sleep(time.Minute)
		f.mustBeClean()
		f.mustCross()
		if lines := k.told(); slices.Contains(lines, journal.Rival) || slices.Contains(lines, journal.Returned) {
			t.Errorf("its own change of mind counts as somebody's: %v", lines)
		}
	})
}

// writes tells by its name whether an operation of either cloud changes anything.
func writes(operation string) bool {
	return !slices.ContainsFunc([]string{"Describe", "Get", "Search", "AssumeRole", "GET ", "LIST ", "POST "}, func(verb string) bool {
		return strings.HasPrefix(operation, verb)
	})
}

// TestAFullLinkWithoutAConnectionIsSurvived deletes either connection, and measures for
// how long nothing came back. What it costs to lose a tunnel or an instance is in
// [TestEveryExampleLosesWhatItsShapeSays].
func TestAFullLinkWithoutAConnectionIsSurvived(t *testing.T) {
	t.Parallel()
	for instance, leads := range []int{desired.Standby, desired.Preferred} {
		t.Run(fmt.Sprintf("connection %d is deleted", instance), func(t *testing.T) {
			keptFull(t, "", func(f *full, _ *keeper) {
				lost := f.watchLosses()
				f.mustMutate(ground.Mutation{Cloud: "aws", Op: "delete", Kind: "vpn-connection", Name: f.world()[desired.AWSConnectionID("tokyo", instance)].Ref})
				f.untilLeads(leads, 5*time.Minute)
				time.Sleep(5 * time.Minute)
				f.mustCross()
				gone := lost()
				t.Logf("connection %d is deleted: nothing came back for %.1f s", instance, gone.seconds())
				if most := []float64{120, 0}[instance]; gone.seconds() > most {
					t.Errorf("nothing came back for %.1f s, want %.0f at most", gone.seconds(), most)
				}
			})
		})
	}
}

// TestWhatIsNotKnownMovesNothing lets one cloud not tell of its tunnels while the
// first connection is down.
func TestWhatIsNotKnownMovesNothing(t *testing.T) {
	for name, operation := range map[string]string{
		"Azure does not tell": "GET vpnGateways/vpnConnections",
		"AWS does not tell":   "DescribeVpnConnections",
	} {
		t.Run(name, func(t *testing.T) {
			keptFull(t, "", func(f *full, _ *keeper) {
				f.sim.Inject(ground.Fault{Operation: operation, Effect: ground.EffectDeny})
				f.sim.ForgetCalls()
				f.cut(f.of(desired.Preferred)...)
				time.Sleep(time.Hour)
				if moves := f.sim.Calls()["ReplaceTransitGatewayRoute"]; moves != 0 {
					t.Errorf("%d routes were replaced", moves)
				}
				f.sim.Heal()
				f.untilLeads(desired.Standby, 5*time.Minute)
			})
		})
	}
}

// TestWhereOnlyToldNothingMoves lets policy report what differs in the routes.
func TestWhereOnlyToldNothingMoves(t *testing.T) {
	const only = "\npolicy: {rules: [{drift: aws/tgw-routes.routes, do: report, why: another team moves them}]}\n"
	keptFull(t, only, func(f *full, k *keeper) {
		f.cut(f.of(desired.Preferred)...)
		time.Sleep(20 * time.Minute)
		if f.leads() == desired.Standby {
			t.Error("the routes were moved")
		}
		for _, d := range k.status().Drifts {
			if d.Key == "aws/tgw-routes.routes" && d.Held == "policy" && strings.Contains(d.Text, "tokyo-1 carries, for no tunnel of tokyo-0 is up") {
				return
			}
		}
		t.Errorf("it does not say what should be: %+v", k.status().Drifts)
	})
}

// TestAMoveRestoresTrafficOutsideOfTheWindows keeps the link by a file whose only
// maintenance window is shut.
func TestAMoveRestoresTrafficOutsideOfTheWindows(t *testing.T) {
	const shut = "\npolicy: {windows: [{start: \"0 3 1 1 *\", duration: 1h}]}\n"
	keptFull(t, shut, func(f *full, _ *keeper) {
		f.cut(f.of(desired.Preferred)...)
		f.untilLeads(desired.Standby, 5*time.Minute)
		f.cut()
		f.untilLeads(desired.Preferred, time.Hour)
	})
}

// TestALinkThatComesAndGoesIsFollowedForEver takes the first connection down again
// and again: linkd's own change of mind is nobody's rivalry.
func TestALinkThatComesAndGoesIsFollowedForEver(t *testing.T) {
	keptFull(t, "", func(f *full, k *keeper) {
		began := time.Now()
		for range 6 {
			f.cut(f.of(desired.Preferred)...)
			f.untilLeads(desired.Standby, 6*time.Minute)
			f.cut()
			f.untilLeads(desired.Preferred, time.Hour)
		}
		f.Logf("12 moves within %s", time.Since(began))
		if lines := k.told(); slices.Contains(lines, journal.Rival) {
			t.Errorf("it speaks of a rival: %v", lines)
		}
	})
}

// TestWhoMovesTheRoutesAgainstLinkdIsARival leads the routes to the standby again
// and again while the first connection is well.
func TestWhoMovesTheRoutesAgainstLinkdIsARival(t *testing.T) {
	keptFull(t, "", func(f *full, k *keeper) {
		moves := 0
		for range 6 {
			for _, prefix := range []string{"10.1.0.0/16", "10.2.0.0/16"} {
				f.ec2("ReplaceTransitGatewayRoute", "TransitGatewayRouteTableId", f.world()[desired.TransitGatewayID("tgw-tokyo")].Attrs[desired.FactRouteTable].One(),
					"DestinationCidrBlock", prefix, "TransitGatewayAttachmentId", f.attachments[desired.Standby])
			}
			k.audited()
			if f.leads() == desired.Preferred {
				moves++
			}
		}
		if lines := k.told(); moves < 3 || moves > 5 || !slices.Contains(lines, journal.Rival) {
			t.Errorf("linkd moved them back %d times: %v", moves, lines)
		}
	})
}

// TestVerifyTellsWhichConnectionCarries verifies the link while all is well, while
// the standby carries, once the first is back, and while nobody moves the routes.
func TestVerifyTellsWhichConnectionCarries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFull(t)
		time.Sleep(time.Hour)
		verified := func(when string, want ...string) {
			t.Helper()
			report, _ := f.verify()
			var have []string
			for _, finding := range report.Findings {
				have = append(have, string(finding.Severity)+" "+string(finding.Code)+" "+string(finding.ID))
			}
			slices.Sort(have)
			if !slices.Equal(have, want) {
				t.Errorf("%s: %q, want %q", when, have, want)
			}
			for _, finding := range report.Findings {
				if finding.Code == failure.RedundancyLost && f.leads() == desired.Standby && !strings.Contains(finding.Says, "by the connection that stood by, tokyo-1") {
					t.Errorf("%s: it does not say who carries: %s", when, finding.Says)
				}
			}
		}
		lost := []string{"warning REDUNDANCY_LOST aws/vpn-tunnel/tokyo-0-1", "warning REDUNDANCY_LOST aws/vpn-tunnel/tokyo-0-2"}
		verified("all is well")
		f.cut(f.of(desired.Preferred)...)
		time.Sleep(3 * time.Minute)
		verified("nobody moved the routes", "error AWS_TGW_ROUTE_MISSING aws/tgw-routes/tgw-tokyo", "error TUNNEL_DOWN aws/vpn-tunnel/tokyo-0-1", lost[1])
		if _, err := f.build(t.Context()); err != nil {
			t.Fatal(err)
		}
		verified("the standby carries", lost...)
		f.cut()
		time.Sleep(3 * time.Minute)
		const crossed = "info ASYMMETRIC_PATH aws/vpn-connection/tokyo-1" // Azure sends by the first again
		verified("the first is back for a moment", crossed)
		time.Sleep(time.Hour)
		verified("it is back for long, and nobody has moved the routes back", crossed)
		f.mustBuild()
		f.mustBeClean()
	})
}

// TestAMoveThatIsKilledIsFinished kills linkd at each request about the move of the
// routes, before it leaves and after it was carried out, and starts it anew.
func TestAMoveThatIsKilledIsFinished(t *testing.T) {
	t.Parallel()
	for _, late := range []bool{false, true} {
		for after := range 4 {
			if testing.Short() && late == (after%2 == 0) {
				continue
			}
			t.Run(fmt.Sprintf("%d writes, late %t", after, late), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					f := newFull(t)
					time.Sleep(time.Hour)
					f.cut(f.of(desired.Preferred)...)
					time.Sleep(5 * time.Minute)
					ctx, kill := context.WithCancelCause(t.Context())
					writes := 0
					f.wire.tell(func(_ string, carryOut func()) {
						if writes++; writes <= after {
							carryOut()
							return
						}
						if late {
							carryOut()
						}
						kill(errKilled)
					})
					_, _ = f.build(ctx)
					kill(nil)
					f.wire.tell(nil)
					if _, err := f.build(t.Context()); err != nil {
						t.Fatal(err)
					}
					if f.leads() != desired.Standby {
						t.Errorf("the routes lead to %d", f.leads())
					}
					f.mustCross()
					f.cut()
					time.Sleep(30 * time.Minute)
					f.mustBuild()
					f.mustBeClean()
					if f.leads() != desired.Preferred {
						t.Errorf("half an hour after the first is back they lead to %d", f.leads())
					}
				})
			})
		}
	}
}

// TestADestroyTakesTheRoutesOfTheStandbyAlong destroys a link whose transit gateway
// stays while the first connection is back and nobody has moved the routes yet.
func TestADestroyTakesTheRoutesOfTheStandbyAlong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFull(t)
		time.Sleep(time.Hour)
		f.cut(f.of(desired.Preferred)...)
		time.Sleep(5 * time.Minute)
		if _, err := f.build(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.cut()
		time.Sleep(time.Hour)
		f.mustMutate(ground.Mutation{Cloud: "aws", Op: "unset", Kind: "transit-gateway", Name: f.world()[desired.TransitGatewayID("tgw-tokyo")].Ref, Field: "Tags.linkd-owner"})
		f.file.AWS.Regions[0].TransitGateways[0].Adopt = true
		if f.leads() != desired.Standby {
			t.Fatal("the routes do not lead to the standby")
		}
		time.Sleep(time.Minute) // until describes show it
		f.mustDestroy()
		time.Sleep(time.Minute)
		if routes := f.world()[desired.TransitGatewayRoutesID("tgw-tokyo")].Attrs["routes"]; len(routes) != 0 {
			t.Errorf("these routes are left behind: %v", routes)
		}
	})
}
