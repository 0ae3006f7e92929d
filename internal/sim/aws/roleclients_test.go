package aws_test

import (
	"encoding/json"
	"net/netip"
	"testing"

	"linkd/internal/sim/scenario"
)

func TestBoto3WorksInAnotherAccountByARole(t *testing.T) {
	requireClients(t)
	given, err := scenario.Seed()
	if err != nil {
		t.Fatal(err)
	}
	given.AWS.Accounts = []scenario.Account{{
		Account: "444455556666", Roles: []scenario.Role{{Name: "linkd"}},
		Regions: []scenario.Region{{Name: "ap-northeast-1", VPCs: []scenario.VPC{{
			ID: "vpc-0d000000000000004", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.4.0.0/16")},
		}}}},
	}}
	var got any
	run(t, &got, python, "testdata/assume_role.py", serveOf(t, given), "arn:aws:iam::444455556666:role/linkd")
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"account":"444455556666","arn":"arn:aws:sts::444455556666:assumed-role/linkd/boto","minutes":true,` +
		`"refusals":{"command":"UnrecognizedClientException","role":"AccessDenied","token":"AuthFailure"},"vpcs":["vpc-0d000000000000004"]}`
	if string(text) != want {
		t.Errorf("%s\nwant %s", text, want)
	}
}
