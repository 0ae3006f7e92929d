package aws

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

const (
	first, second = "111122223333", "444455556666"
	theRole       = "arn:aws:iam::" + second + ":role/linkd"
)

// twoAccounts adds an account with a VPC in Tokyo, and one in Dublin.
func twoAccounts(s *scenario.Scenario) {
	prefix := netip.MustParsePrefix
	s.AWS.Accounts = []scenario.Account{{
		Account: second, Roles: []scenario.Role{{Name: "linkd"}, {Name: "teams/guarded", ExternalID: "xyzzy"}},
		Regions: []scenario.Region{
			{Name: tokyo, VPCs: []scenario.VPC{{ID: "vpc-0d000000000000004", Prefixes: []netip.Prefix{prefix("10.4.0.0/16")}}}},
			{Name: dublin, VPCs: []scenario.VPC{{ID: "vpc-0e000000000000005", Prefixes: []netip.Prefix{prefix("10.5.0.0/16")}}}},
		},
	}}
}

// as makes the calls of a function with other credentials: an access key and its
// session token.
func (b *bench) as(key, token string, do func(signature string)) {
	b.token = token
	defer func() { b.token = "" }()
	do(strings.Replace(signature, "AKIDEXAMPLE", key, 1))
}

var toSTS = strings.Replace(signature, "/ec2/", "/sts/", 1)

// assume assumes a role, which has to succeed.
func (b *bench) assume(role string, parameters ...string) (key, token string) {
	b.t.Helper()
	status, body := b.sendWith(ground.Injected{}, toSTS, "AssumeRole", append([]string{"RoleArn=" + role, "RoleSessionName=test"}, parameters...)...)
	if status != http.StatusOK {
		b.t.Fatalf("%d %s", status, body)
	}
	given, _ := b.parse(body).find("AssumeRoleResult/Credentials")
	return given.at("AccessKeyId"), given.at("SessionToken")
}

// code is the error code of a call with some credentials, or "".
func (b *bench) code(signature, action string, parameters ...string) string {
	b.t.Helper()
	status, body := b.sendWith(ground.Injected{}, signature, action, parameters...)
	if status == http.StatusOK {
		return ""
	}
	root := b.parse(body)
	return root.at("Errors/Error/Code") + root.at("Error/Code")
}

func TestARequestIsServedInTheAccountOfItsAccessKey(t *testing.T) {
	b := newBench(t, twoAccounts)
	key, token := b.assume(theRole)
	gateway := func(signature string) node {
		status, body := b.sendWith(ground.Injected{}, signature, "CreateTransitGateway")
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		return b.parse(body)
	}
	own := gateway(signature)
	b.as(key, token, func(theirs string) {
		_, body := b.sendWith(ground.Injected{}, strings.Replace(theirs, "/ec2/", "/sts/", 1), "GetCallerIdentity")
		who, _ := b.parse(body).find("GetCallerIdentityResult")
		if who.at("Account") != second || who.at("Arn") != "arn:aws:sts::"+second+":assumed-role/linkd/test" {
			t.Errorf("the session is of %s, %s", who.at("Account"), who.at("Arn"))
		}
		_, body = b.sendWith(ground.Injected{}, theirs, "DescribeVpcs")
		if vpcs := b.parse(body).all("vpcSet", "vpcId"); !slices.Equal(vpcs, []string{"vpc-0d000000000000004"}) {
			t.Errorf("the other account has %v in Tokyo", vpcs)
		}
		_, body = b.sendWith(ground.Injected{}, theirs, "DescribeRegions")
		if regions := b.parse(body).all("regionInfo", "regionName"); !slices.Equal(regions, []string{tokyo, dublin}) {
			t.Errorf("the other account knows the regions %v", regions)
		}
		made := gateway(theirs)
		if made.at("transitGateway/ownerId") != second || !strings.Contains(made.at("transitGateway/transitGatewayArn"), second) {
			t.Errorf("it made %+v", made)
		}
		if made.at("transitGateway/transitGatewayId") == own.at("transitGateway/transitGatewayId") {
			t.Error("two accounts have one id")
		}
	})
	if vpcs := b.do("DescribeVpcs").all("vpcSet", "vpcId"); len(vpcs) != 2 || slices.Contains(vpcs, "vpc-0d000000000000004") {
		t.Errorf("the first account has %v", vpcs)
	}
	if regions := b.do("DescribeRegions").all("regionInfo", "regionName"); !slices.Equal(regions, []string{tokyo}) {
		t.Errorf("the first account knows the regions %v", regions)
	}
	if side := b.side(); len(side.VPCs) != 4 {
		t.Errorf("the fabric sees %d VPCs", len(side.VPCs))
	}
	dump, err := json.Marshal(b.cloud.Dump())
	if err != nil {
		t.Fatal(err)
	}
	var places map[string]struct{ VPCs []struct{ ID, Owner string } }
	if err := json.Unmarshal(dump, &places); err != nil {
		t.Fatal(err)
	}
	if there := places[tokyo+"@"+second].VPCs; len(places) != 3 || len(there) != 1 || there[0].Owner != second {
		t.Errorf("the dump has %+v", places)
	}
}

