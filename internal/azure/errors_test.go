package azure

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"linkd/internal/resource"
)

// refused is the SDK's error for an answer of the manager.
func refused(status int, body string, headers ...string) error {
	header := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		header.Set(headers[i], headers[i+1])
	}
	return runtime.NewResponseError(&http.Response{
		StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)),
		Request: &http.Request{Method: http.MethodPut, URL: &url.URL{Path: "/x"}},
	})
}

func TestRefusalIsPutInWords(t *testing.T) {
	rows := map[string]struct {
		err    error
		reason resource.Reason
		code   string
		after  time.Duration
		action string
		hinted bool
	}{
		"another operation runs": {
			err:    refused(409, `{"error":{"code":"AnotherOperationInProgress","message":"Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: https://…","details":[]}}`),
			reason: resource.Busy, code: "AnotherOperationInProgress",
		},
		"a gateway that updates": {
			err:    refused(409, `{"error":{"code":"UpdateGatewayInProgress","message":"x"}}`),
			reason: resource.Busy, code: "UpdateGatewayInProgress",
		},
		"a 429 that means busy, with the seconds in the text": {
			err: refused(429, `{"error":{"code":"RetryableError","message":"A retryable error occurred.","details":[{"code":"RetryableErrorDueToAnotherOperation",
				"message":"Operation PutVirtualNetworkPeeringOperation (1) is updating resource /x. The call can be retried in 12 seconds."}]}}`, "Retry-After", "1"),
			reason: resource.Busy, code: "RetryableErrorDueToAnotherOperation", after: 12 * time.Second,
		},
		"a 429 that means busy, without any time": {
			err:    refused(429, `{"error":{"code":"RetryableError","message":"A retryable error occurred.","details":[{"code":"ReferencedResourceNotProvisioned","message":"x is not in Succeeded state."}]}}`),
			reason: resource.Busy, code: "ReferencedResourceNotProvisioned",
		},
		"throttling": {
			err:    refused(429, `{"error":{"code":"SubscriptionRequestsThrottled","message":"Number of requests exceeded. Please try again after '6' seconds."}}`),
			reason: resource.Throttled, code: "SubscriptionRequestsThrottled", after: 6 * time.Second,
		},
		"throttling that says when in the header only": {
			err:    refused(429, `{"error":{"code":"TooManyRequests","message":"slow down"}}`, "retry-after-ms", "1500"),
			reason: resource.Throttled, code: "TooManyRequests", after: 1500 * time.Millisecond,
		},
		"a missing permission names the action": {
			err:    refused(403, `{"error":{"code":"AuthorizationFailed","message":"The client 'a' does not have authorization to perform action 'Microsoft.Network/vpnSites/write' over scope '/x'."}}`),
			reason: resource.Denied, code: "AuthorizationFailed", action: "Microsoft.Network/vpnSites/write", hinted: true,
		},
		"a token that is not accepted": {
			err:    refused(401, `{"error":{"code":"InvalidAuthenticationToken","message":"x"}}`),
			reason: resource.SignIn, code: "InvalidAuthenticationToken", hinted: true,
		},
		"a quota": {
			err:    refused(400, `{"error":{"code":"PublicIPCountLimitReached","message":"x"}}`),
			reason: resource.Quota, code: "PublicIPCountLimitReached", hinted: true,
		},
		"a wrong subscription": {
			err:    refused(404, `{"error":{"code":"SubscriptionNotFound","message":"The subscription 'x' could not be found."}}`),
			reason: resource.Refused, code: "SubscriptionNotFound", hinted: true,
		},
		"a wrong resource group": {
			err:    refused(404, `{"error":{"code":"ResourceGroupNotFound","message":"Resource group 'x' could not be found."}}`),
			reason: resource.Refused, code: "ResourceGroupNotFound", hinted: true,
		},
		"a server error without a body": {
			err:    refused(503, ``),
			reason: resource.Unreachable,
		},
		"an operation that was accepted and failed": {
			err:    refused(200, `{"status":"Failed","error":{"code":"InvalidConnectedSiteId","message":"The vpnsite id is invalid","details":[]}}`),
			reason: resource.Refused, code: "InvalidConnectedSiteId", hinted: true,
		},
		"something lost on the way":        {err: lost{io.ErrUnexpectedEOF}, reason: resource.Unreachable, hinted: true},
		"an answer that does not come":     {err: lost{context.DeadlineExceeded}, reason: resource.Unreachable, hinted: true},
		"nobody to sign in":                {err: lost{noToken{io.EOF}}, reason: resource.SignIn, hinted: true},
		"an answer that cannot be decoded": {err: bytes.ErrTooLarge, reason: resource.Nonsense, hinted: true},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			p, ok := errors.AsType[*resource.Problem](problem("virtualHubs/write", row.err))
			if !ok {
				t.Fatal("it is no problem")
			}
			if row.action == "" {
				row.action = "Microsoft.Network/virtualHubs/write"
			}
			if p.Reason != row.reason || p.Code != row.code || p.After != row.after || p.Action != row.action || (p.Hint != "") != row.hinted {
				t.Errorf("got %+v", *p)
			}
			if p.Text == "" || strings.Contains(p.Text, "\n") {
				t.Errorf("the text is %q", p.Text)
			}
		})
	}
}

func TestKeyNeverStandsInAnError(t *testing.T) {
	key := resource.NewSecret("an_example_key_1")
	err := hide(problem("x/write", refused(400, `{"error":{"code":"Bad","message":"the key an_example_key_1 is too plain"}}`)),
		resource.Secrets{"shared_key/tokyo-0-1": key})
	if strings.Contains(err.Error(), key.Reveal()) || !strings.Contains(err.Error(), "too plain") {
		t.Error(err)
	}
}

func TestOperationIsNamedByItsPath(t *testing.T) {
	const group = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network"
	rows := map[string][2]string{
		"virtualHubs.list":                  {"GET", "/subscriptions/s/providers/Microsoft.Network/virtualHubs"},
		"virtualHubs.get":                   {"GET", group + "/virtualHubs/h"},
		"vpnSites.put":                      {"PUT", group + "/vpnSites/s"},
		"vpnConnections.delete":             {"DELETE", group + "/vpnGateways/g/vpnConnections/c"},
		"hubVirtualNetworkConnections.list": {"GET", group + "/virtualHubs/h/hubVirtualNetworkConnections"},
		"virtualHubs.effectiveRoutes":       {"POST", group + "/virtualHubs/h/effectiveRoutes"},
		"sharedKeys.listSharedKey":          {"POST", group + "/vpnGateways/g/vpnConnections/c/vpnLinkConnections/l/sharedKeys/default/listSharedKey"},
		"operations.get":                    {"GET", "/subscriptions/s/providers/Microsoft.Network/locations/eastus/operations/1"},
		"resourcegroups.get":                {"GET", "/subscriptions/s/resourcegroups/g"},
	}
	for want, row := range rows {
		if got := operationOf(row[0], row[1]); got != want {
			t.Errorf("%s %s is %s, want %s", row[0], row[1], got, want)
		}
	}
}
