package azure_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"linkd/internal/sim/azure"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

func TestRequestsThatAreRefused(t *testing.T) {
	c := newCloud(t, scenario.Scenario{Behaviour: scenario.Behaviour{Instant: true}})
	c.makeGateway()
	c.makeSite()
	for _, row := range []struct {
		name, method, url string
		body              object
		status            int
		code              string
	}{
		{"a subscription that is not there", "GET", "/subscriptions/11111111-0000-0000-0000-000000000000", nil, 404, "SubscriptionNotFound"},
		{"a resource group that is not there", "GET", "/subscriptions/" + subscription + "/resourceGroups/none/providers/Microsoft.Network/virtualWans/w", nil, 404, "ResourceGroupNotFound"},
		{"a top resource that never was", "GET", provider + "/vpnGateways/none", nil, 404, "ResourceNotFound"},
		{"a child that is not there", "GET", gateway + "/vpnConnections/none", nil, 404, "NotFound"},
		{"a child of nothing", "PUT", provider + "/vpnGateways/none/vpnConnections/c", connBody("k"), 404, "ParentResourceNotFound"},
		{"a kind that is not there", "GET", provider + "/loadBalancers/lb", nil, 404, "InvalidResourceType"},
		{"no location", "PUT", provider + "/virtualWans/w", object{}, 400, "LocationRequired"},
		{"another location than the first", "PUT", wan, object{"location": "East US"}, 409, "InvalidResourceLocation"},
		{"properties that are no object", "PUT", provider + "/virtualWans/w", object{"location": "westus", "properties": "x"}, 400, "InvalidRequestFormat"},
		{
			"a hub on a WAN that is not there", "PUT", provider + "/virtualHubs/h",
			object{"location": "westus", "properties": object{"addressPrefix": "10.9.0.0/24", "virtualWan": ref(provider + "/virtualWans/none")}},
			400, "InvalidResourceReference",
		},
		{
			"a hub with a prefix that is none", "PUT", provider + "/virtualHubs/h",
			object{"location": "westus", "properties": object{"addressPrefix": "10.9.0.1/24", "virtualWan": ref(wan)}},
			400, "InvalidAddressPrefixFormat",
		},
		{
			"a hub with a prefix that is too small", "PUT", provider + "/virtualHubs/h",
			object{"location": "westus", "properties": object{"addressPrefix": "10.9.0.0/25", "virtualWan": ref(wan)}},
			400, "InvalidAddressPrefixFormat",
		},
		{"a site with a prefix that is none", "PUT", site, siteBody("198.51.100.1", "10.1.0.0"), 400, "InvalidAddressPrefixFormat"},
		{"a link with an address that is none", "PUT", site, siteBody("tokyo"), 400, "InvalidIPAddressFormat"},
		{"a policy without all its eight properties", "PUT", conn, withPolicy(object{"ikeEncryption": "AES256"}), 400, "InvalidRequestFormat"},
		{"a write of a link connection by itself", "PUT", conn + "/vpnLinkConnections/link0", object{}, 405, "HttpMethodNotAllowed"},
		{"an operation that is not there", "GET", "/subscriptions/" + subscription + "/providers/Microsoft.Network/locations/westus/operations/x", nil, 404, "OperationNotFound"},
	} {
		t.Run(row.name, func(t *testing.T) {
			wantCode(t, c.do(row.method, row.url, row.body), row.status, row.code, "")
		})
	}
}

func withPolicy(policy object) object {
	body := connBody("k")
	at(body, "properties", "vpnLinkConnections", 0, "properties").(object)["ipsecPolicies"] = []any{policy}
	return body
}

func TestRequestsNeedATokenAndAVersion(t *testing.T) {
	c := newCloud(t, scenario.Scenario{})
	bare := c.raw(httptest.NewRequest(http.MethodGet, "http://arm.test"+wan+"?api-version=2025-05-01", nil))
	wantCode(t, bare, http.StatusUnauthorized, "AuthenticationFailed", "")
	if bare.header.Get("WWW-Authenticate") == "" {
		t.Error("no challenge")
	}
	r := httptest.NewRequest(http.MethodGet, "http://arm.test"+wan, nil)
	r.Header.Set("Authorization", "Bearer t")
	wantCode(t, c.raw(r), http.StatusBadRequest, "MissingApiVersionParameter", "")
}

func TestADeniedRequestNamesTheActionItNeeds(t *testing.T) {
	c := newCloud(t, scenario.Scenario{})
	c.hostile = ground.Injected{Deny: true}
	for method, action := range map[string]string{"GET": "virtualHubs/read", "PUT": "virtualHubs/write", "DELETE": "virtualHubs/delete"} {
		got := c.do(method, hub, object{})
		wantCode(t, got, http.StatusForbidden, "AuthorizationFailed", "")
		if !strings.Contains(got.raw, "'Microsoft.Network/"+action+"'") {
			t.Errorf("%s: %s", method, got.raw)
		}
	}
	got := c.do("POST", conn+"/vpnLinkConnections/link0/sharedKeys/default/listSharedKey", nil)
	if !strings.Contains(got.raw, "sharedKeys/listSharedKey/action") {
		t.Errorf("POST: %s", got.raw)
	}
}

func TestQuotasRunOutAndFillAgain(t *testing.T) {
	c := newCloud(t, scenario.Scenario{Behaviour: scenario.Behaviour{Throttle: true, Instant: true}})
	first := c.get(group)
	if first.header.Get("x-ms-ratelimit-remaining-subscription-reads") == "" {
		t.Error("what remains is not told")
	}
	var last reply
	for range 2000 {
		if last = c.get(group); last.status != http.StatusOK {
			break
		}
	}
	wantCode(t, last, http.StatusTooManyRequests, "SubscriptionRequestsThrottled", "")
	if last.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestOperationsAreNamedAsFaultsNameThem(t *testing.T) {
	for _, row := range []struct{ method, path, want string }{
		{"PUT", hub, "PUT virtualHubs"},
		{"GET", provider + "/virtualHubs", "LIST virtualHubs"},
		{"GET", "/subscriptions/" + subscription + "/providers/Microsoft.Network/virtualHubs", "LIST virtualHubs"},
		{"PUT", conn, "PUT vpnGateways/vpnConnections"},
		{"POST", hub + "/effectiveRoutes", "POST virtualHubs/effectiveRoutes"},
		{"POST", conn + "/vpnLinkConnections/l/sharedKeys/default/listSharedKey", "POST vpnGateways/vpnConnections/vpnLinkConnections/sharedKeys/listSharedKey"},
		{"GET", "/subscriptions/" + subscription + "/providers/Microsoft.Network/locations/westus/operations/x", "GET operations"},
		{"GET", group, "GET resourceGroups"},
		{"GET", "/subscriptions/" + subscription, "GET subscriptions"},
	} {
		if got := azure.Operation(httptest.NewRequest(row.method, row.path, nil)); got != row.want {
			t.Errorf("%s %s is %q, want %q", row.method, row.path, got, row.want)
		}
	}
}
