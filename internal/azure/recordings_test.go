package azure

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"go.yaml.in/yaml/v4"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// interaction is one recorded request and its answer.
type interaction struct {
	Request  struct{ Method, URI string }
	Response struct {
		Status  struct{ Code int }
		Headers map[string][]string
		Body    struct{ String string }
	}
}

// replay answers as Azure once did: the recorded answers to a method and path
// in their order, and the last one for ever.
type replay struct {
	queues map[string][]interaction
}

func (r replay) Do(request *http.Request) (*http.Response, error) {
	key := request.Method + " " + strings.ToLower(request.URL.Path)
	queue := r.queues[key]
	answer := &http.Response{
		StatusCode: http.StatusNotFound, Header: http.Header{}, Request: request,
		Body: io.NopCloser(strings.NewReader(`{"error":{"code":"NotFound","message":"not recorded"}}`)),
	}
	if len(queue) == 0 {
		return answer, nil
	}
	recorded := queue[0].Response
	if len(queue) > 1 {
		r.queues[key] = queue[1:]
	}
	for name, values := range recorded.Headers {
		answer.Header[http.CanonicalHeaderKey(name)] = values
	}
	answer.Header.Del("Content-Length")
	answer.StatusCode = recorded.Status.Code
	answer.Body = io.NopCloser(bytes.NewReader([]byte(recorded.Body.String)))
	return answer, nil
}

// TestRecordedAnswersAreRead reads every kind of resource that real traffic
// shows, by the path under which it was recorded: with each recorded answer
// in its turn, the client says in which phase it is, and of what kind.
func TestRecordedAnswersAreRead(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/recordings/azure/cli-vwan-2022/*.yaml")
	if len(files) == 0 {
		t.Skip("the recordings are not here")
	}
	kinds := map[string]int{}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var recording struct{ Interactions []interaction }
			if err := yaml.Unmarshal(text, &recording); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) { readAll(t, recording.Interactions, kinds) })
		})
	}
	for _, kind := range []string{"virtualWans", "virtualHubs", "vpnGateways", "vpnSites", "vpnConnections", "hubVirtualNetworkConnections", "effectiveRoutes"} {
		if kinds[kind] == 0 {
			t.Errorf("no recorded answer of %s was read", kind)
		}
	}
}

func readAll(t *testing.T, interactions []interaction, kinds map[string]int) {
	queues := map[string][]interaction{}
	for _, i := range interactions {
		address, err := url.Parse(i.Request.URI)
		if err != nil {
			t.Fatal(err)
		}
		key := i.Request.Method + " " + strings.ToLower(address.Path)
		queues[key] = append(queues[key], i)
	}
	for _, i := range interactions {
		address, _ := url.Parse(i.Request.URI)
		read := reader(t, address.Path, i.Request.Method, replay{queues})
		if read == nil {
			continue
		}
		live, err := read()
		if err != nil {
			t.Errorf("%s %s: %v", i.Request.Method, address.Path, err)
		}
		if live.Phase == resource.Unknown {
			t.Errorf("%s %s: nothing was learned", i.Request.Method, address.Path)
		}
		parts := strings.Split(address.Path, "/")
		if i.Request.Method == http.MethodPost {
			kinds[parts[len(parts)-1]]++
		} else if live.Phase == resource.Ready {
			kinds[parts[len(parts)-2]]++
		}
	}
}

// reader returns how the resource at path is read, or nil when linkd does not
// read such a thing.
func reader(t *testing.T, path, method string, answers replay) func() (resource.Live, error) {
	last := lastPart(path)
	hub := desired.Hub{Name: refPart(path, "virtualHubs"), VPNGateway: &desired.VPNGateway{Name: refPart(path, "vpnGateways")}}
	link := desired.Link{Name: last, Hub: hub.Name}
	file := &desired.File{Azure: desired.Azure{
		Subscription: refPart(path, "subscriptions"), ResourceGroup: refPart(path, "resourceGroups"),
		VirtualWAN: desired.VirtualWAN{Name: last}, Hubs: []desired.Hub{hub},
	}}
	if file.Azure.ResourceGroup == "" {
		return nil
	}
	c, err := New(file, Options{Credential: token{}, Transport: answers})
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(path, "/")
	var r resource.Resource
	switch parent := strings.ToLower(parts[len(parts)-2]); {
	case method == http.MethodPost && strings.EqualFold(last, "effectiveRoutes"):
		ready := resource.World{desired.HubID(hub.Name): {Phase: resource.Ready, Attrs: resource.Attrs{"routing_state": resource.Of("provisioned")}}}
		return func() (resource.Live, error) { return c.hubRoutes(hub).Read(t.Context(), ready) }
	case method != http.MethodGet:
		return nil
	case parent == "virtualwans":
		r = c.virtualWAN()
	case parent == "virtualhubs":
		r = c.virtualHub(hub)
	case parent == "vpngateways":
		r = c.vpnGateway(hub)
	case parent == "vpnsites":
		r = c.vpnSite(link)
	case parent == "vpnconnections":
		r = c.vpnConnection(link)
	case parent == "hubvirtualnetworkconnections":
		r = c.vnetConnection(hub, desired.VNet{Name: last})
	case parent == "virtualnetworks":
		r = c.vnet(desired.VNet{Name: last, ID: path})
	default:
		return nil
	}
	return func() (resource.Live, error) { return r.Read(t.Context(), resource.World{}) }
}
