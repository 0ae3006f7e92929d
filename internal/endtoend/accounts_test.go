package endtoend

import (
	"encoding/json"
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
)

const (
	otherAccount = "210987654321"
	otherRole    = "arn:aws:iam::" + otherAccount + ":role/linkd"
)

// newLabOfAccounts starts the clouds of the example of two accounts.
func newLabOfAccounts(t testing.TB, as func(*scenario.Scenario)) *lab {
	t.Helper()
	given, err := scenario.Load("../../deploy/examples/two-accounts.scenario.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return newLabOf(t, mustLoad(t, "two-accounts.yaml"), given, as)
}

// role changes the role of the other account.
func (l *lab) role(op string) {
	l.Helper()
	l.mustMutate(ground.Mutation{Cloud: "aws", Kind: "role", Name: otherRole, Op: op})
}

// awsCloud is the AWS half of a linkd that starts anew.
func (l *lab) awsCloud() reconcile.Cloud {
	l.Helper()
	all := l.open(l.Context())
	return all[slices.IndexFunc(all, func(c reconcile.Cloud) bool { return c.Name() == "aws" })]
}

// connectionsBy counts the VPN connections that stand, by place.
func (l *lab) connectionsBy() map[string]int {
	l.Helper()
	text, err := json.Marshal(l.sim.Dump())
	if err != nil {
		l.Fatal(err)
	}
	var state struct {
		AWS map[string]struct{ Connections []struct{ State string } }
	}
	if err := json.Unmarshal(text, &state); err != nil {
		l.Fatal(err)
	}
	counts := map[string]int{}
	for place, region := range state.AWS {
		for _, connection := range region.Connections {
			if connection.State != "deleted" {
				counts[place]++
			}
		}
	}
	return counts
}

// TestALinkIntoTwoAccounts builds it, looks at it with everything that linkd has, and
// takes it away.
func TestALinkIntoTwoAccounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfAccounts(t, nil)
		before := l.standing()
		l.check()
		l.mustBuild()
		l.mustBeAsBuilt()
		if got, want := l.connectionsBy(), map[string]int{"ap-northeast-1": 1, "us-east-1@" + otherAccount: 1}; !maps.Equal(got, want) {
			t.Errorf("VPN connections stand in %v, want %v", got, want)
		}
		if output, err := l.runOn("ec2-c", "true", time.Minute); err != nil {
			t.Errorf("a script in the other account: %q, %v", output, err)
		}
		l.mustDestroy()
		l.mustStand(before, "after the destroy")
		needed := l.sent()
		for _, policy := range []string{"aws-repair", "aws-verify", "aws-run-command", "azure-repair", "azure-verify", "azure-run-command"} {
			for action := range allowed(t, policy) {
				delete(needed, action)
			}
		}
		compare(t, needed, "aws-assume-role")
	})
}

// TestOneRegionOfTwoAccounts has both transit gateways in one region, where nothing
// but the account tells them apart.
func TestOneRegionOfTwoAccounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfAccounts(t, func(s *scenario.Scenario) {
			instant(s)
			s.AWS.Accounts[0].Regions[0].Name = "ap-northeast-1"
		})
		before := l.standing()
		theirs := l.file.AWS.Regions[1].TransitGateways[0]
		theirs.Region, theirs.VPCs[0].Subnets[0].Zone = "ap-northeast-1", ""
		l.file.AWS.Regions[0].TransitGateways = append(l.file.AWS.Regions[0].TransitGateways, theirs)
		l.file.AWS.Regions = l.file.AWS.Regions[:1]
		report, _ := l.verify()
		for _, f := range report.Findings {
			if f.Code != failure.NotBuilt && strings.Contains(f.Says, "counted") {
				t.Errorf("before the build: %s: %s %s", f.Line(), f.Says, f.Evidence)
			}
		}
		l.mustBuild()
		time.Sleep(time.Hour)
		l.mustBeClean()
		l.waysMustAgree("as built")
		if got, want := l.connectionsBy(), map[string]int{"ap-northeast-1": 1, "ap-northeast-1@" + otherAccount: 1}; !maps.Equal(got, want) {
			t.Errorf("VPN connections stand in %v, want %v", got, want)
		}
		if world, _ := l.awsCloud().Sweep(t.Context()); world[desired.TransitGatewayID("tgw-virginia")].Ref == world[desired.TransitGatewayID("tgw-tokyo")].Ref {
			t.Error("both are taken for one")
		}
		survey := examine.Survey(t.Context(), l.open(t.Context()))
		for _, name := range []string{"tgw-tokyo", "tgw-virginia"} {
			if seen := survey.TransitGateways[name]; !seen.Known() {
				t.Errorf("%s is not known: %s", name, seen.Why)
			}
		}
		l.mustDestroy()
		l.mustStand(before, "after the destroy")
	})
}

