package azure

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"linkd/internal/desired"
	"linkd/internal/resource"
)

var hubRoutesKind = resource.Kind{
	Name:  "azure/hub-routes",
	Is:    "The effective routes of a hub's default route table: what everything on the hub can reach. They follow from everything else.",
	Given: true,
	// The recorded effective routes followed a connection within a minute.
	Takes: resource.Takes{Create: resource.Span{Typical: 30 * time.Second}},
	Attrs: []resource.Attr{
		{Name: "routes", Means: "the prefixes of all VNets and VPCs, each with the kind of its next hop", Fix: resource.ByHand, Members: true, Breaks: "the hub sends packets for the missing prefixes elsewhere, or nowhere", BreaksExtra: "the hub leads traffic where nobody declared that it should go"},
	},
	Breaks: "the hub routes nothing",
}

// hubRoutes are the effective routes of a hub's default route table: what the
// hub learned, and so what everything that hangs on it can reach. Each route
// is its prefix and the class of its next hop: "10.1.0.0/16 vnet",
// "172.20.0.0/16 vpn", "10.2.0.0/16 hub" when another hub knows the way.
type hubRoutes struct {
	watched
	hub      desired.Hub
	networks []offered
}

func (c *Cloud) hubRoutes(hub desired.Hub) hubRoutes {
	needs := []resource.Need{{On: desired.HubID(hub.Name), At: resource.Ready}}
	networks := c.offeredTo(hub)
	for _, network := range networks {
		needs = append(needs, resource.Need{On: network.id, At: resource.Ready})
	}
	for _, other := range c.file.Azure.Hubs {
		for _, vnet := range other.VNets {
			needs = append(needs, resource.Need{On: desired.VNetConnectionID(vnet.Name), At: resource.Ready})
		}
	}
	for _, link := range c.file.Links {
		needs = append(needs, resource.Need{On: desired.AzureConnectionID(link.Name), At: resource.Ready})
		if peered := len(c.file.Peers(link.TransitGateway)) > 0; link.Routing == desired.BGP { // it tells what is routed over them, or was
			needs = append(needs, resource.Need{On: desired.TransitGatewayRoutesID(link.TransitGateway), At: resource.Ready, Soft: !peered})
		}
	}
	return hubRoutes{watched{node{
		cloud: c, at: c.scopeOf(hub), id: desired.HubRoutesID(hub.Name), kind: &hubRoutesKind, needs: needs,
	}}, hub, networks}
}

// Read implements resource.Resource.
func (h hubRoutes) Read(ctx context.Context, world resource.World) (resource.Live, error) {
	return h.beneath(ctx, world[desired.HubID(h.hub.Name)])
}

// beneath reads the routes of a hub of which is known what hub says. A hub
// whose router does not work yet has none to ask for.
func (h hubRoutes) beneath(ctx context.Context, hub resource.Live) (resource.Live, error) {
	live := resource.Live{Phase: resource.Ready, Ref: hub.Ref + "/hubRouteTables/defaultRouteTable", AsOf: time.Now()}
	switch {
	case hub.Phase == resource.Absent, hub.Phase == resource.Unknown, hub.Phase == resource.Deleting:
		return resource.Live{Phase: hub.Phase, Why: hub.Why, AsOf: hub.AsOf}, nil
	case hub.Attrs["routing_state"].One() != "provisioned":
		live.Phase, live.Why = resource.Pending, hub.Why
		return live, nil
	}
	routes, err := h.routes(ctx)
	if err != nil {
		return resource.Live{}, problem("virtualHubs/effectiveRoutes/action", err)
	}
	live.Attrs = resource.Attrs{"routes": routes}
	return live, nil
}

// effectiveRoutes is the part of Azure's answer that linkd judges. A large
// virtual WAN answers tens of thousands of routes, and the SDK's own type takes
// several times as long to decode.
type effectiveRoutes struct {
	Value []effectiveRoute `json:"value"`
}

type effectiveRoute struct {
	AddressPrefixes []string `json:"addressPrefixes"`
	NextHopType     string   `json:"nextHopType"`
}

// routes asks for the effective routes. Without naming the table Azure would
// answer for the hub as a whole. An answer that is to the byte the one before
// is not decoded again.
func (h hubRoutes) routes(ctx context.Context) (resource.Value, error) {
	var accepted *http.Response
	_, err := h.at.hubs.BeginGetEffectiveVirtualHubRoutes(policy.WithCaptureResponse(ctx, &accepted), h.at.group, h.hub.Name,
		&armnetwork.VirtualHubsClientBeginGetEffectiveVirtualHubRoutesOptions{EffectiveRoutesParameters: &armnetwork.EffectiveRoutesParameters{
			ResourceID:             to.Ptr(h.at.ref("virtualHubs", h.hub.Name, "hubRouteTables", "defaultRouteTable")),
			VirtualWanResourceType: to.Ptr("RouteTable"),
		}})
	if err != nil {
		return nil, err
	}
	before := h.cloud.routes.of(h.id)
	var sum [sha256.Size]byte
	body, err := h.at.outcomeSince(ctx, accepted, h.cloud.scale, func(answer []byte) bool {
		sum = sha256.Sum256(answer)
		return sum == before.sum
	})
	if errors.Is(err, errUnchanged) {
		return before.value, nil
	}
	if err != nil {
		return nil, err
	}
	var list effectiveRoutes
	if len(body) > 0 {
		if err := json.Unmarshal(body, &list); err != nil {
			return nil, err
		}
	}
	value := h.cloud.routeValue(list.Value)
	if before.value.Equal(value) {
		value = before.value // one copy is enough
	}
	h.cloud.routes.keep(h.id, routesRead{sum, value})
	return value, nil
}

// routesRead is what was made of the last answer, and the sum of its bytes.
type routesRead struct {
	sum   [sha256.Size]byte
	value resource.Value
}

// routeMemory remembers the last answer for each hub.
type routeMemory struct {
	guard sync.Mutex
	last  map[resource.ID]routesRead
}

func (m *routeMemory) of(id resource.ID) routesRead {
	m.guard.Lock()
	defer m.guard.Unlock()
	return m.last[id]
}

func (m *routeMemory) keep(id resource.ID, read routesRead) {
	m.guard.Lock()
	defer m.guard.Unlock()
	if m.last == nil {
		m.last = map[resource.ID]routesRead{}
	}
	m.last[id] = read
}

// hops are the classes of next hops by Azure's names without their case,
// spaces and underscores, for the spelling differs between versions.
var hops = map[string]string{
	"vpns2sgateway": "vpn", "remotehub": "hub", "virtualnetworkconnection": "vnet",
	"hubvirtualnetworkconnection": "vnet", "expressroutegateway": "expressroute", "azurefirewall": "firewall",
}

// routeValue is the canonical form of effective routes. The ranges of the
// hubs themselves are left out: they follow from the hubs.
func (c *Cloud) routeValue(routes []effectiveRoute) resource.Value {
	hubs := map[string]bool{}
	for _, hub := range c.file.Azure.Hubs {
		hubs[hub.AddressPrefix.Masked().String()] = true
	}
	var all []string
	for _, route := range routes {
		class := classOf(hops, route.NextHopType)
		for _, prefix := range route.AddressPrefixes {
			if p := canonicalPrefix(prefix); !hubs[p] {
				all = append(all, p+" "+class)
			}
		}
	}
	return resource.Of(all...)
}
