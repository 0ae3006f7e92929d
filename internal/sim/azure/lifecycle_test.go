package azure_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"linkd/internal/sim/scenario"
)

func TestAGatewayIsBuiltFromNothingAndTakenDownAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, scenario.Scenario{})
		made := c.makeGateway()
		for i := range 2 {
			if got := at(made, "properties", "ipConfigurations", i, "publicIpAddress"); got == nil || got == "" {
				t.Errorf("instance %d has no public address: %v", i, made["properties"])
			}
		}
		c.makeSite()
		c.put(conn, connBody("secret-1"))
		if got := len(c.half.Side().Links); got != 1 {
			t.Fatalf("the side has %d links, want 1", got)
		}
		for _, id := range []string{conn, site, gateway, hub, wan} {
			gone := c.want(http.StatusAccepted, http.MethodDelete, id, nil)
			if gone.header.Get("Location") == "" {
				t.Errorf("DELETE %s: no Location", id)
			}
			c.finish(gone)
			c.want(http.StatusNoContent, http.MethodGet, gone.header.Get("Location"), nil)
			c.want(http.StatusNotFound, http.MethodGet, id, nil)
			c.want(http.StatusNoContent, http.MethodDelete, id, nil)
		}
	})
}

func TestAPutAnswersUpdatingAndTheNextReadSucceededWhenInstant(t *testing.T) {
	c := newCloud(t, scenario.Scenario{Behaviour: scenario.Behaviour{Instant: true}})
	accepted := c.want(http.StatusCreated, http.MethodPut, wan, object{"location": "westus"})
	if got := at(accepted.body, "properties", "provisioningState"); got != "Updating" {
		t.Errorf("the answer says %v", got)
	}
	read := c.get(wan)
	if got := at(read.body, "properties", "provisioningState"); got != "Succeeded" {
		t.Errorf("the next read says %v", got)
	}
	if read.body["etag"] == accepted.body["etag"] {
		t.Error("the etag did not change when the operation ended")
	}
}

func TestRetryAfterFollowsTheRecordedSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, scenario.Scenario{})
		c.makeWAN()
		accepted := c.want(http.StatusCreated, http.MethodPut, hub,
			object{"location": "West US", "properties": object{"virtualWan": ref(wan), "addressPrefix": "10.0.1.0/24"}})
		got := []string{accepted.header.Get("Retry-After")}
		for range 9 {
			got = append(got, c.get(accepted.header.Get("Azure-AsyncOperation")).header.Get("Retry-After"))
		}
		want := []string{"10", "10", "20", "20", "40", "40", "80", "160", "100", "100"}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("Retry-After: %v, want %v", got, want)
			}
		}
		time.Sleep(10 * time.Minute)
		last := c.get(accepted.header.Get("Azure-AsyncOperation"))
		if last.body["status"] != "Succeeded" || last.header.Get("Retry-After") != "" {
			t.Errorf("the last poll: %s, Retry-After %q", last.raw, last.header.Get("Retry-After"))
		}
	})
}

func TestAHubIsUsableBeforeItsRouterIsProvisioned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, scenario.Scenario{})
		c.makeWAN()
		start := time.Now()
		accepted := c.want(http.StatusCreated, http.MethodPut, hub,
			object{"location": "westus", "properties": object{"virtualWan": ref(wan), "addressPrefix": "10.0.1.0/24"}})
		routing := func() any { return at(c.get(hub).body, "properties", "routingState") }
		if got := at(accepted.body, "properties", "routingState"); got != "None" {
			t.Errorf("routing state at first: %v", got)
		}
		c.finish(accepted)
		if got := routing(); got != "Provisioning" {
			t.Errorf("routing state after the write: %v", got)
		}
		c.want(http.StatusCreated, http.MethodPut, gateway, object{"location": "westus", "properties": object{"virtualHub": ref(hub)}})
		for routing() != "Provisioned" {
			time.Sleep(time.Second)
		}
		if took := time.Since(start); took < 12*time.Minute || took > 17*time.Minute {
			t.Errorf("the router took %v", took)
		}
		flapping := c.get(hub).body
		if got := at(flapping, "properties", "provisioningState"); got != "Updating" {
			t.Errorf("the hub reads %v at that moment", got)
		}
		if ips, _ := at(flapping, "properties", "virtualRouterIps").([]any); len(ips) != 2 {
			t.Errorf("router addresses: %v", ips)
		}
		time.Sleep(time.Minute)
		if got := at(c.get(hub).body, "properties", "provisioningState"); got != "Succeeded" {
			t.Errorf("a minute later it reads %v", got)
		}
	})
}

func TestOldOperationsAreForgottenWhoeverAsksForHowLong(t *testing.T) {
	c := newCloud(t, scenario.Scenario{Behaviour: scenario.Behaviour{Instant: true}})
	c.makeHub()
	ask := func() string {
		return c.want(http.StatusAccepted, http.MethodPost, hub+"/effectiveRoutes", object{}).header.Get("Location")
	}
	first := ask()
	c.want(http.StatusOK, http.MethodGet, first, nil)
	var last string
	for range 2000 {
		last = ask()
		c.want(http.StatusOK, http.MethodGet, last, nil)
	}
	c.want(http.StatusNotFound, http.MethodGet, first, nil)
	c.want(http.StatusOK, http.MethodGet, last, nil)
}
