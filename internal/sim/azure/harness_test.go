package azure_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"linkd/internal/sim/azure"
	"linkd/internal/sim/fabric"
	"linkd/internal/sim/ground"
	"linkd/internal/sim/scenario"
)

const (
	subscription = "00000000-0000-0000-0000-000000000000"
	group        = "/subscriptions/" + subscription + "/resourceGroups/rg"
	provider     = group + "/providers/Microsoft.Network"
)

// object is a JSON object.
type object = map[string]any

// cloud is the half under test, with a settled agenda before each request, as
// the simulator calls it. It runs inside a testing/synctest bubble where time
// has to pass.
type cloud struct {
	t       *testing.T
	half    *azure.Cloud
	config  ground.Config
	agenda  *ground.Agenda
	version string
	hostile ground.Injected
	aws     fabric.AWS // the other half
}

func newCloud(t *testing.T, s scenario.Scenario) *cloud {
	t.Helper()
	if s.Azure.Subscriptions == nil {
		s.Azure.Subscriptions = []scenario.Subscription{{
			ID:             subscription,
			ResourceGroups: []scenario.ResourceGroup{{Name: "rg", Location: "westus"}},
		}}
	}
	agenda := &ground.Agenda{}
	config := ground.Config{
		Clock: ground.NewClock(1), Agenda: agenda, Scenario: s, Fabric: fabric.New(0),
		Buckets: ground.NewBuckets(s.Behaviour.Throttle), Faults: ground.NewFaults(1),
	}
	return newCloudFrom(t, config)
}

func newCloudFrom(t *testing.T, config ground.Config) *cloud {
	t.Helper()
	half, err := azure.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return &cloud{t: t, half: half, config: config, agenda: config.Agenda, version: "2025-05-01"}
}

// reply is an answer.
type reply struct {
	status int
	header http.Header
	raw    string
	body   object
}

// settle plays what is due, and tells the fabric.
func (c *cloud) settle() {
	update := func(at time.Time) { c.config.Fabric.Update(at, c.half.Side(), c.aws) }
	c.agenda.Settle(c.config.Clock.Now(), update)
	update(c.config.Clock.Now())
}

// raw does a request as it is.
func (c *cloud) raw(r *http.Request) reply {
	c.t.Helper()
	c.settle()
	w := httptest.NewRecorder()
	c.half.ServeHTTP(w, r.WithContext(ground.WithInjected(r.Context(), c.hostile)))
	out := reply{status: w.Code, header: w.Header(), raw: w.Body.String()}
	if json.Valid(w.Body.Bytes()) {
		_ = json.Unmarshal(w.Body.Bytes(), &out.body) // not every answer is an object
	}
	return out
}

// do does a request of a client that has a token.
func (c *cloud) do(method, url string, body any) reply {
	c.t.Helper()
	if url[0] == '/' {
		url = "http://arm.test" + url
	}
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			c.t.Fatal(err)
		}
	}
	r := httptest.NewRequest(method, url, &content)
	query := r.URL.Query()
	if query.Get("api-version") == "" {
		query.Set("api-version", c.version)
	}
	r.URL.RawQuery = query.Encode()
	r.Header.Set("Authorization", "Bearer token")
	return c.raw(r)
}

func (c *cloud) get(url string) reply { c.t.Helper(); return c.do(http.MethodGet, url, nil) }

// want does a request and wants a status.
func (c *cloud) want(status int, method, url string, body any) reply {
	c.t.Helper()
	got := c.do(method, url, body)
	if got.status != status {
		c.t.Fatalf("%s %s: status %d, want %d: %s", method, url, got.status, status, got.raw)
	}
	return got
}

// put makes or changes a resource and waits until its operation has ended.
func (c *cloud) put(id string, body any) object {
	c.t.Helper()
	got := c.do(http.MethodPut, id, body)
	if got.status != http.StatusOK && got.status != http.StatusCreated {
		c.t.Fatalf("PUT %s: status %d: %s", id, got.status, got.raw)
	}
	c.finish(got)
	return c.want(http.StatusOK, http.MethodGet, id, nil).body
}

// finish waits for an accepted operation and returns its last state.
func (c *cloud) finish(accepted reply) object {
	c.t.Helper()
	for range 1000 {
		state := c.get(accepted.header.Get("Azure-AsyncOperation"))
		if state.status != http.StatusOK {
			c.t.Fatalf("poll: status %d: %s", state.status, state.raw)
		}
		if state.body["status"] != "InProgress" {
			return state.body
		}
		time.Sleep(5 * time.Second)
	}
	c.t.Fatal("the operation never ended")
	return nil
}

// at is the value at a path in a JSON value: strings are keys, numbers are
// indexes.
func at(value any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			o, _ := value.(object)
			value = o[s]
		case int:
			items, _ := value.([]any)
			if s >= len(items) {
				return nil
			}
			value = items[s]
		}
	}
	return value
}

func ref(id string) object { return object{"id": id} }

// The ids of the small network that most tests build.
const (
	wan     = provider + "/virtualWans/wan"
	hub     = provider + "/virtualHubs/hub"
	gateway = provider + "/vpnGateways/gw"
	site    = provider + "/vpnSites/site"
	conn    = gateway + "/vpnConnections/conn"
)

func (c *cloud) makeWAN() { c.t.Helper(); c.put(wan, object{"location": "westus"}) }

func (c *cloud) makeHub() {
	c.t.Helper()
	c.makeWAN()
	c.put(hub, object{"location": "westus", "properties": object{"virtualWan": ref(wan), "addressPrefix": "10.0.1.0/24"}})
}

func (c *cloud) makeGateway() object {
	c.t.Helper()
	c.makeHub()
	return c.put(gateway, object{"location": "westus", "properties": object{"virtualHub": ref(hub)}})
}

func (c *cloud) makeSite() {
	c.t.Helper()
	c.put(site, siteBody("198.51.100.1", "10.1.0.0/16"))
}

func siteBody(address string, prefixes ...any) object {
	return object{"location": "westus", "properties": object{
		"virtualWan": ref(wan), "addressSpace": object{"addressPrefixes": prefixes},
		"vpnSiteLinks": []any{object{"name": "link0", "properties": object{"ipAddress": address}}},
	}}
}

func connBody(key string) object {
	link := object{"vpnSiteLink": ref(site + "/vpnSiteLinks/link0")}
	if key != "" {
		link["sharedKey"] = key
	}
	return object{"properties": object{"remoteVpnSite": ref(site), "vpnLinkConnections": []any{object{"name": "link0", "properties": link}}}}
}
