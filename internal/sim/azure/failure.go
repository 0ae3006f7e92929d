package azure

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// failure is an error in Resource Manager's format.
type failure struct {
	status     int
	code       string
	message    string
	details    []object
	gateway    bool          // said by Resource Manager itself, which sends no details
	retryAfter time.Duration // 0: the header is left out
	challenge  bool          // a missing token: WWW-Authenticate
}

// body is the failure on the wire.
func (f *failure) body() object { return object{"error": f.inner()} }

func (f *failure) inner() object {
	inner := object{"code": f.code, "message": f.message}
	if !f.gateway {
		details := make([]any, len(f.details))
		for i, detail := range f.details {
			details[i] = detail
		}
		inner["details"] = details
	}
	return inner
}

func badRequest(code, format string, args ...any) *failure {
	return &failure{status: http.StatusBadRequest, code: code, message: fmt.Sprintf(format, args...)}
}

func gatewayFailure(status int, code, format string, args ...any) *failure {
	return &failure{status: status, code: code, message: fmt.Sprintf(format, args...), gateway: true}
}

// notFound is what the network provider says of children, and of top
// resources that were deleted a moment ago; both recorded.
func notFound(id string) *failure {
	return &failure{
		status: http.StatusNotFound, code: "NotFound",
		message: fmt.Sprintf("Resource %s not found.", id),
	}
}

// neverMade is what Resource Manager itself says of a top resource that it
// has never heard of; recorded.
func neverMade(kind, name, group string) *failure {
	return gatewayFailure(http.StatusNotFound, "ResourceNotFound",
		"The Resource '%s/%s' under resource group '%s' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
		kind, name, group)
}

func groupNotFound(group string) *failure {
	return gatewayFailure(http.StatusNotFound, "ResourceGroupNotFound", "Resource group '%s' could not be found.", group)
}

func subscriptionNotFound(subscription string) *failure {
	return gatewayFailure(http.StatusNotFound, "SubscriptionNotFound", "The subscription '%s' could not be found.", subscription)
}

// parentNotFound is Resource Manager's answer to a child of nothing.
func parentNotFound(verb, kind, parent string) *failure {
	return gatewayFailure(http.StatusNotFound, "ParentResourceNotFound",
		"Failed to perform '%s' on resource(s) of type '%s', because the parent resource '%s' could not be found.",
		verb, strings.TrimPrefix(kind, network+"/"), parent)
}

// noSuchRoute is for what the simulator, or Azure, does not have.
func noSuchRoute(kind string) *failure {
	return gatewayFailure(http.StatusNotFound, "InvalidResourceType",
		"The resource type '%s' could not be found in the namespace '%s'.", kind, network)
}

func methodNotAllowed(method string) *failure {
	return gatewayFailure(http.StatusMethodNotAllowed, "HttpMethodNotAllowed",
		"The http method '%s' is not supported for this resource.", method)
}

// unauthenticated is the answer to a request without a bearer token.
func unauthenticated() *failure {
	f := gatewayFailure(http.StatusUnauthorized, "AuthenticationFailed",
		"Authentication failed. The 'Authorization' header is missing or is not a bearer token.")
	f.challenge = true
	return f
}

// forbidden names the action that the caller may not do.
func forbidden(action, scope string) *failure {
	return gatewayFailure(http.StatusForbidden, "AuthorizationFailed",
		"The client 'linkd-simulator' with object id '00000000-0000-0000-0000-0000000000aa' does not have authorization to perform action '%s' over scope '%s' or the scope is invalid. If access was recently granted, please refresh your credentials.",
		action, scope)
}

// busy is the 409 of hubs and gateways that have an operation running;
// recorded without a Retry-After.
func busy(operationURL string) *failure {
	return &failure{
		status: http.StatusConflict, code: "AnotherOperationInProgress",
		message: "Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: " + operationURL + ".",
	}
}

// gatewayBusy is what the deletion of a gateway meets while one of its
// connections is being written, as users of Terraform report it.
func gatewayBusy(id string) *failure {
	return &failure{
		status: http.StatusConflict, code: "UpdateGatewayInProgress",
		message: fmt.Sprintf("Cannot delete gateway %s while an update operation on it is in progress.", id),
	}
}

// retryable is the 429 that means busy, not too many requests; recorded.
func retryable(code, message string, after time.Duration) *failure {
	return &failure{
		status: http.StatusTooManyRequests, code: "RetryableError", message: "A retryable error occurred.",
		details: []object{{"code": code, "message": message}}, retryAfter: after,
	}
}

// notProvisioned is the 429 of a dependency that is still being written;
// recorded without a Retry-After.
func notProvisioned(id, state string) *failure {
	return retryable("ReferencedResourceNotProvisioned", fmt.Sprintf(
		"Cannot proceed with operation because resource %s is not in Succeeded state. Resource is in %s state and the last operation that updated/is updating the resource is PutResourceOperation.",
		id, state), 0)
}

// throttled is Resource Manager's answer to too many requests.
func throttled(subscription, kind string, wait time.Duration) *failure {
	seconds := max(1, int(wait/time.Second))
	f := gatewayFailure(http.StatusTooManyRequests, "SubscriptionRequestsThrottled",
		"Number of requests for subscription '%s' and operation '%s' exceeded the backend storage limit. Please try again after '%d' seconds.",
		subscription, kind, seconds)
	f.retryAfter = max(wait, time.Second)
	return f
}

// missingReference is the network provider's answer to an id of nothing.
func missingReference(target, by string) *failure {
	return badRequest("InvalidResourceReference",
		"Resource %s referenced by resource %s was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.",
		target, by)
}

func badPrefix(value, by string) *failure {
	return badRequest("InvalidAddressPrefixFormat",
		"Address prefix %s of resource %s is not formatted correctly. It should follow CIDR notation, for example 10.0.0.0/24.", value, by)
}

func badAddress(value, by string) *failure {
	return badRequest("InvalidIPAddressFormat", "IP address %s of resource %s is not formatted correctly.", value, by)
}