func TestARoleLetsInOnlyWhomItTrusts(t *testing.T) {
	b := newBench(t, twoAccounts)
	const guarded = "arn:aws:iam::" + second + ":role/teams/guarded"
	for name, c := range map[string]struct {
		parameters []string
		code       string
	}{
		"a role":                   {[]string{"RoleArn=" + theRole, "RoleSessionName=test"}, ""},
		"an external id in vain":   {[]string{"RoleArn=" + theRole, "RoleSessionName=test", "ExternalId=any"}, ""},
		"the external id":          {[]string{"RoleArn=" + guarded, "RoleSessionName=test", "ExternalId=xyzzy"}, ""},
		"a wrong external id":      {[]string{"RoleArn=" + guarded, "RoleSessionName=test", "ExternalId=plugh"}, "AccessDenied"},
		"no external id":           {[]string{"RoleArn=" + guarded, "RoleSessionName=test"}, "AccessDenied"},
		"an unknown role":          {[]string{"RoleArn=arn:aws:iam::" + second + ":role/nobody", "RoleSessionName=test"}, "AccessDenied"},
		"an unknown account":       {[]string{"RoleArn=arn:aws:iam::777788889999:role/linkd", "RoleSessionName=test"}, "AccessDenied"},
		"no session name":          {[]string{"RoleArn=" + theRole}, "ValidationError"},
		"no role":                  {[]string{"RoleSessionName=test"}, "ValidationError"},
		"too short a session":      {[]string{"RoleArn=" + theRole, "RoleSessionName=test", "DurationSeconds=899"}, "ValidationError"},
		"too long a session":       {[]string{"RoleArn=" + theRole, "RoleSessionName=test", "DurationSeconds=3601"}, "ValidationError"},
		"a time that is no number": {[]string{"RoleArn=" + theRole, "RoleSessionName=test", "DurationSeconds=long"}, "InvalidParameterValue"},
	} {
		if code := b.code(toSTS, "AssumeRole", c.parameters...); code != c.code {
			t.Errorf("%s: %q, want %q", name, code, c.code)
		}
	}
	status, body := b.sendWith(ground.Injected{Deny: true}, toSTS, "AssumeRole", "RoleArn="+theRole, "RoleSessionName=test")
	if b.parse(body).at("Error/Code") != "AccessDenied" || status != http.StatusForbidden {
		t.Errorf("denied by a fault: %d %s", status, body)
	}
}

func TestASessionEndsWithItsTimeAndWithItsRole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, twoAccounts)
		key, token := b.assume(theRole, "DurationSeconds=900")
		see := func(want string) {
			t.Helper()
			b.as(key, token, func(theirs string) {
				if code := b.code(theirs, "DescribeVpcs"); code != want {
					t.Errorf("%q, want %q", code, want)
				}
			})
		}
		change := func(op string) {
			t.Helper()
			if err := b.cloud.Mutate(ground.Mutation{Kind: "role", Name: theRole, Op: op}); err != nil {
				t.Fatal(err)
			}
		}
		see("")
		b.as(key, "another", func(theirs string) {
			if code := b.code(theirs, "DescribeVpcs"); code != "AuthFailure" {
				t.Errorf("with another token: %q", code)
			}
		})
		time.Sleep(15*time.Minute - time.Second)
		see("")
		time.Sleep(time.Second)
		see("RequestExpired")
		b.as(key, token, func(theirs string) {
			if code := b.code(strings.Replace(theirs, "/ec2/", "/sts/", 1), "GetCallerIdentity"); code != "ExpiredToken" {
				t.Errorf("STS: %q", code)
			}
			status, body := b.sendWith(ground.Injected{}, strings.Replace(theirs, "/ec2/", "/ssm/", 1), "DescribeInstanceInformation")
			if status != http.StatusBadRequest || !strings.Contains(body, `"__type":"ExpiredTokenException"`) {
				t.Errorf("Systems Manager: %d %s", status, body)
			}
		})
		key, token = b.assume(theRole)
		change("delete")
		see("AuthFailure")
		if code := b.code(toSTS, "AssumeRole", "RoleArn="+theRole, "RoleSessionName=test"); code != "AccessDenied" {
			t.Errorf("a role that was taken away: %q", code)
		}
		change("create")
		see("AuthFailure") // it is another role of the same name
		key, token = b.assume(theRole)
		see("")
	})
}