// TestARoleThatIsTakenAwayMakesItsAccountUnknown and nothing else: what stands there is
// neither missing nor made again, and nobody is accused but the role.
func TestARoleThatIsTakenAwayMakesItsAccountUnknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLabOfAccounts(t, instant)
		l.mustBuild()
		time.Sleep(time.Hour)
		before, running := l.standing(), l.awsCloud()
		if _, strays := running.Sweep(t.Context()); len(strays) > 0 {
			t.Fatalf("%v", strays)
		}
		l.role("delete")
		writes := l.wire.sent()
		plan := l.plan()
		for _, step := range plan.All() {
			accused := slices.ContainsFunc(step.Drifts, func(d reconcile.Decided) bool { return d.Class != resource.Unseen && d.Class != resource.Blocked })
			if step.Verb.Writes() || accused {
				t.Errorf("the plan has %s %s %v", step.Verb, step.ID, step.Drifts)
			}
		}
		// A linkd that runs has credentials that are of no use any more, and asks again.
		running.Sweep(t.Context())
		for what, cloud := range map[string]reconcile.Cloud{"running": running, "started anew": l.awsCloud()} {
			world, strays := cloud.Sweep(t.Context())
			for id, live := range world {
				theirs := strings.HasSuffix(string(id), "virginia") || strings.Contains(string(id), "/virginia-") || strings.HasSuffix(string(id), "/vpc-c") ||
					strings.HasSuffix(string(id), "rtb-0c30000000000000c") || id == desired.PeeringID("pacific")
				switch {
				case theirs && (live.Phase != resource.Unknown || !strings.Contains(live.Why, "the role "+otherRole+" of account "+otherAccount+" cannot be assumed")):
					t.Errorf("%s: %s is %s: %s", what, id, live.Phase, live.Why)
				case !theirs && live.Phase != resource.Ready:
					t.Errorf("%s: %s of the first account is %s: %s", what, id, live.Phase, live.Why)
				}
			}
			if len(strays) > 0 {
				t.Errorf("%s: strays %v", what, strays)
			}
		}
		_, err := l.build(t.Context())
		if resource.ReasonOf(err) != resource.SignIn || !strings.Contains(resource.HintOf(err), "trust policy") ||
			!words(err.Error(), "cannot write to aws: sts:GetCallerIdentity could not sign in: AccessDenied: the role "+otherRole+" of account "+otherAccount+" cannot be assumed") {
			t.Errorf("%v (%s)", err, resource.HintOf(err))
		}
		report, e := l.verify()
		for _, trace := range e.Traces {
			for _, hop := range trace.Forward.Hops {
				if strings.Contains(hop.Says, "no transit gateway of the file") {
					t.Errorf("%s → %s: %s", trace.Forward.From, trace.Forward.To, hop.Says)
				}
			}
		}
		for _, f := range report.Findings {
			if f.Severity != failure.Info && f.Code != failure.ObservationGap {
				t.Errorf("verify accuses %s: %s", f.Line(), f.Says)
			}
		}
		if sent := l.wire.sent() - writes; sent > 0 {
			t.Errorf("%d writes were sent", sent)
		}
		l.role("create")
		l.file.AWS.Regions[1].TransitGateways[0].ExternalID = ""
		running = l.awsCloud()
		if world, _ := running.Sweep(t.Context()); world[desired.TransitGatewayID("tgw-virginia")].Phase != resource.Ready {
			t.Error("with the role the account is not known again")
		}
		l.mustBeClean()
		l.mustStand(before, "at the end")
	})
}

// TestNothingIsWrittenToAnAccountThatTheFileDoesNotName when the credentials or the
// role lead elsewhere.
func TestNothingIsWrittenToAnAccountThatTheFileDoesNotName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*desired.File)
		says  string
	}{
		"the credentials": {func(f *desired.File) { f.AWS.Account = "555566667777" }, "the credentials are of account 123456789012, and the file names account 555566667777"},
		"the role": {
			func(f *desired.File) { f.AWS.Regions[1].TransitGateways[0].Account = "555566667777" },
			"the role " + otherRole + " leads into account " + otherAccount + ", and the file names account 555566667777",
		},
		"the external id": {
			func(f *desired.File) { f.AWS.Regions[1].TransitGateways[0].ExternalID = "a guess" },
			"the role " + otherRole + " of account " + otherAccount + " cannot be assumed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLabOfAccounts(t, instant)
				c.spoil(l.file)
				_, err := l.build(t.Context())
				if resource.ReasonOf(err) != resource.SignIn || !strings.Contains(err.Error(), c.says) || resource.HintOf(err) == "" {
					t.Errorf("%v (%s)", err, resource.HintOf(err))
				}
				if l.wire.sent() > 0 {
					t.Errorf("%d writes were sent", l.wire.sent())
				}
			})
		})
	}
}
