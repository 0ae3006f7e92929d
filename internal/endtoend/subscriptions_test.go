package endtoend

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/examine"
	"linkd/internal/failure"
	"linkd/internal/reconcile"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
	"linkd/internal/verify"
)

// The subscriptions of the example: the second has the hub of Japan East with
// the gateway, the third a VNet.
const (
	secondSubscription = "66666666-2222-3333-4444-555555555555"
	thirdSubscription  = "77777777-2222-3333-4444-555555555555"
)

// newLabOfSubscriptions starts the clouds of the example of several
// subscriptions, and its file.
func newLabOfSubscriptions(t testing.TB, as func(*scenario.Scenario)) *lab {
	t.Helper()
	given, err := scenario.Load("../../deploy/examples/subscriptions.scenario.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return newLabOf(t, mustLoad(t, "subscriptions.yaml"), given, as)
}

// denyAll has Azure refuse every request to a subscription.
func (l *lab) denyAll(subscription string) {
	l.sim.Inject(ground.Fault{Cloud: "azure", Path: "/subscriptions/" + subscription + "*", Effect: ground.EffectDeny})
}

// refsIn lists what of the file stands in a subscription.
func (l *lab) refsIn(subscription string) (ids []resource.ID) {
	for id, live := range l.world() {
		if strings.HasPrefix(strings.ToLower(live.Ref), "/subscriptions/"+subscription) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// TestAHubOfAnotherSubscriptionIsBuiltAndStaysAsDesired builds it, looks at it with
// everything that linkd has, and takes it away.
func TestAHubOfAnotherSubscriptionIsBuiltAndStaysAsDesired(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfSubscriptions(t, nil)
		before := l.standing()
		l.check()
		l.mustBuild()
		l.mustBeAsBuilt()
		want := []resource.ID{
			"azure/hub-routes/hub-jpe", "azure/virtual-hub/hub-jpe", "azure/vnet-connection/vnet-jpe", "azure/vnet/vnet-jpe",
			"azure/vpn-connection/tokyo", "azure/vpn-gateway/hub-jpe", "azure/vpn-tunnel/tokyo-0-1",
		}
		if got := l.refsIn(secondSubscription); !slices.Equal(got, want) {
			t.Errorf("in the second subscription stand %v, want %v", got, want)
		}
		if got := l.refsIn(thirdSubscription); !slices.Equal(got, []resource.ID{"azure/vnet/vnet-use"}) {
			t.Errorf("in the third subscription stand %v", got)
		}
		for _, machine := range []string{"vm-jpe", "vm-use"} {
			if output, err := l.runOn(machine, "LC_ALL=C ping -n -c 1 -W 1 172.20.0.10", time.Minute); err != nil || !strings.Contains(output, "1 received") {
				t.Errorf("%s: %v, %q", machine, err, output)
			}
		}
		l.mustDestroy()
		l.mustStand(before, "after the destroy")
	})
}

// subscriptionCalls are the calls of one look that ask all of a subscription,
// over the three of the example. The article's link, in one, has one of each.
var subscriptionCalls = map[string]int{
	"LIST virtualWans": 1, "LIST vpnSites": 1, // the file's subscription has all of them
	"LIST virtualHubs": 2, "LIST vpnGateways": 2, // where a hub stands
	"LIST virtualNetworks": 2, "LIST networkInterfaces": 2, // where a VNet stands
}

// TestALookAsksEachSubscriptionForWhatItMayHave counts the lists of an audit and
// of a survey. The list of hubs is one of either.
func TestALookAsksEachSubscriptionForWhatItMayHave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfSubscriptions(t, instant)
		l.mustBuild()
		both := l.open(t.Context())
		l.sim.ForgetCalls()
		l.mustBeClean()
		audit := l.sim.Calls()
		l.sim.ForgetCalls()
		examine.Survey(t.Context(), both)
		seen := l.sim.Calls()
		if audit["LIST virtualHubs"] != seen["LIST virtualHubs"] {
			t.Errorf("a survey lists the hubs %d times, an audit %d times", seen["LIST virtualHubs"], audit["LIST virtualHubs"])
		}
		maps.Copy(seen, audit)
		for operation, want := range subscriptionCalls {
			if seen[operation] != want {
				t.Errorf("%s was called %d times, want %d", operation, seen[operation], want)
			}
		}
	})
}

// TestWhoMayNotReadASubscriptionHearsThatItIsUnknown denies the identity one
// subscription after the other, of a link that stands and of one that does not.
func TestWhoMayNotReadASubscriptionHearsThatItIsUnknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfSubscriptions(t, instant)
		for _, standing := range []bool{false, true} {
			for _, subscription := range []string{secondSubscription, thirdSubscription} {
				l.denyAll(subscription)
				l.mustNotJudge(subscription)
				l.sim.Heal()
			}
			if !standing {
				l.mustBuild()
				time.Sleep(time.Hour)
			}
		}
		l.mustBeClean()
		l.mustCross()
	})
}