func TestARoleIsChangedBehindTheAPI(t *testing.T) {
	b := newBench(t, twoAccounts)
	if err := b.cloud.Mutate(ground.Mutation{Kind: "role", Name: theRole, Op: "set", Field: "ExternalId", Value: "new"}); err != nil {
		t.Fatal(err)
	}
	if code := b.code(toSTS, "AssumeRole", "RoleArn="+theRole, "RoleSessionName=test"); code != "AccessDenied" {
		t.Errorf("without the new external id: %q", code)
	}
	b.assume(theRole, "ExternalId=new")
	for _, wrong := range []ground.Mutation{
		{Kind: "role", Name: "linkd", Op: "delete"},
		{Kind: "role", Name: "arn:aws:iam::777788889999:role/linkd", Op: "create"},
		{Kind: "role", Name: "arn:aws:iam::" + second + ":role/nobody", Op: "delete"},
		{Kind: "role", Name: theRole, Op: "set", Field: "Path", Value: "/"},
		{Kind: "role", Name: theRole, Op: "create"},
	} {
		if err := b.cloud.Mutate(wrong); err == nil {
			t.Errorf("%+v was done", wrong)
		}
	}
	// What stands in the other account goes by its place.
	made := ground.Mutation{Kind: "customer-gateway", Op: "create", Name: tokyo + "@" + second, Value: map[string]any{"Type": "ipsec.1", "IpAddress": "20.1.2.3"}}
	if err := b.cloud.Mutate(made); err != nil {
		t.Fatal(err)
	}
	if have := b.do("DescribeCustomerGateways").all("customerGatewaySet", "customerGatewayId"); len(have) != 0 {
		t.Errorf("the first account has %v", have)
	}
	if have := b.cloud.regions[tokyo+"@"+second].customerGateways.all(); len(have) != 1 {
		t.Errorf("the other account has %v", have)
	}
}

// TestAPeeringIsAcceptedInTheAccountThatIsAsked in another region, and in the
// same one.
func TestAPeeringIsAcceptedInTheAccountThatIsAsked(t *testing.T) {
	for _, region := range []string{dublin, tokyo} {
		t.Run(region, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, twoAccounts)
				own := b.do("CreateTransitGateway").at("transitGateway/transitGatewayId")
				var theirs string
				there := func(action string, parameters ...string) (found node) {
					t.Helper()
					key, token := b.assume(theRole)
					b.as(key, token, func(signature string) {
						status, body := b.sendWith(ground.Injected{}, strings.ReplaceAll(signature, tokyo, region), action, parameters...)
						if status != http.StatusOK {
							t.Fatalf("%s: %d %s", action, status, body)
						}
						found = b.parse(body)
					})
					return found
				}
				theirs = there("CreateTransitGateway").at("transitGateway/transitGatewayId")
				time.Sleep(5 * time.Minute)
				asked, _ := b.do("CreateTransitGatewayPeeringAttachment", "TransitGatewayId="+own, "PeerTransitGatewayId="+theirs, "PeerAccountId="+second, "PeerRegion="+region).
					find("transitGatewayPeeringAttachment")
				id := asked.at("transitGatewayAttachmentId")
				if end := asked.at("accepterTransitGatewayAttachmentId"); end != "" {
					id = end
				}
				time.Sleep(time.Minute)
				item, _ := there("DescribeTransitGatewayPeeringAttachments", "TransitGatewayAttachmentIds.1="+id, "Filter.1.Name=remote-owner-id", "Filter.1.Value.1="+first).
					find("transitGatewayPeeringAttachments/0")
				if item.at("requesterTgwInfo/ownerId") != first || item.at("accepterTgwInfo/ownerId") != second || item.at("state") != "pendingAcceptance" {
					t.Errorf("the accepter sees %+v", item)
				}
				if code := b.refused("AcceptTransitGatewayPeeringAttachment", "TransitGatewayAttachmentId="+id); code == "" {
					t.Error("the requester accepted it")
				}
				there("AcceptTransitGatewayPeeringAttachment", "TransitGatewayAttachmentId="+id)
				time.Sleep(5 * time.Minute)
				if state := asked.at("transitGatewayAttachmentId"); b.do("DescribeTransitGatewayPeeringAttachments", "TransitGatewayAttachmentIds.1="+state).
					at("transitGatewayPeeringAttachments/0/state") != "available" {
					t.Error("it is not available at the requester")
				}
				seen := b.do("DescribeTransitGatewayAttachments", "Filter.1.Name=resource-owner-id", "Filter.1.Value.1="+second).
					all("transitGatewayAttachments", "resourceOwnerId")
				if !slices.Equal(seen, []string{second}) {
					t.Errorf("the attachment's other end is of %v", seen)
				}
				there("DeleteTransitGatewayPeeringAttachment", "TransitGatewayAttachmentId="+id)
				time.Sleep(5 * time.Minute)
				if left := b.do("DescribeTransitGatewayAttachments", "Filter.1.Name=state", "Filter.1.Value.1=available").all("transitGatewayAttachments", "state"); len(left) != 0 {
					t.Errorf("%v are left at the requester", left)
				}
			})
		})
	}
}
