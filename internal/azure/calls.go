package azure

import (
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// Call is one request, as it went over the wire.
type Call struct {
	Operation string // "virtualHubs.list", "vpnSites.put", "virtualHubs.effectiveRoutes"
	Status    int    // 0: no answer, or one that was cut short
	Took      time.Duration
	Throttled bool // refused for rate, not for being busy
}

// callPolicy tells of every request, each repeat by itself.
type callPolicy struct{ tell func(Call) }

// Do implements policy.Policy.
func (p callPolicy) Do(request *policy.Request) (*http.Response, error) {
	if p.tell == nil {
		return request.Next()
	}
	start := time.Now()
	call := Call{Operation: operationOf(request.Raw().Method, request.Raw().URL.Path)}
	response, err := request.Next()
	call.Took = time.Since(start)
	if response != nil && err == nil {
		call.Status = response.StatusCode
		call.Throttled = response.StatusCode == http.StatusTooManyRequests && worthRepeating(response, nil)
	}
	p.tell(call)
	return response, err
}

// operationOf names a request by its path: the last type in it and the verb,
// or the action of a POST.
func operationOf(method, path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i, part := range parts {
		if strings.EqualFold(part, "providers") && i+2 < len(parts) {
			parts = parts[i+2:]
			break
		}
	}
	last := len(parts) - 1
	switch {
	case parts[0] == "secrets": // of Key Vault, whose paths begin with it: "secrets/name/version"
		return "secrets." + strings.ToLower(method)
	case method == http.MethodPost && last >= 2:
		return parts[last-2+last%2] + "." + parts[last]
	case len(parts)%2 == 1:
		return parts[last] + ".list"
	case last < 1:
		return strings.ToLower(method)
	}
	return parts[last-1] + "." + strings.ToLower(method)
}

// lost is an error of the way to the cloud, as opposed to one in its answer.
type lost struct{ error }

// Unwrap returns the error itself.
func (l lost) Unwrap() error { return l.error }

// wayPolicy marks errors of the way: no connection, an answer cut short, no
// token.
type wayPolicy struct{}

// Do implements policy.Policy.
func (wayPolicy) Do(request *policy.Request) (*http.Response, error) {
	response, err := request.Next()
	if err != nil {
		return response, lost{err}
	}
	return response, nil
}
