package sim

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"linkd/internal/sim/scenario"
)

const (
	subscription = "/subscriptions/11111111-2222-3333-4444-555555555555"
	network      = subscription + "/resourceGroups/rg-network/providers/Microsoft.Network"
	signature    = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/ap-northeast-1/ec2/aws4_request, SignedHeaders=host, Signature=0"
)

// driver drives a simulator with nothing but net/http.
type driver struct {
	*testing.T
	sim    *Simulator
	client *http.Client
	base   string
}

// drive starts the seed's clouds and a client in memory. It must run inside a
// bubble.
func drive(t *testing.T, options Options, change func(*scenario.Scenario)) *driver {
	t.Helper()
	given, err := scenario.Seed()
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&given)
	}
	simulator, err := New(given, options)
	if err != nil {
		t.Fatal(err)
	}
	client, done := simulator.Client()
	t.Cleanup(done)
	return &driver{t, simulator, client, "https://clouds.test"}
}

// send sends a request and returns status, body and what went wrong on the way.
func (d *driver) send(method, path, body string, header map[string]string) (int, string, http.Header, error) {
	request, err := http.NewRequestWithContext(d.Context(), method, d.base+path, strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := d.client.Do(request)
	if err != nil {
		return 0, "", nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, string(answer), response.Header, err
}

func (d *driver) arm(method, path, body string) (int, string, error) {
	status, answer, _, err := d.send(method, path+"?api-version=2025-05-01", body,
		map[string]string{"Authorization": "Bearer token", "Content-Type": "application/json"})
	return status, answer, err
}

// put makes an ARM resource and waits until it has succeeded.
func (d *driver) put(path, body string) string {
	d.Helper()
	if status, answer, err := d.arm(http.MethodPut, path, body); err != nil || status >= 300 {
		d.Fatalf("PUT %s: %d %s %v", path, status, answer, err)
	}
	return d.await(path, `"provisioningState":\s*"Succeeded"`)
}

// await gets an ARM resource until it matches a pattern.
func (d *driver) await(path, pattern string) string {
	d.Helper()
	wanted := regexp.MustCompile(pattern)
	for range 1000 {
		status, answer, err := d.arm(http.MethodGet, path, "")
		if err == nil && status == http.StatusOK && wanted.MatchString(answer) {
			return answer
		}
		time.Sleep(10 * time.Second)
	}
	d.Fatalf("%s never matches %s", path, pattern)
	return ""
}

// ec2 calls an action with its parameters, "Name=value".
func (d *driver) ec2(action string, parameters ...string) (int, string, error) {
	form := url.Values{"Action": {action}, "Version": {"2016-11-15"}}
	for _, parameter := range parameters {
		name, value, _ := strings.Cut(parameter, "=")
		form.Set(name, value)
	}
	status, answer, _, err := d.send(http.MethodPost, "/", form.Encode(),
		map[string]string{"Authorization": signature, "Content-Type": "application/x-www-form-urlencoded"})
	return status, answer, err
}

// call calls an action that must succeed.
func (d *driver) call(action string, parameters ...string) string {
	d.Helper()
	status, answer, err := d.ec2(action, parameters...)
	if err != nil || status != http.StatusOK {
		d.Fatalf("%s: %d %s %v", action, status, answer, err)
	}
	return answer
}

// watch describes until the answer has the text, and returns it.
func (d *driver) watch(text, action string, parameters ...string) string {
	d.Helper()
	for range 1000 {
		if _, answer, err := d.ec2(action, parameters...); err == nil && strings.Contains(answer, text) {
			return answer
		}
		time.Sleep(10 * time.Second)
	}
	d.Fatalf("%s never tells %s", action, text)
	return ""
}

// within finds the text of an XML element or a JSON string.
func within(t testing.TB, answer, name string) string {
	t.Helper()
	for _, pattern := range []string{"<" + name + ">([^<]*)<", `"` + name + `":\s*"([^"]*)"`} {
		if found := regexp.MustCompile(pattern).FindStringSubmatch(answer); found != nil {
			return found[1]
		}
	}
	t.Fatalf("there is no %s in %s", name, answer)
	return ""
}

// ask asks the admin endpoint.
func (d *driver) ask(method, path, body string, into any) int {
	d.Helper()
	status, answer, _, err := d.send(method, "/_sim/"+path, body, nil)
	if err != nil {
		d.Fatal(err)
	}
	if into != nil {
		if err := json.NewDecoder(bytes.NewReader([]byte(answer))).Decode(into); err != nil {
			d.Fatalf("%s: %v in %s", path, err, answer)
		}
	}
	return status
}
