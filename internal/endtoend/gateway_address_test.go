package endtoend

import (
	"context"
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

// moved gives instance 0 of the Azure VPN gateway another public address.
var moved = ground.Mutation{
	Cloud: "azure", Op: "set", Kind: "vpnGateways", Name: "hub-jpe-vpn",
	Field: "properties.ipConfigurations.Instance0.publicIpAddress", Value: "203.0.113.9",
}

// strayed gives the customer gateway an address that Azure does not have.
func strayed(l *lab) ground.Mutation {
	ref := l.world()[desired.CustomerGatewayID("tokyo", 0)].Ref
	return ground.Mutation{Cloud: "aws", Op: "set", Kind: "customer-gateway", Name: ref, Field: "IpAddress", Value: "198.51.100.7"}
}

// TestAnAddressOfTheGatewayThatChangedIsFollowed changes the address of the
// Azure gateway, or that of the customer gateway: one apply makes another
// customer gateway, moves the connection and deletes the old one.
func TestAnAddressOfTheGatewayThatChangedIsFollowed(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change     func(*lab) ground.Mutation
		interrupts resource.Effect
	}{
		"Azure has another address":                       {func(*lab) ground.Mutation { return moved }, resource.NoInterruption}, // the tunnels are down already
		"the customer gateway has one that Azure has not": {strayed, resource.NoInterruption},
		"the customer gateway has another ASN": {func(l *lab) ground.Mutation {
			m := strayed(l)
			m.Field, m.Value = "BgpAsn", "65010"
			return m
		}, resource.AllTunnels},
	} {
		for kind, behave := range map[string]func(*scenario.Scenario){"": nil, ", describes lag": lagging} {
			t.Run(name+kind, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					l := newLab(t, behave)
					l.mustBuild()
					time.Sleep(time.Hour)
					id, connection := desired.CustomerGatewayID("tokyo", 0), desired.AWSConnectionID("tokyo", 0)
					before := l.world()
					l.mutate(row.change(l))
					step := stepOf(l.plan(), id)
					if step.Verb != reconcile.Update || step.Effect != row.interrupts {
						t.Errorf("the plan says %q with an effect on %q, want an update and %q", step.Verb, step.Effect, row.interrupts)
					}
					l.mustBuild()
					l.mustBeClean()
					l.mustCross()
					after := l.world()
					if after[id].Ref == before[id].Ref || after[connection].Ref != before[connection].Ref {
						t.Errorf("the customer gateway was %s and is %s; the connection was %s and is %s",
							before[id].Ref, after[id].Ref, before[connection].Ref, after[connection].Ref)
					}
					time.Sleep(lingers)
					l.mustBeSingle()
				})
			})
		}
	}
}

// TestAFollowedAddressThatComesBackIsFollowedBack changes the address back
// while the change is being followed, and after it.
func TestAFollowedAddressThatComesBackIsFollowedBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, quick)
		l.mustBuild()
		time.Sleep(time.Hour)
		back := moved
		back.Value = l.world()[desired.VPNGatewayID("hub-jpe")].Attrs[desired.FactInstanceAddress(0)].One()
		writes := l.wire.sent()
		l.mutate(moved)
		l.mustBuild()
		most := l.wire.sent() - writes
		l.mutate(back)
		l.mustBuild()
		for at := range most {
			l.mutate(moved)
			ctx, kill := context.WithCancelCause(t.Context())
			l.wire.stopAfter(at, kill)
			_, _ = l.build(ctx)
			kill(nil)
			l.wire.stopAfter(-1, nil)
			l.mutate(back)
			l.mustBuild()
			l.mustBeClean()
			l.mustCross()
			if t.Failed() {
				t.Fatalf("killed after %d writes of %d", at, most)
			}
		}
		time.Sleep(lingers)
		l.mustBeSingle()
	})
}

