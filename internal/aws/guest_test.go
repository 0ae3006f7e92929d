package aws

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/desired"
	"linkd/internal/resource"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

const (
	guestAccount = "210987654321"
	guestRole    = "arn:aws:iam::" + guestAccount + ":role/linkd"
)

// newBenchOfAccounts adds to the article two transit gateways of another account, one
// in Tokyo and one in Virginia.
func newBenchOfAccounts(t *testing.T, faults ...ground.Fault) *bench {
	t.Helper()
	b := newBench(t, func(s *scenario.Scenario) {
		s.AWS.Accounts = []scenario.Account{{Account: guestAccount, Roles: []scenario.Role{{Name: "linkd"}}}}
	}, faults...)
	theirs := func(name, region string) desired.TransitGateway {
		return desired.TransitGateway{Name: name, ASN: 64600, Region: region, Account: guestAccount, AssumeRole: guestRole}
	}
	own := &b.file.AWS.Regions[0]
	own.TransitGateways = append(own.TransitGateways, theirs("theirs", own.Name))
	b.file.AWS.Regions = append(b.file.AWS.Regions, desired.Region{Name: "us-east-1", TransitGateways: []desired.TransitGateway{theirs("far", "us-east-1")}})
	b.restart()
	return b
}

func TestARoleIsAssumedOnceForAllRegionsOfItsAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBenchOfAccounts(t)
		if err := b.cloud.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		world, _ := b.cloud.Sweep(t.Context())
		for _, name := range []string{"tgw-tokyo", "theirs", "far"} {
			if live := world[desired.TransitGatewayID(name)]; live.Phase != resource.Absent {
				t.Errorf("%s is %s: %s", name, live.Phase, live.Why)
			}
		}
		for action, want := range map[string]int{"sts:AssumeRole": 1, "sts:GetCallerIdentity": 2, "ec2:DescribeTransitGateways": 3, "ec2:DescribeVpcs": 1} {
			if b.calls[action] != want {
				t.Errorf("%d calls of %s, want %d", b.calls[action], action, want)
			}
		}
	})
}

// TestARoleIsAssumedAgainBeforeItsCredentialsEnd also in a cloud whose time goes
// faster than ours.
func TestARoleIsAssumedAgainBeforeItsCredentialsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBenchOfAccounts(t)
		for range 36 {
			time.Sleep(5 * time.Minute)
			world, _ := b.cloud.Sweep(t.Context())
			if live := world[desired.TransitGatewayID("far")]; live.Phase != resource.Absent {
				t.Fatalf("far is %s: %s", live.Phase, live.Why)
			}
		}
		if n := b.calls["sts:AssumeRole"]; n < 10 || n > 13 { // three hours
			t.Errorf("the role was assumed %d times", n)
		}
		given, err := entrance{CredentialsProvider: b.cloud.config.Credentials, role: guestRole, scale: 100}.Retrieve(t.Context())
		if left := time.Until(given.Expires); err != nil || !given.CanExpire || left != guestFor/100 {
			t.Errorf("%v, and %s are left at a hundred times life's speed", err, left)
		}
	})
}

func TestWhyARoleIsNotAssumedIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		fault  ground.Fault
		reason resource.Reason
		says   string
		most   int // calls
	}{
		"it may not be": {ground.Fault{Effect: ground.EffectDeny}, resource.SignIn, "AccessDenied: the role " + guestRole + " of account " + guestAccount + " cannot be assumed: User", 1},
		"the request is wrong": {
			ground.Fault{Effect: ground.EffectStatus, Status: 400, Code: "ValidationError", Message: "no"}, resource.SignIn, "ValidationError: the role", 1,
		},
		"too many ask":    {ground.Fault{Effect: ground.EffectStatus, Status: 400, Code: "Throttling", Message: "Rate exceeded"}, resource.Throttled, "Throttling: the role", attempts},
		"STS has trouble": {ground.Fault{Effect: ground.EffectStatus, Status: 500, Code: "InternalFailure", Message: "oops"}, resource.Unreachable, "InternalFailure: the role", attempts},
		"nobody answers":  {ground.Fault{Effect: ground.EffectDrop}, resource.Unreachable, "the role " + guestRole, attempts},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.fault.Operation = "AssumeRole"
				b := newBenchOfAccounts(t, c.fault)
				err := b.cloud.Check(t.Context())
				if resource.ReasonOf(err) != c.reason || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%v (%s)", err, resource.ReasonOf(err))
				}
				if c.reason == resource.SignIn && !strings.Contains(resource.HintOf(err), "trust policy") {
					t.Errorf("the hint is %q", resource.HintOf(err))
				}
				if n := b.calls["sts:AssumeRole"]; n > c.most {
					t.Errorf("it was tried %d times", n)
				}
			})
		})
	}
}

func TestARoleIsNotToBlameForMissingCredentials(t *testing.T) {
	problem := translate(&notAssumed{guestAccount, guestRole, &signInError{errNotAsked}})
	if problem.Reason != resource.SignIn || strings.Contains(problem.Error(), guestRole) || !strings.Contains(problem.Hint, "set credentials") {
		t.Errorf("%v (%s)", problem, problem.Hint)
	}
}

// TestCredentialsThatAreOfNoUseAreForgotten lets a linkd that runs go on as soon as
// the role is back.
func TestCredentialsThatAreOfNoUseAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBenchOfAccounts(t)
		far := func() resource.Live {
			world, _ := b.cloud.Sweep(t.Context())
			return world[desired.TransitGatewayID("far")]
		}
		change := func(op string) {
			if err := b.sim.Mutate(ground.Mutation{Cloud: "aws", Kind: "role", Name: guestRole, Op: op}); err != nil {
				t.Fatal(err)
			}
		}
		far()
		change("delete")
		if live := far(); live.Phase != resource.Unknown {
			t.Errorf("with the role gone it is %s", live.Phase)
		}
		if live := far(); !strings.Contains(live.Why, "cannot be assumed") {
			t.Errorf("the second look says %s", live.Why)
		}
		change("create")
		if live := far(); live.Phase != resource.Absent {
			t.Errorf("with the role back it is %s: %s", live.Phase, live.Why)
		}
	})
}
