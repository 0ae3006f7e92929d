package endtoend

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// TestWhateverGoesWrongTheNextApplyFinishes builds the article's link on
// clouds that fail at random, kills linkd at random and starts it again, with
// or without what it had on disk. When the faults end, one apply or two must
// leave the link as desired and everything there once; nothing may ever have
// been deleted. LINKD_SEEDS says how many stories are played, as "4000" or as
// "17:18" for those from 17 up to 18.
func TestWhateverGoesWrongTheNextApplyFinishes(t *testing.T) {
	t.Parallel()
	from, to := seedsOf(t, "LINKD_SEEDS", 8, 40)
	again := 0
	for seed := from; seed < to; seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if oneStory(t, seed) {
					again++
				}
			})
		})
	}
	t.Logf("%d stories; %d needed a second apply after the faults had ended", to-from, again)
}

// seedsOf reads which seeds a variable asks for; a few when it does not.
func seedsOf(t *testing.T, variable string, short, usual uint64) (from, to uint64) {
	t.Helper()
	given, set := os.LookupEnv(variable)
	switch {
	case !set && testing.Short():
		return 0, short
	case !set:
		return 0, usual
	}
	first, last, span := strings.Cut(given, ":")
	if !span {
		first, last = "0", first
	}
	from, errFrom := strconv.ParseUint(first, 10, 64)
	to, errTo := strconv.ParseUint(last, 10, 64)
	if errFrom != nil || errTo != nil {
		t.Fatalf("%s is %q", variable, given)
	}
	return from, to
}

// oneStory plays one seed, and tells whether it took two applies to finish.
func oneStory(t *testing.T, seed uint64) (again bool) {
	random := rand.New(rand.NewPCG(seed, 0x11d))
	l := newLab(t, func(s *scenario.Scenario) { s.Behaviour = anyBehaviour(random, s.Behaviour) })
	if random.IntN(3) == 0 {
		l.file.Links[0].Redundancy = desired.Tunnels
	}
	faults := anyFaults(random)
	l.sim.Inject(faults...)
	for range 1 + random.IntN(4) {
		l.oneLife(random)
	}
	l.sim.Heal()
	l.wire.disarm()
	defer func() {
		if t.Failed() {
			t.Logf("seed %d: %+v\n%+v", seed, l.behaviour, faults)
		}
	}()
	report, err := l.build(t.Context())
	if again = err != nil || len(report.Failures())+len(report.Skips()) > 0 || !l.plan().Clean(); again {
		for _, outcome := range report.Failures() {
			t.Logf("seed %d, first apply: %s", seed, outcome.Text)
		}
		l.mustBuild()
	}
	l.mustBeClean()
	l.mustCross()
	l.mustLiveOnce("in the end")
	for operation := range l.sim.Calls() {
		if takesAway(operation) && operation != failedAttachment {
			t.Errorf("%s was called", operation)
		}
	}
	return again
}

// failedAttachment is the one delete of a build: a VPC attachment that EC2
// accepted and then failed stands in the way of the next.
const failedAttachment = "DeleteTransitGatewayVpcAttachment"

// takesAway reports whether an operation of either cloud deletes something.
func takesAway(operation string) bool {
	for _, verb := range []string{"DELETE ", "Delete", "Disassociate", "Disable", "Reject", "Detach"} {
		if strings.HasPrefix(operation, verb) {
			return true
		}
	}
	return false
}

// oneLife runs linkd once, perhaps until it is killed.
func (l *lab) oneLife(random *rand.Rand) {
	ctx, kill := context.WithCancelCause(l.Context())
	defer kill(nil)
	l.wire.disarm()
	if random.IntN(3) > 0 {
		l.wire.armIn(1+random.IntN(1200), random.IntN(2) == 0, kill)
	}
	_, _ = l.build(ctx) // whatever it comes to
	if random.IntN(8) == 0 {
		l.disk = &disk{since: time.Now(), open: map[resource.ID]time.Time{}}
	}
	time.Sleep(time.Duration(random.IntN(3)) * time.Duration(random.IntN(600)) * time.Second)
}

func anyBehaviour(random *rand.Rand, b scenario.Behaviour) scenario.Behaviour {
	b.Seed = random.Uint64()
	b.Instant = random.IntN(4) == 0
	b.Lag = time.Duration(random.IntN(31)) * time.Second
	b.TunnelsKnown = []string{"at-create", "when-available"}[random.IntN(2)]
	b.PageSize = []int{0, 0, 1, 2}[random.IntN(4)]
	if b.PageSize == 0 {
		b.Throttle = random.IntN(3) == 0
	}
	return b
}

// operations are patterns of what a build asks for.
var operations = []string{
	"*", "PUT *", "GET *", "LIST *", "POST *", "Create*", "Describe*", "Search*", "Enable*", "Associate*", "Modify*",
	"PUT virtualWans", "PUT virtualHubs", "PUT vpnGateways", "PUT vpnSites", "PUT virtualHubs/hubVirtualNetworkConnections",
	"PUT vpnGateways/vpnConnections", "GET vpnGateways/vpnConnections", "GET operations", "POST virtualHubs/effectiveRoutes", "*listSharedKey",
	"CreateTransitGateway", "CreateTransitGatewayVpcAttachment", "CreateCustomerGateway", "CreateVpnConnection", "CreateTags",
	"CreateTransitGatewayRoute", "CreateRoute", "EnableTransitGatewayRouteTablePropagation", "AssociateTransitGatewayRouteTable",
	"DescribeVpnConnections", "DescribeTransitGateways", "DescribeTransitGatewayAttachments", "SearchTransitGatewayRoutes", "GetCallerIdentity",
}

func anyFaults(random *rand.Rand) []ground.Fault {
	var faults []ground.Fault
	for range 1 + random.IntN(5) {
		f := ground.Fault{
			Operation: operations[random.IntN(len(operations))],
			Nth:       random.IntN(4), Count: random.IntN(12),
			Probability: []float64{0.02, 0.1, 0.3, 0.6, 1}[random.IntN(5)],
		}
		switch random.IntN(10) {
		case 0:
			f.Effect, f.Status, f.Code, f.Message = ground.EffectStatus, 500, "InternalServerError", "it broke"
		case 1:
			f.Effect, f.Status, f.Code, f.Message = ground.EffectStatus, 429, "TooManyRequests", "slow down"
			f.RetryAfter = float64(random.IntN(60))
		case 2:
			f.Effect = ground.EffectDeny
		case 3:
			f.Effect = ground.EffectDrop
		case 4, 5:
			f.Effect = ground.EffectDie
		case 6:
			f.Effect, f.Stall = ground.EffectStall, float64(random.IntN(400))
		case 7:
			f.Effect, f.Nonsense = ground.EffectNonsense, []string{"cut", "garbage", "empty"}[random.IntN(3)]
		case 8:
			f.Effect = ground.EffectStale
		case 9:
			f.Effect, f.Code, f.Message = ground.EffectFail, "InternalServerError", "accepted and then failed"
		}
		faults = append(faults, f)
	}
	return faults
}
