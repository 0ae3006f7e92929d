package azure

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"linkd/internal/sim/ground"
)

// request is a request, read.
type request struct {
	method   string
	path     string
	query    url.Values
	base     string // scheme and host as the client wrote them: operation URLs repeat them
	version  string
	bearer   bool
	body     object
	now      time.Time
	injected ground.Injected
	target   target
	left     []remaining // rate limits, for the answer
}

type remaining struct {
	header string
	count  int
}

// readRequest reads a request's body and path.
func (c *Cloud) readRequest(r *http.Request) (*request, *failure) {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	q := &request{
		method:   r.Method,
		path:     r.URL.Path,
		query:    r.URL.Query(),
		base:     scheme + "://" + r.Host,
		version:  r.URL.Query().Get("api-version"),
		bearer:   strings.HasPrefix(strings.ToLower(r.Header.Get("Authorization")), "bearer "),
		now:      c.ground.Now(),
		injected: ground.InjectedInto(r.Context()),
		target:   parseTarget(r.URL.Path),
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return q, gatewayFailure(http.StatusBadRequest, "InvalidRequestContent", "The request content could not be read.")
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return q, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&q.body); err != nil {
		return q, gatewayFailure(http.StatusBadRequest, "InvalidRequestContent",
			"The request content was invalid and could not be deserialized: it is not a JSON object.")
	}
	withoutNulls(q.body)
	return q, nil
}

// authenticate wants a bearer token; any will do.
func (c *Cloud) authenticate(q *request) *failure {
	if !q.bearer {
		return unauthenticated()
	}
	return nil
}

// versioned wants an api-version; all that the service has had since 2020 are
// answered alike.
func (c *Cloud) versioned(q *request) *failure {
	if q.version == "" {
		return gatewayFailure(http.StatusBadRequest, "MissingApiVersionParameter",
			"The api-version query parameter (?api-version=) is required for all requests.")
	}
	if q.version < "2020" {
		return gatewayFailure(http.StatusBadRequest, "NoRegisteredProviderFound",
			"No registered resource provider found for API version '%s'.", q.version)
	}
	return nil
}

// injected does what faults want of the request, in Azure's words.
func (c *Cloud) injected(q *request) *failure {
	switch {
	case q.injected.Deny:
		return forbidden(q.action(), q.path)
	case q.injected.Status != 0:
		f := gatewayFailure(q.injected.Status, q.injected.Code, "%s", q.injected.Message)
		f.retryAfter = q.injected.RetryAfter
		return f
	}
	return nil
}

// action is the permission that a request needs.
func (q *request) action() string {
	verb := map[string]string{http.MethodPut: "write", http.MethodPatch: "write", http.MethodDelete: "delete", http.MethodPost: "action"}[q.method]
	if verb == "" {
		verb = "read"
	}
	switch {
	case q.target.operation != "":
		return network + "/locations/" + q.target.operation + "/" + verb
	case len(q.target.path) == 0:
		return "Microsoft.Resources/subscriptions/resourceGroups/" + verb
	case q.target.action != "":
		return q.target.provider + "/" + strings.Join(q.target.path, "/") + "/" + q.target.action + "/action"
	}
	return q.target.provider + "/" + strings.Join(q.target.path, "/") + "/" + verb
}

// quota is a token bucket that a request draws on.
type quota struct {
	class  ground.Class
	scope  string
	header string // of the answer; "" when the service tells nothing
}

// quotas are those of a method: Resource Manager's own, and the network
// provider's, whose polls cost as reads.
func (q *request) quotas() []quota {
	switch q.method {
	case http.MethodGet, http.MethodHead:
		return []quota{{ground.AzureReads, "reads", "x-ms-ratelimit-remaining-subscription-reads"}, {ground.AzureNetworkReads, "network-reads", ""}}
	case http.MethodDelete:
		return []quota{{ground.AzureDeletes, "deletes", "x-ms-ratelimit-remaining-subscription-deletes"}, {ground.AzureNetworkWrites, "network-writes", ""}}
	}
	return []quota{{ground.AzureWrites, "writes", "x-ms-ratelimit-remaining-subscription-writes"}, {ground.AzureNetworkWrites, "network-writes", ""}}
}

// throttle takes a token of each bucket.
func (c *Cloud) throttle(q *request) *failure {
	for _, quota := range q.quotas() {
		ok, left, wait := c.ground.Buckets.Take(q.now, quota.class, strings.ToLower(q.target.subscription)+"/"+quota.scope)
		if quota.header != "" {
			q.left = append(q.left, remaining{quota.header, left})
		}
		if !ok {
			return throttled(q.target.subscription, quota.scope, wait)
		}
	}
	return nil
}
