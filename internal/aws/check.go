package aws

import (
	"context"
	"fmt"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"linkd/internal/resource"
)

// Check proves that the credentials work and belong to the account that the
// file names. GetCallerIdentity needs no permission.
func (c *Cloud) Check(ctx context.Context) error {
	if c.sts == nil {
		return nil
	}
	who, err := c.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return c.problem(ctx, err)
	}
	if have, want := awssdk.ToString(who.Account), c.file.AWS.Account; have != want {
		return &resource.Problem{
			Reason: resource.SignIn, Action: "sts:GetCallerIdentity",
			Text: fmt.Sprintf("the credentials are of account %s, and the file names account %s", have, want),
			Hint: "choose the right profile or role, or mend aws.account in the file",
		}
	}
	return nil
}
