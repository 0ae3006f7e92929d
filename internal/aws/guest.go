package aws

import (
	"context"
	"errors"
	"slices"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// guest is another account of the file, in which linkd works by a role.
type guest struct {
	account, role string
	config        awssdk.Config
	sts           *sts.Client
}

// calls is how an account is called where it matters which one it is.
func (c *Cloud) calls(account string) string {
	if account == c.file.AWS.Account {
		return "this account"
	}
	return "account " + account
}

// guestFor is how long the credentials of a role are used. AWS gives them for a
// minute more: for 15 in all, the least that a role gives.
const guestFor = 14 * time.Minute

// configFor is the configuration of the calls about a transit gateway: signed by
// the file's own credentials, or by the role that leads into its account.
func (c *Cloud) configFor(gateway desired.TransitGateway) awssdk.Config {
	account := c.file.AccountOf(gateway)
	if account == c.file.AWS.Account {
		return c.config
	}
	if i := slices.IndexFunc(c.guests, func(g guest) bool { return g.account == account }); i >= 0 {
		return c.guests[i].config
	}
	config := c.config.Copy()
	cache := awssdk.NewCredentialsCache(entrance{
		CredentialsProvider: c.assume(c.config, gateway.AssumeRole, gateway.ExternalID),
		account:             account, role: gateway.AssumeRole, scale: c.options.TimeScale,
	})
	config.Credentials = cache
	config.APIOptions = append(slices.Clone(config.APIOptions), forget(cache))
	c.guests = append(c.guests, guest{
		account: account, role: gateway.AssumeRole, config: config,
		sts: sts.NewFromConfig(config, func(o *sts.Options) { o.Region = gateway.Region }),
	})
	return config
}

// entrance assumes the role of another account. What goes wrong there is told as
// what it is, and not repeated: the call that assumes was.
type entrance struct {
	awssdk.CredentialsProvider
	account, role string
	scale         float64
}

// Retrieve implements [awssdk.CredentialsProvider]. The time that is left is told by
// this machine's clock.
func (e entrance) Retrieve(ctx context.Context) (awssdk.Credentials, error) {
	began := time.Now()
	if e.role == "" {
		return awssdk.Credentials{}, &notAssumed{e.account, "", errors.New("the file names none")}
	}
	credentials, err := e.CredentialsProvider.Retrieve(ctx)
	if err != nil {
		return credentials, &notAssumed{e.account, e.role, err}
	}
	credentials.CanExpire, credentials.Expires = true, began.Add(time.Duration(float64(guestFor)/e.scale))
	return credentials, nil
}

// forget drops credentials that the cloud does not take any more, so that the next
// call assumes the role anew, or tells why it cannot.
func forget(cache *awssdk.CredentialsCache) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("linkd:guest",
			func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				out, metadata, err := next.HandleFinalize(ctx, in)
				if answer, ok := errors.AsType[smithy.APIError](err); ok {
					if reason, _ := judge(answer.ErrorCode(), ""); reason == resource.SignIn {
						cache.Invalidate()
					}
				}
				return out, metadata, err
			}), middleware.After)
	}
}

// notAssumed says that the role of another account could not be assumed.
type notAssumed struct {
	account, role string
	err           error
}

// Error implements error.
func (e *notAssumed) Error() string {
	return "the role " + e.role + " of account " + e.account + " cannot be assumed: " + e.err.Error()
}

// Unwrap returns why.
func (e *notAssumed) Unwrap() error { return e.err }

// RetryableError keeps the SDK from repeating the call that needed the role.
func (e *notAssumed) RetryableError() bool { return false }

const entranceHint = "let the role's trust policy name the identity that linkd runs as, with the external id of the file if it asks for one, " +
	"and allow that identity sts:AssumeRole on it (docs/deploy.md)"

// explain puts it in words. That linkd has no credentials itself is no matter of the
// role, and that the service is out of reach passes.
func (e *notAssumed) explain(problem *resource.Problem) {
	why := translate(e.err)
	if isType[*signInError](e.err) {
		problem.Reason, problem.Text, problem.Hint = why.Reason, why.Text, why.Hint
		return
	}
	problem.Code = why.Code
	problem.Text = "the role " + e.role + " of account " + e.account + " cannot be assumed: " + why.Text
	problem.Reason, problem.Hint = why.Reason, why.Hint
	if why.Reason == resource.Denied || why.Reason == resource.Refused {
		problem.Reason, problem.Hint = resource.SignIn, entranceHint
	}
}
