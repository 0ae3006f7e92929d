package aws

import (
	"context"
	"fmt"
	"slices"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"linkd/internal/resource"
)

// Check proves that the credentials work and belong to the account that the
// file names, and that each role of another account can be assumed and leads into
// that account: of those in which some resources stand, or of all. GetCallerIdentity, one
// call for each account, needs no permission.
func (c *Cloud) Check(ctx context.Context, of ...resource.ID) error {
	if c.sts == nil {
		return nil
	}
	concerned := c.accountsOf(of)
	if len(of) == 0 || concerned[c.file.AWS.Account] {
		if err := c.identify(ctx, c.sts, c.file.AWS.Account, "the credentials are of account %s, and the file names account %s",
			"choose the right profile or role, or mend aws.account in the file"); err != nil {
			return err
		}
	}
	for _, g := range c.guests {
		if len(of) > 0 && !concerned[g.account] {
			continue
		}
		if err := c.identify(ctx, g.sts, g.account, "the role "+g.role+" leads into account %s, and the file names account %s",
			"mend the account or the assume_role of the transit gateway in the file"); err != nil {
			return err
		}
	}
	return nil
}

// accountsOf holds the accounts in which some resources stand. A peering has an end in each
// of two.
func (c *Cloud) accountsOf(ids []resource.ID) map[string]bool {
	accounts := map[string]bool{}
	for _, n := range c.nodes {
		if !slices.Contains(ids, n.ID()) {
			continue
		}
		accounts[n.place().account] = true
		if peering, is := n.(*peeringAttachment); is {
			accounts[peering.there.place().account] = true
		}
	}
	return accounts
}

// identify asks in whose account a client's calls are served. Text takes the
// account that it is, and the one that it should be.
func (c *Cloud) identify(ctx context.Context, client *sts.Client, want, text, hint string) error {
	who, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return c.problem(ctx, err)
	}
	if have := awssdk.ToString(who.Account); have != want {
		return &resource.Problem{Reason: resource.SignIn, Action: "sts:GetCallerIdentity", Text: fmt.Sprintf(text, have, want), Hint: hint}
	}
	return nil
}
