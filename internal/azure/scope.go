package azure

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
)

// scope is one subscription with a resource group in it, and the clients that
// call into it.
type scope struct {
	subscription, group string

	arm             *arm.Client
	wans            *armnetwork.VirtualWansClient
	hubs            *armnetwork.VirtualHubsClient
	vnets           *armnetwork.VirtualNetworksClient
	vnetConnections *armnetwork.HubVirtualNetworkConnectionsClient
	gateways        *armnetwork.VPNGatewaysClient
	sites           *armnetwork.VPNSitesClient
	connections     *armnetwork.VPNConnectionsClient
	links           *armnetwork.VPNLinkConnectionsClient
	interfaces      *armnetwork.InterfacesClient
}

func newScope(subscription, group string, options Options) (*scope, error) {
	settings := clientOptions(options)
	plain, err := arm.NewClient("linkd/azure", "v1.0.0", options.Credential, settings)
	if err != nil {
		return nil, err
	}
	factory, err := armnetwork.NewClientFactory(subscription, options.Credential, settings)
	if err != nil {
		return nil, err
	}
	return &scope{
		subscription: subscription, group: group,
		arm:             plain,
		wans:            factory.NewVirtualWansClient(),
		hubs:            factory.NewVirtualHubsClient(),
		vnets:           factory.NewVirtualNetworksClient(),
		vnetConnections: factory.NewHubVirtualNetworkConnectionsClient(),
		gateways:        factory.NewVPNGatewaysClient(),
		sites:           factory.NewVPNSitesClient(),
		connections:     factory.NewVPNConnectionsClient(),
		links:           factory.NewVPNLinkConnectionsClient(),
		interfaces:      factory.NewInterfacesClient(),
	}, nil
}

// ref is the ARM id of a network resource of the scope, from its type and
// name, and those of its children.
func (s *scope) ref(path ...string) string {
	return fmt.Sprintf("/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Network/%s", s.subscription, s.group, strings.Join(path, "/"))
}

// answerWithin bounds one try of one call. Azure answers what takes long with
// 202 at once; an answer that does not come in a minute never comes.
const answerWithin = time.Minute

// clientOptions sets up the SDK: the endpoint, few and short repeats, and the
// policies that count calls and mark lost ones. Resource providers are never
// registered on the way: that is a write nobody asked for.
func clientOptions(options Options) *arm.ClientOptions {
	settings := &arm.ClientOptions{DisableRPRegistration: true}
	settings.Transport = options.Transport
	settings.Telemetry.ApplicationID = "linkd"
	settings.PerCallPolicies = []policy.Policy{sensePolicy{}, wayPolicy{}}
	settings.PerRetryPolicies = []policy.Policy{callPolicy{options.OnCall}}
	settings.Retry = policy.RetryOptions{
		MaxRetries:    3,
		TryTimeout:    answerWithin,
		RetryDelay:    scaled(800*time.Millisecond, options.TimeScale),
		MaxRetryDelay: time.Minute,
		ShouldRetry:   worthRepeating,
	}
	if options.Endpoint != "" {
		settings.Cloud = cloud.Configuration{Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
			cloud.ResourceManager: {Endpoint: strings.TrimSuffix(options.Endpoint, "/"), Audience: "https://management.azure.com"},
		}}
		settings.InsecureAllowCredentialWithHTTP = isPlainLoopback(options.Endpoint)
	}
	return settings
}

// isPlainLoopback reports whether endpoint is plain HTTP to this very machine,
// the only place to which a token may go unencrypted.
func isPlainLoopback(endpoint string) bool {
	address, err := url.Parse(endpoint)
	if err != nil || address.Scheme != "http" {
		return false
	}
	host := address.Hostname()
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.") || strings.HasSuffix(host, ".localhost")
}

// worthRepeating lets the SDK repeat what was lost, throttled, or met a server
// error. A 429 that means "busy" is not repeated here: the engine waits such
// a thing out where everybody can see it.
func worthRepeating(response *http.Response, err error) bool {
	if err != nil {
		return true
	}
	switch response.StatusCode {
	case http.StatusTooManyRequests:
		body, err := runtime.Payload(response)
		return err == nil && !isBusy(parseFault(body))
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// scaled is how long span lasts in clouds that run scale times as fast.
func scaled(span time.Duration, scale float64) time.Duration {
	return max(time.Duration(float64(span)/scale), time.Microsecond)
}
