package azure_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

// wantCode wants an error with a code, and for a retryable one with a detail.
func wantCode(t *testing.T, got reply, status int, code, detail string) {
	t.Helper()
	if got.status != status || at(got.body, "error", "code") != code {
		t.Fatalf("status %d, want %d %s: %s", got.status, status, code, got.raw)
	}
	if have := at(got.body, "error", "details", 0, "code"); detail != "" && have != detail {
		t.Errorf("detail %v, want %s", have, detail)
	}
}

func TestOneWriteAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := seeded()
		c := newCloud(t, s)
		c.makeGateway()
		c.makeSite()
		time.Sleep(20 * time.Minute) // the router is there
		vnet := object{"properties": object{"remoteVirtualNetwork": ref(provider + "/virtualNetworks/vnet-a")}}

		accepted := c.want(http.StatusCreated, http.MethodPut, hub+"/hubVirtualNetworkConnections/a", vnet)
		// On a hub with its connections and tables.
		got := c.do(http.MethodPut, hub+"/hubRouteTables/extra", object{})
		wantCode(t, got, http.StatusConflict, "AnotherOperationInProgress", "")
		if !strings.Contains(got.raw, "/operations/") || got.header.Get("Retry-After") != "" {
			t.Errorf("it names the operation and no time: %s", got.raw)
		}

		// On a VNet that is being connected.
		got = c.do(http.MethodPut, provider+"/virtualNetworks/vnet-a/subnets/more", object{"properties": object{"addressPrefix": "10.2.9.0/24"}})
		wantCode(t, got, http.StatusTooManyRequests, "RetryableError", "RetryableErrorDueToAnotherOperation")
		if got.header.Get("Retry-After") != "12" {
			t.Errorf("Retry-After %q", got.header.Get("Retry-After"))
		}

		c.finish(accepted)
		accepted = c.want(http.StatusCreated, http.MethodPut, conn, connBody("k"))
		// On a gateway with its connections.
		wantCode(t, c.do(http.MethodPut, gateway+"/vpnConnections/other", connBody("k")), http.StatusConflict, "AnotherOperationInProgress", "")
		wantCode(t, c.do(http.MethodDelete, gateway, nil), http.StatusConflict, "UpdateGatewayInProgress", "")
		c.finish(accepted)

		c.want(http.StatusOK, http.MethodPut, site, siteBody("198.51.100.2", "10.1.0.0/16"))
		// And not on what is still being written.
		got = c.do(http.MethodPut, conn, connBody("k"))
		wantCode(t, got, http.StatusTooManyRequests, "RetryableError", "ReferencedResourceNotProvisioned")
		if got.header.Get("Retry-After") != "" {
			t.Errorf("Retry-After %q", got.header.Get("Retry-After"))
		}
	})
}

func TestABGPPeerWaitsForTheRouter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, scenario.Scenario{})
		c.makeHub()
		peer := object{"properties": object{"peerAsn": 20000, "peerIp": "10.9.0.4"}}
		wantCode(t, c.do(http.MethodPut, hub+"/bgpConnections/peer", peer), http.StatusBadRequest,
			"HubBgpConnectionParentHubMustHaveProvisionedRoutingState", "")
		time.Sleep(20 * time.Minute)
		c.want(http.StatusCreated, http.MethodPut, hub+"/bgpConnections/peer", peer)
	})
}

func TestWhatIsInUseIsNotDeleted(t *testing.T) {
	c := newCloud(t, scenario.Scenario{Behaviour: scenario.Behaviour{Instant: true}})
	c.makeGateway()
	c.makeSite()
	c.put(conn, connBody("k"))
	for _, row := range []struct{ name, id, code string }{
		{"a WAN with hubs and sites", wan, "InUseVirtualWanCannotBeDeleted"},
		{"a hub with a gateway", hub, "InUseVirtualHubCannotBeDeleted"},
		{"a site with a connection", site, "InUseVpnSiteCannotBeDeleted"},
	} {
		t.Run(row.name, func(t *testing.T) {
			wantCode(t, c.do(http.MethodDelete, row.id, nil), http.StatusBadRequest, row.code, "")
		})
	}
	t.Run("nor a link left out of its site while a connection uses it", func(t *testing.T) {
		body := siteBody("198.51.100.1", "10.1.0.0/16")
		at(body, "properties", "vpnSiteLinks", 0).(object)["name"] = "renamed"
		wantCode(t, c.do(http.MethodPut, site, body), http.StatusBadRequest, "InUseVpnSiteLinkCannotBeDeleted", "")
	})
}

func TestAnOperationMayFailAfterItWasAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, scenario.Scenario{})
		c.makeGateway()
		c.makeSite()
		// Because its connection names a link that the site has not.
		body := connBody("k")
		at(body, "properties", "vpnLinkConnections", 0, "properties").(object)["vpnSiteLink"] = ref(site + "/vpnSiteLinks/gone")
		end := c.finish(c.want(http.StatusCreated, http.MethodPut, conn, body))
		if end["status"] != "Failed" || at(end, "error", "code") != "InvalidConnectedSiteId" {
			t.Fatalf("it ended %v", end)
		}
		if got := at(c.get(conn).body, "properties", "provisioningState"); got != "Failed" {
			t.Errorf("the connection reads %v", got)
		}
		if links := c.half.Side().Links; len(links) != 0 {
			t.Errorf("it is in force: %v", links)
		}
		c.put(conn, connBody("k"))
		if links := c.half.Side().Links; len(links) != 1 {
			t.Errorf("after its repair the side has %d links", len(links))
		}

		// Because a fault says so.
		c.hostile = ground.Injected{Fail: true, FailCode: "InternalServerError", FailText: "An error occurred."}
		accepted := c.want(http.StatusOK, http.MethodPut, site, siteBody("198.51.100.9", "10.1.0.0/16"))
		c.hostile = ground.Injected{}
		if end := c.finish(accepted); at(end, "error", "code") != "InternalServerError" {
			t.Errorf("it ended %v", end)
		}
		if got := c.half.Side().Links[0].Remote.String(); got != "198.51.100.1" {
			t.Errorf("the failed change is in force: %s", got)
		}
	})
}
