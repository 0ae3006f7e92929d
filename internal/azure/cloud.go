package azure

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

// Options say how the Azure side is reached. The zero Options are the public
// cloud, with the credentials that the file names.
type Options struct {
	// Credential signs in; nil: what the file's credentials say.
	Credential azcore.TokenCredential
	// Transport carries the requests; nil: the SDK's own.
	Transport policy.Transporter
	// Endpoint of Azure Resource Manager, before the file's.
	Endpoint string
	// TimeScale is how much faster than life the clouds run: 0 and 1 are life's
	// own speed, more is for simulated clouds.
	TimeScale float64
	// Secret reads a secret of AWS's store, by its ARN, for a file whose client
	// secret stands there.
	Secret func(ctx context.Context, arn string) (resource.Secret, error)
	// OnCall is told of every request, also of those that are repeated. It is
	// called from several goroutines.
	OnCall func(Call)
}

// Cloud is the Azure side of one desired-state file.
type Cloud struct {
	file       *desired.File
	options    Options
	scopes     map[string]*scope // by subscription, in lower case
	scale      float64
	operations operations
	gateways   gateways
	ends       ends
	routes     routeMemory
	wanted     wantedRoutes
	resources  []resource.Resource
	declared   map[resource.ID]resource.Resource
	given      map[resource.ID]resource.Value // prefixes that the file gives, by network
	sessions   []desired.Session
}

// New prepares the Azure side of file. It sends nothing.
func New(file *desired.File, options Options) (*Cloud, error) {
	options.Endpoint = cmp.Or(options.Endpoint, file.Azure.Endpoint)
	options.TimeScale = max(options.TimeScale, 1)
	if options.Credential == nil {
		credential, err := signIn(file.Azure.Credentials, options)
		if err != nil {
			return nil, fmt.Errorf("cannot sign in to Azure: %w", err)
		}
		options.Credential = credential
	}
	options.Credential = marked{options.Credential}
	c := &Cloud{file: file, options: options, scopes: map[string]*scope{}, scale: options.TimeScale, declared: map[resource.ID]resource.Resource{}, given: givenPrefixes(file), sessions: file.Sessions()}
	for _, subscription := range subscriptions(file) {
		at, err := newScope(subscription, file.Azure.ResourceGroup, options)
		if err != nil {
			return nil, fmt.Errorf("cannot use subscription %s: %w", subscription, err)
		}
		c.scopes[subscription] = at
	}
	c.resources = c.contents()
	for _, r := range c.resources {
		c.declared[r.ID()] = r
	}
	return c, nil
}

// Name implements the engine's Cloud.
func (c *Cloud) Name() string { return "azure" }

// Resources lists every resource that the file wants of Azure.
func (c *Cloud) Resources() []resource.Resource { return c.resources }

// Kinds is the table of kinds of the Azure side.
func Kinds() []*resource.Kind {
	return []*resource.Kind{
		&virtualWANKind, &virtualHubKind, &vnetKind, &vnetConnectionKind, &vpnGatewayKind,
		&vpnSiteKind, &vpnConnectionKind, &hubRoutesKind, &vpnTunnelKind,
	}
}

// contents is the table of contents: what the file wants of Azure, from the
// virtual WAN to the tunnels.
func (c *Cloud) contents() []resource.Resource {
	all := []resource.Resource{c.virtualWAN()}
	for _, hub := range c.file.Azure.Hubs {
		all = append(all, c.virtualHub(hub))
		for _, vnet := range hub.VNets {
			all = append(all, c.vnet(vnet), c.vnetConnection(hub, vnet))
		}
		if hub.VPNGateway != nil {
			all = append(all, c.vpnGateway(hub))
		}
	}
	for _, link := range c.file.Links {
		all = append(all, c.vpnSite(link), c.vpnConnection(link))
		for _, tunnel := range link.Tunnels() {
			all = append(all, c.vpnTunnel(link, tunnel))
		}
	}
	for _, hub := range c.file.Azure.Hubs {
		if len(hub.VNets) > 0 || hub.VPNGateway != nil {
			all = append(all, c.hubRoutes(hub))
		}
	}
	return all
}

// subscriptions lists every subscription that the file names, its own first.
func subscriptions(file *desired.File) []string {
	var all []string
	seen := map[string]bool{"": true}
	add := func(subscription string) {
		if s := strings.ToLower(subscription); !seen[s] {
			seen[s] = true
			all = append(all, s)
		}
	}
	add(file.Azure.Subscription)
	for _, hub := range file.Azure.Hubs {
		add(hub.Subscription)
		for _, vnet := range hub.VNets {
			add(refPart(vnet.ID, "subscriptions"))
		}
	}
	return all
}

// home is the scope of the file: its subscription and resource group.
func (c *Cloud) home() *scope { return c.scopes[strings.ToLower(c.file.Azure.Subscription)] }

// scopeOf is the scope in which a hub and all that hangs on it stands.
func (c *Cloud) scopeOf(hub desired.Hub) *scope {
	return c.scopes[strings.ToLower(cmp.Or(hub.Subscription, c.file.Azure.Subscription))]
}

// hubNamed finds a hub of the file.
func (c *Cloud) hubNamed(name string) desired.Hub {
	for _, hub := range c.file.Azure.Hubs {
		if hub.Name == name {
			return hub
		}
	}
	return desired.Hub{Name: name}
}
