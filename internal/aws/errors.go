package aws

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"linkd/internal/resource"
)

// verdict is a row of the table of error codes: what the engine does about a
// code, and what a person can.
type verdict struct {
	code   string // with * at its start or end
	reason resource.Reason
	hint   string // {action} stands for the IAM action
}

// verdicts are tried in order. The codes are those of the EC2 API reference
// and of providers' issue trackers.
var verdicts = []verdict{
	{"RequestLimitExceeded", resource.Throttled, ""},
	{"Throttl*", resource.Throttled, ""},
	{"TooManyRequestsException", resource.Throttled, ""},
	{"RequestThrottled*", resource.Throttled, ""},
	{"SlowDown", resource.Throttled, ""},

	{"UnauthorizedOperation", resource.Denied, "allow {action} to the identity that linkd runs as"},
	{"AccessDenied*", resource.Denied, "allow {action} to the identity that linkd runs as"},
	{"OptInRequired", resource.Denied, "turn the region on for the account"},

	{"AuthFailure", resource.SignIn, "check the access key, and that the region is turned on"},
	{"InvalidClientTokenId", resource.SignIn, "check the access key"},
	{"UnrecognizedClientException", resource.SignIn, "check the access key"},
	{"SignatureDoesNotMatch", resource.SignIn, "check the secret access key, and this machine's clock"},
	{"MissingAuthenticationToken", resource.SignIn, "check the access key"},
	{"InvalidAccessKeyId", resource.SignIn, "check the access key"},
	{"ExpiredToken*", resource.SignIn, "sign in again: the session has ended"},
	{"RequestExpired", resource.SignIn, "set this machine's clock"},

	{"IncorrectState*", resource.Busy, ""},
	{"DependencyViolation", resource.Busy, "something else still uses it"},
	{"ConcurrentMutationLimitExceeded", resource.Busy, ""},
	{"ResourceNotReady", resource.Busy, ""},
	// There already: read back and compare, never plain success.
	{"RouteAlreadyExists", resource.Busy, ""},
	{"Resource.AlreadyAssociated", resource.Busy, ""},
	{"DuplicateTransitGatewayAttachment", resource.Busy, ""},
	{"TransitGatewayRouteTablePropagation.Duplicate", resource.Busy, ""},

	{"*LimitExceeded", resource.Quota, "raise the quota in Service Quotas, or remove what is no longer used"},

	{"InternalError", resource.Unreachable, ""},
	{"InternalFailure", resource.Unreachable, ""},
	{"ServiceUnavailable", resource.Unreachable, ""},
	{"Unavailable", resource.Unreachable, ""},

	{"OperationNotPermitted", resource.Refused, ""},
	{"*.NotFound", resource.Refused, "it is not in this region of this account: check the id in the file"},
	{"*.Malformed", resource.Refused, "check the id in the file"},
	{"*", resource.Refused, ""},
}

func (v verdict) matches(code string) bool {
	switch {
	case v.code == "*":
		return true
	case strings.HasSuffix(v.code, "*"):
		return strings.HasPrefix(code, strings.TrimSuffix(v.code, "*"))
	case strings.HasPrefix(v.code, "*"):
		return strings.HasSuffix(code, strings.TrimPrefix(v.code, "*"))
	}
	return v.code == code
}

const nonsenseHint = "check the endpoint, and what stands between linkd and it"

// problem puts a failed call in words a person can act on. Keys that were in
// the request are taken out of the cloud's words.
func (c *Cloud) problem(ctx context.Context, err error, secrets ...resource.Secret) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if isType[*resource.Problem](err) {
		return err
	}
	problem := translate(err)
	if notFound(problem.Code) && c.memory.young() {
		problem.Reason, problem.Hint = resource.Busy, ""
	}
	return hide(problem, secrets)
}

// translate sorts an error of the SDK.
func translate(err error) *resource.Problem {
	problem := &resource.Problem{Action: "ec2", Err: err}
	if operation, ok := errors.AsType[*smithy.OperationError](err); ok {
		problem.Action = strings.ToLower(operation.ServiceID) + ":" + operation.OperationName
	}
	answer, answered := errors.AsType[smithy.APIError](err)
	response, responded := errors.AsType[*awshttp.ResponseError](err)
	switch {
	case isType[*notAssumed](err):
		innermost[*notAssumed](err).explain(problem)
	case isType[*signInError](err):
		problem.Reason, problem.Text = resource.SignIn, innermost[*signInError](err).Error()
		problem.Hint = "set credentials by the environment, a profile or a role, as for the AWS CLI"
	case answered && responded && response.HTTPStatusCode() >= 500 && !throttling(answer.ErrorCode()):
		problem.Reason, problem.Code, problem.Text = resource.Unreachable, answer.ErrorCode(), plain(answer.ErrorMessage())
	case answered:
		problem.Code, problem.Text = answer.ErrorCode(), plain(answer.ErrorMessage())
		problem.Reason, problem.Hint = judge(problem.Code, problem.Action)
	case isType[*smithy.DeserializationError](err):
		problem.Reason, problem.Text, problem.Hint = resource.Nonsense, "the answer breaks off, or is not what EC2 speaks", nonsenseHint
		problem.Err = nil // it holds a part of the answer, and keys may be in it
	case isType[*nonsense](err):
		problem.Reason, problem.Text, problem.Hint = resource.Nonsense, innermost[*nonsense](err).Error(), nonsenseHint
	default:
		problem.Reason, problem.Text, problem.Hint = resource.Unreachable, lastWords(err), wayHint
	}
	return problem
}

func judge(code, action string) (resource.Reason, string) {
	for _, v := range verdicts {
		if v.matches(code) {
			return v.reason, strings.ReplaceAll(v.hint, "{action}", action)
		}
	}
	return resource.Refused, ""
}

func throttling(code string) bool {
	reason, _ := judge(code, "")
	return reason == resource.Throttled
}

// plain drops the encoded message behind a refusal: only IAM can read it.
func plain(text string) string {
	text, _, _ = strings.Cut(text, " Encoded authorization failure message")
	return strings.TrimSpace(text)
}

const wayHint = "look at the network, the proxy and the endpoint between linkd and AWS"

// lastWords is the cause at the end of a chain of errors, without the SDK's
// frames around it.
func lastWords(err error) string {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed before the whole answer had come"
	case errors.Is(err, context.DeadlineExceeded):
		return "none came in time, which is " + answerWithin.String() + " at the most"
	}
	if sent, ok := errors.AsType[*url.Error](err); ok {
		return sent.Err.Error()
	}
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

// hide takes keys out of what the cloud said, and with them the SDK's error.
func hide(problem *resource.Problem, secrets []resource.Secret) *resource.Problem {
	for _, secret := range secrets {
		if secret.IsZero() {
			continue
		}
		problem.Err = nil
		problem.Text = strings.ReplaceAll(problem.Text, secret.Reveal(), secret.String())
	}
	return problem
}

func isType[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func innermost[E error](err error) E {
	found, _ := errors.AsType[E](err)
	return found
}

// notFound tells whether a code says that a thing is not there. Within
// minutes of its create it means "not yet".
func notFound(code string) bool { return strings.HasSuffix(code, ".NotFound") }

// gone tells whether a delete failed because there is nothing left.
func gone(err error) bool {
	answer, ok := errors.AsType[smithy.APIError](err)
	return ok && notFound(answer.ErrorCode())
}

// coded tells whether the cloud answered with the code.
func coded(err error, code string) bool {
	answer, ok := errors.AsType[smithy.APIError](err)
	return ok && answer.ErrorCode() == code
}