// mustNotJudge fails the test if linkd takes what it cannot see for missing or
// amiss, or writes where it cannot look.
func (l *lab) mustNotJudge(subscription string) {
	l.Helper()
	engine := l.engine(l.Context())
	plan, world := engine.Plan(l.Context())
	for _, id := range engine.Graph.Order() {
		live, hidden := world[id], l.standsIn(id, subscription)
		if hidden != (live.Phase == resource.Unknown) {
			l.Errorf("without %.8s: %s is %s: %s", subscription, id, live.Phase, live.Why)
		}
		if hidden && !strings.Contains(live.Why, "denied") {
			l.Errorf("without %.8s: %s is unknown because %q", subscription, id, live.Why)
		}
	}
	for _, step := range plan.All() {
		if world[step.ID].Phase == resource.Unknown && slices.ContainsFunc(step.Drifts, func(d reconcile.Decided) bool { return d.Class != resource.Unseen }) {
			l.Errorf("without %.8s: %s is judged: %+v", subscription, step.ID, step.Drifts)
		}
	}
	report, _ := l.verify()
	for _, f := range report.Findings {
		if f.Code != failure.ObservationGap && f.Code != failure.NotBuilt {
			l.Errorf("without %.8s: %s: %s", subscription, f.Line(), f.Says)
		}
	}
	if report.Verdict == verify.Well {
		l.Errorf("without %.8s: verify says that all is well", subscription)
	}
}

// standsIn reports whether a resource is, or is to be, in a subscription.
func (l *lab) standsIn(id resource.ID, subscription string) bool {
	cut := strings.LastIndex(string(id), "/")
	switch kind, name := string(id)[:cut], string(id)[cut+1:]; kind {
	case "azure/vnet":
		return strings.Contains(l.file.VNetNamed(name).ID, subscription)
	case "azure/virtual-hub", "azure/vpn-gateway", "azure/hub-routes":
		return l.file.HubNamed(name).Subscription == subscription
	case "azure/vnet-connection":
		return subscription == secondSubscription && name == "vnet-jpe"
	case "azure/vpn-connection", "azure/vpn-tunnel":
		return subscription == secondSubscription
	}
	return false
}

// TestTheSecondSubscriptionIsProvedBeforeTheFirstWrite has it missing, closed, or
// without its resource group.
func TestTheSecondSubscriptionIsProvedBeforeTheFirstWrite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		as         func(*scenario.Scenario)
		file       func(*desired.File)
		deny       bool
		says, hint string
	}{
		"it is not there": {
			file: func(f *desired.File) { f.Azure.Hubs[0].Subscription = "99999999-2222-3333-4444-555555555555" },
			says: "SubscriptionNotFound: The subscription '99999999-", hint: "mend the subscription of hub hub-jpe in the file",
		},
		"it has no such resource group": {
			as:   func(s *scenario.Scenario) { s.Azure.Subscriptions[1].ResourceGroups[0].Name = "rg-other" },
			says: "ResourceGroupNotFound", hint: "create the resource group rg-network in subscription " + secondSubscription + ", where hub hub-jpe is to stand",
		},
		"it may not be read": {deny: true, says: "was denied", hint: "give the identity in subscription " + secondSubscription},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLabOfSubscriptions(t, c.as)
				if c.file != nil {
					c.file(l.file)
				}
				if c.deny {
					l.denyAll(secondSubscription)
				}
				_, err := l.build(t.Context())
				if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(resource.HintOf(err), c.hint) {
					t.Errorf("%v (hint: %s)", err, resource.HintOf(err))
				}
				if sent := l.wire.sent(); sent > 0 {
					t.Errorf("%d writes", sent)
				}
			})
		})
	}
}

// TestAHubThatTheFileMovesIsToldWhereItStands moves the one hub of the file's
// subscription to the second: the one that stands is linkd's own, and left over.
func TestAHubThatTheFileMovesIsToldWhereItStands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfSubscriptions(t, instant)
		l.mustBuild()
		l.file.Azure.Hubs[1].Subscription = secondSubscription
		plan := l.plan()
		old := "/subscriptions/" + l.file.Azure.Subscription + "/resourceGroups/rg-network/providers/Microsoft.Network/virtualHubs/hub-use"
		if !slices.ContainsFunc(plan.Strays, func(s resource.Stray) bool { return s.Class == resource.Orphan && strings.EqualFold(s.Ref, old) }) {
			t.Errorf("nothing says that %s stands: %+v", old, plan.Strays)
		}
		if step := stepOf(plan, "azure/virtual-hub/hub-use"); step.Verb != reconcile.Create {
			t.Errorf("hub-use is to be in the second subscription, and the plan says %q", step.Verb)
		}
	})
}