// TestFollowingAnAddressSurvivesAKillAtEveryWrite kills linkd before and after
// each write of an apply that follows an address, and starts it anew.
func TestFollowingAnAddressSurvivesAKillAtEveryWrite(t *testing.T) {
	t.Parallel()
	var writes []int
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, quick)
		l.mustBuild()
		time.Sleep(time.Hour)
		l.mutate(moved)
		begin := l.wire.count
		l.mustBuild()
		for _, at := range l.wire.writes {
			if at > begin {
				writes = append(writes, at-begin)
			}
		}
	})
	if len(writes) < 4 {
		t.Fatalf("the apply writes %d times: a tag, a create, a move and a delete are to be seen", len(writes))
	}
	for _, late := range []bool{false, true} {
		for _, at := range writes {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t, quick)
				l.mustBuild()
				time.Sleep(time.Hour)
				l.mutate(moved)
				ctx, kill := context.WithCancelCause(t.Context())
				l.wire.armIn(at, late, kill)
				_, _ = l.build(ctx)
				kill(nil)
				l.wire.disarm()
				l.noDuplicates()
				l.mustBuild()
				l.mustBeClean()
				l.mustCross()
				time.Sleep(lingers)
				l.mustBeSingle()
			})
			if t.Failed() {
				t.Fatalf("killed at request %d of %v, after it was carried out: %t", at, writes, late)
			}
		}
	}
}

// noDuplicates fails the test when a look finds a stray: what is being
// followed is neither a second one nor an orphan.
func (l *lab) noDuplicates() {
	l.Helper()
	if strays := l.plan().Strays; len(strays) > 0 {
		l.Errorf("a look finds strays: %+v", strays)
	}
}

// TestADestroyTakesARetiredCustomerGatewayAlong stops linkd while it follows
// an address, and destroys.
func TestADestroyTakesARetiredCustomerGatewayAlong(t *testing.T) {
	t.Parallel()
	for writes := 1; writes <= 3; writes++ {
		synctest.Test(t, func(t *testing.T) {
			l := newLab(t, quick)
			before := l.standing()
			l.mustBuild()
			time.Sleep(time.Hour)
			l.mutate(moved)
			ctx, kill := context.WithCancelCause(t.Context())
			l.wire.stopAfter(writes, kill)
			_, _ = l.build(ctx)
			kill(nil)
			l.wire.stopAfter(-1, nil)
			time.Sleep(time.Hour)
			if retired := l.world()[desired.CustomerGatewayID("tokyo", 0)].Attrs["retired"]; len(retired) != 1 {
				t.Errorf("after %d writes %v are retired, want one", writes, retired)
			}
			l.mustDestroy()
			l.mustStand(before, "destroyed")
		})
		if t.Failed() {
			t.Fatalf("stopped after %d writes", writes)
		}
	}
}

// stopAfter kills linkd at the write after so many more; less than 0: never.
func (w *wire) stopAfter(writes int, kill context.CancelCauseFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.killAt, w.late, w.kill, w.spare = 0, false, kill, -1
	if writes >= 0 {
		w.spare = len(w.writes) + writes
	}
}

// TestAReplacedCustomerGatewayStaysWhileItsConnectionIsHeld follows an address
// under a policy that does not let the connection move: the apply ends, says
// who uses the old gateway and which rule lets go of it, and with that rule
// gone the rest is done.
func TestAReplacedCustomerGatewayStaysWhileItsConnectionIsHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, quick)
		l.mustBuild()
		time.Sleep(time.Hour)
		l.mutate(moved)
		rules := l.file.Policy.Rules
		l.file.Policy.Rules = append([]desired.Rule{{Drift: "aws/vpn-connection.customer_gateway", Do: desired.Report, Why: "not today"}}, rules...)
		report, err := l.build(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		id := desired.CustomerGatewayID("tokyo", 0)
		at := slices.IndexFunc(report.Outcomes, func(o reconcile.Outcome) bool { return o.ID == id })
		if at < 0 || report.Outcomes[at].What != reconcile.Broken || !strings.Contains(resource.HintOf(report.Outcomes[at].Err), "aws/vpn-connection.customer_gateway") {
			t.Errorf("the outcomes are %+v, want the customer gateway's with a hint at the rule", report.Outcomes)
		}
		l.noDuplicates()
		l.file.Policy.Rules = rules
		l.mustBuild()
		l.mustBeClean()
		l.mustCross()
	})
}
