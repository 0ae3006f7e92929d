package aws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"linkd/internal/resource"
)

// answeredWith is an error as the SDK wraps it.
func answeredWith(status int, code, text string) error {
	return &smithy.OperationError{ServiceID: "EC2", OperationName: "CreateVpnConnection", Err: &awshttp.ResponseError{
		ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
			Err:      &smithy.GenericAPIError{Code: code, Message: text},
		},
	}}
}

func TestEveryCodeIsSortedByWhatIsDoneAboutIt(t *testing.T) {
	for code, want := range map[string]resource.Reason{
		"RequestLimitExceeded": resource.Throttled, "Throttling": resource.Throttled, "ThrottlingException": resource.Throttled,
		"IncorrectState": resource.Busy, "DependencyViolation": resource.Busy, "ConcurrentMutationLimitExceeded": resource.Busy,
		"ResourceNotReady": resource.Busy, "RouteAlreadyExists": resource.Busy, "Resource.AlreadyAssociated": resource.Busy,
		"DuplicateTransitGatewayAttachment": resource.Busy, "TransitGatewayRouteTablePropagation.Duplicate": resource.Busy,
		"VpnConnectionLimitExceeded": resource.Quota, "CustomerGatewayLimitExceeded": resource.Quota, "RouteLimitExceeded": resource.Quota,
		"TransitGatewayRouteLimitExceeded": resource.Quota,
		"UnauthorizedOperation":            resource.Denied, "AccessDenied": resource.Denied, "OptInRequired": resource.Denied,
		"AuthFailure": resource.SignIn, "ExpiredToken": resource.SignIn, "SignatureDoesNotMatch": resource.SignIn, "InvalidClientTokenId": resource.SignIn,
		"InvalidParameterValue": resource.Refused, "MissingParameter": resource.Refused, "UnsupportedOperation": resource.Refused,
		"OperationNotPermitted": resource.Refused, "InvalidVpcID.NotFound": resource.Refused, "InvalidVpcID.Malformed": resource.Refused,
		"SomethingNew": resource.Refused,
	} {
		problem := translate(answeredWith(http.StatusBadRequest, code, "words of the cloud"))
		if problem.Reason != want || problem.Code != code || problem.Text != "words of the cloud" || problem.Action != "ec2:CreateVpnConnection" {
			t.Errorf("%s: %+v, want reason %s", code, *problem, want)
		}
	}
}

func TestWhatIsNoAnswerLeavesACreateInDoubt(t *testing.T) {
	operation := func(err error) error {
		return &smithy.OperationError{ServiceID: "EC2", OperationName: "CreateTransitGateway", Err: err}
	}
	refused := &url.Error{Op: "Post", URL: "http://x.invalid", Err: &net.OpError{Op: "dial", Err: errors.New("connection refused")}}
	for name, c := range map[string]struct {
		err  error
		want resource.Reason
	}{
		"a server error":             {answeredWith(500, "InternalError", "oops"), resource.Unreachable},
		"unavailable":                {answeredWith(503, "Unavailable", "oops"), resource.Unreachable},
		"a server error of no name":  {answeredWith(502, "BadGateway", "oops"), resource.Unreachable},
		"throttling is an answer":    {answeredWith(503, "RequestLimitExceeded", "slow"), resource.Throttled},
		"no connection":              {operation(&smithyhttp.RequestSendError{Err: refused}), resource.Unreachable},
		"a timeout of the one call":  {operation(&smithy.CanceledError{Err: context.DeadlineExceeded}), resource.Unreachable},
		"a body that is no EC2":      {operation(&smithy.DeserializationError{Err: errors.New("EOF")}), resource.Nonsense},
		"credentials that do not do": {operation(fmt.Errorf("get identity: %w", &signInError{errors.New("no EC2 IMDS role found")})), resource.SignIn},
	} {
		t.Run(name, func(t *testing.T) {
			if got := translate(c.err); got.Reason != c.want || got.Text == "" {
				t.Errorf("got %s: %q, want %s", got.Reason, got.Text, c.want)
			}
		})
	}
}

func TestADenialNamesThePermission(t *testing.T) {
	problem := translate(answeredWith(403, "UnauthorizedOperation",
		"You are not authorized to perform this operation. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSnuUMCm-abcdef"))
	if problem.Hint != "allow ec2:CreateVpnConnection to the identity that linkd runs as" {
		t.Errorf("the hint is %q", problem.Hint)
	}
	if strings.Contains(problem.Error(), "4GIOHl") {
		t.Errorf("nobody can read this: %s", problem)
	}
}

func TestAKeyInTheCloudsWordsIsNotRepeated(t *testing.T) {
	c := cloudOf(t, seedFile(t))
	key := resource.NewSecret("correct.horse.battery")
	err := c.problem(t.Context(), answeredWith(400, "InvalidParameterValue", "Value (correct.horse.battery) for parameter preSharedKey is invalid"), key, resource.Secret{})
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err), fmt.Sprint(errors.Unwrap(err))} {
		if strings.Contains(text, "horse") {
			t.Errorf("the key is in %q", text)
		}
	}
}

func TestWhatWasJustMadeMayBeUnknownForAWhile(t *testing.T) {
	c := cloudOf(t, seedFile(t))
	missing := answeredWith(400, "InvalidCustomerGatewayID.NotFound", "The customerGateway ID 'cgw-1' does not exist")
	if got := resource.ReasonOf(c.problem(t.Context(), missing)); got != resource.Refused {
		t.Errorf("an id that nobody made is %s", got)
	}
	nodeOf[*customerGateway](t, c, "aws/customer-gateway/tokyo-0").made("cgw-1")
	if got := resource.ReasonOf(c.problem(t.Context(), missing)); got != resource.Busy {
		t.Errorf("an id that was made this minute is %s", got)
	}
}

func TestACallThatItsCallerGaveUpIsNoProblemOfTheCloud(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := errors.New("the round is over")
	cancel(ended)
	if err := cloudOf(t, seedFile(t)).problem(ctx, errors.New("canceled")); !errors.Is(err, ended) {
		t.Errorf("got %v", err)
	}
}
