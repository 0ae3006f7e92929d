package desired

import (
	"fmt"
	"strings"
	"testing"
)

// twoGateways is the beginning of a file with two transit gateways, each with the
// keys that are given.
const twoGateways = `version: 1
owner: test
azure:
  subscription: 11111111-2222-3333-4444-555555555555
  resource_group: rg
  virtual_wan: {name: wan, location: japaneast}
aws:
  account: "123456789012"
  regions:
    - name: us-east-1
      transit_gateways:
        - {name: one, %s}
        - {name: two, asn: 64513, %s}
`

func TestATransitGatewayOfAnotherAccountNeedsARoleOfThatAccount(t *testing.T) {
	const (
		other = `account: "210987654321"`
		role  = "assume_role: arn:aws:iam::210987654321:role/linkd"
		own   = "assume_role: arn:aws:iam::123456789012:role/linkd"
	)
	for name, c := range map[string]struct{ one, two, want, hint string }{
		"no account":                {"", "", "", ""},
		"the file's own account":    {`account: "123456789012"`, "", "", ""},
		"a role":                    {other + ", " + role, other + ", " + role, "", ""},
		"with an external id":       {other + ", " + role + ", external_id: abc", "", "", ""},
		"no role":                   {other, "", "file.yaml:12:32: nothing says how linkd comes into account 210987654321", "assume_role: arn:aws:iam::210987654321:role/linkd"},
		"a role of the own account": {other + ", " + own, "", "file.yaml:12:61: the role is of account 123456789012, and the transit gateway stands in 210987654321", "name a role of account 210987654321"},
		"a role without an account": {role, "", "file.yaml:12:11: the role is of account 210987654321, and the transit gateway stands in 123456789012", `give account: "210987654321"`},
		"a role of one's own":       {own, "", "file.yaml:12:36: a role of the file's own account is for all of the file", "aws.credentials.assume_role"},
		"another role":              {other + ", " + role, other + ", " + role + "-two", "another role leads into account 210987654321 by line 12", "use one role"},
		"another external id":       {other + ", " + role, other + ", " + role + ", external_id: abc", "another role leads into account 210987654321 by line 12", "use one role"},
		"an external id alone":      {"external_id: abc", "", "an external id is of no use without a role", "give assume_role too"},
		"what is no account":        {`account: "12", ` + role, "", `"12" is not an AWS account`, "it has 12 digits"},
		"what is no role":           {other + ", assume_role: linkd", "", `"linkd" is not the ARN of a role`, "it looks like"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.ReplaceAll(fmt.Sprintf(twoGateways, c.one, c.two), ", }", "}")
			_, err := Parse("file.yaml", []byte(text))
			switch {
			case c.want == "" && err != nil:
				t.Errorf("it is refused: %v", err)
			case c.want == "":
			case err == nil || strings.Count(err.Error(), "file.yaml:") != 1 || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.hint):
				t.Errorf("%v\nwant %q with %q", err, c.want, c.hint)
			}
		})
	}
}

func TestWhereATransitGatewayStands(t *testing.T) {
	f := File{AWS: AWS{Account: "123456789012"}}
	for _, c := range []struct {
		gateway        TransitGateway
		account, place string
	}{
		{TransitGateway{Region: "us-east-1"}, "123456789012", "us-east-1"},
		{TransitGateway{Region: "us-east-1", Account: "123456789012"}, "123456789012", "us-east-1"},
		{TransitGateway{Region: "us-east-1", Account: "210987654321"}, "210987654321", "us-east-1 of account 210987654321"},
	} {
		if account, place := f.AccountOf(c.gateway), f.PlaceOf(c.gateway); account != c.account || place != c.place {
			t.Errorf("%+v stands in %s, %s", c.gateway, account, place)
		}
	}
}
